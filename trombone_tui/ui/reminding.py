"""What was left off by hand, said on every screen until somebody turns it on again."""

from __future__ import annotations

from collections.abc import Sequence

from trombone_tui.ui.cells import Cell
from trombone_tui.ui.desk import Desk

_MOST = 3
"""Reminders that are told; of more only how many there are."""


def reminder_lines(desk: Desk) -> Sequence[Cell]:
    """Write what is off, the oldest first; nothing if nothing is."""
    found = desk.snapshot.reminders
    if not found:
        return ()
    glyphs = desk.glyphs
    told = [one.text.rstrip(".") for one in found[:_MOST]]
    more = [f"{len(found) - _MOST} more"] if len(found) > _MOST else []
    return (Cell(f"{glyphs.attention} {f' {glyphs.dot} '.join([*told, *more])}", ("held",)),)
