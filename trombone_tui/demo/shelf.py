"""The objects of one kind as they are now, in order, with the history of how they came to be so."""

from __future__ import annotations

from trombone_tui.demo.changes import Change, ChangeType, History
from trombone_tui.demo.errors import not_found
from trombone_tui.demo.records import Record
from trombone_tui.demo.resources import Resource


class Shelf:
    """One kind's records by namespace and name."""

    def __init__(self, resource: Resource, history: int, version: int) -> None:
        self.resource = resource
        self.history = History(history, version)
        self._records: dict[tuple[str, str], Record] = {}
        self._order: list[tuple[str, str]] | None = []

    def find(self, namespace: str, name: str) -> Record | None:
        """Return a record, or None."""
        return self._records.get((namespace if self.resource.namespaced else "", name))

    def get(self, namespace: str, name: str) -> Record:
        """Return a record.

        Raises:
            ApiError: 404, there is none.
        """
        found = self.find(namespace, name)
        if found is None:
            raise not_found(self.resource.plural, self.resource.group, name)
        return found

    def list(self, namespace: str | None = None) -> list[Record]:
        """Return the records of a namespace, or of all, ordered by namespace and name."""
        if self._order is None:
            self._order = sorted(self._records)
        if namespace is None:
            return [self._records[key] for key in self._order]
        return [self._records[key] for key in self._order if key[0] == namespace]

    def put(self, record: Record) -> Change:
        """Store a record; return the change it is."""
        before = self._records.get(record.key)
        if before is None:
            self._order = None
        self._records[record.key] = record
        kind = ChangeType.ADDED if before is None else ChangeType.MODIFIED
        return self._note(Change(kind, record, before))

    def remove(self, record: Record, version: int) -> Change:
        """Remove a record; return the change, which carries the resourceVersion of the removal."""
        del self._records[record.key]
        self._order = None
        return self._note(Change(ChangeType.DELETED, record.at(version), record))

    def _note(self, change: Change) -> Change:
        self.history.append(change)
        return change
