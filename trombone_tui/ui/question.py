"""A plain question that is answered with no unless somebody says yes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from trombone_tui.core.text import clean
from trombone_tui.ui.cells import Cell, Text, wrap
from trombone_tui.ui.desk import Desk
from trombone_tui.ui.dialog import Dialog


class Question(Dialog):
    """What happened, and what could be done about it; ``yes`` is called where it is wanted."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", "yes", id="question.yes"),
        Binding("n,enter", "close", "no", key_display="n", id="question.no"),
    ]

    def __init__(
        self, desk: Desk, title: str, text: str, asked: str, yes: Callable[[], None], *, about: object = None
    ) -> None:
        super().__init__(desk)
        self.about = about
        """Whose question it is; it is closed when it needs no answer any more."""
        self._title, self._text, self._asked, self._yes = title, text, asked, yes

    def heading(self) -> tuple[Sequence[Cell], Sequence[Cell]]:
        """Return what it is about."""
        return [Cell(f" {self._title} ", ("strong",))], []

    def write(self, width: int) -> list[Text]:
        """Write what happened and what is asked."""
        said: list[Text] = [[Cell(line)] for line in wrap(clean(self._text), width)]
        key = self.desk.keyboard.key
        asked = f"{self._asked} {key('question.yes', 'y')}/{key('question.no', 'n').upper()}"
        return said + [[Cell(line, ("accent",))] for line in wrap(clean(asked), width)]

    def action_yes(self) -> None:
        """Do what was asked."""
        self.dismiss()
        self._yes()
