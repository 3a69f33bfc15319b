"""A line to type in, after a word that says what."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Horizontal

from trombone_tui.ui.bars import Line
from trombone_tui.ui.cells import Cell, width_of
from trombone_tui.ui.keystrokes import TextLine
from trombone_tui.ui.theme import Glyphs


class Prompt(Horizontal):
    """One line; ``changed`` is called as soon as another text stands in it."""

    def __init__(self, glyphs: Glyphs, changed: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self._lead = Line(glyphs)
        self.input = TextLine(changed)

    def compose(self) -> ComposeResult:
        """Put the word before the input."""
        yield self._lead
        yield self.input

    @property
    def text(self) -> str:
        """What is typed."""
        return self.input.value

    def ask(self, lead: str, text: str = "") -> None:
        """Begin to type, from a text on."""
        self.display = True
        self._lead.styles.width = width_of(lead)
        self._lead.say([Cell(lead, ("accent",))])
        self.say(text)
        self.screen.set_focus(self.input, scroll_visible=False)

    def say(self, text: str) -> None:
        """Put a text in place of what is typed."""
        self.input.value = text
        self.input.cursor_position = len(text)

    def close(self) -> None:
        """Type no longer."""
        self.display = False
        self.screen.set_focus(None)
