"""The second step: Image Updater must not choose the bad tag again."""

from __future__ import annotations

from trombone_tui.core.objects.argo_cd import APPLICATION
from trombone_tui.core.objects.durations import stamp
from trombone_tui.core.objects.image_names import ImageName
from trombone_tui.core.objects.image_updater import IMAGE_UPDATER, ImageUpdater
from trombone_tui.core.objects.managing import Keeper, place, sources
from trombone_tui.core.objects.marks import Held
from trombone_tui.core.rollback.known import Known
from trombone_tui.core.rollback.places import Follower, kept_by
from trombone_tui.core.rollback.plan import Does, May, RollbackStep, State, comment, permitted
from trombone_tui.core.writes import Right

_STOP = "Nothing new comes by itself any more; what was there before goes on."


def hold(of: Follower, bad: ImageName, service: str, known: Known, may: May) -> RollbackStep:
    """Plan to keep a tag back."""
    meta = of.obj.metadata
    kind = IMAGE_UPDATER if isinstance(of.obj, ImageUpdater) else APPLICATION
    right = Right(verb="patch", kind=APPLICATION if of.annotated else kind, namespace=meta.namespace)
    keeps = kept_by(kind, meta, known)
    given = {"tag": bad.tag, "reason": f"rollback of {service}"}
    state, reason = _state(of, bad, keeps, may, right)
    return RollbackStep(
        title=f"hold {bad.version} of {of.ref.part or bad.repository} in {of.ref.kind} {of.ref.name}",
        why=f"Image Updater chooses without looking at what git asks for: its next check, "
        f"{of.due(known.now)}, writes {bad.version} over a revert.",
        state=state,
        reason=reason,
        does=Does(stage="images", kind=of.ref.kind, ref=of.ref, name="hold", given=given)
        if bad.tag and state is not State.YOURS
        else None,
        command=_command(of, bad, keeps if state is State.YOURS else None),
        undone_by=_undone(of, keeps),
        stop=_STOP,
        right=right,
    )


def _state(of: Follower, bad: ImageName, keeps: Keeper | None, may: May, right: Right) -> tuple[State, str]:
    if bad.tag and bad.tag in of.held:
        return State.DONE, f"it is held{_by(of.held[bad.tag])}"
    if not bad.tag:
        return State.BLOCKED, "the image is named by its digest alone: there is no tag to hold"
    if keeps is not None and keeps.at_once and keeps.app is not None:
        return State.YOURS, (
            f"Application {keeps.name} keeps it as git says and would undo a hold within seconds: "
            f"change {place(keeps.app, of.ref.kind, of.ref.name)}"
        )
    return permitted(may, right)


def _by(mark: Held | None) -> str:
    if mark is None:
        return ""
    return f"{f' by {mark.by}' if mark.by else ''}{f' since {stamp(mark.at)}' if mark.at else ''}"


def _undone(of: Follower, keeps: Keeper | None) -> str:
    owners = ", ".join(f"{one.kind} {one.name}" for one in of.obj.metadata.owner_references or ())
    if keeps is None:
        return f"{owners} may undo it." if owners else "Nobody: nothing is seen that keeps it as git says."
    if keeps.app is None:
        return f"Application {keeps.name}, which can't be seen, undoes it if it heals itself."
    when = "within seconds" if keeps.at_once else "with its next sync"
    return f"Application {keeps.name} undoes it {when}, unless it is changed in {sources(keeps.app)} too."


def _command(of: Follower, bad: ImageName, keeps: Keeper | None) -> str:
    kind, meta = of.ref.kind.lower(), of.obj.metadata
    where = "the annotation ignore-tags" if kind == "application" or of.annotated else "ignoreTags"
    what = f"add {bad.tag} to {where} of image {of.ref.part}"
    if keeps is not None and keeps.app is not None:
        return comment(f"in git, {sources(keeps.app)}: {what}")
    return f"kubectl -n {meta.namespace} edit {kind} {meta.name}  {comment(what)}"


def unseen() -> RollbackStep:
    """Say that it is not known whether a tag has to be held."""
    return RollbackStep(
        title="hold the tag in Image Updater",
        why="If Image Updater follows the image, its next check writes the tag over a revert.",
        state=State.UNSEEN,
        reason=f"whether anything follows the image can't be seen: you may not list {IMAGE_UPDATER.resource}"
        ", or they are not read yet",
        undone_by="Not known.",
        stop=_STOP,
    )
