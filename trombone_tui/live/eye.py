"""Objects, watched as they are with everything in them, from before something is done to them."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from contextlib import aclosing, suppress
from typing import Self

from trombone_tui.core.objects.basics import Kind
from trombone_tui.core.objects.plain import Plain, plain
from trombone_tui.core.ports import (
    Batch,
    Began,
    Change,
    Cluster,
    Denied,
    Listed,
    NotInstalled,
    PortError,
    Restored,
    Trouble,
)
from trombone_tui.core.writes import Whole


class Eye:
    """Notes every state of an object in order, None where it is gone, and when the last one was seen."""

    def __init__(self, cluster: Cluster, kind: Kind, namespace: str, name: str) -> None:
        self._cluster, self._kind, self._name = cluster, plain(kind, name), name
        self._namespace = namespace if kind.namespaced else None
        self._states: deque[Whole | None] = deque()
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._met = False
        """Whether the list that is being read had it."""
        self.listed = False
        """Whether it is known how the object is, or that there is none."""
        self.now: Whole | None = None
        """The object as it is; None while it is not known, and when it is gone."""
        self.trouble: PortError | None = None
        """Why it can't be seen at the moment."""
        self.last = float("-inf")
        """When it was last seen to change, by the monotonic clock."""

    def know(self, whole: Whole, read: float) -> None:
        """Take the object as it was read at a moment of the monotonic clock for what is known."""
        self.now, self.last = whole, read

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._follow(), name=f"watch {self._kind.name} {self._name}")
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None  # entered
        self._task.cancel()
        await asyncio.wait((self._task,))

    def forget(self) -> None:
        """Leave out the states that were not asked for yet."""
        self._states.clear()

    @property
    def pending(self) -> bool:
        """Whether there is a state that was not asked for yet."""
        return bool(self._states)

    def next(self) -> Whole | None:
        """Return the oldest state that was not asked for yet."""
        return self._states.popleft()

    async def news(self, within: float) -> bool:
        """Wait until something is heard; return whether it was, before so many seconds passed.

        Raises:
            Exception: whatever ended the watch, which is a bug.
        """
        self._news.clear()
        if self._states:
            return True
        if self._task is not None and self._task.done():
            self._task.result()
        try:
            async with asyncio.timeout(max(within, 0.0)):
                await self._news.wait()
        except TimeoutError:
            return False
        return True

    async def rest(self, quiet: float, most: float) -> None:
        """Wait until it has not changed for so many seconds, but no longer than ``most``."""
        until = time.monotonic() + most
        while (wait := min(self.last + quiet, until) - time.monotonic()) > 0:
            self._news.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._news.wait()

    @property
    def known(self) -> bool:
        """Whether it is known how the object is, or why not."""
        return self.listed or self.trouble is not None

    @property
    def blind(self) -> bool:
        """Whether nothing will be seen, however long one looks."""
        return blinding(self.trouble)

    async def begin(self, within: float) -> None:
        """Wait until it is known how the object is, or why not, but no longer than that."""
        until = time.monotonic() + within
        while not self.known and (left := until - time.monotonic()) > 0:
            await self.news(left)
            self.forget()

    async def _follow(self) -> None:
        try:
            async with aclosing(self._cluster.follow(self._kind, self._namespace)) as changes:
                async for change in changes:
                    self._take(change)
                    self._news.set()
        finally:
            self._news.set()

    def _take(self, change: Change) -> None:
        match change:
            case Batch():
                self._batch(change)
                self.trouble = None
            case Began():
                self._met = False
            case Listed():
                self.listed, self.trouble = True, None
                if not self._met and self.now is not None:
                    self._see(None)
            case Restored():
                self.trouble = None
            case Trouble():
                self.trouble = change.error

    def _batch(self, batch: Batch) -> None:
        for gone in batch.gone:
            if gone.metadata.name == self._name:
                self._see(None)
        for put in batch.put:
            if isinstance(put, Plain) and put.metadata.name == self._name:
                self._met = True
                if version(self.now) != version(put.whole):
                    self._see(put.whole)

    def _see(self, state: Whole | None) -> None:
        self.now = state
        self.last = time.monotonic()
        self._states.append(state)


def blinding(trouble: PortError | None) -> bool:
    """Say whether trouble lasts: nothing will be seen, however long one looks."""
    return isinstance(trouble, Denied | NotInstalled)


def version(whole: Whole | None) -> str:
    """Return an object's resourceVersion; empty for none."""
    return str(((whole or {}).get("metadata") or {}).get("resourceVersion") or "")


def uid(whole: Whole | None) -> str:
    """Return an object's uid; empty for none."""
    return str(((whole or {}).get("metadata") or {}).get("uid") or "")


def older(one: Whole | None, other: str) -> bool:
    """Say whether a state is older than a resourceVersion, as far as both can be compared."""
    mine = version(one)
    return mine.isdigit() and other.isdigit() and int(mine) < int(other)
