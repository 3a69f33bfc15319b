"""Why an Application is as it is: one plain sentence with the object's own numbers, and what would help.

Verbs are called what ``argocd app`` calls them: sync, refresh, terminate-op, rollback, auto-sync on.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from trombone_tui.core.objects.argo_cd import ResourceResult
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.objects.durations import stamp
from trombone_tui.core.objects.phrases import counted, listed, object_name, sentence, short_revision
from trombone_tui.pipeline.sync.project import by_hand, written
from trombone_tui.pipeline.sync.state import Situation, SyncState

FINALIZER = "resources-finalizer.argocd.argoproj.io"
SHARED = "SharedResourceWarning"
_NAMED = 2
"""Resources that are named in a sentence; the others are counted."""
_NOISE = re.compile(
    r"^(?:Failed to load target state: |failed to generate manifest for source 1 of 1: "
    r"|rpc error: code = \w+ desc = |one or more objects failed to apply, reason: "
    r"|Failed last sync attempt to \[[^\]]*\]: )+"
)
_RETRYING = re.compile(r"\.? Retrying attempt #(\d+) at [^ ]+$")
"""What Argo CD adds to the message of an operation that will be tried again, the time in its own zone."""
_VAGUE = "one or more synchronization tasks completed unsuccessfully"
"""What Argo CD says where only the resource's own message tells what went wrong
(``gitops-engine@v0.7:pkg/sync/sync_context.go``)."""
_TERMINATED = "Operation terminated"
_WIPES = "auto-sync will wipe out all resources"
"""``argo-cd@v3.5.1:controller/appcontroller.go`` (autoSync)."""


def plain(message: str) -> str:
    """Take away what Argo CD puts before every message of a kind and what names only its own insides."""
    return _NOISE.sub("", message.strip())


def why(of: SyncState) -> str:
    """Explain an Application."""
    return sentence(_SAYS[of.situation](of))


def _deleting(of: SyncState) -> str:
    meta = of.application.metadata
    head = (
        f"Being deleted since {stamp(meta.deletion_timestamp)}"
        if meta.deletion_timestamp
        else "Being deleted"
    )
    if FINALIZER not in (meta.finalizers or ()):
        return head
    return f"{head}, after its {counted(len(of.status.resources or ()), 'resource')}"


def _skipped(_: SyncState) -> str:
    alone = "Argo CD leaves it alone: its annotation skip-reconcile is true"
    return f"{alone}; sync and refresh wait until it is gone"


def _error(of: SyncState) -> str:
    kind, message = "", ""
    if of.error is not None:
        kind, message = of.error.type or "", plain(of.error.message or "")
    message = message.rstrip(".") or "no reason given"
    if kind == "ComparisonError":
        healthy = of.app_health is Health.HEALTHY
        still = "; Argo CD still calls it Healthy" if healthy else ""
        return f"Can't be compared with its source: {message}{still}; once mended, refresh reads it again"
    if kind == "InvalidSpecError":
        return f"The spec is refused: {message}; nothing is synced until spec or project is mended"
    if kind == "SyncError" and _WIPES in message:
        all_of = counted(len(of.status.resources or ()), "resource")
        return f"Auto-sync does not delete all of its {all_of} unless allowEmpty is set; sync with prune does"
    if kind == "SyncError":
        return _failed(of)
    if kind == "DeletionError":
        return f"It can't be deleted: {message}"
    return f"{kind}: {message}"


def _unhydrated(of: SyncState) -> str:
    when = of.hydration.finished_at or of.hydration.started_at
    at = f" {stamp(when)}" if when else ""
    last = of.status.source_hydrator.last_successful_operation if of.status.source_hydrator else None
    still = f"; {short_revision(last.dry_sha)} is still what is synced" if last and last.dry_sha else ""
    told = (of.hydration.message or "no reason given").rstrip(".")
    return f"Its manifests could not be rendered{at}: {told}{still}; refresh tries again"


def _failed(of: SyncState) -> str:
    condition = of.error.message if of.error else None
    over = of.operation.phase in ("Failed", "Error")
    to = f" to {short_revision(of.synced_to)}" if over and of.synced_to else ""
    told = plain((of.operation.message if over else condition) or condition or of.operation.message or "")
    results = of.operation.sync_result.resources if of.operation.sync_result else None
    failed = [one for one in results or () if one.failed]
    many = f" ({counted(len(failed), 'resource')})" if failed else ""
    if failed and (not told or told.startswith(_VAGUE)):
        told = _blamed(failed[0])
    told = told.rstrip(".") or "no reason given"
    return f"The sync{to} failed{many}: {told}; {_again(of, told)}"


def _again(of: SyncState, told: str) -> str:
    """Say what brings the next attempt."""
    if told == _TERMINATED:
        return "sync starts it anew"
    if of.auto_sync and of.operation.phase in ("Failed", "Error"):
        return "auto-sync tries a revision once, so only sync or a new commit tries again"
    return "sync tries again"


def _blamed(one: ResourceResult) -> str:
    hook = f"{one.hook_type} hook " if one.hook_type else ""
    return f"{hook}{object_name(one.kind, one.name)}: {one.message or 'no reason given'}"


def _asked(of: SyncState) -> str:
    asked = of.application.operation
    who = asked.initiated_by.who if asked and asked.initiated_by else None
    return f"A sync was asked for{f' by {who}' if who else ''}; Argo CD has not started it"


def _window(of: SyncState) -> str:
    named = f": {'; '.join(map(written, of.windows[:_NAMED]))}" if of.windows else ""
    head = f"A sync{_since(of)} is held by a sync window of project {of.spec.project or 'default'}{named}"
    return f"{head}; it goes on when that lets it through, terminate-op gives it up"


def _retrying(of: SyncState) -> str:
    to = f" to {short_revision(of.synced_to)}" if of.synced_to else ""
    told = plain(of.operation.message or "")
    found = _RETRYING.search(told)
    told = _RETRYING.sub("", told).rstrip(".") or "no reason given"
    number = of.operation.retry_count or (int(found[1]) if found else None)
    retry = of.operation.operation.retry if of.operation.operation else None
    limit = (retry.limit if retry else None) or 0
    attempt = f"retry {number or '?'}{f' of {limit}' if limit > 0 else ''}"
    due = of.operation.next_attempt
    when = f" about {stamp(due)}" if due else ""
    return f"The sync{to} failed and is tried again, {attempt}{when}: {told}; terminate-op ends it"


def _running(of: SyncState) -> str:
    if of.operation.phase == "Terminating":
        return "Its operation is being ended; if that takes long, terminate-op again"
    asked = of.operation.operation
    sync = asked.sync if asked else None
    some = f" {counted(len(sync.resources), 'resource')}" if sync and sync.resources else ""
    doing = "Trying a sync without applying it" if sync and sync.dry_run else f"Syncing{some}"
    to = f" to {short_revision(of.synced_to)}" if of.synced_to else ""
    told = plain(of.operation.message or "").rstrip(".")
    again = f", retry {of.operation.retry_count}" if of.operation.retry_count else ""
    return f"{doing}{to}{_since(of)}{again}{f': {told}; terminate-op ends it' if told else ''}"


def _since(of: SyncState) -> str:
    return f" since {stamp(of.operation.started_at)}" if of.operation.started_at else ""


def _uncompared(of: SyncState) -> str:
    if of.application.status is None or of.status.reconciled_at is None:
        return "Argo CD has not compared it yet"
    called = f"it calls it {_called(of)}"
    return (
        f"Argo CD can't tell whether it is in sync and gives no reason; {called}; refresh compares it again"
    )


def _out_of_sync(of: SyncState) -> str:
    all_of = counted(len(of.status.resources or ()), "resource")
    head = f"{len(of.drift)} of {all_of} {'differs' if len(of.drift) == 1 else 'differ'} from {of.short}"
    if not of.drift:
        head = f"It differs from {of.short or 'its source'}"
    named = [object_name(one.kind, one.name) for one in of.drift]
    head = f"{head} ({listed(named, _NAMED)})" if named else head
    live = _others({one.rollout: one.words for one in of.live})
    return f"{head}{_ended_by(of)}{live}{_shared(of)}"


def _ended_by(of: SyncState) -> str:
    """Say who brings it back in sync."""
    if not of.auto_sync:
        return "; auto-sync is off, so somebody has to sync it"
    if of.only_pruning and not of.prune:
        many = counted(len(of.drift), "resource")
        return f": {many} to delete, but auto-sync does not prune; sync with prune does"
    if of.stuck:
        return ", which was synced before; self-heal is off, so somebody has to sync it"
    if of.windows:
        named = "; ".join(map(written, of.windows[:_NAMED]))
        hand = "a sync by hand passes" if by_hand(of.windows) else "a sync by hand is held, too"
        project = of.spec.project or "default"
        return f"; auto-sync is on, but sync windows of project {project} may hold it ({named}); then {hand}"
    return "; auto-sync is on"


def _shared(of: SyncState) -> str:
    number = sum(one.type == SHARED for one in of.status.conditions or ())
    return f"; {counted(number, 'resource')} also in other Applications" if number else ""


def _synced(of: SyncState) -> str:
    history = of.status.history
    deployed = history[-1].deployed_at if history else None
    when = f", deployed {stamp(deployed)}" if deployed else ""
    head = f"Synced to {of.short or 'its source'}{when}"
    return f"{head}{_state(of)}{_shared(of)}"


def _state(of: SyncState) -> str:
    """Say how well what was synced is, by whom, and what is live where that is something else."""
    told = {one.rollout: one.words for one in of.live}
    if of.cause:
        said = told.pop(of.cause, "")
        others = _others(told)
        return f"; {_called(of)} through Rollout {of.cause}{f': {said}' if said else ''}{others}"
    if of.app_health is Health.HEALTHY and of.status.reconciled_at and not of.status.resources:
        return "; Healthy, but its source holds no resources"
    if of.app_health is Health.HEALTHY:
        return f"; Healthy{_others(told)}"
    blamed = of.blamed
    by = ""
    if blamed:
        health = blamed[0].health
        told_by = f": {health.message}" if health and health.message else ""
        rest = f" and {len(blamed) - 1} more" if len(blamed) > 1 else ""
        by = f" through {object_name(blamed[0].kind, blamed[0].name)}{rest}{told_by}"
    if of.unseen and not blamed and of.app_health not in (None, Health.MISSING):
        by = f"; its Rollout {of.unseen} can't be seen"
    return f", but Argo CD calls it {_called(of)}{by}{_others(told)}{_back(of)}"


def _others(told: dict[str, str]) -> str:
    return "".join(f"; Rollout {name}: {words}" for name, words in list(told.items())[:_NAMED])


def _back(of: SyncState) -> str:
    """Say what goes back to what was deployed before."""
    if of.app_health is not Health.DEGRADED or not of.before:
        return ""
    return f"; rollback goes to {of.before}{', with auto-sync off' if of.auto_sync else ''}"


def _called(of: SyncState) -> str:
    return of.app_health.value if of.app_health else "nothing"


_SAYS: dict[Situation, Callable[[SyncState], str]] = {
    Situation.DELETING: _deleting,
    Situation.SKIPPED: _skipped,
    Situation.ERROR: _error,
    Situation.UNHYDRATED: _unhydrated,
    Situation.FAILED: _failed,
    Situation.ASKED: _asked,
    Situation.WINDOW: _window,
    Situation.RETRYING: _retrying,
    Situation.RUNNING: _running,
    Situation.UNCOMPARED: _uncompared,
    Situation.OUT_OF_SYNC: _out_of_sync,
    Situation.SYNCED: _synced,
}
