"""A Rollout's conditions, phase and message, by the controller's own rules.

Sources: ``argo-rollouts@v1.9.1:utils/conditions/conditions.go``, ``rollout/sync.go``
(calculateRolloutConditions, checkPausedConditions) and ``utils/rollout/rolloututil.go``
(CalculateRolloutPhase).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Object = dict[str, Any]

ABORTED = "RolloutAborted"
EXCEEDED = "ProgressDeadlineExceeded"


def condition(status: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    """Return a condition, or an empty mapping."""
    return next((c for c in status.get("conditions") or () if c["type"] == kind), {})


def settle(
    status: Object, kind: str, value: str, reason: str, message: str, now: str, *, renew: bool = False
) -> None:
    """Set a condition; one that already says so stays where it is, unless it is to be renewed.

    A changed condition goes to the end of the list, as the controller does it.
    """
    old = condition(status, kind)
    if (old.get("status"), old.get("reason")) == (value, reason) and not renew:
        return
    since = old["lastTransitionTime"] if old.get("status") == value else now
    status["conditions"] = [c for c in status.get("conditions") or () if c["type"] != kind]
    status["conditions"].append(
        {
            "lastTransitionTime": since,
            "lastUpdateTime": now,
            "message": message,
            "reason": reason,
            "status": value,
            "type": kind,
        }
    )


def paused(rollout: Mapping[str, Any]) -> bool:
    """Say whether a Rollout is paused, by a step or by hand."""
    return bool(rollout["status"].get("pauseConditions") or rollout["spec"].get("paused"))


def note_pause(rollout: Mapping[str, Any], status: Object, now: str) -> None:
    """Bring Progressing and Paused in line with the pause that the stored status shows."""
    is_paused = paused(rollout)
    progressing = condition(status, "Progressing").get("reason", "")
    if is_paused != (progressing == "RolloutPaused") and progressing != ABORTED:
        if is_paused:
            settle(status, "Progressing", "Unknown", "RolloutPaused", "Rollout is paused", now)
        else:
            settle(status, "Progressing", "Unknown", "RolloutResumed", "Rollout is resumed", now)
    if is_paused or condition(status, "Paused"):
        value = "True" if is_paused else "False"
        settle(status, "Paused", value, "RolloutPaused", "Rollout is paused", now)


def conclude(rollout: Mapping[str, Any], status: Object, *, old: Mapping[str, Any], now: str) -> None:
    """Set Healthy, Progressing, Completed and Available from a status that is otherwise complete."""
    name = f"{rollout['metadata']['name']}-{status['currentPodHash']}"
    wanted = rollout["spec"].get("replicas", 1)
    promoted = status.get("stableRS") == status["currentPodHash"]
    healthy = promoted and status.get("replicas", 0) == wanted == status.get("availableReplicas", 0)
    if healthy and not paused(rollout):
        settle(status, "Healthy", "True", "RolloutHealthy", "Rollout is healthy", now)
    elif condition(status, "Healthy"):
        settle(status, "Healthy", "False", "RolloutHealthy", "Rollout is not healthy", now)
    if not status.get("abort") and not paused({**rollout, "status": status}):
        if healthy:
            message = f'ReplicaSet "{name}" has successfully progressed.'
            settle(status, "Progressing", "True", "NewReplicaSetAvailable", message, now)
        elif _moved(old, status):
            message = f'ReplicaSet "{name}" is progressing.'
            settle(status, "Progressing", "True", "ReplicaSetUpdated", message, now, renew=True)
    value = "True" if promoted else "False"
    settle(status, "Completed", value, "RolloutCompleted", "RolloutCompleted", now)
    if status.get("availableReplicas", 0) >= wanted:
        settle(status, "Available", "True", "AvailableReason", "Rollout has minimum availability", now)
    else:
        message = "Rollout does not have minimum availability"
        settle(status, "Available", "False", "AvailableReason", message, now)


def _moved(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    keys = (
        "updatedReplicas",
        "availableReplicas",
        "readyReplicas",
        "currentStepIndex",
        "stableRS",
        "currentPodHash",
    )
    return any(old.get(key) != new.get(key) for key in keys)


def phase(rollout: Mapping[str, Any], status: Mapping[str, Any]) -> tuple[str, str]:
    """Return phase and message of a status (CalculateRolloutPhase); the first rule that fits decides."""
    spec = rollout["spec"]
    for one in status.get("conditions") or ():
        if one["type"] == "InvalidSpec":
            return "Degraded", f"InvalidSpec: {one['message']}"
        if one["reason"] in (ABORTED, EXCEEDED):
            return "Degraded", f"{one['reason']}: {one['message']}"
    if spec.get("paused"):
        return "Paused", "manually paused"
    if pauses := status.get("pauseConditions"):
        return "Paused", pauses[0]["reason"]
    waiting = _waiting(spec, status)
    return ("Progressing", waiting) if waiting else ("Healthy", "")


def _waiting(spec: Mapping[str, Any], status: Mapping[str, Any]) -> str:
    updated, wanted = status.get("updatedReplicas", 0), spec.get("replicas", 1)
    promoted = status.get("stableRS") == status.get("currentPodHash")
    canary = spec["strategy"].get("canary")
    if spec.get("restartAt") and spec["restartAt"] != status.get("restartedAt"):
        return "rollout is restarting"
    if updated < wanted:
        return "more replicas need to be updated"
    if status.get("availableReplicas", 0) < updated:
        return "updated replicas are still becoming available"
    if canary is None:
        if status["blueGreen"].get("activeSelector") != status.get("currentPodHash"):
            return "active service cutover pending"
        return "" if promoted else "waiting for post-promotion verification to complete"
    if not canary.get("trafficRouting") and status.get("replicas", 0) > updated:
        return "old replicas are pending termination"
    return "" if promoted else "waiting for all steps to complete"


def describe(rollout: Mapping[str, Any], status: Object) -> None:
    """Write phase and message into a status."""
    status["phase"], message = phase(rollout, status)
    status.pop("message", None)
    if message:
        status["message"] = message
