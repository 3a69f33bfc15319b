"""Follows one kind for ever: finds it, lists it, watches it, and again after every fault.

The rule book is client-go's reflector (``client-go@v0.36.3:tools/cache/reflector.go``): a streaming list
where the server can, pages where it can't, watches that end by themselves after five to ten minutes and
go on from the last resourceVersion, a new list after 410, and waits that grow.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import AsyncExitStack, aclosing, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

import aiohttp
import msgspec

from trombone_tui.adapters.connection import Connection, raise_for
from trombone_tui.adapters.contact import Contact
from trombone_tui.adapters.decode import Garbled, read_page
from trombone_tui.adapters.discovery import Discovery
from trombone_tui.adapters.faults import said
from trombone_tui.adapters.pace import Pace
from trombone_tui.adapters.plain import decoder
from trombone_tui.adapters.stream import LATER, STEP, Cut, Stream, Unstreamable, garbled
from trombone_tui.core.objects.basics import Kind
from trombone_tui.core.ports import (
    Batch,
    Began,
    Change,
    Expired,
    Listed,
    NotInstalled,
    PortError,
    Refused,
    Trouble,
    Unreachable,
)

_FRESH = 0.5
"""Seconds: so old may be what discovery is believed to lack, so that those who miss kinds share a request."""
_FEW = 3
"""Rejections in a row that make a resourceVersion be given up, and broken lists that make pages be used."""


class Watcher:
    """Follows kinds of one API server; what one pursuit learns about the server, all know."""

    def __init__(self, connection: Connection, pace: Pace | None = None) -> None:
        pace = pace or Pace()
        self.discovery, self.contact = Discovery(connection), Contact(connection, pace)
        self._server = _Server(connection, pace, self.discovery, self.contact)

    def follow(self, kind: Kind, namespace: str | None) -> AsyncGenerator[Change, None]:
        """Yield the whole truth about a kind for ever; ``core.ports.Cluster.follow`` says how.

        Rows come as the network brings them. ``Trouble`` is yielded once a reason, and only where
        something may have been missed: a watch that ends and goes on is no trouble.
        """
        return _Pursuit(self._server, kind, namespace).follow()


@dataclass(frozen=True, slots=True)
class _Server:
    """What all pursuits share."""

    connection: Connection
    pace: Pace
    discovery: Discovery
    contact: Contact
    paged: set[Kind] = field(default_factory=set)
    """The kinds whose lists it can't stream."""


class _Moved(Exception):
    """The kind is not where discovery said."""


class _Pursuit:
    """How far following one kind in one scope has come."""

    def __init__(self, server: _Server, kind: Kind, namespace: str | None) -> None:
        self._server, self._pace, self._kind = server, server.pace, kind
        self._namespace = namespace if kind.namespaced else None
        self._decoder = decoder(kind)
        selected = {"labelSelector": kind.selector, "fieldSelector": kind.fields}
        self._selected = {name: text for name, text in selected.items() if text}
        self._version = ""
        """The resourceVersion to go on from; empty when the list must be read."""
        self._whole = False
        """Whether the next list is one page, because the pages' resourceVersion got too old underway."""
        self._older = float("inf")
        """How old, in seconds, what discovery knows may be."""
        self._failures = self._returns = 0
        self._rejections = 0
        self._unended = 0
        self._lived = False
        self._seen = False
        """Whether a whole list was read at any time."""
        self._heard = time.monotonic()
        self._told: tuple[type[PortError], str] | None = None

    async def follow(self) -> AsyncGenerator[Change, None]:
        with self._server.contact:
            async with aclosing(self._follow()) as changes:
                async for change in changes:
                    yield change

    async def _follow(self) -> AsyncGenerator[Change, None]:
        while True:
            error: PortError | None = None
            self._lived = False
            try:
                async with aclosing(self._attempt()) as changes:
                    async for change in changes:
                        self._note(change)
                        yield change
            except _Moved:
                continue
            except Unstreamable:
                self._server.paged.add(self._kind)
                continue
            except Cut as cut:
                self._server.contact.doubt()
                error = self._broken(cut)
            except PortError as caught:
                error = caught
            if error is not None and self._news(error):
                yield Trouble(error, time.monotonic() - self._heard)
            await self._server.contact.pause(self._wait(error))

    def _note(self, change: Change) -> None:
        match change:
            case Batch():
                return
            case Trouble():
                self._told = _key(change.error)
                return
            case Listed():
                self._seen = True
        self._told = None

    def _wait(self, error: PortError | None) -> float:
        returns = self._server.contact.returns
        if self._lived or returns != self._returns:  # what failed was the server's absence
            self._failures, self._returns = 0, returns
        if error is not None or not self._lived:
            self._failures += 1
        failures = min(self._failures, 1) if self._server.contact.starting else self._failures
        return self._pace.wait(failures, error, seen=self._seen)

    def _news(self, error: PortError) -> bool:
        """Return whether this trouble is another than the last one that was told."""
        before, self._told = self._told, _key(error)
        return before != self._told

    def _broken(self, cut: Cut) -> PortError | None:
        """Return the trouble that a broken connection means: none if it stood long and can be resumed."""
        if self._lived and self._version:
            return None
        if not self._version:
            self._unended += 1
            if self._unended >= _FEW:
                self._server.paged.add(self._kind)
        return Unreachable(f"the watch of {self._kind.resource} broke off: {cut}")

    async def _attempt(self) -> AsyncGenerator[Change, None]:
        """List if need be, and watch until the connection ends."""
        with self._doubting():
            root = await self._server.discovery.path(self._kind, older=self._older)
        if root is None:
            self._version, self._older = "", min(_FRESH, self._pace.look_again / 2)
            raise NotInstalled(self._kind.resource)
        scope = f"namespaces/{self._namespace}/" if self._namespace is not None else ""
        path = f"{root}/{scope}{self._kind.plural}"
        if not self._version and self._kind in self._server.paged:
            async with aclosing(self._pages(path)) as changes:
                async for change in changes:
                    yield change
        async with aclosing(self._watch(path)) as changes:
            async for change in changes:
                yield change

    async def _pages(self, path: str) -> AsyncGenerator[Change, None]:
        """Read the list in pages; after a 410 underway in one, as client-go's pager does."""
        limit = self._selected if self._whole else self._selected | {"limit": str(self._pace.page)}
        params, began = limit, False
        while True:
            try:
                async with AsyncExitStack() as stack:
                    body = await _body(await self._send(stack, path, params, verb="list"))
                page = read_page(body)
            except Expired:
                self._whole = True
                raise
            except Garbled as error:
                raise garbled(self._kind, error) from error
            self._heard = time.monotonic()
            if not began:
                began = True
                yield Began()
            for start in range(0, len(page.items or ()), STEP):
                yield self._batch((page.items or [])[start : start + STEP])
                await asyncio.sleep(0)
            if not page.metadata.continue_:
                break
            params = limit | {"continue": page.metadata.continue_}
        self._version = page.metadata.resource_version or "0"
        self._whole = False
        yield Listed()

    def _batch(self, raws: list[msgspec.Raw]) -> Batch:
        try:
            return Batch(put=tuple(self._decoder.items(raws)))
        except Garbled as error:
            raise garbled(self._kind, error) from error

    async def _watch(self, path: str) -> AsyncGenerator[Change, None]:
        params = self._selected | {
            "watch": "1",
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(max(1, round(self._pace.watch * (1 + self._pace.random())))),
        }
        if self._version:
            params["resourceVersion"] = self._version
        else:
            params |= {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan"}
        async with AsyncExitStack() as stack:
            response = await self._send(stack, path, params, verb="watch")
            began = time.monotonic()
            stream = Stream(self._kind, self._namespace, self._decoder, self._version, self._server.contact)
            settled = self._pace.settled if self._told is not None and self._version else None
            changes = stream.changes(response, first_word=self._pace.first_word, settled=settled)
            await stack.enter_async_context(aclosing(changes))
            stack.enter_context(stream.standing(path, self._selected))
            try:
                async for change in changes:
                    yield change
            finally:
                self._learn(stream, time.monotonic() - began)

    def _learn(self, stream: Stream, stood: float) -> None:
        self._version, self._heard = stream.version, stream.heard
        if self._version:
            self._unended = 0
        self._lived = stood >= self._pace.lived
        if stream.fruitful:
            self._failures = min(self._failures, 1)
            self._rejections = 0
        if stream.rejected:
            self._reject()

    def _reject(self) -> None:
        """Give the resourceVersion up when the server has said no to it a few times."""
        self._rejections += 1
        if self._rejections >= _FEW:
            self._version, self._rejections = "", 0

    async def _send(
        self, stack: AsyncExitStack, path: str, params: Mapping[str, str], *, verb: str
    ) -> aiohttp.ClientResponse:
        """Send a request and return its answer, the body unread.

        Raises:
            Unstreamable: it was a streaming list, and the server does not know what that is.
            _Moved: what discovery knew is no longer so.
            PortError: what else the status means.
        """
        request = self._server.connection.request("GET", path, params=params, read_timeout=self._pace.silence)
        with self._doubting():
            try:
                async with asyncio.timeout(self._pace.answer):
                    response = await stack.enter_async_context(request)
            except TimeoutError as error:
                raise Unreachable(f"no answer within {self._pace.answer:g} s") from error
        unready = response.status == HTTPStatus.SERVICE_UNAVAILABLE
        if unready:  # it answers, but is not there yet
            self._server.contact.doubt()
        else:
            self._server.contact.hear()
        try:
            await raise_for(response, verb=verb, resource=self._kind.resource, namespace=self._namespace)
        except PortError as error:
            if unready and isinstance(error, Unreachable) and self._server.contact.starting:
                error.retry_after = self._pace.probe
            raise self._meant(error, response.status, streaming="sendInitialEvents" in params) from error
        self._older = float("inf")
        return response

    @contextmanager
    def _doubting(self) -> Iterator[None]:
        """Have the server asked whether it is there at all, when no answer is to be had."""
        try:
            yield
        except Unreachable:
            self._server.contact.doubt()
            raise

    def _meant(self, error: PortError, status: int, *, streaming: bool) -> Exception:
        """Draw the consequences of an answer that is no success; return what to raise."""
        if isinstance(error, Refused) and streaming:
            return Unstreamable()
        if isinstance(error, Expired):
            self._version = ""
        elif isinstance(error, NotInstalled):
            self._version = ""
            if self._older > 0:
                self._older = 0.0
                return _Moved()
            self._older = min(_FRESH, self._pace.look_again / 2)
        elif isinstance(error, Refused | Unreachable) and status not in LATER:
            self._reject()
        return error


def _key(error: PortError) -> tuple[type[PortError], str]:
    """Return what makes one trouble another than the last."""
    return type(error), str(error)


async def _body(response: aiohttp.ClientResponse) -> bytes:
    try:
        return await response.read()
    except (aiohttp.ClientError, TimeoutError) as error:
        raise Unreachable(f"the list broke off: {said(error)[0]}") from error
