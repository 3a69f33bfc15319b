"""Argo CD's AppProject and ApplicationSet: what an Application may do, and what made it.

Fields: ``argo-cd@v3.5.1:pkg/apis/application/v1alpha1/types.go`` and ``applicationset_types.go``.
"""

from __future__ import annotations

from typing import Any

from trombone_tui.core.objects.basics import Condition, Kind, Object, Partial, Time


class ProjectDestination(Partial):
    """A cluster, by URL or name, and namespaces in it; ``*`` stands for any text, ``!`` before for none."""

    server: str | None = None
    name: str | None = None
    namespace: str | None = None


class GroupKind(Partial):
    """A kind, or several by ``*``."""

    group: str | None = None
    kind: str | None = None
    name: str | None = None


class SyncWindow(Partial):
    """When syncs are let through (``allow``) or held (``deny``): from each moment of a cron schedule on."""

    kind: str | None = None
    schedule: str | None = None
    duration: str | None = None
    time_zone: str | None = None
    applications: list[str] | None = None
    namespaces: list[str] | None = None
    clusters: list[str] | None = None
    manual_sync: bool | None = None
    and_operator: bool | None = None
    sync_overrun: bool | None = None
    description: str | None = None


class ServiceAccount(Partial):
    """Whose rights syncs to a destination have."""

    server: str | None = None
    namespace: str | None = None
    default_service_account: str | None = None


class ProjectSpec(Partial):
    """``spec``; without ``namespaceResourceWhitelist`` every namespaced kind is allowed."""

    description: str | None = None
    source_repos: list[str] | None = None
    source_namespaces: list[str] | None = None
    destinations: list[ProjectDestination] | None = None
    cluster_resource_whitelist: list[GroupKind] | None = None
    cluster_resource_blacklist: list[GroupKind] | None = None
    namespace_resource_whitelist: list[GroupKind] | None = None
    namespace_resource_blacklist: list[GroupKind] | None = None
    sync_windows: list[SyncWindow] | None = None
    destination_service_accounts: list[ServiceAccount] | None = None
    signature_keys: list[Any] | None = None
    source_integrity: Any = None
    permit_only_project_scoped_clusters: bool | None = None


class AppProject(Object):
    """What Applications of a project may do."""

    spec: ProjectSpec | None = None


class SetApplication(Partial):
    """What an ApplicationSet that rolls out step by step says of one of its Applications."""

    application: str | None = None
    status: str | None = None
    step: str | int | None = None
    message: str | None = None
    last_transition_time: Time | None = None


class SetPolicy(Partial):
    """``spec.syncPolicy``: which changes of its Applications an ApplicationSet makes."""

    applications_sync: str | None = None
    preserve_resources_on_deletion: bool | None = None


class SetStrategy(Partial):
    """``spec.strategy``: AllAtOnce or RollingSync."""

    type: str | None = None


class SetSpec(Partial):
    """``spec`` of an ApplicationSet."""

    sync_policy: SetPolicy | None = None
    strategy: SetStrategy | None = None
    ignore_application_differences: list[Any] | None = None

    @property
    def keeps(self) -> bool:
        """Whether it puts changes of its Applications' specs back, those that it ignores left out."""
        policy = self.sync_policy.applications_sync if self.sync_policy else None
        return policy not in ("create-only", "create-delete")


class SetStatus(Partial):
    """``status`` of an ApplicationSet."""

    conditions: list[Condition] | None = None
    application_status: list[SetApplication] | None = None


class ApplicationSet(Object):
    """What makes Applications from a template."""

    spec: SetSpec | None = None
    status: SetStatus | None = None


APP_PROJECT = Kind(
    name="AppProject", plural="appprojects", group="argoproj.io", version="v1alpha1", shape=AppProject
)
APPLICATION_SET = Kind(
    name="ApplicationSet",
    plural="applicationsets",
    group="argoproj.io",
    version="v1alpha1",
    shape=ApplicationSet,
)
