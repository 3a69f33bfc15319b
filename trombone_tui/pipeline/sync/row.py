"""An Application as a row."""

from __future__ import annotations

from datetime import datetime

from trombone_tui.core.objects.argo_cd import APPLICATION, Application
from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.objects.image_names import ImageName
from trombone_tui.core.objects.managing import rollout_keys, set_name, tracked_by
from trombone_tui.core.objects.phrases import object_name, shortened
from trombone_tui.core.stage import Around, Fields, Item
from trombone_tui.pipeline.sync.reason import why
from trombone_tui.pipeline.sync.state import Situation, SyncState, sync_state

BRIEF = 16


class SyncFields(Fields, frozen=True, kw_only=True):
    """What ``status`` says of an Application."""

    sync: str | None = None
    """Synced, OutOfSync or Unknown."""
    revision: str | None = None
    """Whole, of several sources separated by commas; a branch where the commit could not be read."""
    operation: str | None = None
    """Phase of the operation that runs or ran last: Running, Terminating, Failed, Error, Succeeded."""
    message: str | None = None
    """The error condition's message, else the operation's, in Argo CD's words."""
    app_health: str | None = None
    """What Argo CD calls the Application; the item's own health is that of the sync."""
    commit: str | None = None
    """The revision, commits with seven digits."""
    condition: str | None = None
    """Type of the error condition: ComparisonError, InvalidSpecError, SyncError…"""
    warnings: int | None = None
    out_of_sync: int | None = None
    resources: int | None = None
    auto_sync: bool | None = None
    self_heal: bool | None = None
    prune: bool | None = None
    retries: int | None = None
    retry_limit: int | None = None
    project: str | None = None
    target: str | None = None
    """The revision that the spec asks for."""
    repository: str | None = None
    path: str | None = None
    """Folder or chart in the repository."""
    destination: str | None = None
    """The cluster it goes to, by name or URL."""
    destination_namespace: str | None = None
    deployed_at: datetime | None = None
    reconciled_at: datetime | None = None
    retry_at: datetime | None = None
    """When a failed operation is tried again, by its back-off."""
    cause: str | None = None
    """The resource whose state is the Application's bad health, ``Rollout demo``, where it can be told."""
    live: str | None = None
    """Images that are live where that is not what was synced: after an abort, or in mid-update."""
    parent: str | None = None
    """The Application that manages this one, by its tracking annotation."""
    application_set: str | None = None
    """The ApplicationSet that made it and undoes changes of its spec."""


def read_application(application: Application, ref: Ref, around: Around) -> tuple[Item, ...]:
    """Make the row of an Application.

    Its health is that of the *sync*, so that the first broken hop of a change is the one that broke:

    - An error condition or a failed operation is Degraded. So a repository that can't be read is
      Degraded although Argo CD goes on calling the Application Healthy: nothing new can arrive.
    - What waits for somebody (out of sync without auto-sync, or with nothing that would heal it) is
      Suspended, what moves is Progressing.
    - In sync, it is what Argo CD calls the Application, except where that is the state of one of its
      own Rollouts: the rollout stage shows it, and the sync did its part.
    """
    of = sync_state(application, around)
    item = Item(
        ref=ref,
        health=_health(of),
        why=why(of),
        fields=_fields(of),
        since=_since(of),
        brief=shortened(_brief(of), BRIEF),
        attention=_attention(of),
        joins=_joins(of, ref),
    )
    return (item,)


def _health(of: SyncState) -> Health:
    own = _OWN.get(of.situation, Health.HEALTHY)
    if of.situation is Situation.OUT_OF_SYNC:
        own = Health.SUSPENDED if _waits(of) else Health.PROGRESSING
    if of.cause:
        return own
    called = of.app_health or (Health.UNKNOWN if own is Health.HEALTHY else own)
    return max(own, called, key=_badness)


def _badness(health: Health) -> int:
    return health.badness


_OWN = {
    Situation.DELETING: Health.PROGRESSING,
    Situation.SKIPPED: Health.SUSPENDED,
    Situation.ERROR: Health.DEGRADED,
    Situation.UNHYDRATED: Health.DEGRADED,
    Situation.FAILED: Health.DEGRADED,
    Situation.ASKED: Health.PROGRESSING,
    Situation.WINDOW: Health.SUSPENDED,
    Situation.RETRYING: Health.PROGRESSING,
    Situation.RUNNING: Health.PROGRESSING,
    Situation.UNCOMPARED: Health.UNKNOWN,
}


def _waits(of: SyncState) -> bool:
    """Whether nothing happens until somebody syncs."""
    return not of.auto_sync or of.stuck or (of.only_pruning and not of.prune)


def _attention(of: SyncState) -> bool | None:
    """A sync window opens by itself; all else follows from the health."""
    if of.situation is Situation.WINDOW and (of.cause or of.app_health is not Health.DEGRADED):
        return False
    return None


def _fields(of: SyncState) -> SyncFields:
    status, operation = of.status, of.operation
    told = of.application.status is not None
    source = next(iter(of.application.sources), None)
    where = of.spec.destination
    warnings = [one for one in status.conditions or () if (one.type or "").endswith("Warning")]
    asked = operation.operation.retry if operation.operation else None
    return SyncFields(
        sync=of.sync.status or None,
        revision=of.revision,
        operation=operation.phase or None,
        message=(of.error.message if of.error else None) or operation.message or None,
        app_health=of.app_health.value if of.app_health else None,
        commit=of.short or None,
        condition=of.error.type if of.error else None,
        warnings=len(warnings) if told else None,
        out_of_sync=len(of.drift) if of.sync.status in ("Synced", "OutOfSync") else None,
        resources=len(status.resources) if status.resources is not None else None,
        auto_sync=of.auto_sync if of.application.spec else None,
        self_heal=of.self_heal if of.application.spec else None,
        prune=of.prune if of.application.spec else None,
        retries=operation.retry_count,
        retry_limit=asked.limit if asked else None,
        project=of.spec.project,
        target=source.target_revision if source else None,
        repository=source.repo_url if source else None,
        path=(source.path or source.chart) if source else None,
        destination=(where.name or where.server) if where else None,
        destination_namespace=where.namespace if where else None,
        deployed_at=status.history[-1].deployed_at if status.history else None,
        reconciled_at=status.reconciled_at,
        retry_at=operation.next_attempt,
        cause=_cause(of),
        live=", ".join(image for one in of.live for image in one.images) or None,
        parent=tracked_by(APPLICATION, of.application.metadata) or None,
        application_set=set_name(of.application.metadata) or None,
    )


def _cause(of: SyncState) -> str | None:
    if of.cause:
        return f"Rollout {of.cause}"
    return next((object_name(one.kind, one.name) for one in of.blamed), None)


def _since(of: SyncState) -> datetime | None:
    if of.situation is Situation.ERROR and of.error is not None:
        return of.error.last_transition_time
    if of.situation is Situation.DELETING:
        return of.application.metadata.deletion_timestamp
    if of.situation is Situation.FAILED:
        return of.operation.finished_at
    if of.situation is Situation.UNHYDRATED:
        return of.hydration.finished_at or of.hydration.started_at
    if of.situation in (Situation.RUNNING, Situation.RETRYING, Situation.WINDOW):
        return of.operation.started_at
    if of.situation is not Situation.SYNCED:
        return None
    if of.cause or of.app_health is Health.HEALTHY:
        return of.status.history[-1].deployed_at if of.status.history else None
    return of.status.health.last_transition_time if of.status.health else None


def _brief(of: SyncState) -> str:
    if of.situation is Situation.ERROR:
        named = {"ComparisonError": "can't compare", "InvalidSpecError": "spec refused"}
        return named.get((of.error.type if of.error else None) or "", "sync failed")
    if of.situation is Situation.SYNCED:
        return of.short or "Synced"
    return {
        Situation.DELETING: "deleting",
        Situation.SKIPPED: "not reconciled",
        Situation.UNHYDRATED: "can't hydrate",
        Situation.FAILED: "sync failed",
        Situation.ASKED: "sync asked for",
        Situation.WINDOW: "sync window",
        Situation.RETRYING: "retrying",
        Situation.RUNNING: "syncing",
        Situation.UNCOMPARED: "Unknown",
    }.get(of.situation, "OutOfSync")


def _joins(of: SyncState, ref: Ref) -> tuple[str, ...]:
    images = (of.status.summary.images if of.status.summary else None) or ()
    names = dict.fromkeys(ImageName.parse(image).join for image in images)
    return (
        f"Application/{ref.namespace}/{ref.name}",
        *("/".join(key) for key in rollout_keys(of.application)),
        *names,
    )
