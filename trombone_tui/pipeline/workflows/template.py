"""WorkflowTemplate and ClusterWorkflowTemplate: what runs are made of, and what starts them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from trombone_tui.core.objects.argo_events import STARTED_BY
from trombone_tui.core.objects.argo_workflows import WORKFLOW, Workflow
from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.objects.cron_workflows import CRON_WORKFLOW, CronWorkflow
from trombone_tui.core.objects.phrases import clauses, counted, listed, shortened
from trombone_tui.core.objects.workflow_templates import (
    CLUSTER_WORKFLOW_TEMPLATE,
    WORKFLOW_TEMPLATE,
    TemplateParameter,
    TemplateSpec,
    WorkflowTemplate,
)
from trombone_tui.core.stage import Around, Detail, Fact, Facts, Item, Key, Source
from trombone_tui.pipeline.workflows.fields import WorkflowsFields
from trombone_tui.pipeline.workflows.history import recent

_MOST = 30
"""Parameters and templates that are listed."""


def read_template(obj: WorkflowTemplate, ref: Ref, around: Around) -> tuple[Item, ...]:
    """Make its row: it informs, needs nobody, and stands after all runs, since it has no time of its own."""
    health, what = _reading(obj)
    crons = _crons(ref, around)
    started = f"started by CronWorkflow {listed(sorted(crons), 3)}" if crons else ""
    given = f"takes {counted(len(obj.parameters), 'parameter')}" if obj.parameters else ""
    return (
        Item(
            ref=ref,
            health=health,
            why=clauses(what, given, started),
            fields=WorkflowsFields(),
            attention=False,
        ),
    )


def _reading(obj: WorkflowTemplate) -> tuple[Health, str]:
    """Say how it is, as far as it says so itself: no controller writes down whether it can be run."""
    spec, names = obj.spec or TemplateSpec(), obj.names
    if not names:
        return Health.UNKNOWN, "It holds no templates, or none that can be read"
    first = spec.entrypoint
    if not first:
        return Health.HEALTHY, f"Holds {counted(len(names), 'template')} for others to use, no entrypoint"
    if "{{" not in first and first not in names:
        return (
            Health.DEGRADED,
            f"Its entrypoint {shortened(first, 60)} is none of its {counted(len(names), 'template')}",
        )
    return Health.HEALTHY, f"Runs {shortened(first, 60)}, {counted(len(names), 'template')}"


def _key(ref: Ref) -> Key:
    return (ref.kind, ref.namespace, ref.name)


def _crons(ref: Ref, around: Around) -> Sequence[str]:
    found: Sequence[CronWorkflow] = around.linked(CRON_WORKFLOW, _key(ref))
    here = ref.namespace
    return [one.metadata.name if here else f"{one.metadata.namespace}/{one.metadata.name}" for one in found]


def explain_template(obj: WorkflowTemplate, ref: Ref, around: Around) -> tuple[Detail, ...]:
    """Tell what it holds, what starts it, and how its runs went."""
    spec = obj.spec or TemplateSpec()
    health, what = _reading(obj)
    names = obj.names
    about = (
        Fact("state", what, health),
        Fact("entrypoint", spec.entrypoint),
        Fact("exit handler", spec.on_exit),
        Fact("service account", spec.service_account_name),
        Fact("templates", shortened(", ".join(names[:_MOST]), 300) or None),
    )
    runs: Sequence[Workflow] = around.linked(WORKFLOW, _key(ref))
    seen = around.visible(WORKFLOW)
    of_runs = recent(runs, around.now) if seen or runs else (Fact("runs", None),)
    parameters = tuple(_parameter(one) for one in obj.parameters[:_MOST])
    return (
        Facts("Template", about),
        *((Facts("Parameters", parameters),) if parameters else ()),
        Facts("Runs", of_runs),
        Facts("Started by", tuple(_starters(ref, runs, around))),
    )


def _parameter(one: TemplateParameter) -> Fact:
    choices = " or ".join(str(value) for value in (one.enum or ())[:8])
    said = [f"{one.value}, if nothing else is given" if one.value is not None else "has to be given"]
    said += [f"one of {choices}"] if choices else []
    said += [one.description] if one.description else []
    return Fact(one.name or "?", shortened("; ".join(said), 200))


def _starters(ref: Ref, runs: Sequence[Workflow], around: Around) -> Iterator[Fact]:
    crons = _crons(ref, around)
    named = shortened(", ".join(sorted(crons)), 200)
    yield Fact("CronWorkflows", named or ("none" if around.visible(CRON_WORKFLOW) else None))
    sensors = Counter(name for run in runs if (name := run.metadata.label(STARTED_BY)))
    yield Fact(
        "Sensors, by its runs", ", ".join(f"{name} ({n})" for name, n in sensors.most_common(6)) or None
    )


TEMPLATES = Source(kind=WORKFLOW_TEMPLATE, read=read_template, explain=explain_template)
CLUSTER_TEMPLATES = Source(kind=CLUSTER_WORKFLOW_TEMPLATE, read=read_template, explain=explain_template)
