"""A table of any number of rows that draws only what is seen and redraws only what changed.

Built on Textual's Line API, with a scroll offset and bar of its own: a ``ScrollView`` lays the whole screen
out again whenever a row comes or goes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import ClassVar, Generic, TypeVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.strip import Strip

from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.stage import Column
from trombone_tui.ui.cells import Cell
from trombone_tui.ui.columns import Face, arrange, gaps
from trombone_tui.ui.messages import CursorMoved, MarksChanged
from trombone_tui.ui.paint import Canvas, Painted
from trombone_tui.ui.rows import Rows
from trombone_tui.ui.theme import Glyphs
from trombone_tui.ui.window import Window

K = TypeVar("K")
V = TypeVar("V")

_WHEEL = 3
_WIDE = 100


class RowTable(Painted, Generic[K, V], can_focus=True):
    """Rows by key under a header line, with one cursor and a scroll bar, all drawn line by line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "open", key_display="enter", id="table.open"),
        Binding("space", "mark", "mark", show=False, tooltip="mark rows for one verb", id="table.mark"),
        Binding("down,j", "step(1)", "down", show=False, id="table.down"),
        Binding("up,k", "step(-1)", "up", show=False, id="table.up"),
        Binding("pagedown", "page(1)", "page down", show=False, id="table.page-down"),
        Binding("pageup", "page(-1)", "page up", show=False, id="table.page-up"),
        Binding("home,g", "edge(0)", "first row", show=False, id="table.first"),
        Binding("end,G", "edge(-1)", "last row", show=False, id="table.last"),
    ]

    def __init__(
        self,
        face: Face[V],
        glyphs: Glyphs,
        *,
        optional: bool = False,
        ref: Callable[[K], Ref | None] | None = None,
        id: str | None = None,  # noqa: A002 - Textual's word
    ) -> None:
        """Make a table.

        Args:
            face: How rows look.
            glyphs: How things are drawn.
            optional: Whether there may be no cursor.
            ref: Names the item of a row; without it rows can't be marked.
            id: Textual's.
        """
        super().__init__(glyphs, id=id)
        self.face = face
        self.rows: Rows[K, V] = Rows(face.rank, face.words)
        self.window: Window[K] = Window(self.rows, optional=optional)
        self.needle = ""
        self.marks: set[K] = set()
        """The rows that are marked."""
        self.spoken_of = optional
        """Whether it tells where the cursor is; nobody asks for that before the focus was here."""
        self._ref = ref
        self._empty: Sequence[Cell] = ()
        self._optional = optional
        self._layout: list[tuple[Column, int]] = []
        self._fitted: Size | None = None

    @property
    def cursor(self) -> K | None:
        """The key of the row the cursor is on."""
        return self.window.cursor

    @property
    def current(self) -> V | None:
        """The row the cursor is on."""
        return None if self.cursor is None else self.rows.values.get(self.cursor)

    @property
    def marked(self) -> tuple[Ref, ...]:
        """The items of the rows that are marked, in the order of rows; those that are filtered out last."""
        seen = [key for key in self.rows.keys(0, len(self.rows)) if key in self.marks] if self.marks else []
        hidden = self.marks.difference(seen)
        named = (self._ref(key) for key in (*seen, *hidden)) if self._ref is not None else ()
        return tuple(dict.fromkeys(ref for ref in named if ref is not None))

    @property
    def columns(self) -> list[Column]:
        """The columns that are shown."""
        return [column for column, _ in self._layout]

    def update(self, rows: Mapping[K, V], touched: Collection[K] = ()) -> None:
        """Show these rows now; ``touched`` ones are drawn again although they are the same object."""
        if rows is not self.rows.values or touched:
            self._change(lambda: self.rows.update(rows, touched), rows=True)
        if gone := self.marks.difference(rows):
            self._marked(self.marks - gone)

    def filter(self, text: str) -> None:
        """Show only the rows that have all words of a text."""
        if text != self.needle:
            self.needle = text
            self._change(lambda: self.rows.filter(text), rows=True)

    def sort(self) -> None:
        """Sort again, after the face has changed its mind, and draw everything."""
        self._change(lambda: self.rows.sort(self.face.rank), rows=True)
        self.rearrange()

    def rearrange(self) -> None:
        """Choose columns again and draw everything."""
        self._arrange()
        self.refresh()

    def release(self) -> None:
        """Give the cursor back: to nowhere where it is optional, else to the top."""
        self._change(self.window.release)

    def pin(self) -> None:
        """Keep the cursor on its row from now on, wherever that goes."""
        self.window.pin()

    def unmark(self) -> None:
        """Mark no row any more."""
        self._marked(set())

    def point(self, key: K) -> None:
        """Put the cursor on a row, as if the user had."""
        index = self.rows.index(key)
        if index is not None:
            self._change(lambda: self.window.go(index))

    def say_empty(self, cells: Sequence[Cell]) -> None:
        """Set what is shown in place of rows."""
        if cells != self._empty:
            self._empty = cells
            if not len(self.rows):
                self._refresh_lines([0])

    def render_line(self, y: int) -> Strip:
        """Draw one line of what is seen."""
        if y == 0:
            return self._head()
        index = self.window.top + y - 1
        if index >= len(self.rows):
            return self.strip([Cell(" "), *self._empty] if index == 0 else [])
        key = self.rows.key(index)
        row = self._row_marks(key)
        lead = self._lead(key, here=bool(row))
        pieces = [self.piece(lead, 1, row=row)]
        cells = self.face.cells(self.rows.values[key], self.columns)
        free = gaps(self.columns, self._gap)
        for cell, gap, (column, width) in zip(cells, free, self._layout, strict=True):
            pieces.append(self.piece(cell, width, right=column.right, row=row))
            pieces.append(self.piece(Cell(""), gap, row=row))
        rest = self.size.width - 1 - sum(piece.cell_length for piece in pieces)
        pieces += [self.piece(Cell(""), rest, row=row), self.piece(self._bar(y - 1), 1)]
        return Strip(pieces).adjust_cell_length(self.size.width).simplify()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Offer to open a row only where there is one, to mark it where that is of use."""
        if action == "mark":
            return self._ref is not None and len(self.rows) > 0
        return action != "choose" or len(self.rows) > 0

    def action_mark(self) -> None:
        """Mark the row the cursor is on, or take its mark away, and go on to the next."""
        key = self.cursor
        if self._ref is None or key is None or self._ref(key) is None:
            return
        self._change(self.window.pin)
        self._marked(self.marks ^ {key})
        if self.rows.index(key) != len(self.rows) - 1:
            self.action_step(1)

    def action_step(self, by: int) -> None:
        """Move the cursor by rows."""
        self._change(lambda: self.window.step(by))

    def action_page(self, by: int) -> None:
        """Move the cursor by pages."""
        self._change(lambda: self.window.page(by))

    def action_edge(self, index: int) -> None:
        """Move the cursor to the first or the last row."""
        self._change(lambda: self.window.go(index if index >= 0 else len(self.rows) - 1))

    def action_choose(self) -> None:
        """Open the row the cursor is on; where there is no cursor, the first one."""
        if self.cursor is None:
            self.action_edge(0)
        if self.cursor is not None and isinstance(self.screen, Canvas):
            self.window.pin()
            self.screen.open_row(self, self.cursor)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse was pressed; a double click opens."""
        index = self.window.top + event.y - 1
        if event.y and index < len(self.rows):
            self._change(lambda: self.window.go(index))
            if event.chain == 2:
                self.action_choose()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll, the cursor stays on its row."""
        event.stop()
        self._change(lambda: self.window.scroll(_WHEEL))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll, the cursor stays on its row."""
        event.stop()
        self._change(lambda: self.window.scroll(-_WHEEL))

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw lines, for the size there is now: the event that tells of a new one may come later."""
        self._fit()
        return super().render_lines(crop)

    def on_resize(self) -> None:
        """Choose columns for the new width and keep the cursor in sight."""
        if self._fit():
            self.refresh()

    def _fit(self) -> bool:
        if self.size == self._fitted:
            return False
        self._fitted = self.size
        self.window.resize(max(0, self.size.height - 1))
        self._arrange()
        return True

    def _arrange(self) -> None:
        room = self.size.width - 2
        self._layout = arrange(self.face.columns(room), room, self._gap)

    @property
    def _gap(self) -> int:
        return 1 if self.size.width < _WIDE else 2

    def _lead(self, key: K, *, here: bool) -> Cell:
        if key in self.marks:
            return Cell(self.glyphs.picked_here if here else self.glyphs.picked, ("accent",))
        return Cell(self.glyphs.cursor, ("accent",)) if here else Cell(" ")

    def _marked(self, marks: set[K]) -> None:
        changed = marks ^ self.marks
        self.marks = marks
        self._refresh_lines([line for line, key in enumerate(self.window.seen) if key in changed])
        self.post_message(MarksChanged(self))

    def _row_marks(self, key: K) -> tuple[str, ...]:
        if key != self.cursor:
            return ()
        if self.has_focus:
            return ("cursor",)
        return ("chosen",) if self._optional else ()

    def _head(self) -> Strip:
        pieces = [self.piece(Cell(""), 1)]
        for gap, (column, width) in zip(gaps(self.columns, self._gap), self._layout, strict=True):
            pieces.append(self.piece(Cell(column.title, ("head",)), width, right=column.right))
            pieces.append(self.piece(Cell(""), gap))
        return Strip(pieces).adjust_cell_length(self.size.width, self.style()).simplify()

    def _bar(self, line: int) -> Cell:
        lit = self.window.bar
        if not lit:
            return Cell("")
        return Cell(self.glyphs.thumb, ("dim",)) if line in lit else Cell(self.glyphs.track, ("rule",))

    def _change(self, change: Callable[[], Collection[K] | None], *, rows: bool = False) -> None:
        """Let rows or cursor change, keep the view in place and redraw the lines that differ."""
        window = self.window
        seen, bar, cursor, was = window.seen, window.bar, self.cursor, self.current
        held = window.hold()
        drawn = change() or ()
        if rows:
            window.settle(held)
        now = window.seen
        lines = {
            line
            for line in range(max(len(seen), len(now)))
            if (key := _at(now, line)) != _at(seen, line) or key in drawn
        }
        if cursor != self.cursor:
            lines.update(line for line, key in enumerate(now) if key in (cursor, self.cursor))
        if bar != window.bar:
            lines.update({*bar} ^ {*window.bar}, range(window.height) if not (bar and window.bar) else ())
        if not now:
            lines.add(0)
        self._refresh_lines(sorted(lines))
        if self.spoken_of and (cursor != self.cursor or was is not self.current):
            self.post_message(CursorMoved(self))
        if bool(seen) != bool(now):
            self.screen.refresh_bindings()

    def _refresh_lines(self, lines: Sequence[int]) -> None:
        """Redraw lines below the header; neighbours as one region."""
        regions: list[Region] = []
        for line in lines:
            if regions and regions[-1].bottom == line + 1:
                regions[-1] = regions[-1].grow((0, 0, 1, 0))
            else:
                regions.append(Region(0, line + 1, self.size.width, 1))
        if regions:
            self.refresh(*regions)


def _at(keys: Sequence[K], line: int) -> K | None:
    return keys[line] if line < len(keys) else None
