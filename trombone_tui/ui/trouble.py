"""What is shown when no cluster could be reached: what is wrong, and what to do about it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from trombone_tui.core.ports import PortError
from trombone_tui.ui.bars import KeyBar
from trombone_tui.ui.cells import Cell, Text
from trombone_tui.ui.paint import Canvas
from trombone_tui.ui.sheet import Sheet, pairs, rule
from trombone_tui.ui.theme import Glyphs


class TroubleView(Canvas):
    """An error that leaves nothing to show; ``q`` leaves the program, which then says it once more."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,escape", "leave", "quit", key_display="q", id="view.leave")
    ]

    def __init__(self, error: PortError, glyphs: Glyphs) -> None:
        super().__init__()
        self.error = error
        self.sheet = Sheet(glyphs, id="sheet")
        self._glyphs = glyphs

    def compose(self) -> ComposeResult:
        """Put the text over the keys."""
        yield self.sheet
        yield KeyBar(self._glyphs, id="keys")

    def on_mount(self) -> None:
        """Say what is wrong."""
        self.sheet.say(self._write)
        self.set_focus(self.sheet)

    def action_leave(self) -> None:
        """Leave the program with exit code 2 and the error on the terminal."""
        advice = f"\n{self.error.advice}" if self.error.advice else ""
        self.app.exit(return_code=2, message=f"trombone-tui: {self.error}{advice}")

    def _write(self, width: int) -> list[Text]:
        told = [("problem", Cell(str(self.error), ("bad",)))]
        if self.error.advice:
            told.append(("what to do", Cell(self.error.advice)))
        return [[], rule("Can't show your clusters", width, self._glyphs), [], *pairs(told, width)]
