"""Builds of the story: from a push to the Workflow's end, and what users' writes lead to."""

from __future__ import annotations

from typing import Any

import pytest
from theatre import WORKFLOWS, Theatre, plan

from trombone_tui.demo.story.cron import every, next_time
from trombone_tui.demo.story.hashes import fnv32a, node_id
from trombone_tui.demo.story.services import Outcome


def pushed(outcome: Outcome = Outcome.GOOD, **stage: Any) -> Theatre:
    theatre = Theatre(plan(), **stage)
    theatre.run(30)
    theatre.story._pushes.push(theatre.story._plans[0], outcome)
    theatre.run(0.6)
    return theatre


def workflow(theatre: Theatre) -> dict[str, Any]:
    return theatre.store.list(WORKFLOWS)[-1]


def ended(theatre: Theatre) -> bool:
    return workflow(theatre)["metadata"]["labels"].get("workflows.argoproj.io/completed") == "true"


def test_node_ids_follow_the_real_rule() -> None:
    """The second is a vector from the documentation, the first from a recorded Workflow."""
    assert node_id("demo-build-sk5ml", "demo-build-sk5ml.unit-test") == "demo-build-sk5ml-3296512445"
    assert fnv32a("appr-promotion-ffsv4.app1.wait-approval") == 3235686597
    assert node_id("build", "build") == "build"


def test_workflow_carries_who_pushed_what_and_which_event_started_it() -> None:
    found = workflow(pushed())
    labels, notes = found["metadata"]["labels"], found["metadata"]["annotations"]
    assert labels["trombone.dev/app"] == labels["events.argoproj.io/sensor"] == "shop-api"
    assert labels["events.argoproj.io/trigger"] == "build"
    assert len(labels["events.argoproj.io/action-timestamp"]) == 13
    assert len(labels["trombone.dev/commit"]) == 40
    assert labels["trombone.dev/repo"] == "acme.shop-api"
    assert {"trombone.dev/event-id", "trombone.dev/delivery"} <= labels.keys()
    assert {"ref", "repo-url", "compare-url", "commit-title", "author", "pushed-at", "before"} == {
        key.removeprefix("trombone.dev/") for key in notes if key.startswith("trombone.dev/")
    }
    arguments = {one["name"]: one["value"] for one in found["spec"]["arguments"]["parameters"]}
    assert arguments["revision"] == labels["trombone.dev/commit"]


def _lines(theatre: Theatre, pod: str) -> list[str]:
    logs = theatre.story.world.logs._logs
    return [line.text for line in logs["ci", pod, "main"].lines]


def test_push_leaves_image_tag_digest_and_commit() -> None:
    theatre = pushed()
    theatre.run_until(lambda: ended(theatre))
    found = workflow(theatre)
    outputs = {one["name"]: one["value"] for one in found["status"]["outputs"]["parameters"]}
    commit = found["metadata"]["labels"]["trombone.dev/commit"]
    image = theatre.story.world.images.images("shop/api")[-1]
    assert outputs == {
        "image": f"registry.example/shop/api:{image.tag}",
        "image-tag": image.tag,
        "image-digest": image.digest,
        "commit": commit,
    }
    assert image.tag == f"v1.4.2-sha{commit[:7]}"
    assert image.labels["org.opencontainers.image.revision"] == commit


def test_each_node_has_a_pod_that_goes_with_it() -> None:
    theatre = pushed()
    theatre.run_until(lambda: ended(theatre))
    nodes = workflow(theatre)["status"]["nodes"].values()
    pods = {
        pod["metadata"]["annotations"]["workflows.argoproj.io/node-id"]: pod
        for pod in theatre.store.list("pods", "ci")
        if "workflows.argoproj.io/node-id" in pod["metadata"].get("annotations", {})
    }
    assert pods.keys() == {node["id"] for node in nodes if node["type"] == "Pod"}
    assert {pod["status"]["phase"] for pod in pods.values()} == {"Succeeded"}
    seen = [
        pod["status"]["phase"]
        for pod in theatre.seen("pods")
        if "-docker-build-" in pod["metadata"]["name"] or "-build-" in pod["metadata"]["name"]
    ]
    assert {"Pending", "Running", "Succeeded"} <= set(seen)
    test = next(node for node in nodes if node["displayName"] == "unit-test(0)")
    name = pods[test["id"]]["metadata"]["name"]
    assert name.endswith(f"-test-{fnv32a(test['name'])}")
    assert "collected 214 items" in _lines(theatre, name)


def test_failing_test_is_tried_again_then_fails_the_build() -> None:
    theatre = pushed(Outcome.TEST_FAILS)
    theatre.run_until(lambda: ended(theatre))
    status = workflow(theatre)["status"]
    nodes = {node["displayName"]: node for node in status["nodes"].values()}
    assert (status["phase"], status["progress"]) == ("Failed", "0/2")
    assert nodes["unit-test"]["message"] == "No more retries left"
    for attempt in ("unit-test(0)", "unit-test(1)"):
        assert nodes[attempt]["message"] == "main: Error (exit code 1)"
        assert nodes[attempt]["outputs"] == {"exitCode": "1"}
        assert nodes[attempt]["nodeFlag"] == {"retried": True}
    assert nodes["docker-build"]["phase"] == nodes["docker-push"]["phase"] == "Omitted"
    assert nodes["docker-build"]["message"] == "omitted: depends condition not met"
    assert "WorkflowNodeFailed" in theatre.reasons("Workflow")
    pod = next(p for p in theatre.store.list("pods", "ci") if p["status"].get("phase") == "Failed")
    codes = {c["name"]: c["state"]["terminated"]["exitCode"] for c in pod["status"]["containerStatuses"]}
    assert codes == {"wait": 0, "main": 1}
    assert any("FAILED" in line for line in _lines(theatre, pod["metadata"]["name"]))
    theatre.run(120)
    assert not any(one.tag.startswith("v1.4.2-") for one in theatre.story.world.images.images("shop/api"))


def test_failing_push_leaves_no_image() -> None:
    theatre = pushed(Outcome.PUSH_FAILS)
    theatre.run_until(lambda: ended(theatre))
    status = workflow(theatre)["status"]
    assert (status["phase"], status["progress"]) == ("Failed", "2/3")
    assert not any(one.tag.startswith("v1.4.2-") for one in theatre.story.world.images.images("shop/api"))


@pytest.mark.parametrize("how", ["Stop", "Terminate"])
def test_stopped_workflow_fails_with_the_strategy_in_its_message(how: str) -> None:
    theatre = pushed()
    theatre.run(4)
    name = workflow(theatre)["metadata"]["name"]
    theatre.patch(WORKFLOWS, "ci", name, {"spec": {"shutdown": how}})
    theatre.run(1)
    status = workflow(theatre)["status"]
    assert (status["phase"], status["message"]) == ("Failed", f"Stopped with strategy '{how}'")
    theatre.run(60)
    assert workflow(theatre)["status"] == status


def test_suspended_workflow_starts_nothing_until_it_is_resumed() -> None:
    theatre = pushed()
    theatre.run(2)
    name = workflow(theatre)["metadata"]["name"]
    theatre.patch(WORKFLOWS, "ci", name, {"spec": {"suspend": True}})
    theatre.run(90)
    nodes = [node["displayName"] for node in workflow(theatre)["status"]["nodes"].values()]
    assert "docker-build" not in nodes
    assert workflow(theatre)["status"]["phase"] == "Running"
    theatre.patch(WORKFLOWS, "ci", name, {"spec": {"suspend": None}})
    theatre.run_until(lambda: ended(theatre))
    assert workflow(theatre)["status"]["phase"] == "Succeeded"


def test_submitted_workflow_runs_and_one_without_template_errs() -> None:
    theatre = Theatre(plan())
    for template in ("build-and-push", "missing"):
        body = {
            "metadata": {"name": f"by-hand-{template}", "namespace": "ci"},
            "spec": {"workflowTemplateRef": {"name": template}},
        }
        theatre.store.create(WORKFLOWS, body)
    theatre.run(120)
    good, bad = (
        theatre.get(WORKFLOWS, "ci", f"by-hand-{t}")["status"] for t in ("build-and-push", "missing")
    )
    assert good["phase"] == "Succeeded"
    assert (bad["phase"], bad["message"]) == ("Error", 'workflowtemplates.argoproj.io "missing" not found')


def test_deleted_workflow_is_left_alone() -> None:
    theatre = pushed()
    theatre.run(3)
    theatre.store.delete(WORKFLOWS, "ci", workflow(theatre)["metadata"]["name"])
    theatre.run(60)
    assert theatre.store.list(WORKFLOWS) == []
    assert not [p for p in theatre.store.list("pods", "ci") if "build" in p["metadata"]["name"]]


def test_cron_workflow_runs_on_time_counts_and_forgets() -> None:
    theatre = Theatre(plan(), cron="*/2 * * * *")
    theatre.run(601)
    runs = [w["metadata"] for w in theatre.store.list(WORKFLOWS)]
    times = [meta["annotations"]["workflows.argoproj.io/scheduled-time"] for meta in runs]
    assert times == [f"2026-11-26T12:{minute:02}:00Z" for minute in (4, 6, 8, 10)] or times == [
        f"2026-11-26T12:{minute:02}:00Z" for minute in (6, 8, 10)
    ]
    assert all(meta["ownerReferences"][0]["kind"] == "CronWorkflow" for meta in runs)
    cron = theatre.get("cronworkflows.argoproj.io", "ci", "dependency-scan")
    assert (cron["status"]["phase"], cron["status"]["failed"]) == ("Active", 0)
    assert cron["status"]["succeeded"] >= 4
    theatre.run(60)
    assert "active" not in theatre.get("cronworkflows.argoproj.io", "ci", "dependency-scan")["status"]


def test_suspended_cron_workflow_starts_nothing() -> None:
    theatre = Theatre(plan(), cron="* * * * *")
    theatre.patch("cronworkflows.argoproj.io", "ci", "dependency-scan", {"spec": {"suspend": True}})
    theatre.run(50)
    before = len(theatre.store.list(WORKFLOWS))
    theatre.run(300)
    assert len(theatre.store.list(WORKFLOWS)) == before


def test_schedules_are_read() -> None:
    assert [every(text) for text in ("* * * * *", "*/5 * * * *", "0 3 * * *")] == [1, 5, 60]


def test_next_time_is_the_next_full_multiple() -> None:
    now = Theatre(plan()).now.replace(minute=58, second=20)
    assert next_time(now, 5).isoformat() == "2026-11-26T13:00:00+00:00"
