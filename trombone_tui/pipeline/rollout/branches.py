"""A pod and an AnalysisRun as branches of a tree."""

from __future__ import annotations

from datetime import datetime

from trombone_tui.core.objects.analysis_phases import PHASES
from trombone_tui.core.objects.argo_rollouts import AnalysisRun, AnalysisRunStatus
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.objects.phrases import counted, one_line, shortened
from trombone_tui.core.objects.pods import Pod
from trombone_tui.core.stage import Branch
from trombone_tui.pipeline.rollout.clock import age
from trombone_tui.pipeline.rollout.runs import counts, result_words

_LONGEST = 200
_TYPES = {
    "Background": "in the background",
    "PrePromotion": "before the switch",
    "PostPromotion": "after the switch",
}


def pod_branch(pod: Pod, now: datetime) -> Branch:
    """Draw a pod: its word, containers, restarts, age, last end, what it waits for."""
    notes = [pod.word, f"{pod.ready_count} ready"]
    if pod.restarts:
        notes.append(counted(pod.restarts, "restart"))
    if old := age(pod.metadata.creation_timestamp, now):
        notes.append(f"{old} old")
    if (last := pod.last_ended) is not None and pod.restarts:
        notes.append(f"{last[0]} last ended {age(last[1].finished_at, now)} ago with {last[1].words}")
    if pod.why and not (pod.restarts and pod.word == "CrashLoopBackOff"):
        notes.append(shortened(one_line(pod.why), _LONGEST))
    return Branch(text=f"pod {pod.metadata.name}", note=", ".join(notes), health=pod.health)


def run_branch(run: AnalysisRun) -> Branch:
    """Draw an AnalysisRun: when it is measured, its phase, its counts, and a branch for each metric."""
    status = run.status or AnalysisRunStatus()
    phase = status.phase or "not started"
    metrics = {one.name: one for one in (run.spec.metrics if run.spec else None) or ()}
    results = tuple(
        Branch(
            text=result_words(metrics.get(one.name), one),
            note=", ".join(filter(None, (one.phase, "dry run" if one.dry_run else ""))),
            health=None if one.dry_run else PHASES.get(one.phase or ""),
        )
        for one in status.metric_results or ()
    )
    notes = [_when(run), phase, counts(run)]
    if not results:
        notes.append(shortened(one_line(status.message), _LONGEST))
    return Branch(
        text=f"AnalysisRun {run.metadata.name}",
        note=", ".join(note for note in notes if note),
        health=PHASES.get(phase),
        branches=results,
        folded=PHASES.get(phase) is Health.HEALTHY,
    )


def _when(run: AnalysisRun) -> str:
    kind, index = run.metadata.label("rollout-type"), run.metadata.label("step-index")
    if kind == "Step" and index.isascii() and index.isdigit() and len(index) < 5:
        return f"in step {int(index) + 1}"
    return _TYPES.get(kind, "")
