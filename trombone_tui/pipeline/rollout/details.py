"""A Rollout in full: its state, steps, traffic, what is live, its revisions, its limits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from trombone_tui.core.objects.analysis_phases import PHASES
from trombone_tui.core.objects.argo_rollouts import Canary, Rollout, Strategy
from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.ports import Missing
from trombone_tui.core.questions import Thing
from trombone_tui.core.stage import Around, Detail, Fact, Facts, Item, Step, Steps
from trombone_tui.pipeline.rollout.clock import age, left_of
from trombone_tui.pipeline.rollout.failure import abort_reason, culprit
from trombone_tui.pipeline.rollout.limits import limits
from trombone_tui.pipeline.rollout.live import beside_argo_cd, live
from trombone_tui.pipeline.rollout.progress import Progress, Side, progress
from trombone_tui.pipeline.rollout.promotion import promotion
from trombone_tui.pipeline.rollout.reason import obstacle
from trombone_tui.pipeline.rollout.row import analysis, read_rollout
from trombone_tui.pipeline.rollout.runs import counts
from trombone_tui.pipeline.rollout.steps import step_words
from trombone_tui.pipeline.rollout.traffic import HIDDEN, traffic
from trombone_tui.pipeline.rollout.tree import revisions
from trombone_tui.pipeline.rollout.wording import canary_pods, plugin_state

_SCALE_DOWN = {
    "never": "keep running beside the Rollout's",
    "onsuccess": "are scaled to 0 when the Rollout is healthy",
    "progressively": "are scaled down step by step",
}


def explain_rollout(rollout: Rollout, ref: Ref, around: Around) -> tuple[Detail, ...]:
    """Tell all that is known of a Rollout."""
    of = progress(rollout, around)
    (item,) = read_rollout(rollout, ref, around)
    details: list[Detail] = [Facts("Rollout", tuple(_state(of, item, around)))]
    if of.weights is not None:
        if of.weights.steps:
            details.append(Steps("Steps", _steps(of, around.now)))
        details.append(Facts("Traffic", tuple(traffic(of))))
    blue_green = of.spec.strategy.blue_green if of.spec.strategy else None
    if blue_green is not None:
        details.append(promotion(of, blue_green, around.now))
    details += [live(of, around), revisions(of, around.now)]
    details += [Facts("Versions", tuple(_versions(of, around))), limits(of, around)]
    return tuple(details)


def _state(of: Progress, item: Item, around: Around) -> Iterator[Fact]:
    if beside := beside_argo_cd(of, around):
        yield Fact("Live", beside)
    yield Fact("Phase", of.standing.phase, item.health)
    yield Fact("Message", of.standing.message or None)
    yield Fact("Strategy", of.strategy)
    yield from _pause(of, around)
    yield from _abort(of)
    if stuck := obstacle(of):
        yield Fact("Blocked", stuck, Health.DEGRADED)
    name, phase = analysis(of)
    if name:
        yield Fact("Analysis", f"{name}: {phase or 'not started'}", PHASES.get(phase or ""))
    if of.canary.current_experiment:
        yield Fact("Experiment", of.canary.current_experiment)
    if of.status.promote_full:
        yield Fact("Full promotion", "skips all steps and analyses")
    yield from _counts(of)


def _pause(of: Progress, around: Around) -> Iterator[Fact]:
    if of.pause is None:
        return
    yield Fact("Held by", f"{of.pause.kind} pause")
    yield Fact("Held since", of.pause.since)
    by_hand = "somebody resumes it" if of.spec.paused else "somebody promotes it"
    yield Fact("Held until", of.pause.until if of.pause.timed else by_hand)
    if time_left := left_of(of.pause.since, of.pause.duration, around.now):
        yield Fact("Time left", time_left)


def _abort(of: Progress) -> Iterator[Fact]:
    if not of.status.abort:
        return
    yield Fact("Aborted", of.status.aborted_at or True, Health.DEGRADED)
    reason = abort_reason(of)
    yield Fact("Abort reason", reason or None)
    if reason and (found := culprit(of)):
        yield Fact("Aborted by", ": ".join(part for part in found if part), Health.DEGRADED)


def _counts(of: Progress) -> Iterator[Fact]:
    status, told = of.status, of.rollout.status is not None
    yield Fact("Pods desired", of.desired)
    yield Fact("Pods updated", status.updated_replicas or 0 if told else None)
    yield Fact("Pods ready", status.ready_replicas or 0 if told else None)
    yield Fact("Pods available", status.available_replicas or 0 if told else None)
    if not of.family.pods_seen:
        asked = of.family.pods_asked
        if asked.trouble is not None:
            yield Fact("Pods one by one", f"unknown: {asked.trouble}")
        elif asked.waiting:
            yield Fact("Pods one by one", "unknown yet: asking for them")


def _versions(of: Progress, around: Around) -> Iterator[Fact]:
    yield Fact("Revision", of.rollout.metadata.annotation("rollout.argoproj.io/revision") or None)
    yield from _workload(of, around)
    blue_green = of.strategy == "blue-green"
    sides = [("Stable", of.stable), ("New" if blue_green else "Canary", of.new)]
    if blue_green:
        sides += [("Active", of.active), ("Preview", of.preview)]
    for name, side in sides:
        if side is not None:
            yield Fact(f"{name} image", side.image or ("no ReplicaSet tells" if of.seen else HIDDEN))
            yield Fact(f"{name} hash", side.hash)
            yield Fact(f"{name} pods", _pods(of, side))


def _workload(of: Progress, around: Around) -> Iterator[Fact]:
    """Tell of the workload whose template is used; a missing one is why the Rollout can't go on."""
    ref = of.spec.workload_ref
    if ref is None:
        return
    yield Fact("Template from", f"{ref.kind} {ref.name}")
    group = (ref.api_version or "").rpartition("/")[0]
    if ref.kind and ref.name:
        thing = Thing(group=group, kind=ref.kind, namespace=of.rollout.metadata.namespace, name=ref.name)
        trouble = around.ask(thing).trouble
        if isinstance(trouble, Missing):
            yield Fact(f"{ref.kind} {ref.name}", str(trouble), Health.DEGRADED)
        elif trouble is not None:
            yield Fact(f"{ref.kind} {ref.name}", f"unknown: {trouble}")
    written = ref.scale_down or "never"
    yield Fact("Its own pods", _SCALE_DOWN.get(written, written))


def _pods(of: Progress, side: Side) -> str:
    if side.available is None:
        return "no ReplicaSet" if of.seen else HIDDEN
    return f"{side.available} of {'?' if side.wanted is None else side.wanted} available"


def _steps(of: Progress, now: datetime) -> tuple[Step, ...]:
    weights = of.weights
    steps = ((of.spec.strategy or Strategy()).canary or Canary()).steps or []
    at = weights.index if weights else None
    runs = None if of.status.abort else at
    top = weights.top if weights else 100
    return tuple(
        Step(
            step_words(step, top),
            done=at is not None and index < at,
            current=index == runs,
            note=_note(of, now) if index == runs else "",
        )
        for index, step in enumerate(steps)
    )


def _note(of: Progress, now: datetime) -> str:
    """Say of the current step what it waits for: the rest of its pause, its run, its experiment, its pods."""
    if of.pause is not None:
        ends = left_of(of.pause.since, of.pause.duration, now)
        return ends or ", ".join(part for part in (_endless(of), _held_for(of, now)) if part)
    step = (of.weights.current if of.weights else None) or {}
    run = of.canary.current_step_analysis_run_status
    if step.get("analysis") is not None and run is not None:
        found = of.family.run(run.name)
        counted = f", {marks}" if found is not None and (marks := counts(found)) else ""
        return f"{run.name}: {run.status or 'not started'}{counted}"
    if step.get("experiment") is not None and of.canary.current_experiment:
        return of.canary.current_experiment
    if step.get("plugin") is not None:
        return plugin_state(of)
    if step.get("setWeight") is not None and of.new is not None and of.new.available is not None:
        return canary_pods(of)
    return ""


def _endless(of: Progress) -> str:
    """Say what ends a hold that has no end of its own; a pause step says so itself."""
    if of.spec.paused:
        return "until somebody resumes it"
    step = (of.weights.current if of.weights else None) or {}
    return "" if step.get("pause") is not None else "until promoted"


def _held_for(of: Progress, now: datetime) -> str:
    since = age(of.pause.since if of.pause else None, now)
    return f"held for {since}" if since else ""
