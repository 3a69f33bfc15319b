"""Text made fit for terminal cells: cut, padded and wrapped by the cells it takes."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len

from trombone_tui.core.text import clean

_DIVIDERS = "/:@-"
"""After these a word may be broken that is wider than the line."""


class Cell(NamedTuple):
    """A piece of a line: its text, not yet cleaned, and the marks (styles) it is drawn with."""

    text: str
    marks: tuple[str, ...] = ()
    tail: bool = False
    """Whether the end says more than the beginning, so that the beginning is cut where it must be."""


Text = Sequence[Cell]
"""The cells of one line."""


def plain(text: str, *, ascii_only: bool) -> str:
    """Return a text cleaned of what could act; with ``ascii_only`` what ASCII can't show becomes ``?``."""
    text = clean(text)
    if text.isascii() or not ascii_only:
        return text
    parts = unicodedata.normalize("NFKD", text)
    return "".join(c for c in parts if not unicodedata.combining(c)).encode("ascii", "replace").decode()


def width_of(text: str) -> int:
    """Return how many cells a cleaned text takes."""
    return len(text) if text.isascii() else cell_len(text)


def cut(text: str, width: int, more: str = "…") -> str:
    """Return a cleaned text cut to ``width`` cells, ending in ``more`` where something is left out."""
    if width <= 0:
        return ""
    if text.isascii():
        return text if len(text) <= width else text[: max(0, width - len(more))] + more[:width]
    if cell_len(text) <= width:
        return text
    return _head(text, width - cell_len(more)) + more if width > cell_len(more) else more[:width]


def _head(text: str, width: int) -> str:
    taken = 0
    for index, char in enumerate(text):
        taken += cell_len(char)
        if taken > width:
            return text[:index]
    return text


def cut_head(text: str, width: int, more: str = "…") -> str:
    """Return a cleaned text cut to ``width`` cells, begun with ``more`` where something is left out."""
    return cut(text[::-1], width, more[::-1])[::-1]


def fit(text: str, width: int, *, right: bool = False, tail: bool = False, more: str = "…") -> str:
    """Return a cleaned text cut, at its beginning if ``tail``, and padded to exactly ``width`` cells."""
    text = cut_head(text, width, more) if tail else cut(text, width, more)
    pad = " " * (width - width_of(text))
    return pad + text if right else text + pad


def wrap(text: str, width: int) -> list[str]:
    """Break a cleaned text into lines of at most ``width`` cells, between words where it can be.

    A word wider than that is broken after what divides a name, or else anywhere.
    """
    width = max(1, width)
    lines: list[str] = []
    line = ""
    for word in _words(text, width):
        if line and width_of(line) + 1 + width_of(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line] if line or not lines else lines


def _words(text: str, width: int) -> Iterator[str]:
    for word in text.split(" "):
        while width_of(word) > width:
            head = _head(word, width) or word[0]
            piece = head[: 1 + max(map(head.rfind, _DIVIDERS))] or head
            yield piece
            word = word[len(piece) :]  # noqa: PLW2901 - what is left of a word wider than the line
        if word:
            yield word


def broken(text: str, width: int) -> tuple[str, ...]:
    """Return a text as lines that fit: broken at its own newlines and between words; mostly one."""
    if len(text) <= width and text.isascii() and text.isprintable():
        return (text,)
    return _broken(text, width)


@lru_cache(maxsize=8192)
def _broken(text: str, width: int) -> tuple[str, ...]:
    """Remember long texts that were broken: of thousands of lines of a log mostly one is new."""
    parts = [clean(part) for part in text.splitlines()] or [""]
    lines = ([part] if width_of(part) <= width else wrap(part, width) for part in parts)
    return tuple(line for several in lines for line in several)


def pieces(text: str, width: int) -> list[str]:
    """Break a cleaned text wherever ``width`` cells are full: nothing of it is lost."""
    width = max(1, width)
    if text.isascii():
        return [text[at : at + width] for at in range(0, len(text), width)]
    parts: list[str] = []
    begin = taken = 0
    for index, char in enumerate(text):
        taken += cell_len(char)
        if taken > width and index > begin:
            parts.append(text[begin:index])
            begin, taken = index, cell_len(char)
    return [*parts, text[begin:]]
