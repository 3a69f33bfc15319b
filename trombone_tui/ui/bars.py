"""The lines around the tables: header, title, banner, why bar, keys. Each redraws only what it says anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Protocol, runtime_checkable

from textual.app import RenderResult
from textual.binding import Binding
from textual.geometry import Size
from textual.screen import Screen
from textual.strip import Strip

from trombone_tui.ui.cells import Cell, width_of, wrap
from trombone_tui.ui.paint import BLANK, Painted
from trombone_tui.ui.theme import Glyphs

_WIDE, _HIGH = 100, 24
"""Columns and lines from which on a screen is not narrow, not low."""


class Line(Painted):
    """One line: cells at the left, cells at the right, a fill between."""

    def __init__(self, glyphs: Glyphs, *, fill: Cell = BLANK, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(glyphs, id=id)
        self._said: tuple[Sequence[Cell], Sequence[Cell]] = ((), ())
        self._fill = fill

    @property
    def text(self) -> str:
        """What the line says, its two sides divided by a blank."""
        left, right = self._said
        return " ".join("".join(cell.text for cell in side).strip() for side in (left, right)).strip()

    def say(self, left: Sequence[Cell], right: Sequence[Cell] = ()) -> None:
        """Show these cells; nothing is redrawn if they are the same as before."""
        if (left, right) != self._said:
            self._said = (left, right)
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw the line."""
        return self.strip(*self._said, fill=self._fill) if y == 0 else self.strip(())

    def render(self) -> RenderResult:
        """Draw nothing: lines are drawn one by one."""
        return ""


class Passage(Painted):
    """A text wrapped over several lines under a lead-in; as high as it needs, where styles say ``auto``."""

    def __init__(self, glyphs: Glyphs, *, lead: str = "", id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(glyphs, id=id)
        self._lead = lead
        self._said: tuple[Cell, ...] = ()

    @property
    def text(self) -> str:
        """What is said, without the lead-in."""
        return " ".join(cell.text for cell in self._said)

    def say(self, *paragraphs: Cell) -> None:
        """Show these paragraphs, each begun on a line of its own."""
        if paragraphs == self._said:
            return
        height = self._height(self.size.width)
        self._said = paragraphs
        self.refresh(layout=self.styles.auto_dimensions and height != self._height(self.size.width))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's
        """Return how many lines the text takes at that width."""
        return self._height(width)

    def render_line(self, y: int) -> Strip:
        """Draw one of the lines; the last one ends in an ellipsis if there is more to say."""
        lines = list(self._lines(self.size.width))
        last = y == self.size.height - 1 and len(lines) > y + 1
        lead = Cell(self._lead if y == 0 else " " * width_of(self._lead), ("dim",))
        if y >= len(lines):
            return self.strip([lead] if y == 0 else ())
        cell = Cell(f"{lines[y].text} {lines[y + 1].text}", lines[y].marks) if last else lines[y]
        return self.strip([lead, cell])

    def _height(self, width: int) -> int:
        return len(list(self._lines(width))) if width else 1

    def _lines(self, width: int) -> Iterator[Cell]:
        for cell in self._said:
            for line in wrap(self.plain(cell.text), width - width_of(self._lead) - 1):
                yield Cell(line, cell.marks)


class Why(Passage):
    """The why bar: on a narrow screen, where a why seldom fits into one line, it has more of them."""

    def fit(self, screen: Size) -> None:
        """Have the lines that a screen of that size gives it."""
        self.set_class(screen.width < _WIDE, "narrow")
        self.set_class(screen.height < _HIGH, "low")


_LAST = ("app.help", "back", "leave", "close")
"""Named at the right, never cut: they are the same everywhere."""
_VERB = "app.verb"
_FIRST = ("choose", "turn", _VERB, "confirm", "values", "removal", "uninstall", "take_back", "app.actions")
"""Named at the beginning: opening and doing."""
_ONE_OF_SEVERAL = ("app.stage", "branch", "alone", "step")
"""Actions whose keys are named once for all of them."""


@runtime_checkable
class Quiet(Protocol):
    """A screen that knows which keys only say why they do nothing, and which are named first and how."""

    @property
    def first(self) -> Sequence[str]:
        """The actions whose keys are named before all others."""

    def quiet(self, action: str) -> bool:
        """Say whether an action would only say why it can't be done."""

    @property
    def terse(self) -> bool:
        """Whether verbs are named by their keys alone where there is no room for all keys."""


class KeyBar(Line):
    """The keys that work now, made from the live bindings of screen, focus and app."""

    _due = False
    """Whether they are about to be named anew."""

    def on_mount(self) -> None:
        """Follow the screen's bindings."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed, immediate=True)

    def _changed(self, screen: Screen[object]) -> None:
        """Name the keys once for all changes that the screen still has before it."""
        if not self._due:
            self._due = True
            screen.call_later(self._follow, screen)

    def _follow(self, screen: Screen[object]) -> None:
        """Say which keys work; a key that would do nothing is not named."""
        self._due = False
        telling = screen if isinstance(screen, Quiet) else None
        named = list(self._named(screen, telling))
        sides = _sides(named)
        verbs = sum(_group(action) == _VERB for action, _ in named)
        terse = telling is not None and telling.terse and verbs > 1
        if terse and self._wide(sides) > screen.size.width:
            sides = _sides(
                (action, cells[:1] if _group(action) == _VERB else cells) for action, cells in named
            )
        self.say(*sides)

    def _named(
        self, screen: Screen[object], telling: Quiet | None
    ) -> Iterator[tuple[str, tuple[Cell, Cell]]]:
        """Yield the actions whose keys are named, each with its key and its name."""
        named: set[str] = set()
        bindings = [active for active in screen.active_bindings.values() if active.enabled]
        first = (*(telling.first if telling is not None else ()), *_FIRST)
        for binding in sorted((active.binding for active in bindings), key=partial(_place, first)):
            group = _group(binding.action)
            group = group if group in _ONE_OF_SEVERAL else binding.action
            if not binding.show or group in named:
                continue
            named.add(group)
            quiet = telling is not None and telling.quiet(binding.action)
            key = Cell(f" {self.app.get_key_display(binding)}", ("dim",) if quiet else ("key",))
            yield binding.action, (key, Cell(f" {binding.description} ", ("dim",)))

    def render_line(self, y: int) -> Strip:
        """Draw the keys; those at the left that don't fit are left out whole."""
        left, right = self._said
        if y or self._wide(self._said) <= self.size.width:
            return super().render_line(y)
        room = self.size.width - self._wide((right,))
        kept: list[Cell] = []
        for cell in left:
            if (room := room - width_of(self.plain(cell.text))) < 0:
                break
            kept.append(cell)
        while kept and not kept[-1].text.endswith(" "):  # a key whose name does not fit
            kept.pop()
        return self.strip([*kept, Cell(self.glyphs.more, ("dim",))], right)

    def _wide(self, sides: Sequence[Sequence[Cell]]) -> int:
        return sum(width_of(self.plain(cell.text)) for side in sides for cell in side)


def _sides(named: Iterable[tuple[str, Sequence[Cell]]]) -> tuple[list[Cell], list[Cell]]:
    """Return the cells at the left, and those at the right."""
    sides: tuple[list[Cell], list[Cell]] = ([], [])
    for action, cells in named:
        sides[action in _LAST].extend(cells)
    return sides


def _group(action: str) -> str:
    return action.partition("(")[0]


def _place(first: Sequence[str], binding: Binding) -> int:
    """Rank what is named first, then all others; those at the right in their order."""
    action = _group(binding.action)
    if action in _LAST:
        return len(first) + 1 + _LAST.index(action)
    return first.index(action) if action in first else len(first)
