"""Server-side tables: what ``kubectl get`` prints, with the kinds' real printer columns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from trombone_tui.demo.cells import CELLS, age
from trombone_tui.demo.records import Object, Record, encode, join
from trombone_tui.demo.resources import Column, Resource

_NAME = {
    "name": "Name",
    "type": "string",
    "format": "name",
    "description": (
        "Name must be unique within a namespace. Is required when creating resources, although some "
        "resources may allow a client to request the generation of an appropriate name automatically. "
        "Name is primarily intended for creation idempotence and configuration definition. Cannot be "
        "updated. More info: "
        "https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names"
    ),
    "priority": 0,
}
_CUSTOM = "Custom resource definition column (in JSONPath format): "
_STEP = re.compile(
    r"\.(?P<key>[\w-]+)|\[\?\(@\.(?P<field>\w+)==['\"](?P<value>[^'\"]*)['\"]\)\]|\[(?P<index>\d+)\]"
)


def definitions(resource: Resource) -> list[dict[str, Any]]:
    """Return a table's ``columnDefinitions``."""
    columns = [_definition(column) for column in resource.columns]
    return columns if _names_itself(resource) else [_NAME, *columns]


def row(resource: Resource, record: Record, now: datetime, include: str) -> bytes:
    """Return one row; ``include`` is ``includeObject``: Metadata, Object or None."""
    cells = list(_cells(resource, record, now))
    sections = {"cells": encode(cells if _names_itself(resource) else [record.name, *cells])}
    sections["object"] = {"Object": record.json, "None": b"null"}.get(include, record.partial)
    return join(sections)


def table(columns: list[dict[str, Any]] | None, rows: list[bytes], metadata: Object) -> bytes:
    """Return a whole table; ``columns`` None leaves them out, as all but the first event of a watch do."""
    return join(
        {
            "kind": b'"Table"',
            "apiVersion": b'"meta.k8s.io/v1"',
            "metadata": encode(metadata),
            "columnDefinitions": encode(columns),
            "rows": b"[" + b",".join(rows) + b"]",
        }
    )


def _names_itself(resource: Resource) -> bool:
    return any(column.name == "Name" for column in resource.columns)


def _definition(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "type": column.type,
        "format": column.format,
        "description": column.description or (f"{_CUSTOM}{column.path}" if column.path else ""),
        "priority": column.priority,
    }


def _cells(resource: Resource, record: Record, now: datetime) -> Iterator[Any]:
    obj = _Lazily(record)
    for column in resource.columns:
        if not column.path:
            cell = CELLS.get((resource.name, column.name)) or CELLS["", column.name]
            yield cell(obj, now)
            continue
        computed = CELLS.get((resource.name, column.name))
        found = computed(obj, now) if computed else look_up(obj, column.path)
        if found is None:
            yield "" if resource.strategic_merge and column.type == "string" else None
        elif column.type == "date":
            yield age(found, now)
        else:
            yield str(found) if column.type == "string" and not resource.strategic_merge else found


class _Lazily(dict[str, Any]):
    """An object whose top-level values are decoded when they are looked at."""

    def __init__(self, record: Record) -> None:
        super().__init__()
        self._record = record

    def get(self, key: str, default: Any = None) -> Any:
        if key not in self:
            self[key] = self._record.section(key)
        found = super().get(key)
        return default if found is None else found

    def __missing__(self, key: str) -> Any:
        return self.get(key)


def look_up(obj: Any, path: str) -> Any:
    """Find a value by a JSONPath of the kind printer columns use; None if it is not there."""
    for step in _STEP.finditer(path):
        if step["key"] is not None:
            obj = obj.get(step["key"]) if isinstance(obj, dict) else None
        elif not isinstance(obj, list):
            return None
        elif step["field"] is not None:
            wanted = [one for one in obj if isinstance(one, dict) and one.get(step["field"]) == step["value"]]
            obj = wanted[0] if wanted else None
        else:
            obj = obj[int(step["index"])] if int(step["index"]) < len(obj) else None
    return obj
