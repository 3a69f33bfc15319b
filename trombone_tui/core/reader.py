"""Keeps a stage's items up to date: reads again only what a change can have touched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec

from trombone_tui.core.asking import Ask, Asking
from trombone_tui.core.left_off import left_off
from trombone_tui.core.objects.basics import Health, Kind, Malformed, Object, Ref
from trombone_tui.core.questions import Answer, AnswerT, LogSource, Question
from trombone_tui.core.reminders import Reminder
from trombone_tui.core.stage import Detail, Item, Key, Source, Stage
from trombone_tui.core.standing import Standing

_SIGHT: Key = ()
"""What a row asks for that wants to know whether a kind is visible."""


class _Held:
    """The objects of one kind, and the rows that read something of it."""

    __slots__ = ("askers", "by_key", "everywhere", "objects", "source", "visible")

    def __init__(self, source: Source) -> None:
        self.source = source
        self.objects: dict[Ref, Object | Malformed] = {}
        self.by_key: dict[Key, set[Ref]] = {}
        self.askers: dict[Key, dict[Ref, _Held]] = {}
        """The rows, and what holds their objects, that asked for what has a key; no object has ``_SIGHT``."""
        self.visible = self.everywhere = False

    def keys(self, obj: Object | Malformed | None) -> tuple[Key, ...]:
        return tuple(dict.fromkeys(self.source.keys(obj))) if isinstance(obj, Object) else ()

    def link(self, ref: Ref, before: Iterable[Key], after: Iterable[Key]) -> None:
        """Find an object by other keys than before."""
        for key in before:
            refs = self.by_key[key]
            refs.discard(ref)
            if not refs:
                del self.by_key[key]
        for key in after:
            self.by_key.setdefault(key, set()).add(ref)

    def shows(self, old: Object | Malformed | None, new: Object | Malformed) -> bool:
        """Say whether linked rows may read of an object what they did not read before."""
        shared = self.source.shared
        if shared is None or not isinstance(old, Object) or not isinstance(new, Object):
            return True
        return bool(shared(old) != shared(new))


class StageReader:
    """One stage's objects of one cluster, by Ref and by key, and the items read from them.

    ``put``, ``drop`` and ``see`` only note what changed; ``refresh`` reads it. ``items`` is replaced by
    a new dict whenever something changed, so an older one can be handed out safely. What a row asks of
    other objects while it is read is noted, and when that changes the row is read again.
    """

    def __init__(self, stage: Stage, cluster: str, clock: Callable[[], datetime]) -> None:
        self.stage = stage
        self.items: dict[Ref, Item] = {}
        self.reminders: dict[Ref, tuple[Reminder, ...]] = {}
        """What to be reminded of, by object; another dict whenever something of it is another."""
        self._reminded = False
        """Whether it is another already in this ``refresh``."""
        self._cluster = cluster
        self._clock = clock
        self._held = {source.kind: _Held(source) for source in stage.sources}
        self._dirty: dict[Ref, _Held] = {}
        self._gone: set[Ref] = set()
        self._parts: dict[Ref, tuple[Ref, ...]] = {}
        self._standing = Standing()
        self._row: tuple[Ref, _Held] | None = None
        """The row that is being read."""
        self._asked: dict[Ref, list[tuple[_Held, Key]]] = {}
        """What each row asked for."""

    @property
    def now(self) -> datetime:
        """The time by the clock that was passed in."""
        return self._clock()

    @property
    def attention(self) -> frozenset[Ref]:
        """The items that need a human, those replaced by a newer one of their series left out."""
        return self._standing.attention

    @property
    def tally(self) -> Mapping[Health, int]:
        """How many items are how well."""
        return self._standing.tally

    @property
    def pending(self) -> int:
        """How many objects ``refresh`` has to look at."""
        return len(self._dirty) + len(self._gone)

    def linked(self, kind: Kind, key: Key) -> Sequence[Any]:
        """Return the objects of a kind that have this key; those that could not be read are left out."""
        held = self._held.get(kind)
        if held is None:
            return []
        if self._row is not None:
            self._note(held, key)
        found = (held.objects.get(ref) for ref in held.by_key.get(key, ()))
        return [obj for obj in found if isinstance(obj, Object)]

    def visible(self, kind: Kind) -> bool:
        """Say whether all objects of this kind are known, in the namespaces that are looked at."""
        held = self._sight(kind)
        return held is not None and held.visible

    def everywhere(self, kind: Kind) -> bool:
        """Say whether all objects of this kind in all namespaces are known."""
        held = self._sight(kind)
        return held is not None and held.everywhere

    def see(self, kind: Kind, visible: bool, *, narrowed: bool = False) -> None:
        """Note whether a kind can be seen now, or in some namespaces only; rows that asked are read again."""
        held = self._held.get(kind)
        sight = (visible, visible and not narrowed)
        if held is not None and (held.visible, held.everywhere) != sight:
            held.visible, held.everywhere = sight
            self._touch(held, (_SIGHT,))

    def put(self, kind: Kind, ref: Ref, obj: Object | Malformed) -> None:
        """Note a new or changed object."""
        held = self._held[kind]
        old = held.objects.get(ref)
        held.objects[ref] = obj
        before, after = held.keys(old), held.keys(obj)
        if before != after:
            held.link(ref, before, after)
        if before != after or (after and held.shows(old, obj)):
            self._touch(held, {*before, *after})
        if held.source.read is not None:
            self._dirty[ref] = held
            self._gone.discard(ref)

    def drop(self, kind: Kind, ref: Ref) -> None:
        """Note that an object is gone."""
        held = self._held[kind]
        old = held.objects.pop(ref, None)
        if old is None:
            return
        keys = held.keys(old)
        held.link(ref, keys, ())
        self._touch(held, keys)
        if held.source.read is not None:
            self._forget(ref)
            self._dirty.pop(ref, None)
            self._gone.add(ref)

    def refs(self, kind: Kind) -> Iterable[Ref]:
        """Name the objects held of a kind."""
        return self._held[kind].objects.keys()

    def refresh(self, most: int | None = None) -> frozenset[Ref]:
        """Read what was noted since the last call; return the items that are new, other or gone.

        ``most`` bounds how many objects are read, so that a step stays short; ``pending`` says whether
        more are to be read.
        """
        if not self.pending:
            return frozenset()
        old, items, changed, self._reminded = self.items, dict(self.items), set[Ref](), False
        gone, dirty = list(islice(self._gone, most)), list(islice(self._dirty, most))
        self._gone.difference_update(gone)
        for ref in gone:
            self._remind(ref, ())
            self._replace(items, ref, (), changed)
        for ref in dirty:
            made = self._read(ref, self._dirty.pop(ref))
            self._replace(items, ref, made, changed)
        if changed:
            self._standing.change(changed, old, items)
            self.items = items
        return frozenset(changed)

    def ask(self, question: Question[AnswerT]) -> Answer[AnswerT]:  # noqa: ARG002 - as Around has it
        """Answer nothing: rows are made of what is watched alone."""
        return Answer()

    def details(self, ref: Ref, ask: Ask | None = None) -> tuple[Detail, ...]:
        """Return what is known of one object in full; nothing if it is gone or could not be read.

        ``ask`` answers what the detail asks for besides what is watched; without it that stays unknown.
        """
        around = Asking(self, ask) if ask else self
        for source, obj in self._found(ref):
            if source.explain is not None:
                return source.explain(obj, ref, around)
        return ()

    def logs(self, ref: Ref, ask: Ask | None = None) -> tuple[LogSource, ...]:
        """Name the containers whose logs tell of one object, the most telling first."""
        around = Asking(self, ask) if ask else self
        for source, obj in self._found(ref):
            if source.logs is not None:
                return source.logs(obj, ref, around)
        return ()

    def kind(self, ref: Ref) -> Kind | None:
        """Return the kind of an item's object, so that it can be fetched whole."""
        return next((source.kind for source, _ in self._found(ref)), None)

    def watched(self, ref: Ref) -> Object | None:
        """Return an item's object as it is watched; None if it is gone or could not be read."""
        return next((obj for _, obj in self._found(ref)), None)

    def _found(self, ref: Ref) -> Iterator[tuple[Source, Object]]:
        whole = msgspec.structs.replace(ref, part="") if ref.part else ref
        for held in self._held.values():
            if isinstance(obj := held.objects.get(whole), Object):
                yield held.source, obj

    def _read(self, ref: Ref, held: _Held) -> tuple[Item, ...]:
        obj, read = held.objects[ref], held.source.read
        self._forget(ref)
        self._remind(ref, tuple(left_off(ref, obj)))
        if isinstance(obj, Malformed):
            return (self.stage.unread(obj, ref),)
        assert read is not None  # only kinds with a reader are ever noted as changed
        self._row = (ref, held)
        try:
            return read(obj, ref, self)
        finally:
            self._row = None

    def _remind(self, ref: Ref, found: tuple[Reminder, ...]) -> None:
        if found == self.reminders.get(ref, ()):
            return
        if not self._reminded:
            self.reminders, self._reminded = dict(self.reminders), True
        if found:
            self.reminders[ref] = found
        else:
            del self.reminders[ref]

    def _replace(self, items: dict[Ref, Item], ref: Ref, made: tuple[Item, ...], changed: set[Ref]) -> None:
        """Put the items of one object in the place of those it made before."""
        new = {item.ref: item for item in made}
        for part in self._parts.pop(ref, (ref,)):
            if part not in new and items.pop(part, None) is not None:
                changed.add(part)
        for part, item in new.items():
            if items.get(part) != item:
                items[part] = item
                changed.add(part)
        if made and (len(new) != 1 or ref not in new):
            self._parts[ref] = tuple(new)

    def _sight(self, kind: Kind) -> _Held | None:
        held = self._held.get(kind)
        if held is not None and self._row is not None:
            self._note(held, _SIGHT)
        return held

    def _note(self, held: _Held, key: Key) -> None:
        """Note that the row being read depends on what has this key."""
        assert self._row is not None  # only called while a row is read
        ref, of = self._row
        rows = held.askers.setdefault(key, {})
        if ref not in rows:
            rows[ref] = of
            self._asked.setdefault(ref, []).append((held, key))

    def _forget(self, ref: Ref) -> None:
        """Forget what a row asked for."""
        for held, key in self._asked.pop(ref, ()):
            rows = held.askers[key]
            del rows[ref]
            if not rows:
                del held.askers[key]

    def _touch(self, held: _Held, keys: Iterable[Key]) -> None:
        """Note the rows that read what has these keys."""
        for key in keys:
            self._dirty.update(held.askers.get(key, {}))
