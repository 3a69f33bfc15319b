"""What travels from widgets to their screen."""

from __future__ import annotations

from typing import Any

from textual.message import Message


class CursorMoved(Message):
    """The cursor of a table is on another row, or on none."""

    def __init__(self, table: Any) -> None:
        super().__init__()
        self.table = table


class FollowTurned(Message):
    """Lines that go on may be followed now that were not, or the other way round."""


class MarksChanged(Message):
    """Other rows of a table are marked, or none any more."""

    def __init__(self, table: Any) -> None:
        super().__init__()
        self.table = table


class InFront(Message):
    """A screen is the one in front again."""
