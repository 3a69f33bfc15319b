"""Turns what the API server writes into typed partial objects; what does not fit becomes ``Malformed``.

A line of a watch is ``{"type": ..., "object": ...}``; types are ADDED, MODIFIED, DELETED, BOOKMARK and
ERROR, whose object is a ``Status`` (k8s.io/apimachinery: ``pkg/apis/meta/v1/watch.go``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Any, Generic, TypeVar

import msgspec

from trombone_tui.adapters.connection import Status
from trombone_tui.core.objects.basics import Kind, Malformed, Meta, Object, Partial

BodyT = TypeVar("BodyT")
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError)
"""What msgspec raises for what is no JSON, no text, or not of the type."""


class Garbled(Exception):
    """What came is no JSON, or no event and no list at all."""


class Event(msgspec.Struct, Generic[BodyT], gc=False):
    """One line of a watch."""

    type: str
    object: BodyT


Events = tuple[list[Event[Object | Malformed]], Status | Garbled | None]
"""What lines of a watch say, and what put an end to it, if one of them did."""
_TYPE = attrgetter("type")
_BLOCK = 2**16
"""Bytes, and the rest of a line, that are decoded and reduced at once: what fits into a core's cache."""


class ListMeta(Partial):
    """``metadata`` of a list."""

    resource_version: str | None = None
    continue_: str | None = msgspec.field(name="continue", default=None)


class Page(Partial):
    """A list, or a page of one; its items not yet decoded."""

    metadata: ListMeta
    items: list[msgspec.Raw] | None = None


class _Bare(Partial):
    """Any object, of which only the metadata is looked at."""

    metadata: Meta


class _Anything(Partial):
    """Any object, of whose metadata nothing is taken for granted."""

    metadata: Any = None


class Lines:
    """Splits what arrives into lines of any length."""

    def __init__(self) -> None:
        self._tail: list[bytes] = []

    @property
    def rest(self) -> bytes:
        """What came after the last line's end."""
        return b"".join(self._tail)

    def split(self, chunk: bytes) -> Iterator[bytes | memoryview]:
        """Yield the lines that are complete with this chunk, many at once; nearly all is not copied."""
        start, end = 0, chunk.rfind(b"\n") + 1
        if self._tail and end:
            start = chunk.find(b"\n") + 1
            yield b"".join((*self._tail, chunk[:start]))
            self._tail = []
        if end < len(chunk):
            self._tail.append(chunk[end:])
        view = memoryview(chunk)
        while start < end:
            stop = chunk.find(b"\n", start + _BLOCK, end) + 1 or end
            yield view[start:stop]
            start = stop


class Decoder:
    """Decodes the lines and lists of one kind, and keeps of its objects what the kind keeps."""

    def __init__(self, kind: Kind) -> None:
        self._entire = kind.entire
        self._event = msgspec.json.Decoder(Event[kind.shape])  # type: ignore[name-defined]  # known at run time
        self._object = msgspec.json.Decoder(kind.shape)

    def events(self, lines: bytes | memoryview) -> Events:
        """Decode whole lines of a watch; what a bookmark says is left whole."""
        events, end = self._decoded(lines)
        if not self._entire:
            for event in events:
                body = event.object
                if isinstance(body, Object) and event.type != "BOOKMARK":
                    event.object = body.reduced()
        return events, end

    def _decoded(self, lines: bytes | memoryview) -> Events:
        """Decode lines all at once where each is what it should be, else one by one."""
        try:
            events = self._event.decode_lines(lines)
        except _UNREADABLE:
            return self._one_by_one(lines)
        return self._one_by_one(lines) if "ERROR" in map(_TYPE, events) else (events, None)

    def _one_by_one(self, lines: bytes | memoryview) -> Events:
        events: list[Event[Object | Malformed]] = []
        for line in filter(None, bytes(lines).split(b"\n")):
            try:
                event = self.event(line)
            except Garbled as error:
                return events, error
            if isinstance(event.object, Status):
                return events, event.object
            events.append(Event(event.type, event.object))
        return events, None

    def event(self, line: bytes | memoryview) -> Event[Object] | Event[Malformed] | Event[Status]:
        """Decode one line of a watch.

        Raises:
            Garbled: it is no event.
        """
        try:
            event: Event[Object] = self._event.decode(line)
        except msgspec.ValidationError as error:
            return _salvaged(line, str(error))
        except _UNREADABLE as error:
            raise Garbled(str(error)) from error
        if event.type == "ERROR":
            return _salvaged(line, "")
        return event

    def items(self, raws: Iterable[msgspec.Raw]) -> Iterator[Object | Malformed]:
        """Decode the items of a page one by one, so that a bad one never spoils the others.

        Raises:
            Garbled: one of them is no JSON.
        """
        for raw in raws:
            try:
                found: Object = self._object.decode(raw)
            except msgspec.ValidationError as error:
                yield malformed(raw, str(error))
            except _UNREADABLE as error:
                raise Garbled(str(error)) from error
            else:
                yield found if self._entire else found.reduced()


def read_page(body: bytes) -> Page:
    """Decode a list's envelope.

    Raises:
        Garbled: it is no list.
    """
    try:
        return _PAGE.decode(body)
    except _UNREADABLE as error:
        raise Garbled(str(error)) from error


def malformed(body: bytes | msgspec.Raw, error: str) -> Malformed:
    """Make of an object what can be had: who it is, and which field was not what it should be."""
    found = _WHERE.fullmatch(error)
    problem, path = found.groups() if found else (error, "$")
    path = path.removeprefix("$.object")
    return Malformed(metadata=_meta(body), path=path if path.startswith("$") else f"${path}", problem=problem)


_WHERE = re.compile(r"(.*) - at `(.*)`", re.DOTALL)
_PAGE = msgspec.json.Decoder(Page)
_ENVELOPE = msgspec.json.Decoder(Event[msgspec.Raw])
_STATUS = msgspec.json.Decoder(Status)
_BARE = msgspec.json.Decoder(_Bare)
_ANYTHING = msgspec.json.Decoder(_Anything)
_NAMING = ("name", "namespace", "uid", "resourceVersion")


def _salvaged(line: bytes | memoryview, error: str) -> Event[Malformed] | Event[Status]:
    """Decode an event again whose object did not fit: an ERROR's Status, or a malformed object."""
    try:
        envelope = _ENVELOPE.decode(line)
    except _UNREADABLE as problem:
        raise Garbled(str(problem)) from problem
    if envelope.type != "ERROR":
        return Event(envelope.type, malformed(envelope.object, error))
    try:
        return Event(envelope.type, _STATUS.decode(envelope.object))
    except _UNREADABLE as problem:
        return Event(envelope.type, Status(message=f"an error that can't be read: {problem}"))


def _meta(body: bytes | msgspec.Raw) -> Meta:
    try:
        return _BARE.decode(body).metadata
    except _UNREADABLE:
        pass
    try:
        found = _ANYTHING.decode(body).metadata
    except _UNREADABLE:
        found = None
    fields = found if isinstance(found, dict) else {}
    name, namespace, uid, version = (
        text if isinstance(text := fields.get(key), str) else "" for key in _NAMING
    )
    return Meta(name=name, namespace=namespace, uid=uid, resource_version=version)
