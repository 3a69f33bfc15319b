"""A story on a store without server or waiting, everything that was written, and what of it counts."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from trombone_tui.demo.records import Record
from trombone_tui.demo.resources import Resource
from trombone_tui.demo.store import Store
from trombone_tui.demo.story.play import Story
from trombone_tui.demo.story.schedule import StoryClock
from trombone_tui.demo.story.services import HELD, Outcome, ServicePlan

Object = dict[str, Any]

CURTAIN = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
JOURNEYS = json.loads((Path(__file__).parents[1] / "data/demo/journeys.json").read_text())
"""Milestones of two deliveries as Argo Rollouts 1.9.1, Workflows 3.7.18 and Argo CD 3.2.6 wrote them."""

ROLLOUTS, RUNS = "rollouts.argoproj.io", "analysisruns.argoproj.io"
WORKFLOWS, APPLICATIONS = "workflows.argoproj.io", "applications.argoproj.io"
UPDATERS = "imageupdaters.argocd-image-updater.argoproj.io"


def plan(**changes: Any) -> ServicePlan:
    """Return a service that nobody pushes to until the test does."""
    given: dict[str, Any] = {"name": "shop-api", "namespace": "shop", "past": (), "opening": 1e9}
    return ServicePlan(**(given | changes))


class Theatre:
    """A prepared story, and every change from its beginning on."""

    def __init__(
        self, *plans: ServicePlan, seed: int = 1, missing: tuple[str, ...] = (), cron: str = ""
    ) -> None:
        self.clock = StoryClock(1.0, CURTAIN)
        self.store = Store(self.clock, seed=seed)
        for resource in missing:
            self.store.uninstall(resource)
        self.changes: list[tuple[str, str, Record]] = []
        self.store.on_change(self._note)
        self.story = Story(self.store, self.clock, seed=seed, plans=plans, cron=cron)
        self.story.prepare()

    def _note(self, change: str, resource: Resource, record: Record) -> None:
        self.changes.append((change, resource.name, record))

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def run(self, seconds: float) -> None:
        self.story.schedule.run_until(self.now + timedelta(seconds=seconds))

    def run_until(self, holds: Any, *, within: float = 600.0) -> None:
        """Play on, a tenth of a second at a time, until something holds."""
        end = self.now + timedelta(seconds=within)
        while not holds():
            assert self.now < end, f"did not come true within {within} s of the story"
            self.run(0.1)

    def get(self, resource: str, namespace: str, name: str) -> Object:
        return self.store.get(resource, namespace, name)

    def rollout(self, name: str = "shop-api", namespace: str = "shop") -> Object:
        return self.get(ROLLOUTS, namespace, name)

    def healthy(self) -> bool:
        """Say whether the Rollout is as it should be."""
        return bool(self.rollout()["status"].get("phase") == "Healthy")

    def app(self, name: str = "shop-api") -> Object:
        return self.get(APPLICATIONS, "argocd", name)

    def patch(
        self, resource: str, namespace: str, name: str, patch: Object, subresource: str | None = None
    ) -> None:
        """Write as a user does."""
        content_type = "application/merge-patch+json"
        self.store.patch(resource, namespace, name, patch, content_type=content_type, subresource=subresource)

    def patch_status(self, status: Object, name: str = "shop-api", namespace: str = "shop") -> None:
        self.patch(ROLLOUTS, namespace, name, {"status": status}, "status")

    def seen(self, resource: str, name: str = "", since: int = 0) -> list[Object]:
        """Return the states that an object, or all of a kind, went through."""
        return [
            record.object()
            for change, kind, record in self.changes[since:]
            if kind == resource and change != "DELETED" and name in ("", record.name)
        ]

    def reasons(self, kind: str, since: int = 0) -> list[str]:
        """Return the reasons of the Events about a kind."""
        return [
            obj["reason"] for obj in self.seen("events", since=since) if obj["involvedObject"]["kind"] == kind
        ]


def pushed(outcome: Outcome = Outcome.GOOD, **changes: Any) -> Theatre:
    """Return a stage whose service has been deployed once and was just pushed to."""
    theatre = Theatre(plan(**changes))
    theatre.run_until(theatre.healthy)
    theatre.story._pushes.push(theatre.story._plans[0], outcome)
    theatre.run_until(lambda: not theatre.healthy())
    return theatre


def as_recorded() -> Theatre:
    """Return a stage like the one the journeys were recorded on: 20 %, 5 s, an analysis, 60 %, a human."""
    steps = (HELD[0], {"pause": {"duration": "5s"}}, *HELD[2:])
    theatre = Theatre(plan(steps=steps))
    template = theatre.get("analysistemplates.argoproj.io", "shop", "shop-api-success-rate")
    metric = {**template["spec"]["metrics"][0], "name": "success-rate", "count": 3, "failureLimit": 0}
    theatre.store.update(
        "analysistemplates.argoproj.io", {**template, "spec": {"metrics": [{**metric, "interval": "3s"}]}}
    )
    return theatre


def milestones(kind: str, states: list[Object]) -> list[Any]:
    """Return what counts of an object's states, one after another, without repetitions."""
    found: list[Any] = []
    for state in states:
        one = json.loads(json.dumps(_MILESTONES[kind](state)))
        if not found or found[-1] != one:
            found.append(one)
    return found


def _rollout(obj: Object) -> list[Any]:
    status = obj.get("status") or {}
    canary = status.get("canary") or {}
    run = canary.get("currentStepAnalysisRunStatus")
    return [
        status.get("phase"),
        re.sub(r"revision \d+", "revision N", status.get("message", "")),
        status.get("currentStepIndex"),
        canary.get("weights", {}).get("canary", {}).get("weight"),
        bool(status.get("controllerPause")),
        [pause["reason"] for pause in status.get("pauseConditions") or ()],
        run["status"] if run else None,
        bool(status.get("abort")),
        status.get("stableRS") == status.get("currentPodHash"),
        status.get("observedGeneration") == str(obj["metadata"]["generation"]),
    ]


def _workflow(obj: Object) -> list[Any]:
    """Leave out what the recorded builds did not have: attempts, and pods that ran for a while."""
    status, name = obj.get("status") or {}, obj["metadata"]["name"]
    nodes = [
        [
            re.sub(r"\(\d+\)$", "", node["displayName"].removeprefix(name)),
            "Pending" if (node["type"], node["phase"]) == ("Pod", "Running") else node["phase"],
        ]
        for node in (status.get("nodes") or {}).values()
        if node["type"] != "Retry"
    ]
    return [status.get("phase"), status.get("progress"), sorted(nodes)]


def _application(obj: Object) -> list[Any]:
    status = obj.get("status") or {}
    state = status.get("operationState") or {}
    return [
        "operation" in obj,
        state.get("phase"),
        status["sync"]["status"],
        len(status.get("history") or ()),
    ]


def _run(obj: Object) -> list[Any]:
    status = obj["status"]
    metric = (status.get("metricResults") or [{}])[0]
    return [
        status["phase"],
        *(metric.get(key) for key in ("phase", "count", "successful", "failed")),
        status.get("message"),
        "completedAt" in status,
        status.get("runSummary"),
    ]


_MILESTONES = {"Rollout": _rollout, "Workflow": _workflow, "Application": _application, "AnalysisRun": _run}
