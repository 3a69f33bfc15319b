"""Who owns whom, so that the garbage collector's work can be done when an owner is deleted."""

from __future__ import annotations

from dataclasses import dataclass

from trombone_tui.demo.changes import Change, ChangeType
from trombone_tui.demo.records import Object


@dataclass(frozen=True, slots=True, order=True)
class Owned:
    """An object by its kind, namespace and name."""

    resource: str
    namespace: str
    name: str


class Owners:
    """Dependents by their owner's uid, kept up to date by every change."""

    def __init__(self) -> None:
        self._owned: dict[str, set[Owned]] = {}

    def note(self, resource: str, change: Change) -> None:
        """Learn from a change who is owned by whom now."""
        who = Owned(resource, *change.record.key)
        for uid in change.before.owners if change.before else ():
            self._owned.get(uid, set()).discard(who)
        if change.type != ChangeType.DELETED:
            for uid in change.record.owners:
                self._owned.setdefault(uid, set()).add(who)

    def bereave(self, uid: str) -> list[Owned]:
        """Return what a deleted object owned, and forget it."""
        return sorted(self._owned.pop(uid, ()))


def orphaned(obj: Object, uid: str) -> Object:
    """Return an object without its reference to one owner."""
    metadata = dict(obj["metadata"])
    metadata["ownerReferences"] = [one for one in metadata["ownerReferences"] if one.get("uid") != uid]
    return obj | {"metadata": metadata}
