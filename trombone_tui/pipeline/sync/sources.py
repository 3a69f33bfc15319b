"""Where an Application's manifests come from, source by source, and where they go."""

from __future__ import annotations

from collections.abc import Iterator

from trombone_tui.core.objects.argo_cd_sources import Helm, Kustomize, SourceSpec
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.objects.phrases import counted, listed
from trombone_tui.core.stage import Detail, Fact, Facts
from trombone_tui.pipeline.sync.state import SyncState

_NAMED = 5


def sources(of: SyncState) -> Iterator[Detail]:
    """Tell of each source with its own revision, and of the destination."""
    every = of.application.sources
    revisions = of.sync.revisions or ([of.sync.revision] if of.sync.revision else [])
    types = of.status.source_types or ([of.status.source_type] if of.status.source_type else [])
    for place, source in enumerate(every):
        title = f"Source {place + 1} of {len(every)}" if len(every) > 1 else "Source"
        revision = revisions[place] if place < len(revisions) else None
        kind = types[place] if place < len(types) else None
        yield Facts(title, tuple(_source(source, revision, kind)))
    hydrated = tuple(_hydrator(of))
    if hydrated:
        yield Facts("Hydrator", hydrated)
    where = of.spec.destination
    if where is not None:
        place_facts = (Fact("Cluster", where.name or where.server), Fact("Namespace", where.namespace))
        yield Facts("Destination", place_facts)


def _source(source: SourceSpec, revision: str | None, kind: str | None) -> Iterator[Fact]:
    yield Fact("Repository", source.repo_url)
    if source.name:
        yield Fact("Name", source.name)
    if source.chart:
        yield Fact("Chart", source.chart)
    if source.path:
        yield Fact("Path", source.path)
    if source.ref:
        yield Fact("Others call it", f"${source.ref}")
    yield Fact("Target", source.target_revision or "HEAD")
    yield Fact("Revision", revision)
    rendered = _rendered(source)
    yield Fact("Rendered by", f"{kind or '?'}: {rendered}" if rendered else kind)


def _rendered(source: SourceSpec) -> str:
    """Say what is set for what renders the manifests."""
    told: list[str] = []
    if source.helm is not None:
        told += _helm(source.helm)
    if source.kustomize is not None:
        told += _kustomize(source.kustomize)
    if source.directory is not None:
        of = source.directory
        told += ["with folders below"] if of.recurse else []
        told += [f"only {of.include}"] if of.include else []
        told += [f"without {of.exclude}"] if of.exclude else []
    if source.plugin is not None:
        plugin = source.plugin
        told.append(f"plugin {plugin.name or 'found by itself'}")
        told += [counted(len(plugin.env), "variable")] if plugin.env else []
        told += [counted(len(plugin.parameters), "parameter")] if plugin.parameters else []
    return "; ".join(told)


def _helm(helm: Helm) -> Iterator[str]:
    if helm.release_name:
        yield f"release {helm.release_name}"
    if helm.value_files:
        yield f"values from {listed(helm.value_files, _NAMED)}"
    if helm.values or helm.values_object:
        yield "values written in the Application"
    if helm.parameters:
        named = listed([one.name or "?" for one in helm.parameters], _NAMED)
        yield f"{counted(len(helm.parameters), 'parameter')}: {named}"


def _kustomize(kustomize: Kustomize) -> Iterator[str]:
    if kustomize.images:
        yield f"images {listed(kustomize.images, _NAMED)}"
    if kustomize.name_prefix:
        yield f"prefix {kustomize.name_prefix}"
    if kustomize.name_suffix:
        yield f"suffix {kustomize.name_suffix}"
    if kustomize.namespace:
        yield f"namespace {kustomize.namespace}"
    if kustomize.components:
        yield f"components {listed(kustomize.components, _NAMED)}"
    if kustomize.patches:
        yield f"patched in {counted(len(kustomize.patches), 'place')}"


def _hydrator(of: SyncState) -> Iterator[Fact]:
    asked = of.spec.source_hydrator
    if asked is None:
        return
    dry, into = asked.dry_source, asked.hydrate_to
    sync = asked.sync_source
    if dry is not None:
        yield Fact(
            "Dry source", " ".join(filter(None, (dry.repo_url, dry.path, dry.target_revision))) or None
        )
    if into is not None:
        yield Fact("Written to", into.target_branch)
    if sync is not None:
        yield Fact("Synced from", " ".join(filter(None, (sync.target_branch, sync.path))) or None)
    now = of.hydration
    if now.phase:
        broken = Health.DEGRADED if now.phase == "Failed" else None
        yield Fact("Hydration", f"{now.phase}{f': {now.message}' if now.message else ''}", broken)
        yield Fact("Dry commit", now.dry_sha)
        yield Fact("Hydrated commit", now.hydrated_sha)
        yield Fact("Finished", now.finished_at)
