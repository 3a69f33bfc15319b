"""What an Application's project lets it do, and the sync windows that may hold it.

Rules: ``argo-cd@v3.5.1:pkg/apis/application/v1alpha1/app_project_types.go`` (isDestinationMatched,
IsGroupKindPermitted) and ``types.go`` (SyncWindows.Matches).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from trombone_tui.core.objects.argo_cd import Application, Destination, Resource
from trombone_tui.core.objects.argo_cd_projects import (
    APP_PROJECT,
    AppProject,
    GroupKind,
    ProjectDestination,
    ProjectSpec,
    SyncWindow,
)
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.objects.managing import IN_CLUSTER
from trombone_tui.core.objects.phrases import counted, listed
from trombone_tui.core.stage import Around, Fact, Key
from trombone_tui.pipeline.sync.schedule import is_active

_MOST = 6
_OPEN = {True: "open now", False: "not open now", None: "its schedule is not understood here"}


def project_key(application: Application) -> Key:
    """Name the AppProject of an Application, which is where the controller is."""
    status = application.status
    namespace = (status.controller_namespace if status else None) or application.metadata.namespace
    return ("AppProject", namespace, _name(application))


def project_of(application: Application, around: Around) -> AppProject | None:
    """Return the project of an Application as far as it can be seen."""
    found = around.linked(APP_PROJECT, project_key(application))
    return found[0] if found else None


def _name(application: Application) -> str:
    return (application.spec.project if application.spec else None) or "default"


def windows(application: Application, project: AppProject | None) -> tuple[SyncWindow, ...]:
    """Return the windows of the project that are for this Application."""
    spec = project.spec if project else None
    return tuple(one for one in (spec.sync_windows if spec else None) or () if _for(one, application))


def _for(window: SyncWindow, application: Application) -> bool:
    where = (application.spec.destination if application.spec else None) or Destination()
    clusters = [one for one in (where.name, where.server) if one]
    told = [
        _any(patterns, texts)
        for patterns, texts in (
            (window.applications, [application.metadata.name]),
            (window.clusters, clusters),
            (window.namespaces, [where.namespace or ""]),
        )
        if patterns
    ]
    return bool(told) and (all(told) if window.and_operator else any(told))


def _any(patterns: Iterable[str], texts: Iterable[str]) -> bool:
    return any(_matches(pattern, text) for text in texts for pattern in patterns)


def _matches(pattern: str | None, text: str | None) -> bool:
    """Compare with a pattern of Argo CD's; one that starts with ``!`` matches all but what follows it."""
    if pattern and pattern.startswith("!"):
        return not fnmatchcase(text or "", pattern[1:])
    return fnmatchcase(text or "", pattern or "")


def written(window: SyncWindow) -> str:
    """Write a window in a few words: ``deny 0 22 * * * for 8h``."""
    zone = f" ({window.time_zone})" if window.time_zone and window.time_zone != "UTC" else ""
    return f"{window.kind or '?'} {window.schedule or '?'} for {window.duration or '?'}{zone}"


def by_hand(held: Iterable[SyncWindow]) -> bool:
    """Whether a sync that somebody asks for passes all of these windows."""
    return all(one.manual_sync for one in held)


def window_facts(application: Application, around: Around) -> Iterator[Fact]:
    """Tell of each sync window that is for this Application."""
    for one in windows(application, project_of(application, around)):
        manual = "a sync by hand passes" if one.manual_sync else "holds a sync by hand, too"
        overrun = "a running sync may end" if one.sync_overrun else ""
        told = (_OPEN[is_active(one, around.now)], one.description or "", _scope(one), manual, overrun)
        yield Fact(written(one), "; ".join(part for part in told if part))


def _scope(window: SyncWindow) -> str:
    between = " and " if window.and_operator else " or "
    named = (
        ("application", window.applications),
        ("cluster", window.clusters),
        ("namespace", window.namespaces),
    )
    return f"for {between.join(f'{what} {_listed(patterns)}' for what, patterns in named if patterns)}"


def project_facts(application: Application, around: Around) -> Iterator[Fact]:
    """Tell what the project lets this Application do, in words."""
    name, project = _name(application), project_of(application, around)
    yield Fact("Project", name)
    if project is None:
        yield Fact("Restrictions", _unseen(application, around))
        return
    spec = project.spec or ProjectSpec()
    yield Fact("About", spec.description or None)
    yield Fact("Sources", _sources(application, spec))
    where = (application.spec.destination if application.spec else None) or Destination()
    yield Fact("Destinations", _destinations(where, spec.destinations or ()))
    yield from _kinds(application, spec)
    if project.metadata.namespace != application.metadata.namespace:
        yield Fact(
            "Applications may be in", _listed(spec.source_namespaces or ()) or "its own namespace only"
        )
    if spec.signature_keys or spec.source_integrity:
        yield Fact("Commits", "must be signed")
    if spec.permit_only_project_scoped_clusters:
        yield Fact("Clusters", "only those that belong to the project")
    for account in spec.destination_service_accounts or ():
        if _matches(account.server, where.server or IN_CLUSTER) and _matches(
            account.namespace, where.namespace
        ):
            yield Fact("Syncs as", account.default_service_account)
            break


def _unseen(application: Application, around: Around) -> str:
    if not around.visible(APP_PROJECT):
        return "not known: AppProjects can't be seen"
    _, namespace, name = project_key(application)
    return f"not known: there is no AppProject {name} to be seen in namespace {namespace}"


def _sources(application: Application, spec: ProjectSpec) -> str:
    repositories = [one.repo_url for one in application.sources if one.repo_url]
    allowed = spec.source_repos or []
    if "*" in allowed and not any(one.startswith("!") for one in allowed):
        return "any repository"
    told = _listed(allowed) or "none"
    left = [one for one in repositories if not _any([p for p in allowed if not p.startswith("!")], [one])]
    return f"{told}; nothing found that allows {_listed(left)}" if left else told


def _destinations(where: Destination, allowed: Iterable[ProjectDestination]) -> str:
    told = [_destination(one) for one in allowed]
    fits = [
        _destination(one)
        for one in allowed
        if _matches(one.namespace, where.namespace)
        and ((where.name and _matches(one.name, where.name)) or _matches(one.server, where.server))
    ]
    if fits:
        others = counted(len(told) - len(fits), "other") if len(told) > len(fits) else ""
        return f"{fits[0]}{f'; {others}' if others else ''}"
    return f"{_listed(told) or 'none'}; nothing found that allows this one"


def _destination(one: ProjectDestination) -> str:
    cluster = one.name or one.server or "?"
    space = "any namespace" if one.namespace == "*" else f"namespace {one.namespace or '?'}"
    return f"{space} of {'any cluster' if cluster == '*' else cluster}"


def _kinds(application: Application, spec: ProjectSpec) -> Iterator[Fact]:
    refused = [one for one in application.resources if not _permitted(one, spec)]
    yield Fact(
        "Cluster-wide kinds", _rule(spec.cluster_resource_whitelist or [], spec.cluster_resource_blacklist)
    )
    yield Fact(
        "Namespaced kinds", _rule(spec.namespace_resource_whitelist, spec.namespace_resource_blacklist)
    )
    if refused:
        named = _listed(dict.fromkeys(f"{one.kind} {one.name}" for one in refused))
        yield Fact("Not permitted", named, Health.DEGRADED)


def _permitted(one: Resource, spec: ProjectSpec) -> bool:
    if one.namespace:
        allowed, denied = spec.namespace_resource_whitelist, spec.namespace_resource_blacklist
    else:
        allowed, denied = spec.cluster_resource_whitelist or [], spec.cluster_resource_blacklist
    return (allowed is None or _among(one, allowed)) and not _among(one, denied or ())


def _among(one: Resource, rules: Iterable[GroupKind]) -> bool:
    return any(
        _matches(rule.kind, one.kind)
        and _matches(rule.group, one.group)
        and (not rule.name or _matches(rule.name, one.name))
        for rule in rules
    )


def _rule(allowed: list[GroupKind] | None, denied: list[GroupKind] | None) -> str:
    told = "all" if allowed is None else _listed(map(_group_kind, allowed)) or "none"
    return f"{told} but {_listed(map(_group_kind, denied))}" if denied else told


def _group_kind(one: GroupKind) -> str:
    if (one.group, one.kind) == ("*", "*"):
        return "all"
    kind = f"{one.kind or '?'}.{one.group}" if one.group else one.kind or "?"
    return f"{kind} {one.name}" if one.name else kind


def _listed(texts: Iterable[str]) -> str:
    """Name the first few and count the others."""
    return listed(list(texts), _MOST)
