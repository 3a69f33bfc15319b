"""Server-side apply: each applier owns the fields it applied, and what it leaves out it gives up.

Maps are merged key by key, lists are one value. Only appliers own single fields here; what is written
by other means is not protected, as it is in the real server.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trombone_tui.core.objects.raw import merged
from trombone_tui.demo.errors import ApiError, bad_request
from trombone_tui.demo.metadata import Writer
from trombone_tui.demo.records import Object
from trombone_tui.demo.resources import Resource

FieldPath = tuple[str, ...]
_IDENTITY = frozenset({("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace")})
_SERVERS = ("managedFields", "resourceVersion", "uid", "creationTimestamp", "generation")


def applied(
    kind: Resource, live: Object | None, config: Any, by: Writer, time: str, subresource: str | None
) -> Object:
    """Return the object after an apply, with ``managedFields`` that say who owns what.

    Raises:
        ApiError: 400, it is no object of this kind; 409, a field belongs to another applier, who wants
            another value, and ``by`` does not force it.
    """
    about = (config.get("apiVersion"), config.get("kind")) if isinstance(config, dict) else ("", "")
    if about != (kind.api_version, kind.kind):
        raise bad_request(f"invalid object type: {about[0] or '/'}, Kind={about[1] or ''}")
    config = _own_part(kind, config, subresource)
    wanted = dict(_leaves(config))
    entries: Sequence[Object] = (live or {}).get("metadata", {}).get("managedFields") or ()
    mine = next((one for one in entries if _is(one, by.manager, subresource)), None)
    others = {one["manager"]: _owned(one) for one in entries if one is not mine and _applies(one)}
    _check(wanted, dict(_leaves(live or {})), others, force=by.force)
    kept = set().union(*others.values())
    result = copy.deepcopy(live or {})
    for path in _owned(mine) - wanted.keys() - kept if mine else ():
        _remove(result, path)
    made: Object = merged(result, config)
    entry = {
        "apiVersion": kind.api_version,
        "fieldsType": "FieldsV1",
        "fieldsV1": _fields(wanted),
        "manager": by.manager,
        "operation": "Apply",
        "time": time,
    } | ({"subresource": subresource} if subresource else {})
    if mine and mine["fieldsV1"] == entry["fieldsV1"]:
        entry = mine
    rest = [
        _without(one, wanted) if _applies(one) and by.force else one for one in entries if one is not mine
    ]
    made["metadata"]["managedFields"] = [*rest, entry]
    return made


def _own_part(kind: Resource, config: Object, subresource: str | None) -> Object:
    """Return what counts of a configuration: the status alone, or all but the status."""
    metadata = {key: value for key, value in (config.get("metadata") or {}).items() if key not in _SERVERS}
    if subresource:
        identity = {key: metadata[key] for key in ("name", "namespace") if key in metadata}
        return {"metadata": identity} | {key: config[key] for key in (subresource,) if key in config}
    dropped = {"status"} if kind.status_subresource else set()
    return {key: value for key, value in config.items() if key not in dropped} | {"metadata": metadata}


def _leaves(value: Any, path: FieldPath = ()) -> Iterator[tuple[FieldPath, Any]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    elif path and path not in _IDENTITY and path[:2] not in {("metadata", key) for key in _SERVERS}:
        yield path, value


def _check(
    wanted: Mapping[FieldPath, Any],
    live: Mapping[FieldPath, Any],
    others: Mapping[str, set[FieldPath]],
    *,
    force: bool,
) -> None:
    conflicts = [
        (manager, f".{'.'.join(path)}")
        for manager, owned in sorted(others.items())
        for path in sorted(owned & wanted.keys())
        if live.get(path) != wanted[path]
    ]
    if not conflicts or force:
        return
    causes = [
        {"reason": "FieldManagerConflict", "message": f'conflict with "{manager}"', "field": field}
        for manager, field in conflicts
    ]
    what = f"{len(conflicts)} conflict{'s' if len(conflicts) > 1 else ''}"
    texts = ", ".join(f'conflict with "{manager}": {field}' for manager, field in conflicts)
    raise ApiError(409, "Conflict", f"Apply failed with {what}: {texts}", {"causes": causes})


def _applies(entry: Object) -> bool:
    return entry.get("operation") == "Apply"


def _is(entry: Object, manager: str, subresource: str | None) -> bool:
    return _applies(entry) and (entry["manager"], entry.get("subresource")) == (manager, subresource)


def _owned(entry: Object) -> set[FieldPath]:
    def walk(fields: Object, path: FieldPath) -> Iterator[FieldPath]:
        for key, inner in fields.items():
            here = (*path, key.removeprefix("f:"))
            if inner:
                yield from walk(inner, here)
            else:
                yield here

    return set(walk(entry.get("fieldsV1") or {}, ()))


def _fields(paths: Mapping[FieldPath, Any]) -> Object:
    fields: Object = {}
    for path in sorted(paths):
        at = fields
        for key in path:
            at = at.setdefault(f"f:{key}", {})
    return fields


def _without(entry: Object, taken: Mapping[FieldPath, Any]) -> Object:
    left = dict.fromkeys(_owned(entry) - taken.keys())
    return entry | {"fieldsV1": _fields(left)}


def _remove(obj: Any, path: FieldPath) -> None:
    """Remove a field, and what is empty after that."""
    if not isinstance(obj, dict) or path[0] not in obj:
        return
    if len(path) > 1:
        _remove(obj[path[0]], path[1:])
        if obj[path[0]] != {}:
            return
    del obj[path[0]]
