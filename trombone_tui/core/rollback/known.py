"""What a rollback plan is made from: what is known of one cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from trombone_tui.core.around import Key
from trombone_tui.core.objects.basics import Kind, Object, Ref
from trombone_tui.core.reader import StageReader
from trombone_tui.core.stage import Item


class Known(Protocol):
    """What is known of one cluster. ``Readers`` is it for the stage readers that a Feed keeps."""

    @property
    def now(self) -> datetime:
        """The time."""

    def item(self, ref: Ref) -> Item | None:
        """Return an item of any stage; None if it is gone."""

    def watched(self, ref: Ref) -> Object | None:
        """Return an item's object as it is watched; None if it is gone or could not be read."""

    def linked(self, kind: Kind, key: Key) -> Sequence[Any]:
        """Return the watched objects of a kind that have a key, whichever stage finds them by it."""

    def visible(self, kind: Kind) -> bool:
        """Say whether all objects of a kind are known, in the namespaces that are looked at."""


@dataclass(frozen=True, slots=True)
class Readers:
    """What the stage readers of one cluster know, as ``Known``."""

    readers: Mapping[str, StageReader]
    """By stage."""

    @property
    def now(self) -> datetime:
        """The time by the clock of the readers."""
        return next(iter(self.readers.values())).now

    def item(self, ref: Ref) -> Item | None:
        """Return an item of any stage."""
        return next((item for one in self.readers.values() if (item := one.items.get(ref)) is not None), None)

    def watched(self, ref: Ref) -> Object | None:
        """Return an item's object."""
        return next((obj for one in self.readers.values() if (obj := one.watched(ref)) is not None), None)

    def linked(self, kind: Kind, key: Key) -> Sequence[Any]:
        """Return the objects of a kind that have a key, from the first stage that finds any."""
        return next((found for one in self.readers.values() if (found := one.linked(kind, key))), ())

    def visible(self, kind: Kind) -> bool:
        """Say whether a stage sees all objects of a kind."""
        return any(one.visible(kind) for one in self.readers.values())
