"""One line in which a command is typed; Tab completes it, what is wrong is said over it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from trombone_tui.core.ports import Refused, State
from trombone_tui.core.text import clean
from trombone_tui.ui.cells import Cell, Text, cut, fit, width_of, wrap
from trombone_tui.ui.commands import Command, candidates, completed, meant
from trombone_tui.ui.desk import Desk
from trombone_tui.ui.dialog import Dialog
from trombone_tui.ui.prompt import Prompt

_LEAST = 8
"""Candidates that are shown where there is room for few; on a high screen a third of it is theirs."""


class CommandLine(Dialog):
    """What ``:`` opens. Its commands are those of the items that were chosen when it was opened."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", "complete", tooltip="go on with the word", id="command.complete"),
        Binding(
            "enter", "run", "do it", key_display="enter", tooltip="do what the line says", id="command.run"
        ),
    ]

    def __init__(self, desk: Desk, title: str, commands: Sequence[Command]) -> None:
        super().__init__(desk)
        self.commands = commands
        self.prompt = Prompt(desk.glyphs, self._changed)
        self.trouble = ""
        self._title = title

    def parts(self) -> Sequence[Widget]:
        """Return the line to type in."""
        return (self.prompt,)

    def heading(self) -> tuple[Sequence[Cell], Sequence[Cell]]:
        """Return what the verbs would be done to."""
        left = [Cell(" command ", ("strong",))]
        return [*left, Cell(f"for {self._title} ", ("dim",))] if self._title else left, []

    def on_mount(self) -> None:
        """Begin to type."""
        self.prompt.ask(" :")

    def write(self, width: int) -> list[Text]:
        """Write what the line may become, or what is wrong with it."""
        if self.trouble:
            return [[Cell(text, ("bad",))] for text in wrap(clean(self.trouble), width)]
        found = candidates(self.commands, self.prompt.text)
        most = max(_LEAST, self.app.size.height // 3)
        name = max((width_of(one.name) for one in found), default=0)
        lines: list[Text] = []
        for one in found[:most]:
            said = f"{self.desk.glyphs.state[State.DENIED]} {one.reason}" if one.reason else one.about
            about = Cell(cut(clean(said), width - name - 4), ("held",) if one.reason else ("dim",))
            lines.append([Cell(f"  {fit(one.name, name)}  ", ("dim",) if one.reason else ("key",)), about])
        if len(found) > most:
            lines.append([Cell(f"  and {len(found) - most} more", ("dim",))])
        return lines or [[Cell("")]]

    def action_complete(self) -> None:
        """Go on with the word as far as it is clear."""
        names = [one.name for one in candidates(self.commands, self.prompt.text)]
        self.prompt.say(completed(self.prompt.text, names))

    def action_run(self) -> None:
        """Do what the line says."""
        if not self.prompt.text.strip():
            self.dismiss()
            return
        try:
            do = meant(self.commands, self.prompt.text)
        except Refused as error:
            self.trouble = f"{error}; {error.advice}" if error.advice else str(error)
            self.show()
            return
        self.dismiss()
        do()

    def _changed(self) -> None:
        self.trouble = ""
        self.show()
