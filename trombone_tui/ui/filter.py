"""The line a filter is typed in; the table follows every letter."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input

from trombone_tui.ui.bars import Line
from trombone_tui.ui.cells import Cell
from trombone_tui.ui.messages import FilterTyped
from trombone_tui.ui.paint import TextLine
from trombone_tui.ui.theme import Glyphs


class FilterBar(Horizontal):
    """One line, shown while a filter is typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,down,tab", "done", "keep", tooltip="let the filter stand", id="filter.keep"),
        Binding(
            "escape", "clear", "clear", key_display="esc", tooltip="give the filter up", id="filter.clear"
        ),
    ]

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__()
        self._prompt = Line(glyphs)
        self._input = TextLine()

    def compose(self) -> ComposeResult:
        """Put the prompt before the input."""
        yield self._prompt
        yield self._input

    def open(self, text: str) -> None:
        """Begin to type, from this text on."""
        self.display = True
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

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self.display:
            self.post_message(FilterTyped(event.value))

    def _close(self, text: str) -> None:
        self.display = False
        self.post_message(FilterTyped(text, done=True))
