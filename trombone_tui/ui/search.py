"""Words looked for in a text: where they stand, and which place one is at."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from trombone_tui.ui.cells import Cell, Text

JOINED = Cell("")
"""Begins a line that goes on with the line before, which was too long, without a blank between."""


class Plain:
    """What lines say as they are drawn, in one text; ``starts`` is where each line begins in it."""

    def __init__(self, lines: Iterable[tuple[str, bool]]) -> None:
        """Put lines together; with each stands whether it goes on with the one before without a blank."""
        self.starts: list[int] = []
        parts: list[str] = []
        length = 0
        for line, goes_on in lines:
            if parts and not goes_on:
                parts.append("\n")
                length += 1
            self.starts.append(length)
            parts.append(line)
            length += len(line)
        self.text = "".join(parts)


class Search:
    """All places of some words, small or capital, in lines as they are drawn.

    A blank stands for any blanks and for the end of a line, so that a phrase that was wrapped is found too.
    """

    def __init__(self, needle: str, plain: Plain) -> None:
        self.needle = needle
        self.here = 0
        """The place one is at."""
        self._starts = plain.starts
        words = [re.escape(word) for word in needle.split()]
        found = re.finditer(r"\s+".join(words), plain.text, re.IGNORECASE) if words else ()
        self._places = [match.span() for match in found]
        self._begins = [begin for begin, _ in self._places]

    def __len__(self) -> int:
        return len(self._places)

    @property
    def line(self) -> int | None:
        """The line of the place one is at; None if there is none."""
        return bisect_right(self._starts, self._begins[self.here]) - 1 if self._places else None

    def start(self, line: int) -> None:
        """Go to the first place from a line on; round to the beginning where none follows."""
        if self._places:
            begin = self._starts[line] if line < len(self._starts) else 0
            self.here = bisect_left(self._begins, begin) % len(self._places)

    def step(self, places: int) -> None:
        """Go some places on, or back; round at the ends."""
        if self._places:
            self.here = (self.here + places) % len(self._places)

    def marked(self, number: int, cells: Text) -> Text:
        """Return a line's cells with all that was found in it marked; texts must be as they are drawn."""
        begin = self._starts[number] if number < len(self._starts) else 0
        end = begin + sum(len(cell.text) for cell in cells)
        spans = list(self._spans(begin, end))
        return _split(cells, spans) if spans else cells

    def _spans(self, begin: int, end: int) -> Iterator[tuple[int, int, str]]:
        first = max(0, bisect_left(self._begins, begin) - 1)
        for index in range(first, len(self._places)):
            left, right = self._places[index]
            if left >= end:
                return
            if right > begin:
                mark = "here" if index == self.here else "found"
                yield max(left, begin) - begin, min(right, end) - begin, mark


def _split(cells: Text, spans: Sequence[tuple[int, int, str]]) -> Text:
    pieces: list[Cell] = []
    begin = 0
    for cell in cells:
        end = begin + len(cell.text)
        at = begin
        for left, right, mark in spans:
            low, high = max(left, at), min(right, end)
            if low >= high:
                continue
            if low > at:
                pieces.append(Cell(cell.text[at - begin : low - begin], cell.marks))
            pieces.append(Cell(cell.text[low - begin : high - begin], (*cell.marks, mark)))
            at = high
        if at < end:
            pieces.append(Cell(cell.text[at - begin :], cell.marks))
        begin = end
    return pieces
