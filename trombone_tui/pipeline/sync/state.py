"""What an Application's row and details are made of, worked out once from the object.

Fields and their traps: ``argo-cd@v3.5.1:pkg/apis/application/v1alpha1/types.go``; when auto-sync acts:
``controller/appcontroller.go`` (autoSync).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from trombone_tui.core.objects.argo_cd import (
    Application,
    ApplicationCondition,
    ApplicationSpec,
    ApplicationStatus,
    Automated,
    OperationState,
    Resource,
    SyncStatus,
)
from trombone_tui.core.objects.argo_cd_projects import SyncWindow
from trombone_tui.core.objects.argo_cd_sources import HydrateOperation
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.objects.managing import auto_sync_settings, automated
from trombone_tui.core.objects.phrases import short_revisions
from trombone_tui.core.stage import Around
from trombone_tui.pipeline.sync.project import project_of, windows
from trombone_tui.pipeline.sync.workloads import Live, cause, not_live, unseen

ERRORS = ("InvalidSpecError", "ComparisonError", "SyncError", "DeletionError", "UnknownError")
"""Conditions that are errors, the one that explains the others first."""
SKIP = "argocd.argoproj.io/skip-reconcile"
WINDOW = "blocked by sync window"


class Situation(StrEnum):
    """What there is to say of an Application first."""

    DELETING = "being deleted"
    SKIPPED = "not reconciled"
    ERROR = "error condition"
    UNHYDRATED = "hydration failed"
    FAILED = "operation failed"
    ASKED = "operation asked for"
    WINDOW = "blocked by a sync window"
    RETRYING = "waits for a retry"
    RUNNING = "operation running"
    UNCOMPARED = "not compared"
    OUT_OF_SYNC = "out of sync"
    SYNCED = "synced"


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncState:
    """How an Application stands."""

    application: Application
    spec: ApplicationSpec
    status: ApplicationStatus
    sync: SyncStatus
    operation: OperationState
    situation: Situation
    error: ApplicationCondition | None
    """The error condition that explains the others."""
    app_health: Health | None
    """What Argo CD calls it; None when it says nothing."""
    cause: str
    """The Rollout whose state is the Application's health; empty when none is, or none can be seen."""
    live: tuple[Live, ...]
    """What is live of those of its Rollouts that do not serve what was synced."""
    unseen: str
    """A Rollout of its own that can't be seen; empty where all can."""
    windows: tuple[SyncWindow, ...]
    """The sync windows that are for it, where it waits for a sync."""

    @property
    def automated(self) -> Automated:
        """How auto-sync is set; read ``auto_sync`` for whether it is on."""
        return auto_sync_settings(self.application) or Automated()

    @property
    def auto_sync(self) -> bool:
        """Whether Argo CD syncs by itself."""
        return automated(self.application) is not None

    @property
    def self_heal(self) -> bool:
        """Whether Argo CD also undoes changes made in the cluster."""
        return self.auto_sync and bool(self.automated.self_heal)

    @property
    def prune(self) -> bool:
        """Whether auto-sync deletes what is no longer in the source."""
        return self.auto_sync and bool(self.automated.prune)

    @property
    def hydration(self) -> HydrateOperation:
        """The hydration that runs or ran last."""
        told = self.status.source_hydrator
        return (told.current_operation if told else None) or HydrateOperation()

    @property
    def blamed(self) -> tuple[Resource, ...]:
        """The resources that have the Application's bad health, where Argo CD writes it into the object."""
        if self.app_health is None or self.app_health is Health.HEALTHY:
            return ()
        called = self.app_health.value
        return tuple(r for r in self.status.resources or () if r.health and r.health.status == called)

    @property
    def before(self) -> str:
        """The revision that was deployed before the newest, short; empty when none is kept."""
        history = self.status.history or []
        entry = history[-2] if len(history) > 1 else None
        return short_revisions(entry.revisions, entry.revision) if entry else ""

    @property
    def revision(self) -> str | None:
        """What it was compared with: a commit, or what the spec asks for when that can't be read."""
        return ", ".join(self.sync.revisions or ()) or self.sync.revision or None

    @property
    def short(self) -> str:
        """The revision with short commits."""
        return short_revisions(self.sync.revisions, self.sync.revision)

    @property
    def synced_to(self) -> str | None:
        """The revision the last operation synced to."""
        result, asked = self.operation.sync_result, self.operation.operation
        done = (", ".join(result.revisions or ()) or result.revision) if result else None
        return done or (asked.sync.revision if asked and asked.sync else None)

    @property
    def drift(self) -> tuple[Resource, ...]:
        """The resources that differ from the source."""
        return tuple(one for one in self.status.resources or () if one.status == "OutOfSync")

    @property
    def stuck(self) -> bool:
        """Whether auto-sync leaves the difference alone: it has synced this revision, and heals nothing."""
        done = self.operation.phase == "Succeeded" and self.synced_to == self.revision
        return self.auto_sync and done and not self.self_heal

    @property
    def only_pruning(self) -> bool:
        """Whether all that is left to do is to delete."""
        return bool(self.drift) and all(one.requires_pruning for one in self.drift)


def sync_state(application: Application, around: Around) -> SyncState:
    """Work out how an Application stands, with its Rollouts where they can be seen."""
    status = application.status or ApplicationStatus()
    operation = status.operation_state or OperationState()
    sync = status.sync or SyncStatus()
    error = _error(status)
    app_health = _health(status.health.status if status.health else None)
    situation = _situation(application, sync, operation, error)
    waits = situation in (Situation.WINDOW, Situation.OUT_OF_SYNC)
    return SyncState(
        application=application,
        spec=application.spec or ApplicationSpec(),
        status=status,
        sync=sync,
        operation=operation,
        situation=situation,
        error=error,
        app_health=app_health,
        cause=cause(application, app_health, around),
        live=not_live(application, around),
        unseen=unseen(application, around),
        windows=windows(application, project_of(application, around)) if waits else (),
    )


def _health(word: str | None) -> Health | None:
    if not word:
        return None
    return Health(word) if word in tuple(Health) else Health.UNKNOWN


def _error(status: ApplicationStatus) -> ApplicationCondition | None:
    found = [one for one in status.conditions or () if (one.type or "").endswith("Error")]
    rank = {name: place for place, name in enumerate(ERRORS)}
    return min(found, key=lambda one: rank.get(one.type or "", len(ERRORS)), default=None)


def _situation(
    application: Application,
    sync: SyncStatus,
    operation: OperationState,
    error: ApplicationCondition | None,
) -> Situation:
    if application.metadata.deletion_timestamp is not None and error is None:
        return Situation.DELETING
    if application.metadata.annotation(SKIP) == "true":
        return Situation.SKIPPED
    if error is not None and error.type != "SyncError":
        return Situation.ERROR
    moving = _moving(application, operation)
    if moving is not None:
        return moving
    if error is not None:
        return Situation.ERROR
    if _hydration_failed(application):
        return Situation.UNHYDRATED
    if operation.phase in ("Failed", "Error") and not _overtaken(sync, operation):
        return Situation.FAILED
    return {"Synced": Situation.SYNCED, "OutOfSync": Situation.OUT_OF_SYNC}.get(
        sync.status or "", Situation.UNCOMPARED
    )


def _hydration_failed(application: Application) -> bool:
    told = application.status.source_hydrator if application.status else None
    return (
        told is not None and told.current_operation is not None and told.current_operation.phase == "Failed"
    )


def _moving(application: Application, operation: OperationState) -> Situation | None:
    if operation.phase not in ("Running", "Terminating"):
        return Situation.ASKED if application.operation is not None else None
    if WINDOW in (operation.message or ""):
        return Situation.WINDOW
    return Situation.RETRYING if operation.finished_at is not None else Situation.RUNNING


def _overtaken(sync: SyncStatus, operation: OperationState) -> bool:
    """Whether a failed operation is history: in sync since, with another revision than it was for."""
    tried = operation.sync_result.revision if operation.sync_result else None
    return sync.status == "Synced" and bool(tried) and bool(sync.revision) and tried != sync.revision
