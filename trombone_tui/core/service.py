"""Groups the items of all stages into services: what an Application, a Rollout and an image share."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from trombone_tui.core.neighbours import Neighbours
from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.stage import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One stage of a service: the item that speaks for it, and all items it has there."""

    ref: Ref
    health: Health
    brief: str
    why: str
    refs: tuple[Ref, ...]
    """All of them, in no order; an item that several services share is in each of them."""

    @property
    def count(self) -> int:
        """How many items the service has in this stage."""
        return len(self.refs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What is delivered: its items in each stage, found from the objects."""

    key: str
    cluster: str
    name: str
    hops: Mapping[str, Hop]
    """By stage name; a stage without an item of this service is absent."""

    @property
    def broken(self) -> str:
        """The first stage, in travel order, that is Degraded or Missing; empty if none is."""
        bad = (Health.DEGRADED, Health.MISSING)
        return next((stage for stage, hop in self.hops.items() if hop.health in bad), "")

    @property
    def held(self) -> str:
        """The stage whose hop explains the service best: the first broken, else the worst one."""
        if self.broken or not self.hops:
            return self.broken
        return max(self.hops, key=lambda stage: self.hops[stage].health.badness)


class Grouping:
    """Finds services among the items of all stages, looking again only at what changed.

    A join is ``Kind/namespace/name`` for an object and ``image/repository`` for an image. Items that
    share an ``Application`` or ``Rollout`` join are one service. Others (a Workflow that built the
    image, the Sensor that started it) are attached to every service that has the join they share, so a
    side-car image that many services run never merges them into one.
    """

    def __init__(self, order: Sequence[str]) -> None:
        self._order = tuple(order)
        self._clusters: dict[str, Neighbours] = {}
        self._stages: Mapping[str, Mapping[Ref, Item]] = {}
        self._services: dict[str, Service] = {}

    def update(
        self, stages: Mapping[str, Mapping[Ref, Item]], changed: Mapping[str, Iterable[Ref]]
    ) -> Mapping[str, Service]:
        """Return the services of these items; what did not change is the same object as before.

        Args:
            stages: The items of each stage, a new mapping wherever something changed.
            changed: The items of each stage that are new, other or gone since the last call.
        """
        for number, stage in enumerate(self._order):
            for ref in changed.get(stage, ()):
                item = stages[stage].get(ref)
                self._cluster(ref.cluster).moved(number, ref, None if item is None else item.joins)
        news: dict[str, Service | None] = {}
        for cluster, neighbours in self._clusters.items():
            touched: dict[str, dict[int, set[Ref]]] = {}
            for (root, number), refs in neighbours.settle().items():
                touched.setdefault(root, {})[number] = refs
            for root, numbers in touched.items():
                key = f"{cluster}:{root}"
                old, new = self._services.get(key), self._service(key, cluster, root, numbers, stages)
                if new != old:
                    news[key] = new
        self._stages = dict(stages)
        if news:
            self._take(news)
        return self._services

    def _cluster(self, name: str) -> Neighbours:
        return self._clusters.setdefault(name, Neighbours(len(self._order)))

    def _take(self, news: Mapping[str, Service | None]) -> None:
        services = dict(self._services)
        fresh = False
        for key, service in news.items():
            if service is None:
                services.pop(key, None)
            else:
                fresh = fresh or key not in services
                services[key] = service
        self._services = {key: services[key] for key in sorted(services)} if fresh else services

    def _service(
        self,
        key: str,
        cluster: str,
        root: str,
        touched: Mapping[int, set[Ref]],
        stages: Mapping[str, Mapping[Ref, Item]],
    ) -> Service | None:
        """Build a service; only the hops of the stages that were touched are made anew."""
        neighbours, old = self._clusters[cluster], self._services.get(key)
        if not neighbours.exists(root):
            return None
        hops: dict[str, Hop] = {}
        for number, stage in enumerate(self._order):
            hop = old.hops.get(stage) if old is not None else None
            if number in touched:
                members = neighbours.members(root, number)
                before = self._stages.get(stage, {})
                hop = _hop(hop, members, touched[number], before=before, items=stages[stage])
            if hop is not None:
                hops[stage] = hop
        return Service(key=key, cluster=cluster, name=neighbours.names[root], hops=hops)


def _hop(
    old: Hop | None,
    members: Mapping[Ref, None],
    changed: Collection[Ref],
    *,
    before: Mapping[Ref, Item],
    items: Mapping[Ref, Item],
) -> Hop | None:
    """Choose who speaks for a service's items in a stage, without asking all of them if it can be helped."""
    if not members:
        return None
    candidates: Iterable[Ref] = members
    if old is not None and old.ref in members:
        fell = old.ref in changed and _speaks(items[old.ref]) < _speaks(before[old.ref])
        candidates = members if fell else [old.ref, *(ref for ref in changed if ref in members)]
    best = max((items[ref] for ref in candidates), key=_speaks)
    return Hop(ref=best.ref, health=best.health, brief=best.brief, why=best.why, refs=tuple(members))


def _speaks(item: Item) -> tuple[bool, float, int, bool, Ref]:
    """Rank the items of one stage: of a series the newest speaks, otherwise the worst health does.

    Of several that are equally well, one with something to say in short speaks; the Ref only makes the
    choice certain.
    """
    newest = item.created.timestamp() if item.series and item.created else 0.0
    return (bool(item.series), newest, item.health.badness, bool(item.brief), item.ref)
