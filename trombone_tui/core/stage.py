"""A stage of the pipeline as data: what it watches, how it reads one object, what it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from importlib import import_module
from typing import Any, TypeVar

import msgspec

from trombone_tui.core.around import Around, Key
from trombone_tui.core.details import Branch, Detail, Fact, Facts, Line, Lines, Step, Steps, Tree, Value
from trombone_tui.core.objects.basics import Health, Kind, Malformed, Meta, Object, Ref
from trombone_tui.core.questions import LogSource
from trombone_tui.core.verbs import Verb

__all__ = [
    "Around",
    "Branch",
    "Column",
    "Detail",
    "Explain",
    "Fact",
    "Facts",
    "Fields",
    "Item",
    "Key",
    "Line",
    "Lines",
    "Logs",
    "Read",
    "Source",
    "Stage",
    "Step",
    "Steps",
    "Tree",
    "Value",
    "Workings",
    "no_keys",
    "own_key",
]

ObjectT = TypeVar("ObjectT", bound=Object)


class Fields(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Base of a stage's values. Every field defaults to None: unknown is null, never made up."""


class Item(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One object as its stage understands it: a row, a line of ``status``, a hop of a service."""

    ref: Ref
    health: Health
    why: str
    """One plain sentence, from the object itself, with its numbers."""
    fields: Fields
    since: datetime | None = None
    """When it came to be as it is."""
    brief: str = ""
    """At most some 16 characters for the service's row: ``20% 3/8``, ``v1.4.2``."""
    attention: bool | None = None
    """Whether a human is needed; None means: exactly when Degraded, Suspended or Missing."""
    series: str = ""
    """Items of one series replace each other: only the newest may ask for attention."""
    created: datetime | None = None
    """Orders the items of a series."""
    joins: tuple[str, ...] = ()
    """What it shares with items of other stages, as ``core/service.py`` reads them."""

    @property
    def needs_human(self) -> bool:
        """Whether somebody has to look at this now."""
        if self.attention is not None:
            return self.attention
        return self.health in (Health.DEGRADED, Health.SUSPENDED, Health.MISSING)

    def value(self, key: str) -> Value:
        """Return what a column shows: of the fields, of the Ref, or ``health``, ``why``, ``since``."""
        if key in _ITEM_KEYS:
            return getattr(self, key)  # type: ignore[no-any-return]  # a Value by its key
        if key in _REF_KEYS:
            return getattr(self.ref, key)  # type: ignore[no-any-return]  # a Value by its key
        return getattr(self.fields, key, None)


_ITEM_KEYS = frozenset({"health", "why", "since", "brief"})
_REF_KEYS = frozenset({"cluster", "kind", "namespace", "name"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a stage's table."""

    key: str
    """What ``Item.value`` is asked for."""
    title: str
    width: int
    """Cells it wants; a ``grow`` column takes what is left."""
    most: int = 0
    """Cells up to which it grows too, by turns with the others: what a long name needs."""
    grow: bool = False
    right: bool = False
    rank: int = 1
    """Columns of the highest rank are left out first where the screen is narrow; 0 always stays."""


Read = Callable[[Any, Ref, Around], tuple[Item, ...]]
Explain = Callable[[Any, Ref, Around], tuple[Detail, ...]]
Logs = Callable[[Any, Ref, Around], tuple[LogSource, ...]]


def own_key(kind: str, meta: Meta) -> Key:
    """Return the key that names one object: kind, namespace, name."""
    return (kind, meta.namespace, meta.name)


def no_keys(_: Any) -> Iterable[Key]:
    """Say that an object is linked to nothing."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A kind a stage watches. With ``read`` its objects are rows; without, they inform other rows.

    ``read`` is pure, never raises, and makes one item an object, or several told apart by ``Ref.part``.
    ``explain`` is asked with the Ref of the item in question. ``keys`` are what ``Around.linked`` finds an
    object by; a row is read again when what it asked for changes.
    """

    kind: Kind
    read: Read | None = None
    explain: Explain | None = None
    logs: Logs | None = None
    """The containers whose logs tell of an item, the most telling first."""
    keys: Callable[[Any], Iterable[Key]] = no_keys
    shared: Callable[[Any], object] | None = None
    """All that linked rows read of an object, comparable; while it stays equal they are not read again."""
    partly: bool = False
    """Whether only some of its objects are rows; the panel then does not stand or fall with this kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workings:
    """What makes a stage's rows, details and verbs."""

    sources: tuple[Source, ...]
    fields: type[Fields]
    verbs: tuple[Verb, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One of the six stations a change travels through. A seventh is one more file in ``pipeline/``."""

    name: str
    title: str
    about: str
    """One sentence for the help screen."""
    columns: tuple[Column, ...]
    workings: Workings | str
    """Or the module that calls them ``WORKINGS``; it is imported when they are first asked for."""

    @property
    def sources(self) -> tuple[Source, ...]:
        """The kinds it watches."""
        return self.load().sources

    @property
    def fields(self) -> type[Fields]:
        """What its items carry."""
        return self.load().fields

    @property
    def verbs(self) -> tuple[Verb, ...]:
        """What can be done to its items."""
        return self.load().verbs

    def load(self) -> Workings:
        """Return the workings, imported by now; that takes its time, which no paint should wait for."""
        return self._loaded

    @cached_property
    def _loaded(self) -> Workings:
        if isinstance(self.workings, Workings):
            return self.workings
        found: Workings = import_module(self.workings).WORKINGS
        return found

    def unread(self, malformed: Malformed, ref: Ref) -> Item:
        """Make the row of an object that could not be read, naming the field."""
        return Item(
            ref=ref,
            health=Health.UNKNOWN,
            why=f"Can't read {malformed.path}: {malformed.problem}.",
            fields=self.fields(),
            since=malformed.metadata.creation_timestamp,
            attention=True,
        )
