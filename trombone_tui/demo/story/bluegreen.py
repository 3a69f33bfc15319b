"""The blue-green strategy: a preview beside the active version, then all requests switch at once.

Source: ``argo-rollouts@v1.9.1:rollout/bluegreen.go``.
"""

from __future__ import annotations

from trombone_tui.demo.story.turn import HASH, Turn

REASON = "BlueGreenPause"


def advance(turn: Turn) -> None:
    """Do what is to be done now, and write the status that comes of it."""
    status, spec = turn.status, turn.rollout["spec"]["strategy"]["blueGreen"]
    first = not status.get("stableRS")
    turn.scale(turn.hash, turn.wanted)
    _count(turn)
    status["observedGeneration"] = str(turn.rollout["metadata"]["generation"])
    ready = turn.available(turn.hash) >= turn.wanted
    if ready:
        turn.switch(spec["previewService"], turn.hash)
        status["blueGreen"]["previewSelector"] = turn.hash
    if not ready or turn.promoted:
        if turn.promoted:
            _retire(turn)
    elif first or _may_switch(turn):
        _switch(turn, first=first)
    _count(turn)
    turn.write()


def _may_switch(turn: Turn) -> bool:
    """Wait for a human, or for so many seconds; say whether the wait is over."""
    status, spec = turn.status, turn.rollout["spec"]["strategy"]["blueGreen"]
    seconds = spec.get("autoPromotionSeconds")
    if status.get("promoteFull") or (seconds is None and spec.get("autoPromotionEnabled", True)):
        return True
    pauses = status.get("pauseConditions")
    if not pauses and not status.get("controllerPause"):
        status["controllerPause"] = True
        status["pauseConditions"] = [{"reason": REASON, "startTime": turn.now}]
        turn.event("RolloutPaused", f"Rollout is paused ({REASON})")
        turn.wake = seconds
        return False
    if pauses:
        left = None if seconds is None else seconds + turn.seconds_until(pauses[0]["startTime"])
        if left is None or left > 0:
            turn.wake = None if left is None else left + 0.1
            return False
    return True


def _switch(turn: Turn, *, first: bool) -> None:
    status, spec = turn.status, turn.rollout["spec"]["strategy"]["blueGreen"]
    for key in ("pauseConditions", "controllerPause", "promoteFull"):
        status.pop(key, None)
    turn.switch(spec["activeService"], turn.hash)
    status["blueGreen"]["activeSelector"] = turn.hash
    status["stableRS"] = turn.hash
    labels = turn.rollout["spec"]["selector"]["matchLabels"]
    pairs = [*sorted(labels.items()), (HASH, turn.hash)]
    status["selector"] = ",".join(f"{key}={value}" for key, value in pairs)
    why = "Initial deploy" if first else "Completed blue-green update"
    turn.event(
        "RolloutCompleted", f"Rollout completed update to revision {turn.revision} ({turn.hash}): {why}"
    )
    turn.world.traffic.promote(turn.name, turn.world.now)
    turn.world.end(turn.name)


def _retire(turn: Turn) -> None:
    for pod_hash in sorted(turn.sets.keys() - {turn.hash}):
        turn.scale_down_later(pod_hash)


def _count(turn: Turn) -> None:
    """Count pods; ready and available are those of the active ReplicaSet only."""
    turn.count()
    active = turn.status.get("blueGreen", {}).get("activeSelector") or turn.hash
    status = turn.sets.get(active, {}).get("status") or {}
    for key in ("readyReplicas", "availableReplicas"):
        turn.status.pop(key, None)
        if value := status.get(key, 0):
            turn.status[key] = value
    turn.status["HPAReplicas"] = turn.status.get("availableReplicas", 0)
