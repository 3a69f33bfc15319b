"""What the manifests take, a line each: defaults, what has to be given, and what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from trombone_tui.core.installing import Installer, InstallPlan, Order, Value
from trombone_tui.core.ports import PortError
from trombone_tui.core.text import clean
from trombone_tui.ui.bars import Passage
from trombone_tui.ui.cells import Cell, Text, cut_head, fit, width_of
from trombone_tui.ui.desk import Desk
from trombone_tui.ui.dialog import Dialog
from trombone_tui.ui.prompt import Prompt

_NEEDED = "needed"


class ValuesForm(Dialog):
    """The values of one service. ``planned`` is called with the plan that is made of them.

    ``given`` holds what was typed, by name, and is written to: who opens the form again finds it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter", "go_on", "plan", key_display="enter", tooltip="work out the plan", id="values.go-on"
        ),
        Binding("space", "turn", "turn", key_display="space", tooltip="turn a value", id="values.turn"),
        Binding("down,tab", "step(1)", "next", key_display="tab", id="values.next"),
        Binding("up,shift+tab", "step(-1)", "before", show=False, id="values.previous"),
        Binding("pagedown", "step(8)", "further down", show=False, id="values.page-down"),
        Binding("pageup", "step(-8)", "further up", show=False, id="values.page-up"),
    ]

    def __init__(
        self,
        desk: Desk,
        installer: Installer,
        cluster: str,
        given: dict[str, str],
        planned: Callable[[InstallPlan], None],
    ) -> None:
        super().__init__(desk)
        self.prompt = Prompt(desk.glyphs, self._changed)
        self.about = Passage(desk.glyphs, lead=" ")
        self.busy = False
        self._installer, self._cluster, self._given, self._planned = installer, cluster, given, planned
        self._values = installer.values()
        self._at = 0
        self._trouble: PortError | None = None

    @property
    def value(self) -> Value:
        """The value the cursor is on."""
        return self._values[self._at]

    @property
    def lacking(self) -> list[Value]:
        """The values that have to be given and are not."""
        return [one for one in self._values if one.default is None and not self._given.get(one.name)]

    def parts(self) -> Sequence[Widget]:
        """Return what the value is, and the line in which it is typed."""
        return (self.about, self.prompt)

    def on_mount(self) -> None:
        """Begin on what must be given."""
        self._go(next((self._values.index(one) for one in self.lacking), 0))

    def heading(self) -> tuple[Sequence[Cell], Sequence[Cell]]:
        """Return what is installed where, and how much is lacking."""
        left = [Cell(" Install a service ", ("strong",)), Cell(f"on {self._cluster} ", ("dim",))]
        if self.busy:
            return left, [Cell(f" working out the plan{self.desk.glyphs.more} ", ("accent",))]
        lacking = len(self.lacking)
        said = f" {lacking} still needed " if lacking else " enter shows the plan; nothing is changed yet "
        return left, [Cell(said, ("held",) if lacking else ("dim",))]

    def show(self) -> None:
        """Show the values, and keep the one the cursor is on in sight."""
        self.about.say(*self._said())
        super().show()
        self.sheet.reveal(self._at)

    def write(self, width: int) -> list[Text]:
        """Write a line a value: its name, what it is, and whether that is the default."""
        name = max(width_of(one.name) for one in self._values)
        room = max(8, width - name - len(_NEEDED) - 8)
        glyphs = self.desk.glyphs
        lines: list[Text] = []
        for place, one in enumerate(self._values):
            here = ("cursor",) if place == self._at else ()
            own = self._given.get(one.name, "")
            text, mark = (own, "strong") if own else (self._default(one), "dim")
            needed = one.default is None and not own
            lead = glyphs.cursor if here else " "
            shown = fit(cut_head(clean(text), room, glyphs.more), room)
            lines.append(
                [
                    Cell(f"{lead} ", ("accent",)),
                    Cell(f"{one.name.ljust(name)}  ", ("key", *here)),
                    Cell(shown, (mark, *here)),
                    Cell(f"  {glyphs.attention} {_NEEDED}" if needed else "", ("held",)),
                ]
            )
        return lines

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to turn only what can be turned, and nothing while the plan is worked out."""
        if action == "turn":
            return isinstance(self.value.default, bool)
        if action == "go_on":
            return not self.busy
        return super().check_action(action, parameters)

    def action_step(self, by: int) -> None:
        """Go to another value: round the end by one, no further than it by several."""
        count = len(self._values)
        self._go((self._at + by) % count if abs(by) == 1 else max(0, min(count - 1, self._at + by)))

    def action_turn(self) -> None:
        """Turn a value that is true or false."""
        now = self._given.get(self.value.name) or self._default(self.value)
        self._keep("false" if now == "true" else "true")
        self.show()

    def action_go_on(self) -> None:
        """Work out the plan; nothing is changed by it."""
        self.busy, self._trouble = True, None
        self.show()
        self.run_worker(self._plan(), group="plan", exclusive=True)

    def _changed(self) -> None:
        if not isinstance(self.value.default, bool) and self.prompt.display:
            self._keep(self.prompt.text)
            self.show()

    def _keep(self, text: str) -> None:
        """Note what was given; what is the default anyway is not given, so that it follows the others."""
        text = text.strip()
        if text and text != self._default(self.value):
            self._trouble = None if self._given.get(self.value.name) != text else self._trouble
            self._given[self.value.name] = text
        elif self._given.pop(self.value.name, None):
            self._trouble = None

    def _go(self, place: int) -> None:
        self._at = place
        if isinstance(self.value.default, bool):
            self.prompt.close()
        else:
            text = self._given.get(self.value.name) or self._default(self.value)
            self.prompt.ask(f" {self.value.name} ", text)
        self.show()

    def _default(self, value: Value) -> str:
        """Return a default as it is written, with the values it names in it as far as they are known."""
        if value.default is None:
            return ""
        if isinstance(value.default, bool):
            return str(value.default).lower()
        text = str(value.default)
        for one in self._values[: self._values.index(value)]:
            if f"(({one.name}))" in text and (known := self._given.get(one.name) or self._default(one)):
                text = text.replace(f"(({one.name}))", known)
        return text

    def _said(self) -> list[Cell]:
        about = self.value.about + (f" For example {self.value.example}" if self.value.example else "")
        said = [Cell(about, ("dim",))]
        if (error := self._trouble) is not None:
            said.append(Cell(str(error), ("bad",)))
        return said

    async def _plan(self) -> None:
        read_only = bool(self.desk.read_only.get(self._cluster))
        order = Order(cluster=self._cluster, values=dict(self._given), rehearse=not read_only)
        try:
            plan = await self._installer.plan(order)
        except PortError as error:
            self.busy, self._trouble = False, error
            named = [n for n, one in enumerate(self._values) if re.search(rf"\b{one.name}\b", str(error))]
            self._go(named[0] if named and self._at not in named else self._at)
            return
        self.busy = False
        self.show()
        self._planned(plan)
