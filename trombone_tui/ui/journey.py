"""One service on its way: its items of every stage down the screen, each with its why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from textual.app import ComposeResult
from textual.widget import Widget

from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.ports import State
from trombone_tui.core.service import Service
from trombone_tui.core.snapshot import Snapshot
from trombone_tui.core.stage import Column, Item, Stage
from trombone_tui.core.text import words
from trombone_tui.ui.bars import Line
from trombone_tui.ui.cells import Cell
from trombone_tui.ui.desk import Desk
from trombone_tui.ui.details import DetailsView
from trombone_tui.ui.hops import members
from trombone_tui.ui.panel import freshness
from trombone_tui.ui.rows import Rank
from trombone_tui.ui.table import RowTable
from trombone_tui.ui.theme import HEALTH_MARK, Glyphs
from trombone_tui.ui.view import View

HopKey = tuple[int, Ref]
"""A stage's place in travel order and the item's Ref; an empty Ref where the stage has none."""

_NOBODY = Ref(cluster="", kind="", namespace="", name="")


@dataclass(frozen=True, slots=True)
class HopRow:
    """One item of the service, or a stage that has none and why."""

    key: HopKey
    number: int
    """Its place among the items of its stage."""
    stage: Stage
    item: Item | None
    needs: bool
    note: Cell


class HopFace:
    """Hops in travel order; the stage is named on its first row only."""

    def __init__(self, glyphs: Glyphs) -> None:
        self.now: datetime | None = None
        self._glyphs = glyphs

    def columns(self, _width: int, /) -> Sequence[Column]:
        """Return stage, item, brief, since and why."""
        return [
            Column(key="stage", title="STAGE", width=11, rank=0),
            Column(key="glyph", title="", width=3, rank=0),
            Column(key="name", title="ITEM", width=24, rank=0),
            Column(key="brief", title="NOW", width=16, rank=1),
            Column(key="since", title="SINCE", width=11, rank=2),
            Column(key="why", title="WHY", width=16, rank=0, grow=True),
        ]

    def cells(self, row: HopRow, columns: Sequence[Column]) -> Sequence[Cell]:
        """Write a row."""
        return [self._cell(row, column.key) for column in columns]

    def rank(self, row: HopRow) -> Rank:
        """Rank in travel order."""
        return (row.key[0], row.number)

    def words(self, row: HopRow) -> str:
        """Name everything a filter may ask for."""
        item = row.item
        said = f"{item.ref.name} {item.ref.namespace} {item.health} {item.brief} {item.why}" if item else ""
        return f"{row.stage.name} {row.note.text} {said}"

    def _cell(self, row: HopRow, key: str) -> Cell:
        item = row.item
        if key == "stage":
            return Cell("" if row.number else row.stage.title, ("strong",))
        if item is None:
            return row.note if key == "why" else Cell(self._glyphs.none if key == "glyph" else "", ("dim",))
        replaced = item.health is Health.DEGRADED and not row.needs
        mark = "dim" if replaced else HEALTH_MARK[item.health]
        if key == "glyph":
            return Cell(self._glyphs.health[item.health] + (self._glyphs.attention * row.needs), (mark,))
        if key == "name":
            return Cell(item.ref.name, ("strong",) if row.needs else ("dim",) if replaced else ())
        if key == "since":
            return Cell(words(key, item.since, self.now or item.since), ("dim",)) if item.since else Cell("")
        return Cell(str(item.value(key)), ("dim",) if replaced else () if key == "why" else (mark,))


class JourneyView(View):
    """The journey of one service."""

    about = "the journey of a service"

    def __init__(self, desk: Desk, key: str) -> None:
        super().__init__(desk)
        self.key = key
        self.title_line = Line(desk.glyphs, fill=Cell(desk.glyphs.rule, ("rule",)))
        self.face = HopFace(desk.glyphs)
        self.table: RowTable[HopKey, HopRow] = RowTable(self.face, desk.glyphs, ref=self._ref_of, id="hops")
        self._label = ""
        self._rows: dict[HopKey, HopRow] = {}

    def body(self) -> ComposeResult:
        """Put the title over the hops."""
        yield self.title_line
        yield self.table

    def on_mount(self) -> None:
        """Begin on the hop that explains the service best."""
        self.set_focus(self.table)
        self.update()
        row = self.desk.services.get(self.key)
        if row is not None and (held := row.held):
            place = [stage.name for stage in self.desk.stages].index(held)
            self.table.point((place, row.service.hops[held].ref))

    @property
    def chosen(self) -> Ref | None:
        """The item under the cursor."""
        row = self.table.current
        return row.item.ref if row is not None and row.item is not None else None

    @property
    def service_keys(self) -> tuple[str, ...]:
        """The service that is shown."""
        return (self.key,)

    def _ref_of(self, key: HopKey) -> Ref | None:
        row = self._rows.get(key)
        return row.item.ref if row is not None and row.item is not None else None

    def update(self) -> None:
        """Show the service's items as they are now; once it is gone, say so."""
        row = self.desk.services.get(self.key)
        glyphs = self.desk.glyphs
        if row is None:
            left = [Cell(f" {self._label} ", ("strong",))]
            self.title_line.say(left, [Cell(f" {glyphs.health[Health.MISSING]} gone ", ("missing",))])
            self.table.update({})
            self.table.say_empty([Cell("this service is not there any more", ("dim",))])
            return
        self._label = row.label
        self.face.now = self.desk.snapshot.taken
        fresh = read_hops(row.service, self.desk.stages, self.desk.snapshot, glyphs)
        self._rows = {key: old if (old := self._rows.get(key)) == hop else hop for key, hop in fresh.items()}
        self.table.update(self._rows)
        left = [Cell(f" {row.label} ", ("strong",)), Cell(f"{row.service.cluster} ", ("dim",))]
        if self.table.marks:
            left.append(Cell(f"{glyphs.picked} {len(self.table.marks)} marked ", ("accent",)))
        if self.table.needle:
            left.append(Cell(f"/{self.table.needle} ", ("accent",)))
        held = row.held
        hop = row.service.hops[held] if held else None
        right = (
            [Cell(f" {glyphs.health[hop.health]} {hop.health} ", (HEALTH_MARK[hop.health],))] if hop else []
        )
        self.title_line.say(left, right)

    def tell(self) -> None:
        """Say why the hop under the cursor is as it is."""
        row = self.table.current
        if row is not None:
            self.why.say(Cell(row.item.why) if row.item else row.note)

    def filtered(self) -> None:
        """Say in the title what is filtered."""
        self.update()

    def open_row(self, _: Widget, key: Any) -> None:
        """Open the details of an item."""
        row = self._rows.get(key)
        if row is not None and row.item is not None:
            self.app.push_screen(DetailsView(self.desk, row.stage, row.item.ref))


def read_hops(
    service: Service, stages: Sequence[Stage], snapshot: Snapshot, glyphs: Glyphs
) -> dict[HopKey, HopRow]:
    """Return the rows of a service: what needs a human first in each stage, then the newest."""
    rows: dict[HopKey, HopRow] = {}
    for place, stage in enumerate(stages):
        now = snapshot.stages[stage.name]
        panel = [panel for panel in now.panel if panel.cluster == service.cluster] or now.panel
        items = members(service.hops.get(stage.name), now)
        for number, item in enumerate(items):
            key = (place, item.ref)
            rows[key] = HopRow(key, number, stage, item, item.ref in now.attention, Cell(""))
        if not items:
            seen = panel[0].state is State.LIVE
            note = (
                Cell("nothing of it is seen here", ("dim",))
                if seen
                else freshness(panel, glyphs, snapshot.taken)
            )
            rows[place, _NOBODY] = HopRow((place, _NOBODY), 0, stage, None, False, note)
    return rows
