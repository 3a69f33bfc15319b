"""What ``config show`` prints: TOML that could be the settings file, each line with where it comes from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import msgspec

from trombone_tui.config import NAMES, Effective


def shown(effective: Effective) -> Iterator[str]:
    """Yield a line a setting; one that has no value is a comment."""
    values = msgspec.to_builtins(effective.settings)
    keys = effective.settings.keymap
    lines = {name: _line(name, values[name]) for name in NAMES if name != "keys"}
    own = {f"keys.{name}": _line(".".join(map(_name, name.split("."))), key) for name, key in keys.items()}
    widest = max(map(len, (*lines.values(), *own.values())))
    for name, line in lines.items():
        yield f"{line:{widest}}  # {effective.origins[name]}"
    if not keys:
        yield f"{'keys = {}':{widest}}  # {effective.origins['keys']}"
        return
    yield "\n[keys]"
    for name, line in own.items():
        yield f"{line:{widest}}  # {effective.origins[name]}"


def _line(name: str, value: str | int | list[str] | None) -> str:
    return f"# {name} =" if value is None else f"{name} = {json.dumps(value, ensure_ascii=False)}"


def _name(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name)
