"""The history of one kind: what watches are fed from, as far back as it is kept."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum

from trombone_tui.demo.records import Record


class ChangeType(StrEnum):
    """What happened to an object, in the words of a watch event."""

    ADDED = "ADDED"
    MODIFIED = "MODIFIED"
    DELETED = "DELETED"


@dataclass(frozen=True, slots=True)
class Change:
    """One change: what it was before (None when it is new) and what it is now."""

    type: ChangeType
    record: Record
    before: Record | None = None

    @property
    def version(self) -> int:
        """The resourceVersion the change made."""
        return self.record.version


class History:
    """The last changes of one kind, in order, and the wake-up calls of those who follow it.

    A follower keeps a position and reads on from there whenever it likes, so that a slow one costs
    nothing: what it missed for too long is gone, and it is told so.
    """

    def __init__(self, size: int, version: int) -> None:
        self._size = size
        self._changes: list[Change] = []
        self._first = 0
        self._wakers: set[asyncio.Event] = set()
        self.ended = False
        """Whether the kind was uninstalled: watches end."""
        self.floor = version
        """The oldest resourceVersion from which every change is still known."""

    @property
    def end(self) -> int:
        """The position after the newest change."""
        return self._first + len(self._changes)

    def append(self, change: Change) -> None:
        """Add a change and wake the followers."""
        self._changes.append(change)
        if len(self._changes) >= 2 * self._size:
            self._forget(len(self._changes) - self._size)
        self._wake()

    def position(self, version: int) -> int | None:
        """Return where changes after a resourceVersion begin; None if some of them are forgotten."""
        if version < self.floor:
            return None
        return self._first + bisect_right(self._changes, version, key=lambda change: change.version)

    def since(self, position: int) -> list[Change] | None:
        """Return the changes from a position on; None if some of them are forgotten."""
        if position < self._first:
            return None
        return self._changes[position - self._first :]

    def compact(self, version: int) -> None:
        """Forget all changes up to now; followers that have read them are not disturbed."""
        self._forget(len(self._changes))
        self.floor = version

    def end_all(self) -> None:
        """Tell all followers that there is nothing to follow any more."""
        self.ended = True
        self._wake()

    def follow(self) -> asyncio.Event:
        """Return an event that is set at every change until ``leave`` is called with it."""
        waker = asyncio.Event()
        self._wakers.add(waker)
        return waker

    def leave(self, waker: asyncio.Event) -> None:
        """Wake this follower no more."""
        self._wakers.discard(waker)

    def _forget(self, count: int) -> None:
        if count:
            self.floor = self._changes[count - 1].version
            del self._changes[:count]
            self._first += count

    def _wake(self) -> None:
        for waker in self._wakers:
            waker.set()
