"""An Application in full."""

from __future__ import annotations

from collections.abc import Iterator

from trombone_tui.core.objects.argo_cd import APPLICATION, Application
from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.objects.phrases import object_name
from trombone_tui.core.questions import Objects, only
from trombone_tui.core.stage import Around, Detail, Fact, Facts, Line, Lines, Tree
from trombone_tui.pipeline.sync.drift import drift
from trombone_tui.pipeline.sync.lineage import lineage
from trombone_tui.pipeline.sync.operation import operation_facts, results
from trombone_tui.pipeline.sync.policy import comparing, history, policy
from trombone_tui.pipeline.sync.project import project_facts, window_facts
from trombone_tui.pipeline.sync.resources import healths, resources
from trombone_tui.pipeline.sync.serving import serving
from trombone_tui.pipeline.sync.sources import sources
from trombone_tui.pipeline.sync.state import SyncState, sync_state

_SHOWN = 40
_CAUSES = 5
_SYNC = {"Synced": Health.HEALTHY, "OutOfSync": Health.SUSPENDED, "Unknown": Health.UNKNOWN}
_CONDITIONS = {
    "InvalidSpecError": "The spec is refused",
    "ComparisonError": "Can't be compared with its source",
    "SyncError": "Auto-sync failed",
    "DeletionError": "Can't be deleted",
    "UnknownError": "Argo CD failed",
    "SharedResourceWarning": "Another Application has it, too",
    "RepeatedResourceWarning": "The source has it more than once",
    "ExcludedResourceWarning": "Argo CD is told to leave it alone",
    "OrphanedResourceWarning": "No Application has it",
}
"""What Argo CD's conditions mean; their own messages follow."""


def explain_application(application: Application, ref: Ref, around: Around) -> tuple[Detail, ...]:
    """Tell all that is known of an Application."""
    whole = only(around.ask(Objects.named(APPLICATION, ref.namespace, ref.name)))
    told = whole if isinstance(whole, Application) else application
    of = sync_state(told, around)
    parts: tuple[Detail, ...] = (
        Facts("Application", tuple(_state(of, around))),
        Facts("Live", tuple(serving(of, around))),
        Lines("Conditions", tuple(_conditions(of))),
        Facts("Operation", tuple(operation_facts(of, around))),
        Tree("What the operation did", tuple(results(of, told is whole))),
        Tree("Differs from the source", tuple(drift(of, around))),
        Tree("Resources", tuple(resources(of, around))),
        *sources(of),
        Facts("Policy", tuple(policy(of))),
        Facts("Project", tuple(project_facts(of.application, around))),
        Facts("Sync windows", tuple(window_facts(of.application, around))),
        *lineage(of.application, around),
        Facts("History", tuple(history(of))),
    )
    return tuple(part for part in parts if _holds(part))


def _holds(part: Detail) -> bool:
    if isinstance(part, Facts):
        return bool(part.facts)
    return bool(
        part.branches if isinstance(part, Tree) else part.lines if isinstance(part, Lines) else part.steps
    )


def _state(of: SyncState, around: Around) -> Iterator[Fact]:
    yield Fact("Sync", of.sync.status, _SYNC.get(of.sync.status or ""))
    yield Fact("Revision", of.revision)
    yield Fact("Health", of.app_health.value if of.app_health else None, of.app_health)
    yield from _cause(of, around)
    yield from comparing(of, around)
    summary = of.status.summary
    yield Fact("Images", ", ".join((summary.images if summary else None) or ()) or None)
    yield Fact("Addresses", ", ".join((summary.external_urls if summary else None) or ()) or None)


def _cause(of: SyncState, around: Around) -> Iterator[Fact]:
    """Name the resources that the health comes from, or say that none can be named."""
    if of.app_health is None or of.app_health is Health.HEALTHY:
        return
    causes = [
        f"{object_name(one.kind, one.name)}{f': {verdict[1]}' if verdict[1] else ''}"
        for one, verdict in healths(of, around)
        if verdict is not None and verdict[0] is of.app_health
    ]
    if of.cause and not causes:
        causes = [f"Rollout {of.cause}"]
    for cause in causes[:_CAUSES]:
        yield Fact("Health comes from", cause)
    if len(causes) > _CAUSES:
        yield Fact("Health comes from", f"{len(causes) - _CAUSES} more")
    if not causes:
        yield Fact("Health comes from", "not told by the object, nor by what of its resources can be seen")


def _conditions(of: SyncState) -> Iterator[Line]:
    found = of.status.conditions or []
    for one in found[:_SHOWN]:
        kind = one.type or "?"
        health = Health.DEGRADED if kind.endswith("Error") else Health.SUSPENDED
        told = f"{_CONDITIONS[kind]} ({kind})" if kind in _CONDITIONS else kind
        yield Line(text=f"{told}: {one.message or ''}", at=one.last_transition_time, health=health)
    if len(found) > _SHOWN:
        yield Line(text=f"{len(found) - _SHOWN} more")
