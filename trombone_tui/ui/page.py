"""Screens of one text: a title over it, words looked for in it, the whole of it copied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from trombone_tui.ui.bars import Line
from trombone_tui.ui.cells import Cell
from trombone_tui.ui.desk import Desk
from trombone_tui.ui.sheet import Sheet
from trombone_tui.ui.view import View

_MOST_COPIED = 100_000
"""Bytes from which on terminals drop what is sent to their clipboard (OSC 52)."""


class Reading(View):
    """Base of screens of one text: a title over a sheet, and no why bar below."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.title_line = Line(desk.glyphs, fill=Cell(desk.glyphs.rule, ("rule",)))
        self.sheet = Sheet(desk.glyphs, id="sheet")

    def body(self) -> ComposeResult:
        """Put the title over the text."""
        yield self.title_line
        yield self.sheet

    def on_mount(self) -> None:
        """Leave the why bar out; begin in the text."""
        self.why.display = False
        self.set_focus(self.sheet)


class Page(Reading):
    """Base of those that are searched and copied. Subclasses say what stands in the sheet and the title."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "search", key_display="/", tooltip="look for words", id="page.search"),
        Binding("n", "step(1)", "next", tooltip="next place of the words", id="page.next"),
        Binding("N", "step(-1)", "previous", show=False, tooltip="place before", id="page.previous"),
        Binding("c", "copy", "copy", tooltip="copy the text to the terminal's clipboard", id="page.copy"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._title: tuple[Sequence[Cell], Sequence[Cell]] = ((), ())
        self._looking = False

    def copied(self) -> Sequence[str]:
        """Return the lines that ``c`` copies."""
        raise NotImplementedError

    def title_of(self, left: Sequence[Cell], right: Sequence[Cell] = ()) -> None:
        """Say what the text is, and where in a search one is: the last to be cut where it is narrow."""
        self._title = (left, right)
        self.title_line.say(left, [*self._found(), *right])

    def filter_typed(self, text: str, *, done: bool = False) -> None:
        """Look for the words as letters come."""
        self.sheet.find(text, again=self._looking)
        self._looking = not done
        if done:
            self.set_focus(self.sheet)
        self._search_changed()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer steps only while something is looked for."""
        if action == "search":
            return not self.typing
        if action == "step":
            return bool(self.sheet.search)
        return super().check_action(action, parameters)

    async def action_search(self) -> None:
        """Begin to type what is looked for."""
        await self.filter_bar.open(self.sheet.search.needle if self.sheet.search is not None else "")

    def action_step(self, places: int) -> None:
        """Go to the next place, or the one before."""
        self.sheet.step(places)
        self._search_changed()

    def action_back(self) -> None:
        """End the search, or leave the screen."""
        if self.sheet.search is None:
            super().action_back()
            return
        self.sheet.find("")
        self._search_changed()

    def action_copy(self) -> None:
        """Copy the text by OSC 52, which says nothing back; so say what to look at."""
        lines = self.copied()
        text = "\n".join(lines)
        if (size := len(text.encode("utf-8", "replace"))) > _MOST_COPIED:
            said = f"{size // 1000} kB are too long for a terminal's clipboard; nothing is copied"
            self.notify(said, severity="warning", markup=False)
            return
        self.app.copy_to_clipboard(text)
        count = f"{len(lines)} line{'s' * (len(lines) != 1)}"
        self.notify(f"{count} sent to the clipboard; the terminal must allow it (OSC 52)", markup=False)

    def _search_changed(self) -> None:
        self.title_of(*self._title)
        self.refresh_bindings()

    def _found(self) -> list[Cell]:
        search = self.sheet.search
        if search is None:
            return []
        count = f"{search.here + 1} of {len(search)}" if len(search) else "not found"
        return [Cell(f" /{search.needle} ", ("accent",)), Cell(f"{count} ", () if len(search) else ("held",))]
