"""Objects that come to be after something was done, whatever they are called."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from datetime import datetime

from trombone_tui.core.objects.basics import Kind
from trombone_tui.core.objects.plain import Plain
from trombone_tui.core.ports import Batch, Change, Cluster, Listed, PortError, Restored, Trouble
from trombone_tui.live.eye import Eye, blinding


class Lookout(Eye):
    """Notes the states of all objects of a kind that came to be since ``forget`` was last called."""

    def __init__(
        self, cluster: Cluster, kind: Kind, namespaces: Sequence[str], clock: Callable[[], datetime]
    ) -> None:
        super().__init__(cluster, kind, namespaces[0], "")
        self._namespaces = namespaces
        self._listed: set[str] = set()
        self._troubles: dict[str, PortError] = {}
        """Why nothing can be seen at the moment, by namespace."""
        self._clock, self._since = clock, clock()
        self._met_ever: set[str] = set()
        self._old: frozenset[str] = frozenset()

    def forget(self) -> None:
        """Take all objects that were seen by now for old ones."""
        super().forget()
        self._since, self._old = self._clock().replace(microsecond=0), frozenset(self._met_ever)

    @property
    def known(self) -> bool:
        """Whether it is known of each namespace what is there, or why not."""
        return self._listed | self._troubles.keys() >= set(self._namespaces)

    @property
    def blind(self) -> bool:
        """Whether nothing will be seen in any namespace, however long one looks."""
        return all(blinding(self._troubles.get(one)) for one in self._namespaces)

    async def _follow(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for namespace in self._namespaces:
                    group.create_task(self._follow_in(namespace), name=f"watch {namespace}")
        finally:
            self._news.set()

    async def _follow_in(self, namespace: str) -> None:
        where = namespace if self._kind.namespaced else None
        async with aclosing(self._cluster.follow(self._kind, where)) as changes:
            async for change in changes:
                self._note(namespace, change)
                self._news.set()

    def _note(self, namespace: str, change: Change) -> None:
        match change:
            case Batch():
                self._meet(namespace, change)
                self._troubles.pop(namespace, None)
            case Listed():
                self._listed.add(namespace)
                self._troubles.pop(namespace, None)
            case Restored():
                self._troubles.pop(namespace, None)
            case Trouble():
                self._troubles[namespace] = change.error
        self.listed = self._listed >= set(self._namespaces)
        self.trouble = next(iter(self._troubles.values()), None)

    def _meet(self, namespace: str, batch: Batch) -> None:
        for put in batch.put:
            if isinstance(put, Plain):
                self._met_ever.add(put.metadata.uid)
                if put.metadata.uid not in self._old and not self._earlier(namespace, put):
                    self._states.append(put.whole)

    def _earlier(self, namespace: str, put: Plain) -> bool:
        """Say of what is in the first list, which may have come late, whether it is an old object."""
        created = put.metadata.creation_timestamp
        return namespace not in self._listed and created is not None and created < self._since
