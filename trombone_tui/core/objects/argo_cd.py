"""Argo CD's Application, which has no status subresource.

Fields: ``argo-cd@v3.5.1:pkg/apis/application/v1alpha1/types.go``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import msgspec

from trombone_tui.core.objects.argo_cd_operations import (
    Initiator,
    Operation,
    OperationState,
    ResourceResult,
    Retry,
    SyncOperation,
    SyncResult,
)
from trombone_tui.core.objects.argo_cd_sources import (
    DrySource,
    Helm,
    HelmParameter,
    HydratorSpec,
    HydratorStatus,
    Kustomize,
    SourceSpec,
)
from trombone_tui.core.objects.basics import Kind, Meta, Object, Partial, Time

__all__ = [
    "APPLICATION",
    "Application",
    "ApplicationCondition",
    "ApplicationMeta",
    "ApplicationSpec",
    "ApplicationStatus",
    "Automated",
    "Deployed",
    "Destination",
    "DrySource",
    "HealthStatus",
    "Helm",
    "HelmParameter",
    "HydratorSpec",
    "IgnoredDifference",
    "Initiator",
    "Kustomize",
    "Operation",
    "OperationState",
    "Resource",
    "ResourceResult",
    "Retry",
    "SourceSpec",
    "Summary",
    "SyncOperation",
    "SyncPolicy",
    "SyncResult",
    "SyncStatus",
]


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
    allow_empty: bool | None = None


class SyncPolicy(Partial):
    """``spec.syncPolicy``."""

    automated: Automated | None = None
    sync_options: list[str] | None = None
    retry: Retry | None = None


class IgnoredDifference(Partial):
    """A rule that keeps differences of a kind from counting."""

    group: str | None = None
    kind: str | None = None
    namespace: str | None = None
    name: str | None = None
    json_pointers: list[str] | None = None
    jq_path_expressions: list[str] | None = None
    managed_fields_managers: list[str] | None = None


class ApplicationSpec(Partial):
    """``spec``; ``sources``, when not empty, counts instead of ``source``."""

    project: str | None = None
    destination: Destination | None = None
    source: SourceSpec | None = None
    sources: list[SourceSpec] | None = None
    source_hydrator: HydratorSpec | None = None
    sync_policy: SyncPolicy | None = None
    ignore_differences: list[IgnoredDifference] | None = None


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
    requires_deletion_confirmation: bool | None = None
    hook: bool | None = None
    sync_wave: int | None = None


class ApplicationCondition(Partial):
    """One entry of ``status.conditions``: it has no status, being there is what counts."""

    type: str | None = None
    message: str | None = None
    last_transition_time: Time | None = None


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
    source_hydrator: HydratorStatus | None = None
    controller_namespace: str | None = None
    resource_health_source: str | None = None
    """``appTree`` when Argo CD keeps the health of single resources out of the object."""


class ApplicationMeta(Meta):
    """``metadata``, with what has to happen before the Application is gone."""

    finalizers: list[str] | None = None


class Application(Object):
    """A set of manifests and where they go; ``operation`` is there while one is asked for or runs."""

    metadata: ApplicationMeta
    spec: ApplicationSpec | None = None
    status: ApplicationStatus | None = None
    operation: Operation | None = None

    def reduced(self) -> Self:
        """Leave out what an operation did without trouble, and values that are written into the sources.

        The one may be hundreds of resources in a large Application, the other pages of text.
        """
        for source in self.sources:
            if source.helm is not None:
                source.helm.values = source.helm.values_object = None
        state = self.status.operation_state if self.status else None
        result = state.sync_result if state else None
        if result is not None and result.resources:
            result.resources = [done for done in result.resources if done.failed]
        return self

    @property
    def resources(self) -> Sequence[Resource]:
        """What it consists of, by the last comparison."""
        return (self.status.resources if self.status else None) or ()

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
