"""How one object of the manifests stands on a cluster: there or not, the same, different, somebody else's."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from trombone_tui.core.differences import differences
from trombone_tui.core.installing import Clash, Planned, Standing
from trombone_tui.core.objects.basics import Kind, Meta, Ref
from trombone_tui.core.ports import Cluster, Conflict, Denied, Missing, NotInstalled, PortError, Refused
from trombone_tui.core.writes import APPLY, JSON, MANAGER, Whole, Write
from trombone_tui.installer.manifests import INSTANCE, MANAGED_BY, Manifest
from trombone_tui.installer.parts import bringing

NEVER_CHANGED = ("Namespace", "Secret")
"""The kinds of objects that are made where they are missing, and else left as they are."""
_STRANGE = "it is there and was not installed for this service; --force-conflicts takes it over"
_NO_KIND = "the API server does not serve {resource}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked for all objects of a plan alike."""

    cluster: Cluster
    coming: Collection[str] = ()
    """Namespaces that this plan makes first, so that nothing in them can be tried before."""
    force: bool = False
    rehearse: bool = True


async def stand(manifest: Manifest, asked: Asked) -> Planned:
    """Say how an object stands, and what would be sent for it; nothing is changed.

    Raises:
        PortError: the API server gave no answer that tells.
    """
    cluster = asked.cluster
    ref = Ref(
        cluster=cluster.name, kind=manifest.kind, namespace=manifest.namespace, name=manifest.name, uid=""
    )
    planned = Planned(
        stage=manifest.stage,
        file=manifest.file,
        ref=ref,
        standing=Standing.UNKNOWN,
        controller=bringing(manifest.group, manifest.kind),
        body=manifest.body,
    )
    try:
        kind = await cluster.find(manifest.group, manifest.kind)
    except NotInstalled:
        text = _NO_KIND.format(resource=f"{manifest.kind}.{manifest.group}")
        return replace(planned, standing=Standing.NOT_SERVED, text=text)
    try:
        return await _served(planned, kind, asked)
    except Denied as error:
        return replace(planned, standing=Standing.DENIED, text=_denied(error))


async def _served(planned: Planned, kind: Kind, asked: Asked) -> Planned:
    ref = planned.ref
    if ref.kind in NEVER_CHANGED:
        return await _once(planned, kind, asked.cluster)
    write = applying(planned, kind)
    if ref.namespace in asked.coming:
        text = "not tried yet: its namespace is made first"
        return replace(planned, standing=Standing.MISSING, write=write, text=text)
    try:
        before = await asked.cluster.whole(kind, ref.namespace, ref.name)
    except Missing:
        before = None
    planned = await _compared(replace(planned, write=write), before, asked)
    if before is not None and planned.standing is Standing.DIFFERS and not _ours(before, planned.body):
        if not asked.force:
            return replace(planned, standing=Standing.CONFLICT, text=_STRANGE)
        planned = replace(planned, text="; ".join(filter(None, ("taken over", planned.text))))
    return planned


def _ours(before: Whole, body: Whole) -> bool:
    """Say whether an object was installed by this program for this service."""
    has, wanted = (whole.get("metadata", {}).get("labels") or {} for whole in (before, body))
    return all(has.get(name) == wanted.get(name) for name in (MANAGED_BY, INSTANCE))


async def _once(planned: Planned, kind: Kind, cluster: Cluster) -> Planned:
    """Look for what is only made where it is missing; of a Secret only its metadata is read."""
    ref, text = planned.ref, "with a random key, which is not shown" if planned.ref.kind == "Secret" else ""
    try:
        found = await there(cluster, kind, ref.namespace, ref.name)
    except Denied:
        if ref.kind == "Namespace":
            text = "you may not look whether it is there; what is in it will tell"
            return replace(planned, standing=Standing.KEPT, text=text)
        found, text = None, "made where it is missing; you may not look whether it is"
    if found is not None:
        text = f"it is there, and a {ref.kind} is never changed"
        return replace(planned, standing=Standing.KEPT, ref=_with_uid(ref, found.uid), text=text)
    write = Write(
        method="POST",
        kind=kind,
        namespace=ref.namespace,
        content=JSON,
        body=planned.body,
        title=f"create {ref.kind} {ref.name}",
    )
    return replace(planned, standing=Standing.MISSING, write=write, text=text)


def applying(planned: Planned, kind: Kind, *, uid: str = "", force: bool = False) -> Write:
    """Return the apply of an object; with a uid it can't meet another of its name."""
    ref, body = planned.ref, dict(planned.body)
    if uid:
        body["metadata"] = {**body["metadata"], "uid": uid}
    return Write(
        method="PATCH",
        kind=kind,
        namespace=ref.namespace,
        name=ref.name,
        content=APPLY,
        body=body,
        force=force,
        title=f"apply {ref.kind} {ref.name}",
    )


async def _compared(planned: Planned, before: Whole | None, asked: Asked) -> Planned:
    write = planned.write
    assert write is not None  # made by who calls this
    uid = str((before or {}).get("metadata", {}).get("uid") or "")
    planned = replace(planned, ref=_with_uid(planned.ref, uid))
    if not asked.rehearse:
        return _guessed(planned, before, applying(planned, write.kind, uid=uid, force=asked.force))
    write = applying(planned, write.kind, uid=uid)
    clashes: tuple[Clash, ...] = ()
    try:
        after = (await asked.cluster.send(write, dry_run=True)).body
    except Conflict as error:
        clashes = _clashes(error.held)
        if not error.held:
            raise
        if clashes and not asked.force:
            return replace(planned, standing=Standing.CONFLICT, clashes=clashes, text=_held(clashes))
        write = replace(write, force=True)
        after = (await asked.cluster.send(write, dry_run=True)).body
    except (Refused, Missing, NotInstalled) as error:
        return replace(planned, standing=Standing.REFUSED, text=_refused(error, planned))
    planned = replace(planned, write=write, clashes=clashes)
    if before is None:
        return replace(planned, standing=Standing.MISSING)
    return _told(planned, differences(_without_status(before), _without_status(after)))


def _told(planned: Planned, lines: Sequence[str]) -> Planned:
    if not lines:
        return replace(planned, standing=Standing.SAME, write=None, clashes=())
    taken = f"taken from {', '.join(one.manager for one in planned.clashes)}" if planned.clashes else ""
    return replace(planned, standing=Standing.DIFFERS, lines=tuple(lines), text=taken)


def _guessed(planned: Planned, before: Whole | None, write: Write) -> Planned:
    """Compare without asking the API server: fields that it fills in itself are taken as they are."""
    planned = replace(planned, write=write)
    if before is None:
        return replace(planned, standing=Standing.MISSING)
    after: Any = _laid_over(before, planned.body)
    return _told(planned, differences(_without_status(before), _without_status(after)))


def _laid_over(below: Any, above: Any) -> Any:
    if isinstance(below, Mapping) and isinstance(above, Mapping):
        laid = {key: _laid_over(below.get(key), value) for key, value in above.items()}
        return {**below, **laid}
    if isinstance(below, list) and isinstance(above, list) and len(below) == len(above):
        return [_laid_over(one, other) for one, other in zip(below, above, strict=True)]
    return above


async def there(cluster: Cluster, kind: Kind, namespace: str, name: str) -> Meta | None:
    """Return the metadata of an object; None where there is none of that name.

    Raises:
        PortError: as ``Cluster.names`` does.
    """
    narrowed = kind.narrowed(fields=f"metadata.name={name}")
    return next(iter(await cluster.names(narrowed, namespace if kind.namespaced else None)), None)


def _clashes(held: Iterable[tuple[str, str]]) -> tuple[Clash, ...]:
    """Group fields by manager; what this program itself changed by a verb is no clash."""
    fields: dict[str, list[str]] = {}
    for manager, field in held:
        if manager != MANAGER:
            fields.setdefault(manager, []).append(field.removeprefix("."))
    return tuple(Clash(manager=manager, fields=tuple(found)) for manager, found in fields.items())


def _held(clashes: Sequence[Clash]) -> str:
    parts = [f"{one.manager} manages {', '.join(one.fields)}" for one in clashes]
    return f"{'; '.join(parts)}; --force-conflicts takes that over"


def _refused(error: PortError, planned: Planned) -> str:
    if isinstance(error, Missing | NotInstalled):
        return f"namespace {planned.ref.namespace} is not there; the stage events or sync makes it"
    return str(error)


def _denied(error: Denied) -> str:
    return f"{error}: {error.message}" if error.message else str(error)


def _without_status(whole: Whole) -> Whole:
    """Leave out what controllers write meanwhile; no manifest says it."""
    return {key: value for key, value in whole.items() if key != "status"}


def _with_uid(ref: Ref, uid: str) -> Ref:
    return Ref(cluster=ref.cluster, kind=ref.kind, namespace=ref.namespace, name=ref.name, uid=uid)
