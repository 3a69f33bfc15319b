"""Puts values into scalars of parsed YAML, never into its text: a value can't break out of its field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from trombone_tui.core.ports import Refused

_PLACEHOLDER = re.compile(r"\(\(([a-z_]+)\)\)")
"""``((service))``."""


def filled(text: str, values: Mapping[str, Any], place: str) -> str:
    """Return a text with values in the place of their names; what they hold is not looked at again.

    Raises:
        Refused: there is no such value; the text begins with ``place``.
    """

    def value(found: re.Match[str]) -> str:
        if found[1] not in values:
            raise Refused(f"{place}: there is no value {found[1]}", advice="install trombone-tui again")
        return written(values[found[1]])

    return _PLACEHOLDER.sub(value, text)


def named(text: str) -> str:
    """Return the value's name if a text is one placeholder and nothing else."""
    found = _PLACEHOLDER.fullmatch(text)
    return found[1] if found else ""


def written(value: Any) -> str:
    """Write a value as YAML has it in a text."""
    return str(value).lower() if isinstance(value, bool) else str(value)
