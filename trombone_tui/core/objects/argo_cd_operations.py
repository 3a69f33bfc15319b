"""What Argo CD was asked to do with an Application, and what came of it.

Fields: ``argo-cd@v3.5.1:pkg/apis/application/v1alpha1/types.go``.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from trombone_tui.core.objects.basics import Partial, Time
from trombone_tui.core.objects.durations import go_duration, later


class ResourceResult(Partial):
    """What an operation did with one resource; read ``status``, for ``hookPhase`` misleads."""

    group: str | None = None
    kind: str | None = None
    namespace: str | None = None
    name: str | None = None
    status: str | None = None
    message: str | None = None
    hook_type: str | None = None
    hook_phase: str | None = None
    sync_phase: str | None = None

    @property
    def failed(self) -> bool:
        """Whether applying or pruning failed, or the hook did."""
        return self.status == "SyncFailed" or (
            bool(self.hook_type) and self.hook_phase in ("Failed", "Error")
        )


class SyncResult(Partial):
    """``status.operationState.syncResult``."""

    revision: str | None = None
    revisions: list[str] | None = None
    resources: list[ResourceResult] | None = None


class Initiator(Partial):
    """Who started an operation."""

    username: str | None = None
    automated: bool | None = None

    @property
    def who(self) -> str | None:
        """A name, ``auto-sync``, or None where nobody is named."""
        return self.username or ("auto-sync" if self.automated else None)


class SyncTarget(Partial):
    """One resource that a partial sync is for."""

    group: str | None = None
    kind: str | None = None
    namespace: str | None = None
    name: str | None = None


class SyncOperation(Partial):
    """The sync that an operation asks for."""

    revision: str | None = None
    prune: bool | None = None
    dry_run: bool | None = None
    sync_options: list[str] | None = None
    resources: list[SyncTarget] | None = None
    auto_heal_attempts_count: int | None = None


class Backoff(Partial):
    """How long to wait between attempts; a duration without a unit is seconds."""

    duration: str | None = None
    factor: int | None = None
    max_duration: str | None = None


class Retry(Partial):
    """How often an operation is repeated; below 0 without end."""

    limit: int | None = None
    backoff: Backoff | None = None

    def next_at(self, failed: datetime | None, count: int) -> datetime | None:
        """Return when the next attempt is due after a failure, ``count`` being the object's ``retryCount``.

        The controller compares with the count it has already raised, so its own message names an earlier
        moment (``argo-cd@v3.5.1:controller/appcontroller.go``, processRequestedAppOperation).
        """
        backoff = self.backoff or Backoff()
        first = _read(backoff.duration, timedelta(seconds=5))
        longest = _read(backoff.max_duration, timedelta(minutes=3))
        if first is None or longest is None:
            return None
        factor = 2.0 if backoff.factor is None else float(backoff.factor)
        try:
            seconds = first.total_seconds() * factor**count
        except (OverflowError, ZeroDivisionError):
            seconds = longest.total_seconds()
        if longest > timedelta(0):
            seconds = min(seconds, longest.total_seconds())
        try:
            return later(failed, timedelta(seconds=seconds))
        except OverflowError:
            return None


def _read(written: str | None, default: timedelta) -> timedelta | None:
    return go_duration(written) if written else default


class Info(Partial):
    """A word that whoever asked for an operation left with it."""

    name: str | None = None
    value: str | None = None


class Operation(Partial):
    """What somebody asked Argo CD to do."""

    initiated_by: Initiator | None = None
    sync: SyncOperation | None = None
    retry: Retry | None = None
    info: list[Info] | None = None


class OperationState(Partial):
    """The operation that runs or ran last.

    ``phase`` is Running, Terminating, Failed, Error or Succeeded; Running with ``finished_at`` set
    waits for its next attempt.
    """

    phase: str | None = None
    message: str | None = None
    operation: Operation | None = None
    sync_result: SyncResult | None = None
    started_at: Time | None = None
    finished_at: Time | None = None
    retry_count: int | None = None

    @property
    def next_attempt(self) -> datetime | None:
        """When it is tried again, by its back-off; None when it does not wait for that."""
        if self.phase != "Running" or self.finished_at is None:
            return None
        retry = (self.operation.retry if self.operation else None) or Retry()
        return retry.next_at(self.finished_at, self.retry_count or 0)
