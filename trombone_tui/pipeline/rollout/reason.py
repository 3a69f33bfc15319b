"""Why a Rollout is as it is: one plain sentence with the object's own numbers.

``step 3 of 8`` in a sentence is the same 3 that the official tool prints as ``3/8``: three steps are
done. So a sentence says *after* step 3, and the step that runs by what it does.
"""

from __future__ import annotations

import re

from trombone_tui.core.objects.basics import Condition, condition
from trombone_tui.core.objects.durations import spoken, stamp
from trombone_tui.core.objects.image_names import ImageName
from trombone_tui.core.objects.phrases import counted, sentence
from trombone_tui.pipeline.rollout import phase
from trombone_tui.pipeline.rollout.pause import BLUE_GREEN, MANUAL, STEP, Pause
from trombone_tui.pipeline.rollout.progress import Progress
from trombone_tui.pipeline.rollout.steps import pause_duration, step_words
from trombone_tui.pipeline.rollout.weights import CanaryWeights, share

DEADLINE = 600
"""Seconds without progress before a Rollout counts as timed out, unless the spec says otherwise."""
ABORTED = re.compile(r"(?:RolloutAborted: )?Rollout aborted update to revision (\d+)(?:: (.*))?", re.DOTALL)
BLOCKED = ("ReplicaSetCreateError", "ReconciliationError", "ServiceReferenceError")


def why(of: Progress) -> str:
    """Explain a Rollout."""
    if of.rollout.status is None:
        return "It has no status: no controller has taken it up yet."
    explained = {
        "Healthy": _healthy,
        "Paused": _held,
        "Progressing": _progressing,
        "Degraded": _degraded,
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


def abort_reason(of: Progress) -> str | None:
    """Say why an update was aborted; empty when the controller gives no reason, None when it was not."""
    found = ABORTED.fullmatch(of.standing.message or "")
    return (found[2] or "") if found else None


def _healthy(of: Progress) -> str:
    revision = of.rollout.metadata.annotation("rollout.argoproj.io/revision")
    numbered = f" as revision {revision}" if revision else ""
    return f"{_named(of.changed[1], 'The newest template')} is fully promoted{numbered}; {_ready(of)}."


def _held(of: Progress) -> str:
    pause = of.pause
    if pause is None:
        return sentence(f"Paused {_place(of)}: {of.standing.message or 'no reason given'}")
    short = "" if (of.status.ready_replicas or 0) >= of.desired else f"; only {_ready(of)}"
    return f"{_pause(of, pause)}{short}."


def _pause(of: Progress, pause: Pause) -> str:
    since = f", since {stamp(pause.since)}" if pause.since else ""
    if pause.kind == MANUAL:
        return f"Paused by hand {_place(of)}{since}"
    if pause.kind == BLUE_GREEN:
        old, new = of.changed
        switch = f"from {_named(old, 'the active version')} to {_named(new, 'the new one')}"
        return f"Held before the switch {switch}: {_length(pause, None)}{since if not pause.timed else ''}"
    if pause.kind == STEP:
        return f"Held {_place(of)}: {_step_pause(of, pause)}"
    run = of.canary.current_step_analysis_run_status or of.canary.current_background_analysis_run_status
    named = f" ({run.name})" if run and run.name and pause.kind == "inconclusive analysis" else ""
    return f"Held {_place(of)}: {pause.kind}{named}{since}"


def _step_pause(of: Progress, pause: Pause) -> str:
    step = of.weights.current if of.weights else None
    since = f", since {stamp(pause.since)}" if pause.since else ""
    if step is None or "pause" not in step:
        return f"the pause before was not released{since}"
    return f"{_length(pause, pause_duration(step))}{'' if pause.until else since}"


def _length(pause: Pause, written: object) -> str:
    if not pause.timed:
        return "a pause without end"
    if pause.duration is None:
        return f"a pause of {written}, which can't be read"
    until = f", until {stamp(pause.until)}" if pause.until else ""
    return f"a pause of {spoken(pause.duration)}{until}"


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
    if message == "rollout is restarting":
        return f"Restarting its pods; {_ready(of)}."
    if of.new is not None and of.stable is not None and of.weights is not None and of.weights.current:
        return f"{_step(of, of.weights.current)}."
    return f"{sentence(message or 'Progressing').removesuffix('.')}: {_counts(of, message)}."


def _step(of: Progress, step: dict[str, object]) -> str:
    """Say what the running step of an update does and how far it is."""
    weights, words = of.weights, step_words(step, of.weights.top if of.weights else 100)
    assert weights is not None  # asked for a canary in a step only
    if step.get("analysis") is not None:
        run = of.canary.current_step_analysis_run_status
        state = f"{run.name} is {run.status or 'not started'}" if run and run.name else "not started"
        return f"Held {_place(of)} by {words}: {state}"
    if step.get("experiment") is not None:
        named = of.canary.current_experiment or "not started"
        return f"Held {_place(of)} by {words}: {named}"
    if step.get("plugin") is not None:
        at = [s for s in of.canary.step_plugin_statuses or () if s.index == weights.index]
        state = ": ".join(part for part in (at[-1].phase, at[-1].message) if part) if at else ""
        return f"Held {_place(of)} by {words}: {state or 'not started'}"
    if step.get("setWeight") is not None:
        return f"Going to {weights.share} {_after(weights)}: {_canary_pods(of)}"
    if step.get("pause") is not None:
        return f"About to {words}, {_place(of)}"
    return f"{_place(of).capitalize()}: {words}, {_canary_pods(of)}"


def _canary_pods(of: Progress) -> str:
    new = of.new
    if new is None or new.available is None or new.wanted is None:
        return _share(of.status.updated_replicas, of.desired, "updated")
    return f"{new.available} of {counted(new.wanted, 'canary pod')} available"


def _counts(of: Progress, message: str) -> str:
    status = of.status
    if message == "more replicas need to be updated":
        return _share(status.updated_replicas, of.desired, "updated")
    if message == "old replicas are pending termination":
        left = (status.replicas or 0) - (status.updated_replicas or 0)
        return f"{counted(left, 'old pod')} left"
    if preview := _preview_pods(of):
        return preview
    return _share(status.available_replicas, of.desired, "available")


def _degraded(of: Progress) -> str:
    message = of.standing.message or ""
    aborted = ABORTED.fullmatch(message)
    if aborted:
        reason = f": {aborted[2]}" if aborted[2] else ""
        return sentence(f"Aborted the update to revision {aborted[1]}{reason}{_traffic(of)}")
    head, _, rest = message.partition(": ")
    if head == "ProgressDeadlineExceeded":
        seconds = of.spec.progress_deadline_seconds or DEADLINE
        return f"No progress for {seconds} s: {rest.rstrip('.')}; {_coming(of)}."
    if head == "InvalidSpec":
        return sentence(f"The spec is refused: {rest}")
    return sentence(message or "Degraded; the controller gives no reason")


def _coming(of: Progress) -> str:
    """Count the pods that have to come up: those of the update, not the old ones that run beside them."""
    if preview := _preview_pods(of):
        return preview
    if of.stable is not None and of.new is not None and of.new.available is not None:
        return _canary_pods(of)
    return _share(of.status.available_replicas, of.desired, "available")


def _preview_pods(of: Progress) -> str:
    """Count the pods of what waits for the switch; empty where there is nothing or it can't be seen."""
    if of.preview is None or of.preview.available is None:
        return ""
    wanted = of.desired if of.preview.wanted is None else of.preview.wanted
    return f"{of.preview.available} of {counted(wanted, 'preview pod')} available"


def _traffic(of: Progress) -> str:
    """Say who has the traffic after an abort, where a router's weights tell."""
    weights = of.canary.weights if of.routed else None
    if weights is None or weights.canary is None or of.weights is None:
        return ""
    left = weights.canary.weight or 0
    if left:
        return f"; the canary still gets {share(left, of.weights.top)}"
    return f"; {_named(of.changed[0], 'the stable version')} has all traffic"


def _place(of: Progress) -> str:
    """Say where in its steps an update is: ``at 20 % after step 3 of 8``."""
    if of.weights is None:
        return "before the switch"
    return f"at {of.weights.share} {_after(of.weights)}".rstrip()


def _after(weights: CanaryWeights) -> str:
    """Say how many steps are done; nothing where there are none."""
    index, steps = weights.index, weights.steps
    if steps is None or index is None:
        return ""
    if index == 0:
        return f"with none of {counted(steps, 'step')} done"
    return f"after all {counted(steps, 'step')}" if index >= steps else f"after step {index} of {steps}"


def _ready(of: Progress) -> str:
    return _share(of.status.ready_replicas, of.desired, "ready")


def _share(count: int | None, desired: int, word: str) -> str:
    """Count pods; there are more than wanted while old ones still run."""
    if (count or 0) > desired:
        return f"{counted(count or 0, 'pod')} {word}, {desired} wanted"
    return f"{count or 0} of {counted(desired, 'pod')} {word}"


def _named(image: ImageName | None, otherwise: str) -> str:
    """Name an image shortly: ``app:1.0.5``."""
    if image is None:
        return otherwise
    name = image.repository.rpartition("/")[2]
    return f"{name}:{image.version}" if image.version else name


def _message(of: Condition) -> str:
    return of.message or of.reason or "no reason given"
