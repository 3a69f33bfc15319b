"""The canary strategy: a step after another, each with its share of pods and requests.

Sources: ``argo-rollouts@v1.9.1:rollout/canary.go``, ``rollout/pause.go``, ``rollout/trafficrouting.go``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from trombone_tui.demo.story.analysis import RESOURCE, new_run, terminate
from trombone_tui.demo.story.conditions import ABORTED, EXCEEDED, condition, settle
from trombone_tui.demo.story.targets import INGRESSES, canary_ingress
from trombone_tui.demo.story.turn import Turn

WEIGHT = "nginx.ingress.kubernetes.io/canary-weight"


def advance(turn: Turn) -> None:
    """Do what is to be done now, and write the status that comes of it."""
    status, steps = turn.status, turn.rollout["spec"]["strategy"]["canary"].get("steps", [])
    turn.count()
    status["observedGeneration"] = str(turn.rollout["metadata"]["generation"])
    if status.get("abort") and not turn.promoted:
        _aborted(turn)
        return
    status.pop("abort", None)
    if status.pop("abortedAt", None):
        message = "Retrying Rollout after abort"
        settle(status, "Progressing", "True", "RolloutRetry", message, turn.now)
        turn.keep(turn.hash)
    if status.get("promoteFull") or not status.get("stableRS"):
        status["currentStepIndex"] = len(steps)
        _unpause(status)
    index = status.get("currentStepIndex", len(steps))
    weight = 100 if index >= len(steps) else weight_at(steps, index)
    if not _scaled(turn, weight):
        _keep_deadline(turn)
        turn.write()
        return
    if turn.promoted:
        _retire(turn)
    elif index >= len(steps):
        _promote(turn, len(steps))
    else:
        _route(turn, weight)
        if not turn.rollout["spec"].get("paused"):
            _step(turn, steps, index)
    turn.write()


def _keep_deadline(turn: Turn) -> None:
    """Say that pods did not come in time, if they did not; look again when time is up."""
    found = condition(turn.status, "Progressing")
    if not found or found["reason"] in (ABORTED, EXCEEDED, "RolloutPaused"):
        return
    left = turn.rollout["spec"].get("progressDeadlineSeconds", 600) + turn.seconds_until(
        found["lastUpdateTime"]
    )
    if left > 0:
        turn.wake = left + 0.5
        return
    message = f'ReplicaSet "{turn.name}-{turn.hash}" has timed out progressing.'
    settle(turn.status, "Progressing", "False", EXCEEDED, message, turn.now)


def weight_at(steps: Sequence[Mapping[str, Any]], index: int) -> int:
    """Return the weight that holds at a step: the last ``setWeight`` up to it."""
    return next((int(step["setWeight"]) for step in reversed(steps[: index + 1]) if "setWeight" in step), 0)


def _routed(turn: Turn) -> bool:
    return bool(turn.rollout["spec"]["strategy"]["canary"].get("trafficRouting"))


def _scaled(turn: Turn, weight: int) -> bool:
    """Have as many pods as a weight needs; return whether they are all available."""
    status = turn.status
    if _routed(turn) and not turn.promoted:
        weights = status.setdefault("canary", {}).setdefault("weights", _weights(turn, 0))
        weights["canary"]["podTemplateHash"] = turn.hash
    target = math.ceil(turn.wanted * weight / 100)
    if turn.scale(turn.hash, target) and not status.get("stableRS"):
        status["stableRS"] = turn.hash
        turn.event(
            "RolloutCompleted",
            f"Rollout completed update to revision {turn.revision} ({turn.hash}): Initial deploy",
        )
        turn.world.end(turn.name)
        return False
    if turn.available(turn.hash) < target:
        return False
    if not _routed(turn) and not turn.promoted:
        turn.scale(status["stableRS"], turn.wanted - target)
    return True


def _weights(turn: Turn, weight: int) -> dict[str, Any]:
    spec = turn.rollout["spec"]["strategy"]["canary"]
    stable = turn.status.get("stableRS") or turn.hash
    return {
        "canary": {
            "podTemplateHash": turn.hash,
            "serviceName": spec["canaryService"],
            "weight": weight,
        },
        "stable": {
            "podTemplateHash": stable,
            "serviceName": spec["stableService"],
            "weight": 100 - weight,
        },
    }


def _route(turn: Turn, weight: int, *, canary: str = "") -> None:
    """Send the canary its share of the requests."""
    if not _routed(turn):
        total = turn.status.get("availableReplicas", 0)
        share = round(100 * turn.available(turn.hash) / total) if total and not turn.promoted else 0
        turn.world.traffic.shift(turn.name, turn.world.now, share)
        return
    spec = turn.rollout["spec"]["strategy"]["canary"]
    turn.switch(spec["canaryService"], canary or turn.hash)
    before = turn.status.get("canary", {}).get("weights", {}).get("canary", {}).get("weight", 0)
    turn.status.setdefault("canary", {})["weights"] = _weights(turn, weight)
    ingress = f"{turn.name}-{spec['trafficRouting']['nginx']['stableIngress']}-canary"
    if not turn.api.there(INGRESSES, turn.namespace, ingress):
        turn.event("CreatingCanaryIngress", f"Creating canary ingress `{ingress}` with weight `{weight}`")
        turn.api.create(INGRESSES, canary_ingress(turn.rollout, ingress, weight))
        turn.event("TrafficWeightUpdated", f"Traffic weight updated to {weight}")
    if before == weight:
        return
    turn.event("PatchingCanaryIngress", f"Updating Ingress `{ingress}` to desiredWeight '{weight}'")
    turn.api.edit(
        INGRESSES,
        turn.namespace,
        ingress,
        lambda obj: obj["metadata"]["annotations"].update({WEIGHT: str(weight)}),
    )
    turn.event("TrafficWeightUpdated", f"Traffic weight updated from {before} to {weight}")
    turn.world.traffic.shift(turn.name, turn.world.now, weight)


def _step(turn: Turn, steps: Sequence[Mapping[str, Any]], index: int) -> None:
    step = steps[index]
    if "setWeight" in step:
        _complete(turn, steps, index, f"setWeight: {step['setWeight']}")
    elif "pause" in step:
        _pause(turn, steps, index)
    elif "analysis" in step:
        _analyse(turn, steps, index)
    else:
        _complete(turn, steps, index, next(iter(step)))


def _complete(turn: Turn, steps: Sequence[Mapping[str, Any]], index: int, what: str) -> None:
    turn.status["currentStepIndex"] = index + 1
    turn.event("RolloutStepCompleted", f"Rollout step {index + 1}/{len(steps)} completed ({what})")


def _unpause(status: dict[str, Any]) -> None:
    status.pop("pauseConditions", None)
    status.pop("controllerPause", None)


def _hold(turn: Turn, reason: str) -> None:
    turn.status["controllerPause"] = True
    turn.status["pauseConditions"] = [{"reason": reason, "startTime": turn.now}]
    turn.event("RolloutPaused", f"Rollout is paused ({reason})")


def _pause(turn: Turn, steps: Sequence[Mapping[str, Any]], index: int) -> None:
    status = turn.status
    seconds = seconds_of(steps[index]["pause"].get("duration"))
    what = f"pause: {steps[index]['pause']['duration']}" if seconds else "pause"
    if pauses := status.get("pauseConditions"):
        if seconds is None:
            return
        left = seconds + turn.seconds_until(pauses[0]["startTime"])
        if left > 0:
            turn.wake = left + 0.1
            return
    elif not status.get("controllerPause"):
        _hold(turn, "CanaryPauseStep")
        turn.wake = seconds
        return
    _unpause(status)
    _complete(turn, steps, index, what)
    turn.event("RolloutResumed", "Rollout is resumed")


def seconds_of(duration: Any) -> float | None:
    """Read a pause's duration: seconds, or a number with ``s``, ``m`` or ``h``; None is without end."""
    if duration is None:
        return None
    text = str(duration)
    unit = {"s": 1, "m": 60, "h": 3600}.get(text[-1:])
    return float(text) if unit is None else float(text[:-1]) * unit


def _analyse(turn: Turn, steps: Sequence[Mapping[str, Any]], index: int) -> None:
    status = turn.status["canary"]
    stored = status.get("currentStepAnalysisRunStatus")
    again = turn.status.get("controllerPause") and not turn.status.get("pauseConditions")
    if stored is None or again:
        _unpause(turn.status)
        if run := new_run(turn, steps[index]["analysis"], index):
            status["currentStepAnalysisRunStatus"] = {"name": run["metadata"]["name"], "status": ""}
        return
    run = turn.api.get(RESOURCE, turn.namespace, stored["name"])
    if run is None:
        return
    found, message = run["status"].get("phase", ""), run["status"].get("message")
    if found != stored["status"] and found not in ("", "Successful"):
        turn.event(
            f"AnalysisRun{found}",
            f"Step Analysis Run '{stored['name']}' Status New: '{found}' Previous: '{stored['status']}'",
            warning=found in ("Failed", "Error"),
        )
    stored["status"] = found
    if message:
        stored["message"] = message
    if found == "Successful":
        del status["currentStepAnalysisRunStatus"]
        _complete(turn, steps, index, "analysis")
    elif found in ("Failed", "Error"):
        _abort(turn, f": Step-based analysis phase error/failed: {message}")
    elif found == "Inconclusive" and not turn.status.get("pauseConditions"):
        _hold(turn, "InconclusiveAnalysisRun")


def _abort(turn: Turn, why: str) -> None:
    """Give up the update: the stable version gets everything again."""
    status = turn.status
    if _routed(turn):
        turn.scale_down_later(turn.hash)
    terminate(turn)
    status["abort"], status["abortedAt"], status["currentStepIndex"] = True, turn.now, 0
    _unpause(status)
    message = f"Rollout aborted update to revision {turn.revision}{why}"
    settle(status, "Progressing", "False", ABORTED, message, turn.now)
    turn.event(ABORTED, message, warning=True)
    turn.world.end(turn.name)


def _aborted(turn: Turn) -> None:
    """Carry on with an abort: one that a user asked for is taken up, then requests and pods go back."""
    if condition(turn.status, "Progressing").get("reason") != ABORTED:
        _abort(turn, "")
    else:
        stable = turn.status["stableRS"]
        _route(turn, 0, canary=stable)
        if _routed(turn):
            turn.scale_down_later(turn.hash)
        else:
            turn.scale(stable, turn.wanted)
            turn.scale(turn.hash, 0)
            turn.world.traffic.shift(turn.name, turn.world.now, 0)
    turn.write()


def _promote(turn: Turn, steps: int) -> None:
    """Make the canary the stable version: all steps are done and all its pods are there."""
    _route(turn, 100)
    status = turn.status
    status["stableRS"] = turn.hash
    if weights := status.get("canary", {}).get("weights"):
        weights["stable"]["podTemplateHash"] = turn.old.get("stableRS", turn.hash)
    status.pop("promoteFull", None)
    turn.event(
        "RolloutCompleted",
        f"Rollout completed update to revision {turn.revision} ({turn.hash}): "
        f"Completed all {steps} canary steps",
    )
    turn.world.end(turn.name)


def _retire(turn: Turn) -> None:
    """Clean up after a promotion: the stable Service gets everything, older pods go."""
    if _routed(turn):
        turn.switch(turn.rollout["spec"]["strategy"]["canary"]["stableService"], turn.hash)
        _route(turn, 0)
    turn.world.traffic.promote(turn.name, turn.world.now)
    for pod_hash in sorted(turn.sets.keys() - {turn.hash}):
        if _routed(turn):
            turn.scale_down_later(pod_hash)
        else:
            turn.scale(pod_hash, 0)
