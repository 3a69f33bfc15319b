"""Text made fit for terminal cells: cleaned of what could act, cut and padded by width, values in words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from rich.cells import cell_len

from trombone_tui.core.stage import Value

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that could act on the terminal, turn the line round or show nothing at all."""

_SELECTORS = frozenset(map(chr, range(0xFE00, 0xFE10)))
"""Variation selectors: they change how wide terminals draw the character before them."""


class Cell(NamedTuple):
    """A piece of a line: its text, not yet cleaned, and the marks (styles) it is drawn with."""

    text: str
    marks: tuple[str, ...] = ()


def clean(text: str, *, ascii_only: bool = False) -> str:
    r"""Return a text that can only be shown: controls in caret notation (``^[``), the rest as ``�``.

    Newlines become ``^J``: whoever wants lines splits before. With ``ascii_only`` what ASCII can't show
    becomes ``?``.
    """
    if not text.isprintable() or not (text.isascii() or _SELECTORS.isdisjoint(text)):
        text = "".join(map(_shown, text))
    return text if text.isascii() or not ascii_only else _ascii(text)


def _shown(char: str) -> str:
    code = ord(char)
    if code < 0x20 or code == 0x7F:
        return "^" + chr(code ^ 0x40)
    if char.isprintable():
        return "" if char in _SELECTORS else char
    return "�" if unicodedata.category(char) in _HIDDEN else " "


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text)
    return "".join(c for c in plain if not unicodedata.combining(c)).encode("ascii", "replace").decode()


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


def fit(text: str, width: int, *, right: bool = False, more: str = "…") -> str:
    """Return a cleaned text cut and padded to exactly ``width`` cells."""
    text = cut(text, width, more)
    pad = " " * (width - width_of(text))
    return pad + text if right else text + pad


def wrap(text: str, width: int) -> list[str]:
    """Break a cleaned text into lines of at most ``width`` cells, between words where it can be."""
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
            piece = _head(word, width) or word[0]
            yield piece
            word = word[len(piece) :]  # noqa: PLW2901 - what is left of a word wider than the line
        if word:
            yield word


def moment(at: datetime, now: datetime) -> str:
    """Write a time in UTC: ``17:42:10Z`` on the day of ``now``, ``11-23 17:42`` in its year, or the date."""
    at, now = at.astimezone(UTC), now.astimezone(UTC)
    if at.date() == now.date():
        return at.strftime("%H:%M:%SZ")
    return at.strftime("%m-%d %H:%M" if at.year == now.year else "%Y-%m-%d")


def duration(seconds: float) -> str:
    """Write a duration in at most two units: ``45s``, ``4m12s``, ``3h05m``, ``2d04h``."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    if whole < 86400:
        return f"{whole // 3600}h{whole % 3600 // 60:02}m"
    return f"{whole // 86400}d{whole % 86400 // 3600:02}h"


def words(key: str, value: Value, now: datetime) -> str:
    """Write a value as a table shows it; a key that ends in ``_seconds`` is a duration. Unknown is ``-``."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return moment(value, now)
    if isinstance(value, int | float):
        return duration(value) if key.endswith("_seconds") else f"{value:.6g}"
    return value
