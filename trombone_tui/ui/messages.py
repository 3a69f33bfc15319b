"""What travels from widgets to their screen."""

from __future__ import annotations

from typing import Any

from textual.message import Message


class RowChosen(Message):
    """A row was opened: ``enter`` or a double click."""

    def __init__(self, table: Any, key: Any) -> None:
        super().__init__()
        self.table = table
        self.key = key


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


class VerbWanted(Message):
    """A verb is to be done to an item, by name, after it was confirmed."""

    def __init__(self, ref: Any, name: str, given: Any) -> None:
        super().__init__()
        self.ref = ref
        self.verb = name
        self.given = given
