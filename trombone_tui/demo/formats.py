"""The forms an object, list or event can be asked for: whole, metadata only, or a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from trombone_tui.demo import tables
from trombone_tui.demo.errors import ApiError
from trombone_tui.demo.pages import Page
from trombone_tui.demo.records import Object, Record, encode, join
from trombone_tui.demo.resources import Resource


class Form(StrEnum):
    """What ``Accept`` asks for with ``as=``."""

    WHOLE = ""
    PARTIAL = "PartialObjectMetadata"
    PARTIALS = "PartialObjectMetadataList"
    TABLE = "Table"


_READABLE = ("json", "*/*", "application/*", "yaml", "protobuf")


def wanted_form(accept: str) -> Form:
    """Return the first form of an ``Accept`` header that is known; protobuf and YAML are answered in JSON.

    Raises:
        ApiError: 406, nothing that is asked for is known.
    """
    for choice in accept.split(","):
        media, *options = (part.strip() for part in choice.split(";"))
        values = dict(option.partition("=")[::2] for option in options)
        if media in ("application/json", "*/*", "application/*") and values.get("g") in (None, "meta.k8s.io"):
            form = values.get("as", "")
            if form in Form._value2member_map_:
                return Form(form)
    if accept and not any(media in accept for media in _READABLE):
        raise ApiError(
            406,
            "NotAcceptable",
            "only the following media types are accepted: application/json, application/yaml, "
            "application/vnd.kubernetes.protobuf",
        )
    return Form.WHOLE


@dataclass(slots=True, kw_only=True)
class Formatter:
    """Writes one kind's records in the form that was asked for."""

    resource: Resource
    form: Form
    include: str = "Metadata"
    now: Callable[[], datetime]
    pad: int = 0
    """Bytes by which the first object is blown up."""
    _columns_sent: bool = False

    def one(self, record: Record) -> bytes:
        """Write a single object."""
        record = self._padded(record)
        if self.form is Form.TABLE:
            columns = None if self._columns_sent else tables.definitions(self.resource)
            self._columns_sent = True
            row = tables.row(self.resource, record, self.now(), self.include)
            return tables.table(columns, [row], {"resourceVersion": str(record.version)})
        return record.json if self.form is Form.WHOLE else record.partial

    def page(self, page: Page) -> list[bytes]:
        """Write a list, in pieces."""
        if self.form is Form.TABLE:
            now = self.now()
            rows = [tables.row(self.resource, one, now, self.include) for one in page.records]
            return [tables.table(tables.definitions(self.resource), rows, page.metadata)]
        if self.form is Form.WHOLE:
            version, kind = self.resource.api_version, f"{self.resource.kind}List"
        else:
            version, kind = "meta.k8s.io/v1", "PartialObjectMetadataList"
        head = {"kind": encode(kind), "apiVersion": encode(version), "metadata": encode(page.metadata)}
        return [join(head)[:-1] + b',"items":[', *_separated(self._items(page.records)), b"]}\n"]

    def bookmark(self, version: int, *, initial_end: bool) -> bytes:
        """Write the object of a ``BOOKMARK`` event."""
        metadata: Object = {"resourceVersion": str(version)}
        if initial_end:
            metadata["annotations"] = {"k8s.io/initial-events-end": "true"}
        if self.form is Form.WHOLE:
            return encode(
                {"kind": self.resource.kind, "apiVersion": self.resource.api_version, "metadata": metadata}
            )
        partial = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata}
        if self.form is not Form.TABLE:
            return encode(partial)
        cells = ["", *(None for _ in self.resource.columns)]
        return tables.table(
            None, [encode({"cells": cells, "object": partial})], {"resourceVersion": str(version)}
        )

    def _items(self, records: Sequence[Record]) -> Iterable[bytes]:
        for record in records:
            one = self._padded(record)
            if self.form is not Form.WHOLE:
                yield one.partial
            elif self.resource.strategic_merge:
                yield join(
                    {key: value for key, value in one.sections.items() if key not in ("apiVersion", "kind")}
                )
            else:
                yield one.json

    def _padded(self, record: Record) -> Record:
        if not self.pad:
            return record
        padding, self.pad = "x" * self.pad, 0
        metadata = record.section("metadata")
        metadata["annotations"] = (metadata.get("annotations") or {}) | {"demo/padding": padding}
        return record.changed(metadata)


def _separated(items: Iterable[bytes]) -> Iterable[bytes]:
    """Join items with commas into pieces of some size."""
    piece: list[bytes] = []
    size = 0
    first = True
    for item in items:
        piece.append(item)
        size += len(item)
        if size > 512 * 1024:
            yield (b"" if first else b",") + b",".join(piece)
            piece, size, first = [], 0, False
    if piece:
        yield (b"" if first else b",") + b",".join(piece)
