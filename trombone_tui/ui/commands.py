"""What can be typed after ``:`` and found with Ctrl-P, and how words find it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NamedTuple

from trombone_tui.core.ports import Refused
from trombone_tui.core.verbs import Option, Sort
from trombone_tui.ui.given import split


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Something that can be asked for by name."""

    name: str
    about: str
    read: Callable[[Sequence[str]], Callable[[], object]]
    """Returns what does it, told the words that follow the name. Raises ``Refused`` if they mean nothing."""
    choose: Callable[[], object]
    """Does it, found in a list."""
    key: str = ""
    reason: str = ""
    """Why it can't be done now; empty when it can."""
    known: bool = True
    options: tuple[Option, ...] = ()
    others: tuple[str, ...] = ()
    """Other names that are understood."""
    group: str = "Screens"
    """Above what it is listed: a verb and a screen may have one name."""


class Candidate(NamedTuple):
    """What a word may become, what that is, and why it can't be done now."""

    name: str
    about: str
    reason: str = ""


def meant(commands: Sequence[Command], line: str) -> Callable[[], object]:
    """Return what does that which a line says.

    Raises:
        Refused: there is no such command, it can't be done now, or its words mean nothing.
    """
    words = split(line)
    found = _find(commands, words)
    if found is None:
        word = " ".join(words[:1])
        names = [name for command in commands for name in (command.name, *command.others)]
        near = get_close_matches(word, names, n=1)
        raise Refused(f"there is no command {word}" + (f"; is {near[0]} meant?" if near else ""))
    command, rest = found
    if command.reason:
        raise Refused(f"{command.name}: {command.reason}")
    return command.read(rest)


def candidates(commands: Sequence[Command], line: str) -> list[Candidate]:
    """Return what the last word of a line may become: names, then options."""
    words = line.split(" ")
    found = _find(commands, [word for word in words[:-1] if word])
    if found is None:
        begun = line.lstrip()
        named: dict[str, tuple[str, str]] = {}
        for command in commands:
            for name in (command.name, *command.others) if begun else (command.name,):
                if name.startswith(begun):
                    named.setdefault(name, (command.about, command.reason))
        return [Candidate(name, about, reason) for name, (about, reason) in named.items()]
    last = words[-1]
    return [
        Candidate(f"--{option.name}{'' if option.sort is Sort.FLAG else ' '}", option.about)
        for option in found[0].options
        if f"--{option.name}".startswith(last or "--") and (option.several or f"--{option.name}" not in words)
    ]


def completed(line: str, found: Sequence[str]) -> str:
    """Return a line with its last word as far as all candidates agree, and a blank after the only one."""
    if not found:
        return line
    shared = found[0]
    for name in found[1:]:
        while not name.startswith(shared):
            shared = shared[:-1]
    lead = line[: len(line) - len(line.lstrip())]
    if not shared.startswith("--"):
        grown = shared if len(shared) >= len(line.strip()) else line.strip()
    else:
        lead, _, last = line.rpartition(" ")
        lead, grown = f"{lead} ", shared if shared.startswith(last) else last
    return f"{lead}{grown.rstrip()}{' ' if len(found) == 1 else ''}"


def _find(commands: Sequence[Command], words: Sequence[str]) -> tuple[Command, Sequence[str]] | None:
    """Return the command of the longest name that words begin with, the first of several, and the rest."""
    for length in (2, 1):
        name = " ".join(words[:length])
        if len(words) >= length:
            for command in commands:
                if name in (command.name, *command.others):
                    return command, words[length:]
    return None
