"""What an Application was made by, and the Applications it makes itself."""

from __future__ import annotations

from collections.abc import Iterator

from trombone_tui.core.around import Linked
from trombone_tui.core.objects.argo_cd import APPLICATION, Application
from trombone_tui.core.objects.argo_cd_projects import APPLICATION_SET, ApplicationSet, SetSpec
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.objects.managing import INSTANCE, labelled_by, named, set_name, tracked_by
from trombone_tui.core.objects.phrases import short_revision
from trombone_tui.core.questions import Objects, only
from trombone_tui.core.stage import Around, Branch, Detail, Fact, Facts, Tree

_MOST = 40


def lineage(application: Application, around: Around) -> Iterator[Detail]:
    """Tell what made an Application and what it makes."""
    made_by = (*_parent(application, around), *_set(application, around))
    if made_by:
        yield Facts("Made by", made_by)
    branches = tuple(_children(application, around))
    if branches:
        yield Tree("Applications it makes", branches)


def _parent(application: Application, around: Around) -> Iterator[Fact]:
    meta = application.metadata
    name = tracked_by(APPLICATION, meta)
    if name:
        found = application_named(name, meta.namespace, around)
        state = f" ({_state(found)})" if found else ", which is not to be seen"
        yield Fact("Application", f"{name}{state}; it undoes changes of the spec when it syncs")
        return
    label = labelled_by(APPLICATION, meta)
    found = application_named(label, meta.namespace, around) if label else None
    if found is not None:
        yield Fact("Application", f"{label} ({_state(found)}), by the label {INSTANCE}")


def application_named(name: str, namespace: str, around: Linked) -> Application | None:
    """Find a watched Application by the name in a tracking id."""
    for where, short in named(name, namespace):
        found = around.linked(APPLICATION, ("Application", where, short))
        if found:
            return found[0]  # type: ignore[no-any-return]
    return None


def _state(application: Application) -> str:
    status = application.status
    sync = (status.sync.status if status and status.sync else None) or "not compared"
    health = (status.health.status if status and status.health else None) or "no health told"
    return f"{sync}, {health}"


def _set(application: Application, around: Around) -> Iterator[Fact]:
    name, meta = set_name(application.metadata), application.metadata
    if not name:
        return
    answer = around.ask(Objects.named(APPLICATION_SET, meta.namespace, name))
    found = only(answer)
    if not isinstance(found, ApplicationSet):
        unknown = str(answer.trouble) if answer.trouble else ""
        yield Fact("ApplicationSet", f"{name}{f'; {unknown}' if unknown else ''}")
        return
    yield Fact("ApplicationSet", f"{name}; {_keeps(found.spec or SetSpec())}")
    yield from _set_state(found, meta.name)


def _keeps(spec: SetSpec) -> str:
    if not spec.keeps:
        return "it leaves changes of the spec alone"
    if spec.ignore_application_differences:
        return "it undoes changes of the spec but for those it is told to ignore"
    return "it undoes changes of the spec, auto-sync on or off among them"


def _set_state(found: ApplicationSet, name: str) -> Iterator[Fact]:
    if found.spec and found.spec.strategy and found.spec.strategy.type == "RollingSync":
        yield Fact("Strategy", "RollingSync: the set syncs its Applications step by step")
    status = found.status
    for one in (status.application_status if status else None) or ():
        if one.application == name:
            step = f", step {one.step}" if one.step else ""
            told = f": {one.message}" if one.message else ""
            yield Fact("In its set", f"{one.status or '?'}{step}{told}")
    for condition in (status.conditions if status else None) or ():
        if condition.type == "ErrorOccurred" and condition.status == "True":
            yield Fact("Set's error", condition.message or condition.reason, Health.DEGRADED)


def _children(application: Application, around: Around) -> Iterator[Branch]:
    made = [
        one for one in application.resources if one.kind == "Application" and one.group == APPLICATION.group
    ]
    for one in made[:_MOST]:
        namespace = one.namespace or application.metadata.namespace
        found = around.linked(APPLICATION, ("Application", namespace, one.name or ""))
        if not found:
            yield Branch(text=one.name or "?", note="not to be seen", health=Health.UNKNOWN)
            continue
        status = found[0].status
        called = (status.health.status if status and status.health else None) or ""
        revision = (status.sync.revision if status and status.sync else None) or ""
        yield Branch(
            text=one.name or "?",
            note=f"{_state(found[0])} {short_revision(revision)}".strip(),
            health=Health(called) if called in tuple(Health) else Health.UNKNOWN,
        )
    if len(made) > _MOST:
        yield Branch(text=f"{len(made) - _MOST} more")
