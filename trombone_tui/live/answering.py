"""Answers questions on one cluster, for as long as somebody looks."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from trombone_tui.core.objects.basics import Meta, Object, Ref
from trombone_tui.core.ports import (
    Batch,
    Began,
    Change,
    Cluster,
    Denied,
    Listed,
    Login,
    LogLine,
    LogOptions,
    Missing,
    PortError,
    Refused,
    Registry,
    Restored,
    State,
    Trouble,
    Unreachable,
)
from trombone_tui.core.questions import Answer, Candidates, LogTail, Objects, Question, Tags, Thing
from trombone_tui.live.credentials import find_login
from trombone_tui.live.scope import Scope

_MOST = 40
"""Watches and logs that are followed for one look; the rest wait until one is let go."""
_AT_ONCE = 8
"""Things and registries that are asked for at the same time."""

Say = Callable[[Answer[Any]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pauses:
    """How long waits what is asked for, in seconds."""

    grace: float = 5.0
    """How long what is not asked for any more is followed, in case it is asked for again."""
    again: float = 60.0
    """How old what is fetched may be, and how long to wait after a no."""
    soon: float = 2.0
    """How soon what was not there or could not be reached is tried again; twice as long each time."""
    forbidden: float = 60.0
    """How long until a kind that may be seen nowhere is tried again."""
    quiet: float = 3.0
    """A log that has brought nothing for so long is taken for one in which nothing was written yet."""

    def after(self, trouble: PortError | None, failures: int) -> float:
        """Return how long to wait after an attempt, the last of so many that came to nothing."""
        if not isinstance(trouble, Unreachable | Missing):
            return self.again
        asked = trouble.retry_after if isinstance(trouble, Unreachable) else None
        return max(self.growing(failures), asked or 0.0)

    def growing(self, failures: int) -> float:
        """Return a wait that doubles, up to a quarter of ``again``."""
        return min(self.soon * 2.0 ** min(failures - 1, 30), self.again / 4)


class Answering:
    """Finds the answers for one look."""

    def __init__(
        self, cluster: Cluster, registry: Registry | None, clock: Callable[[], datetime], pauses: Pauses
    ) -> None:
        self._cluster, self._registry, self._clock, self.pauses = cluster, registry, clock, pauses
        self._followed, self._fetched = asyncio.Semaphore(_MOST), asyncio.Semaphore(_AT_ONCE)

    async def answer(self, question: Question[Any], say: Say) -> None:
        """Say what is known, again whenever it may be another, until cancelled."""
        match question:
            case Objects():
                async with self._followed:
                    await self._objects(question, say)
            case LogTail():
                async with self._followed:
                    await self._log(question, say)
            case Thing():
                await self._again(lambda: self._thing(question), say)
            case Tags() | Candidates():
                await self._again(lambda: self._registered(question), say)
            case _:
                raise TypeError(f"nobody answers {type(question).__name__}")

    async def _objects(self, question: Objects, say: Say) -> None:
        kind = question.kind.narrowed(entire=True) if question.whole else question.kind
        found = _Found(Scope(kind, question.namespace or None), self._cluster.name, self._clock)
        async with aclosing(self._cluster.follow(kind, found.scope.namespace)) as changes:
            async for change in changes:
                found.take(change)
                say(found.answer)

    async def _log(self, question: LogTail, say: Say) -> None:
        """Read the log, again when it has ended: the container may be started anew."""
        tail, failures = _Tail(question.lines, say), 0
        while True:
            silence = asyncio.get_running_loop().call_later(self.pauses.quiet, tail.silent)
            before, trouble = tail.value, None
            try:
                await self._read(question, tail)
            except PortError as error:
                trouble = error
            finally:
                silence.cancel()
            tail.end(trouble)
            failures = failures + 1 if tail.value == before else 1
            ended = trouble is None and not question.previous
            await asyncio.sleep(
                self.pauses.growing(failures) if ended else self.pauses.after(trouble, failures)
            )

    async def _read(self, question: LogTail, tail: _Tail) -> None:
        options = LogOptions(follow=not question.previous, previous=question.previous, lines=question.lines)
        lines = self._cluster.log(question.namespace, question.pod, question.container, options)
        async with aclosing(lines) as batches:
            async for batch in batches:
                tail.add(batch)

    async def _thing(self, question: Thing) -> Answer[Any]:
        kind = await self._cluster.find(question.group, question.kind)
        return Answer(await self._cluster.whole(kind, question.namespace, question.name))

    async def _registered(self, question: Tags | Candidates) -> Answer[Any]:
        """Ask a registry; without a login where it can't be had, and then that is said, too."""
        if self._registry is None:
            raise Refused("registries can't be asked here")
        login: Login | None = None
        trouble: PortError | None = None
        try:
            login = await find_login(self._cluster, question.credentials, question.repository)
        except PortError as error:
            trouble = error
        try:
            if isinstance(question, Tags):
                return Answer(await self._registry.tags(question.repository, login), trouble)
            found = await self._registry.candidates(question.repository, question.tags, login)
            return Answer(found, trouble)
        except PortError as error:
            unknown = isinstance(error, Denied | Missing)  # registries say both to those without a login
            raise (trouble if trouble and unknown else error) from None

    async def _again(self, fetch: Callable[[], Awaitable[Answer[Any]]], say: Say) -> None:
        """Fetch, and again when that is old; an older value stays beside what goes wrong."""
        newest: Answer[Any] = Answer()
        failures = 0
        while True:
            trouble = None
            async with self._fetched:
                try:
                    newest = await fetch()
                except PortError as error:
                    trouble = error
                    newest = Answer(newest.value, error)
            failures = failures + 1 if trouble else 0
            say(newest)
            await asyncio.sleep(self.pauses.after(trouble, failures))


class _Found:
    """The objects of a kind that were found so far."""

    def __init__(self, scope: Scope, cluster: str, clock: Callable[[], datetime]) -> None:
        self.scope = scope
        self._cluster, self._clock = cluster, clock
        self._objects: dict[Ref, Object] = {}

    @property
    def answer(self) -> Answer[Any]:
        """All of them, once the list is complete."""
        trouble = None if self.scope.state is State.CONNECTING else self.scope.error
        return Answer(tuple(self._objects.values()) if self.scope.listed else None, trouble)

    def take(self, change: Change) -> None:
        """Note a change."""
        match change:
            case Batch():
                self._batch(change)
            case Began():
                self.scope.begin(self._objects)
            case Listed():
                for ref in self.scope.complete():
                    del self._objects[ref]
            case Restored():
                self.scope.clear()
            case Trouble():
                self.scope.fail(change, self._clock())

    def _batch(self, batch: Batch) -> None:
        for obj in batch.put:
            ref = self._ref(obj.metadata)
            if isinstance(obj, Object):
                self._objects[ref] = obj
                self.scope.saw(ref)
            else:
                self._objects.pop(ref, None)
        for obj in batch.gone:
            self._objects.pop(self._ref(obj.metadata), None)
        if not self.scope.listed:  # the list has begun again, and objects come
            self.scope.clear()

    def _ref(self, meta: Meta) -> Ref:
        return Ref(self._cluster, self.scope.kind.name, meta.namespace, meta.name, meta.uid)


class _Tail:
    """The end of a log, as far as it was read; while it is read again, the old stands until it differs."""

    def __init__(self, most: int, say: Say) -> None:
        self.value: tuple[LogLine, ...] | None = None
        self._trouble: PortError | None = None
        self._say = say
        self._lines: deque[LogLine] = deque(maxlen=most)

    def add(self, lines: Sequence[LogLine]) -> None:
        """Take lines that came."""
        self._trouble = None
        self._lines.extend(lines)
        read = tuple(self._lines)
        if self.value is None or read != self.value[: len(read)]:
            self.value = read
        self._say(Answer(self.value))

    def silent(self) -> None:
        """Say that nothing was written yet, if nothing is known but that there was no log before."""
        if self._trouble is None or isinstance(self._trouble, Missing):
            self.value = self.value or ()
            self._say(Answer(self.value))

    def end(self, trouble: PortError | None) -> None:
        """Say how reading ended, and begin again."""
        self._trouble = trouble
        if trouble is None:
            self.value = tuple(self._lines)
        self._say(Answer(self.value, trouble))
        self._lines.clear()
