"""A yes or no before anything is changed; where that is wanted, a yes is given by typing a name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding
from textual.widget import Widget

from trombone_tui.ui.bars import Line
from trombone_tui.ui.cells import Cell
from trombone_tui.ui.desk import Desk
from trombone_tui.ui.dialog import Dialog
from trombone_tui.ui.prompt import Prompt

_WHILE_TYPING = frozenset({"default", "close", "page"})


def approval_keys(group: str, default: str) -> list[Binding]:
    """Return the keys of an approval, by ids of this group; ``default`` says what ``enter`` stands for."""
    return [
        Binding("y", "yes", "yes", id=f"{group}.yes"),
        Binding("n", "close", "no", id=f"{group}.no"),
        Binding("enter", "default", "default", show=False, tooltip=default, id=f"{group}.default"),
        Binding("j", "scroll(1)", "down", show=False, id=f"{group}.down"),
        Binding("k", "scroll(-1)", "up", show=False, id=f"{group}.up"),
    ]


class Approval(Dialog):
    """Base of dialogs that ask for a yes. Subclasses say what is asked, what to type, and what a yes does."""

    group: ClassVar[str]
    """Begins the ids of its keys."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.question = Line(desk.glyphs)
        self.prompt = Prompt(desk.glyphs)
        self._mistyped = ""

    @property
    def to_type(self) -> str:
        """What has to be typed; nothing mostly."""
        raise NotImplementedError

    def asking(self) -> Sequence[Cell]:
        """Return the question with its answers."""
        raise NotImplementedError

    def confirmed(self) -> None:
        """Do what a yes was given to; the dialog is closed."""
        raise NotImplementedError

    def unmoved(self) -> None:
        """Take ``enter`` for an answer: no, unless a subclass has another."""
        self.dismiss()

    def parts(self) -> Sequence[Widget]:
        """Return the question, and the line in which a name is typed."""
        return (self.question, self.prompt)

    def on_mount(self) -> None:
        """Ask nothing to be typed before somebody says yes."""
        self.prompt.display = False

    def show(self) -> None:
        """Say what is asked, or that another name was typed."""
        if self._mistyped:
            said = f" {self._mistyped} is not {self.to_type}; nothing was done"
            self.question.say([Cell(said, ("bad",))])
        else:
            self.question.say(self.asking())
        super().show()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Take letters as text while a name is typed."""
        if self.prompt.display and action not in _WHILE_TYPING:
            return False
        return super().check_action(action, parameters)

    def action_yes(self) -> None:
        """Do it; where a name has to be typed, ask for it first."""
        if wanted := self.to_type:
            self.prompt.ask(f" type {wanted} to go on: ")
            self.show()
        else:
            self._agree()

    def action_default(self) -> None:
        """Take the name that was typed, or the answer that is meant for who only presses enter."""
        if not self.prompt.display:
            self.unmoved()
        elif self.prompt.text.strip() == self.to_type:
            self._agree()
        else:
            self._mistyped = self.prompt.text
            self.show()

    def action_close(self) -> None:
        """Stop typing, or do nothing at all."""
        if self.prompt.display:
            self.prompt.close()
            self._mistyped = ""
            self.show()
        else:
            self.dismiss()

    def key(self, name: str) -> str:
        """Write the key of an answer: of ``yes``, ``no``, ``default`` or ``close``."""
        ident = "dialog.close" if name == "close" else f"{self.group}.{name}"
        by_itself = {"yes": "y", "no": "n", "default": "enter", "close": "escape"}
        return self.desk.keyboard.key(ident, by_itself[name])

    def answered(self, question: str, *, dangerous: bool = True) -> list[Cell]:
        """Put answers behind a question: ``no`` stands out, and ``enter`` means it, where it is dangerous."""
        agree, refuse, default, close = map(self.key, ("yes", "no", "default", "close"))
        yes = f"{agree}: yes   " if dangerous else f"{agree} or {default}: yes   "
        no = f"{refuse}, {default} or {close}: no" if dangerous else f"{refuse} or {close}: no"
        marks = (("dim",), ("accent",)) if dangerous else (("accent",), ("dim",))
        return [Cell(f" {question}  ", ("strong",)), Cell(yes, marks[0]), Cell(no, marks[1])]

    def _agree(self) -> None:
        self.dismiss()
        self.confirmed()
