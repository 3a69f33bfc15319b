"""Log lines for one width, made when they are drawn, and the sheet that stays at their end."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual.binding import Binding, BindingType

from trombone_tui.core.text import clean
from trombone_tui.ui.cells import Cell, Text, fit, pieces, width_of
from trombone_tui.ui.messages import FollowTurned
from trombone_tui.ui.ring import Entry, Growth, Ring
from trombone_tui.ui.scroll import DrawnRows
from trombone_tui.ui.search import JOINED
from trombone_tui.ui.sheet import Sheet
from trombone_tui.ui.theme import HUES, Glyphs

_LABEL = 18
"""Cells a prefix may take."""
_STAMP = len("17:42:10.123 ")
_ASIDE = 20
"""Cells one step to the side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How lines are shown."""

    wrap: bool = True
    stamps: bool = False
    aside: int = 0
    """Cells that are left out at the beginning, where lines are not wrapped."""


class LogLines(DrawnRows):
    """The rows of a ring's entries: one each, or as many as it takes where lines are wrapped."""

    def __init__(self, ring: Ring, labels: Mapping[int, str], manner: Manner, width: int) -> None:
        self.ring, self.manner, self.width = ring, manner, width
        longest = max((width_of(clean(label)) for label in labels.values()), default=0)
        self._prefix = min(longest, _LABEL) if len(labels) > 1 else 0
        self._labels = {n: fit(clean(label), self._prefix) for n, label in labels.items()}
        self._room = max(10, width - (self._prefix + 1 if self._prefix else 0) - _STAMP * manner.stamps)
        self._starts: list[int] = []
        """The first row of every entry, where lines are wrapped."""
        self._count = 0
        self.renew(0)

    def renew(self, place: int) -> None:
        """Count the rows anew from an entry on."""
        if not self.manner.wrap:
            return
        self._count = self._starts[place] if place < len(self._starts) else self._count
        del self._starts[place:]
        for entry in self.ring.entries[place:]:
            self._starts.append(self._count)
            self._count += self._height(entry)

    def row(self, place: int) -> int:
        """Return the first row of an entry."""
        return self._starts[place] if self.manner.wrap and place < len(self._starts) else place

    def __len__(self) -> int:
        return self._count if self.manner.wrap else len(self.ring.entries)

    def drawn(self, index: int) -> Text:
        """Make the cells of a row."""
        if not self.manner.wrap:
            entry = self.ring.entries[index]
            return self._cells(entry, clean(entry.text)[self.manner.aside :], first=True)
        place = bisect_right(self._starts, index) - 1
        entry, piece = self.ring.entries[place], index - self._starts[place]
        parts = pieces(clean(entry.text), self._room) or [""]
        return self._cells(entry, parts[min(piece, len(parts) - 1)], first=piece == 0)

    def _height(self, entry: Entry) -> int:
        if len(entry.text) * 2 <= self._room:
            return 1
        return max(1, len(pieces(clean(entry.text), self._room)))

    def _cells(self, entry: Entry, text: str, *, first: bool) -> Text:
        return [*self._lead(entry, first=first), Cell(text, ("dim",) if entry.said else ())]

    def _lead(self, entry: Entry, *, first: bool) -> Iterator[Cell]:
        if not first:
            yield JOINED
        if self._prefix:
            label = self._labels.get(entry.source, "") if first else ""
            yield Cell(f"{label:<{self._prefix}} ", (HUES[entry.source % len(HUES)],))
        if self.manner.stamps:
            known = first and entry.at.year > 1
            stamp = f"{entry.at:%H:%M:%S}.{entry.at.microsecond // 1000:03}" if known else ""
            yield Cell(f"{stamp:<{_STAMP}}", ("dim",))


class LogSheet(Sheet):
    """Log lines that go on: it stays at their end as long as nobody scrolls up."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "aside(-1)", "left", show=False, tooltip="see what is to the left", id="logs.left"),
        Binding(
            "right", "aside(1)", "right", show=False, tooltip="see what is to the right", id="logs.right"
        ),
    ]

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(glyphs, id=id)
        self.following = True
        self.manner = Manner()
        self._ring, self._labels = Ring(), dict[int, str]()

    def show(self, ring: Ring, labels: Mapping[int, str]) -> None:
        """Show these lines from now on, at their end."""
        self._ring, self._labels = ring, dict(labels)
        self.say(self._made)
        self._settle()

    def show_as(self, manner: Manner) -> None:
        """Show lines in another manner; the uppermost one seen stays."""
        place = self._place()
        self.manner = manner
        self.say(self._made)
        if not self.following and isinstance(self.lines, LogLines):
            self.top = self.lines.row(place)
        self._settle()

    def grown(self, growth: Growth) -> None:
        """Draw what is seen of entries that came."""
        if not isinstance(self.lines, LogLines):
            return
        above = self._place()
        appended = not growth.dropped and growth.place + growth.came >= len(self._ring.entries)
        self.lines.renew(growth.place if appended else 0)
        if not self.following:
            before = growth.came if growth.place <= above and not appended else 0
            self.top = self.lines.row(max(0, above + before - growth.dropped))
        if self.search is not None and not appended:
            self._look_for(self.search.needle, self.search.here)
        self._settle()

    def follow(self, on: bool) -> None:
        """Stay at the end, or where it is."""
        self.following = on
        self._settle()

    def step(self, places: int) -> None:
        """Go some places on in the search, among what has come meanwhile, too."""
        if self.search is not None and places:
            self._look_for(self.search.needle, self.search.here)
        super().step(places)

    def reveal(self, line: int) -> None:
        """Stay where something was found."""
        self.following = False
        super().reveal(line)

    def action_scroll_by(self, lines: int) -> None:
        """Scroll; up means to stay there, down to the end means to follow."""
        super().action_scroll_by(lines)
        if lines:
            self.following = lines > 0 and self.top >= len(self.lines) - self.size.height
            self.post_message(FollowTurned())

    def action_aside(self, steps: int) -> None:
        """See more of long lines that are not wrapped."""
        if not self.manner.wrap:
            self.show_as(replace(self.manner, aside=max(0, self.manner.aside + steps * _ASIDE)))

    def _place(self) -> int:
        """Return the entry of the uppermost row seen."""
        if not isinstance(self.lines, LogLines) or not self.manner.wrap:
            return self.top
        return max(0, bisect_right(self.lines._starts, self.top) - 1)  # noqa: SLF001 - of this module

    def _made(self, width: int) -> Sequence[Text]:
        return LogLines(self._ring, self._labels, self.manner, width)

    def _settle(self) -> None:
        last = max(0, len(self.lines) - self.size.height)
        self.top = last if self.following else min(self.top, last)
        self.refresh()
