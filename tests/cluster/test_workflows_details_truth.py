"""A Workflow's steps, locks, pods, logs and history, against what the object and kubectl hold."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from statistics import median
from typing import Any

import pytest
import pytest_asyncio
from asking import Apply, Kubectl, own_namespace
from builds import BAD, BUILDS, SLOW, STEP
from lab.running import Lab
from official_workflow import argo_get
from patience import until
from telling import Told, sources, told
from watching import Follow, Seen
from workflow_build import EVER, Held, dag, flow, node, phase, pod, steps, task

from trombone_tui.core.details import Branch
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.stage import Item

pytestmark = [
    pytest.mark.needs("workflows"),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(180),
]

FROM_THE_TABLE = (
    "succeeded", "skipped", "let-pass", "hook-fails", "runs", "fails-late", "retries", "side-by-side",
    "handled", "bad-handler", "leaving", "gate", "a-holds", "step-waits", "too-slow",
    "cannot-pull", "suspended", "two-fail",
)  # fmt: skip
KNOWN = {build.name: build for build in BUILDS}
MANY = 60
"""Steps of a loop whose nodes the lab's controller has to pack."""
WORD = {
    "Succeeded": r"(.*; )?took \d.*",
    "Failed": r"(.*; )?failed after .*",
    "Running": r"(.*; )?runs since .*",
    "Pending": r"(.*; )?(can't start|waits|is about to start).*",
}
"""How what is said of a step begins, by its phase."""
SEMAPHORE = {"synchronization": {"semaphores": [{"configMapKeyRef": {"name": "limits", "key": "builds"}}]}}
WAIT = {"name": "main", "suspend": {}}
RELEASE = flow(
    dag(task("unit-test", "step"), task("docker-build", "step", "unit-test")),
    STEP,
    arguments={"parameters": [{"name": "tag", "value": "1.0.0"}]},
)
OFTEN: Held = {
    "schedules": ["@every 4s"],
    "timezone": "Europe/Paris",
    "concurrencyPolicy": "Forbid",
    "successfulJobsHistoryLimit": 2,
    "workflowSpec": {"workflowTemplateRef": {"name": "bare"}},
}
OWN: dict[str, Held] = {
    **{f"run-{number}": {"workflowTemplateRef": {"name": "release"}} for number in range(4)},
    "holds-place": flow(WAIT, **SEMAPHORE),
    "nowhere": flow(pod(nodeSelector={"kubernetes.io/hostname": "nowhere"})),
    "loop": flow(steps(task("each", "each", withItems=list("abcd"))), pod("each", lab={"takes": EVER})),
    "timed-gate": flow(steps(task("wait", "gate")), {"name": "gate", "suspend": {"duration": "30m"}}),
    "asks": flow(
        steps(task("ask", "gate")),
        {
            "name": "gate",
            "inputs": {"parameters": [{"name": "go", "default": "no", "enum": ["yes", "no"]}]},
            "suspend": {},
            "outputs": {"parameters": [{"name": "go", "valueFrom": {"supplied": {}}}]},
        },
    ),
    "daemon": flow(
        steps(task("db", "db"), task("build", "slow")),
        {**pod("db", lab={"takes": EVER}), "daemon": True},
        SLOW,
    ),
    "again": flow(
        dag(task("flaky", "flaky")),
        pod("flaky", lab={"exit-code": "2", "takes": "1h"}, retryStrategy={"limit": "3"}),
    ),
    "swept": flow(dag(task("build", "bad")), BAD, podGC={"strategy": "OnPodCompletion"}),
    "packed": flow(steps(task("each", "quick", withItems=list(range(MANY)))), pod("quick"), parallelism=10),
}
READY = {
    "nowhere": node("nowhere", "Pending", message="Unschedulable"),
    "swept": phase("Failed"),
    "packed": lambda held: bool(held.get("status", {}).get("compressedNodes")),
    **{f"run-{number}": phase("Succeeded") for number in range(4)},
}


@dataclass(frozen=True, slots=True)
class Built:
    """All of them, brought into their states."""

    namespace: str
    kubectl: Kubectl
    seen: Seen

    def item(self, name: str, kind: str = "Workflow") -> Item:
        found = self.seen.item("workflows", kind, self.namespace, name)
        assert found is not None, f"{name} is not shown"
        return found

    def get(self, *words: str) -> dict[str, Any]:
        return self.kubectl.get(*words, "-n", self.namespace)

    def nodes(self, name: str) -> dict[str, dict[str, Any]]:
        status = self.get("workflow", name).get("status", {})
        if packed := status.get("compressedNodes"):
            found: dict[str, dict[str, Any]] = json.loads(gzip.decompress(base64.b64decode(packed)))
            return found
        return status.get("nodes") or {}

    def pods(self, name: str) -> dict[str, str]:
        """Return the names of a Workflow's pods by the id of their node."""
        found = self.get("pods", "-l", f"workflows.argoproj.io/workflow={name}")["items"]
        key = "workflows.argoproj.io/node-id"
        return {one["metadata"]["annotations"][key]: one["metadata"]["name"] for one in found}


def made(name: str, spec: Held, kind: str = "Workflow") -> dict[str, Any]:
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": kind, "metadata": {"name": name}, "spec": spec}


@pytest.fixture(scope="module")
def built(lab: Lab) -> Iterator[str]:
    kubectl = Kubectl(lab)
    with own_namespace(kubectl, wide="clusterworkflowtemplate") as name:
        apply, wide = Apply(kubectl), made(f"{name}-wide", flow(pod()), "ClusterWorkflowTemplate")
        limits = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "limits"},
            "data": {"builds": "1"},
        }
        specs = {"release": RELEASE, "bare": flow(pod())}
        templates = [made(one, spec, "WorkflowTemplate") for one, spec in specs.items()]
        apply([limits, *templates], name)
        apply(wide)
        apply(made("often", OFTEN, "CronWorkflow"), name)
        of_wide = {"workflowTemplateRef": {"name": f"{name}-wide", "clusterScope": True}}
        table = [KNOWN[one].manifest() for one in FROM_THE_TABLE]
        apply([*table, made("of-wide", of_wide), *(made(one, spec) for one, spec in OWN.items())], name)

        def locked(which: str, lock: str) -> object:
            status = kubectl.get("workflow", which, "-n", name).get("status", {})
            return status.get("synchronization", {}).get(lock)

        until(
            lambda: locked("a-holds", "mutex") and locked("holds-place", "semaphore"),
            what="locks that are held",
        )
        apply([KNOWN["b-waits"].manifest(), made("waits-for-place", flow(WAIT, **SEMAPHORE))], name)
        states = {one: KNOWN[one].ready for one in FROM_THE_TABLE} | READY
        for one, ready in states.items():
            until(partial(_reached, kubectl, name, one, ready), what=one, seconds=60)
        yield name


def _reached(kubectl: Kubectl, namespace: str, name: str, ready: Callable[[Held], object]) -> bool:
    return bool(ready(kubectl.get("workflow", name, "-n", namespace)))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def builds(lab: Lab, built: str) -> AsyncIterator[Built]:
    async with Follow(lab)(namespaces=(built,)) as seen:
        yield Built(built, Kubectl(lab), seen)


DRAWN = (*FROM_THE_TABLE, "run-0", "loop", "timed-gate", "daemon", "again")


@pytest.mark.parametrize("name", [one for one in DRAWN if one != "suspended"])
async def test_every_pod_of_a_run_is_drawn_once_as_its_node_says(name: str, builds: Built) -> None:
    def right(details: Told) -> None:
        nodes, pods = builds.nodes(name), builds.pods(name)
        drawn = {
            pod: branch for branch in details.tree("Steps") for pod in pods.values() if _names(branch, pod)
        }
        running = {key: one for key, one in nodes.items() if one["type"] == "Pod" and key in pods}
        assert set(drawn) == {pods[key] for key in running}
        for key, one in running.items():
            branch = drawn[pods[key]]
            assert re.fullmatch(WORD[one["phase"]], branch.note), (one["phase"], branch.note)
            if one["phase"] in ("Succeeded", "Running"):
                assert (
                    branch.health
                    == {"Succeeded": Health.HEALTHY, "Running": Health.PROGRESSING}[one["phase"]]
                )
            if message := one.get("message"):
                assert " ".join(message.split())[:100] in branch.note

    await told(builds.seen, builds.item(name), right)


def _names(branch: Branch, pod: str) -> bool:
    return re.search(rf"; pod {re.escape(pod)}( \(gone\))?$", f"; {branch.note}") is not None


@pytest.mark.parametrize("name", ["side-by-side", "fails-late", "leaving", "handled"])
async def test_what_failed_is_drawn_first(name: str, builds: Built) -> None:
    def right(details: Told) -> None:
        printed = argo_get(builds.get("workflow", name))
        assert details.tree("Steps")[0].health is Health.DEGRADED
        assert details.tree("Steps")[0].text in {line.name for line in printed.lines if line.icon == "✖"}

    await told(builds.seen, builds.item(name), right)


@pytest.mark.parametrize("name", ["let-pass", "hook-fails"])
async def test_a_failure_that_fails_nothing_is_neither_well_nor_ill(name: str, builds: Built) -> None:
    def right(details: Told) -> None:
        failed = [branch for branch in details.tree("Steps") if "failed after" in branch.note]
        assert [branch.health for branch in failed] == [None]
        assert "let pass" in failed[0].note or "fails nothing else" in failed[0].note

    await told(builds.seen, builds.item(name), right)


async def test_retries_are_counted_against_their_limit_and_each_attempt_is_drawn(builds: Built) -> None:
    def all_used(details: Told) -> None:
        branch = details.branch("Steps", "unit test")
        assert branch.note.startswith("3 of at most 3 attempts; failed after ")
        assert [one.text for one in branch.branches] == ["attempt 1", "attempt 2", "attempt 3"]
        attempts = [one for one in builds.nodes("retries").values() if one["type"] == "Pod"]
        assert len(attempts) == 3
        assert all("main: Error (exit code 2)" in one.note for one in branch.branches)

    await told(builds.seen, builds.item("retries"), all_used)


async def test_a_loop_is_one_branch_that_counts_its_items(builds: Built) -> None:
    def right(details: Told) -> None:
        (group,) = (branch for branch in details.tree("Steps") if branch.text == "each")
        phases = [one["phase"] for one in builds.nodes("loop").values() if one["type"] == "Pod"]
        assert (
            group.note
            == f"{phases.count('Succeeded')} of {len(phases)} succeeded, {phases.count('Running')} running"
        )
        assert {one.text for one in group.branches} == {f"each({i}:{item})" for i, item in enumerate("abcd")}

    await told(builds.seen, builds.item("loop"), right)


async def test_nodes_that_the_controller_packed_are_unpacked(builds: Built) -> None:
    def right(details: Told) -> None:
        status = builds.get("workflow", "packed")["status"]
        assert status["compressedNodes"]
        assert not status.get("nodes")
        phases = [one["phase"] for one in builds.nodes("packed").values() if one["type"] == "Pod"]
        (group,) = (branch for branch in details.tree("Steps") if branch.text == "each")
        assert group.note.startswith(f"{phases.count('Succeeded')} of {MANY} succeeded")
        assert len(phases) == MANY
        named = [one.text for one in details.tree("Steps") if one.text.startswith("each(")]
        (more,) = (one.text for one in details.tree("Steps") if one.text.startswith("… "))
        assert more == f"… {MANY - len(named)} more"
        assert details.fact("Workflow", "progress") == status["progress"]

    await told(builds.seen, builds.item("packed"), right)


async def test_gates_say_what_they_wait_for(builds: Built) -> None:
    began = datetime.fromisoformat(
        next(one for one in builds.nodes("timed-gate").values() if one["type"] == "Suspend")["startedAt"]
    )
    waits = rf"waits since .*, goes on by itself at \d+ \w+ \d\d:{(began.minute + 30) % 60:02}Z, or .*resumed"
    for name, text, note in (
        ("gate", "approve", r"waits to be resumed since .*"),
        ("timed-gate", "wait", waits),
        ("asks", "ask", r"waits to be resumed since .*; asks for go: yes or no \(else no\)"),
    ):

        def right(details: Told, text: str = text, note: str = note) -> None:
            branch = details.branch("Steps", text)
            assert branch.health is Health.SUSPENDED
            assert re.fullmatch(note, branch.note), branch.note

        await told(builds.seen, builds.item(name), right)


async def test_an_exit_handler_and_a_daemon_are_called_so(builds: Built) -> None:
    await told(builds.seen, builds.item("handled"), lambda told_: _is(told_, "exit handler", Health.HEALTHY))
    await told(
        builds.seen, builds.item("bad-handler"), lambda told_: _is(told_, "exit handler", Health.DEGRADED)
    )
    await told(
        builds.seen, builds.item("leaving"), lambda told_: _is(told_, "exit handler", Health.PROGRESSING)
    )

    def daemon(details: Told) -> None:
        assert details.branch("Steps", "db").note.startswith("daemon; runs since ")

    await told(builds.seen, builds.item("daemon"), daemon)


def _is(details: Told, text: str, health: Health) -> None:
    assert details.branch("Steps", text).health is health


@pytest.mark.parametrize(
    ("waiting", "holding", "kind", "words"),
    [("b-waits", "a-holds", "mutex", "mutex {}/deploy"),
     ("waits-for-place", "holds-place", "semaphore", "semaphore {}/limits/builds")],
)  # fmt: skip
async def test_a_lock_is_told_with_who_holds_it(
    waiting: str, holding: str, kind: str, words: str, builds: Built
) -> None:
    lock = words.format(builds.namespace)

    def waits(details: Told) -> None:
        (held,) = builds.get("workflow", waiting)["status"]["synchronization"][kind]["waiting"]
        by = held.get("holders") or [held["holder"]]
        assert any(f"{builds.namespace}/{holding}" in one for one in by)
        assert details.fact("Locks", "waits for") == f"{lock}, held by {builds.namespace}/{holding}"

    def holds(details: Told) -> None:
        assert str(details.fact("Locks", "holds")).startswith(lock)

    await told(builds.seen, builds.item(waiting), waits)
    await told(builds.seen, builds.item(holding), holds)
    assert f"Waits for the {lock}; held by {builds.namespace}/{holding}" in builds.item(waiting).why


async def test_a_step_that_waits_for_a_lock_names_the_step_that_holds_it(builds: Built) -> None:
    def right(details: Told) -> None:
        waits = [branch for branch in details.tree("Steps") if "waits for the mutex" in branch.note]
        assert len(waits) == 1
        other = {"one": "two", "two": "one"}[waits[0].text]
        assert f"held by step {other} of this run" in waits[0].note

    await told(builds.seen, builds.item("step-waits"), right)


@pytest.mark.parametrize(
    ("name", "health"), [("nowhere", Health.PROGRESSING), ("cannot-pull", Health.DEGRADED)]
)
async def test_a_pod_that_is_pending_says_why_as_kubectl_does(
    name: str, health: Health, builds: Built
) -> None:
    def right(details: Told) -> None:
        (pods,) = builds.get("pods", "-l", f"workflows.argoproj.io/workflow={name}")["items"]
        (fact,) = details.facts("Pods")
        assert (fact.name, fact.health) == (pods["metadata"]["name"], health)
        unfit = [one["message"] for one in pods["status"].get("conditions", ()) if one["status"] == "False"]
        waits = [one["state"]["waiting"]["reason"] for one in pods["status"].get("containerStatuses", ())]
        assert (unfit or waits)[0][:60] in str(fact.value)

    await told(builds.seen, builds.item(name), right)


async def test_the_duration_stands_beside_the_median_of_the_runs_of_its_template(builds: Built) -> None:
    def right(details: Told) -> None:
        took = {}
        for number in range(4):
            status = builds.get("workflow", f"run-{number}")["status"]
            began, ended = (datetime.fromisoformat(status[key]) for key in ("startedAt", "finishedAt"))
            took[number] = int((ended - began).total_seconds())
        usual = median(took[number] for number in (1, 2, 3))
        assert details.fact("Workflow", "duration") == f"{took[0]}s, usual {int(usual)}s (median of 3)"

    await told(builds.seen, builds.item("run-0"), right)


async def test_templates_tell_what_they_hold_and_how_their_runs_went(builds: Built) -> None:
    def release(details: Told) -> None:
        assert details.fact("Template", "entrypoint") == "main"
        assert str(details.fact("Template", "templates")) == "main, step"
        assert details.facts("Parameters")[0].name == "tag"
        runs = [value for one in details.details for value in details.named(one.title, "runs still there")]
        assert runs == ["4 Succeeded"]

    await told(builds.seen, builds.item("release", "WorkflowTemplate"), release)
    item = builds.seen.item("workflows", "ClusterWorkflowTemplate", "", f"{builds.namespace}-wide")
    assert item is not None

    def wide(details: Told) -> None:
        runs = [value for one in details.details for value in details.named(one.title, "runs still there")]
        assert runs == ["1 Succeeded"]

    await told(builds.seen, item, wide)


async def test_a_cron_workflow_tells_its_limits_and_how_its_runs_went(builds: Built) -> None:
    def right(details: Told) -> None:
        held = builds.get("cronworkflow", "often")
        spec, status = held["spec"], held["status"]
        assert status["succeeded"] > 0
        assert details.fact("Cron workflow", "schedule") == spec["schedules"][0]
        assert details.fact("Cron workflow", "time zone") == spec["timezone"]
        assert details.fact("Cron workflow", "when one still runs") == "leaves the new one out (Forbid)"
        assert details.fact("Cron workflow", "template") == "bare"
        assert details.fact("Cron workflow", "keeps succeeded") == spec["successfulJobsHistoryLimit"]
        assert details.fact("Cron workflow", "succeeded") == status["succeeded"]
        last = datetime.fromisoformat(status["lastScheduledTime"])
        assert details.fact("Cron workflow", "last scheduled") == last

    await told(builds.seen, builds.item("often", "CronWorkflow"), right, seconds=40)


async def test_unit_test_and_docker_build_are_called_by_these_names(builds: Built) -> None:
    def right(details: Told) -> None:
        assert [branch.text for branch in details.tree("Steps")] == [
            "unit test (unit-test)",
            "docker build (docker-build)",
        ]

    await told(builds.seen, builds.item("run-1"), right)


async def test_the_failing_steps_log_comes_first_and_its_end_stands_in_the_details(
    builds: Built, lab: Lab
) -> None:
    """Containers do not run in the lab, so kwok is told what the failing pod wrote."""
    failing = next(
        key
        for key, one in builds.nodes("handled").items()
        if one.get("phase") == "Failed" and one["type"] == "Pod"
    )
    pod_name = builds.pods("handled")[failing]
    log = {"logs": [{"logsFile": str(lab.run / "cri" / "build.log"), "follow": True}]}
    place = {"name": pod_name, "namespace": builds.namespace}
    written = {"apiVersion": "kwok.x-k8s.io/v1alpha1", "kind": "Logs", "metadata": place, "spec": log}
    Apply(builds.kubectl)(written)
    words = ("logs", pod_name, "-c", "main", "-n", builds.namespace, "--tail=12")
    printed = until(lambda: builds.kubectl(*words, check=False).splitlines(), what="kubectl logs")
    found = await sources(builds.seen, builds.item("handled"), lambda those: len(those) > 1)
    assert (found[0].pod, found[0].container, found[0].failed, found[0].label) == (
        pod_name,
        "main",
        True,
        "build",
    )
    assert not any(one.failed for one in found[1:])

    def right(details: Told) -> None:
        assert [line.text for line in details.lines("End of the log of build")] == printed

    await told(builds.seen, builds.item("handled"), right)


async def test_the_log_of_the_step_it_failed_by_comes_before_that_of_one_let_pass(builds: Built) -> None:
    found = await sources(builds.seen, builds.item("two-fail"), lambda those: len(those) > 1)
    assert [one.label for one in found if one.failed] == ["build", "lint"]
    assert builds.item("two-fail").why.startswith("Step build failed")


async def test_a_log_whose_pod_was_swept_away_says_where_it_went(builds: Built) -> None:
    until(lambda: not builds.pods("swept"), what="its pod to go")

    def gone(found: tuple[Any, ...]) -> bool:
        return bool(found) and all(one.gone == "gone with its pod; nothing archived it" for one in found)

    found = await sources(builds.seen, builds.item("swept"), gone)
    assert found[0].failed

    def right(details: Told) -> None:
        assert details.tree("Steps")[0].note.endswith("(gone)")

    await told(builds.seen, builds.item("swept"), right)


async def test_the_whole_workflow_is_the_one_that_kubectl_prints(builds: Built) -> None:
    whole = dict(await builds.seen.live.whole(builds.item("succeeded").ref))
    held = await asyncio.to_thread(builds.get, "workflow", "succeeded", "--show-managed-fields=true")
    assert whole == held
