"""Why an Application is as it is: one plain sentence with the object's own numbers."""

from __future__ import annotations

import re
from collections.abc import Callable

from trombone_tui.core.objects.argo_cd import ResourceResult
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.objects.durations import stamp
from trombone_tui.core.objects.phrases import counted, sentence, short_revision
from trombone_tui.pipeline.sync.state import Situation, SyncState

_NOISE = re.compile(
    r"^(?:Failed to load target state: |failed to generate manifest for source 1 of 1: "
    r"|rpc error: code = \w+ desc = |one or more objects failed to apply, reason: "
    r"|Failed last sync attempt to \[[^\]]*\]: )+"
)


def plain(message: str) -> str:
    """Take away what Argo CD puts before every message of a kind and what names only its own insides."""
    return _NOISE.sub("", message.strip())


def why(of: SyncState) -> str:
    """Explain an Application."""
    return sentence(_SAYS[of.situation](of))


def _deleting(of: SyncState) -> str:
    asked = of.application.metadata.deletion_timestamp
    return f"Being deleted since {stamp(asked)}" if asked else "Being deleted"


def _skipped(_: SyncState) -> str:
    return "Argo CD leaves it alone: its annotation skip-reconcile is true"


def _error(of: SyncState) -> str:
    kind, message = "", ""
    if of.error is not None:
        kind, message = of.error.type or "", plain(of.error.message or "")
    if kind == "ComparisonError":
        healthy = of.app_health is Health.HEALTHY
        still = "; Argo CD still calls it Healthy" if healthy else ""
        return f"Can't be compared with its source: {message.rstrip('.')}{still}"
    if kind == "InvalidSpecError":
        return f"The spec is refused: {message}"
    if kind == "SyncError":
        return _failed(of)
    return f"{kind}: {message}"


def _failed(of: SyncState) -> str:
    to = f" to {short_revision(of.synced_to)}" if of.synced_to else ""
    told = plain(of.operation.message or (of.error.message if of.error else "") or "")
    results = of.operation.sync_result.resources if of.operation.sync_result else None
    failed = [one for one in results or () if one.failed]
    many = f" ({counted(len(failed), 'resource')})" if failed else ""
    if failed and (not told or told.startswith(_VAGUE)):
        told = _blamed(failed[0])
    return f"The sync{to} failed{many}: {told or 'no reason given'}"


_VAGUE = "one or more synchronization tasks completed unsuccessfully"
"""What Argo CD says where only the resource's own message tells what went wrong
(``gitops-engine@v0.7:pkg/sync/sync_context.go``)."""


def _blamed(one: ResourceResult) -> str:
    hook = f"{one.hook_type} hook " if one.hook_type else ""
    return f"{hook}{one.kind or '?'} {one.name or '?'}: {one.message or 'no reason given'}"


def _asked(_: SyncState) -> str:
    return "A sync was asked for; Argo CD has not started it"


def _window(of: SyncState) -> str:
    return f"A sync{_since(of)} is held by a sync window of project {of.spec.project or 'default'}"


def _retrying(of: SyncState) -> str:
    to = f" to {short_revision(of.synced_to)}" if of.synced_to else ""
    return f"The sync{to} failed and is tried again: {plain(of.operation.message or '')}"


def _running(of: SyncState) -> str:
    if of.operation.phase == "Terminating":
        return "Its operation is being ended"
    to = f" to {short_revision(of.synced_to)}" if of.synced_to else ""
    told = plain(of.operation.message or "")
    return f"Syncing{to}{_since(of)}{f': {told}' if told else ''}"


def _since(of: SyncState) -> str:
    return f" since {stamp(of.operation.started_at)}" if of.operation.started_at else ""


def _uncompared(of: SyncState) -> str:
    if of.application.status is None or of.status.reconciled_at is None:
        return "Argo CD has not compared it yet"
    return f"Argo CD can't tell whether it is in sync and gives no reason; it calls it {_called(of)}"


def _out_of_sync(of: SyncState) -> str:
    all_of = counted(len(of.status.resources or ()), "resource")
    head = f"{len(of.drift)} of {all_of} {'differs' if len(of.drift) == 1 else 'differ'} from {of.short}"
    if not of.drift:
        head = f"It differs from {of.short or 'its source'}"
    if not of.auto_sync:
        return f"{head}; auto-sync is off, so somebody has to sync it"
    if of.only_pruning and not of.prune:
        return f"{head}: {counted(len(of.drift), 'resource')} to delete, but auto-sync does not prune"
    if of.stuck:
        return f"{head}, which was synced before; self-heal is off, so somebody has to sync it"
    return f"{head}; auto-sync is on"


def _synced(of: SyncState) -> str:
    history = of.status.history
    deployed = history[-1].deployed_at if history else None
    when = f", deployed {stamp(deployed)}" if deployed else ""
    head = f"Synced to {of.short or 'its source'}{when}"
    if of.cause:
        return f"{head}; {_called(of)} through Rollout {of.cause}"
    if of.app_health is Health.HEALTHY and of.status.reconciled_at and not of.status.resources:
        return f"{head}; Healthy, but its source holds no resources"
    if of.app_health is Health.HEALTHY:
        return f"{head}; Healthy"
    return f"{head}, but Argo CD calls it {_called(of)}"


def _called(of: SyncState) -> str:
    return of.app_health.value if of.app_health else "nothing"


_SAYS: dict[Situation, Callable[[SyncState], str]] = {
    Situation.DELETING: _deleting,
    Situation.SKIPPED: _skipped,
    Situation.ERROR: _error,
    Situation.FAILED: _failed,
    Situation.ASKED: _asked,
    Situation.WINDOW: _window,
    Situation.RETRYING: _retrying,
    Situation.RUNNING: _running,
    Situation.UNCOMPARED: _uncompared,
    Situation.OUT_OF_SYNC: _out_of_sync,
    Situation.SYNCED: _synced,
}
