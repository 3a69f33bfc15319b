"""What an Application says of a verb's effect, as its own fields show it.

Proofs as they were seen with running controllers; an operation that somebody asks for has begun when
``operationState`` is there again, and is over when ``operation`` is gone.
"""

from __future__ import annotations

from collections.abc import Callable

from trombone_tui.core.objects.argo_cd import Application, OperationState
from trombone_tui.core.objects.durations import stamp
from trombone_tui.core.objects.phrases import object_name, short_revisions
from trombone_tui.core.ports import Refused
from trombone_tui.core.verbs import Judge, Seen, Sight, Whole
from trombone_tui.core.wholes import typed
from trombone_tui.pipeline.sync.reason import plain
from trombone_tui.pipeline.sync.state import SKIP, WINDOW
from trombone_tui.pipeline.sync.verbs.subject import UNDER_WAY, Subject, operation_state

Ended = Callable[[Application, OperationState], Sight]
"""What is seen of a verb once its operation has succeeded."""
NOTHING = Sight(Seen.NOT_YET)


def judging(of: Callable[[Application], Sight]) -> Judge:
    """Make a judge of one that reads the typed object."""

    def judge(whole: Whole | None) -> Sight:
        if whole is None:
            return Sight(Seen.FAILED, "the Application is gone")
        try:
            return of(typed(whole, Application))
        except Refused as error:
            return Sight(Seen.NOT_YET, str(error))

    return judge


def newer(app: Application, than: str) -> bool:
    """Whether an object was written after that resourceVersion."""
    now = app.metadata.resource_version
    if now.isdecimal() and than.isdecimal():
        return (len(now.lstrip("0")), now) > (len(than.lstrip("0")), than)
    return now != than


def left_alone(app: Application) -> str:
    """Say, after a clause, that Argo CD does not look at it; empty when it does."""
    skipped = app.metadata.annotation(SKIP) == "true"
    return "; it waits until the annotation skip-reconcile is gone" if skipped else ""


def operation_judge(subject: Subject, ended: Ended) -> Judge:
    """Judge an operation that was asked for; ``ended`` has the last word on one that succeeded."""
    before, user = subject.version, subject.scene.user

    def of(app: Application) -> Sight:
        state = operation_state(app)
        if not newer(app, before):
            return NOTHING
        if state.phase is None:
            asked = app.operation is not None
            return Sight(Seen.REQUESTED, f"asked for, not begun{left_alone(app)}") if asked else NOTHING
        other = _other(state, user)
        if other:
            return Sight(Seen.NOT_YET, f"the object tells of another operation by now, by {other}")
        if app.operation is not None or state.phase in UNDER_WAY:
            return Sight(Seen.NOT_YET, _under_way(state))
        return ended(app, state) if state.phase == "Succeeded" else Sight(Seen.FAILED, _failed(state))

    return judging(of)


def _other(state: OperationState, user: str) -> str:
    """Name who began the operation if it was somebody else."""
    began = state.operation.initiated_by if state.operation else None
    if began is None:
        return ""
    return (began.who or "") if began.automated or (began.username or "") != user else ""


def _under_way(state: OperationState) -> str:
    told = plain(state.message or "").rstrip(".")
    if WINDOW in told:
        return "a sync window holds it: it goes on when that lets it through, terminate-op gives it up"
    if state.phase == "Running" and state.finished_at is not None:
        due = state.next_attempt
        return f"failed and tried again{f' about {stamp(due)}' if due else ''}: {told or 'no reason given'}"
    return f"{state.phase}: {told}" if told else f"{state.phase}"


def _failed(state: OperationState) -> str:
    told = plain(state.message or "").rstrip(".") or "no reason given"
    resources = (state.sync_result.resources if state.sync_result else None) or ()
    failed = next((one for one in resources if one.failed and one.message), None)
    blamed = f"; {object_name(failed.kind, failed.name)}: {failed.message}" if failed else ""
    return f"{state.phase}: {told}{blamed}"


def synced(app: Application, state: OperationState) -> Sight:
    """Say what a sync that succeeded came to."""
    result = state.sync_result
    to = short_revisions(result.revisions, result.revision) if result else ""
    asked = state.operation.sync if state.operation else None
    if asked and asked.dry_run:
        return Sight(Seen.DONE, f"the dry run{f' with {to}' if to else ''} succeeded; nothing was applied")
    health = app.status.health.status if app.status and app.status.health else None
    waits = "; it is Suspended, which is not waited for" if health == "Suspended" else ""
    return Sight(Seen.DONE, f"synced{f' to {to}' if to else ''}{waits}")
