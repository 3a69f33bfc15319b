"""What the user may give other keys to, and whether the keys of a key map can be what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TypeVar

from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import KEY_ALIASES, Keys

from trombone_tui.core.ports import Refused
from trombone_tui.core.stage import Stage
from trombone_tui.ui.app import TromboneApp
from trombone_tui.ui.choices import verb_id
from trombone_tui.ui.details import DetailsView
from trombone_tui.ui.dialog import Dialog
from trombone_tui.ui.filter import FilterBar
from trombone_tui.ui.help import HelpView
from trombone_tui.ui.keyboard import character, stage_id, written
from trombone_tui.ui.log_lines import LogSheet
from trombone_tui.ui.logs import LogsView
from trombone_tui.ui.manifest import ManifestView
from trombone_tui.ui.rollback import RollbackView, StepTable
from trombone_tui.ui.sheet import Sheet
from trombone_tui.ui.table import RowTable
from trombone_tui.ui.trouble import TroubleView
from trombone_tui.ui.verb_keys import verb_bindings
from trombone_tui.ui.view import View

_FOCUSED: Mapping[type[View], type[DOMNode]] = {
    DetailsView: Sheet,
    HelpView: Sheet,
    LogsView: LogSheet,
    ManifestView: Sheet,
    RollbackView: StepTable,
}
"""What has the focus on a screen; where it is not named, a table."""

_TYPED = ("command.", "dialog.", "filter.", "form.", "menu.", "values.")
"""Begin the ids of what is done while letters are text."""

_EVERYWHERE = ("app.", "verb.", "view.")
"""Begin the ids of what is the same on all screens."""

_NEVER_A_WRITE = frozenset({"p", "ctrl+d", "ctrl+k"})
"""Keys that read or scroll elsewhere, so that fingers press them unthinkingly."""

_Kind = TypeVar("_Kind", bound=DOMNode)

_MODIFIERS = frozenset({"alt", "ctrl", "meta", "shift", "super", "hyper"})
_NAMED = frozenset(key.value for key in Keys if "+" not in key.value and "<" not in key.value)
_SAME = {alias: key for key, aliases in KEY_ALIASES.items() for alias in aliases}


@dataclass(slots=True, kw_only=True)
class Command:
    """Something that has a key-map id."""

    about: str
    keys: list[str] = field(default_factory=list)
    """By itself; verbs need not have any."""


@dataclass(frozen=True, slots=True)
class _Room:
    """What keys can mean at one time."""

    name: str
    commands: Mapping[str, Command]


def commands(stages: Sequence[Stage]) -> dict[str, Command]:
    """Return all that keys can be given to, by key-map id. The stages' workings must be loaded."""
    found: dict[str, Command] = {}
    for room in _rooms(stages):
        for ident, command in room.commands.items():
            old = found.setdefault(ident, Command(about=command.about))
            old.keys += [key for key in command.keys if key not in old.keys]
    return dict(sorted(found.items()))


def keymap(own: Mapping[str, str], origins: Mapping[str, str], stages: Sequence[Stage]) -> dict[str, str]:
    """Return the user's keys by key-map id, as Textual wants them.

    ``origins`` says where each stands by ``keys.ID``.

    Raises:
        Refused: an id or a key does not exist, can't be used for it, or means something else there.
    """
    known = commands(stages)
    read: dict[str, tuple[str, ...]] = {}
    for ident, text in own.items():
        origin = f"{origins.get(f'keys.{ident}', 'keys')}: keys.{ident}"
        if ident not in known:
            raise _unknown(origin, ident, known)
        read[ident] = tuple(_key(origin, part.strip()) for part in text.split(","))
        for key in read[ident]:
            _usable(origin, ident, key, stages)
    for room in _rooms(stages):
        _conflict(room, read, origins)
    return {ident: ",".join(keys) for ident, keys in read.items()}


def _unknown(origin: str, ident: str, known: Mapping[str, Command]) -> Refused:
    close = get_close_matches(ident, known, n=1)
    group = ident.partition(".")[0]
    names = [one for one in known if one.startswith(f"{group}.")] or sorted(
        {one.partition(".")[0] for one in known}
    )
    hint = f"did you mean `{close[0]}`?" if close else f"known are {', '.join(names)}"
    return Refused(f"{origin}: there is no such command; {hint}", advice="correct or remove the line")


def _key(origin: str, text: str) -> str:
    """Return a key by Textual's name.

    Raises:
        Refused: no terminal sends such a key.
    """
    if text == "+":
        return "plus"
    *modifiers, base = text.split("+")
    lower = text.lower().replace("-", "+")
    exists = set(modifiers) <= _MODIFIERS and (base in _NAMED or bool(character(base)))
    if not text or not exists or base == " ":
        hint = f"did you mean `{lower}`?" if lower != text else "write one as in `L`, `ctrl+l`, `f5`, `space`"
        raise Refused(f"{origin}: there is no key `{text}`; {hint}", advice="correct or remove the line")
    if modifiers and len(base) == 1:
        better = base.upper() if modifiers == ["shift"] else lower
        if "shift" in modifiers or base.isupper():
            raise Refused(
                f"{origin}: terminals don't send `{text}`; write `{better}`", advice="give it another key"
            )
    if text in _SAME:
        raise Refused(
            f"{origin}: terminals send `{text}` as `{_SAME[text]}`", advice="write that, or another key"
        )
    (binding,) = Binding.make_bindings([Binding("+".join([*sorted(modifiers), base]), "")])
    return binding.key


def _usable(origin: str, ident: str, key: str, stages: Sequence[Stage]) -> None:
    """Refuse letters where they are text, and writes on keys that are harmless elsewhere."""
    if ident.startswith(_TYPED) and key != "space" and character(key).isprintable() and character(key):
        raise Refused(
            f"{origin}: letters are text there, and so is `{written(key)}`",
            advice="take a key that types nothing, such as ctrl+l or f5",
        )
    writes = any(verb_id(verb) == ident and not verb.harmless for stage in stages for verb in stage.verbs)
    if writes and key in _NEVER_A_WRITE:
        raise Refused(
            f"{origin}: `{key}` never changes anything, here as in other programs",
            advice="give it another key, a capital at best",
        )


def _conflict(room: _Room, read: Mapping[str, Sequence[str]], origins: Mapping[str, str]) -> None:
    """Refuse a key that is new to a command of a room and means another one there.

    Two that have a key in common by themselves may have another one in common.
    """
    for ident in read.keys() & room.commands.keys():
        by_itself = set(room.commands[ident].keys)
        new = set(read[ident]) - by_itself
        for other, command in room.commands.items():
            shared = new & set(read.get(other, command.keys))
            if other == ident or not shared or by_itself & set(command.keys):
                continue
            origin, key = origins.get(f"keys.{ident}", "keys"), written(min(shared))
            where = "" if other.startswith(_EVERYWHERE) else f" in {room.name}"
            raise Refused(
                f"{origin}: keys.{ident}: `{key}` is the key of {other} ({command.about}){where}",
                advice=f"take another key, or give {other} another one as well",
            )


def _rooms(stages: Sequence[Stage]) -> Iterator[_Room]:
    """Yield what can be pressed together: a screen's keys, its focus's, the app's, and those of verbs."""
    for view in _kinds(View):
        verbs = verb_bindings(stages, {verb_id(verb) for stage in stages for verb in stage.verbs})
        idle = {stage_id(number) for number in range(len(stages) + 1, 10)}
        bound = [
            binding
            for binding in (*_bound(view, _FOCUSED.get(view, RowTable), TromboneApp), *verbs)
            if binding.id not in idle
        ]
        yield _Room(view.about, _told(bound, stages))
    others: Sequence[tuple[str, type[DOMNode]]] = (
        ("a filter", FilterBar),
        ("the screen of what went wrong", TroubleView),
        *(
            (f"a {' '.join(re.findall('[A-Z][a-z]+', kind.__name__)).lower()}", kind)
            for kind in _kinds(Dialog)
        ),
    )
    for name, kind in others:
        yield _Room(name, _told(_bound(kind, TromboneApp), stages))


def _told(bindings: Sequence[Binding], stages: Sequence[Stage]) -> dict[str, Command]:
    keys = {verb_id(verb): verb.key for stage in stages for verb in stage.verbs if verb.key}
    found: dict[str, Command] = {}
    for binding in bindings:
        command = found.setdefault(binding.id or "", Command(about=binding.tooltip or binding.description))
        key = binding.key if binding.key != binding.id else keys.get(binding.id, "")
        if key and key not in command.keys:
            command.keys.append(key)
    return found


def _kinds(base: type[_Kind]) -> Iterator[type[_Kind]]:
    """Yield the classes that screens are made of, those that others are derived from left out."""
    for kind in base.__subclasses__():
        if kind.__module__.startswith(__package__ or ""):
            yield from _kinds(kind)
            if not kind.__subclasses__():
                yield kind


def _bound(*kinds: type[DOMNode]) -> list[Binding]:
    return [
        binding
        for kind in kinds
        for base in kind.__mro__
        for binding in Binding.make_bindings(base.__dict__.get("BINDINGS", ()))
        if binding.id
    ]
