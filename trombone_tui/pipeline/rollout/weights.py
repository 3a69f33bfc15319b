"""A canary's step and weights as ``kubectl argo rollouts get rollout`` shows them.

Rules: ``argo-rollouts@v1.9.1:utils/replicaset/canary.go`` (GetCurrentCanaryStep, GetCurrentSetWeight)
and ``pkg/kubectl-argo-rollouts/info/rollout_info.go`` (ActualWeight).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trombone_tui.core.objects.argo_rollouts import Canary
from trombone_tui.core.objects.rollout_status import RolloutStatus, Weights

FULL = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryWeights:
    """Where a canary is; None is what can't be known.

    ``set`` is what the steps ask for. ``actual`` is, with traffic routing, what the controller wrote
    to the router, and without, the share of available pods: neither is measured.
    """

    index: int | None
    """Completed steps, as the official tool prints them before the slash; None without steps."""
    steps: int | None
    current: dict[str, Any] | None
    """The step that runs; None when all are done or there are none."""
    top: int
    """The weight that means all traffic."""
    set: int | None
    actual: int | None

    @property
    def share(self) -> str:
        """The wanted weight in words: ``20 %``, or ``200 of 1000`` where all traffic is not 100."""
        return share(self.set, self.top)


def share(weight: int | None, top: int) -> str:
    """Say a weight."""
    if weight is None:
        return "an unknown weight"
    return f"{weight} %" if top == FULL else f"{weight} of {top}"


def canary_weights(canary: Canary, status: RolloutStatus, available: int | None) -> CanaryWeights:
    """Work out a canary's step and weights.

    ``available`` are the available pods of the canary's ReplicaSet, None when it can't be seen.
    """
    steps = canary.steps or []
    written = status.current_step_index
    index = written if written is None or written >= 0 else None
    top = _top(canary)
    at = 0 if written is None else index
    known = at is not None
    current = steps[at] if at is not None and at < len(steps) else None
    wanted = _wanted(steps, at, status, top) if known else None
    return CanaryWeights(
        index=index if steps else None,
        steps=len(steps) or None,
        current=current,
        top=top,
        set=wanted,
        actual=_actual(canary, status, current, wanted, available) if known else None,
    )


def _top(canary: Canary) -> int:
    return whole((canary.traffic_routing or {}).get("maxTrafficWeight")) or FULL


def whole(value: object) -> int | None:
    """Return an integer from JSON; a boolean is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _wanted(steps: list[dict[str, Any]], at: int | None, status: RolloutStatus, top: int) -> int | None:
    if status.abort:
        return 0
    if at is None or at >= len(steps):
        return top
    for step in reversed(steps[: at + 1]):
        if step.get("setWeight") is not None:
            return whole(step["setWeight"])
    return 0


def _actual(
    canary: Canary,
    status: RolloutStatus,
    current: dict[str, Any] | None,
    wanted: int | None,
    available: int | None,
) -> int | None:
    all_pods = status.available_replicas or 0
    if current is None:
        return _top(canary)
    if all_pods <= 0:
        return 0
    if canary.traffic_routing is None:
        return None if available is None else available * _top(canary) // all_pods
    weights = status.canary.weights if status.canary else None
    return wanted if weights is None else _routed(weights)


def _routed(weights: Weights) -> int:
    return (weights.canary.weight if weights.canary else None) or 0
