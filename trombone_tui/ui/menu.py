"""A list to choose from: letters filter it, what can't be chosen says why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from trombone_tui.core.ports import State
from trombone_tui.core.text import clean
from trombone_tui.ui.cells import Cell, Text, cut, fit, width_of, wrap
from trombone_tui.ui.desk import Desk
from trombone_tui.ui.dialog import Dialog
from trombone_tui.ui.theme import Glyphs

_NAME = 24
"""Cells of a name at most; longer ones are cut."""

_NOWHERE = ("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a menu."""

    name: str
    about: str
    choose: Callable[[], object]
    key: str = ""
    """The key that does the same without the menu."""
    reason: str = ""
    """Why it can't be chosen; empty when it can."""
    known: bool = True
    """Whether it is known yet that it can."""
    group: str = ""
    """What it is about, written above the first of those that share it."""

    @property
    def words(self) -> str:
        """The text a filter looks into."""
        return f"{self.group} {self.name} {self.about}".casefold()

    @property
    def title(self) -> tuple[str, str]:
        """What tells it from all others."""
        return self.group, self.name


class Menu(Dialog):
    """Entries with a cursor. They are asked for again with every snapshot, so reasons stay true."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "choose", key_display="enter", id="menu.choose"),
        Binding("down,tab", "step(1)", "down", show=False, id="menu.down"),
        Binding("up,shift+tab", "step(-1)", "up", show=False, id="menu.up"),
        Binding("backspace", "shorten", "shorten the filter", show=False, id="menu.shorten"),
        Binding("escape", "close", "close", key_display="esc", tooltip="clear the filter, or close",
                id="menu.close"),
    ]  # fmt: skip

    def __init__(
        self,
        desk: Desk,
        title: str,
        entries: Callable[[], Sequence[Entry]],
        *,
        nothing: str = "nothing can be done here",
    ) -> None:
        super().__init__(desk)
        self.needle = ""
        self._title, self._entries, self._nothing = title, entries, nothing
        self._all: Sequence[Entry] = ()
        self._at = _NOWHERE
        """The title of the entry the cursor is on; nowhere until it was moved."""

    @property
    def shown(self) -> list[Entry]:
        """The entries that have all words of the filter."""
        needles = self.needle.casefold().split()
        return [entry for entry in self._all if all(needle in entry.words for needle in needles)]

    @property
    def current(self) -> Entry | None:
        """The entry the cursor is on: at first the first that can be chosen."""
        shown = self.shown
        here = next((entry for entry in shown if entry.title == self._at), None)
        free = next((entry for entry in shown if not entry.reason), None)
        return here or free or next(iter(shown), None)

    def heading(self) -> tuple[Sequence[Cell], Sequence[Cell]]:
        """Return the title and the filter."""
        left = [Cell(f" {self._title} ", ("strong",))]
        if self.needle:
            left.append(Cell(f"/{self.needle} ", ("accent",)))
        return left, [Cell(" j k move, letters filter ", ("dim",))]

    def show(self) -> None:
        """Ask for the entries again."""
        self._all = self._entries()
        super().show()

    def write(self, width: int) -> list[Text]:
        """Write the entries, each with its reason below it where it has one."""
        shown, current = self.shown, self.current
        if not shown:
            return [[Cell("no line has these words" if self._all else self._nothing, ("dim",))]]
        name = min(_NAME, max(width_of(clean(entry.name)) for entry in shown))
        key = max(width_of(entry.key) for entry in shown)
        lines: list[Text] = []
        group = ""
        for entry in shown:
            if entry.group != group:
                group = entry.group
                lines.append([Cell(cut(clean(group), width, self.desk.glyphs.more), ("head",))])
            lines += _written(entry, (key, name), width, self.desk.glyphs, here=entry is current)
        return lines

    def take(self, event: events.Key | events.Paste) -> bool:
        """Take a letter: move, choose by an entry's own capital or go to the next that has it, or filter."""
        if not isinstance(event, events.Key) or not event.is_printable or event.character is None:
            return False
        if event.character == " " and not self.needle:
            return False
        self._take(event.character)
        return True

    def _take(self, letter: str) -> None:
        if not self.needle and letter in "jk":
            self.action_step(1 if letter == "j" else -1)
            return
        own = [e for e in self._all if e.key == letter] if letter.isupper() and not self.needle else []
        if len(own) == 1:
            self._choose(own[0])
            return
        if own:
            here = next((place for place, e in enumerate(own) if e is self.current), -1)
            self._at = own[(here + 1) % len(own)].title
            self._draw()
            return
        self._filter(self.needle + letter)

    def action_step(self, by: int) -> None:
        """Move the cursor."""
        shown, current = self.shown, self.current
        if current is not None:
            self._at = shown[(shown.index(current) + by) % len(shown)].title
            self._draw()

    def action_shorten(self) -> None:
        """Take the filter's last letter away."""
        self._filter(self.needle[:-1])

    def action_choose(self) -> None:
        """Do what the line says."""
        if self.current is not None:
            self._choose(self.current)

    def action_close(self) -> None:
        """Clear the filter, or close."""
        if self.needle:
            self._filter("")
        else:
            self.dismiss()

    def _choose(self, entry: Entry) -> None:
        if entry.reason:
            self._at = entry.title
            self._draw()
            self.app.bell()
            return
        self.dismiss()
        entry.choose()

    def _filter(self, needle: str) -> None:
        self.needle, self._at = needle, _NOWHERE
        self._draw()

    def _draw(self) -> None:
        super().show()
        place = next((i for i, line in enumerate(self.sheet.lines) if line and "cursor" in line[0].marks), 0)
        self.sheet.reveal(max(0, place - 1))
        self.sheet.reveal(place)


def _written(entry: Entry, widths: tuple[int, int], width: int, glyphs: Glyphs, *, here: bool) -> list[Text]:
    key, name = widths
    row = ("cursor",) if here else ()
    quiet = (("dim",) if entry.reason else ()) + row
    lead = f"{glyphs.cursor if here else ' '} "
    room = max(8, width - key - name - 6)
    texts = [(text, quiet) for text in wrap(clean(entry.about), room)]
    if entry.reason:
        said = f"{glyphs.state[State.DENIED]} {clean(entry.reason)}"
        texts += [(text, ("held", *row)) for text in wrap(said, room)]
    elif not entry.known:
        texts += [(f"asking whether you may{glyphs.more}", ("dim", *row))]
    key_marks = quiet if entry.reason else ("key", *row)
    lines: list[Text] = []
    for number, (text, marks) in enumerate(texts):
        first = number == 0
        title = fit(clean(entry.name) if first else "", name, more=glyphs.more)
        lines.append(
            [
                Cell(lead if first else "  ", ("accent", *row)),
                Cell(f"{(entry.key if first else '').ljust(key)}  ", key_marks),
                Cell(f"{title}  ", quiet),
                Cell(fit(text, room, more=glyphs.more), marks),
            ]
        )
    return lines
