"""Writes changes down: numbers them, keeps them by kind, tells those who listen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from trombone_tui.demo.changes import Change
from trombone_tui.demo.errors import no_such_path
from trombone_tui.demo.owners import Owned, Owners
from trombone_tui.demo.records import Object, Record, record
from trombone_tui.demo.resources import Resource
from trombone_tui.demo.shelf import Shelf

Listener = Callable[[str, Resource, Record], None]
"""Called with ADDED, MODIFIED or DELETED, the kind and the object, which has the change's resourceVersion."""
_FIRST = 1_000
"""The resourceVersion of an empty cluster: one that runs has always had some before."""


class Ledger:
    """All shelves, under one count of resourceVersions."""

    def __init__(self, resources: Iterable[Resource], history: int) -> None:
        self.version = _FIRST
        self.compacted = 0
        self._history = history
        self._shelves = {one.name: Shelf(one, history, _FIRST) for one in resources}
        self._owners = Owners()
        self._listeners: list[tuple[Listener, frozenset[str]]] = []

    @property
    def resources(self) -> Sequence[Resource]:
        """The kinds that are installed."""
        return [shelf.resource for shelf in self._shelves.values()]

    def listen(self, listener: Listener, resources: Iterable[str]) -> None:
        """Tell a listener of every change, or of those of some kinds."""
        self._listeners.append((listener, frozenset(resources)))

    def find(self, resource: str) -> Shelf | None:
        """Return a kind's shelf; None if the kind is not installed."""
        return self._shelves.get(resource)

    def shelf(self, resource: str) -> Shelf:
        """Return a kind's shelf.

        Raises:
            ApiError: 404, the kind is not installed.
        """
        shelf = self.find(resource)
        if shelf is None:
            raise no_such_path()
        return shelf

    def commit(self, shelf: Shelf, metadata: Object, sections: Mapping[str, bytes]) -> Record:
        """Store a state of an object under the next resourceVersion."""
        self.version += 1
        metadata["resourceVersion"] = str(self.version)
        new = record(metadata, sections)
        self._tell(shelf, shelf.put(new))
        return new

    def place(self, shelf: Shelf, metadata: Object, sections: Mapping[str, bytes]) -> None:
        """Store a state of an object, and tell no listener."""
        self.version += 1
        metadata["resourceVersion"] = str(self.version)
        shelf.put(record(metadata, sections))

    def remove(self, shelf: Shelf, old: Record) -> list[Owned]:
        """Remove an object; return what it owned."""
        self.version += 1
        self._tell(shelf, shelf.remove(old, self.version))
        return self._owners.bereave(old.uid)

    def take_out(self, resource: str) -> None:
        """Remove a kind: those who follow it are told that there is nothing more to come."""
        self._shelves.pop(resource).history.end_all()

    def put_in(self, resource: Resource) -> None:
        """Add a kind, empty; nothing happens if it is there already."""
        if resource.name not in self._shelves:
            self.version += 1
            self._shelves[resource.name] = Shelf(resource, self._history, self.version)

    def compact(self) -> None:
        """Forget all older states."""
        self.compacted = self.version
        for shelf in self._shelves.values():
            shelf.history.compact(self.version)

    def _tell(self, shelf: Shelf, change: Change) -> None:
        kind, name = shelf.resource, shelf.resource.name
        self._owners.note(name, change)
        for listener, wanted in self._listeners:
            if not wanted or name in wanted:
                listener(str(change.type), kind, change.record)
