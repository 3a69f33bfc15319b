"""Asks before a cluster is changed: no, unless somebody says yes, and types the name where that is wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import BindingType

from trombone_tui.ui.approval import Approval, approval_keys
from trombone_tui.ui.cells import Cell, Text
from trombone_tui.ui.desk import Desk
from trombone_tui.ui.sheet import pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What would be done, and the question."""

    title: str
    rows: Sequence[tuple[str, Cell]]
    question: str
    to_type: str = ""
    """What has to be typed; nothing mostly."""


class Consent(Approval):
    """What would be done, and whether it is to be done; ``go`` is called where it is."""

    group = "consent"
    BINDINGS: ClassVar[list[BindingType]] = [*approval_keys(group, "no, or the name typed")]

    def __init__(self, desk: Desk, asked: Asked, go: Callable[[], object]) -> None:
        super().__init__(desk)
        self.asked = asked
        self._go = go

    @property
    def to_type(self) -> str:
        """What has to be typed; nothing mostly."""
        return self.asked.to_type

    def heading(self) -> tuple[Sequence[Cell], Sequence[Cell]]:
        """Return what would be done."""
        return [Cell(f" {self.asked.title} ", ("strong",))], []

    def write(self, width: int) -> list[Text]:
        """Write what would be done."""
        return pairs(self.asked.rows, width)

    def asking(self) -> Sequence[Cell]:
        """Return the question with its answers."""
        return self.answered(self.asked.question)

    def confirmed(self) -> None:
        """Have it done."""
        self._go()
