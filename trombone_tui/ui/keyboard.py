"""The keys as the user has them, and how keys are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from textual.keys import REPLACED_KEYS, key_to_character

_WRITTEN = {"pagedown": "PgDn", "pageup": "PgUp", "escape": "esc"}


@dataclass(frozen=True, slots=True)
class Keyboard:
    """The user's own keys: of some key-map ids, each a key or several divided by commas."""

    own: Mapping[str, str] = field(default_factory=dict)

    def key(self, ident: str, default: str) -> str:
        """Write the key of a key-map id, the first of several: the user's own, else its own; perhaps none."""
        return written(self.own.get(ident, default).partition(",")[0].strip())

    def stage(self, number: int) -> str:
        """Write the key of a stage."""
        return self.key(stage_id(number), str(number))

    def stages(self, count: int) -> str:
        """Write the keys of all stages: as a range, unless the user has others."""
        keys = [self.stage(number) for number in range(1, count + 1)]
        return f"1-{count}" if keys == [str(n) for n in range(1, count + 1)] else " ".join(keys)


def stage_id(number: int) -> str:
    """Return the key-map id of a stage."""
    return f"view.stage-{number}"


def written(key: str) -> str:
    """Write a key as a reader knows it: ``question_mark`` is ``?``."""
    shown = character(key)
    return _WRITTEN.get(key) or (shown if shown.isprintable() and shown.strip() else key)


def character(key: str) -> str:
    """Return what a key types; empty if it types nothing."""
    return key_to_character(REPLACED_KEYS.get(key, key)) or ""
