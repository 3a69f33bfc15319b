"""A controller's work queue: keys of objects to look at, each waiting there once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from trombone_tui.demo.records import Record
from trombone_tui.demo.story.world import World

Key = tuple[str, str]
"""Namespace and name."""


class Queue:
    """Calls ``reconcile`` with a key soon after something happened to it.

    As in client-go, a key that is added several times before its turn has one turn; a turn may add its
    own key again.
    """

    def __init__(self, world: World, reconcile: Callable[[Key], None], *, delay: float = 0.05) -> None:
        self._world = world
        self._reconcile = reconcile
        self._delay = delay
        self._waiting: set[Key] = set()

    def follow(self, resource: str, key: Callable[[Record], Iterable[Key]] | None = None) -> None:
        """Add a key at each change of a kind: the object's own, or those that ``key`` finds in it."""

        def changed(_: str, record: Record) -> None:
            for one in key(record) if key else (record.key,):
                self.add(one)

        self._world.follow(resource, changed)

    def add(self, key: Key, after: float | None = None) -> None:
        """Have the key looked at soon, or after so many seconds besides."""
        if after is not None:
            self._world.after(after, lambda: self._reconcile(key))
        elif key not in self._waiting:
            self._waiting.add(key)
            self._world.after(self._delay, lambda: self._turn(key))

    def _turn(self, key: Key) -> None:
        self._waiting.discard(key)
        self._reconcile(key)


def own_key(obj: dict[str, Any]) -> Key:
    """Return the key of an object."""
    return (obj["metadata"].get("namespace", ""), obj["metadata"]["name"])


def owner_key(kind: str) -> Callable[[Record], Iterable[Key]]:
    """Find the key of the owner of some kind."""
    return lambda record: owner_keys(kind, record.section("metadata"))


def owner_keys(kind: str, metadata: Mapping[str, Any]) -> Iterator[Key]:
    """Yield the keys of the owners of some kind that are named in ``metadata``."""
    for owner in metadata.get("ownerReferences") or ():
        if owner["kind"] == kind:
            yield (metadata["namespace"], owner["name"])
