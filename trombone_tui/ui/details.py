"""One item in full: its why, then all that is known of it, kept fresh while it is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from textual.binding import Binding, BindingType

from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.snapshot import Look
from trombone_tui.core.stage import Detail, Fact, Facts, Item, Stage
from trombone_tui.core.text import moment
from trombone_tui.ui.branches import Branches
from trombone_tui.ui.cells import Cell, Text
from trombone_tui.ui.desk import Desk
from trombone_tui.ui.page import Page
from trombone_tui.ui.sheet import pairs
from trombone_tui.ui.theme import HEALTH_MARK
from trombone_tui.ui.writing import plain_lines, write

_UNBROKEN = 10_000
"""The width a text is written for that is copied: wide enough that no line is broken."""


class DetailsView(Page):
    """The details of one item; when it is gone, the last that was known of it, and that it is gone."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "branch(1)", "branch", tooltip="next branch that can be opened", id="details.next"),
        Binding("shift+tab", "branch(-1)", show=False, tooltip="branch before it", id="details.previous"),
        Binding(
            "enter",
            "turn",
            "open",
            key_display="enter",
            tooltip="open or close the branch",
            id="details.turn",
        ),
        Binding("right,plus", "unfold", show=False, tooltip="open the branch", id="details.open"),
        Binding("left", "fold", show=False, tooltip="close the branch", id="details.close"),
        Binding("e", "all", "all", tooltip="open all branches, or close them", id="details.all"),
    ]

    about = "the details of an item"

    def __init__(self, desk: Desk, stage: Stage, ref: Ref) -> None:
        super().__init__(desk)
        self.stage = stage
        self.ref = ref
        self.branches = Branches()
        self._item: Item | None = None
        self._gone = False
        self._details: tuple[Detail, ...] = ()
        self._look: Look | None = None
        self._shown: tuple[object, ...] = ()

    def on_unmount(self) -> None:
        """Look no longer."""
        if self._look is not None:
            self._look.close()

    @property
    def subject(self) -> Stage:
        """The stage of what is shown."""
        return self.stage

    @property
    def chosen(self) -> Ref:
        """The item that is shown."""
        return self.ref

    def update(self) -> None:
        """Read the item's details again; keep the last ones once it is gone. What is equal costs nothing."""
        item = self.desk.item(self.stage.name, self.ref)
        self._gone = item is None
        if item is not None:
            self._item = item
            self._look = self._look or self.desk.look(self.ref)
            known = self._look.details() if self._look else ()
            self._details = known or _columns(self.stage, item)
        shown = (self._gone, self._item, self._details, self._today)
        if shown != self._shown:
            self._shown = shown
            self._say_title()
            self._draw()

    def copied(self) -> Sequence[str]:
        """Return the why and all details with every branch open, no line broken."""
        everything = Branches()
        everything.all_open = True
        lines = plain_lines(self._write(_UNBROKEN, everything))
        return [f"{self.stage.title} {self.ref}", *lines]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to open branches only where there are some."""
        if action in ("branch", "all"):
            return bool(self.branches.folds)
        if action in ("turn", "unfold", "fold"):
            return self.branches.fold is not None
        return super().check_action(action, parameters)

    def action_branch(self, places: int) -> None:
        """Go to the next branch that can be opened, or the one before."""
        fold = self.branches.step(places, self.sheet.top, self.sheet.size.height)
        self._draw()
        if fold is not None:
            self.sheet.reveal(fold.line)

    def action_turn(self) -> None:
        """Open the branch one is at, or close it."""
        fold = self.branches.fold
        if fold is not None and self.branches.is_open(fold.path):
            self.action_fold()
        else:
            self.action_unfold()

    def action_unfold(self) -> None:
        """Open the branch one is at."""
        if (fold := self.branches.fold) is not None:
            self.branches.open(fold.path)
            self._draw()

    def action_fold(self) -> None:
        """Close the branch one is at."""
        if (fold := self.branches.fold) is not None:
            self.branches.close(fold.path)
            self._draw()

    def action_all(self) -> None:
        """Open all branches; close them if they are open."""
        self.branches.opened.clear()
        self.branches.all_open = not self.branches.all_open
        self._draw()
        if (fold := self.branches.fold) is not None:
            self.sheet.reveal(fold.line)

    @property
    def _today(self) -> date:
        """The day times are written for: those of other days have a date."""
        return self.desk.snapshot.taken.date()

    def _draw(self) -> None:
        self.sheet.say(lambda width: self._write(width, self.branches))
        self.refresh_bindings()

    def _say_title(self) -> None:
        glyphs = self.desk.glyphs
        left = [Cell(f" {self.stage.title} ", ("dim",)), Cell(f"{self.ref} ", ("strong",))]
        if self._item is None or self._gone:
            self.title_of(left, [Cell(f" {glyphs.health[Health.MISSING]} gone ", ("missing",))])
            return
        health = self._item.health
        self.title_of(left, [Cell(f" {glyphs.health[health]} {health} ", (HEALTH_MARK[health],))])

    def _write(self, width: int, branches: Branches) -> list[Text]:
        item, now = self._item, self.desk.snapshot.taken
        branches.folds = []
        if item is None:
            return [[Cell(f"{self.ref} is not there any more.")]]
        lines: list[Text] = [[]]
        if self._gone:
            lines += pairs([("gone", Cell("deleted; this is the last that was known", ("missing",)))], width)
        since = [("since", Cell(moment(item.since, now)))] if item.since else []
        lines += pairs([("why", Cell(item.why, ("strong",))), *since], width)
        write(self._details, width, now, self.desk.glyphs, branches, lines)
        return lines


def _columns(stage: Stage, item: Item) -> tuple[Detail, ...]:
    """Make details of a row's columns, for an item that nothing more is known of."""
    facts = [Fact(c.title.capitalize(), item.value(c.key)) for c in stage.columns if c.key != "why"]
    return (Facts(stage.title, tuple(facts)),)
