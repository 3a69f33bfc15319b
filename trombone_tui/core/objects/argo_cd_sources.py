"""Where an Application's manifests come from, and what renders them.

Fields: ``argo-cd@v3.5.1:pkg/apis/application/v1alpha1/types.go``.
"""

from __future__ import annotations

from typing import Any

import msgspec

from trombone_tui.core.objects.basics import Partial, Time


class HelmParameter(Partial):
    """A value that overrides one of the chart's."""

    name: str | None = None
    value: str | None = None


class Helm(Partial):
    """Helm's part of a source."""

    parameters: list[HelmParameter] | None = None
    value_files: list[str] | None = None
    release_name: str | None = None
    version: str | None = None
    values: str | None = None
    """Values written into the Application; dropped when it is reduced, for they may be long."""
    values_object: Any = None
    """Likewise, as an object."""


class Kustomize(Partial):
    """Kustomize's part of a source; an image is written ``name=repository:tag`` or shorter."""

    images: list[str] | None = None
    name_prefix: str | None = None
    name_suffix: str | None = None
    namespace: str | None = None
    components: list[str] | None = None
    patches: list[Any] | None = None
    version: str | None = None


class Directory(Partial):
    """Plain manifests in a folder."""

    recurse: bool | None = None
    include: str | None = None
    exclude: str | None = None


class Plugin(Partial):
    """A config management plugin; its environment is only counted, for it may hold secrets."""

    name: str | None = None
    env: list[Any] | None = None
    parameters: list[Any] | None = None


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
    directory: Directory | None = None
    plugin: Plugin | None = None


class DrySource(Partial):
    """What a hydrator renders; ``repoURL`` and so on as in a source."""

    repo_url: str | None = msgspec.field(default=None, name="repoURL")
    path: str | None = None
    target_revision: str | None = None


class Branched(Partial):
    """A branch that a hydrator writes to or that is synced from."""

    target_branch: str | None = None
    path: str | None = None


class HydratorSpec(Partial):
    """``spec.sourceHydrator``, which replaces ``source``."""

    dry_source: DrySource | None = None
    sync_source: Branched | None = None
    hydrate_to: Branched | None = None


class HydrateOperation(Partial):
    """A hydration; ``phase`` is Hydrating, Failed or Hydrated."""

    phase: str | None = None
    message: str | None = None
    started_at: Time | None = None
    finished_at: Time | None = None
    dry_sha: str | None = msgspec.field(default=None, name="drySHA")
    hydrated_sha: str | None = msgspec.field(default=None, name="hydratedSHA")


class HydratorStatus(Partial):
    """``status.sourceHydrator``; an empty object where nothing is hydrated."""

    current_operation: HydrateOperation | None = None
    last_successful_operation: HydrateOperation | None = None
