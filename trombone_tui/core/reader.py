"""Keeps a stage's items up to date: reads again only what a change can have touched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from trombone_tui.core.objects.basics import Kind, Malformed, Object, Ref
from trombone_tui.core.stage import Detail, Item, Key, Source, Stage


class StageReader:
    """One stage's objects of one cluster, by Ref and by key, and the items read from them.

    ``put``, ``drop`` and ``see`` only note what changed; ``refresh`` reads it. ``items`` is replaced by
    a new dict whenever something changed, so an older one can be handed out safely.
    """

    def __init__(self, stage: Stage, cluster: str, clock: Callable[[], datetime]) -> None:
        self.stage = stage
        self.items: dict[Ref, Item] = {}
        self._cluster = cluster
        self._clock = clock
        self._sources: dict[Kind, Source] = {source.kind: source for source in stage.sources}
        self._objects: dict[Kind, dict[Ref, Object | Malformed]] = {kind: {} for kind in self._sources}
        self._by_key: dict[tuple[Kind, Key], set[Ref]] = {}
        self._keys: dict[Ref, tuple[Key, ...]] = {}
        self._visible: set[Kind] = set()
        self._dirty: dict[Ref, Kind] = {}
        self._gone: set[Ref] = set()
        self._parts: dict[Ref, tuple[Ref, ...]] = {}

    @property
    def now(self) -> datetime:
        """The time by the clock that was passed in."""
        return self._clock()

    def linked(self, kind: Kind, key: Key) -> Sequence[Any]:
        """Return the objects of a kind that have this key; those that could not be read are left out."""
        objects = self._objects.get(kind, {})
        found = (objects.get(ref) for ref in self._by_key.get((kind, key), ()))
        return [obj for obj in found if isinstance(obj, Object)]

    def visible(self, kind: Kind) -> bool:
        """Say whether all objects of this kind are known."""
        return kind in self._visible

    def see(self, kind: Kind, visible: bool) -> None:
        """Note whether a kind can be seen now; what depends on it is read again."""
        if kind not in self._sources or visible == (kind in self._visible):
            return
        (self._visible.add if visible else self._visible.discard)(kind)
        if self._sources[kind].read is None:
            for other, source in self._sources.items():
                if source.read is not None:
                    self._dirty.update(dict.fromkeys(self._objects[other], other))

    def put(self, kind: Kind, ref: Ref, obj: Object | Malformed) -> None:
        """Note a new or changed object."""
        source = self._sources[kind]
        keys = tuple(source.keys(obj)) if isinstance(obj, Object) else ()
        same = self._same(source, ref, obj, keys)
        self._objects[kind][ref] = obj
        if not same:
            self._unlink(kind, ref)
            self._link(kind, ref, keys)
        if source.read is not None:
            self._dirty[ref] = kind
            self._gone.discard(ref)

    def drop(self, kind: Kind, ref: Ref) -> None:
        """Note that an object is gone."""
        if self._objects[kind].pop(ref, None) is None:
            return
        self._unlink(kind, ref)
        self._dirty.pop(ref, None)
        self._gone.add(ref)

    def refs(self, kind: Kind) -> Iterable[Ref]:
        """Name the objects held of a kind."""
        return self._objects[kind].keys()

    def refresh(self) -> bool:
        """Read what was noted since the last call; return whether any item changed."""
        if not self._dirty and not self._gone:
            return False
        items = dict(self.items)
        for ref in self._gone:
            for part in self._parts.pop(ref, (ref,)):
                items.pop(part, None)
        for ref in self._dirty.keys() & self._parts.keys():
            for part in self._parts.pop(ref):
                items.pop(part, None)
        for ref, kind in self._dirty.items():
            items.pop(ref, None)
            made = self._read(kind, ref)
            items.update((item.ref, item) for item in made)
            if tuple(item.ref for item in made) != (ref,):
                self._parts[ref] = tuple(item.ref for item in made)
        self._gone, self._dirty = set(), {}
        self.items = items
        return True

    def details(self, ref: Ref) -> tuple[Detail, ...]:
        """Return what is known of one object in full; nothing if it is gone or could not be read."""
        whole = msgspec.structs.replace(ref, part="")
        for kind, objects in self._objects.items():
            explain = self._sources[kind].explain
            if explain is not None and isinstance(obj := objects.get(whole), Object):
                return explain(obj, ref, self)
        return ()

    def _read(self, kind: Kind, ref: Ref) -> tuple[Item, ...]:
        obj = self._objects[kind][ref]
        read = self._sources[kind].read
        if isinstance(obj, Malformed) or read is None:
            assert isinstance(obj, Malformed)  # only kinds with a reader are ever noted as changed
            return (self.stage.unread(obj, ref),)
        return read(obj, ref, self)

    def _same(self, source: Source, ref: Ref, obj: Object | Malformed, keys: tuple[Key, ...]) -> bool:
        """Say whether linked rows would read of this object what they read before."""
        old = self._objects[source.kind].get(ref)
        if keys != self._keys.get(ref, ()):
            return False
        if not keys:
            return True
        if source.shared is None or not isinstance(old, Object):
            return False
        return source.shared(old) == source.shared(obj)

    def _link(self, kind: Kind, ref: Ref, keys: tuple[Key, ...]) -> None:
        if keys:
            self._keys[ref] = keys
            for key in keys:
                self._by_key.setdefault((kind, key), set()).add(ref)
            self._touch(keys)

    def _unlink(self, kind: Kind, ref: Ref) -> None:
        keys = self._keys.pop(ref, ())
        for key in keys:
            refs = self._by_key.get((kind, key))
            if refs is not None:
                refs.discard(ref)
                if not refs:
                    del self._by_key[kind, key]
        self._touch(keys)

    def _touch(self, keys: Iterable[Key]) -> None:
        for key in keys:
            for kind, source in self._sources.items():
                if source.read is not None:
                    self._dirty.update(dict.fromkeys(self._by_key.get((kind, key), ()), kind))
