"""Who keeps an object as git or a template says, and where it has to be changed so that it stays.

How an object names the Application that manages it: ``argo-cd@v3.5.1:util/argo/resource_tracking.go``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trombone_tui.core.objects.argo_cd import Application, Automated
from trombone_tui.core.objects.argo_rollouts import ROLLOUT
from trombone_tui.core.objects.basics import Kind, Meta
from trombone_tui.core.objects.phrases import without_login

TRACKING = "argocd.argoproj.io/tracking-id"
INSTANCE = "app.kubernetes.io/instance"
WATCHED = 10.0
"""Seconds for which a change is watched where somebody may take it back.

Self-heal and an ApplicationSet took 1 to 2 s on a running Argo CD.
"""
IN_CLUSTER = "https://kubernetes.default.svc"
"""What an Application calls the cluster that Argo CD itself is in."""


def tracked_by(kind: Kind, meta: Meta) -> str:
    """Name the Application in an object's tracking annotation; empty without one, or where it was copied."""
    app, _, rest = meta.annotation(TRACKING).partition(":")
    itself = rest == f"{kind.group}/{kind.name}:{meta.namespace}/{meta.name}"
    return app if itself and not (kind.name == "Application" and app == meta.name) else ""


def labelled_by(kind: Kind, meta: Meta) -> str:
    """Name the Application in an object's instance label; a guess, for Helm writes that label too."""
    app = meta.label(INSTANCE)
    return "" if kind.name == "Application" and app == meta.name else app


def claimed_by(kind: Kind, meta: Meta) -> str:
    """Name the Application that an object says it belongs to; empty where it says nothing."""
    return tracked_by(kind, meta) or labelled_by(kind, meta)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """The Application that keeps an object as git says."""

    name: str
    app: Application | None
    """None where it can't be seen."""
    at_once: bool
    """Whether it undoes a change within seconds."""


def keeper(kind: Kind, meta: Meta, app: Application | None) -> Keeper | None:
    """Judge who keeps an object; None where nobody is seen to.

    Args:
        kind: What the object is one of.
        meta: Its metadata.
        app: The Application that it is claimed by; None where there is none, or it can't be seen.
    """
    tracked = tracked_by(kind, meta)
    if app is None:
        return Keeper(name=tracked, app=None, at_once=False) if tracked else None
    if not tracked and not lists(app, kind, meta):
        return None
    at_once = heals(app) and not ignores(app, kind, meta)
    return Keeper(name=claimed_by(kind, meta), app=app, at_once=at_once)


def set_name(meta: Meta) -> str:
    """Name the ApplicationSet that owns an Application; empty without one."""
    owner = meta.owner("ApplicationSet")
    return (owner.name or "") if owner else ""


def named(name: str, namespace: str) -> Sequence[tuple[str, str]]:
    """Return namespace and name that a tracking id may mean: ``<namespace>_<name>`` is one elsewhere.

    Nothing where it is empty.
    """
    if not name:
        return ()
    elsewhere, underscore, short = name.partition("_")
    return ((namespace, name), (elsewhere, short)) if underscore else ((namespace, name),)


def lists(app: Application, kind: Kind, meta: Meta) -> bool:
    """Say whether an Application names an object among its resources."""
    wanted = (kind.group, kind.name, meta.namespace, meta.name)
    own = app.spec.destination.namespace if app.spec and app.spec.destination else None
    return any((one.group or "", one.kind, one.namespace or own, one.name) == wanted for one in app.resources)


def in_cluster(app: Application) -> bool:
    """Whether an Application goes to the cluster that its own object is in."""
    where = app.spec.destination if app.spec else None
    if where is None:
        return False
    return (where.server or IN_CLUSTER) == IN_CLUSTER and (where.name or "in-cluster") == "in-cluster"


def rollout_keys(app: Application) -> tuple[tuple[str, str, str], ...]:
    """Name the Rollouts that an Application manages in its own cluster, as keys.

    One that goes to another cluster is left out: a Rollout of that name here is a stranger.
    """
    where = app.spec.destination if app.spec else None
    if where is None or not in_cluster(app):
        return ()
    return tuple(
        ("Rollout", one.namespace or where.namespace or "", one.name)
        for one in app.resources
        if one.kind == "Rollout" and one.group == ROLLOUT.group and one.name
    )


def auto_sync_settings(app: Application) -> Automated | None:
    """Return how auto-sync is set; there may be settings while it is off."""
    policy = app.spec.sync_policy if app.spec else None
    return policy.automated if policy else None


def automated(app: Application) -> Automated | None:
    """Return how an Application syncs by itself; None when it does not."""
    found = auto_sync_settings(app)
    return found if found is not None and found.enabled is not False else None


def heals(app: Application) -> bool:
    """Say whether an Application puts back what was changed in the cluster."""
    found = automated(app)
    return found is not None and bool(found.self_heal)


def ignores(app: Application, kind: Kind, meta: Meta) -> bool:
    """Say whether an Application is told to leave differences of an object alone, be it in part."""
    rules = (app.spec.ignore_differences if app.spec else None) or ()
    return any(
        (rule.group or "") in ("*", kind.group)
        and rule.kind in ("*", kind.name)
        and rule.name in (None, "", meta.name)
        and rule.namespace in (None, "", meta.namespace)
        for rule in rules
    )


def sources(app: Application) -> str:
    """Say where an Application's files are: repository, path, branch, and what renders them."""
    hydrator = app.spec.source_hydrator if app.spec else None
    if hydrator is not None and hydrator.dry_source is not None and not (app.spec and app.spec.sources):
        dry = hydrator.dry_source
        return _place(dry.repo_url, dry.path, dry.target_revision)
    told = [
        _place(one.repo_url, one.chart or one.path, one.target_revision, chart=bool(one.chart))
        for one in app.sources
    ]
    return " or ".join(told) or "a source that is not named"


def _place(repository: str | None, path: str | None, revision: str | None, *, chart: bool = False) -> str:
    where = f"{'chart' if chart else 'path'} {path or '.'}"
    return f"{address(repository)}, {where}, {'version' if chart else 'branch'} {revision or 'HEAD'}"


def address(written: str | None) -> str:
    """Write a repository's address without a user and password."""
    return without_login(written) if written else "a repository that is not named"


def place(app: Application, kind: str, name: str) -> str:
    """Say where an object of an Application is to be changed: the kind of file, and where that is."""
    return f"{_file_kind(app)} of {kind} {name} in {sources(app)}"


def _file_kind(app: Application) -> str:
    types: tuple[str, ...] = ()
    if app.status is not None:
        types = tuple(filter(None, (app.status.source_type, *(app.status.source_types or ()))))
    words = {"Helm": "the chart's template or values", "Kustomize": "the manifest or a patch of it"}
    told = [words.get(one, "the manifest") for one in dict.fromkeys(types)]
    return " or ".join(dict.fromkeys(told)) or "the manifest"
