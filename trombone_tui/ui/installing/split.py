"""A screen of rows over what is said of the one under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from trombone_tui.core.stage import Column
from trombone_tui.core.text import clean
from trombone_tui.ui.bars import Line
from trombone_tui.ui.cells import Cell, Text, wrap
from trombone_tui.ui.desk import Desk
from trombone_tui.ui.installing.signs import Sign, legend
from trombone_tui.ui.messages import CursorMoved
from trombone_tui.ui.rows import Rank
from trombone_tui.ui.sheet import Sheet, pairs, rule
from trombone_tui.ui.table import RowTable
from trombone_tui.ui.view import View

Key = tuple[int, int]
"""Which part of the table, and the place in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line: a controller, a service, an object."""

    key: Key
    name: str
    stage: str
    sign: Sign
    text: str = ""
    """One sentence."""


class RowFace:
    """Rows in their order."""

    def __init__(self, name: str) -> None:
        self._name = name

    def columns(self, _width: int, /) -> Sequence[Column]:
        """Return sign, name, stage, state and the sentence."""
        return [
            Column(key="sign", title="", width=2, rank=0, right=True),
            Column(key="gap", title="", width=1, rank=0),
            Column(key="name", title=self._name, width=30, rank=0, grow=True),
            Column(key="stage", title="STAGE", width=9, rank=1),
            Column(key="state", title="STATE", width=18, rank=0),
            Column(key="text", title="WHY", width=40, rank=2, grow=True),
        ]

    def cells(self, row: Row, columns: Sequence[Column]) -> Sequence[Cell]:
        """Write a row."""
        said = {
            "sign": Cell(row.sign.sign, (row.sign.mark,)),
            "name": Cell(row.name),
            "stage": Cell(row.stage, ("dim",)),
            "state": Cell(row.sign.word, (row.sign.mark,)),
            "text": Cell(row.text, ("dim",)),
        }
        return [said.get(column.key, Cell("")) for column in columns]

    def rank(self, row: Row) -> Rank:
        """Rank as they come."""
        return row.key

    def words(self, row: Row) -> str:
        """Name everything a filter may ask for."""
        return f"{row.name} {row.stage} {row.sign.word} {row.text}"


class SplitTable(RowTable[Key, Row]):
    """The rows; enter is offered where it opens something."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to open only what can be opened."""
        if action == "choose" and isinstance(self.screen, SplitView) and not self.screen.opens:
            return False
        return super().check_action(action, parameters)


class SplitView(View):
    """Base of these screens. Subclasses say which rows there are, and what is said of one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "c", "copy", "copy", tooltip="copy what is said to the terminal's clipboard", id="install.copy"
        ),
        Binding("ctrl+f", "page(1)", show=False, tooltip="scroll what is said of the row", id="install.down"),
        Binding("ctrl+b", "page(-1)", show=False, tooltip="scroll the text back", id="install.up"),
    ]

    column = "OBJECT"
    """What the rows are."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.title_line = Line(desk.glyphs, fill=Cell(desk.glyphs.rule, ("rule",)))
        self.table = SplitTable(RowFace(self.column), desk.glyphs, id="steps")
        self.sheet = Sheet(desk.glyphs, id="sheet")
        self.sheet.can_focus = False

    def body(self) -> ComposeResult:
        """Put the rows over what is said of one."""
        yield self.title_line
        yield self.table
        yield self.sheet

    def on_mount(self) -> None:
        """Begin on the rows."""
        self.set_focus(self.table)

    def on_resize(self) -> None:
        """Give the rows the lines they need, as far as there are that many."""
        self._fit()

    @property
    def signs(self) -> Sequence[tuple[str, Cell]]:
        """What help says of the signs."""
        return legend(self.desk.glyphs)

    @property
    def opens(self) -> bool:
        """Whether enter opens what the cursor is on."""
        return False

    def rows(self) -> Sequence[Row]:
        """Return the rows as they are now."""
        raise NotImplementedError

    def heading(self) -> tuple[Sequence[Cell], Sequence[Cell]]:
        """Return the title's cells, left and right."""
        raise NotImplementedError

    def write(self, width: int) -> list[Text]:
        """Write what is said of the row under the cursor, and of all."""
        raise NotImplementedError

    def copied(self) -> str:
        """Return what ``c`` copies; an empty text where there is nothing."""
        raise NotImplementedError

    def update(self) -> None:
        """Show what is known now; rows that stay the same are not redrawn."""
        old = self.table.rows.values
        fresh = {row.key: row for row in self.rows()}
        self.table.update({key: old[key] if old.get(key) == row else row for key, row in fresh.items()})
        self._fit()
        left, right = self.heading()
        needle = [Cell(f"/{self.table.needle} ", ("accent",))] if self.table.needle else []
        self.title_line.say([*left, *needle], right)
        self.sheet.say(self.write)
        self.refresh_bindings()

    def filtered(self) -> None:
        """Say in the title what is filtered."""
        self.update()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to copy only what there is."""
        if action == "copy":
            return bool(self.copied())
        return super().check_action(action, parameters)

    def on_cursor_moved(self, _: CursorMoved) -> None:
        """Say what there is to say of the row the cursor is on now."""
        self.sheet.action_scroll_edge(0)
        self.sheet.say(self.write)

    def action_copy(self) -> None:
        """Copy what is said; a terminal says nothing back, so say that it was sent."""
        text = self.copied()
        self.app.copy_to_clipboard(text)
        count = len(text.splitlines())
        said = f"{count} line{'s' * (count != 1)} sent to the clipboard; the terminal must allow it (OSC 52)"
        self.notify(said, markup=False)

    def action_page(self, pages: int) -> None:
        """Scroll what is said of the row."""
        self.sheet.action_scroll_page(pages)

    def refused(self, text: str, title: str = "") -> None:
        """Say why something can't be done."""
        self.notify(clean(text), title=clean(title), severity="warning", markup=False)

    def _fit(self) -> None:
        lines = min(len(self.table.rows.values) + 1, max(5, self.app.size.height * 9 // 20))
        self.table.styles.height = max(2, lines)

    def section(self, title: str, rows: Sequence[tuple[str, Cell]], width: int) -> list[Text]:
        """Write names and values under a heading."""
        return [rule(title, width, self.desk.glyphs), *pairs(rows, width)] if rows else []

    def passages(self, title: str, texts: Sequence[str], width: int, mark: str = "") -> list[Text]:
        """Write sentences under a heading, after an empty line."""
        if not texts:
            return []
        lines: list[Text] = [[], rule(title, width, self.desk.glyphs)]
        marks = (mark,) if mark else ()
        return lines + [[Cell(part, marks)] for text in texts for part in wrap(clean(text), width)]
