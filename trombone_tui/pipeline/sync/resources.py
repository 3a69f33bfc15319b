"""The resources an Application manages, those that cause its health first."""

from __future__ import annotations

from collections.abc import Iterator

from trombone_tui.core.objects.argo_cd import Resource
from trombone_tui.core.objects.argo_rollouts import ROLLOUT
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.objects.phrases import counted
from trombone_tui.core.stage import Around, Branch
from trombone_tui.pipeline.sync.state import SyncState
from trombone_tui.pipeline.sync.workloads import found, phase

_MOST = 100
_FEW = 8
"""So many resources in sync are shown open."""
APART = "appTree"
"""Where ``resourceHealthSource`` says so, Argo CD keeps the health of single resources to itself."""


def resources(of: SyncState, around: Around) -> Iterator[Branch]:
    """Yield a branch for each resource: bad health first, then what differs, then what is well."""
    every = of.status.resources or []
    seen = _rollout_healths(of, around)
    told = [(one, _health(one, seen)) for one in every]
    causes = [pair for pair in told if _bad(pair[1])]
    differ = [pair for pair in told if not _bad(pair[1]) and pair[0].status != "Synced"]
    well = [pair for pair in told if not _bad(pair[1]) and pair[0].status == "Synced"]
    if every and not any(one.health for one in every):
        yield Branch(text=_apart(of), note="the Rollouts that can be seen are named by their own state")
    for one, health in (*causes, *differ)[:_MOST]:
        yield _branch(one, health)
    if len(causes) + len(differ) > _MOST:
        yield Branch(text=f"{len(causes) + len(differ) - _MOST} more not in sync or not well")
    if well:
        shown = tuple(_branch(one, health) for one, health in well[:_MOST])
        more = (Branch(text=f"{len(well) - _MOST} more"),) if len(well) > _MOST else ()
        yield Branch(
            text=f"{counted(len(well), 'resource')} in sync", branches=shown + more, folded=len(well) > _FEW
        )


def _apart(of: SyncState) -> str:
    if of.status.resource_health_source == APART:
        return "Argo CD keeps the health of single resources out of the object"
    return "The object tells no health of single resources"


def _rollout_healths(of: SyncState, around: Around) -> dict[tuple[str, str], Health]:
    return {(one.metadata.namespace, one.metadata.name): phase(one) for one in found(of.application, around)}


def _health(one: Resource, seen: dict[tuple[str, str], Health]) -> Health | None:
    if one.health is not None and one.health.status:
        return Health(one.health.status) if one.health.status in tuple(Health) else Health.UNKNOWN
    if one.kind == ROLLOUT.name and one.group == ROLLOUT.group:
        return seen.get((one.namespace or "", one.name or ""))
    return None


def _bad(health: Health | None) -> bool:
    return health is not None and health is not Health.HEALTHY


def _branch(one: Resource, health: Health | None) -> Branch:
    place = f"{one.namespace}/{one.name}" if one.namespace else one.name
    return Branch(
        text=f"{one.kind or '?'} {place or '?'}", note=", ".join(_notes(one, health)), health=health
    )


def _notes(one: Resource, health: Health | None) -> Iterator[str]:
    if one.hook:
        yield "hook"
    elif one.status:
        yield one.status
    if health is not None:
        yield health.value
    if one.health is not None and one.health.message:
        yield one.health.message
    if one.requires_pruning and not one.hook:
        yield "to be deleted"
    if one.requires_deletion_confirmation:
        yield "waits for somebody to confirm its deletion"
    if one.sync_wave:
        yield f"wave {one.sync_wave}"
