"""Who changed fields of an object, as far as the object itself says (``metadata.managedFields``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trombone_tui.core.differences import Path, changed
from trombone_tui.core.writes import Whole


def culprits(before: Whole, after: Whole, *, ours: str) -> tuple[str, ...]:
    """Return the managers that changed an object; none where that can't be told.

    A manager's entry gets another time or other fields when it writes; times are whole seconds, so where
    no entry differs, those who own a changed field are named.

    Args:
        before: The object as it was.
        after: The object as it is.
        ours: The manager that we are; it is never named.
    """
    old = {_who(entry): entry for entry in _entries(before)}
    new = [entry for entry in _entries(after) if entry.get("manager") not in (None, "", ours)]
    wrote = [entry for entry in new if old.get(_who(entry)) != entry]
    if not wrote:
        paths = changed(before, after)
        wrote = [entry for entry in new if any(_owns(entry.get("fieldsV1"), path) for path in paths)]
    return tuple(dict.fromkeys(str(entry["manager"]) for entry in wrote))


def _entries(whole: Whole) -> Sequence[Mapping[str, Any]]:
    entries = (whole.get("metadata") or {}).get("managedFields")
    return [entry for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, list) else []


def _who(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(entry.get(key) for key in ("manager", "operation", "subresource", "apiVersion"))


def _owns(fields: Any, path: Path) -> bool:
    for step in path:
        if not isinstance(fields, Mapping) or f"f:{step}" not in fields:
            return False
        fields = fields[f"f:{step}"]
        if not fields:  # owned as one value
            return True
    return True
