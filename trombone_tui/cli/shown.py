"""What ``config show`` prints: TOML that could be the settings file, each line with where it comes from."""

from __future__ import annotations

import json
from collections.abc import Iterator

import msgspec

from trombone_tui.config import NAMES, Effective


def shown(effective: Effective) -> Iterator[str]:
    """Yield a line a setting; one that has no value is a comment."""
    values = msgspec.to_builtins(effective.settings)
    lines = {name: _line(name, values[name]) for name in NAMES}
    widest = max(map(len, lines.values()))
    for name, line in lines.items():
        yield f"{line:{widest}}  # {effective.origins[name]}"


def _line(name: str, value: str | int | list[str] | None) -> str:
    return f"# {name} =" if value is None else f"{name} = {json.dumps(value, ensure_ascii=False)}"
