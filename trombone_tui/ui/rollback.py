"""How a service goes back so that it stays: every step, how far it is, and who would undo it alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget

from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.ports import Refused
from trombone_tui.core.ports import State as PanelStateWord
from trombone_tui.core.rollback import Does, RollbackPlan, RollbackStep, State
from trombone_tui.core.stage import Column
from trombone_tui.core.text import clean
from trombone_tui.ui.bars import Line
from trombone_tui.ui.cells import Cell, Text, wrap
from trombone_tui.ui.desk import Desk
from trombone_tui.ui.messages import CursorMoved
from trombone_tui.ui.rows import Rank
from trombone_tui.ui.sheet import Sheet, pairs, rule
from trombone_tui.ui.table import RowTable
from trombone_tui.ui.theme import Glyphs
from trombone_tui.ui.view import View

StepKey = tuple[int, int]
"""A step's place from 1, and its place among those that may be taken instead; 0 for itself."""

_MARK = {
    State.DONE: "ok",
    State.NOW: "accent",
    State.YOURS: "held",
    State.BLOCKED: "dim",
    State.FORBIDDEN: "bad",
    State.UNSEEN: "unknown",
}


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step and where it stands."""

    key: StepKey
    step: RollbackStep

    @property
    def number(self) -> str:
        """How it is called: ``3``, ``3b`` for what may be done instead."""
        return f"{self.key[0]}{'' if not self.key[1] else chr(96 + self.key[1])}"


class StepFace:
    """Steps in their order, those that may be taken instead set in."""

    def __init__(self, glyphs: Glyphs) -> None:
        self._signs = {
            State.DONE: glyphs.health[Health.HEALTHY],
            State.NOW: glyphs.now,
            State.YOURS: glyphs.attention,
            State.BLOCKED: glyphs.health[Health.SUSPENDED],
            State.FORBIDDEN: glyphs.state[PanelStateWord.DENIED],
            State.UNSEEN: glyphs.health[Health.UNKNOWN],
        }

    def columns(self, _width: int, /) -> Sequence[Column]:
        """Return number, sign, step and state."""
        return [
            Column(key="number", title="", width=3, rank=0, right=True),
            Column(key="sign", title="", width=3, rank=0, right=True),
            Column(key="gap", title="", width=1, rank=0),
            Column(key="title", title="STEP", width=24, rank=0, grow=True),
            Column(key="state", title="STATE", width=16, rank=0),
        ]

    def cells(self, row: StepRow, columns: Sequence[Column]) -> Sequence[Cell]:
        """Write a row."""
        state, mark = row.step.state, _MARK[row.step.state]
        now = ("strong",) if state is State.NOW else ()
        said = {
            "number": Cell(row.number, ("dim",)),
            "sign": Cell(self._signs[state], (mark,)),
            "title": Cell(f"{'  or ' * bool(row.key[1])}{row.step.title}", now),
            "state": Cell(str(state), (mark,)),
        }
        return [said.get(column.key, Cell("")) for column in columns]

    def rank(self, row: StepRow) -> Rank:
        """Rank in the order of the plan."""
        return row.key

    def words(self, row: StepRow) -> str:
        """Name everything a filter may ask for."""
        return f"{row.step.title} {row.step.state} {row.step.reason}"


class StepTable(RowTable[StepKey, StepRow]):
    """The steps; enter does one, and opens nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "do the step", key_display="enter", id="rollback.do")
    ]


class RollbackView(View):
    """A plan, worked out anew with every snapshot. Enter does a step, after it was confirmed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy", "copy", tooltip="copy the step's commands", id="rollback.copy"),
        Binding(
            "ctrl+f", "page(1)", show=False, tooltip="scroll what is said of the step", id="rollback.down"
        ),
        Binding("u,ctrl+b", "page(-1)", show=False, tooltip="scroll the text back", id="rollback.up"),
    ]

    about = "a rollback plan"

    def __init__(self, desk: Desk, key: str, do: Callable[[Does], None]) -> None:
        super().__init__(desk)
        self.key = key
        self._do = do
        self.plan: RollbackPlan | None = None
        self.trouble: Refused | None = None
        self.title_line = Line(desk.glyphs, fill=Cell(desk.glyphs.rule, ("rule",)))
        self.table = StepTable(StepFace(desk.glyphs), desk.glyphs, id="steps")
        self.sheet = Sheet(desk.glyphs, id="sheet")
        self.sheet.can_focus = False
        self._label = ""
        self._rows: dict[StepKey, StepRow] = {}

    def body(self) -> ComposeResult:
        """Put the steps over what is said of the one under the cursor."""
        yield self.title_line
        yield self.table
        yield self.sheet

    def on_mount(self) -> None:
        """Begin on the first step that is left."""
        self.set_focus(self.table)
        self.update()
        if self.plan is not None and (step := self.plan.next) is not None:
            self.table.point((self.plan.steps.index(step) + 1, 0))

    def on_resize(self) -> None:
        """Give the steps the lines they need, as far as there are that many."""
        self._fit()

    @property
    def service_keys(self) -> tuple[str, ...]:
        """The service that goes back."""
        return (self.key,)

    @property
    def step(self) -> RollbackStep | None:
        """The step under the cursor."""
        return row.step if (row := self.table.current) is not None else None

    @property
    def chosen(self) -> Ref | None:
        """The item that the step under the cursor changes."""
        return self.step.does.ref if self.step is not None and self.step.does is not None else None

    def update(self) -> None:
        """Work the plan out anew."""
        row = self.desk.services.get(self.key)
        self._label = row.label if row is not None else self._label or self.key
        plan, self.trouble = None, None
        try:
            if self.desk.feed is None:
                raise Refused("no cluster is reached yet", advice="wait for the connection")
            plan = self.desk.feed.rollback(self.key)
        except Refused as error:
            self.trouble = error
        if plan != self.plan or plan is None:
            self.plan = plan
            fresh = {row.key: row for row in _rows(plan)} if plan is not None else {}
            old = self._rows
            self._rows = {key: old[key] if old.get(key) == row else row for key, row in fresh.items()}
            self.table.update(self._rows)
            self._fit()
            self._say_title()
        self.sheet.say(self._write)

    def tell(self) -> None:
        """Say how things stand when one stops after the step."""
        step = self.step
        if self.plan is not None and self.plan.done:
            self.why.say(Cell("Everything is done: it stays as it is."))
        elif step is not None:
            stop = f"One may stop after it: {step.stop}" if step.stop else "Don't stop after it."
            self.why.say(Cell(stop))
        else:
            self.why.say()

    def filtered(self) -> None:
        """Say in the title what is filtered."""
        self._say_title()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to copy only where there is a command."""
        if action == "copy":
            return self.step is not None and bool(self.step.command)
        return super().check_action(action, parameters)

    def on_cursor_moved(self, _: CursorMoved) -> None:
        """Say what there is to say of the step the cursor is on now."""
        self.sheet.action_scroll_edge(0)
        self.sheet.say(self._write)

    def open_row(self, _: Widget, key: Any) -> None:
        """Do the step, after it was confirmed; say why where it can't be done."""
        row = self._rows.get(key)
        if row is None:
            return
        step = row.step
        if step.does is not None and step.state is State.NOW:
            self._do(step.does)
            return
        reason = f": {step.reason}" if step.reason else ""
        self.notify(clean(f"{step.state}{reason}"), title=clean(step.title), severity="warning", markup=False)

    def action_copy(self) -> None:
        """Copy the commands of the step to the terminal's clipboard."""
        if self.step is not None:
            self.app.copy_to_clipboard(self.step.command)
            self.notify("the commands were sent to the clipboard (OSC 52)", markup=False)

    def action_page(self, pages: int) -> None:
        """Scroll what is said of the step."""
        self.sheet.action_scroll_page(pages)

    def _fit(self) -> None:
        lines = min(len(self._rows) + 1, max(4, self.app.size.height * 2 // 5))
        self.table.styles.height = lines

    def _say_title(self) -> None:
        left = [Cell(" Rollback plan ", ("strong",)), Cell(f"{self._label} ", ("strong",))]
        if self.plan is None:
            self.title_line.say(left)
            return
        plan = self.plan
        left.append(Cell(f"from {plan.bad or 'what runs'} back to {plan.good or 'what ran before'} "))
        if self.table.needle:
            left.append(Cell(f"/{self.table.needle} ", ("accent",)))
        done = sum(step.state is State.DONE for step in plan.steps)
        mark = "ok" if plan.done else "dim"
        self.title_line.say(left, [Cell(f" {done} of {len(plan.steps)} done ", (mark,))])

    def _write(self, width: int) -> list[Text]:
        if self.trouble is not None:
            told = [("no plan", Cell(str(self.trouble), ("bad",)))]
            if self.trouble.advice:
                told.append(("what to do", Cell(self.trouble.advice)))
            return [[], *pairs(told, width)]
        if self.plan is None:
            return []
        lines: list[Text] = []
        if self.step is not None:
            lines += [rule(self.step.title, width, self.desk.glyphs), *pairs(_told(self.step), width)]
        if self.plan.notes:
            lines += [[], rule("Mind", width, self.desk.glyphs)]
            lines += [[Cell(part)] for note in self.plan.notes for part in wrap(clean(note), width)]
        lines += [[], [Cell("A plan writes nothing: enter does one step, after it was confirmed.", ("dim",))]]
        return lines


def _rows(plan: RollbackPlan) -> Iterator[StepRow]:
    for number, step in enumerate(plan.steps, 1):
        yield StepRow((number, 0), step)
        for place, other in enumerate(step.instead, 1):
            yield StepRow((number, place), other)


def _told(step: RollbackStep) -> list[tuple[str, Cell]]:
    reason = f": {step.reason}" if step.reason else ""
    rows = [("state", Cell(f"{step.state}{reason}", (_MARK[step.state],))), ("why", Cell(step.why))]
    if step.does is not None:
        rows.append(("does", Cell(f"{step.does.name} {step.does.ref}")))
    if step.right is not None:
        rows.append(("needs", Cell(f"the right to {step.right}")))
    if step.undone_by:
        rows.append(("undone by", Cell(step.undone_by, ("held",))))
    if step.command:
        rows.append(("same as", Cell(step.command, ("dim",))))
    words = {None: "not known", True: "yes", False: "no"}
    rows += [("check", Cell(f"{check.text}: {words[check.holds]}")) for check in step.checks]
    return rows
