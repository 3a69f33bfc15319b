"""The line a filter is typed in; the table follows every letter."""

from __future__ import annotations

from typing import ClassVar, Protocol

from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from trombone_tui.ui.bars import Line
from trombone_tui.ui.cells import Cell
from trombone_tui.ui.keystrokes import TextLine
from trombone_tui.ui.theme import Glyphs


class FilterTyped(Protocol):
    """Is told each text of a filter; ``done`` when it stands or is given up."""

    def __call__(self, text: str, *, done: bool = False) -> None:
        """Follow the text."""


class FilterBar(Horizontal):
    """One line, shown while a filter is typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,down,tab", "done", "keep", tooltip="let the filter stand", id="filter.keep"),
        Binding(
            "escape", "clear", "clear", key_display="esc", tooltip="give the filter up", id="filter.clear"
        ),
    ]

    def __init__(self, glyphs: Glyphs, typed: FilterTyped) -> None:
        super().__init__()
        self._prompt = Line(glyphs)
        self._input = TextLine(self._changed)
        self._typed = typed

    async def open(self, text: str) -> None:
        """Begin to type, from this text on; the input is made only now, as most screens never need it."""
        self.display = True
        if not self._input.is_attached:
            await self.mount(self._prompt, self._input)
        self._prompt.say([Cell(" / ", ("accent",))])
        self._input.value = text
        self._input.cursor_position = len(text)
        self.screen.set_focus(self._input, scroll_visible=False)

    def action_clear(self) -> None:
        """Give the filter up."""
        self._close("")

    def action_done(self) -> None:
        """Let the filter stand."""
        self._close(self._input.value)

    def _changed(self) -> None:
        if self.display:
            self._typed(self._input.value)

    def _close(self, text: str) -> None:
        self.display = False
        self._typed(text, done=True)
