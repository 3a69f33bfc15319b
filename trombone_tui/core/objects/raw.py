"""Looks into JSON as it is stored and merges it; anything may stand anywhere, and nothing here raises."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def at(value: object, *path: str) -> Any:
    """Return what stands under a path of keys; None where one of them is missing or above it is no object."""
    for key in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def mapping(value: object, *path: str) -> dict[str, Any]:
    """Return the object under a path, the very one that is stored; empty where there is none."""
    found = at(value, *path)
    return found if isinstance(found, dict) else {}


def listing(value: object, *path: str) -> list[Any]:
    """Return the list under a path, the very one that is stored; empty where there is none."""
    found = at(value, *path)
    return found if isinstance(found, list) else []


def text(value: object, *path: str) -> str:
    """Return the text under a path; empty where there is none."""
    found = at(value, *path)
    return found if isinstance(found, str) else ""


def merged(base: object, changes: object) -> Any:
    """Apply a JSON merge patch (RFC 7386): objects are merged, None removes, all else replaces."""
    if not isinstance(changes, Mapping):
        return changes
    made = dict(base) if isinstance(base, Mapping) else {}
    for key, value in changes.items():
        if value is None:
            made.pop(key, None)
        else:
            made[key] = merged(made.get(key), value)
    return made
