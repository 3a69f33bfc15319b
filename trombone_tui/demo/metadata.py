"""What the API server writes into ``metadata``: identity, generation, managed fields; and what it refuses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from trombone_tui.demo.clock import Clock
from trombone_tui.demo.errors import bad_request, invalid
from trombone_tui.demo.records import Object
from trombone_tui.demo.resources import Resource

_SUFFIX = "bcdfghjklmnpqrstvwxz2456789"
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_LABEL_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
_USERS = ("labels", "annotations", "finalizers", "ownerReferences")
"""The parts of ``metadata`` that belong to whoever writes the object; the rest is the server's."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes, and how, as ``managedFields`` names it; with ``dry_run`` nothing is stored."""

    manager: str = "demo"
    operation: str = "Update"
    dry_run: bool = False
    force: bool = False
    """Of an apply: take fields that belong to other appliers."""


class Identities:
    """Uids and name suffixes, the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def uid(self) -> str:
        """Return a new UUID (version 4)."""
        bits = self._random.getrandbits(128)
        bits = bits & ~(0xF << 76) | 4 << 76
        bits = bits & ~(0b11 << 62) | 0b10 << 62
        text = f"{bits:032x}"
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))

    def suffix(self) -> str:
        """Return five characters that make a ``generateName`` unique."""
        return "".join(self._random.choices(_SUFFIX, k=5))


def check_shape(kind: Resource, obj: Mapping[str, Any]) -> None:
    """Refuse an object of another version (400) or kind (422); leaving them out is no mistake."""
    version, name = obj.get("apiVersion", kind.api_version), obj.get("kind", kind.kind)
    if version != kind.api_version:
        raise bad_request(
            f"the API version in the data ({version}) does not match the expected API version "
            f"({kind.api_version})"
        )
    if name != kind.kind and kind.strategic_merge:
        short = kind.version
        raise bad_request(
            f'{name} in version "{short}" cannot be handled as a {kind.kind}: '
            f"converting ({short}.{name}) to (core.{kind.kind}): unknown conversion"
        )
    if name != kind.kind:
        cause = ("FieldValueInvalid", "kind", f'Invalid value: "{name}": must be {kind.kind}')
        raise invalid(name, kind.group, str((obj.get("metadata") or {}).get("name", "")), [cause])


def check_metadata(resource: Resource, metadata: Mapping[str, Any]) -> None:
    """Refuse a name or labels that Kubernetes does not allow (422)."""
    causes = list(_causes(metadata))
    if causes:
        raise invalid(resource.kind, resource.group, str(metadata.get("name", "")), causes)


def _causes(metadata: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    name = metadata.get("name")
    if not name:
        yield "FieldValueRequired", "metadata.name", "Required value: name or generateName is required"
    elif len(name) > 253 or not _SUBDOMAIN.fullmatch(name):
        yield (
            "FieldValueInvalid",
            "metadata.name",
            f'Invalid value: "{name}": a lowercase RFC 1123 subdomain must consist of lower case '
            "alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character "
            "(e.g. 'example.com', regex used for validation is "
            "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
        )
    for value in (metadata.get("labels") or {}).values():
        if len(value) > 63:
            why = "must be no more than 63 bytes"
        elif not _LABEL_VALUE.fullmatch(value):
            why = (
                "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or "
                "'.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or "
                "'my_value',  or '12345', regex used for validation is "
                "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
            )
        else:
            continue
        yield "FieldValueInvalid", "metadata.labels", f'Invalid value: "{value}": {why}'


def theirs(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of ``metadata`` that belong to whoever writes the object, empty ones left out."""
    return {key: metadata[key] for key in _USERS if metadata.get(key)}


def new_metadata(resource: Resource, given: Mapping[str, Any], ids: Identities, clock: Clock) -> Object:
    """Return the metadata of an object that is created; its name is settled already."""
    metadata: Object = {"name": given["name"]}
    if given.get("generateName"):
        metadata["generateName"] = given["generateName"]
    if resource.namespaced:
        metadata["namespace"] = given.get("namespace") or "default"
    metadata |= theirs(given)
    metadata["uid"] = ids.uid()
    metadata["creationTimestamp"] = clock.stamp()
    if resource.generations:
        metadata["generation"] = 1
    return metadata


def managed(
    kind: Resource, was: Iterable[Object], fields: Iterable[str], by: Writer, entry: Mapping[str, str]
) -> list[Object]:
    """Return ``managedFields`` after a write: the writer's entry is made anew, the others are kept.

    Only the top level of what was written is named (``fields``), so it shows who wrote last, not who
    owns what. ``entry`` holds the time and, if there is one, the subresource.
    """
    new: Object = {
        "apiVersion": kind.api_version,
        "fieldsType": "FieldsV1",
        "fieldsV1": {f"f:{one}": {} for one in sorted(set(fields) - {"apiVersion", "kind", "metadata"})},
        "manager": by.manager,
        "operation": by.operation,
        **entry,
    }
    return [*(one for one in was if _author(one) != _author(new)), new]


def _author(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    return (entry.get("manager"), entry.get("operation"), entry.get("subresource"))
