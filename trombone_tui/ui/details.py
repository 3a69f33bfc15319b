"""One item in full: its why, then Facts and Steps, kept fresh while it is looked at."""

from __future__ import annotations

from datetime import datetime

from textual.app import ComposeResult

from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.snapshot import Look
from trombone_tui.core.stage import Detail, Fact, Facts, Item, Stage, Steps
from trombone_tui.core.text import moment, words
from trombone_tui.ui.bars import Line
from trombone_tui.ui.cells import Cell
from trombone_tui.ui.desk import Desk
from trombone_tui.ui.sheet import Sheet, Text, pairs, rule
from trombone_tui.ui.theme import HEALTH_MARK, Glyphs
from trombone_tui.ui.view import View


class DetailsView(View):
    """The details of one item; when it is gone, the last that was known of it, and that it is gone."""

    about = "the details of an item"

    def __init__(self, desk: Desk, stage: Stage, ref: Ref) -> None:
        super().__init__(desk)
        self.stage = stage
        self.ref = ref
        self.title_line = Line(desk.glyphs, fill=Cell(desk.glyphs.rule, ("rule",)))
        self.sheet = Sheet(desk.glyphs, id="sheet")
        self._item: Item | None = None
        self._details: tuple[Detail, ...] = ()
        self._look: Look | None = None

    def body(self) -> ComposeResult:
        """Put the title over the text."""
        yield self.title_line
        yield self.sheet

    def on_mount(self) -> None:
        """Leave the why bar out, the why stands in the text; begin there."""
        self.why.display = False
        self.sheet.focus()

    def on_unmount(self) -> None:
        """Look no longer."""
        if self._look is not None:
            self._look.close()

    @property
    def subject(self) -> Stage:
        """The stage of what is shown."""
        return self.stage

    def update(self) -> None:
        """Read the item's details again; keep the last ones once it is gone."""
        item = self.desk.item(self.stage.name, self.ref)
        if item is not None:
            self._item = item
            self._look = self._look or self.desk.look(self.ref)
            known = self._look.details() if self._look else ()
            self._details = known or _columns(self.stage, item)
        self._title(gone=item is None)
        self.sheet.say(self._write)

    def _title(self, *, gone: bool) -> None:
        glyphs = self.desk.glyphs
        left = [Cell(f" {self.stage.title} ", ("dim",)), Cell(f"{self.ref} ", ("strong",))]
        if self._item is None or gone:
            self.title_line.say(left, [Cell(f" {glyphs.health[Health.MISSING]} gone ", ("missing",))])
            return
        health = self._item.health
        self.title_line.say(left, [Cell(f" {glyphs.health[health]} {health} ", (HEALTH_MARK[health],))])

    def _write(self, width: int) -> list[Text]:
        item, now = self._item, self.desk.snapshot.taken
        if item is None:
            return [[Cell(f"{self.ref} is not there any more.")]]
        lines: list[Text] = [[]]
        if self.desk.item(self.stage.name, self.ref) is None:
            lines += pairs([("gone", Cell("deleted; this is the last that was known", ("missing",)))], width)
        since = [("since", Cell(moment(item.since, now)))] if item.since else []
        lines += pairs([("why", Cell(item.why, ("strong",))), *since], width)
        for detail in self._details:
            lines += [[], rule(detail.title, width, self.desk.glyphs)]
            if isinstance(detail, Facts):
                rows = [(fact.name, _value(fact, now, self.desk.glyphs)) for fact in detail.facts]
                lines += pairs(rows, width)
            elif isinstance(detail, Steps):
                lines += _steps(detail, width, self.desk.glyphs)
        return lines


def _columns(stage: Stage, item: Item) -> tuple[Detail, ...]:
    """Make details of a row's columns, for an item that nothing more is known of."""
    facts = [Fact(c.title.capitalize(), item.value(c.key)) for c in stage.columns if c.key != "why"]
    return (Facts(stage.title, tuple(facts)),)


def _value(fact: Fact, now: datetime, glyphs: Glyphs) -> Cell:
    text = words("", fact.value, now)
    if fact.health is None:
        return Cell(text, ("dim",) if fact.value is None else ())
    return Cell(f"{glyphs.health[fact.health]} {text}", (HEALTH_MARK[fact.health],))


def _steps(steps: Steps, width: int, glyphs: Glyphs) -> list[Text]:
    """Write steps down the screen: done ones ticked, the current one pointed at, later ones dim."""
    lines: list[Text] = []
    for number, step in enumerate(steps.steps, 1):
        glyph = glyphs.dot
        marks: tuple[str, ...] = ("dim",)
        if step.current:
            glyph, marks = glyphs.now, ("accent", "strong")
        elif step.done:
            glyph, marks = glyphs.health[Health.HEALTHY], ("ok",)
        text = f"{step.text}  {step.note}" if step.note else step.text
        lead = f"{glyph} {number:>2}"
        lines += [
            [Cell(before, marks), Cell(said, marks if step.current or not step.done else ())]
            for before, said in _hang(lead, text, width)
        ]
    return lines


def _hang(lead: str, text: str, width: int) -> list[tuple[str, str]]:
    lines = pairs([(lead, Cell(text))], width)
    return [(cells[0].text, cells[1].text) for cells in lines]
