"""CronWorkflow: when it runs, and whether it can."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trombone_tui.core.objects.argo_workflows import WORKFLOW, Workflow
from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.objects.cron_workflows import CRON_WORKFLOW, CronSpec, CronStatus, CronWorkflow
from trombone_tui.core.objects.durations import stamp
from trombone_tui.core.objects.phrases import clauses, counted, shortened
from trombone_tui.core.stage import Around, Detail, Fact, Facts, Item, Key, Source, Value
from trombone_tui.core.text import duration
from trombone_tui.pipeline.workflows.fields import WorkflowsFields
from trombone_tui.pipeline.workflows.history import CLUSTER_WIDE, cron_key, recent
from trombone_tui.pipeline.workflows.next_run import next_run


def read_cron_workflow(obj: CronWorkflow, ref: Ref, around: Around) -> tuple[Item, ...]:
    """Make its row; one that somebody suspended or that has done its work needs nobody."""
    status = obj.status or CronStatus()
    health, what, message = _reading(obj)
    due = next_run(obj, around.now).brief if health is Health.HEALTHY else ""
    return (
        Item(
            ref=ref,
            health=health,
            why=clauses(what, *_history(status, due), "resume" if obj.spec and obj.spec.suspend else ""),
            fields=WorkflowsFields(
                phase=status.phase or None,
                message=message,
                schedule=", ".join(obj.schedules) or None,
                active=len(status.active or ()) if obj.status else None,
                last_scheduled=status.last_scheduled_time,
            ),
            since=status.last_scheduled_time,
            attention=False if health is Health.SUSPENDED else None,
            created=obj.metadata.creation_timestamp,
        ),
    )


def _reading(obj: CronWorkflow) -> tuple[Health, str, str | None]:
    """Return its health, that in words, and the controller's own message."""
    spec, status = obj.spec or CronSpec(), obj.status or CronStatus()
    broken = next((c for c in status.conditions or () if c.status == "True" and c.type in _ERRORS), None)
    if broken is not None:
        message = broken.message or "no message"
        return Health.DEGRADED, f"{_ERRORS[broken.type or '']}: {message}", message
    if spec.suspend:
        return Health.SUSPENDED, "Suspended by spec.suspend, so it starts nothing", None
    if status.phase == "Stopped":
        return Health.SUSPENDED, "Stopped for good by its stopStrategy", None
    if not obj.schedules:
        return Health.UNKNOWN, "It names no schedule", None
    times = f"{shortened(' and '.join(obj.schedules), 60)}{_zone(spec)}"
    if status.phase not in (None, "", "Active"):
        return (
            Health.UNKNOWN,
            f"Phase {shortened(status.phase or '', 40)} is not one this program knows",
            None,
        )
    if obj.status is None:
        return Health.UNKNOWN, f"Should run at {times}, but {_UNTOUCHED}", None
    return Health.HEALTHY, f"Runs at {times}", None


_UNTOUCHED = "no controller has taken it up, or one refused its spec, which only the controller's log says"
"""What no status means: a spec that can't be used at first sight is logged and never written down
(``argo-workflows@v3.7.18:workflow/cron/controller.go``, processNextCronItem)."""


_ERRORS = {
    "SubmissionError": "Can't start its Workflow",
    "SpecError": "Its spec can't be used",
}


def _zone(spec: CronSpec) -> str:
    return f" in {shortened(spec.timezone, 40)}" if spec.timezone else ""


def _history(status: CronStatus, due: str) -> tuple[str, ...]:
    last = status.last_scheduled_time
    ended = ", ".join(
        f"{number} {word}"
        for number, word in ((status.succeeded, "succeeded"), (status.failed, "failed"))
        if number is not None
    )
    running = counted(len(status.active), "Workflow") + " active" if status.active else ""
    return (f"last on {stamp(last)}" if last else "not run yet", due, running, ended)


def explain_cron_workflow(obj: CronWorkflow, ref: Ref, around: Around) -> tuple[Detail, ...]:
    """Tell what is known of it, and how its runs went that are still there."""
    spec, status = obj.spec or CronSpec(), obj.status or CronStatus()
    health, what, _message = _reading(obj)
    policy = spec.concurrency_policy or "Allow"
    about = (
        Fact("state", what, health),
        *(Fact("schedule", schedule) for schedule in obj.schedules),
        Fact("time zone", spec.timezone or "the controller's own"),
        Fact("when one still runs", _POLICIES.get(policy, policy)),
        Fact("template", _template(spec)),
        Fact("last scheduled", status.last_scheduled_time),
        Fact("next due", next_run(obj, around.now).words if obj.schedules else None),
        Fact("active", ", ".join(one.name or "?" for one in (status.active or ())[:_MOST]) or "none"),
        Fact("succeeded", status.succeeded),
        Fact("failed", status.failed),
        *(Fact(name, value) for name, value in _limits(spec) if value is not None),
    )
    runs: Sequence[Workflow] = around.linked(WORKFLOW, cron_key(ref.namespace, ref.name))
    seen = runs or around.visible(WORKFLOW)
    of_runs = recent(runs, around.now) if seen else (Fact("runs", None),)
    return (Facts("Cron workflow", about), Facts("Runs", of_runs))


_MOST = 20
_POLICIES = {
    "Allow": "starts another (Allow)",
    "Forbid": "leaves the new one out (Forbid)",
    "Replace": "ends the old one (Replace)",
}


def _template(spec: CronSpec) -> str | None:
    ref = spec.workflow_spec.workflow_template_ref if spec.workflow_spec else None
    name = ref.name if ref else None
    return f"{name} (ClusterWorkflowTemplate)" if name and ref and ref.cluster_scope else name


def _limits(spec: CronSpec) -> Iterator[tuple[str, Value]]:
    """Yield what bounds it: when it skips, stops, is late, and how many runs it leaves behind."""
    stop, late = spec.stop_strategy, spec.starting_deadline_seconds
    yield "only when", shortened(spec.when, 200) if spec.when else None
    expression = (stop.expression or stop.condition) if stop else None
    yield "stops for good when", shortened(expression, 200) if expression else None
    yield "started late up to", duration(late) if late is not None and late > 0 else None
    yield "keeps succeeded", spec.successful_jobs_history_limit
    yield "keeps failed", spec.failed_jobs_history_limit


def _keys(obj: CronWorkflow) -> Iterator[Key]:
    """Name the template that it runs."""
    ref = obj.spec.workflow_spec.workflow_template_ref if obj.spec and obj.spec.workflow_spec else None
    if ref is not None and ref.name:
        wide = bool(ref.cluster_scope)
        yield (CLUSTER_WIDE, "", ref.name) if wide else ("WorkflowTemplate", obj.metadata.namespace, ref.name)


def _named(obj: CronWorkflow) -> str:
    return obj.metadata.name


CRON_WORKFLOWS = Source(
    kind=CRON_WORKFLOW, read=read_cron_workflow, explain=explain_cron_workflow, keys=_keys, shared=_named
)
