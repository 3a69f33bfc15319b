"""The resources an Application manages, those that cause its health first."""

from __future__ import annotations

from collections.abc import Iterator

from trombone_tui.core.objects.argo_cd import Resource
from trombone_tui.core.objects.argo_cd_health import CHECKED_KINDS, Verdict, checked
from trombone_tui.core.objects.argo_rollouts import ROLLOUT
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.objects.managing import in_cluster
from trombone_tui.core.objects.phrases import counted, object_name
from trombone_tui.core.ports import Missing
from trombone_tui.core.questions import Thing
from trombone_tui.core.stage import Around, Branch
from trombone_tui.pipeline.sync.state import SyncState
from trombone_tui.pipeline.sync.workloads import found, phase

_MOST = 100
_FEW = 8
"""So many resources in sync are shown open."""
_ASKED = 20
"""Objects that are fetched to check them."""
APART = "appTree"
"""Where ``resourceHealthSource`` says so, Argo CD keeps the health of single resources to itself."""


def healths(of: SyncState, around: Around) -> list[tuple[Resource, Verdict | None]]:
    """Return each resource with how well it is and why; None where that is not known.

    Where the object does not tell, Rollouts that are watched do, and, while the Application is not well,
    the objects themselves: some are fetched and checked as Argo CD checks them.
    """
    seen = {(one.metadata.namespace, one.metadata.name): phase(one) for one in found(of.application, around)}
    looked = in_cluster(of.application) and of.app_health not in (None, Health.HEALTHY)
    made: list[tuple[Resource, Verdict | None]] = []
    asked = 0
    for one in of.status.resources or ():
        verdict = _told(one)
        if verdict is None and one.kind == ROLLOUT.name and one.group == ROLLOUT.group:
            health = seen.get((one.namespace or "", one.name or ""))
            verdict = (health, "") if health is not None else None
        elif verdict is None and looked and asked < _ASKED and one.kind in CHECKED_KINDS and not one.hook:
            asked += 1
            verdict = _checked(one, around)
        made.append((one, verdict))
    return made


def _told(one: Resource) -> Verdict | None:
    """Return the health that the Application's object tells of a resource."""
    if one.health is None or not one.health.status:
        return None
    known = one.health.status in tuple(Health)
    return Health(one.health.status) if known else Health.UNKNOWN, one.health.message or ""


def _checked(one: Resource, around: Around) -> Verdict | None:
    wanted = Thing(
        group=one.group or "", kind=one.kind or "", namespace=one.namespace or "", name=one.name or ""
    )
    answer = around.ask(wanted)
    if isinstance(answer.trouble, Missing):
        return Health.MISSING, "is not there"
    if answer.trouble is not None:
        return Health.UNKNOWN, str(answer.trouble)
    return checked(one.kind or "", answer.value) if answer.value is not None else None


def resources(of: SyncState, around: Around) -> Iterator[Branch]:
    """Yield a branch for each resource: bad health first, then what differs, then what is well."""
    told = healths(of, around)
    causes = [pair for pair in told if _bad(pair[1])]
    differ = [pair for pair in told if not _bad(pair[1]) and pair[0].status != "Synced"]
    well = [pair for pair in told if not _bad(pair[1]) and pair[0].status == "Synced"]
    if told and not any(one.health for one, _ in told):
        yield Branch(
            text=_apart(of), note="what is said of it is worked out from the objects that can be seen"
        )
    for one, verdict in (*causes, *differ)[:_MOST]:
        yield _branch(one, verdict)
    if len(causes) + len(differ) > _MOST:
        yield Branch(text=f"{len(causes) + len(differ) - _MOST} more not in sync or not well")
    if well:
        shown = tuple(_branch(one, verdict) for one, verdict in well[:_MOST])
        more = (Branch(text=f"{len(well) - _MOST} more"),) if len(well) > _MOST else ()
        yield Branch(
            text=f"{counted(len(well), 'resource')} in sync", branches=shown + more, folded=len(well) > _FEW
        )


def _apart(of: SyncState) -> str:
    if of.status.resource_health_source == APART:
        return "Argo CD keeps the health of single resources out of the object"
    return "The object tells no health of single resources"


def _bad(verdict: Verdict | None) -> bool:
    return verdict is not None and verdict[0] is not Health.HEALTHY


def _branch(one: Resource, verdict: Verdict | None) -> Branch:
    place = f"{one.namespace}/{one.name}" if one.namespace else one.name
    note = ", ".join(_notes(one, verdict))
    return Branch(text=object_name(one.kind, place), note=note, health=verdict[0] if verdict else None)


def _notes(one: Resource, verdict: Verdict | None) -> Iterator[str]:
    if one.hook:
        yield "hook"
    elif one.status:
        yield one.status
    if verdict is not None:
        yield f"{verdict[0].value}: {verdict[1]}" if verdict[1] else verdict[0].value
    if one.requires_pruning and not one.hook:
        yield "to be deleted"
    if one.requires_deletion_confirmation:
        yield "waits for somebody to confirm its deletion"
    if one.sync_wave:
        yield f"wave {one.sync_wave}"
