"""Past runs of what a Workflow is a run of, as far as they are still there, and how long they took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from statistics import median

from trombone_tui.core.objects.argo_workflows import (
    APP_LABELS,
    CLUSTER_TEMPLATE,
    CRON,
    TEMPLATE,
    WORKFLOW,
    Workflow,
)
from trombone_tui.core.objects.basics import EARLIEST, Health, Meta
from trombone_tui.core.stage import Around, Fact, Key
from trombone_tui.core.text import duration

ENOUGH = 3
"""Runs that it takes before there is a usual."""
_DAY = timedelta(days=1)
CLUSTER_WIDE = "ClusterWorkflowTemplate"


def keys(obj: Workflow) -> Iterable[Key]:
    """Name what a Workflow is a run of: its template and its CronWorkflow, if it has them."""
    meta = obj.metadata
    template = template_key(obj)
    if template is not None:
        yield template
    if cron := meta.label(CRON):
        yield cron_key(meta.namespace, cron)


def template_key(obj: Workflow) -> Key | None:
    """Name the template that a Workflow runs."""
    meta, ref = obj.metadata, obj.spec.workflow_template_ref if obj.spec else None
    if ref is not None and ref.name:
        return (CLUSTER_WIDE, "", ref.name) if ref.cluster_scope else _template(meta.namespace, ref.name)
    if name := meta.label(TEMPLATE):
        return _template(meta.namespace, name)
    return (CLUSTER_WIDE, "", name) if (name := meta.label(CLUSTER_TEMPLATE)) else None


def cron_key(namespace: str, name: str) -> Key:
    """Name the runs of a CronWorkflow."""
    return ("CronWorkflow", namespace, name)


def _template(namespace: str, name: str) -> Key:
    return ("WorkflowTemplate", namespace, name)


def past(obj: Workflow, around: Around) -> Sequence[timedelta]:
    """Return how long runs of the same template or CronWorkflow took that went well, this one left out.

    Those of one template are told apart by the app they are labelled with; clusters keep namespaces apart.
    """
    meta = obj.metadata
    cron = meta.label(CRON)
    key = cron_key(meta.namespace, cron) if cron else template_key(obj)
    if key is None:
        return ()
    mine = _told_apart(meta)
    return [
        took
        for run in around.linked(WORKFLOW, key)
        if run.metadata.name != meta.name and run.status is not None and run.status.phase == "Succeeded"
        if run.metadata.namespace == meta.namespace and _told_apart(run.metadata) == mine
        if (took := run.status.duration) is not None
    ]


def _told_apart(meta: Meta) -> tuple[str, ...]:
    return tuple(meta.label(key) for key in APP_LABELS)


def compared(took: timedelta, others: Sequence[timedelta], *, running: bool) -> str:
    """Say how long it took beside what is usual: ``4m12s, usual 3m58s (median of 12)``."""
    said = duration(took.total_seconds()) + (" so far" if running else "")
    if len(others) < ENOUGH:
        return said
    usual = timedelta(seconds=median(one.total_seconds() for one in others))
    over = took - usual
    rest = f", usual {duration(usual.total_seconds())} (median of {len(others)})"
    if running and over > timedelta():
        rest += f", {duration(over.total_seconds())} over the usual"
    return said + rest


def recent(runs: Sequence[Workflow], now: datetime) -> tuple[Fact, ...]:
    """Tell of the runs of a template or a CronWorkflow that are still there."""
    if not runs:
        return (Fact("runs still there", 0),)
    phases = Counter((run.status.phase if run.status else None) or "not taken up" for run in runs)
    ordered = sorted(phases.items(), key=lambda pair: (-pair[1], pair[0]))
    newest = max(runs, key=lambda run: (_began(run), run.metadata.name))
    phase = (newest.status.phase if newest.status else None) or "not taken up"
    took = [
        t for r in runs if r.status and r.status.phase == "Succeeded" if (t := r.status.duration) is not None
    ]
    usual = duration(median(one.total_seconds() for one in took)) if len(took) >= ENOUGH else None
    return (
        Fact("runs still there", ", ".join(f"{count} {phase}" for phase, count in ordered[:6])),
        Fact("begun within a day", sum(now - _began(run) <= _DAY for run in runs)),
        Fact("newest run", f"{newest.metadata.name}: {phase}", _HEALTH.get(phase)),
        Fact("it began", _began(newest) if _began(newest) != EARLIEST else None),
        Fact("usual duration", f"{usual} (median of {len(took)})" if usual else None),
    )


def _began(run: Workflow) -> datetime:
    return run.metadata.creation_timestamp or (run.status.started_at if run.status else None) or EARLIEST


_HEALTH = {
    "Succeeded": Health.HEALTHY,
    "Failed": Health.DEGRADED,
    "Error": Health.DEGRADED,
    "Running": Health.PROGRESSING,
    "Pending": Health.PROGRESSING,
}
