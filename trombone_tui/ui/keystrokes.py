"""Letters that are text: taken from the app as they come, never from a queue in which keys overtake them."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Protocol, runtime_checkable

from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import Input


@runtime_checkable
class Typed(Protocol):
    """A widget or screen in which letters are text."""

    def take(self, event: events.Key | events.Paste) -> bool:
        """Take what was typed or pasted, if it is text; say whether it was."""
        ...


class TextLine(Input, inherit_bindings=False):
    """One line to type in. ``enter`` is left to what it stands in, which says what that does.

    ``changed`` is called as soon as the text is another.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        binding for binding in Binding.make_bindings(Input.BINDINGS) if binding.key != "enter"
    ]

    def __init__(self, changed: Callable[[], None]) -> None:
        super().__init__(compact=True, select_on_focus=False)
        self.cursor_blink = False
        self._changed = changed

    def take(self, event: events.Key | events.Paste) -> bool:
        """Write a letter at the cursor, or the first line of what was pasted."""
        if isinstance(event, events.Paste):
            text = next(iter(event.text.splitlines()), "")
        elif event.is_printable:
            text = event.character or ""
        else:
            return False
        self.replace(text, *self.selection)
        return True

    def watch_value(self) -> None:
        """Say at once that the text is another: what ``Input.Changed`` says comes after keys typed since."""
        self._changed()
