"""The pods of a metric that is a Job: their logs say what it found."""

from __future__ import annotations

from trombone_tui.core.objects.argo_rollouts import AnalysisRun
from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.objects.pods import POD, Pod
from trombone_tui.core.questions import LogSource, Objects
from trombone_tui.core.stage import Around
from trombone_tui.pipeline.metrics.judgement import judgements

_GONE = "gone with its pod; Jobs of measurements are deleted with their run"


def metric_logs(run: AnalysisRun, ref: Ref, around: Around) -> tuple[LogSource, ...]:
    """Name the containers of a metric's newest Job; nothing for a metric that is none."""
    of = next((one for one in judgements(run, around) if one.part == ref.part), None)
    notes = of.last.metadata if of is not None and of.last is not None else None
    if of is None or notes is None or not notes.job_name:
        return ()
    namespace = notes.job_namespace or run.metadata.namespace
    kind = POD.narrowed(selector=f"job-name={notes.job_name}")
    answer = around.ask(Objects(kind=kind, namespace=namespace))
    pods = [one for one in answer.value or () if isinstance(one, Pod)]
    if answer.value is not None and not pods:
        return (LogSource(label=of.name, namespace=namespace, pod=notes.job_name, gone=_GONE),)
    return tuple(
        LogSource(
            label=of.name,
            namespace=namespace,
            pod=pod.metadata.name,
            container=container,
            failed=of.phase in ("Failed", "Error"),
            restarts=pod.restarts_of(container),
        )
        for pod in pods
        for container in pod.containers
    )
