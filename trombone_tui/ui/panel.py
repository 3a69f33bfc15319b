"""A stage on the screen: a title with count, worst health and freshness, a banner, a table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from textual.app import ComposeResult
from textual.containers import Vertical

from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.ports import State
from trombone_tui.core.snapshot import PanelState, StageSnapshot
from trombone_tui.core.stage import Item, Stage
from trombone_tui.core.text import moment
from trombone_tui.ui.bars import Line, Passage
from trombone_tui.ui.cells import Cell
from trombone_tui.ui.items import ItemFace
from trombone_tui.ui.table import RowTable
from trombone_tui.ui.theme import HEALTH_MARK, STATE_MARK, STATE_WORD, Glyphs

_WORST = (
    State.UNREACHABLE,
    State.DENIED,
    State.STALE,
    State.NOT_INSTALLED,
    State.CONNECTING,
    State.LIVE,
)
"""What a title names first where clusters differ."""


def freshness(panel: Sequence[PanelState], glyphs: Glyphs, now: datetime) -> Cell:
    """Say in few words how far a stage can be trusted: ``● live``, ``~ stale since 17:41:02Z``."""
    worst = min(panel, key=lambda p: _WORST.index(p.state))
    text = f"{glyphs.state[worst.state]} {STATE_WORD[worst.state]}"
    if worst.state is State.STALE and worst.since:
        text += f" since {moment(worst.since, now)}"
    if len({p.state for p in panel}) > 1:
        text += f", {sum(p.state is State.LIVE for p in panel)} of {len(panel)} live"
    return Cell(text, (STATE_MARK[worst.state],))


def complaints(panel: Sequence[PanelState], glyphs: Glyphs, now: datetime, install: str = "") -> list[Cell]:
    """Say of each cluster that can't be trusted fully what is missing and what to do.

    ``install`` is the key that leads to how a stage is installed.
    """
    said: list[Cell] = []
    for state in panel:
        if not state.reason and state.state is not State.STALE:
            continue
        since = f" since {moment(state.since, now)}" if state.since and state.state is not State.LIVE else ""
        word = "" if state.state is State.LIVE else f"{STATE_WORD[state.state]}{since}"
        if state.state is State.NOT_INSTALLED and install:
            word = f"{STATE_WORD[state.state]} (press {install}){since}"
        where = state.cluster if len(panel) > 1 else ""
        parts = [part for part in (where, word, state.reason) if part]
        mark = "dim" if state.state is State.LIVE else STATE_MARK[state.state]
        said.append(Cell(f"{glyphs.state[state.state]} {': '.join(parts)}", (mark,)))
    return said


class Selection(NamedTuple):
    """The items a panel is narrowed to, and whose they are."""

    name: str
    refs: tuple[Ref, ...]


class StagePanel(Vertical):
    """One stage: all its items, or those of one service."""

    def __init__(
        self,
        number: int,
        stage: Stage,
        glyphs: Glyphs,
        now: datetime,
        *,
        full: bool = False,
        install: str = "",
    ) -> None:
        super().__init__(id=f"stage-{stage.name}", classes="full" if full else "")
        self.stage = stage
        self.face = ItemFace(stage, glyphs, now)
        self.table: RowTable[Ref, Item] = RowTable(self.face, glyphs, ref=lambda ref: ref)
        self.title = Line(glyphs, fill=Cell(glyphs.rule, ("rule",)))
        self.banner = Passage(glyphs, lead=" ")
        self.banner.display = False
        self._number = number
        self._glyphs = glyphs
        self._full = full
        self._install = install
        self._stage: StageSnapshot | None = None
        self._of: Selection | None = None
        self._worst = Health.HEALTHY

    def compose(self) -> ComposeResult:
        """Put title over banner over table."""
        yield self.title
        yield self.banner
        yield self.table

    def show(self, stage: StageSnapshot, now: datetime, of: Selection | None = None) -> None:
        """Show a stage as it is now: all its items, or those of the selected service."""
        old, new_day = self._stage, now.date() != self.face.now.date()
        if stage is old and of == self._of and not new_day:
            return
        items = stage.items
        if of is not None:
            items = {ref: items[ref] for ref in of.refs if ref in items}
        touched = self.face.attention ^ stage.attention
        self.face.now, self.face.attention = now, stage.attention
        fresh = old is None or items is not self.table.rows.values or touched
        self.table.update(items, [ref for ref in touched if ref in items])
        if len(stage.panel) != self.face.clusters or new_day:
            self.face.clusters = len(stage.panel)
            self.table.rearrange()
        self._stage, self._of = stage, of
        if fresh:
            part = StageSnapshot(items=items, panel=stage.panel, attention=stage.attention)
            self._worst = stage.worst if of is None else part.worst
        said = complaints(stage.panel, self._glyphs, now, self._install)
        self.banner.display = bool(said)
        self.banner.say(*said)
        self.describe()

    def describe(self) -> None:
        """Write the title and what stands in place of rows."""
        if self._stage is None:
            return
        glyphs, table = self._glyphs, self.table
        lead = glyphs.cursor if table.has_focus and not self._full else " "
        left = [Cell(lead, ("accent",)), Cell(f"{self._number} ", ("key",))]
        left.append(Cell(f"{self.stage.title} ", ("strong",)))
        if self._of is not None:
            left.append(Cell(f"of {self._of.name} ", ("dim",)))
        if table.marks:
            left.append(Cell(f"{glyphs.picked} {len(table.marks)} marked ", ("accent",)))
        if table.needle:
            left.append(Cell(f"/{table.needle} ", ("accent",)))
        if self.face.by:
            left.append(Cell(f"by {self.face.by} ", ("dim",)))
        self.title.say(left, self._counts(self._stage))
        table.say_empty([Cell(self._nothing(self._stage), ("dim",))])

    def _counts(self, stage: StageSnapshot) -> list[Cell]:
        items, glyphs = self.table.rows.values, self._glyphs
        total, seen = len(items), len(self.table.rows)
        of = " of " if self._full else "/"
        cells = [Cell(f" {seen}{of}{total} " if seen != total else f" {total} ")]
        if total:
            word = f" {self._worst}" if self._full else ""
            cells.append(Cell(f"{glyphs.health[self._worst]}{word} ", (HEALTH_MARK[self._worst],)))
        if need := sum(ref in items for ref in stage.attention):
            cells.append(Cell(f"{glyphs.attention} {need} ", ("held",)))
        fresh = freshness(stage.panel, glyphs, self.face.now)
        return [*cells, Cell(f"{fresh.text} ", fresh.marks)]

    def on_descendant_focus(self) -> None:
        """Show in the title that the keys go here now."""
        self.describe()

    def on_descendant_blur(self) -> None:
        """Show in the title that the keys go elsewhere now."""
        self.describe()

    def _nothing(self, stage: StageSnapshot) -> str:
        states = {panel.state for panel in stage.panel}
        if self.table.needle and self.table.rows.values:
            return "no row has these words"
        if State.CONNECTING in states:
            return "connecting" + self._glyphs.more
        if State.LIVE not in states:
            return ""
        if any(panel.reason for panel in stage.panel):
            return "nothing is seen here"
        return "nothing here" if self._of is None else f"nothing of {self._of.name} is seen here"
