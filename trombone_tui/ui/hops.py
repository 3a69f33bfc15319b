"""The items of a service, hop by hop: which of them the keys are for while the service is selected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.service import Hop
from trombone_tui.core.snapshot import StageSnapshot
from trombone_tui.core.stage import Item, Stage
from trombone_tui.ui.choices import Choice
from trombone_tui.ui.desk import Desk
from trombone_tui.ui.services import ServiceRow

_RUNS = "Rollout"
"""The kind whose pods are what a service runs."""


def members(hop: Hop | None, now: StageSnapshot) -> list[Item]:
    """Return a service's items in a stage: what needs a human first, then the newest."""
    items = [now.items[ref] for ref in hop.refs if ref in now.items] if hop else []
    return sorted(items, key=lambda item: (item.ref not in now.attention, -_age(item), item.ref))


def by_need(desk: Desk, row: ServiceRow) -> Sequence[tuple[Stage, list[Item]]]:
    """Return the items of each stage: of the hop that explains the service first, then of the worst one."""
    hops = row.service.hops
    stages = sorted(
        (stage for stage in desk.stages if stage.name in hops),
        key=lambda stage: (stage.name != row.held, -hops[stage.name].health.badness),
    )
    return [(stage, members(hops[stage.name], desk.snapshot.stages[stage.name])) for stage in stages]


def keyed(desk: Desk, row: ServiceRow) -> Iterator[Choice]:
    """Yield, in travel order, what verbs' keys may be for: a choice for each item that has such a verb."""
    for stage in desk.stages:
        names = {verb.name for verb in stage.verbs if desk.key_of(verb)}
        hop = row.service.hops.get(stage.name)
        for item in members(hop, desk.snapshot.stages[stage.name]) if names else ():
            for choice in desk.choices((item.ref,)):
                if choice.key and choice.verb.name in names:
                    yield choice


def speaking(row: ServiceRow) -> Ref | None:
    """Return the item that explains a service."""
    return row.service.hops[row.held].ref if row.held else None


def logging(desk: Desk, row: ServiceRow) -> Ref | None:
    """Return the item whose logs tell of a service: what explains it, or its Rollout where that has none."""
    first = speaking(row)
    if first is None or _has_logs(desk, row.held, first):
        return first
    hops = row.service.hops.values()
    return next((hop.ref for hop in hops if hop.ref.kind == _RUNS), first)


def item_of(desk: Desk, ref: Ref) -> Item | None:
    """Return an item of whatever stage; None if it is gone."""
    return next((item for stage in desk.stages if (item := desk.item(stage.name, ref))), None)


def _has_logs(desk: Desk, name: str, ref: Ref) -> bool:
    sources = next(stage.sources for stage in desk.stages if stage.name == name)
    return any(source.logs is not None for source in sources if source.kind.name == ref.kind)


def _age(item: Item) -> float:
    at = item.created or item.since
    return at.timestamp() if at else 0.0
