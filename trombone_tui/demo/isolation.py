"""What a write may touch: ``status`` and the rest are kept apart where ``status`` is a subresource."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trombone_tui.demo.records import Record, encode, others, split
from trombone_tui.demo.resources import Resource

_DEFAULTS: dict[str, dict[str, Any]] = {
    "events": {"eventTime": None, "reportingComponent": "", "reportingInstance": ""}
}
_BORN_WITH: dict[str, Any] = {"pods": {"phase": "Pending"}, "namespaces": {"phase": "Active"}}


def newborn(kind: Resource, obj: dict[str, Any]) -> dict[str, bytes]:
    """Return the sections of an object that is created; its ``status`` is dropped if it is a subresource."""
    sections = split(_DEFAULTS.get(kind.name, {}) | obj) | _identity(kind)
    if kind.status_subresource:
        sections.pop("status", None)
        if kind.name in _BORN_WITH:
            sections["status"] = encode(_BORN_WITH[kind.name])
    return sections


def whole(kind: Resource, obj: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the sections of an object that is written whole."""
    return split(obj) | _identity(kind)


def isolated(
    kind: Resource, old: Record, obj: Mapping[str, Any], subresource: str | None
) -> dict[str, bytes]:
    """Return the sections after an update: of ``status`` alone, or of everything but ``status``."""
    if subresource:
        kept = {key: value for key, value in others(old).items() if key != subresource}
        return kept | ({subresource: encode(obj[subresource])} if subresource in obj else {})
    sections = whole(kind, obj)
    if kind.status_subresource:
        sections.pop("status", None)
        if "status" in old.sections:
            sections["status"] = old.sections["status"]
    return sections


def moved_on(kind: Resource, old: Record, sections: Mapping[str, bytes]) -> bool:
    """Say whether ``generation`` grows: something outside ``metadata`` (and a status subresource) changed."""
    apart = {"status"} if kind.status_subresource else set()
    before = {key: value for key, value in others(old).items() if key not in apart}
    return before != {key: value for key, value in sections.items() if key not in apart}


def _identity(kind: Resource) -> dict[str, bytes]:
    return {"apiVersion": encode(kind.api_version), "kind": encode(kind.kind)}
