"""One state of one object, serialised once: what lists and watches send without decoding it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder().decode

Object = dict[str, Any]
"""An object as JSON has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An object at one resourceVersion; it never changes, so lists and watch events share it."""

    namespace: str
    name: str
    uid: str
    version: int
    labels: Mapping[str, str]
    owners: tuple[str, ...]
    sections: Mapping[str, bytes]
    """The object's top-level values by key, each as JSON with its keys sorted."""

    @property
    def key(self) -> tuple[str, str]:
        """Namespace and name, the order of a list."""
        return (self.namespace, self.name)

    @property
    def json(self) -> bytes:
        """The whole object."""
        return join(self.sections)

    @property
    def partial(self) -> bytes:
        """The object as a ``PartialObjectMetadata``."""
        return join(
            {
                "kind": b'"PartialObjectMetadata"',
                "apiVersion": b'"meta.k8s.io/v1"',
                "metadata": self.sections["metadata"],
            }
        )

    def object(self) -> Object:
        """Decode the object; the caller may change what it gets."""
        return {key: _decode(value) for key, value in self.sections.items()}

    def section(self, key: str) -> Any:
        """Decode one top-level value; None if there is none."""
        value = self.sections.get(key)
        return None if value is None else _decode(value)

    def at(self, version: int) -> Record:
        """Return the same object with another resourceVersion, as ``DELETED`` events carry it."""
        metadata = _decode(self.sections["metadata"]) | {"resourceVersion": str(version)}
        return replace(self.changed(metadata), version=version)

    def changed(self, metadata: Object) -> Record:
        """Return the same object with other metadata."""
        return replace(self, sections={**self.sections, "metadata": encode(metadata)})


def join(sections: Mapping[str, bytes]) -> bytes:
    """Write an object of values that are JSON already."""
    return b"{" + b",".join(b'"%s":%s' % (key.encode(), value) for key, value in sections.items()) + b"}"


def split(obj: Mapping[str, Any]) -> dict[str, bytes]:
    """Serialise an object's top-level values, ``metadata`` left out."""
    return {key: encode(value) for key, value in obj.items() if key != "metadata"}


def others(of: Record) -> dict[str, bytes]:
    """Return a record's sections without ``metadata``."""
    return {key: value for key, value in of.sections.items() if key != "metadata"}


def record(metadata: Mapping[str, Any], sections: Mapping[str, bytes]) -> Record:
    """Make a record of complete metadata and the other sections; identity comes first, the rest by key."""
    first = {"apiVersion": sections["apiVersion"], "kind": sections["kind"], "metadata": encode(metadata)}
    return Record(
        namespace=metadata.get("namespace", ""),
        name=metadata["name"],
        uid=metadata["uid"],
        version=int(metadata.get("resourceVersion", 0)),
        labels=metadata.get("labels") or {},
        owners=tuple(owner.get("uid", "") for owner in metadata.get("ownerReferences") or ()),
        sections=first | {key: sections[key] for key in sorted(sections.keys() - first.keys())},
    )
