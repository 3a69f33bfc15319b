"""The AnalysisRun controller: measures at intervals, against the same numbers Prometheus serves.

Sources: ``argo-rollouts@v1.9.1:analysis/analysis.go``, ``rollout/analysis.go``.
"""

from __future__ import annotations

import re
from typing import Any

from trombone_tui.demo.metrics.operators import PromqlError
from trombone_tui.demo.metrics.promql import Engine
from trombone_tui.demo.story.queue import Key, Queue
from trombone_tui.demo.story.turn import HASH, REVISION, Turn, copied
from trombone_tui.demo.story.world import Actor, World, owner

Object = dict[str, Any]

RESOURCE = "analysisruns.argoproj.io"
TEMPLATES = "analysistemplates.argoproj.io"
CLUSTER_TEMPLATES = "clusteranalysistemplates.argoproj.io"
KEPT = 10
"""Measurements kept of each metric."""
_FINAL = ("Successful", "Failed", "Error", "Inconclusive")
_CONDITION = re.compile(r"result\[0\] *(<=|>=|<|>) *([0-9.]+)")


def new_run(turn: Turn, analysis: Object, index: int) -> Object | None:
    """Create the AnalysisRun of a step; None if a template is missing."""
    found = [_template(turn, one) for one in analysis["templates"]]
    metrics = []
    for template in found:
        if template is None:
            return None
        metrics += copied(template["spec"]["metrics"])
    for metric in metrics:
        provider: Object = metric["provider"]["prometheus"]
        provider.setdefault("authentication", {"oauth2": {}, "sigv4": {}})
    labels = turn.rollout["spec"]["selector"]["matchLabels"]
    base = f"{turn.name}-{turn.hash}-{turn.revision}-{index}"
    run: Object = {
        "metadata": {
            "name": base,
            "namespace": turn.namespace,
            "annotations": {REVISION: str(turn.revision)},
            "labels": {**labels, "rollout-type": "Step", HASH: turn.hash, "step-index": str(index)},
            "ownerReferences": [owner(turn.rollout)],
        },
        "spec": {"metrics": metrics, **({"args": args} if (args := analysis.get("args")) else {})},
        "status": {"phase": "", "runSummary": {}},
    }
    for number in range(10):
        run["metadata"]["name"] = f"{base}.{number}" if number else base
        if made := turn.api.create(RESOURCE, run):
            return made
    return None


def _template(turn: Turn, reference: Object) -> Object | None:
    if reference.get("clusterScope"):
        return turn.api.get(CLUSTER_TEMPLATES, "", reference["templateName"])
    return turn.api.get(TEMPLATES, turn.namespace, reference["templateName"])


def terminate(turn: Turn) -> None:
    """Have the current step's AnalysisRun end early, if it is still running."""
    run = turn.status.get("canary", {}).get("currentStepAnalysisRunStatus")
    if run and run["status"] not in _FINAL:
        turn.api.edit(
            RESOURCE, turn.namespace, run["name"], lambda obj: obj["spec"].update({"terminate": True})
        )


class Analyses:
    """Takes the measurements of AnalysisRuns and judges them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._api = Actor(world, "rollouts-controller")
        self._engine = Engine(world.traffic)
        self._queue = Queue(world, self._reconcile, delay=0.02)
        self._queue.follow(RESOURCE)
        self._due: dict[Key, float] = {}

    def _reconcile(self, key: Key) -> None:
        run = self._api.get(RESOURCE, *key)
        if run is None or run["status"].get("phase") in _FINAL:
            self._due.pop(key, None)
            return
        second = self._world.now.timestamp()
        terminated = run["spec"].get("terminate")
        if second + 0.001 < self._due.get(key, 0.0) and not terminated:
            return
        before = copied(run["status"])
        status = run["status"]
        if terminated:
            _finish(status, "Successful", "Run Terminated", self._world.stamp)
        else:
            self._measure(run)
        stored = self._api.edit(RESOURCE, *key, lambda obj: obj.update({"status": status}))
        if stored is None:
            return
        self._tell(stored.object(), before)
        if status["phase"] == "Running":
            interval = min(seconds(metric["interval"]) for metric in run["spec"]["metrics"])
            self._due[key] = second + interval
            self._queue.add(key, interval)

    def _measure(self, run: Object) -> None:
        status, now = run["status"], self._world.stamp
        status.setdefault("startedAt", now)
        status.setdefault("dryRunSummary", {})
        results = {one["name"]: one for one in status.setdefault("metricResults", [])}
        for metric in run["spec"]["metrics"]:
            result = results.get(metric["name"])
            if result is None:
                query = resolved(metric["provider"]["prometheus"]["query"], run["spec"])
                result = {
                    "name": metric["name"],
                    "phase": "Running",
                    "metadata": {"ResolvedPrometheusQuery": query},
                }
                status["metricResults"].append(result)
            if result["phase"] == "Running":
                self._take(metric, result, now)
        _judge(run, now)

    def _take(self, metric: Object, result: Object, now: str) -> None:
        value, phase, problem = self._value(metric, result["metadata"]["ResolvedPrometheusQuery"])
        measurement = {"finishedAt": now, "phase": phase, "startedAt": now, "value": value}
        if problem:
            measurement = {"finishedAt": now, "message": problem, "phase": phase, "startedAt": now}
        result["measurements"] = [*result.get("measurements", ()), measurement][-KEPT:]
        counted = {"Successful": "successful", "Failed": "failed", "Error": "error"}[phase]
        result[counted] = result.get(counted, 0) + 1
        if phase == "Successful":
            result["consecutiveSuccess"] = result.get("consecutiveSuccess", 0) + 1
        else:
            result.pop("consecutiveSuccess", None)
        if phase != "Error":
            result["count"] = result.get("count", 0) + 1
            result.pop("consecutiveError", None)
        else:
            result["consecutiveError"] = result.get("consecutiveError", 0) + 1
        _assess(metric, result)

    def _value(self, metric: Object, query: str) -> tuple[str, str, str]:
        """Return a measurement's value, phase and message."""
        condition = metric.get("successCondition", "")
        try:
            found = self._engine.instant(query, self._world.now.timestamp())
        except PromqlError as error:
            return "", "Error", str(error)
        values = [value for _, value in found] if isinstance(found, list) else [found]
        text = "[" + ",".join(repr(value) for value in values) + "]"
        if not values:
            if "len(result) > 0 &&" in condition:
                return text, "Failed", ""
            return "", "Error", "reflect: slice index out of range"
        return text, "Successful" if holds(condition, values[0]) else "Failed", ""

    def _tell(self, run: Object, before: Object) -> None:
        old = {one["name"]: one["phase"] for one in before.get("metricResults") or ()}
        for one in run["status"].get("metricResults") or ():
            if one["phase"] in _FINAL and old.get(one["name"]) != one["phase"]:
                message = f"Metric '{one['name']}' Completed. Result: {one['phase']}"
                bad = one["phase"] in ("Failed", "Error")
                self._api.event(run, f"Metric{one['phase']}", message, warning=bad)
        phase = run["status"]["phase"]
        if phase in _FINAL:
            bad = phase in ("Failed", "Error")
            self._api.event(run, f"AnalysisRun{phase}", f"Analysis Completed. Result: {phase}", warning=bad)


def resolved(query: str, spec: Object) -> str:
    """Put the run's arguments into a query."""
    for one in spec.get("args") or ():
        query = re.sub(r"{{\s*args\." + re.escape(one["name"]) + r"\s*}}", one.get("value", ""), query)
    return query


def holds(condition: str, value: float) -> bool:
    """Evaluate the plain comparison in a success condition; one without any holds."""
    match = _CONDITION.search(condition)
    if match is None:
        return True
    limit = float(match[2])
    return {"<": value < limit, "<=": value <= limit, ">": value > limit, ">=": value >= limit}[match[1]]


def seconds(duration: str) -> float:
    """Read an interval: ``5s``, ``1m``."""
    return float(duration[:-1]) * {"s": 1, "m": 60, "h": 3600}[duration[-1]]


def _assess(metric: Object, result: Object) -> None:
    failed, limit = result.get("failed", 0), int(metric.get("failureLimit", 0))
    errors, patience = result.get("consecutiveError", 0), int(metric.get("consecutiveErrorLimit", 4))
    if failed > limit:
        result["phase"] = "Failed"
    elif errors > patience:
        result["phase"] = "Error"
    elif metric.get("count") and result.get("count", 0) >= int(metric["count"]):
        result["phase"] = "Successful"


def _judge(run: Object, now: str) -> None:
    """Give the run the worst phase of its metrics, and a message that says which and why."""
    status, metrics = run["status"], {metric["name"]: metric for metric in run["spec"]["metrics"]}
    results = status["metricResults"]
    counts = {
        key: sum(one["phase"].lower() == key for one in results) for key in ("successful", "failed", "error")
    }
    status["runSummary"] = {
        "count": len(metrics),
        **{key: value for key, value in counts.items() if value},
    }
    worst = next((p for p in ("Failed", "Error") if any(one["phase"] == p for one in results)), "")
    if worst:
        result = next(one for one in results if one["phase"] == worst)
        metric = metrics[result["name"]]
        if worst == "Failed":
            why = f"failed ({result['failed']}) > failureLimit ({metric.get('failureLimit', 0)})"
        else:
            why = (
                f"consecutiveErrors ({result['consecutiveError']}) > "
                f"consecutiveErrorLimit ({metric.get('consecutiveErrorLimit', 4)})"
            )
        message = f'Metric "{result["name"]}" assessed {worst} due to {why}'
        _finish(status, worst, message, now)
    elif all(one["phase"] == "Successful" for one in results):
        _finish(status, "Successful", "", now)
    else:
        status["phase"] = "Running"


def _finish(status: Object, phase: str, message: str, now: str) -> None:
    status["phase"], status["completedAt"] = phase, now
    status.setdefault("startedAt", now)
    if message:
        status["message"] = message
    for one in status.get("metricResults") or ():
        if one["phase"] == "Running":
            one["phase"] = "Successful"
