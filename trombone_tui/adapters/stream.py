"""Reads one answer of a watch to its end: bytes into lines, lines into changes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import AbstractContextManager
from enum import Enum, auto

import aiohttp

from trombone_tui.adapters.connection import Status, error_of
from trombone_tui.adapters.contact import Contact, Standing
from trombone_tui.adapters.decode import Decoder, Event, Garbled, Lines
from trombone_tui.adapters.faults import said
from trombone_tui.core.objects.basics import Kind, Malformed, Meta, Object
from trombone_tui.core.ports import (
    Batch,
    Began,
    Change,
    Expired,
    Listed,
    PortError,
    Restored,
    Trouble,
    Unreachable,
)

STEP = 200
"""Events or items handed on before others may run: some 3 ms."""
_GRACE = 1.0
"""Seconds in which a connection has to speak again once its server does."""
_END_OF_LIST = "k8s.io/initial-events-end"
LATER = (429, 503)
"""Codes that only ask to come back later: the resourceVersion stays good."""


_Events = list[Event[Object | Malformed]]


class Unstreamable(Exception):
    """The server does not know streaming lists."""


class Cut(Exception):
    """A connection broke, or ended in the middle of a line, or of a list."""


class _Doubt(Enum):
    """Whether a connection is trusted, though it is silent."""

    NONE = auto()
    LOST = auto()
    """No: nothing is heard of its server at all."""
    BACK = auto()
    """Its server is heard again, so it has a moment to say something itself."""


class Stream:
    """One connection of a watch, and what was learnt from it."""

    def __init__(
        self, kind: Kind, namespace: str | None, decoder: Decoder, version: str, contact: Contact
    ) -> None:
        self.version = version
        """The resourceVersion to go on from; empty as long as the list is not complete."""
        self.fruitful = False
        """Whether it brought a change or a bookmark besides the list."""
        self.heard = time.monotonic()
        """When the server last said something, by the monotonic clock."""
        self.rejected = False
        """Whether the server itself ended it, for a reason that may lie in the resourceVersion."""
        self._kind, self._namespace, self._decoder, self._contact = kind, namespace, decoder, contact
        self._lines = Lines()
        self._listing = not version
        self._empty = True
        self._settled: float | None = None
        self._doubt = _Doubt.NONE
        self._refusal: PortError | None = None
        self._patience: asyncio.Timeout | None = None

    def standing(self, path: str, selected: Mapping[str, str]) -> AbstractContextManager[None]:
        """Let a silent server be asked for this watch once more, for as long as the block lasts."""
        return self._contact.standing(
            Standing(
                path=path,
                selected=selected,
                kind=self._kind,
                namespace=self._namespace,
                version=lambda: self.version,
                refuse=self._refuse,
            )
        )

    def _refuse(self, error: PortError) -> None:
        """End it, because the server would no longer begin it."""
        self._refusal = error
        if self._patience is not None:
            self._patience.reschedule(asyncio.get_running_loop().time())

    async def changes(
        self, response: aiohttp.ClientResponse, *, first_word: float, settled: float | None
    ) -> AsyncGenerator[Change, None]:
        """Yield what it says until it ends.

        ``first_word`` is how many seconds a streaming list may be silent. With ``settled``, ``Restored``
        comes first: with the first word, or when the connection has stood for so many seconds. When the
        whole server falls silent, ``Trouble`` comes; the connection stays, and is given up only if it is
        still silent when the server is back.

        Raises:
            Unstreamable: a list was asked for, and this is none.
            Cut: it broke off.
            PortError: the server said that it ends, and why.
        """
        self._settled = settled
        if self._listing:
            yield Began()
        while True:
            if trouble := self._trouble():
                yield trouble
            chunk = await self._chunk(response, self._limit(first_word))
            if chunk is None:
                if self._stands():
                    yield Restored()
                continue
            self._doubt = _Doubt.NONE
            if not chunk:
                break
            for events in self._steps(chunk):
                for change in self._heard(events):
                    yield change
                await self._contact.turn()
        self._end(self._lines.rest)

    def _steps(self, chunk: bytes) -> Iterator[_Events]:
        """Yield what the chunk says in steps, and raise at last what ends the watch."""
        ready: _Events = []
        for lines in self._lines.split(chunk):
            events, end = self._decoder.events(lines)
            ready += events
            while len(ready) >= STEP:
                yield ready[:STEP]
                del ready[:STEP]
            if end is not None:
                yield ready
                raise self._error(end) if isinstance(end, Status) else self._garbled(end)
        yield ready

    def _heard(self, events: _Events) -> Iterator[Change]:
        """Yield what events say, and before it that there is contact again."""
        for change in self._read(events):
            if self._settled is not None and not self._listing:
                self._settled = None
                yield Restored()
            yield change

    def _trouble(self) -> Trouble | None:
        """Begin to doubt the connection when nothing is heard of its server at all.

        Raises:
            PortError: the server would no longer begin this watch.
        """
        if self._refusal is not None:
            raise self._refusal
        lost = self._contact.lost
        if lost is None or self._doubt is not _Doubt.NONE:
            return None
        self._doubt = _Doubt.LOST
        self._settled = self._settled or _GRACE
        return Trouble(lost, time.monotonic() - self._contact.heard)

    def _limit(self, first_word: float) -> float | None:
        """Return how long silence is borne before it means something."""
        if self._doubt is not _Doubt.NONE:
            return _GRACE if self._doubt is _Doubt.BACK else None
        return first_word if self._listing else self._settled

    def _stands(self) -> bool:
        """Say whether a connection that was silent for its time is to be trusted now.

        Raises:
            Unstreamable: a list was asked for, and this is none.
            Cut: its server is back, and it is not.
        """
        if self._contact.lost is not None or self._refusal is not None:
            return False
        if self._doubt is _Doubt.BACK:
            raise Cut("the server is back, and this connection is not")
        if self._doubt is _Doubt.LOST:
            self._doubt = _Doubt.BACK
            return False
        if self._listing:
            raise Unstreamable
        self._settled = None
        return True

    async def _chunk(self, response: aiohttp.ClientResponse, limit: float | None) -> bytes | None:
        """Return what has arrived, nothing at the end, None when the limit passed in silence."""
        listening = self._contact.listening
        try:
            async with asyncio.timeout(limit) as patience:
                listening.add(patience)
                self._patience = patience
                try:
                    chunk = await response.content.readany()
                finally:
                    listening.discard(patience)
                    self._patience = None
        except aiohttp.SocketTimeoutError as error:
            raise Cut("nothing was heard for too long") from error
        except aiohttp.ClientError as error:
            self.heard = time.monotonic()
            raise Cut(said(error)[0]) from error
        except TimeoutError:
            return None
        self._contact.hear()
        self.heard = self._contact.heard
        return chunk

    def _end(self, rest: bytes) -> None:
        if self._listing and self._empty and rest:
            raise Unstreamable  # a list instead of a stream of events
        if rest:
            raise Cut("it ended in the middle of a line")
        if self._listing:
            raise Cut("it ended before the list was complete")

    def _read(self, events: _Events) -> Iterator[Change]:
        """Make batches of these events."""
        self._empty = self._empty and not events
        batch = _Gathered()
        add = batch.add
        for event in events:
            if event.type != "BOOKMARK":
                add(event.type, event.object)
            elif self._bookmark(event.object.metadata, batch):
                yield from batch.take()
                yield Listed()
        self._advance(batch)
        yield from batch.take()

    def _advance(self, batch: _Gathered) -> None:
        """Note how far a watch has come; the objects of a list come in no order."""
        if not self._listing and batch.version:
            self.version = batch.version
            self.fruitful = True

    def _bookmark(self, meta: Meta, batch: _Gathered) -> bool:
        """Note how far the stream has come; return whether this ends the list.

        Raises:
            Unstreamable: a bookmark before the list's end; servers that stream lists send none.
        """
        ended = self._listing and meta.annotation(_END_OF_LIST) == "true"
        if self._listing and not ended:
            raise Unstreamable
        batch.version = ""
        self.version = meta.resource_version or self.version
        self.fruitful = self.fruitful or not self._listing
        self._listing = False
        return ended

    def _error(self, status: Status) -> PortError:
        code = status.code or 500
        error = error_of(code, status, verb="watch", resource=self._kind.resource, namespace=self._namespace)
        if isinstance(error, Expired):
            self.version = ""
        self.rejected = code not in LATER
        return error

    def _garbled(self, error: Garbled) -> Exception:
        if self._listing and self._empty:
            return Unstreamable()
        self.version = ""
        return garbled(self._kind, error)


class _Gathered:
    """What a batch is made of; an object that comes twice counts in its last state."""

    def __init__(self) -> None:
        self.version = ""
        """The resourceVersion of the newest change."""
        self._put: dict[object, Object | Malformed] = {}
        self._gone: dict[object, Object | Malformed] = {}

    def add(self, event: str, body: Object | Malformed) -> None:
        """Note an event; types that are not known are left alone."""
        meta = body.metadata
        key = meta.uid or (meta.namespace, meta.name)
        if meta.resource_version:
            self.version = meta.resource_version
        if event == "MODIFIED" or event == "ADDED":
            self._put[key] = body
            if self._gone:
                self._gone.pop(key, None)
        elif event == "DELETED":
            self._put.pop(key, None)
            self._gone[key] = body

    def take(self) -> Iterator[Batch]:
        """Yield the batch, if there is anything in it, and begin the next."""
        if self._put or self._gone:
            yield Batch(tuple(self._put.values()), tuple(self._gone.values()))
        self._put, self._gone = {}, {}


def garbled(kind: Kind, error: Garbled) -> Unreachable:
    """Say that an answer can't be read at all."""
    return Unreachable(
        f"the answer for {kind.resource} can't be read: {error}",
        advice="it is tried again; if it lasts, look for a proxy that answers in the API server's stead",
    )
