"""Going back without git: Argo CD deploys what it did before, which lasts while auto-sync is off."""

from __future__ import annotations

from trombone_tui.core.objects.argo_cd import APPLICATION, Deployed
from trombone_tui.core.objects.managing import place
from trombone_tui.core.rollback.known import Known
from trombone_tui.core.rollback.places import Place, kept_by, revision_of, told
from trombone_tui.core.rollback.plan import Does, May, RollbackStep, State, permitted
from trombone_tui.core.rollback.reverted import first, reverted
from trombone_tui.core.writes import Right


def back(of: Place, known: Known, may: May) -> tuple[RollbackStep, ...]:
    """Plan to deploy again what an earlier sync deployed, with auto-sync off until git has followed."""
    right = Right(verb="patch", kind=APPLICATION, namespace=of.app.metadata.namespace)
    ways = (_off(of, known, may, right), _rollback(of, may, right))
    return ways if of.left_off else (*ways, on_again(of, may))


def _off(of: Place, known: Known, may: May, right: Right) -> RollbackStep:
    owner, where = _owner(of, known)
    state, reason = permitted(may, right)
    if not of.auto_sync:
        state, reason = State.DONE, "auto-sync is off already"
    elif owner and state is not State.FORBIDDEN:
        state, reason = State.BLOCKED, f"{owner} turns it on again: change it in {where}"
    return RollbackStep(
        title=f"turn auto-sync of {of.name} off",
        why="While it is on, Argo CD goes forward again within a second; its server refuses to roll back.",
        state=state,
        reason=reason,
        does=Does(stage="sync", kind="Application", ref=of.ref, name="auto-sync-off"),
        command=f"argocd app set {of.name} --sync-policy none",
        undone_by=f"{owner} turns it on again." if owner else "Nobody: it stays off until auto-sync-on.",
        stop="Nothing new is deployed by itself: a reminder stays until auto-sync is on again.",
        right=right,
    )


def _owner(of: Place, known: Known) -> tuple[str, str]:
    """Name who keeps the Application's own spec as it is written, and where; empty when nobody is seen to."""
    made = of.app.metadata.owner("ApplicationSet")
    if made is not None:
        return f"ApplicationSet {made.name or '?'}", "its template"
    parent = kept_by(APPLICATION, of.app.metadata, known)
    if parent is None:
        return "", ""
    if parent.app is None:
        return f"Application {parent.name}, which can't be seen,", "its repository"
    if not parent.at_once:
        return "", ""
    return f"Application {parent.name}", place(parent.app, "Application", of.name)


def _rollback(of: Place, may: May, right: Right) -> RollbackStep:
    entry = earlier(of)
    state, reason = _possible(of, entry, may, right)
    number = entry.id if entry is not None else None
    given = {} if number is None else {"id": number}
    return RollbackStep(
        title=f"roll {of.name} back to sync {told(entry)}" if entry else f"roll {of.name} back",
        why="It deploys what was deployed before, without git. Hooks are not run.",
        state=state,
        reason=reason,
        does=Does(stage="sync", kind="Application", ref=of.ref, name="rollback", given=given),
        command=f"argocd app rollback {of.name}{f' {number}' if number is not None else ''}",
        undone_by="Auto-sync as soon as it is on; every sync by hand.",
        stop="It runs what it ran before and is OutOfSync: git still asks for the bad version.",
        right=right,
    )


def earlier(of: Place) -> Deployed | None:
    """Return the newest sync before the one that brought the bad version; None where it can't be told.

    Where other versions lie between the two, it is the one at which the good ReplicaSet appeared.
    """
    entries = list(of.history)
    brought = of.brought or (entries[-1] if entries else None)
    if brought is None:
        return None
    before = entries[: entries.index(brought)]
    if any(one.skips for one in of.moves):
        return of.deployed((one.good_set for one in of.moves), before)
    return next((one for one in reversed(before) if revision_of(one) != revision_of(brought)), None)


def _possible(of: Place, entry: Deployed | None, may: May, right: Right) -> tuple[State, str]:
    state, reason = permitted(may, right)
    if entry is None:
        return State.BLOCKED, "which sync to go back to can't be told from its history"
    newest = of.history[-1]
    if newest is not of.brought and newest is not entry and revision_of(newest) == revision_of(entry):
        return State.DONE, f"sync {told(newest)} deployed it again"
    if state is State.FORBIDDEN:
        return state, reason
    if of.auto_sync:
        return State.BLOCKED, "auto-sync is on: turn it off first"
    if of.app.operation is not None:
        return State.BLOCKED, "another operation is in progress: wait, or end it with terminate-op"
    return state, reason


def on_again(of: Place, may: May) -> RollbackStep:
    """Plan to turn auto-sync on again, once git asks for the version before."""
    right = Right(verb="patch", kind=APPLICATION, namespace=of.app.metadata.namespace)
    state, reason = permitted(may, right)
    if state is not State.FORBIDDEN and of.auto_sync:
        state, reason = State.BLOCKED, "auto-sync is not off yet"
    elif state is not State.FORBIDDEN and reverted(of)[0] is not State.DONE:
        state, reason = State.BLOCKED, first(of)
    return RollbackStep(
        title=f"turn auto-sync of {of.name} on again",
        why="Until then nothing new is deployed by itself. A reminder stays on every screen.",
        state=state,
        reason=reason,
        does=Does(stage="sync", kind="Application", ref=of.ref, name="auto-sync-on"),
        command=f"argocd app set {of.name} --sync-policy automated",
        undone_by="Nobody. It deploys what git asks for at once.",
        stop="Argo CD deploys by itself again.",
        right=right,
    )
