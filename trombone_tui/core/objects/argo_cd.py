"""Argo CD's Application, which has no status subresource.

Fields: ``argo-cd@v3.5.1:pkg/apis/application/v1alpha1/types.go``.
"""

from __future__ import annotations

from typing import Self

import msgspec

from trombone_tui.core.objects.basics import Kind, Object, Partial, Time


class HelmParameter(Partial):
    """A value that overrides one of the chart's."""

    name: str | None = None
    value: str | None = None


class Helm(Partial):
    """Helm's part of a source."""

    parameters: list[HelmParameter] | None = None


class Kustomize(Partial):
    """Kustomize's part of a source; an image is written ``name=repository:tag`` or shorter."""

    images: list[str] | None = None


class SourceSpec(Partial):
    """Where manifests come from."""

    repo_url: str | None = msgspec.field(default=None, name="repoURL")
    path: str | None = None
    chart: str | None = None
    target_revision: str | None = None
    name: str | None = None
    ref: str | None = None
    helm: Helm | None = None
    kustomize: Kustomize | None = None


class DrySource(Partial):
    """What a hydrator renders; ``repoURL`` and so on as in a source."""

    repo_url: str | None = msgspec.field(default=None, name="repoURL")
    path: str | None = None
    target_revision: str | None = None


class HydratorSpec(Partial):
    """``spec.sourceHydrator``, which replaces ``source``."""

    dry_source: DrySource | None = None


class Destination(Partial):
    """Where it goes: a cluster by URL or by name, and a namespace."""

    server: str | None = None
    name: str | None = None
    namespace: str | None = None


class Automated(Partial):
    """Auto-sync, on when present unless ``enabled`` is false."""

    enabled: bool | None = None
    prune: bool | None = None
    self_heal: bool | None = None


class SyncPolicy(Partial):
    """``spec.syncPolicy``."""

    automated: Automated | None = None
    sync_options: list[str] | None = None


class ApplicationSpec(Partial):
    """``spec``; ``sources``, when not empty, counts instead of ``source``."""

    project: str | None = None
    destination: Destination | None = None
    source: SourceSpec | None = None
    sources: list[SourceSpec] | None = None
    source_hydrator: HydratorSpec | None = None
    sync_policy: SyncPolicy | None = None


class SyncStatus(Partial):
    """``status.sync``: Unknown, Synced or OutOfSync, and the revision compared with."""

    status: str | None = None
    revision: str | None = None
    revisions: list[str] | None = None


class HealthStatus(Partial):
    """Health in Argo CD's words."""

    status: str | None = None
    message: str | None = None
    last_transition_time: Time | None = None


class Resource(Partial):
    """One entry of ``status.resources``; ``health`` is absent when Argo CD keeps it elsewhere."""

    group: str | None = None
    kind: str | None = None
    namespace: str | None = None
    name: str | None = None
    status: str | None = None
    health: HealthStatus | None = None
    requires_pruning: bool | None = None


class ApplicationCondition(Partial):
    """One entry of ``status.conditions``: it has no status, being there is what counts."""

    type: str | None = None
    message: str | None = None
    last_transition_time: Time | None = None


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


class SyncOperation(Partial):
    """The sync that an operation asks for."""

    revision: str | None = None
    prune: bool | None = None
    dry_run: bool | None = None


class Retry(Partial):
    """How often an operation is repeated; below 0 without end."""

    limit: int | None = None


class Operation(Partial):
    """What somebody asked Argo CD to do."""

    initiated_by: Initiator | None = None
    sync: SyncOperation | None = None
    retry: Retry | None = None


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


class Deployed(Partial):
    """One entry of ``status.history``, oldest first."""

    id: int | None = None
    revision: str | None = None
    revisions: list[str] | None = None
    deploy_started_at: Time | None = None
    deployed_at: Time | None = None
    initiated_by: Initiator | None = None


class Summary(Partial):
    """``status.summary``; ``images`` are those of the live pods' tree."""

    images: list[str] | None = None
    external_urls: list[str] | None = msgspec.field(default=None, name="externalURLs")


class ApplicationStatus(Partial):
    """``status``."""

    sync: SyncStatus | None = None
    health: HealthStatus | None = None
    resources: list[Resource] | None = None
    operation_state: OperationState | None = None
    history: list[Deployed] | None = None
    conditions: list[ApplicationCondition] | None = None
    summary: Summary | None = None
    reconciled_at: Time | None = None
    source_type: str | None = None
    source_types: list[str] | None = None


class Application(Object):
    """A set of manifests and where they go; ``operation`` is there while one is asked for or runs."""

    spec: ApplicationSpec | None = None
    status: ApplicationStatus | None = None
    operation: Operation | None = None

    def reduced(self) -> Self:
        """Leave out what an operation did without trouble: hundreds of resources in a large Application."""
        state = self.status.operation_state if self.status else None
        result = state.sync_result if state else None
        if result is not None and result.resources:
            result.resources = [done for done in result.resources if done.failed]
        return self

    @property
    def sources(self) -> tuple[SourceSpec, ...]:
        """Where the manifests come from: ``spec.sources``, else ``spec.source``."""
        if self.spec is None:
            return ()
        if self.spec.sources:
            return tuple(self.spec.sources)
        return (self.spec.source,) if self.spec.source else ()


APPLICATION = Kind(
    name="Application", plural="applications", group="argoproj.io", version="v1alpha1", shape=Application
)
