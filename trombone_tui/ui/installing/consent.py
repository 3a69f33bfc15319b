"""Asks before a cluster is changed: no, unless somebody says yes, and types the name where that is wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from trombone_tui.ui.bars import Line
from trombone_tui.ui.cells import Cell, Text
from trombone_tui.ui.desk import Desk
from trombone_tui.ui.dialog import Dialog
from trombone_tui.ui.prompt import Prompt
from trombone_tui.ui.sheet import pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What would be done, and the question."""

    title: str
    rows: Sequence[tuple[str, Cell]]
    question: str
    to_type: str = ""
    """What has to be typed; nothing mostly."""


class Consent(Dialog):
    """What would be done, and whether it is to be done; ``go`` is called where it is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", "yes", id="consent.yes"),
        Binding("n", "close", "no", id="consent.no"),
        Binding(
            "enter", "default", "default", show=False, tooltip="no, or the name typed", id="consent.default"
        ),
        Binding("j", "scroll(1)", "down", show=False, id="consent.down"),
        Binding("k", "scroll(-1)", "up", show=False, id="consent.up"),
    ]

    def __init__(self, desk: Desk, asked: Asked, go: Callable[[], object]) -> None:
        super().__init__(desk)
        self.asked = asked
        self.question = Line(desk.glyphs)
        self.prompt = Prompt(desk.glyphs)
        self._go = go
        self._mistyped = ""

    def parts(self) -> Sequence[Widget]:
        """Return the question, and the line in which a name is typed."""
        return (self.question, self.prompt)

    def on_mount(self) -> None:
        """Ask nothing to be typed before somebody says yes."""
        self.prompt.display = False

    def heading(self) -> tuple[Sequence[Cell], Sequence[Cell]]:
        """Return what would be done."""
        return [Cell(f" {self.asked.title} ", ("strong",))], []

    def show(self) -> None:
        """Say what is asked."""
        self.question.say(self._answers())
        super().show()

    def write(self, width: int) -> list[Text]:
        """Write what would be done."""
        return pairs(self.asked.rows, width)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Take letters as text while a name is typed."""
        if self.prompt.display and action in ("yes", "scroll"):
            return False
        return super().check_action(action, parameters)

    def action_yes(self) -> None:
        """Do it; where a name has to be typed, ask for it first."""
        if self.asked.to_type:
            self.prompt.ask(f" type {self.asked.to_type} to go on: ")
            self.show()
        else:
            self._confirmed()

    def action_default(self) -> None:
        """Take the name that was typed; who only presses enter means no."""
        if not self.prompt.display:
            self.dismiss()
        elif self.prompt.text.strip() == self.asked.to_type:
            self._confirmed()
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

    def _answers(self) -> list[Cell]:
        if self._mistyped:
            return [Cell(f" {self._mistyped} is not {self.asked.to_type}; nothing was done", ("bad",))]
        key = self.desk.keyboard.key
        agree, refuse = key("consent.yes", "y"), key("consent.no", "n")
        default, close = key("consent.default", "enter"), key("dialog.close", "escape")
        return [
            Cell(f" {self.asked.question}  ", ("strong",)),
            Cell(f"{agree}: yes   ", ("dim",)),
            Cell(f"{refuse}, {default} or {close}: no", ("accent",)),
        ]

    def _confirmed(self) -> None:
        self.dismiss()
        self._go()
