"""One watch: what is there (if asked for), then every change, bookmarks, and the ways it ends."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from trombone_tui.demo.changes import Change, ChangeType
from trombone_tui.demo.errors import ApiError, bad_request, expired
from trombone_tui.demo.formats import Formatter
from trombone_tui.demo.logs import truth
from trombone_tui.demo.pages import check_match
from trombone_tui.demo.records import Record, encode
from trombone_tui.demo.replies import Stream
from trombone_tui.demo.selectors import Selection
from trombone_tui.demo.store import Store

_TIMEOUT = 2400.0
"""Seconds a watch lasts when the client names none; the real server takes 30 to 60 minutes."""
_LAST = 2.0
"""Seconds before the end of a watch at which the last bookmark is sent (``cacher.go``)."""
_BATCH = 64
"""Objects of the initial state that are written at once, so that the first comes at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchParams:
    """What is asked of a watch."""

    version: int | None = None
    """Changes after this one; None means the state first, then changes after it."""
    from_now: bool = False
    """Whether the initial state is left out: changes from now on alone."""
    initial_end: bool = False
    """Whether a bookmark marks the end of the initial state."""
    bookmarks: bool = False
    timeout: float = _TIMEOUT


def watch_params(params: Mapping[str, str]) -> WatchParams:
    """Read a watch's query.

    Raises:
        ApiError: 400 and 422, parameters that make no sense.
    """
    check_match(params, watch=True)
    text, seconds = params.get("resourceVersion", ""), params.get("timeoutSeconds", "")
    if not (text or "0").isdigit():
        why = f'resourceVersion: Invalid value: "{text}": strconv.ParseUint: parsing "{text}": invalid syntax'
        raise ApiError(500, "", why)
    if not (seconds or "0").isdigit():
        raise bad_request(f'invalid timeoutSeconds "{seconds}"')
    initial = truth(params.get("sendInitialEvents", ""))
    from_now = params.get("sendInitialEvents") == "false" and text in ("", "0")
    return WatchParams(
        version=None if initial or text in ("", "0") else int(text),
        from_now=from_now,
        initial_end=initial,
        bookmarks=truth(params.get("allowWatchBookmarks", "")),
        timeout=float(seconds) if seconds and int(seconds) else _TIMEOUT,
    )


def event(kind: str, obj: bytes) -> bytes:
    """Write one line of a watch."""
    return b'{"type":"%s","object":%s}\n' % (kind.encode(), obj)


def error_event(error: ApiError) -> bytes:
    """Write the line that says why a watch ends."""
    return event("ERROR", encode(error.status_object()))


class Watch:
    """A watch of one kind, in one namespace or all, of what is selected."""

    def __init__(
        self,
        store: Store,
        namespace: str | None,
        chosen: Selection,
        formatter: Formatter,
        params: WatchParams,
        bookmark_every: float,
    ) -> None:
        self._store = store
        self._namespace = namespace
        self._chosen = chosen
        self._formatter = formatter
        self._params = params
        self._bookmark_every = bookmark_every
        self._resource = formatter.resource.name
        self._history = store.history(self._resource)

    async def run(self, stream: Stream) -> None:
        """Write the watch until it ends: time is up, the kind is uninstalled, the reader is too slow."""
        version = self._params.version
        position = self._history.end if version is None else self._history.position(version)
        if version is not None and position is None:
            why = f"too old resource version: {version} ({self._history.floor})"
            await stream.write(error_event(expired(why)))
            return
        if version is None and not self._params.from_now:
            await self._initial(stream, self._store.records(self._resource), self._store.version)
        waker = self._history.follow()
        try:
            await self._changes(stream, position or 0, waker)
        finally:
            self._history.leave(waker)

    async def _initial(self, stream: Stream, records: Sequence[Record], version: int) -> None:
        meant = [one for one in records if self._meant(one)]
        for at in range(0, len(meant), _BATCH):
            batch = meant[at : at + _BATCH]
            await stream.write(b"".join(event("ADDED", self._formatter.one(one)) for one in batch))
            await asyncio.sleep(0)
        if self._params.initial_end and self._params.bookmarks:
            await stream.write(self._bookmark(version, initial_end=True))

    async def _changes(self, stream: Stream, position: int, waker: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + self._params.timeout
        bookmark = self._next_bookmark(loop.time(), end)
        while True:
            waker.clear()
            changes = self._history.since(position)
            if changes is None:
                return
            position += len(changes)
            if lines := b"".join(self._lines(changes)):
                await stream.write(lines)
            if self._history.end > position:
                continue
            now = loop.time()
            if self._history.ended or now >= end:
                return
            if now >= bookmark:
                bookmark = self._next_bookmark(now, end)
                await stream.write(self._bookmark(self._store.version, initial_end=False))
            await _wait(waker, min(end, bookmark))

    def _next_bookmark(self, now: float, end: float) -> float:
        """Return when the next bookmark is due: after a while, and once more shortly before the end."""
        if not self._params.bookmarks:
            return math.inf
        due, last = now + self._bookmark_every, end - _LAST
        return min(due, last) if last > now else due

    def _lines(self, changes: Iterable[Change]) -> Iterable[bytes]:
        for change in changes:
            was = change.before is not None and self._meant(change.before)
            now = change.type is not ChangeType.DELETED and self._meant(change.record)
            if now:
                kind = ChangeType.MODIFIED if was else ChangeType.ADDED
                yield event(kind, self._formatter.one(change.record))
            elif was and change.before is not None:
                yield event(ChangeType.DELETED, self._formatter.one(change.before.at(change.version)))

    def _meant(self, record: Record) -> bool:
        return (self._namespace is None or record.namespace == self._namespace) and self._chosen(record)

    def _bookmark(self, version: int, *, initial_end: bool) -> bytes:
        return event("BOOKMARK", self._formatter.bookmark(version, initial_end=initial_end))


async def _wait(waker: asyncio.Event, until: float) -> None:
    try:
        async with asyncio.timeout_at(until):
            await waker.wait()
    except TimeoutError:
        return
