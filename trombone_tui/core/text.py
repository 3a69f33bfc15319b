"""How values are written for people, and untrusted text so that it is seen and never obeyed."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

from trombone_tui.core.stage import Value

UNKNOWN = "-"

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that could act on the terminal, turn the line round or show nothing at all."""

_SELECTORS = frozenset(map(chr, range(0xFE00, 0xFE10)))
"""Variation selectors: they change how wide terminals draw the character before them."""


def clean(text: str) -> str:
    r"""Return a text that can only be shown: controls in caret notation (``^[``), the rest as ``�``.

    Newlines become ``^J``: whoever wants lines splits before.
    """
    if text.isprintable() and (text.isascii() or _SELECTORS.isdisjoint(text)):
        return text
    return "".join(map(_shown, text))


def _shown(char: str) -> str:
    code = ord(char)
    if code < 0x20 or code == 0x7F:
        return "^" + chr(code ^ 0x40)
    if char.isprintable():
        return "" if char in _SELECTORS else char
    return "�" if unicodedata.category(char) in _HIDDEN else " "


def moment(at: datetime, now: datetime, width: int = 11) -> str:
    """Write a time in UTC as well as ``width`` characters allow.

    ``17:42:10Z`` or ``17:42Z`` on the day of ``now``, else ``11-23 17:42`` or ``11-23`` in its year, else
    the date or the year.
    """
    try:
        at, now = at.astimezone(UTC), now.astimezone(UTC)
    except OverflowError:  # the first or last hours of the calendar, in a zone on its far side
        return at.isoformat()[: 10 if width >= 10 else 4]
    if at.date() == now.date():
        return at.strftime("%H:%M:%SZ" if width >= 9 else "%H:%MZ")
    if at.year == now.year:
        return at.strftime("%m-%d %H:%M" if width >= 11 else "%m-%d")
    return at.strftime("%Y-%m-%d" if width >= 10 else "%Y")


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


def words(key: str, value: Value, now: datetime, width: int = 11) -> str:
    """Write a value as a table shows it; a key that ends in ``_seconds`` is a duration. Unknown is ``-``."""
    if value is None or value == "":
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return moment(value, now, width)
    if isinstance(value, int | float):
        return duration(value) if key.endswith("_seconds") else f"{value:.6g}"
    return value
