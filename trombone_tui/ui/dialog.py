"""What lies over the lower part of a screen for a while; the screen below goes on showing what is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget

from trombone_tui.ui.bars import KeyBar, Line
from trombone_tui.ui.cells import Cell, Text
from trombone_tui.ui.desk import Desk
from trombone_tui.ui.paint import Canvas
from trombone_tui.ui.sheet import Sheet

_AROUND = 5
"""Lines of the screen below that stay in sight, and those of a dialog that are not its text."""


class Dialog(Canvas, ModalScreen[None]):
    """Base of dialogs: a title, a text, more parts, the keys. Subclasses say what is written."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "close", key_display="esc", tooltip="close the dialog", id="dialog.close"),
        Binding("down", "scroll(1)", "down", show=False, id="dialog.down"),
        Binding("up", "scroll(-1)", "up", show=False, id="dialog.up"),
        Binding("pagedown", "page(1)", "page down", show=False, id="dialog.page-down"),
        Binding("pageup", "page(-1)", "page up", show=False, id="dialog.page-up"),
    ]

    AUTO_FOCUS = ""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.title_line = Line(desk.glyphs, fill=Cell(desk.glyphs.rule, ("rule",)))
        self.sheet = Sheet(desk.glyphs, id="text")
        self.sheet.can_focus = False
        self.keys = KeyBar(desk.glyphs)
        self._lines = -1

    def compose(self) -> ComposeResult:
        """Put title, text, the parts of the subclass and keys under one another."""
        with Vertical(id="dialog"):
            yield self.title_line
            yield self.sheet
            yield from self.parts()
            yield self.keys

    def parts(self) -> Sequence[Widget]:
        """Return what stands between text and keys."""
        return ()

    def heading(self) -> tuple[Sequence[Cell], Sequence[Cell]]:
        """Return the cells of the title, left and right."""
        raise NotImplementedError

    def write(self, width: int) -> list[Text]:
        """Write the text."""
        raise NotImplementedError

    def show(self) -> None:
        """Show what is known now."""
        self.title_line.say(*self.heading())
        lines = len(self.write(max(1, self.app.size.width - 2)))
        room = max(1, self.app.size.height - _AROUND - len(self.parts()))
        if (height := min(lines, room)) != self._lines:
            self._lines = height
            self.sheet.styles.height = height
        self.sheet.say(self.write)
        self.refresh_bindings()

    def on_mount(self) -> None:
        """Show what is known already."""
        self.show()

    def on_resize(self) -> None:
        """Write for the new width."""
        self.show()

    def action_close(self) -> None:
        """Close the dialog; nothing was done."""
        self.dismiss()

    def action_scroll(self, lines: int) -> None:
        """Scroll the text."""
        self.sheet.action_scroll_by(lines)

    def action_page(self, pages: int) -> None:
        """Scroll the text by pages."""
        self.sheet.action_scroll_page(pages)
