"""How rows of one shape look, and which of their columns fit into a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from trombone_tui.core.stage import Column
from trombone_tui.ui.cells import Cell
from trombone_tui.ui.rows import Rank

Shape = TypeVar("Shape", contravariant=True)


class Face(Protocol[Shape]):
    """How rows of one shape look: asked for visible rows only."""

    def columns(self, width: int, /) -> Sequence[Column]:
        """Return the columns there may be in a table of that width."""

    def cells(self, row: Shape, columns: Sequence[Column]) -> Sequence[Cell]:
        """Return a cell for each of the columns."""

    def rank(self, row: Shape) -> Rank:
        """Return what the row is sorted by."""

    def words(self, row: Shape) -> str:
        """Return the text a filter looks into."""


def arrange(columns: Sequence[Column], width: int, gap: int) -> list[tuple[Column, int]]:
    """Choose the columns that fit and how wide each is, gaps not counted; after one untitled there is none.

    Columns of the highest rank go first, the last of them first. Those of rank 0 stay; where even they
    don't fit, the widest is made narrower. What is left over goes by turns to those that can use it: the
    ``grow`` columns, and others until they are as wide as their ``most``.
    """
    kept = list(columns)

    def spare() -> int:
        return width - sum(column.width for column in kept) - sum(gaps(kept, gap))

    while spare() < 0 and any(column.rank for column in kept):
        worst = max(column.rank for column in kept)
        kept.remove(next(column for column in reversed(kept) if column.rank == worst))
    wide = [column.width for column in kept]
    for _ in range(-spare()):
        widest = max(range(len(wide)), key=wide.__getitem__)
        wide[widest] = max(0, wide[widest] - 1)
    left = max(0, spare())
    while growing := [p for p, column in enumerate(kept) if column.grow or wide[p] < column.most][:left]:
        for place in growing:
            wide[place] += 1
        left -= len(growing)
    return list(zip(kept, wide, strict=True))


def gaps(columns: Sequence[Column], gap: int) -> list[int]:
    """Return the cells left free after each column; none after the last."""
    last = len(columns) - 1
    return [gap if column.title and place < last else 0 for place, column in enumerate(columns)]
