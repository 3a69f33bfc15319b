"""Which items of one cluster belong to which service, kept up change by change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from trombone_tui.core.objects.basics import Ref

_ANCHORS = ("Application/", "Rollout/")
"""Joins that make two items the same service; all others only attach an item to services."""

Joins = tuple[str, ...]
Roots = frozenset[str]
_NOWHERE: Roots = frozenset()
KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")


class Neighbours:
    """The services of one cluster, each by its root: the first of its anchors in the alphabet.

    Items that share an anchor, directly or through others, are one service. Items without one are
    attached to every service that has a join they share: through an anchored item, or through an
    attached one of a later stage (a Sensor follows its Workflows). Items of one stage never attach
    through each other: two Workflows that one Sensor started have nothing else in common.

    Stages are numbered in travel order; ``moved`` says what changed, ``settle`` draws the consequences.
    """

    def __init__(self, stages: int) -> None:
        self.names: dict[str, str] = {}
        """What each service is called: as its Rollout, else as its Application."""
        self._stages = stages
        self._members: dict[str, dict[int, dict[Ref, None]]] = {}
        self._joins: list[dict[Ref, Joins]] = [{} for _ in range(stages)]
        self._roots: list[dict[Ref, Roots]] = [{} for _ in range(stages)]
        self._anchored: dict[str, set[tuple[int, Ref]]] = {}
        self._loose: dict[tuple[int, str], set[Ref]] = {}
        """The items without an anchor, by stage and join."""
        self._homes: dict[tuple[int, str], dict[str, int]] = {}
        """How many items of a stage bring a join to each root; those with an anchor as stage ``stages``."""
        self._stirred: set[str] = set()
        """Anchors whose services have to be found again."""
        self._adrift: list[set[Ref]] = [set() for _ in range(stages)]
        """Loose items whose services have to be found again."""
        self._shared: dict[Roots, Roots] = {}
        """One object for all items that belong to the same services."""
        self._touched: dict[tuple[str, int], set[Ref]] = {}

    def members(self, root: str, stage: int) -> Mapping[Ref, None]:
        """Return the items in a stage of a service that exists; the values mean nothing."""
        return self._members[root].get(stage, {})

    def exists(self, root: str) -> bool:
        """Say whether a service still has any item."""
        return root in self._members

    def moved(self, stage: int, ref: Ref, joins: Joins | None) -> None:
        """Take in an item that is new, changed or, with None, gone."""
        old = self._joins[stage].get(ref)
        if old == joins:
            for root in self._roots[stage].get(ref, ()):
                self._touched.setdefault((root, stage), set()).add(ref)
            return
        if old is not None:
            self._settle_in(stage, ref, _NOWHERE)
            self._unindex(stage, ref, old)
        if joins is not None:
            self._index(stage, ref, joins)

    def settle(self) -> dict[tuple[str, int], set[Ref]]:
        """Find the services again; return the items that changed, came or went, by service and stage."""
        done: set[str] = set()
        for anchor in self._stirred:
            if anchor not in done:
                done |= self._regroup(anchor)
        self._stirred = set()
        for stage in reversed(range(self._stages)):
            adrift, self._adrift[stage] = self._adrift[stage], set()
            for ref in adrift:
                if (joins := self._joins[stage].get(ref)) is not None:
                    self._settle_in(stage, ref, self._found(stage, joins))
        touched, self._touched = self._touched, {}
        return touched

    def _index(self, stage: int, ref: Ref, joins: Joins) -> None:
        self._joins[stage][ref] = joins
        anchors = _anchors(joins)
        for anchor in anchors:
            self._anchored.setdefault(anchor, set()).add((stage, ref))
        self._stirred.update(anchors)
        if not anchors and joins:
            self._adrift[stage].add(ref)
            for join in joins:
                self._loose.setdefault((stage, join), set()).add(ref)

    def _unindex(self, stage: int, ref: Ref, joins: Joins) -> None:
        del self._joins[stage][ref]
        self._adrift[stage].discard(ref)
        anchors = _anchors(joins)
        self._stirred.update(anchors)
        for anchor in anchors:
            _discard(self._anchored, anchor, (stage, ref))
        if not anchors:
            for join in joins:
                _discard(self._loose, (stage, join), ref)

    def _regroup(self, anchor: str) -> set[str]:
        """Find the service of an anchor; return all anchors it has."""
        anchors, spots, open_ = {anchor}, set[tuple[int, Ref]](), [anchor]
        while open_:
            for spot in self._anchored.get(open_.pop(), ()):
                if spot not in spots:
                    spots.add(spot)
                    more = {*_anchors(self._joins[spot[0]][spot[1]])} - anchors
                    anchors |= more
                    open_ += more
        root = min(anchors)
        for stage, ref in spots:
            self._settle_in(stage, ref, frozenset((root,)))
        if spots:
            self.names[root] = min(anchors, key=_naming).rpartition("/")[2]
        return anchors

    def _found(self, stage: int, joins: Joins) -> Roots:
        """Return the services that a loose item shares a join with."""
        later = range(stage + 1, self._stages + 1)
        homes = (self._homes.get((level, join), ()) for level in later for join in joins)
        found = frozenset(root for roots in homes for root in roots)
        return self._shared.setdefault(found, found)

    def _settle_in(self, stage: int, ref: Ref, roots: Roots) -> None:
        """Make an item a member of these services and of no others."""
        old = self._roots[stage].get(ref, _NOWHERE)
        if old == roots:
            return
        for root in old ^ roots:
            self._touched.setdefault((root, stage), set()).add(ref)
        if roots:
            self._roots[stage][ref] = roots
        else:
            del self._roots[stage][ref]
        joins = self._joins[stage][ref]
        level = self._stages if _anchors(joins) else stage
        for root in old - roots:
            self._leave(stage, ref, root)
            for join in joins:
                self._away(level, join, root)
        for root in roots - old:
            self._members.setdefault(root, {}).setdefault(stage, {})[ref] = None
            for join in joins:
                self._home(level, join, root)

    def _leave(self, stage: int, ref: Ref, root: str) -> None:
        stages = self._members[root]
        del stages[stage][ref]
        if not stages[stage]:
            del stages[stage]
        if not stages:
            del self._members[root]
            self.names.pop(root, None)

    def _home(self, level: int, join: str, root: str) -> None:
        homes = self._homes.setdefault((level, join), {})
        homes[root] = homes.get(root, 0) + 1
        if homes[root] == 1:
            self._loosen(level, join)

    def _away(self, level: int, join: str, root: str) -> None:
        homes = self._homes[level, join]
        homes[root] -= 1
        if not homes[root]:
            del homes[root]
            if not homes:
                del self._homes[level, join]
            self._loosen(level, join)

    def _loosen(self, level: int, join: str) -> None:
        """Note the loose items of earlier stages that have this join."""
        for stage in range(min(level, self._stages)):
            self._adrift[stage] |= self._loose.get((stage, join), set())


def _anchors(joins: Joins) -> Sequence[str]:
    return [join for join in joins if join.startswith(_ANCHORS)]


def _naming(anchor: str) -> tuple[bool, str]:
    return (not anchor.startswith("Rollout/"), anchor)


def _discard(index: dict[KeyT, set[ValueT]], key: KeyT, value: ValueT) -> None:
    index[key].discard(value)
    if not index[key]:
        del index[key]
