"""An Experiment in full: its templates with their pods, its analyses with their budgets, its conditions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from trombone_tui.core.objects.argo_rollouts import ANALYSIS_RUN, AnalysisRun
from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.objects.durations import spoken, stamp
from trombone_tui.core.objects.experiments import Experiment
from trombone_tui.core.objects.phrases import counted, one_line, shortened
from trombone_tui.core.objects.pods import Pod
from trombone_tui.core.stage import Around, Branch, Detail, Fact, Facts, Tree, own_key
from trombone_tui.pipeline.metrics.details import used
from trombone_tui.pipeline.metrics.experiment.pods import Made, made
from trombone_tui.pipeline.metrics.experiment.row import health
from trombone_tui.pipeline.metrics.experiment.trial import (
    PROGRESS_DEADLINE,
    SCALE_DOWN_DELAY,
    Analysis,
    Side,
    Trial,
    trial,
)
from trombone_tui.pipeline.metrics.judgement import Judgement, judgements
from trombone_tui.pipeline.metrics.row import PHASE_HEALTH

_LONGEST = 200
_MANY = 10
"""A ReplicaSet with more pods than so many, all of them well, is drawn closed."""
_TEMPLATE_HEALTH = {
    "Progressing": Health.PROGRESSING,
    "Running": Health.PROGRESSING,
    "Successful": Health.HEALTHY,
    "Failed": Health.DEGRADED,
    "Error": Health.DEGRADED,
}


def explain_experiment(experiment: Experiment, _: Ref, around: Around) -> tuple[Detail, ...]:
    """Tell all that is known of an Experiment."""
    of = trial(experiment, around)
    details: list[Detail] = [Facts("Experiment", tuple(_facts(of, around.now)))]
    if of.sides:
        branches = tuple(_template(side, made(of, side, around)) for side in of.sides)
        details.append(Tree("Templates", branches))
    if of.analyses:
        details.append(Tree("Analyses", tuple(_analyses(of, around))))
    conditions = of.status.conditions or ()
    if conditions:
        told = (f"{one.status}, {one.reason}: {one.message}" for one in conditions)
        names = (one.type or "?" for one in conditions)
        details.append(Facts("Conditions", tuple(map(Fact, names, told))))
    return tuple(details)


def _facts(of: Trial, now: datetime) -> Iterator[Fact]:
    spec, belongs = of.spec, of.belongs
    yield Fact("Phase", of.phase or "not started", health(of))
    yield Fact("Message", of.status.message or None)
    if of.invalid:
        yield Fact("Spec refused", of.invalid, Health.DEGRADED)
    yield Fact("Templates", f"{of.complete} of {len(of.sides)} with all their pods available")
    yield Fact("Analyses", of.counts or "none: nothing is measured")
    yield Fact("Duration", _duration(of))
    yield Fact("Available since", of.status.available_at)
    if of.ends is not None:
        yield Fact("Left", "told to end" if spec.terminate else _left(of.ends, now))
    yield Fact("Told to end", bool(spec.terminate))
    yield Fact("Fails without progress", _seconds(spec.progress_deadline_seconds, PROGRESS_DEADLINE))
    yield Fact("Scale-down after the end", _seconds(spec.scale_down_delay_seconds, SCALE_DOWN_DELAY))
    yield Fact("Rollout", belongs.rollout[-1] if belongs.rollout else "none: it stands alone")
    if belongs.rollout:
        yield Fact("Revision", belongs.revision)
        yield Fact("Steps before it", of.step_index)
    if belongs.outdated:
        yield Fact("Outdated", "the Rollout wants another version by now")


def _duration(of: Trial) -> str:
    written = of.spec.duration
    if of.duration is not None:
        return spoken(of.duration)
    return "until it is ended" if not written else f"{written}, which can't be read: until it is ended"


def _left(ends: datetime, now: datetime) -> str:
    if ends <= now:
        return f"over since {stamp(ends)}: the controller is about to end it"
    return f"{spoken(ends - now)}, until {stamp(ends)}"


def _seconds(written: int | None, default: int) -> str:
    if written is None:
        return f"after {spoken(timedelta(seconds=default))} (the default)"
    return f"after {spoken(timedelta(seconds=written))}" if abs(written) < 10**9 else f"after {written} s"


def _template(side: Side, there: Made) -> Branch:
    status = side.status
    images = side.template.template.images if side.template.template else ()
    notes = [status.status or "not started", *images, status.message or ""]
    if status.service_name:
        notes.append(f"Service {status.service_name}")
    return Branch(
        text=f"template {side.name}",
        note=", ".join(filter(None, notes)),
        health=_TEMPLATE_HEALTH.get(status.status or ""),
        branches=(_set(side, there),),
    )


def _set(side: Side, there: Made) -> Branch:
    """Draw a template's ReplicaSet: what is told of it by itself, else by the Experiment."""
    found = there.found
    if found is None:
        told = f"{side.available} of {side.wanted} available, says the Experiment"
        return Branch(
            text=f"ReplicaSet {there.name}", note=", ".join((told, there.missing or "asking for it"))
        )
    wanted, available = found.wanted, found.available
    ready = (found.status.ready_replicas or 0) if found.status else 0
    notes = [f"{available} of {wanted} available, {ready} ready" if wanted else "scaled down"]
    if there.missing:
        notes.append(f"pods: {there.missing}")
    well = all(pod.health is Health.HEALTHY for pod in there.pods)
    return Branch(
        text=f"ReplicaSet {there.name}",
        note=", ".join(notes),
        health=_set_health(wanted, available, there),
        branches=tuple(_pod(pod) for pod in there.pods),
        folded=len(there.pods) > _MANY and well,
    )


def _set_health(wanted: int, available: int, there: Made) -> Health | None:
    if any(pod.health is Health.DEGRADED for pod in there.pods):
        return Health.DEGRADED
    if not wanted:
        return None
    return Health.HEALTHY if available >= wanted else Health.PROGRESSING


def _pod(pod: Pod) -> Branch:
    notes = [pod.word, f"{pod.ready_count} ready"]
    if pod.restarts:
        notes.append(counted(pod.restarts, "restart"))
    notes.append(shortened(one_line(pod.why), _LONGEST))
    return Branch(text=f"pod {pod.metadata.name}", note=", ".join(filter(None, notes)), health=pod.health)


def _analyses(of: Trial, around: Around) -> Iterator[Branch]:
    runs = {
        one.metadata.name: one
        for one in around.linked(ANALYSIS_RUN, own_key("Experiment", of.experiment.metadata))
        if (owner := one.metadata.owner("Experiment")) and owner.uid in (None, of.experiment.metadata.uid)
    }
    for one in of.analyses:
        name = one.told.analysis_run
        run = runs.get(name) if name else None
        yield Branch(
            text=f"analysis {one.name}",
            note=", ".join(filter(None, _notes(one))),
            health=PHASE_HEALTH.get(one.told.phase or None),
            branches=(_run(name, run, around),) if name else (),
        )


def _notes(one: Analysis) -> Iterator[str]:
    yield one.phase
    yield "required for completion" if one.required else ""
    kind = "ClusterAnalysisTemplate" if one.asked.cluster_scope else "AnalysisTemplate"
    yield f"from {kind} {one.asked.template_name}" if one.asked.template_name else ""
    yield shortened(one_line(one.told.message), _LONGEST)


def _run(name: str, run: AnalysisRun | None, around: Around) -> Branch:
    if run is None:
        seen = around.visible(ANALYSIS_RUN)
        return Branch(text=f"AnalysisRun {name}", note="not there" if seen else "may not be seen")
    phase = (run.status.phase if run.status else None) or None
    return Branch(
        text=f"AnalysisRun {name}",
        note=phase or "not started",
        health=PHASE_HEALTH.get(phase),
        branches=tuple(_metric(one) for one in judgements(run, around)),
    )


def _metric(of: Judgement) -> Branch:
    failed = of.result.failed or 0 if of.measured else None
    budget = used(failed, of.failure_limit)
    notes = [of.phase or "not started", f"failures {budget}" if budget else "not measured yet"]
    if of.dry:
        notes.append("only watched (dry run)")
    return Branch(
        text=f"{of.name or 'the run'} {of.standing or ''}".rstrip(),
        note=", ".join(notes),
        health=None if of.dry else PHASE_HEALTH.get(of.phase),
    )
