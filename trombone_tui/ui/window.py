"""The part of a long list that is seen, and the cursor in it: both stay where the user left them."""

from __future__ import annotations

from typing import Any, Generic, NamedTuple, TypeVar

from trombone_tui.ui.rows import Rows

K = TypeVar("K")


class Hold(NamedTuple):
    """What was seen at one moment, to be found again after rows have come and gone."""

    first: Any
    """The key of the uppermost row seen; None if there was none."""
    line: int
    """The line the cursor was on, counted from the uppermost; may lie outside."""


def thumb(height: int, count: int, top: int) -> range:
    """Return which lines of a scroll bar of that height are lit; none if all lines fit."""
    if height <= 0 or count <= height:
        return range(0)
    size = max(1, height * height // count)
    start = round((height - size) * top / (count - height))
    return range(start, start + size)


class Window(Generic[K]):
    """A cursor and a scroll offset over rows.

    The cursor stays on its row wherever that goes; if its row goes, it stays at its place. Until the user
    has moved it, it stays at the top, where the worst is. With ``optional`` there is none until asked for.
    """

    def __init__(self, rows: Rows[K, Any], *, optional: bool = False) -> None:
        self.rows = rows
        self.cursor: K | None = None
        self.top = 0
        self.height = 0
        self._optional = optional
        self._at = 0
        self._moved = False

    @property
    def seen(self) -> list[K]:
        """The keys of the rows that are seen."""
        return self.rows.keys(self.top, self.top + self.height)

    @property
    def bar(self) -> range:
        """The lit lines of the scroll bar."""
        return thumb(self.height, len(self.rows), self.top)

    def hold(self) -> Hold:
        """Note what is seen, before rows change."""
        return Hold(self.rows.key(self.top) if self.top < len(self.rows) else None, self._at - self.top)

    def settle(self, held: Hold) -> None:
        """Find cursor and place again, after rows have changed or the height has."""
        if self.cursor is not None and self._moved:
            index = self.rows.index(self.cursor)
            self._put(self._at if index is None else index)
        elif not self._optional:
            self._put(0)
        elif self.cursor is not None:
            self._put(self._at)
        if self.top > 0:
            if self.cursor is not None and 0 <= held.line < self.height:
                self.top = self._at - held.line
            elif held.first is not None:
                index = self.rows.index(held.first)
                self.top = self.top if index is None else index
            self.scroll(0)
        elif self.cursor is not None and 0 <= held.line < self.height:
            self._reveal()

    def resize(self, height: int) -> None:
        """See so many rows from now on; a cursor that was seen stays in sight."""
        seen = 0 <= self._at - self.top < self.height or not self.height
        self.height = height
        self.scroll(0)
        if self.cursor is not None and seen:
            self._reveal()

    def step(self, by: int) -> None:
        """Move the cursor by so many rows; where there was none, it appears at the uppermost row seen."""
        self.go(self.top if self.cursor is None else self._at + by)

    def page(self, by: int) -> None:
        """Move the cursor by so many pages."""
        self.step(by * max(1, self.height - 1))

    def go(self, index: int) -> None:
        """Put the cursor on the row at a place; negative ones count from the end."""
        if not len(self.rows):
            return
        self._moved = True
        self._put(index)
        self._reveal()

    def release(self) -> None:
        """Have no cursor any more, or one that stays at the top again."""
        self._moved = False
        self.cursor = None
        if not self._optional:
            self.go(0)
            self._moved = False

    def pin(self) -> None:
        """Keep the cursor on its row from now on."""
        self._moved = self.cursor is not None

    def scroll(self, by: int) -> None:
        """Move what is seen and leave the cursor where it is."""
        self.top = max(0, min(self.top + by, len(self.rows) - self.height))

    def _put(self, index: int) -> None:
        count = len(self.rows)
        self._at = max(0, min(index, count - 1))
        self.cursor = self.rows.key(self._at) if count else None

    def _reveal(self) -> None:
        if self.height:
            self.top = max(self._at - self.height + 1, min(self.top, self._at))
            self.scroll(0)
