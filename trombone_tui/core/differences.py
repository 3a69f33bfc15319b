"""What differs between two states of an object, field by field, in words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from trombone_tui.core.masking import masked
from trombone_tui.core.writes import Whole

_ALWAYS = frozenset({"managedFields", "resourceVersion", "generation"})
"""Parts of ``metadata`` that change with every write."""
_LONGEST = 120
_NOTHING: Any = object()

Path = tuple[str, ...]


def differences(before: Whole, after: Whole) -> tuple[str, ...]:
    """Return a line for each field that differs: ``spec.paused: true → nothing``; secrets are masked."""
    old, new = masked(dict(before)), masked(dict(after))
    lines = []
    for path in changed(before, after):
        was, is_ = _at(old, path), _at(new, path)
        masks = was is not _NOTHING and was == is_
        lines.append(f"{'.'.join(path)}: {'changed' if masks else f'{_said(was)} → {_said(is_)}'}")
    return tuple(lines)


def changed(before: Whole, after: Whole) -> tuple[Path, ...]:
    """Return the paths of the fields that differ, but for those that change with every write."""
    paths = _paths(before, after, ())
    return tuple(
        path for path in paths if not (path[:1] == ("metadata",) and path[1:2] and path[1] in _ALWAYS)
    )


def _paths(old: Any, new: Any, path: Path) -> Iterator[Path]:
    if old is _NOTHING and isinstance(new, Mapping) and new:
        old = {}
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys((*old, *new)):
            yield from _paths(old.get(key, _NOTHING), new.get(key, _NOTHING), (*path, str(key)))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _paths(one, other, (*path, str(index)))
    elif old != new:
        yield path


def _at(value: Any, path: Path) -> Any:
    for step in path:
        if isinstance(value, Mapping):
            value = value.get(step, _NOTHING)
        elif isinstance(value, list) and int(step) < len(value):
            value = value[int(step)]
        else:
            return _NOTHING
    return value


def _said(value: Any) -> str:
    if value is _NOTHING:
        return "nothing"
    text = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
