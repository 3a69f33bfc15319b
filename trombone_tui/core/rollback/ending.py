"""The last steps: the cluster follows git, and what has to hold then and after the next check for tags."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trombone_tui.core.objects.argo_cd import APPLICATION
from trombone_tui.core.objects.image_names import ImageName
from trombone_tui.core.objects.image_updater import ImageUpdater
from trombone_tui.core.objects.phrases import short_revision
from trombone_tui.core.rollback.moves import Move, Way
from trombone_tui.core.rollback.places import Follower, Place
from trombone_tui.core.rollback.plan import Check, Does, May, RollbackStep, State, permitted
from trombone_tui.core.rollback.reverted import first, gone, reverted
from trombone_tui.core.writes import Right


def sync(of: Place, may: May) -> RollbackStep:
    """Plan to have Argo CD deploy what git asks for now."""
    right = Right(verb="patch", kind=APPLICATION, namespace=of.app.metadata.namespace)
    state, reason = _syncing(of, may, right)
    steps = dict.fromkeys(map(_steps, of.moves))
    itself = "by itself Argo CD does it within 3 min" if of.auto_sync else "auto-sync is off"
    return RollbackStep(
        title=f"sync Application {of.name}",
        why=f"It deploys what git asks for at once; {itself}. {' '.join(steps)}",
        state=state,
        reason=reason,
        does=Does(stage="sync", kind="Application", ref=of.ref, name="sync"),
        command=f"argocd app sync {of.name}",
        undone_by="Nobody: it is what git asks for.",
        stop="Git, the cluster and what users get are one version again.",
        right=right,
    )


def _steps(of: Move) -> str:
    """Say how the Rollout goes back (``argo-rollouts@v1.9.1:rollout/sync.go``, and seen to be so)."""
    if of.way is not Way.EVERYWHERE:
        return "The template then equals the stable one, so steps are skipped: Healthy within a second."
    spec = of.rollout.spec
    window = spec.rollback_window.revisions if spec and spec.rollback_window else None
    if window:
        return f"Versions of the last {window} revisions skip the steps (rollbackWindow)."
    return "The way back is an update of its own, with all steps; promote --full skips them."


def _syncing(of: Place, may: May, right: Right) -> tuple[State, str]:
    state, reason = permitted(may, right)
    done = reverted(of)[0] is State.DONE
    if done and of.synced:
        return State.DONE, f"it is Synced to {short_revision(of.revision)}"
    if state is State.FORBIDDEN:
        return state, reason
    if not done:
        return State.BLOCKED, first(of)
    if of.app.operation is not None:
        return State.BLOCKED, "another operation is in progress: wait, or end it with terminate-op"
    return state, reason


def verify(
    moves: Sequence[Move],
    places: Sequence[Place],
    follows: Sequence[Follower],
    bad: Sequence[ImageName],
    *,
    seen: bool,
) -> RollbackStep:
    """Say what has to hold in the end, and what of it does; ``seen`` is whether Image Updater can be seen."""
    checks = (
        *(check for one in moves for check in _live(one)),
        *(check for one in places for check in _deployed(one)),
        *(
            Check(f"what deploys {one.name} asks for what comes back", None)
            for one in moves
            if not _by(one, places)
        ),
        *(check for one in follows for image in bad for check in _held(one, image)),
        *(() if seen else (Check("nothing writes the tag again", None),)),
    )
    open_ = [check for check in checks if check.holds is not True]
    return RollbackStep(
        title="verify that it stays",
        why="Only when all of this holds, and still does after Image Updater's next check, it is over.",
        state=State.BLOCKED if open_ else State.DONE,
        reason=f"{'not yet' if open_[0].holds is False else 'not known'}: {open_[0].text}" if open_ else "",
        command="\n".join(_commands(moves, places)),
        undone_by="Nobody any more.",
        stop="It is over; release the tag when a better version is there.",
        checks=checks,
    )


def _by(of: Move, places: Sequence[Place]) -> bool:
    return any(of in place.moves for place in places)


def _live(of: Move) -> Iterator[Check]:
    status = of.rollout.status
    good = of.told(of.good, of.good_set) or "the version before"
    alone = status is not None and status.stable_rs == status.current_pod_hash and status.phase == "Healthy"
    yield Check(f"Rollout {of.name} is Healthy with {good} alone", alone and of.way is Way.GONE)


def _deployed(of: Place) -> Iterator[Check]:
    commit = of.brought_by
    back = of.synced and (of.revision != commit if commit else gone(of))
    not_to = f", and not to {short_revision(commit)}" if commit else " to what comes back"
    yield Check(f"Application {of.name} is Synced{not_to}", back)
    if of.auto_sync or of.left_off:
        yield Check(f"auto-sync of {of.name} is on", of.auto_sync)


def _held(of: Follower, bad: ImageName) -> Iterator[Check]:
    if not bad.tag or not of.follows(bad.join):
        return
    held = bad.tag in of.held
    yield Check(f"{of.ref.kind} {of.ref.name} holds {bad.tag} of {of.ref.part}", held)
    yield Check(f"it was checked since {bad.tag} is held", _checked(of, bad.tag) if held else False)


def _checked(of: Follower, tag: str) -> bool | None:
    """Say whether Image Updater looked since a tag is held; None where no object tells."""
    status = of.obj.status if isinstance(of.obj, ImageUpdater) else None
    if not isinstance(of.obj, ImageUpdater) or status is None or status.last_checked_at is None:
        return None
    mark = of.held[tag]
    if mark is not None and mark.at is not None:
        return status.last_checked_at > mark.at
    return (status.observed_generation or 0) >= (of.obj.metadata.generation or 0)


def _commands(moves: Sequence[Move], places: Sequence[Place]) -> Iterator[str]:
    for one in moves:
        yield f"kubectl argo rollouts status {one.name} -n {one.rollout.metadata.namespace}"
    for place in places:
        yield f"argocd app wait {place.name} --sync --health"
