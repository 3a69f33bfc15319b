"""The base of everything we draw line by line: marked cells become styled strips, cleaned on the way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.reactive import Reactive
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from trombone_tui.ui.cells import Cell, cut, fit, plain, width_of
from trombone_tui.ui.theme import MARKS, Glyphs

BLANK = Cell(" ")


class PaintingApp(App[None]):
    """An app that knows how marks are drawn: worked out once for all its screens."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"mark--{mark}" for mark in MARKS}


class Canvas(Screen[None]):
    """A screen of such an app."""

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    """As Textual has it, but the whole screen is not painted again when the focus moves: tables do that."""

    def open_row(self, table: Widget, key: Any) -> None:
        """Open a row of a table that stands here: enter, or a double click."""


class Painted(Widget):
    """A widget that is drawn from marked cells. The one way by which text reaches the screen.

    All text is cleaned here, so nothing that comes from a cluster can act on the terminal. Markup is not
    known at all.
    """

    def __init__(self, glyphs: Glyphs, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id, classes=classes)
        self.glyphs = glyphs
        self._styles_by_marks: dict[tuple[str, ...], Style] = {}

    def notify_style_update(self) -> None:
        """Forget styles that were worked out from the old style sheet."""
        self._styles_by_marks.clear()
        super().notify_style_update()

    def style(self, *marks: str) -> Style:
        """Return the style of text that carries these marks, later ones over earlier ones."""
        style = self._styles_by_marks.get(marks)
        if style is None:
            style = self.rich_style
            for mark in marks:
                style += self.app.get_component_styles(f"mark--{mark}").partial_rich_style
            self._styles_by_marks[marks] = style
        return style

    def plain(self, text: str) -> str:
        """Return a text as it may be shown here."""
        return plain(text, ascii_only=self.glyphs.ascii_only)

    def piece(self, cell: Cell, width: int, *, right: bool = False, row: tuple[str, ...] = ()) -> Segment:
        """Draw a cell exactly ``width`` wide; its row's marks go over its own, unless it is ``lit``."""
        text = fit(self.plain(cell.text), width, right=right, tail=cell.tail, more=self.glyphs.more)
        marks = (*row, *cell.marks) if "lit" in cell.marks else (*cell.marks, *row)
        return Segment(text, self.style(*marks))

    def run_of(self, cells: Iterable[Cell], width: int) -> list[Segment]:
        """Draw cells one after the other in at most ``width``."""
        pieces: list[Segment] = []
        for cell in cells:
            text = cut(self.plain(cell.text), width, self.glyphs.more)
            if not text:
                continue
            pieces.append(Segment(text, self.style(*cell.marks)))
            width -= width_of(text)
        return pieces

    def strip(self, left: Iterable[Cell], right: Sequence[Cell] = (), *, fill: Cell = BLANK) -> Strip:
        """Draw a whole line: cells at the left, cells at the right that are kept first, filled between."""
        width = self.size.width
        tail = self.run_of(right, width)
        room = width - sum(width_of(segment.text) for segment in tail)
        head = self.run_of(left, room)
        rest = room - sum(width_of(segment.text) for segment in head)
        if rest > 0:
            head.append(Segment(fill.text * rest, self.style(*fill.marks)))
        return Strip([*head, *tail], width).simplify()
