"""A metric's details, against the run's object, which holds the query that the controller really asked."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from analysis_states import ANALYSES
from asking import Apply, Kubectl, own_namespace
from lab.running import Lab
from official_rollout import Plugin
from rollout_states import update
from rollouts import API, ENDLESS, NOBODY_LISTENS, Made, analysis, canary, metric, rollout, template
from staging import Scene, play
from telling import Told, sources, told
from watching import Follow, Seen

from trombone_tui.core.stage import Item

pytestmark = [
    pytest.mark.needs("rollouts", "prometheus"),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(180),
]

TABLE = {truth.scene.name: truth for truth in ANALYSES}
KNOWN = ("good", "thrice", "neither", "down", "dry", "running", "behind", "pre", "post")
HIDDEN = "swordfish"


def given(name: str, *metrics: Made, args: list[Made] | None = None) -> Made:
    made = template(name, *metrics)
    made["spec"]["args"] = args or []
    return made


def scene(name: str, *objects: Made, step: Made | None = None, phase: str = "Progressing") -> Scene:
    """Make a canary whose first step is an analysis of a template of its name."""
    strategy = canary(step or analysis(name), ENDLESS)
    return Scene(
        state=name, objects=(rollout(name, strategy, replicas=1), *objects), acts=(update(name),), phase=phase
    )


QUERY = 'sum(rate(http_requests_total{track="{{args.track}}",code="200"}[10s])) + 0 * {{args.number}}'
ASKED: Made = {
    "analysis": {
        "templates": [{"templateName": "asked"}],
        "args": [
            {"name": "track", "value": "stable"},
            {"name": "hash", "valueFrom": {"podTemplateHashValue": "Latest"}},
        ],
    }
}
SECRET: Made = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "monitoring"},
    "stringData": {"token": HIDDEN},
}
CHECK: Made = {
    "spec": {
        "backoffLimit": 0,
        "template": {
            "metadata": {"annotations": {"lab/takes": "200ms"}},
            "spec": {"restartPolicy": "Never", "containers": [{"name": "check", "image": "shop/check:1"}]},
        },
    }
}
SCENES = (
    *(TABLE[name].scene for name in KNOWN),
    scene(
        "asked",
        given(
            "asked",
            metric("rate", QUERY, "result[0] >= 0", count=3, interval="1h"),
            args=[
                {"name": "track"},
                {"name": "hash"},
                {"name": "number", "value": "1"},
                {"name": "token", "valueFrom": {"secretKeyRef": {"name": "monitoring", "key": "token"}}},
            ],
        ),
        SECRET,
        step=ASKED,
    ),
    scene("delayed", template("delayed", metric("late", "vector(1)", initialDelay="1h"))),
    scene(
        "erring",
        template(
            "erring", metric("deaf", "up", "result[0] > 0", address=NOBODY_LISTENS, interval="1h", count=2)
        ),
    ),
    scene("checked", template("checked", {"name": "check", "provider": {"job": CHECK}}), phase="Paused"),
)


@dataclass(frozen=True, slots=True)
class Stage:
    """All of them, run and looked at."""

    namespace: str
    kubectl: Kubectl
    seen: Seen

    def run(self, name: str) -> dict[str, Any]:
        """Return the AnalysisRun of a Rollout."""
        runs = self.kubectl.get("analysisruns", "-n", self.namespace, "-l", f"app={name}")["items"]
        (found,) = runs
        return found  # type: ignore[no-any-return]  # plain JSON

    def item(self, name: str, part: str) -> Item:
        found = self.seen.item(
            "metrics", "AnalysisRun", self.namespace, self.run(name)["metadata"]["name"], part
        )
        assert found is not None, f"{part} of {name} is not shown"
        return found


def of(run: dict[str, Any], part: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a metric as it is defined and what came of it."""
    (spec,) = (one for one in run["spec"]["metrics"] if one["name"] == part)
    results = [one for one in run.get("status", {}).get("metricResults", ()) if one["name"] == part]
    return spec, results[0] if results else {}


@pytest.fixture(scope="module")
def staged(lab: Lab) -> Iterator[str]:
    kubectl = Kubectl(lab)
    with own_namespace(kubectl, wide="clusteranalysistemplate") as namespace:
        wide = {**template(f"{namespace}-wide", metric("up", "up")), "kind": "ClusterAnalysisTemplate"}
        takes: Made = {
            "apiVersion": API,
            "kind": "AnalysisTemplate",
            "metadata": {"name": "takes-in"},
            "spec": {"templates": [{"templateName": "good"}, {"templateName": "nowhere"}]},
        }
        Apply(kubectl)(wide)
        Apply(kubectl)(takes, namespace)
        play(SCENES, namespace, kubectl, Plugin(lab, namespace), seconds=60)
        yield namespace


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(lab: Lab, staged: str) -> AsyncIterator[Stage]:
    async with Follow(lab)(namespaces=(staged,)) as seen:
        yield Stage(staged, Kubectl(lab), seen)


ROWS = [(name, part) for name in KNOWN for part in TABLE[name].rows]


@pytest.mark.parametrize(("name", "part"), ROWS)
async def test_limits_and_what_is_left_of_them_are_the_runs_own(name: str, part: str, stage: Stage) -> None:
    def right(details: Told) -> None:
        run = stage.run(name)
        spec, result = of(run, part)
        for fact, used, limit, default in (
            ("Failures", "failed", "failureLimit", 0),
            ("Errors in a row", "consecutiveError", "consecutiveErrorLimit", 4),
            ("Inconclusive", "inconclusive", "inconclusiveLimit", 0),
        ):
            taken, allowed = result.get(used, 0), int(spec.get(limit, default))
            rest = "too many" if taken > allowed else f"{allowed - taken} left"
            said = str(details.fact("Metric", fact))
            assert said == f"{taken} of {allowed} allowed{': ' if taken > allowed else ', '}{rest}"
        assert details.fact("Metric", "Dry run") is bool(result.get("dryRun"))
        assert details.fact("Metric", "Phase") == result["phase"]
        assert details.fact("Run", "Origin") == TABLE[name].origin
        assert len(details.steps("Measurements")) == len(result["measurements"])

    await told(stage.seen, stage.item(name, part), right)


async def test_the_query_is_told_as_the_controller_resolved_it_and_no_secret_is(stage: Stage) -> None:
    def right(details: Told) -> None:
        run = stage.run("asked")
        _, result = of(run, "rate")
        asked = result["metadata"]["ResolvedPrometheusQuery"]
        assert (details.fact("Asked", "Query"), details.fact("Asked", "Query as written")) == (asked, QUERY)
        arguments = {fact.name: fact.value for fact in details.facts("Arguments")}
        held = stage.kubectl.get("rollout", "asked", "-n", stage.namespace)
        assert arguments["hash"] == held["status"]["currentPodHash"]
        assert arguments["token"] == "from Secret monitoring, key token; not shown"
        assert HIDDEN not in repr(details.details)

    await told(stage.seen, stage.item("asked", "rate"), right)


async def test_the_next_measurement_is_an_interval_after_the_last(stage: Stage) -> None:
    def after_interval(details: Told) -> None:
        _, result = of(stage.run("asked"), "rate")
        last = datetime.fromisoformat(result["measurements"][-1]["finishedAt"])
        assert details.fact("Metric", "Next measurement") == last + timedelta(hours=1)
        assert details.fact("Metric", "Measured") == f"{result['count']} of 3"

    def after_delay(details: Told) -> None:
        began = datetime.fromisoformat(stage.run("delayed")["status"]["startedAt"])
        assert details.fact("Metric", "Next measurement") == began + timedelta(hours=1)
        assert details.fact("Metric", "Value") is None

    def after_error(details: Told) -> None:
        _, result = of(stage.run("erring"), "deaf")
        last = result["measurements"][-1]
        if result["phase"] == "Running":
            assert last["phase"] == "Error"
            again = datetime.fromisoformat(last["finishedAt"]) + timedelta(seconds=10)
            assert details.fact("Metric", "Next measurement") == again
        else:
            assert details.fact("Metric", "Next measurement") is None
        assert str(details.fact("Metric", "Errors in a row")).startswith(
            f"{result['consecutiveError']} of 4 "
        )

    def none(details: Told) -> None:
        assert details.fact("Metric", "Next measurement") is None

    await told(stage.seen, stage.item("asked", "rate"), after_interval)
    await told(stage.seen, stage.item("delayed", "late"), after_delay)
    await told(stage.seen, stage.item("erring", "deaf"), after_error)
    await told(stage.seen, stage.item("good", "success-rate"), none)


async def test_a_metric_that_is_a_job_names_it_and_its_pods_log(stage: Stage) -> None:
    _, result = of(stage.run("checked"), "check")
    job = result["measurements"][-1]["metadata"]["job-name"]
    pods = stage.kubectl.get("pods", "-n", stage.namespace, "-l", f"job-name={job}")["items"]

    def right(details: Told) -> None:
        assert details.fact("Asked", "Provider") == "job"
        assert details.fact("Asked", "Job") == f"{stage.namespace}/{job}"

    await told(stage.seen, stage.item("checked", "check"), right)
    found = await sources(
        stage.seen, stage.item("checked", "check"), lambda those: len(those) == len(pods) == 1
    )
    assert (found[0].pod, found[0].container) == (pods[0]["metadata"]["name"], "check")


async def test_templates_tell_what_they_measure_what_they_take_in_and_who_uses_them(stage: Stage) -> None:
    def template_of(name: str) -> Item:
        found = stage.seen.item("metrics", "AnalysisTemplate", stage.namespace, name)
        assert found is not None
        return found

    def used(details: Told) -> None:
        spec = stage.kubectl.get("analysistemplate", "asked", "-n", stage.namespace)["spec"]
        assert details.fact("Metric rate", "Query") == spec["metrics"][0]["provider"]["prometheus"]["query"]
        assert details.fact("Metric rate", "Failures allowed") == 0
        assert details.fact("Used by", "Rollout asked") == "in step 1"

    def takes_in(details: Told) -> None:
        assert details.fact("Takes in", "AnalysisTemplate good") == "there"
        assert details.fact("Takes in", "AnalysisTemplate nowhere") == "not there"

    await told(stage.seen, template_of("asked"), used)
    await told(stage.seen, template_of("takes-in"), takes_in)
    assert re.match(r"Takes in AnalysisTemplate nowhere, which is not there", template_of("takes-in").why)
    wide = stage.seen.item("metrics", "ClusterAnalysisTemplate", "", f"{stage.namespace}-wide")
    assert wide is not None
    await told(stage.seen, wide, lambda details: details.fact("Metric up", "Query"))
