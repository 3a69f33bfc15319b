"""``rollback``: deploy again what an earlier sync deployed.

Conditions in the server's order, and body: ``argo-cd@v3.5.1:server/application/application.go`` (Rollback).
"""

from __future__ import annotations

from typing import Any

from trombone_tui.core.around import Around
from trombone_tui.core.objects.argo_cd import APPLICATION, Application, Deployed, OperationState
from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.objects.durations import stamp
from trombone_tui.core.objects.phrases import listed, short_revisions
from trombone_tui.core.ports import Refused
from trombone_tui.core.verbs import Option, Plan, Scene, Seen, Sight, Sort, Verb
from trombone_tui.pipeline.sync.verbs import undoing
from trombone_tui.pipeline.sync.verbs.judging import Ended
from trombone_tui.pipeline.sync.verbs.subject import (
    Subject,
    auto_sync,
    deleting,
    in_progress,
    refuse,
    to_prune,
)
from trombone_tui.pipeline.sync.verbs.syncing import operation, options, proof, target

_LISTED = 12


def _automated(app: Application) -> str:
    on = "auto-sync is on, and Argo CD does not roll back then, it would go forward again at once"
    return f"{on}: auto-sync-off first" if auto_sync(app) else ""


def _history(app: Application) -> list[Deployed]:
    return (app.status.history if app.status else None) or []


def _revisions(entry: Deployed) -> list[str]:
    return list(entry.revisions or ([entry.revision] if entry.revision else []))


def _told(entry: Deployed) -> str:
    revisions = short_revisions(entry.revisions, entry.revision) or "?"
    return f"{revisions}{f' of {stamp(entry.deployed_at)}' if entry.deployed_at else ''}"


def _numbered(entry: Deployed) -> str:
    return f"{'?' if entry.id is None else entry.id} ({_told(entry)})"


def _chosen(app: Application, wanted: Any) -> int:
    """Return the place in the history of what was asked for, or of the entry before the newest."""
    history = _history(app)
    if not history:
        raise Refused("its history is empty: there is nothing to go back to")
    if wanted is None:
        if len(history) < 2:
            raise Refused(f"nothing was deployed before {_numbered(history[-1])}")
        return len(history) - 2
    for place, entry in enumerate(history):
        if entry.id == wanted:
            return place
    there = listed([_numbered(entry) for entry in reversed(history)], _LISTED)
    raise Refused(f"its history has no {wanted}; it has {there}")


def _sync(subject: Subject, place: int) -> dict[str, Any]:
    status: Any = subject.scene.whole["status"]
    entry = status["history"][place]
    sources, source = entry.get("sources"), entry.get("source")
    if sources:
        sync = {"revisions": entry.get("revisions"), "sources": sources}
    elif source:
        sync = {"revision": entry.get("revision"), "source": source}
    else:
        raise Refused("that entry keeps no source: sync to its revision instead")
    if not all((*sync.values(), *(sync.get("revisions") or ()))):
        raise Refused("that entry keeps no revision, so nobody knows what it deployed")
    pruned = {"prune": True} if subject.scene.given.get("prune") else {}
    return {**sync, **pruned, **options(subject), "syncStrategy": {"apply": {}}}


async def _plan(scene: Scene) -> Plan:
    subject = Subject.read(scene)
    app = subject.app
    refuse(deleting(app), _automated(app))
    place = _chosen(app, scene.given.get("id"))
    entry, newest = _history(app)[place], _history(app)[-1]
    refuse(in_progress(app))
    write = operation(subject, _sync(subject, place), retry=False, title="ask Argo CD to deploy it again")
    number = "?" if entry.id is None else str(entry.id)
    warnings = (
        *(("that is what was deployed last",) if entry is newest else ()),
        *undoing.skipped(subject),
        *await undoing.sync_windows(subject),
        *_pruning(app, bool(scene.given.get("prune"))),
        *await _forward(subject),
        *undoing.suspended(subject),
    )
    return Plan(
        before=f"sync {_numbered(newest)} is deployed",
        after=f"what sync {number} deployed, {_told(entry)}, is deployed again",
        writes=(write,),
        proof=proof(subject, f"a new entry in the history with {_told(entry)}", _ended(app, entry)),
        warnings=undoing.warned(warnings),
        command=subject.command("rollback", number, *(("--prune",) if scene.given.get("prune") else ())),
    )


def _pruning(app: Application, prune: bool) -> tuple[str, ...]:
    if not prune:
        return ("what only the newer version has stays without --prune",)
    gone = to_prune(app)
    known = f"; not in the source now: {undoing.several(gone)}" if gone else ""
    return (f"prune deletes what that version does not have; what that is, is known only then{known}",)


async def _forward(subject: Subject) -> tuple[str, ...]:
    left = f"the spec still asks for {target(subject.app)}, so it is OutOfSync afterwards"
    return (
        f"{left}; auto-sync-on or the next sync goes forward again: revert the commit in git",
        "hooks are not run",
        *await undoing.updater(subject, "it may commit the newer version again, hold the tag"),
        *(f"should it turn auto-sync on: {one}" for one in await undoing.owners(subject)),
    )


def _ended(before: Application, wanted: Deployed) -> Ended:
    known = {entry.id for entry in _history(before)}

    def ended(app: Application, _: OperationState) -> Sight:
        for entry in _history(app):
            if entry.id not in known and _revisions(entry) == _revisions(wanted):
                return Sight(
                    Seen.DONE, f"sync {_numbered(entry)} is deployed, and OutOfSync until git follows"
                )
        return Sight(Seen.NOT_YET, "the operation succeeded, the history has no entry of it yet")

    return ended


def _blocked(app: Application, _: Ref, __: Around) -> str:
    empty = "" if _history(app) else "its history is empty: there is nothing to go back to"
    return deleting(app) or _automated(app) or in_progress(app) or empty


ROLLBACK = Verb(
    name="rollback",
    kind=APPLICATION,
    about="Deploy again what an earlier sync of an Application deployed.",
    plan=_plan,
    blocked=_blocked,
    rights=(("patch", ""),),
    options=(
        Option(
            name="id",
            about="the number of that sync in the history; without it the one before the newest",
            sort=Sort.NUMBER,
        ),
        Option(name="prune", about="delete what that version does not have"),
    ),
    dangerous=lambda _: True,
    bulk=False,
)
