"""Follows one kind of one cluster, for all stages that want it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import Protocol

from trombone_tui.core.objects.basics import Kind, Malformed, Object, Ref
from trombone_tui.core.ports import (
    Batch,
    Began,
    Change,
    Denied,
    Listed,
    NotInstalled,
    PortError,
    Restored,
    State,
    Trouble,
)
from trombone_tui.live.rights import MOST, Rights
from trombone_tui.live.scope import Scope

_SOON = 0.5
"""Seconds: what could be seen before is asked for again after twice this, four times this, and so on."""
_NAMED = 3
"""Namespaces that are named in a note; more are counted."""


class Reader(Protocol):
    """Is told of the objects of a kind."""

    def put(self, kind: Kind, ref: Ref, obj: Object | Malformed) -> None:
        """Note a new or changed object."""

    def drop(self, kind: Kind, ref: Ref) -> None:
        """Note that an object is gone."""

    def see(self, kind: Kind, visible: bool, *, narrowed: bool = False) -> None:
        """Note whether a kind can be seen now, or in some namespaces only."""

    def refs(self, kind: Kind) -> Iterable[Ref]:
        """Name the objects of a kind that it was told of."""


class Pursuit:
    """One kind of one cluster: where it is looked for, and the readers that are told."""

    def __init__(
        self,
        kind: Kind,
        readers: Sequence[Reader],
        rights: Rights,
        *,
        namespaces: Sequence[str],
        clock: Callable[[], datetime],
        changed: Callable[[bool], None],
        ask_again: float,
    ) -> None:
        self.kind = kind
        self.note = ""
        """What the user should know of where it is looked for."""
        self.scopes = [Scope(kind, name) for name in (namespaces if kind.namespaced else ())]
        self._narrow = bool(self.scopes)
        if not self._narrow:
            self.scopes = [Scope(kind, None)]
        self._readers, self._cluster, self._rights = readers, rights.cluster, rights
        self._clock, self._changed, self._ask_again = clock, changed, ask_again

    async def run(self) -> None:
        """Follow the kind until cancelled."""
        if self._narrow or not self.kind.namespaced:
            await self._follow_all()
            return
        (scope,) = self.scopes
        denials = 0
        while True:
            found = await self._everywhere()
            if found:
                self._narrow_to(found)
                await self._follow_all()
            denials = denials + 1 if scope.state is State.DENIED else 0
            soon = _SOON * 2.0 ** min(denials, 30) if scope.listed else self._ask_again
            await asyncio.sleep(min(soon, self._ask_again))

    async def _everywhere(self) -> list[str]:
        """Follow the kind in all namespaces until that is forbidden; return those where it is allowed."""
        (scope,) = self.scopes
        async with aclosing(self._cluster.follow(self.kind, None)) as changes:
            async for change in changes:
                if isinstance(change, Trouble) and isinstance(change.error, Denied):
                    try:
                        found = await self._rights.namespaces(self.kind)
                    except PortError as error:
                        self._take(scope, Trouble(error))
                        return []
                    if not found:
                        self._take(scope, change)
                    return found
                self._take(scope, change)
        return []

    def _narrow_to(self, namespaces: Sequence[str]) -> None:
        named = ", ".join(namespaces[:_NAMED])
        more = f" and {len(namespaces) - _NAMED} more" if len(namespaces) > _NAMED else ""
        self.note = f"you may see only namespace{'s' if len(namespaces) > 1 else ''} {named}{more}"
        if len(namespaces) > MOST:
            self.note = (
                f"only {MOST} of the {len(namespaces)} namespaces with {self.kind.resource} are followed; "
                "choose them with -n"
            )
        names = namespaces[:MOST]
        for ref in [ref for ref in self._refs() if ref.namespace not in names]:
            self._drop(ref)
        self.scopes = [Scope(self.kind, name) for name in names]
        self._show()

    async def _follow_all(self) -> None:
        async with asyncio.TaskGroup() as group:
            for scope in self.scopes:
                group.create_task(self._follow(scope))

    async def _follow(self, scope: Scope) -> None:
        async with aclosing(self._cluster.follow(self.kind, scope.namespace)) as changes:
            async for change in changes:
                self._take(scope, change)

    def _take(self, scope: Scope, change: Change) -> None:
        match change:
            case Batch():
                self._batch(scope, change)
                return
            case Began():
                scope.begin(self._refs())
            case Listed():
                for ref in scope.complete():
                    self._drop(ref)
            case Restored():
                scope.clear()
            case Trouble():
                scope.fail(change, self._clock())
                if isinstance(change.error, NotInstalled):
                    for ref in [ref for ref in self._refs() if scope.holds(ref)]:
                        self._drop(ref)
        self._show()

    def _batch(self, scope: Scope, batch: Batch) -> None:
        for obj in batch.put:
            ref = self._ref(obj)
            scope.saw(ref)
            for reader in self._readers:
                reader.put(self.kind, ref, obj)
        for obj in batch.gone:
            self._drop(self._ref(obj))
        contact = scope.error is not None and not scope.listed
        if contact:  # the list has begun again, and rows come
            scope.clear()
        self._changed(contact)

    def _show(self) -> None:
        known = all(scope.known for scope in self.scopes)
        narrowed = any(scope.namespace is not None for scope in self.scopes)
        for reader in self._readers:
            reader.see(self.kind, known, narrowed=narrowed)
        self._changed(True)

    def _ref(self, obj: Object | Malformed) -> Ref:
        meta = obj.metadata
        return Ref(self._cluster.name, self.kind.name, meta.namespace, meta.name, meta.uid)

    def _refs(self) -> Sequence[Ref]:
        return list(self._readers[0].refs(self.kind))

    def _drop(self, ref: Ref) -> None:
        for reader in self._readers:
            reader.drop(self.kind, ref)
