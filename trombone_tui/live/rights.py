"""Finds the namespaces in which a user who may not see all may see a kind."""

from __future__ import annotations

import asyncio

from trombone_tui.core.objects.basics import Kind
from trombone_tui.core.ports import Cluster, Denied

_AT_ONCE = 8
"""Questions to the API server at the same time."""
MOST = 50
"""Namespaces that are followed one by one; each costs a connection a kind."""


class Rights:
    """What one user may do on one cluster; asked when it matters, the namespaces only once."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._lock = asyncio.Lock()
        self._names: list[str] | None = None

    async def namespaces(self, kind: Kind) -> list[str]:
        """Name the namespaces whose objects of a kind may be listed and watched.

        Where the user may not even list namespaces, the context's own is tried.

        Raises:
            Unreachable, Unauthenticated: as their names say.
        """
        names = await self._all()
        answers = await asyncio.gather(*(self._may(kind, name) for name in names))
        return [name for name, may in zip(names, answers, strict=True) if may]

    async def _all(self) -> list[str]:
        async with self._lock:
            if self._names is None:
                try:
                    found = list(await self.cluster.namespaces())
                except Denied:
                    found = []
                own = self.cluster.namespace
                self._names = [own, *(name for name in found if name != own)]
            return self._names

    async def _may(self, kind: Kind, namespace: str) -> bool:
        async with self._slots:
            return await self.cluster.may("list", kind, namespace) and await self.cluster.may(
                "watch", kind, namespace
            )
