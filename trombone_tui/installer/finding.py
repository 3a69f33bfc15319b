"""Finds on a cluster what carries our labels, and says what may not be looked for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from trombone_tui.core.objects.basics import Kind, Meta
from trombone_tui.core.ports import Cluster, Denied, NotInstalled
from trombone_tui.installer.manifests import kinds, selector

Unseen = tuple[Kind, str]
"""A kind that may not be listed, and the namespace; an empty one means everywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What carries our labels and can be seen."""

    objects: Sequence[tuple[Kind, Meta]]
    """The kinds in the order of deleting: that of applying, backwards."""
    unseen: Sequence[Unseen]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finder:
    """Looks on one cluster, in these namespaces, or everywhere."""

    cluster: Cluster
    folder: Path
    namespaces: Sequence[str]

    async def find(self, service: str = "") -> Found:
        """Look for what was installed for a service, or for any.

        Raises:
            PortError: the API server can't be asked.
        """
        objects: list[tuple[Kind, Meta]] = []
        unseen: list[Unseen] = []
        async for kind in self._kinds():
            narrowed = kind.narrowed(selector=selector(service))
            for place in (self.namespaces if kind.namespaced else ()) or ("",):
                try:
                    metas = await self.cluster.names(narrowed, place or None)
                except Denied:
                    unseen.append((kind, place))
                    continue
                objects += [(kind, meta) for meta in metas if self._counts(kind, meta)]
        return Found(objects=objects, unseen=unseen)

    async def _kinds(self) -> AsyncIterator[Kind]:
        """Yield the kinds of the manifests that are served, each once."""
        for _, group, name in reversed(kinds(self.folder)):
            try:
                yield await self.cluster.find(group, name)
            except NotInstalled:
                continue

    def _counts(self, kind: Kind, meta: Meta) -> bool:
        """Leave out what other objects have made, and namespaces that were not asked for."""
        if kind.namespaced:
            return not meta.owner_references
        return not self.namespaces or meta.name in self.namespaces


def told(unseen: Collection[Unseen]) -> tuple[str, ...]:
    """Say what may not be listed, a sentence for each place."""
    places: dict[str, list[str]] = {}
    for kind, place in unseen:
        where = f" in namespace {place}" if place else " in all namespaces" if kind.namespaced else ""
        places.setdefault(where, []).append(kind.resource)
    return tuple(f"may not list {', '.join(names)}{where}" for where, names in places.items())
