"""Groups the items of all stages into services: what an Application, a Rollout and an image share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.stage import Item

ANCHORS = ("Application", "Rollout")
"""Joins that make two items the same service; all others only attach an item to services."""


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
    """Finds services among the items of all stages, again only when what they share has changed.

    A join is ``Kind/namespace/name`` for an object and ``image/repository`` for an image. Items that
    share an ``Application`` or ``Rollout`` join are one service. Others (a Workflow that built the
    image, the Sensor that started it) are attached to every service that has the join they share, so a
    side-car image that many services run never merges them into one.
    """

    def __init__(self, order: Sequence[str]) -> None:
        self._order = tuple(order)
        self._items: dict[str, Mapping[Ref, Item]] = {}
        self._joins: dict[Ref, tuple[str, ...]] = {}
        self._members: dict[str, dict[str, list[Ref]]] = {}
        self._services: dict[str, Service] = {}

    def update(self, stages: Mapping[str, Mapping[Ref, Item]]) -> Mapping[str, Service]:
        """Return the services of these items; what did not change is the same object as before."""
        changed: set[Ref] = set()
        regroup = False
        for stage in self._order:
            new, old = stages[stage], self._items.get(stage, {})
            if new is old:
                continue
            for ref, item in new.items():
                if old.get(ref) is not item:
                    changed.add(ref)
                    regroup = regroup or self._joins.get(ref) != item.joins
            gone = old.keys() - new.keys()
            regroup = regroup or any(self._joins.get(ref) for ref in gone)
        self._items = {stage: stages[stage] for stage in self._order}
        if regroup:
            self._regroup()
        if changed or regroup:
            self._services = dict(sorted(self._build(changed)))
        return self._services

    def _regroup(self) -> None:
        self._joins = {ref: item.joins for items in self._items.values() for ref, item in items.items()}
        groups = _Groups()
        for ref, joins in self._joins.items():
            groups.unite([f"{ref.cluster}:{join}" for join in joins if join.startswith(ANCHORS)])
        members: dict[str, dict[str, list[Ref]]] = {}
        homes: dict[str, set[str]] = {}
        floating: list[tuple[str, Ref]] = []
        for stage in self._order:
            for ref, item in self._items[stage].items():
                anchor = next((f"{ref.cluster}:{j}" for j in item.joins if j.startswith(ANCHORS)), "")
                if not anchor:
                    floating.append((stage, ref))
                    continue
                root = groups.root(anchor)
                members.setdefault(root, {}).setdefault(stage, []).append(ref)
                for join in item.joins:
                    homes.setdefault(f"{ref.cluster}:{join}", set()).add(root)
        self._attach(floating, homes, members)
        self._members = members

    def _attach(
        self,
        floating: list[tuple[str, Ref]],
        homes: dict[str, set[str]],
        members: dict[str, dict[str, list[Ref]]],
    ) -> None:
        """Attach what shares no anchor, from the last stage back, so that a Sensor follows its Workflow.

        Items of one stage never attach through each other: two Workflows that one Sensor started have
        nothing else in common.
        """
        for stage in reversed(self._order):
            found: list[tuple[str, set[str]]] = []
            for ref in [ref for of_stage, ref in floating if of_stage == stage]:
                joins = [f"{ref.cluster}:{join}" for join in self._joins[ref]]
                roots = set().union(*(homes.get(join, ()) for join in joins))
                for root in roots:
                    members[root].setdefault(stage, []).append(ref)
                found += [(join, roots) for join in joins if roots]
            for join, roots in found:
                homes.setdefault(join, set()).update(roots)

    def _build(self, changed: set[Ref]) -> Iterable[tuple[str, Service]]:
        for root, stages in self._members.items():
            old = self._services.get(root)
            touched = any(ref in changed for refs in stages.values() for ref in refs)
            if old is not None and not touched and self._same(old, stages):
                yield root, old
            else:
                yield root, self._service(root, stages)

    def _same(self, old: Service, stages: dict[str, list[Ref]]) -> bool:
        return {stage: len(refs) for stage, refs in stages.items()} == {
            s: h.count for s, h in old.hops.items()
        }

    def _service(self, root: str, stages: dict[str, list[Ref]]) -> Service:
        hops: dict[str, Hop] = {}
        name = ""
        for stage in self._order:
            items = [self._items[stage][ref] for ref in stages.get(stage, ()) if ref in self._items[stage]]
            if not items:
                continue
            best = max(items, key=_speaks)
            hops[stage] = Hop(
                ref=best.ref, health=best.health, brief=best.brief, why=best.why, refs=tuple(stages[stage])
            )
            name = name or next((i.ref.name for i in items if i.ref.kind == "Application"), "")
            name = next((i.ref.name for i in items if i.ref.kind == "Rollout"), name)
        cluster, _, anchor = root.partition(":")
        return Service(key=root, cluster=cluster, name=name or anchor.rpartition("/")[2], hops=hops)


def _speaks(item: Item) -> tuple[bool, float, int, bool]:
    """Rank the items of one stage: of a series the newest speaks, otherwise the worst health does.

    Of several that are equally well, one with something to say in short speaks.
    """
    newest = item.created.timestamp() if item.series and item.created else 0.0
    return (bool(item.series), newest, item.health.badness, bool(item.brief))


class _Groups:
    """Union-find over joins."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def root(self, join: str) -> str:
        parent = self._parent.setdefault(join, join)
        while parent != (above := self._parent[parent]):
            parent = above
        self._parent[join] = parent
        return parent

    def unite(self, joins: Sequence[str]) -> None:
        for join in joins[1:]:
            one, other = sorted((self.root(joins[0]), self.root(join)))
            self._parent[other] = one
        if joins:
            self.root(joins[0])
