"""An Application in full."""

from __future__ import annotations

from collections.abc import Iterator

from trombone_tui.core.objects.argo_cd import Application, Initiator
from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.objects.durations import stamp
from trombone_tui.core.objects.phrases import short_revision
from trombone_tui.core.stage import Around, Detail, Fact, Facts
from trombone_tui.pipeline.sync.row import read_application
from trombone_tui.pipeline.sync.state import SyncState, sync_state

SHOWN = 40
"""Resources and syncs that are listed; the rest is counted."""
_SYNC = {"Synced": Health.HEALTHY, "OutOfSync": Health.SUSPENDED, "Unknown": Health.UNKNOWN}
_PHASE = {
    "Succeeded": Health.HEALTHY,
    "Running": Health.PROGRESSING,
    "Terminating": Health.PROGRESSING,
    "Failed": Health.DEGRADED,
    "Error": Health.DEGRADED,
}


def explain_application(application: Application, ref: Ref, around: Around) -> tuple[Detail, ...]:
    """Tell all that is known of an Application."""
    of = sync_state(application, around)
    (item,) = read_application(application, ref, around)
    parts = (
        Facts("Application", tuple(_state(of, item.health, item.why))),
        Facts("Conditions", tuple(_conditions(of))),
        Facts("Source and destination", tuple(_source(of))),
        Facts("Operation", tuple(_operation(of))),
        Facts("Failed", tuple(_failed(of))),
        Facts("Differs from the source", tuple(_drift(of))),
        Facts("History", tuple(_history(of))),
    )
    return tuple(part for part in parts if part.facts)


def _state(of: SyncState, health: Health, why: str) -> Iterator[Fact]:
    yield Fact("Why", why, health)
    yield Fact("Sync", of.sync.status, _SYNC.get(of.sync.status or ""))
    yield Fact("Revision", of.revision)
    yield Fact("Health", of.app_health.value if of.app_health else None, of.app_health)
    if of.cause:
        yield Fact("Health comes from", f"Rollout {of.cause}")
    yield Fact("Auto-sync", of.auto_sync)
    yield Fact("Self-heal", of.self_heal)
    yield Fact("Prune", of.prune)
    yield Fact("Compared", of.status.reconciled_at)
    summary = of.status.summary
    yield Fact("Images", ", ".join((summary.images if summary else None) or ()) or None)
    yield Fact("Addresses", ", ".join((summary.external_urls if summary else None) or ()) or None)


def _conditions(of: SyncState) -> Iterator[Fact]:
    for one in of.status.conditions or ():
        error = (one.type or "").endswith("Error")
        yield Fact(one.type or "?", one.message, Health.DEGRADED if error else Health.SUSPENDED)


def _source(of: SyncState) -> Iterator[Fact]:
    yield Fact("Project", of.spec.project)
    sources = of.application.sources
    for number, source in enumerate(sources, 1):
        which = f" {number}" if len(sources) > 1 else ""
        yield Fact(f"Repository{which}", source.repo_url)
        yield Fact(f"Path{which}", source.path or source.chart)
        yield Fact(f"Target{which}", source.target_revision)
    hydrator = of.spec.source_hydrator.dry_source if of.spec.source_hydrator else None
    if hydrator is not None:
        yield Fact("Hydrated from", f"{hydrator.repo_url} {hydrator.path or ''}".strip())
    where = of.spec.destination
    if where is not None:
        yield Fact("Cluster", where.name or where.server)
        yield Fact("Namespace", where.namespace)


def _operation(of: SyncState) -> Iterator[Fact]:
    state = of.operation
    if state.phase is None:
        return
    yield Fact("Phase", state.phase, _PHASE.get(state.phase))
    yield Fact("Message", state.message)
    yield Fact("Synced to", of.synced_to)
    yield Fact("Started by", _who(state.operation.initiated_by if state.operation else None))
    yield Fact("Started", state.started_at)
    yield Fact("Finished", state.finished_at)
    if state.retry_count:
        limit = state.operation.retry.limit if state.operation and state.operation.retry else None
        yield Fact("Retries", f"{state.retry_count} of {'?' if limit is None else limit}")


def _who(initiator: Initiator | None) -> str | None:
    if initiator is None:
        return None
    return initiator.username or ("auto-sync" if initiator.automated else None)


def _failed(of: SyncState) -> Iterator[Fact]:
    results = of.operation.sync_result.resources if of.operation.sync_result else None
    failed = [one for one in results or () if one.failed]
    for one in failed[:SHOWN]:
        yield Fact(f"{one.kind} {one.namespace or ''}/{one.name}", one.message, Health.DEGRADED)
    if len(failed) > SHOWN:
        yield Fact("More", len(failed) - SHOWN)


def _drift(of: SyncState) -> Iterator[Fact]:
    for one in of.drift[:SHOWN]:
        what = "to be deleted" if one.requires_pruning else "differs"
        yield Fact(f"{one.kind} {one.namespace or ''}/{one.name}", what, Health.SUSPENDED)
    if len(of.drift) > SHOWN:
        yield Fact("More", len(of.drift) - SHOWN)


def _history(of: SyncState) -> Iterator[Fact]:
    for entry in list(reversed(of.status.history or ()))[:SHOWN]:
        revision = ", ".join(entry.revisions or ()) or entry.revision or "?"
        when = stamp(entry.deployed_at) if entry.deployed_at else "?"
        who = _who(entry.initiated_by)
        text = f"{short_revision(revision)} {when}{f' by {who}' if who else ''}"
        yield Fact(f"Sync {'?' if entry.id is None else entry.id}", text)
