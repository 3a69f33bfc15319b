"""How the items of a stage look in a table: made from the stage's columns, nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.stage import Column, Item, Stage, Value
from trombone_tui.core.text import words
from trombone_tui.ui.cells import Cell
from trombone_tui.ui.rows import Rank
from trombone_tui.ui.theme import HEALTH_MARK, Glyphs

GLYPH = Column(key="", title="", width=3, rank=0)
"""Before all others: how well the row is, and whether it needs a human."""

_NAMESPACE = Column(key="namespace", title="NAMESPACE", width=12, rank=2)
_CLUSTER = Column(key="cluster", title="CLUSTER", width=12, rank=1)


class ItemFace:
    """The rows of one stage: attention first, then the newest, or sorted by a column."""

    def __init__(self, stage: Stage, glyphs: Glyphs, now: datetime) -> None:
        self.attention: frozenset[Ref] = frozenset()
        self.now = now
        self.clusters = 1
        self.by = ""
        """The column the rows are sorted by; empty means by attention."""
        self._stage = stage
        self._glyphs = glyphs

    def columns(self, _width: int, /) -> Sequence[Column]:
        """Return the stage's columns, and what tells equal names apart where the stage leaves it out."""
        keys = {column.key for column in self._stage.columns}
        more = [column for column in (_NAMESPACE, _CLUSTER) if column.key not in keys]
        kept = [c for c in self._stage.columns if c.key != "cluster" or self.clusters > 1]
        place = next((i for i, c in enumerate(kept, 1) if c.key == "name"), 0)
        kept[place:place] = [c for c in more if c is _NAMESPACE or self.clusters > 1]
        return [GLYPH, *(self._sorted(column) for column in kept)]

    def cells(self, row: Item, columns: Sequence[Column]) -> Sequence[Cell]:
        """Write a row; what a newer one of its series has replaced is dim."""
        needs = row.ref in self.attention
        replaced = row.health is Health.DEGRADED and not needs
        return [self._cell(row, column, needs=needs, replaced=replaced) for column in columns]

    def rank(self, row: Item) -> Rank:
        """Rank by the chosen column, or what needs a human first and the newest before the older."""
        if self.by:
            return _rank_of(row.value(self.by))
        at = row.created or row.since
        return (row.ref not in self.attention, -at.timestamp() if at else 0.0)

    def words(self, row: Item) -> str:
        """Name everything a filter may ask for."""
        shown = (words(column.key, row.value(column.key), self.now) for column in self._stage.columns)
        ref = row.ref
        return " ".join((ref.name, ref.namespace, ref.cluster, ref.kind, row.health, row.why, *shown))

    def _sorted(self, column: Column) -> Column:
        if not self.by or column.key != self.by:
            return column
        title = f"{column.title[: column.width - 1]}{self._glyphs.sorted}"
        return replace(column, title=title)

    def _cell(self, row: Item, column: Column, *, needs: bool, replaced: bool) -> Cell:
        key = column.key
        mark = "dim" if replaced else HEALTH_MARK[row.health]
        if key == GLYPH.key:
            return Cell(self._glyphs.health[row.health] + (self._glyphs.attention if needs else " "), (mark,))
        value = row.value(key)
        if key == "health":
            return Cell(str(value), (mark,))
        if key == "name" and needs:
            return Cell(str(value), ("strong",))
        quiet = replaced or value is None or value == "" or key in ("since", "namespace", "cluster")
        text = words(key, value, self.now, column.width)
        return Cell(text, ("dim",) if quiet else (), tail="/" in text and " " not in text)


def _rank_of(value: Value) -> Rank:
    """Rank values of any kinds: newest times first, then numbers, then texts, the unknown last."""
    if value is None or value == "":
        return (3, 0)
    if isinstance(value, datetime):
        return (0, -value.timestamp())
    if isinstance(value, int | float):
        return (1, float(value))
    return (2, value.casefold())
