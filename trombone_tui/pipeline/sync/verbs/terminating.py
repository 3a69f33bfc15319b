"""``terminate-op``: end the operation that runs.

Condition and change: ``argo-cd@v3.5.1:server/application/application.go`` (TerminateOperation). The
controller may write its own state over the request; that is seen and said, the request is not repeated.
"""

from __future__ import annotations

from trombone_tui.core.around import Around
from trombone_tui.core.objects.argo_cd import APPLICATION, Application
from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.objects.durations import stamp
from trombone_tui.core.objects.phrases import counted
from trombone_tui.core.verbs import Judge, Plan, Proof, Scene, Seen, Sight, Verb
from trombone_tui.pipeline.sync.reason import plain
from trombone_tui.pipeline.sync.verbs.judging import NOTHING, judging, left_alone, newer
from trombone_tui.pipeline.sync.verbs.refreshing import touch
from trombone_tui.pipeline.sync.verbs.subject import (
    UNDER_WAY,
    Subject,
    auto_sync,
    operation_state,
    refuse,
)
from trombone_tui.pipeline.sync.verbs.undoing import skipped, warned

_ENDED = "Operation terminated"
_OVERWRITTEN = "Argo CD wrote its own state over the request and goes on: send terminate-op again"


def _nothing_to_end(app: Application) -> str:
    state = operation_state(app)
    if app.operation is None:
        left = "; Terminating is what is left of one that is over" if state.phase == "Terminating" else ""
        return f"no operation is in progress{left}"
    if state.phase not in UNDER_WAY:
        return "the operation has been asked for and has not begun: there is nothing to end yet"
    return ""


async def _plan(scene: Scene) -> Plan:
    subject = Subject.read(scene)
    refuse(_nothing_to_end(subject.app))
    meta = subject.app.metadata
    body = {
        "metadata": {"resourceVersion": subject.version},
        "status": {"operationState": {"phase": "Terminating"}},
    }
    return Plan(
        before=_stands(subject),
        after="ended: Failed, Operation terminated",
        writes=(subject.patch(body, "ask Argo CD to end the operation"),),
        proof=Proof(
            kind=APPLICATION,
            namespace=meta.namespace,
            name=meta.name,
            waits_for="the operation to be gone",
            judge=_judge(subject),
            touch=touch(subject),
        ),
        warnings=warned(_warnings(subject)),
        command=subject.command("terminate-op"),
    )


def _stands(subject: Subject) -> str:
    state = subject.state
    began = state.operation.initiated_by if state.operation else None
    by = f" by {began.who}" if began and began.who else ""
    when = f" since {stamp(state.started_at)}" if state.started_at else ""
    told = plain(state.message or "").rstrip(".")
    return f"{state.phase}{when}{by}{f': {told}' if told else ''}"


def _warnings(subject: Subject) -> tuple[str, ...]:
    result = subject.state.sync_result
    done = len(result.resources or ()) if result else 0
    kept = f"what was applied stays ({counted(done, 'resource')} so far); hooks that run are ended"
    again = "auto-sync does not try this revision again by itself: sync does, and so does the next commit"
    asked = "it is asked for already: the same again changes nothing while it stands there"
    return (
        *skipped(subject),
        *((asked,) if subject.state.phase == "Terminating" else ()),
        kept,
        *((again,) if auto_sync(subject.app) else ()),
    )


def _judge(subject: Subject) -> Judge:
    before, began = subject.version, subject.state.started_at

    def of(app: Application) -> Sight:
        state = operation_state(app)
        if state.phase is None or state.started_at != began:
            if not newer(app, before):
                return NOTHING
            return Sight(Seen.DONE, "it is over; another operation was asked for since")
        if app.operation is None:
            return _over(state.phase, plain(state.message or ""))
        if state.phase == "Terminating":
            return Sight(Seen.REQUESTED, f"asked for, not ended yet{left_alone(app)}")
        return Sight(Seen.FAILED, _OVERWRITTEN) if newer(app, before) else NOTHING

    return judging(of)


def _over(phase: str, message: str) -> Sight:
    if phase == "Terminating":
        return Sight(Seen.DONE, "the operation is gone; Terminating is shown until the next one")
    if message.startswith(_ENDED):
        return Sight(Seen.DONE, f"{phase}: {message}")
    told = f": {message}" if message else ""
    return Sight(Seen.FAILED, f"it came to its own end before it could be ended: {phase}{told}")


def _blocked(app: Application, _: Ref, __: Around) -> str:
    return _nothing_to_end(app)


TERMINATE = Verb(
    name="terminate-op",
    kind=APPLICATION,
    about="End the operation of an Application that runs.",
    plan=_plan,
    blocked=_blocked,
    rights=(("patch", ""),),
    dangerous=lambda _: True,
)
