"""A Rollout in full: facts, and the canary's steps."""

from __future__ import annotations

from collections.abc import Iterator

from trombone_tui.core.objects.argo_rollouts import Canary, Rollout, Strategy
from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.objects.durations import stamp
from trombone_tui.core.stage import Around, Detail, Fact, Facts, Step, Steps
from trombone_tui.pipeline.rollout.failure import abort_reason
from trombone_tui.pipeline.rollout.progress import Progress, Side, progress
from trombone_tui.pipeline.rollout.reason import obstacle
from trombone_tui.pipeline.rollout.row import analysis, read_rollout
from trombone_tui.pipeline.rollout.steps import step_words
from trombone_tui.pipeline.rollout.weights import share

_ANALYSIS = {
    "Successful": Health.HEALTHY,
    "Running": Health.PROGRESSING,
    "Pending": Health.PROGRESSING,
    "Failed": Health.DEGRADED,
    "Error": Health.DEGRADED,
    "Inconclusive": Health.SUSPENDED,
}
HIDDEN = "not visible to you"


def explain_rollout(rollout: Rollout, ref: Ref, around: Around) -> tuple[Detail, ...]:
    """Tell all that is known of a Rollout."""
    of = progress(rollout, around)
    (item,) = read_rollout(rollout, ref, around)
    state = Facts("Rollout", tuple(_state(of, item.health, item.why)))
    details: list[Detail] = [state, Facts("Versions", tuple(_versions(of)))]
    if of.weights is not None:
        details.append(Facts("Traffic", tuple(_traffic(of))))
        if of.weights.steps:
            details.append(Steps("Steps", _steps(of)))
    return tuple(details)


def _state(of: Progress, health: Health, why: str) -> Iterator[Fact]:
    status = of.status
    yield Fact("Why", why, health)
    yield Fact("Phase", of.standing.phase, health)
    yield Fact("Message", of.standing.message or None)
    yield Fact("Strategy", of.strategy)
    if of.pause is not None:
        yield Fact("Held by", f"{of.pause.kind} pause")
        yield Fact("Held since", of.pause.since)
        yield Fact("Held until", of.pause.until if of.pause.timed else "somebody promotes it")
    if status.abort:
        yield Fact("Aborted", status.aborted_at or True, Health.DEGRADED)
        yield Fact("Abort reason", abort_reason(of) or None)
    if stuck := obstacle(of):
        yield Fact("Blocked", stuck, Health.DEGRADED)
    name, phase = analysis(of)
    if name:
        yield Fact("Analysis", f"{name}: {phase or 'not started'}", _ANALYSIS.get(phase or ""))
    if of.canary.current_experiment:
        yield Fact("Experiment", of.canary.current_experiment)
    if status.promote_full:
        yield Fact("Full promotion", "skips all steps and analyses")
    told = of.rollout.status is not None
    yield Fact("Pods desired", of.desired)
    yield Fact("Pods updated", status.updated_replicas or 0 if told else None)
    yield Fact("Pods ready", status.ready_replicas or 0 if told else None)
    yield Fact("Pods available", status.available_replicas or 0 if told else None)


def _versions(of: Progress) -> Iterator[Fact]:
    yield Fact("Revision", of.rollout.metadata.annotation("rollout.argoproj.io/revision") or None)
    if of.spec.workload_ref is not None:
        yield Fact("Template from", f"{of.spec.workload_ref.kind} {of.spec.workload_ref.name}")
    blue_green = of.strategy == "blue-green"
    sides = [("Stable", of.stable), ("New" if blue_green else "Canary", of.new)]
    if blue_green:
        sides += [("Active", of.active), ("Preview", of.preview)]
    for name, side in sides:
        if side is not None:
            yield Fact(f"{name} image", side.image or ("no ReplicaSet tells" if of.seen else HIDDEN))
            yield Fact(f"{name} hash", side.hash)
            yield Fact(f"{name} pods", _pods(of, side))


def _pods(of: Progress, side: Side) -> str:
    if side.available is None:
        return "no ReplicaSet" if of.seen else HIDDEN
    return f"{side.available} of {'?' if side.wanted is None else side.wanted} available"


def _traffic(of: Progress) -> Iterator[Fact]:
    weights = of.weights
    assert weights is not None  # asked for canaries only
    canary = (of.spec.strategy or Strategy()).canary or Canary()
    if weights.index is not None and weights.steps:
        yield Fact("Steps done", f"{weights.index} of {weights.steps}")
    yield Fact("Weight set", None if weights.set is None else weights.share)
    hidden = f"unknown: the ReplicaSets are {HIDDEN}"
    source = "told to the router, not measured" if of.routed else "share of available pods"
    actual = hidden if weights.actual is None else f"{share(weights.actual, weights.top)} ({source})"
    yield Fact("Weight actual", actual)
    routers = [
        key for key in canary.traffic_routing or {} if key not in ("managedRoutes", "maxTrafficWeight")
    ]
    yield Fact("Router", ", ".join(sorted(routers)) or "none: traffic follows the number of pods")
    if of.canary.weights is not None and of.canary.weights.verified is not None:
        verified = of.canary.weights.verified
        yield Fact("Weight verified", verified, Health.HEALTHY if verified else Health.PROGRESSING)
    yield Fact("Canary service", canary.canary_service)
    yield Fact("Stable service", canary.stable_service)


def _steps(of: Progress) -> tuple[Step, ...]:
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
            note=_note(of) if index == runs else "",
        )
        for index, step in enumerate(steps)
    )


def _note(of: Progress) -> str:
    """Say of the current step what the object tells: the run it waits for, the end of its pause."""
    if of.pause is not None and of.pause.until is not None:
        return f"until {stamp(of.pause.until)}"
    run = of.canary.current_step_analysis_run_status
    if of.weights is not None and (of.weights.current or {}).get("analysis") is not None and run is not None:
        return f"{run.name}: {run.status or 'not started'}"
    return ""
