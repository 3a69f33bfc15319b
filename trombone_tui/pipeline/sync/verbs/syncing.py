"""``sync``: an operation that Argo CD's controller takes up.

Body: ``argo-cd@v3.5.1:server/application/application.go`` (Sync) as a merge patch; what the controller does
not take from the spec (syncOptions, retry) is copied, what it does (source, revision) is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from trombone_tui.core.around import Around
from trombone_tui.core.objects.argo_cd import APPLICATION, Application, Resource
from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.objects.durations import stamp
from trombone_tui.core.objects.phrases import counted, listed, short_revisions
from trombone_tui.core.ports import Refused
from trombone_tui.core.verbs import Given, Option, Plan, Proof, Scene, Sort, Verb, Write
from trombone_tui.pipeline.sync.reason import SHARED
from trombone_tui.pipeline.sync.verbs import undoing
from trombone_tui.pipeline.sync.verbs.judging import Ended, operation_judge, synced
from trombone_tui.pipeline.sync.verbs.refreshing import touch
from trombone_tui.pipeline.sync.verbs.subject import (
    Subject,
    auto_sync,
    decided_by,
    deleting,
    differing,
    in_progress,
    named,
    refuse,
    to_prune,
)

WITHIN = 120.0
"""Seconds an operation is watched; hooks may take longer."""
_NAMED = 6


def operation(subject: Subject, sync: dict[str, Any], *, retry: bool, title: str) -> Write:
    """Make the request for an operation; it is refused if what it was decided by has changed since."""
    asked: dict[str, Any] = {"initiatedBy": subject.initiator}
    if retry and subject.policy.get("retry") is not None:
        asked["retry"] = subject.policy["retry"]
    body = {
        "metadata": {"resourceVersion": subject.version},
        "operation": {**asked, "sync": sync},
        "status": {"operationState": None},
    }
    return replace(subject.patch(body, title), hangs_on=decided_by)


def proof(subject: Subject, waits_for: str, ended: Ended) -> Proof:
    """Watch an operation to its end."""
    meta = subject.app.metadata
    return Proof(
        kind=APPLICATION,
        namespace=meta.namespace,
        name=meta.name,
        waits_for=waits_for,
        judge=operation_judge(subject, ended),
        within=WITHIN,
        touch=touch(subject),
    )


def options(subject: Subject) -> dict[str, Any]:
    """Copy the sync options: the controller takes those of the operation only."""
    written = subject.policy.get("syncOptions")
    return {"syncOptions": written} if written else {}


def stands(subject: Subject) -> str:
    """Say how it compares now: ``OutOfSync with 3f2a9c1, 1 of 4 resources differs``."""
    app, sync = subject.app, subject.status.sync
    if sync is None or not sync.status:
        return "not compared yet"
    revision = short_revisions(sync.revisions, sync.revision)
    head = f"{sync.status}{f' with {revision}' if revision else ''}"
    drift, every = differing(app), len(subject.status.resources or ())
    differ = "differs" if len(drift) == 1 else "differ"
    return f"{head}, {len(drift)} of {counted(every, 'resource')} {differ}" if drift else head


def target(app: Application) -> str:
    """Name the revision that its spec asks for; ``HEAD`` is what no word means."""
    hydrator = app.spec.source_hydrator if app.spec else None
    if hydrator is not None:
        return (hydrator.sync_source.target_branch if hydrator.sync_source else None) or "HEAD"
    return ", ".join(one.target_revision or "HEAD" for one in app.sources) or "HEAD"


async def _plan(scene: Scene) -> Plan:
    subject = Subject.read(scene)
    app, given = subject.app, scene.given
    refuse(deleting(app), in_progress(app), _revision_refused(app, given))
    chosen = [_resource(text) for text in given.get("resource") or ()]
    for one in chosen:
        refuse(_not_there(app, one))
    write = operation(subject, _sync(subject, given, chosen), retry=True, title="ask Argo CD to sync it")
    warnings = [
        *undoing.skipped(subject),
        *await undoing.sync_windows(subject),
        *_errors(subject),
        *(() if given.get("dry-run") else await _applying(subject, given, chosen)),
    ]
    return Plan(
        before=stands(subject),
        after=_after(subject, given, chosen),
        writes=(write,),
        proof=proof(subject, "the operation to succeed", synced),
        warnings=undoing.warned(warnings),
        command=_command(subject, given),
    )


def _sync(subject: Subject, given: Given, chosen: list[dict[str, str]]) -> dict[str, Any]:
    return {
        **({"revision": given["revision"]} if given.get("revision") else {}),
        "prune": bool(given.get("prune")),
        **({"dryRun": True} if given.get("dry-run") else {}),
        "syncStrategy": {"hook": {"force": True} if given.get("force") else {}},
        **options(subject),
        **({"resources": chosen} if chosen else {}),
    }


def _revision_refused(app: Application, given: Given) -> str:
    revision = given.get("revision")
    if not revision:
        return ""
    if len(app.sources) > 1:
        return f"it has {len(app.sources)} sources, and one revision can't be meant for all of them"
    if given.get("dry-run") or not auto_sync(app) or revision == target(app):
        return ""
    return (
        f"auto-sync is on and set to {target(app)}, so it can't be synced to {revision}: auto-sync-off first"
    )


def _resource(text: str) -> dict[str, str]:
    parts = text.split(":")
    group, kind, last = parts if len(parts) == 3 else ("", "", "")
    namespace, slash, name = last.rpartition("/")
    if not kind or not name or (slash and not namespace):
        raise Refused(
            f"{text!r} names no resource", advice="write GROUP:KIND:NAME or GROUP:KIND:NAMESPACE/NAME"
        )
    chosen = {"group": group, "kind": kind, "name": name}
    return {**chosen, "namespace": namespace} if namespace else chosen


def _is(one: Resource, chosen: dict[str, str]) -> bool:
    same = ((one.group or "", one.kind, one.name), (chosen["group"], chosen["kind"], chosen["name"]))
    return same[0] == same[1] and chosen.get("namespace") in (None, one.namespace)


def _not_there(app: Application, chosen: dict[str, str]) -> str:
    every = app.resources
    if not every or any(_is(one, chosen) for one in every):
        return ""
    written = f"{chosen['group']}:{chosen['kind']}:{chosen['name']}"
    return f"it has no resource {written}; it has {listed([named(one) for one in every], _NAMED)}"


def _errors(subject: Subject) -> Iterator[str]:
    """Warn of conditions with which every operation ends in an error."""
    for one in subject.status.conditions or ():
        if one.type in ("ComparisonError", "InvalidSpecError"):
            told = one.message or "no reason given"
            yield f"while it has {one.type}, the operation ends in an error: {told}"


async def _applying(subject: Subject, given: Given, chosen: list[dict[str, str]]) -> tuple[str, ...]:
    """Warn of what is changed, where it is not only tried."""
    return (
        *_pruning(subject.app, given, chosen),
        *_others(given, chosen),
        *_shared(subject),
        *undoing.suspended(subject),
        *await _going_on(subject, given),
    )


def _shared(subject: Subject) -> Iterator[str]:
    shared = sum(one.type == SHARED for one in subject.status.conditions or ())
    if shared:
        yield f"{counted(shared, 'resource')} of it may be put back by other Applications that have them too"


def _pruning(app: Application, given: Given, chosen: list[dict[str, str]]) -> Iterator[str]:
    gone = to_prune(app)
    if chosen:
        gone = [one for one in gone if any(_is(one, choice) for choice in chosen)]
    if given.get("prune"):
        yield (
            f"prune deletes {undoing.several(gone)}"
            if gone
            else ("prune deletes what is no longer in the source: nothing when it was last compared")
        )
        asks = [one for one in gone if one.requires_deletion_confirmation]
        if asks:
            yield f"Argo CD waits until somebody confirms that it may delete {undoing.several(asks)}"
    elif gone:
        yield f"not in the source any more, and kept without --prune: {undoing.several(gone)}"


def _others(given: Given, chosen: list[dict[str, str]]) -> Iterator[str]:
    if given.get("force"):
        yield "force deletes and recreates what can't be patched: its pods end meanwhile"
    if chosen:
        yield "a sync of single resources runs no hooks and leaves no entry in the history"


async def _going_on(subject: Subject, given: Given) -> tuple[str, ...]:
    """Warn of what replaces another revision than the spec's."""
    wanted = given.get("revision")
    if not wanted or wanted == target(subject.app):
        return ()
    back = f"the spec still asks for {target(subject.app)}: the next sync goes there"
    return (back, *await undoing.updater(subject, "its next commit is what that sync brings"))


def _after(subject: Subject, given: Given, chosen: list[dict[str, str]]) -> str:
    what = f"{counted(len(chosen), 'resource')} of it " if chosen else ""
    at = subject.status.reconciled_at
    compared = f", as it is now; last compared {stamp(at)}" if at else ", as it is now"
    to = given.get("revision") or f"{target(subject.app)}{compared}"
    return f"{what}tried with {to}; nothing is applied" if given.get("dry-run") else f"{what}synced to {to}"


def _command(subject: Subject, given: Given) -> str:
    flags = [f"--{name}" for name in ("prune", "dry-run", "force") if given.get(name)]
    if given.get("revision"):
        flags += ["--revision", given["revision"]]
    for one in given.get("resource") or ():
        flags += ["--resource", one]
    return subject.command("sync", *flags)


def _blocked(app: Application, _: Ref, __: Around) -> str:
    return deleting(app) or in_progress(app)


def _dangerous(given: Given) -> bool:
    return bool(given.get("prune") or given.get("force")) and not given.get("dry-run")


SYNC = Verb(
    name="sync",
    kind=APPLICATION,
    about="Deploy what the source of an Application says.",
    plan=_plan,
    blocked=_blocked,
    rights=(("patch", ""),),
    key="s",
    dangerous=_dangerous,
    options=(
        Option(name="prune", about="delete what is no longer in the source"),
        Option(name="dry-run", about="have Argo CD try it without applying anything"),
        Option(name="revision", about="sync to this commit, branch, tag or chart version", sort=Sort.TEXT),
        Option(
            name="resource",
            about="sync only this: GROUP:KIND:NAME or GROUP:KIND:NAMESPACE/NAME",
            sort=Sort.TEXT,
            several=True,
        ),
        Option(name="force", about="delete and recreate what can't be patched"),
    ),
)
