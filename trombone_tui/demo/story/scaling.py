"""An autoscaler and a disruption budget beside a Rollout, with the statuses that their controllers keep.

Sources: ``kubernetes@v1.36:pkg/controller/podautoscaler/horizontal.go`` and ``pkg/controller/disruption``.
"""

from __future__ import annotations

import math
from typing import Any

from trombone_tui.demo.story.queue import Key, Queue
from trombone_tui.demo.story.services import ServicePlan
from trombone_tui.demo.story.targets import ROLLOUTS
from trombone_tui.demo.story.world import Actor, World

Object = dict[str, Any]

AUTOSCALERS = "horizontalpodautoscalers.autoscaling"
BUDGETS = "poddisruptionbudgets.policy"
_METRIC = "http_requests_per_second"
_EACH = 20
"""Requests a second that one pod is to get."""


class Scaling:
    """Keeps the autoscaler and the budget of the Rollouts that have them."""

    def __init__(self, world: World, plans: tuple[ServicePlan, ...]) -> None:
        self._world = world
        self._plans = {(plan.namespace, plan.name): plan for plan in plans if plan.scaled}
        self._api = Actor(world, "kubectl-client-side-apply")
        self._controller = Actor(world, "kube-controller-manager")
        self._queue = Queue(world, self._reconcile, delay=0.2)
        self._queue.follow(ROLLOUTS, lambda record: {record.key} & self._plans.keys())

    def begin(self) -> None:
        """Create them."""
        for plan in self._plans.values():
            metadata = {"name": plan.name, "namespace": plan.namespace, "labels": {"app": plan.name}}
            self._api.create(AUTOSCALERS, {"metadata": metadata, "spec": _autoscaler(plan)})
            selector = {"matchLabels": {"app": plan.name}}
            spec = {"minAvailable": plan.replicas - 1, "selector": selector}
            self._api.create(BUDGETS, {"metadata": metadata, "spec": spec})

    def _reconcile(self, key: Key) -> None:
        plan, rollout = self._plans[key], self._controller.get(ROLLOUTS, *key)
        if rollout is None:
            return
        status, now = rollout.get("status") or {}, self._world.stamp
        pods, ready = status.get("replicas", 0), status.get("readyReplicas", 0)
        busy = math.ceil(plan.requests / _EACH)
        self._controller.edit_status(AUTOSCALERS, *key, lambda obj: _scaled(obj, pods, busy, now))
        self._controller.edit_status(BUDGETS, *key, lambda obj: _budgeted(obj, pods, ready, now))


def _autoscaler(plan: ServicePlan) -> Object:
    target = {"type": "AverageValue", "averageValue": str(_EACH)}
    return {
        "scaleTargetRef": {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "name": plan.name},
        "minReplicas": plan.replicas,
        "maxReplicas": 2 * plan.replicas,
        "metrics": [{"type": "Pods", "pods": {"metric": {"name": _METRIC}, "target": target}}],
    }


def _scaled(obj: Object, pods: int, busy: int, now: str) -> None:
    """Say how many pods are wanted: never fewer than the least."""
    least = obj["spec"]["minReplicas"]
    said = (
        ("AbleToScale", True, "ReadyForNewScale", "recommended size matches current size"),
        (
            "ScalingActive",
            True,
            "ValidMetricFound",
            f"the HPA was able to successfully calculate a replica count from pods metric {_METRIC}",
        ),
        (
            "ScalingLimited",
            busy < least,
            "TooFewReplicas" if busy < least else "DesiredWithinRange",
            "the desired replica count is less than the minimum replica count"
            if busy < least
            else "the desired count is within the acceptable range",
        ),
    )
    obj["status"] = {
        "currentReplicas": pods,
        "desiredReplicas": max(busy, least),
        "currentMetrics": None,
        "conditions": _conditions(obj, said, now),
    }


def _budgeted(obj: Object, pods: int, ready: int, now: str) -> None:
    least = obj["spec"]["minAvailable"]
    allowed = max(0, ready - least)
    reason = "SufficientPods" if allowed else "InsufficientPods"
    obj["status"] = {
        "currentHealthy": ready,
        "desiredHealthy": least,
        "disruptionsAllowed": allowed,
        "expectedPods": pods,
        "observedGeneration": obj["metadata"]["generation"],
        "conditions": _conditions(obj, (("DisruptionAllowed", bool(allowed), reason, ""),), now),
    }


def _conditions(obj: Object, said: tuple[tuple[str, bool, str, str], ...], now: str) -> list[Object]:
    """Write conditions; those that stay as they are keep their time."""
    before = {one["type"]: one for one in (obj.get("status") or {}).get("conditions") or ()}
    found = []
    for kind, holds, reason, message in said:
        status = "True" if holds else "False"
        old = before.get(kind, {})
        since = old["lastTransitionTime"] if old.get("status") == status else now
        one = {"type": kind, "status": status, "reason": reason, "message": message}
        found.append(one | {"lastTransitionTime": since})
    return found
