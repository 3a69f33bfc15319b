"""What a verb can be told: flags that are turned, values that are typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from trombone_tui.core.ports import Refused
from trombone_tui.core.text import clean
from trombone_tui.core.verbs import Given, Option, Sort, Verb
from trombone_tui.ui.cells import Cell, Text, width_of, wrap
from trombone_tui.ui.choices import Choice, called, place_of
from trombone_tui.ui.desk import Desk
from trombone_tui.ui.dialog import Dialog
from trombone_tui.ui.given import missing, typed, written
from trombone_tui.ui.prompt import Prompt


class Form(Dialog):
    """The options of a verb, one line each. ``done`` is called with what was given."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "go_on", "go on", key_display="enter", id="form.go-on"),
        Binding("space", "turn", "turn", key_display="space", tooltip="turn a flag", id="form.turn"),
        Binding("down,tab", "step(1)", "next", key_display="tab", id="form.next"),
        Binding("up,shift+tab", "step(-1)", "before", show=False, id="form.previous"),
    ]

    def __init__(self, desk: Desk, verb: Verb, of: str, given: Given, done: Callable[[Given], None]) -> None:
        super().__init__(desk)
        self.verb = verb
        self.prompt = Prompt(desk.glyphs, self._changed)
        self.trouble = ""
        self._of, self._done, self._at = of, done, 0
        self._flags = {o.name: bool(given.get(o.name)) for o in verb.options if o.sort is Sort.FLAG}
        self._texts = {o.name: _text(given.get(o.name)) for o in verb.options if o.sort is not Sort.FLAG}

    @property
    def option(self) -> Option:
        """The option the cursor is on."""
        return self.verb.options[self._at]

    def parts(self) -> Sequence[Widget]:
        """Return the line in which values are typed."""
        return (self.prompt,)

    def heading(self) -> tuple[Sequence[Cell], Sequence[Cell]]:
        """Return the verb and what it is done to."""
        left = [Cell(f" {called(self.verb)} ", ("strong",)), Cell(f"{self._of} ", ("dim",))]
        return left, [Cell(" enter goes on ", ("dim",))]

    def on_mount(self) -> None:
        """Begin on what must be given."""
        needed = next((place for place, o in enumerate(self.verb.options) if o.required), 0)
        self._go(needed)

    def write(self, width: int) -> list[Text]:
        """Write a line for each option, and what is wrong with one."""
        options = self.verb.options
        name = max(width_of(self._value(option)) for option in options)
        lines: list[Text] = []
        for place, option in enumerate(options):
            here = ("cursor",) if place == self._at else ()
            about = f"{option.about}{' (needed)' if option.required else ''}"
            for number, text in enumerate(wrap(clean(about), max(8, width - name - 5))):
                lead = self.desk.glyphs.cursor if here and not number else " "
                shown = self._value(option) if not number else ""
                pad = " " * (name - width_of(shown) + 2)
                lines.append(
                    [Cell(f"{lead} ", ("accent",)), Cell(f"{shown}{pad}", here), Cell(text, ("dim",))]
                )
        if self.trouble:
            lines += [[Cell(text, ("bad",))] for text in wrap(clean(self.trouble), width)]
        return lines

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to turn only what can be turned."""
        if action == "turn":
            return self.option.sort is Sort.FLAG
        return super().check_action(action, parameters)

    def action_step(self, by: int) -> None:
        """Go to another option."""
        self._go((self._at + by) % len(self.verb.options))

    def action_turn(self) -> None:
        """Turn a flag."""
        self._flags[self.option.name] = not self._flags[self.option.name]
        self.show()

    def action_go_on(self) -> None:
        """Check what was given, and go on with it."""
        try:
            given = self._given()
            if (option := missing(self.verb, given)) is not None:
                self._at = self.verb.options.index(option)
                raise Refused(f"--{option.name} is needed: {option.about}")
        except Refused as error:
            self.trouble = str(error)
            self._go(self._at)
            return
        self.dismiss()
        self._done(given)

    def _changed(self) -> None:
        if self.option.sort is not Sort.FLAG and self._texts[self.option.name] != self.prompt.text:
            self._texts[self.option.name] = self.prompt.text
            self.trouble = ""
            self.show()

    def _go(self, place: int) -> None:
        self._at = place
        if self.option.sort is Sort.FLAG:
            self.prompt.close()
        else:
            self.prompt.ask(f" --{self.option.name} ", self._texts[self.option.name])
        self.show()

    def _value(self, option: Option) -> str:
        if option.sort is Sort.FLAG:
            return f"[{'x' if self._flags[option.name] else ' '}] --{option.name}"
        return f"    --{option.name} {clean(self._texts[option.name])[-30:]}"

    def _given(self) -> dict[str, Any]:
        given: dict[str, Any] = {}
        for option in self.verb.options:
            if option.sort is Sort.FLAG and self._flags[option.name]:
                given[option.name] = True
            elif self._texts.get(option.name, "").strip():
                given[option.name] = typed(option, self._texts[option.name])
        return given


def form_title(choice: Choice, given: Given) -> str:
    """Name what a verb would be done to, and with which options."""
    on = place_of(choice.on[0][0]) if len(choice.on) == 1 else f"{len(choice.on)} marked"
    return f"{on} {written(given)}".strip()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    return str(value)
