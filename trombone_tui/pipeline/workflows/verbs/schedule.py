"""Holding a CronWorkflow's schedule and letting it go on.

``argo-workflows@v4.1.2:server/cronworkflow/cron_workflow_server.go``.
"""

from __future__ import annotations

from collections.abc import Iterator

from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.objects.cron_workflows import CRON_WORKFLOW, CronSpec, CronStatus, CronWorkflow
from trombone_tui.core.objects.managing import WATCHED, tracked_by
from trombone_tui.core.objects.phrases import counted
from trombone_tui.core.stage import Around
from trombone_tui.core.verbs import Judge, Plan, Planned, Proof, Scene, Seen, Sight, Whole
from trombone_tui.core.wholes import judging, patch, typed
from trombone_tui.pipeline.workflows.verbs.run import command

_HELD, _NOT_HELD = "it is suspended already", "it is not suspended"


def cron_not_suspended(obj: CronWorkflow, _: Ref, __: Around) -> str:
    """Say why its schedule can't be suspended."""
    return _HELD if obj.spec is not None and obj.spec.suspend else ""


def cron_not_resumed(obj: CronWorkflow, _: Ref, __: Around) -> str:
    """Say why its schedule can't be resumed."""
    return "" if obj.spec is not None and obj.spec.suspend else _NOT_HELD


def _set(*, to: bool) -> Planned:
    word = "suspend" if to else "resume"

    async def plan(scene: Scene) -> Plan:
        obj, ref = typed(scene.whole, CronWorkflow), scene.ref
        now = bool((obj.spec or CronSpec()).suspend)
        if now is to:
            return Plan(before=_state(now), after=_state(now), writes=(), noop=_HELD if to else _NOT_HELD)
        tracked = tracked_by(CRON_WORKFLOW, obj.metadata)
        warnings = (*(_suspending(obj) if to else _resuming(obj)), *_managed(tracked))
        return Plan(
            before=_state(now),
            after=_state(to),
            writes=(patch(CRON_WORKFLOW, ref, {"spec": {"suspend": to}}, f"{word} its schedule"),),
            proof=Proof(
                kind=CRON_WORKFLOW,
                namespace=ref.namespace,
                name=ref.name,
                waits_for=f"spec.suspend is {str(to).lower()}",
                judge=_judge(to=to),
                stays=WATCHED if tracked else 0.0,
            ),
            warnings=warnings,
            command=command(f"cron {word}", ref, ref.name),
        )

    return plan


cron_suspend, cron_resume = _set(to=True), _set(to=False)


def _state(held: bool) -> str:
    return "suspended" if held else "runs by its schedule"


def _judge(*, to: bool) -> Judge:
    def look(obj: CronWorkflow, _: Whole) -> Sight:
        if bool((obj.spec or CronSpec()).suspend) is to:
            return Sight(Seen.DONE, _state(to))
        return Sight(Seen.NOT_YET, _state(not to))

    return judging(CRON_WORKFLOW, CronWorkflow, look)


def _suspending(obj: CronWorkflow) -> Iterator[str]:
    active = len((obj.status or CronStatus()).active or ())
    if active:
        yield f"{counted(active, 'run')} active: what runs already goes on"


def _resuming(obj: CronWorkflow) -> Iterator[str]:
    spec, status = obj.spec or CronSpec(), obj.status or CronStatus()
    if status.phase == "Stopped":
        yield "its stopStrategy has stopped it for good: it starts nothing all the same"
    if spec.starting_deadline_seconds:
        yield f"a time that was missed by less than {spec.starting_deadline_seconds} s is made up for"


def _managed(app: str) -> Iterator[str]:
    if app:
        yield f"Argo CD's Application {app} owns it: self-heal puts it back if spec.suspend is in git"
