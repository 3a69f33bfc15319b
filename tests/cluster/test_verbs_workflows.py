"""Each verb of Workflows done to a running controller's objects; what it left is read back with kubectl.

There is no official CLI in the lab: what is expected is what ``argo`` was seen to leave (stop, terminate,
suspend, resume, retry, resubmit, submit) on Argo Workflows 3.7.18, and what its source writes.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from acting_hands import Hands, hands
from asking import Apply, Kubectl, own_namespace
from lab.running import Lab
from patience import eventually
from twin_left import filled
from workflow_build import EVER, Held, dag, flow, node, phase, pod, steps, task

pytestmark = [
    pytest.mark.needs("workflows"),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(120),
]

STEP, SLOW, SHORT = pod("step"), pod("slow", lab={"takes": EVER}), pod("short", lab={"takes": "6s"})
BAD, GATE, AFTER = pod("bad", lab={"exit-code": "2"}), {"name": "gate", "suspend": {}}, pod("after")
FLAKY = pod("flaky", lab={"exit-code": "2"}, retryStrategy={"limit": "1", "retryPolicy": "Always"})
ASKS = {
    "name": "asks",
    "inputs": {"parameters": [{"name": "go", "enum": ["yes", "no"], "default": "no"}]},
    "suspend": {},
    "outputs": {"parameters": [{"name": "go", "valueFrom": {"supplied": {}}}]},
}
TOLD = pod("told", inputs={"parameters": [{"name": "word"}]})
HANDLED = {"onExit": "after"}
ANSWER = {"arguments": {"parameters": [{"name": "word", "value": "{{steps.ask.outputs.parameters.go}}"}]}}
FAILED = {
    "of-steps": flow(steps(task("one", "step"), task("two", "bad"), task("three", "step")), STEP, BAD, AFTER),
    "of-dag": flow(
        dag(task("one", "step"), task("two", "bad", "one"), task("three", "step", "two")), STEP, BAD, AFTER
    ),
    "of-attempts": flow(
        dag(task("one", "step"), task("two", "flaky", "one"), task("three", "step", "two")),
        STEP, FLAKY, AFTER,
    ),
}  # fmt: skip
RUNNING: dict[str, tuple[Held, Callable[[Held], object]]] = {
    "stopped": (flow(steps(task("build", "slow")), SLOW, AFTER, **HANDLED), node("build", "Running")),
    "terminated": (flow(steps(task("build", "slow")), SLOW, AFTER, **HANDLED), node("build", "Running")),
    "held": (
        flow(steps(task("build", "short"), task("push", "step")), SHORT, STEP),
        node("build", "Running"),
    ),
    "passed": (flow(steps(task("wait", "gate"), task("push", "step")), GATE, STEP), node("wait", "Running")),
    "one-gate": (
        flow(dag(task("left", "gate"), task("right", "gate")), GATE),
        lambda held: node("left", "Running")(held) and node("right", "Running")(held),
    ),
    "answered": (
        flow(steps(task("ask", "asks"), task("tell", "told", **ANSWER)), ASKS, TOLD),
        node("ask", "Running"),
    ),
    "declined": (
        flow(steps(task("wait", "gate"), task("push", "step")), GATE, STEP, AFTER, **HANDLED),
        node("wait", "Running"),
    ),
    "again": (flow(steps(task("build", "bad")), BAD), phase("Failed")),
    "gone": (flow(steps(task("build", "step")), STEP), phase("Succeeded")),
    **{name: (flow_ | HANDLED, phase("Failed")) for name, flow_ in FAILED.items()},
}
RELEASE = flow(
    steps(task("build", "step")), STEP, arguments={"parameters": [{"name": "tag", "value": "1.0.0"}]}
)
NIGHTLY = {
    "schedules": ["0 3 1 1 *"],
    "workflowSpec": flow(steps(task("build", "step")), STEP),
    "workflowMetadata": {"labels": {"team": "shop"}},
}


def made(name: str, spec: Held, kind: str = "Workflow") -> dict[str, Any]:
    labels = {"labels": {"team": "shop"}} if name == "again" else {}
    meta = {"name": name, **labels}
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": kind, "metadata": meta, "spec": spec}


@dataclass(frozen=True, slots=True)
class Runs:
    """All of them in their states, and hands on them."""

    namespace: str
    kubectl: Kubectl
    hands: Hands

    def get(self, name: str, kind: str = "workflow") -> dict[str, Any]:
        return self.kubectl.get(kind, name, "-n", self.namespace)

    def labelled(self, label: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.kubectl.get("workflows", "-n", self.namespace, "-l", label)[
            "items"
        ]
        return items

    def pods(self, name: str) -> dict[str, str]:
        """Return the uids of a Workflow's pods by their names."""
        found = self.kubectl.get(
            "pods", "-n", self.namespace, "-l", f"workflows.argoproj.io/workflow={name}"
        )["items"]
        return {one["metadata"]["name"]: one["metadata"]["uid"] for one in found}

    async def until(self, name: str, ready: Callable[[Held], object]) -> dict[str, Any]:
        """Return a Workflow as soon as it is as wanted."""

        def look() -> dict[str, Any]:
            held = self.get(name)
            assert ready(held), held.get("status", {}).get("phase")
            return held

        return await eventually(look, what=f"{name} in its state", seconds=40)


def by_title(held: Held) -> dict[str, dict[str, Any]]:
    return {one["displayName"]: one for one in held["status"]["nodes"].values()}


@pytest.fixture(scope="module")
def built(lab: Lab) -> Iterator[str]:
    kubectl = Kubectl(lab)
    with own_namespace(kubectl, wide="clusterworkflowtemplate") as namespace:
        apply = Apply(kubectl)
        wide = made(f"{namespace}-wide", RELEASE, "ClusterWorkflowTemplate")
        apply(wide)
        templates = [
            made("release", RELEASE, "WorkflowTemplate"),
            made("nightly", NIGHTLY, "CronWorkflow"),
        ]
        apply([*templates, *(made(name, spec) for name, (spec, _) in RUNNING.items())], namespace)
        yield namespace


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def runs(lab: Lab, built: str) -> AsyncIterator[Runs]:
    async with hands(lab, built) as own:
        yield Runs(built, Kubectl(lab), own)


async def ready(runs: Runs, name: str) -> None:
    await runs.until(name, RUNNING[name][1])


async def test_suspend_starts_nothing_new_and_resume_lets_it_go_on(runs: Runs) -> None:
    await ready(runs, "held")
    await runs.hands.do("Workflow", "held", "suspend")
    held = await runs.until("held", node("build", "Succeeded"))
    assert held["spec"]["suspend"] is True
    assert "push" not in by_title(held)
    await runs.hands.do("Workflow", "held", "resume")
    held = await runs.until("held", phase("Succeeded"))
    assert "suspend" not in held["spec"]
    assert by_title(held)["push"]["phase"] == "Succeeded"


async def test_stop_fails_it_and_its_exit_handler_runs(runs: Runs) -> None:
    await ready(runs, "stopped")
    await runs.hands.do("Workflow", "stopped", "stop")
    held = await runs.until("stopped", phase("Failed"))
    assert held["spec"]["shutdown"] == "Stop"
    assert held["status"]["message"] == "Stopped with strategy 'Stop'"
    assert by_title(held)["stopped.onExit"]["phase"] == "Succeeded"


async def test_terminate_fails_it_without_its_exit_handler(runs: Runs) -> None:
    await ready(runs, "terminated")
    await runs.hands.do("Workflow", "terminated", "terminate")
    held = await runs.until("terminated", phase("Failed"))
    assert held["spec"]["shutdown"] == "Terminate"
    assert held["status"]["message"] == "Stopped with strategy 'Terminate'"
    assert "terminated.onExit" not in by_title(held)


async def test_resume_passes_a_gate_and_names_who_did(runs: Runs) -> None:
    await ready(runs, "passed")
    await runs.hands.do("Workflow", "passed", "resume")
    nodes = by_title(await runs.until("passed", phase("Succeeded")))
    assert (nodes["wait"]["phase"], nodes["push"]["phase"]) == ("Succeeded", "Succeeded")
    user = json.loads(runs.kubectl("auth", "whoami", "-o", "json"))["status"]["userInfo"]["username"]
    assert nodes["wait"]["message"] == f"Resumed by: {user}"
    assert nodes["wait"]["finishedAt"] >= nodes["wait"]["startedAt"]


async def test_one_of_two_gates_is_passed_and_the_other_waits_on(runs: Runs) -> None:
    await ready(runs, "one-gate")
    done = await runs.hands.do("Workflow", "one-gate", "resume", {"node": "left"})
    assert "left is passed; still at work: right" in done.last.text
    held = await runs.until("one-gate", node("left", "Succeeded"))
    assert by_title(held)["right"]["phase"] == "Running"
    assert held["status"]["phase"] == "Running"


async def test_a_gate_is_given_the_value_it_asks_for(runs: Runs) -> None:
    await ready(runs, "answered")
    await runs.hands.do("Workflow", "answered", "resume", {"node": "ask", "set": ("go=yes",)})
    nodes = by_title(await runs.until("answered", phase("Succeeded")))
    assert nodes["ask"]["outputs"]["parameters"] == [{"name": "go", "value": "yes"}]
    assert nodes["tell"]["inputs"]["parameters"] == [{"name": "word", "value": "yes"}]


async def test_a_gate_is_declined_and_the_exit_handler_runs(runs: Runs) -> None:
    await ready(runs, "declined")
    given = {"node": "wait", "message": "not on a Friday"}
    await runs.hands.do("Workflow", "declined", "stop", given)
    held = await runs.until("declined", phase("Failed"))
    nodes = by_title(held)
    assert (nodes["wait"]["phase"], nodes["wait"]["message"]) == ("Failed", "not on a Friday")
    assert nodes["declined.onExit"]["phase"] == "Succeeded"
    assert "push" not in nodes
    assert "shutdown" not in held["spec"]


@pytest.mark.parametrize("name", FAILED)
async def test_retry_runs_what_failed_and_keeps_what_succeeded(name: str, runs: Runs) -> None:
    await ready(runs, name)
    before, pods = by_title(await asyncio.to_thread(runs.get, name)), await asyncio.to_thread(runs.pods, name)
    kept = {pod for pod in pods if "-step-" in pod}
    assert kept, pods
    templates = json.loads(json.dumps(runs.get(name)["spec"]["templates"]))
    for one in templates:  # somebody mends what was wrong
        one.get("metadata", {}).get("annotations", {}).pop("lab/exit-code", None)
    patch = json.dumps({"spec": {"templates": templates}})
    runs.kubectl("patch", "workflow", name, "-n", runs.namespace, "--type=merge", "-p", patch)

    await runs.hands.do("Workflow", name, "retry")

    held = await runs.until(name, phase("Succeeded"))
    nodes, now = by_title(held), await asyncio.to_thread(runs.pods, name)
    assert {pod: now.get(pod) for pod in kept} == {pod: pods[pod] for pod in kept}
    assert nodes["one"]["finishedAt"] == before["one"]["finishedAt"]
    assert {nodes[title]["phase"] for title in ("one", "two", "three")} == {"Succeeded"}
    assert nodes[f"{name}.onExit"]["phase"] == "Succeeded"
    assert held["metadata"]["labels"]["workflows.argoproj.io/completed"] == "true"
    conditions = [one for one in held["status"]["conditions"] if one["type"] == "Completed"]
    assert conditions == [{"type": "Completed", "status": "True"}]


async def test_resubmit_makes_a_new_one_of_the_same_spec(runs: Runs) -> None:
    await ready(runs, "again")
    await runs.hands.do("Workflow", "again", "resubmit")
    (new,) = runs.labelled("workflows.argoproj.io/resubmitted-from-workflow=again")
    new = await runs.until(new["metadata"]["name"], phase("Failed"))
    old = runs.get("again")
    assert new["metadata"]["name"].startswith("again-")
    assert new["spec"] == old["spec"]
    assert new["metadata"]["labels"]["team"] == "shop"
    assert old["metadata"]["uid"] != new["metadata"]["uid"]


@pytest.mark.parametrize("kind", ["WorkflowTemplate", "ClusterWorkflowTemplate"])
async def test_submit_runs_a_template_with_parameters(kind: str, runs: Runs) -> None:
    wide = kind.startswith("Cluster")
    name = f"{runs.namespace}-wide" if wide else "release"
    given = {"parameter": ("tag=2.0.0",), **({"namespace": runs.namespace} if wide else {})}
    await runs.hands.do(kind, name, "submit", given)
    label = "cluster-workflow-template" if wide else "workflow-template"
    (new,) = runs.labelled(f"workflows.argoproj.io/{label}={name}")
    new = await runs.until(new["metadata"]["name"], phase("Succeeded"))
    assert new["spec"]["arguments"]["parameters"] == [{"name": "tag", "value": "2.0.0"}]
    assert new["spec"]["workflowTemplateRef"] == {"name": name, **({"clusterScope": True} if wide else {})}


async def test_delete_takes_it_away_with_its_pods(runs: Runs) -> None:
    await ready(runs, "gone")
    assert runs.pods("gone")
    await runs.hands.do("Workflow", "gone", "delete")
    assert not runs.kubectl("get", "workflow", "gone", "-n", runs.namespace, "--ignore-not-found")
    await eventually(lambda: not runs.pods("gone"), what="its pods to be gone")


async def test_a_schedule_is_suspended_and_resumed(runs: Runs) -> None:
    await runs.hands.do("CronWorkflow", "nightly", "suspend")
    assert runs.get("nightly", "cronworkflow")["spec"]["suspend"] is True
    await runs.hands.do("CronWorkflow", "nightly", "resume")
    assert not runs.get("nightly", "cronworkflow")["spec"].get("suspend")


async def test_a_cron_workflow_is_run_now(runs: Runs) -> None:
    await runs.hands.do("CronWorkflow", "nightly", "submit")
    (new,) = runs.labelled("workflows.argoproj.io/cron-workflow=nightly")
    new = await runs.until(new["metadata"]["name"], phase("Succeeded"))
    owner = new["metadata"]["ownerReferences"][0]
    assert (owner["kind"], owner["name"], owner["controller"]) == ("CronWorkflow", "nightly", True)
    assert owner["uid"] == runs.get("nightly", "cronworkflow")["metadata"]["uid"]
    assert new["metadata"]["labels"]["team"] == "shop"
    assert "workflows.argoproj.io/scheduled-time" in new["metadata"]["annotations"]
    assert filled(new["spec"]) == NIGHTLY["workflowSpec"]
