"""Why a Rollout is as it is: one plain sentence with the object's own numbers, and the verb that helps."""

from __future__ import annotations

from trombone_tui.core.objects.basics import Condition, condition
from trombone_tui.core.objects.phrases import counted, sentence
from trombone_tui.pipeline.rollout import phase
from trombone_tui.pipeline.rollout.advice import verb
from trombone_tui.pipeline.rollout.failure import degraded
from trombone_tui.pipeline.rollout.held import held
from trombone_tui.pipeline.rollout.progress import Progress
from trombone_tui.pipeline.rollout.steps import step_words
from trombone_tui.pipeline.rollout.trouble import pod_trouble
from trombone_tui.pipeline.rollout.wording import (
    after,
    canary_pods,
    named,
    place,
    plugin_state,
    pod_share,
    preview_pods,
    promotion_analysis,
    ready,
)

BLOCKED = ("ReplicaSetCreateError", "ReconciliationError", "ServiceReferenceError")


def why(of: Progress) -> str:
    """Explain a Rollout."""
    told, trouble = _told(of), stuck_by(of)
    if of.standing.phase == "Paused" and trouble:
        told = f"{told.rstrip('.')}; {trouble}."
    by_version = bool(trouble) and (of.new is not None or not obstacle(of))
    helps = verb(of, stuck=by_version)
    return f"{told.rstrip('.')}; {helps}." if helps else told


def stuck_by(of: Progress) -> str:
    """Say what keeps a Rollout from going on that does not end by itself; empty when nothing does."""
    waits = of.standing.message in (phase.UNOBSERVED, phase.WORKLOAD_UNOBSERVED)
    if of.rollout.status is None or waits or of.standing.phase not in ("Progressing", "Paused"):
        return ""
    if blocked := obstacle(of):
        return blocked
    short = of.standing.phase == "Progressing" or (of.status.ready_replicas or 0) < of.desired
    return pod_trouble(of) if short else ""


def _told(of: Progress) -> str:
    if of.rollout.status is None:
        return "It has no status: no controller has taken it up yet."
    explained = {
        "Healthy": _healthy,
        "Paused": held,
        "Progressing": _progressing,
        "Degraded": degraded,
    }.get(of.standing.phase or "")
    if explained is not None:
        return explained(of)
    if of.standing.phase:
        return sentence(f"The controller calls it {of.standing.phase}: {of.standing.message or 'no message'}")
    return "Neither canary nor blue-green is set, and the controller has written no phase."


def obstacle(of: Progress) -> str:
    """Say what keeps the controller from going on, in its own words; empty when nothing does."""
    failure = condition(of.status.conditions, "ReplicaFailure")
    if failure is not None and failure.status == "True":
        return f"Pods can't be created: {failure.message or failure.reason or 'no reason given'}"
    blocked = [c for c in of.status.conditions or () if c.reason in BLOCKED and c.status == "False"]
    return f"The controller can't go on: {_message(blocked[0])}" if blocked else ""


def _healthy(of: Progress) -> str:
    revision = of.rollout.metadata.annotation("rollout.argoproj.io/revision")
    numbered = f" as revision {revision}" if revision else ""
    pods = "scaled to 0, no pod is wanted" if of.desired == 0 else ready(of)
    return f"{named(of.changed[1], 'The newest template')} is fully promoted{numbered}; {pods}."


def _progressing(of: Progress) -> str:
    status, message = of.status, of.standing.message or ""
    if message == phase.UNOBSERVED:
        seen, wanted = status.observed_generation, of.rollout.metadata.generation
        return f"Waits for the controller: it has seen generation {seen} of the spec, which is at {wanted}."
    if message == phase.UNPAUSING:
        return "Released from its pause; the controller has not reacted yet."
    if message == phase.WORKLOAD_UNOBSERVED:
        ref = of.spec.workload_ref
        named = f"{ref.kind or 'workload'} {ref.name or ''}".strip() if ref else "the workload"
        return f"Waits for the controller: it has not seen the newest template of {named}."
    if stuck := obstacle(of):
        return sentence(stuck)
    told = f"{sentence(message or 'Progressing').removesuffix('.')}: {_counts(of, message)}"
    if message == "rollout is restarting":
        told = f"Restarting its pods; {ready(of)}"
    elif of.new is not None and of.stable is not None and of.weights is not None and of.weights.current:
        told = _step(of, of.weights.current)
    trouble = pod_trouble(of)
    return f"{told}; {trouble}." if trouble else f"{told}."


def _step(of: Progress, step: dict[str, object]) -> str:
    """Say what the running step of an update does and how far it is."""
    weights, words = of.weights, step_words(step, of.weights.top if of.weights else 100)
    assert weights is not None  # asked for a canary in a step only
    if step.get("analysis") is not None:
        run = of.canary.current_step_analysis_run_status
        state = f"{run.name} is {run.status or 'not started'}" if run and run.name else "not started"
        return f"Held {place(of)} by {words}: {state}"
    if step.get("experiment") is not None:
        named = of.canary.current_experiment or "not started"
        return f"Held {place(of)} by {words}: {named}"
    if step.get("plugin") is not None:
        return f"Held {place(of)} by {words}: {plugin_state(of) or 'not started'}"
    if step.get("setWeight") is not None:
        return f"Going to {weights.share} {after(weights)}: {canary_pods(of)}"
    if step.get("pause") is not None:
        return f"About to {words}, {place(of)}"
    return f"{place(of).capitalize()}: {words}, {canary_pods(of)}"


def _counts(of: Progress, message: str) -> str:
    status = of.status
    if message == "more replicas need to be updated":
        return pod_share(status.updated_replicas, of.desired, "updated")
    if message == "old replicas are pending termination":
        left = (status.replicas or 0) - (status.updated_replicas or 0)
        return f"{counted(left, 'old pod')} left"
    if message == "waiting for analysis to complete" and (analysis := promotion_analysis(of)):
        return analysis
    if preview := preview_pods(of):
        return preview
    return pod_share(status.available_replicas, of.desired, "available")


def _message(of: Condition) -> str:
    return of.message or of.reason or "no reason given"
