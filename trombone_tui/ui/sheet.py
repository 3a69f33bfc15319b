"""Lines to read: scrolled as a whole, redrawn line by line where they differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.strip import Strip

from trombone_tui.core.text import clean
from trombone_tui.ui.cells import Cell, Text, width_of, wrap
from trombone_tui.ui.paint import BLANK, Painted
from trombone_tui.ui.scroll import Scroll
from trombone_tui.ui.search import JOINED, Plain, Search
from trombone_tui.ui.theme import Glyphs
from trombone_tui.ui.window import thumb

_WHEEL = 3


class Sheet(Painted, can_focus=True):
    """What a text says, written for the width there is; words can be looked for in it.

    Lines may be any sequence: only those that are seen are asked for, all of them only by a search.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "scroll_by(1)", "down", show=False, id="sheet.down"),
        Binding("up,k", "scroll_by(-1)", "up", show=False, id="sheet.up"),
        Binding("pagedown,ctrl+d,space", "scroll_page(1)", "page down", show=False, id="sheet.page-down"),
        Binding("pageup,ctrl+u", "scroll_page(-1)", "page up", show=False, id="sheet.page-up"),
        Binding("home,g", "scroll_edge(0)", "beginning", show=False, id="sheet.first"),
        Binding("end,G", "scroll_edge(-1)", "end", show=False, id="sheet.last"),
    ]

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(glyphs, id=id)
        self.top = 0
        self.lines: Sequence[Text] = []
        self.search: Search | None = None
        self._write: Callable[[int], Sequence[Text]] = lambda _width: []
        self._from = 0
        self._plain: Plain | None = None

    def say(self, write: Callable[[int], Sequence[Text]]) -> None:
        """Show what ``write`` makes of the width; lines that stay the same are not redrawn."""
        self._write = write
        old, self.lines = self.lines, write(max(1, self.size.width - 2))
        self._plain = None
        if self.search is not None:
            self._look_for(self.search.needle, self.search.here)
        if len(old) != len(self.lines) or self.search is not None:
            self.action_scroll_by(0)
            self.refresh()
            return
        for y in range(min(self.size.height, len(old) - self.top)):
            if old[self.top + y] != self.lines[self.top + y]:
                self.refresh(Region(0, y, self.size.width, 1))

    def find(self, needle: str, *, again: bool = False) -> None:
        """Go to the first place of some words from here on; mark all places. No words end the search.

        ``again`` looks from where the last search began: the words are still being typed.
        """
        self._from = self._from if again else self.top
        if needle.strip():
            self._look_for(needle)
            self.step(0)
        else:
            self.search = None
        self.refresh()

    def step(self, places: int) -> None:
        """Go some places on in the search."""
        if self.search is not None:
            self.search.step(places)
            if self.search.line is not None:
                self.reveal(self.search.line)
            self.refresh()

    def reveal(self, line: int) -> None:
        """Scroll as far as it takes to see a line, and some around it where it was out of sight."""
        if not self.top <= line < self.top + self.size.height:
            self.action_scroll_by(line - self.size.height // 3 - self.top)

    def _look_for(self, needle: str, here: int | None = None) -> None:
        if self._plain is None or here is not None or len(self._plain.starts) != len(self.lines):
            self._plain = Plain(self.lines.plain() if isinstance(self.lines, Scroll) else self._texts())
        self.search = Search(needle, self._plain)
        if here is None:
            self.search.start(self._from)
        else:
            self.search.here = max(0, min(here, len(self.search) - 1))

    def _texts(self) -> Iterator[tuple[str, bool]]:
        for line in self.lines:
            yield "".join(self.plain(cell.text) for cell in line), bool(line) and line[0] is JOINED

    def render_line(self, y: int) -> Strip:
        """Draw one line of what is seen."""
        number = self.top + y
        line = self.lines[number] if number < len(self.lines) else ()
        if self.search is not None and line:
            line = self.search.marked(number, [Cell(self.plain(cell.text), cell.marks) for cell in line])
        lit = thumb(self.size.height, len(self.lines), self.top)
        bar = Cell(" ")
        if lit:
            bar = Cell(self.glyphs.thumb, ("dim",)) if y in lit else Cell(self.glyphs.track, ("rule",))
        return self.strip([BLANK, *line], [bar])

    def action_scroll_by(self, lines: int) -> None:
        """Scroll by so many lines."""
        top = max(0, min(self.top + lines, len(self.lines) - self.size.height))
        if top != self.top:
            self.top = top
            self.refresh()

    def action_scroll_page(self, pages: int) -> None:
        """Scroll by so many pages."""
        self.action_scroll_by(pages * max(1, self.size.height - 1))

    def action_scroll_edge(self, line: int) -> None:
        """Scroll to the beginning or the end."""
        self.action_scroll_by(-self.top if line >= 0 else len(self.lines))

    def on_resize(self) -> None:
        """Write for the new width."""
        self.say(self._write)
        self.action_scroll_by(0)
        self.refresh()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll down."""
        event.stop()
        self.action_scroll_by(_WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll up."""
        event.stop()
        self.action_scroll_by(-_WHEEL)


def rule(title: str, width: int, glyphs: Glyphs) -> Text:
    """Return a heading: the title, then a line to the edge."""
    left = width - width_of(clean(title)) - 1
    return [Cell(f"{title} ", ("strong",)), Cell(glyphs.rule * left, ("rule",))]


def pairs(rows: Sequence[tuple[str, Cell]], width: int) -> list[Text]:
    """Write names and values in two columns; values are wrapped, their own newlines kept."""
    name_width = min(max((width_of(clean(name)) for name, _ in rows), default=0), max(8, width // 3))
    lines: list[Text] = []
    for name, value in rows:
        room = max(8, width - name_width - 2)
        names = wrap(clean(name), name_width)
        texts = [line for part in value.text.splitlines() or [""] for line in wrap(clean(part), room)]
        for number in range(max(len(names), len(texts))):
            lead = names[number] if number < len(names) else ""
            text = texts[number] if number < len(texts) else ""
            pad = " " * (name_width - width_of(lead) + 2)
            lines.append([Cell(f"{lead}{pad}", ("dim",)), Cell(text, value.marks)])
    return lines
