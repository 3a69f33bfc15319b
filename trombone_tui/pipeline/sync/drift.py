"""The resources of an Application that differ from the source, and what in each differs.

What the source says now is not in the cluster. What was applied last is, where it was applied by the
client: then a change by hand shows, and where there is none the source is what has changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trombone_tui.core.objects.argo_cd import Resource
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.objects.managing import in_cluster
from trombone_tui.core.objects.phrases import object_name, short_revision
from trombone_tui.core.ports import Missing
from trombone_tui.core.questions import Answer, Thing
from trombone_tui.core.stage import Around, Branch
from trombone_tui.pipeline.sync.difference import applied, differences
from trombone_tui.pipeline.sync.state import SyncState

ASKED = 20
"""Resources that are looked at; the rest is only named."""
_OPEN = 3
"""Resources that are drawn open."""
_LINES = 30


def drift(of: SyncState, around: Around) -> Iterator[Branch]:
    """Yield a branch for each resource that differs."""
    for place, one in enumerate(of.drift[:ASKED]):
        note, lines = _looked_at(one, of, around)
        yield Branch(
            text=_name(one),
            note=note,
            health=Health.SUSPENDED,
            branches=tuple(Branch(text=line) for line in lines),
            folded=place >= _OPEN,
        )
    rest = of.drift[ASKED:]
    if rest:
        branches = tuple(Branch(text=_name(one), note=_kind_of(one)) for one in rest)
        yield Branch(text=f"{len(rest)} more, not looked at", branches=branches, folded=True)


def _name(one: Resource) -> str:
    place = f"{one.namespace}/{one.name}" if one.namespace else one.name
    return object_name(one.kind, place)


def _kind_of(one: Resource) -> str:
    if not one.requires_pruning:
        return "differs"
    return (
        "to be deleted, once somebody confirms it" if one.requires_deletion_confirmation else "to be deleted"
    )


def _looked_at(one: Resource, of: SyncState, around: Around) -> tuple[str, list[str]]:
    """Return what there is to say of one resource, and the lines below it."""
    if one.requires_pruning:
        return f"{_kind_of(one)}: it is not in the source any more", []
    if not in_cluster(of.application):
        return "differs; it is in another cluster and not looked at", []
    wanted = Thing(
        group=one.group or "", kind=one.kind or "", namespace=one.namespace or "", name=one.name or ""
    )
    return _compared(around.ask(wanted) if one.kind and one.name else Answer(), of)


def _compared(answer: Answer[Mapping[str, Any]], of: SyncState) -> tuple[str, list[str]]:
    """Compare a live object with what it says was applied."""
    if isinstance(answer.trouble, Missing):
        return "is not there, so a sync creates it", []
    if answer.trouble is not None:
        return f"differs; what differs is not known: {answer.trouble}", []
    if answer.value is None:
        return "differs", []
    desired = applied(answer.value)
    if desired is None:
        return "differs; the object doesn't carry what is desired", []
    found = [one.words for one in differences(answer.value, desired)]
    if not found:
        return _unchanged(of), []
    more = [f"{len(found) - _LINES} more"] if len(found) > _LINES else []
    return "changed in the cluster since it was applied", found[:_LINES] + more


def _unchanged(of: SyncState) -> str:
    """Say what it means that a live object is as it was applied."""
    history = of.status.history or []
    last = history[-1] if history else None
    deployed = ", ".join((last.revisions or [last.revision or ""]) if last else []) or ""
    if deployed and of.revision and deployed != of.revision:
        return f"is as it was applied from {short_revision(deployed)}; {of.short} asks for something else"
    return "is as it was applied; the source asks for something else"
