"""YAML of any length as lines of cells that are made when they are drawn."""

from __future__ import annotations

import re
from abc import abstractmethod
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import overload

from trombone_tui.core.text import clean
from trombone_tui.ui.cells import Cell, Text, pieces, plain, width_of

_ENTRY = re.compile(r"""( *(?:- )*)("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'].*?)(:)(?= |$)(.*)""")
_BLOCK = re.compile(r"( *(?:- )*)(.*?)\|[-+0-9]*")
_PALE = frozenset({"null", "{}", "[]", "''", '""'})


class DrawnRows(Sequence[Text]):
    """Rows of any number: only what is drawn is made."""

    @abstractmethod
    def drawn(self, index: int) -> Text:
        """Make the cells of a row that there is."""

    @overload
    def __getitem__(self, index: int) -> Text: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Text]: ...
    def __getitem__(self, index: int | slice) -> Text | Sequence[Text]:
        """Make the cells of a row, or of some."""
        if isinstance(index, slice):
            return [self.drawn(row) for row in range(*index.indices(len(self)))]
        if index < 0:
            index += len(self)
        if not 0 <= index < len(self):
            raise IndexError(index)
        return self.drawn(index)


class Document:
    """The lines of a YAML text, cleaned, and which of them are text inside a block (``|``)."""

    def __init__(self, lines: Sequence[str], *, ascii_only: bool) -> None:
        self.lines = [clean(line) for line in lines]
        self.shown = [plain(line, ascii_only=True) for line in self.lines] if ascii_only else self.lines
        self.inside = frozenset(_blocks(self.lines))


class Scroll(DrawnRows):
    """A document for one width: too long lines go on in the next one."""

    def __init__(self, document: Document, width: int, mask: str) -> None:
        self._document = document
        self._mask = mask
        self._rows: list[int] = []
        """The first row of every line that takes several."""
        self._broken: list[tuple[int, Sequence[str]]] = []
        """The same lines: their numbers and pieces."""
        extra = 0
        for number, line in enumerate(document.shown):
            if len(line) * 2 <= width or width_of(line) <= width:
                continue
            parts = pieces(line, width)
            self._rows.append(number + extra)
            self._broken.append((number, parts))
            extra += len(parts) - 1
        self._length = len(document.shown) + extra

    def __len__(self) -> int:
        return self._length

    def drawn(self, index: int) -> Text:
        """Make the cells of a row."""
        place = bisect_right(self._rows, index) - 1
        if place < 0:
            return self._line(index, self._document.shown[index])
        number, parts = self._broken[place]
        piece = index - self._rows[place]
        if piece >= len(parts):
            number += piece - len(parts) + 1
            return self._line(number, self._document.shown[number])
        return self._value(parts[piece]) if piece else self._line(number, parts[0])

    def plain(self) -> Iterator[tuple[str, bool]]:
        """Yield what each row says, and whether it goes on with the row before."""
        broken = dict(self._broken)
        for number, line in enumerate(self._document.shown):
            for piece, text in enumerate(broken.get(number, (line,))):
                yield text, piece > 0

    def _line(self, number: int, text: str) -> Text:
        found = None if number in self._document.inside else _ENTRY.fullmatch(text)
        if found is None:
            return self._value(text)
        lead, key, colon, value = found.groups()
        return [Cell(lead, ("dim",)), Cell(key, ("key",)), Cell(colon, ("dim",)), *self._value(value)]

    def _value(self, text: str) -> Text:
        if self._mask in text:
            return [Cell(text, ("held",))]
        return [Cell(text, ("dim",) if text.strip() in _PALE else ())]


def _blocks(lines: Sequence[str]) -> Iterator[int]:
    """Yield the numbers of lines that belong to a text written as a block."""
    deep: int | None = None
    for number, line in enumerate(lines):
        indent = len(line) - len(line.lstrip(" "))
        if deep is not None:
            if not line or indent >= deep:
                yield number
                continue
            deep = None
        if "|" in line and (found := _BLOCK.fullmatch(line)) and (not found[2] or found[2].endswith(": ")):
            deep = len(found[1]) + (1 if found[2] else 0)
