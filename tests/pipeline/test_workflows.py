"""Workflow and CronWorkflow: phase, failed step, what is waited for, and what was built."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from changing import changed
from stage_readers import facts, read, row, stored

from trombone_tui.core.objects.argo_workflows import Workflow
from trombone_tui.core.objects.basics import Health
from trombone_tui.pipeline.workflows import STAGE

REAL = [
    pytest.param(
        "failed-after-retries",
        Health.DEGRADED,
        "Step unit test failed after 3 attempts: main: Error (exit code 2); retry or resubmit.",
        {
            "phase": "Failed",
            "progress": "0/3",
            "failed_node": "unit-test",
            "message": "main: Error (exit code 2)",
            "duration_seconds": 10,
            "step": "unit test",
        },
        "unit test",
        id="a step that failed in all its attempts",
    ),
    pytest.param(
        "cannot-pull",
        Health.DEGRADED,
        "Step cannot-pull can't start: ImagePullBackOff: Back-off pulling image; 0/1 done; stop ends it.",
        {"phase": "Running", "failed_node": None, "node": "cannot-pull", "duration_seconds": None},
        "cannot-pull",
        id="a pod that can't pull",
    ),
    pytest.param(
        "waits-for-approval",
        Health.SUSPENDED,
        "Waits at step approve to be resumed since 23 Nov 13:09Z; 3/4 done; resume or stop.",
        {"phase": "Running", "progress": "3/4", "node": "approve", "failed_node": None},
        "at approve",
        id="a suspend node among others",
    ),
    pytest.param(
        "gate-at-root",
        Health.SUSPENDED,
        "Waits at step holds-the-lock to be resumed since 23 Nov 13:09Z; 0/1 done; resume or stop.",
        {"phase": "Running", "node": "holds-the-lock"},
        "at holds-the-lo…",
        id="a suspend node that is the whole",
    ),
    pytest.param(
        "waits-for-lock",
        Health.PROGRESSING,
        "Waits for the mutex ci/deploy; held by ci/holds-the-lock; stop ends the wait.",
        {"phase": "Pending", "message": "Waiting for ci/Mutex/deploy lock. Lock status: 0/1"},
        "waits for lock",
        id="a mutex that another holds",
    ),
    pytest.param(
        "error-no-template",
        Health.DEGRADED,
        'Ended with an error: workflowtemplates.argoproj.io "missing" not found; resubmit.',
        {
            "phase": "Error",
            "failed_node": None,
            "message": 'workflowtemplates.argoproj.io "missing" not found',
        },
        "error",
        id="a template that does not exist",
    ),
    pytest.param(
        "succeeded",
        Health.HEALTHY,
        "Succeeded in 6 s, 3/3 done; built 1.0.1.",
        {"phase": "Succeeded", "duration_seconds": 6, "tag": "1.0.1", "image": None},
        "6s",
        id="a build that gave out a tag",
    ),
    pytest.param(
        "succeeded-cron",
        Health.HEALTHY,
        "Succeeded in 2 s, 1/1 done.",
        {"phase": "Succeeded", "duration_seconds": 2},
        "2s",
        id="a run of a CronWorkflow",
    ),
    pytest.param(
        "running",
        Health.PROGRESSING,
        "Step docker build is about to start; 1/2 done.",
        {"phase": "Running", "progress": "1/2", "node": "docker-build", "duration_seconds": None},
        "docker build",
        id="between two pods",
    ),
    pytest.param(
        "exit-handler-failed",
        Health.DEGRADED,
        "Step exit-fails.onExit failed: main: Error (exit code 9); retry or resubmit.",
        {
            "phase": "Failed",
            "progress": "1/2",
            "failed_node": "exit-fails.onExit",
            "message": "main: Error (exit code 9)",
        },
        "exit-fails.onEx…",
        id="only its exit handler failed",
    ),
    pytest.param(
        "hooks-failed",
        Health.HEALTHY,
        "Succeeded in 13 s, 2/4 done.",
        {"phase": "Succeeded", "progress": "2/4", "failed_node": None, "message": None},
        "13s",
        id="hooks that failed, which fails nothing",
    ),
    pytest.param(
        "not-taken-up",
        Health.UNKNOWN,
        "No phase yet: the workflow controller has not taken it up.",
        {"phase": None, "progress": None, "duration_seconds": None},
        "not started",
        id="as the Sensor created it",
    ),
]


@pytest.mark.parametrize(("name", "health", "why", "fields", "brief"), REAL)
def test_what_real_controllers_wrote_is_told_as_it_is(name, health, why, fields, brief):
    item = row(read(STAGE, stored("workflows", name)), "Workflow")
    assert (item.health, item.why, item.brief) == (health, why, brief)
    assert {key: getattr(item.fields, key) for key in fields} == fields


@pytest.mark.parametrize("name", [param.values[0] for param in REAL])
def test_reading_is_the_same_before_and_after_the_nodes_are_left_out(name):
    obj = msgspec.json.decode(msgspec.json.encode(stored("workflows", name)), type=Workflow)
    whole = obj.digest, obj.triggered, obj.lock, obj.image_parameters
    kept = obj.reduced().reduced()
    assert (kept.digest, kept.triggered, kept.lock, kept.image_parameters) == whole
    assert kept.status is None or (kept.status.nodes, kept.status.conditions) == (None, None)


def node(name, of_type="Pod", phase="Failed", **more):
    return {"name": f"w.{name}", "displayName": name, "type": of_type, "phase": phase, **more}


def workflow(phase="Failed", nodes=None, **changes):
    base = {
        "kind": "Workflow",
        "metadata": {"name": "w", "namespace": "ci", "creationTimestamp": "2026-11-23T13:00:00Z"},
        "status": {"phase": phase, "nodes": nodes or {}},
    }
    return changed(base, **changes)


def only(*objects):
    return row(read(STAGE, *objects), "Workflow", "w")


ROOT = {"name": "w", "displayName": "w", "type": "DAG", "phase": "Failed", "message": "child failed"}

FAILURES = [
    pytest.param(
        {
            "w": ROOT,
            "a": node("late", boundaryID="w", finishedAt="2026-11-23T13:09:00Z"),
            "b": node("early", boundaryID="w", finishedAt="2026-11-23T13:05:00Z", message="first"),
        },
        ("early", "first"),
        id="the earliest failure",
    ),
    pytest.param(
        {
            "w": ROOT,
            "r": node("flaky", "Retry", "Succeeded", boundaryID="w", children=["r0", "r1"]),
            "r0": node("flaky(0)", boundaryID="w", finishedAt="2026-11-23T13:01:00Z"),
            "r1": node("flaky(1)", phase="Succeeded", boundaryID="w"),
            "d": node("deploy", boundaryID="w", finishedAt="2026-11-23T13:05:00Z", message="no"),
        },
        ("deploy", "no"),
        id="not an attempt that a later one made good",
    ),
    pytest.param(
        {
            "w": {**ROOT, "type": "Steps"},
            "g": node("[0]", "StepGroup", "Succeeded", boundaryID="w", children=["lint"]),
            "lint": node("lint", boundaryID="w", finishedAt="2026-11-23T13:01:00Z"),
            "test": node("test", boundaryID="w", finishedAt="2026-11-23T13:02:00Z", message="red"),
        },
        ("test", "red"),
        id="not a step whose failure was let pass",
    ),
    pytest.param(
        {
            "w": ROOT,
            "lint": node("lint", boundaryID="w", children=["t"], finishedAt="2026-11-23T13:01:00Z"),
            "t": node("test", boundaryID="w", finishedAt="2026-11-23T13:02:00Z", message="red"),
        },
        ("test", "red"),
        id="not a task of a graph whose failure was let pass",
    ),
    pytest.param(
        {
            "w": ROOT,
            "lint": node("lint", boundaryID="w", children=["t"], finishedAt="2026-11-23T13:01:00Z"),
            "t": node("test", phase="Omitted", boundaryID="w"),
        },
        ("lint", None),
        id="a task after which the next is left out",
    ),
    pytest.param(
        {
            "w": ROOT,
            "h": node("hook", boundaryID="w", nodeFlag={"hooked": True}, finishedAt="2026-11-23T13:01:00Z"),
            "test": node("test", boundaryID="w", finishedAt="2026-11-23T13:02:00Z", message="red"),
        },
        ("test", "red"),
        id="not a lifecycle hook",
    ),
    pytest.param(
        {"w": ROOT, "gate": node("approve", "Suspend", boundaryID="w", message="declined")},
        ("approve", "declined"),
        id="a gate that was declined",
    ),
    pytest.param(
        {"w": ROOT, "s": node("inner", "Steps", "Error", boundaryID="w", message="invalid spec")},
        ("inner", "invalid spec"),
        id="a part that failed before any leaf began",
    ),
    pytest.param(
        {
            "w": ROOT,
            "r": node("flaky", "Retry", boundaryID="w", children=["inner"], message="No more retries left"),
            "inner": node("flaky(0)", "DAG", boundaryID="w", children=["leaf"]),
            "leaf": node("compile", boundaryID="inner", message="exit 1"),
        },
        ("compile", "exit 1"),
        id="the leaf of a graph that is tried again as a whole",
    ),
    pytest.param(
        {"a": node("a", boundaryID="b", message="odd"), "b": node("b", "DAG", boundaryID="a")},
        ("a", "odd"),
        id="nodes that contain each other",
    ),
    pytest.param({"w": ROOT}, (None, None), id="nothing but the root, which names no step"),
    pytest.param({}, (None, None), id="no nodes"),
]


@pytest.mark.parametrize(("nodes", "expected"), FAILURES)
def test_the_first_step_that_really_failed_is_named(nodes, expected):
    item = only(workflow(nodes=nodes))
    assert (item.fields.failed_node, item.fields.message) == expected
    assert item.health is Health.DEGRADED


def test_a_step_that_is_still_tried_again_has_not_failed():
    nodes = {
        "w": {**ROOT, "phase": "Running"},
        "r": node("flaky", "Retry", "Running", boundaryID="w", children=["r0", "r1"]),
        "r0": node("flaky(0)", boundaryID="w"),
        "r1": node("flaky(1)", phase="Running", boundaryID="w", startedAt="2026-11-23T13:10:00Z"),
    }
    item = only(workflow("Running", nodes, status__progress="0/1"))
    assert (item.health, item.fields.failed_node) == (Health.PROGRESSING, None)
    assert item.why == "Step flaky(1) runs since 23 Nov 13:10Z; 0/1 done."


def test_a_failure_beside_running_steps_is_mentioned_but_is_not_the_end():
    nodes = {
        "w": {**ROOT, "phase": "Running"},
        "a": node("lint", boundaryID="w"),
        "b": node("build", phase="Running", boundaryID="w"),
    }
    item = only(workflow("Running", nodes))
    assert (item.health, item.fields.failed_node) == (Health.PROGRESSING, None)
    assert item.why == "Step build runs; step lint has failed."


@pytest.mark.parametrize(
    ("message", "health", "why"),
    [
        (
            "ErrImagePull: no such tag",
            Health.DEGRADED,
            "Step b can't start: ErrImagePull: no such tag; stop ends it.",
        ),
        (
            "CreateContainerConfigError: no secret",
            Health.DEGRADED,
            "Step b can't start: CreateContainerConfig",
        ),
        (
            "InvalidImageName: oops",
            Health.DEGRADED,
            "Step b can't start: InvalidImageName: oops; stop ends it.",
        ),
        ("Unschedulable: 0/3 nodes", Health.PROGRESSING, "Step b waits: Unschedulable: 0/3 nodes."),
        (None, Health.PROGRESSING, "Step b is about to start."),
    ],
)
def test_a_pod_that_can_not_start_is_degraded_and_one_that_waits_is_not(message, health, why):
    item = only(workflow("Running", {"b": node("b", phase="Pending", message=message)}))
    assert item.health is health
    assert item.why.startswith(why)


def test_a_broken_pod_comes_before_a_gate_and_before_pods_that_wait():
    nodes = {
        "g": node("approve", "Suspend", "Running"),
        "a": node("a", phase="Pending", message="Unschedulable", startedAt="2026-11-23T13:00:00Z"),
        "b": node("b", phase="Pending", message="ImagePullBackOff: x", startedAt="2026-11-23T13:01:00Z"),
    }
    assert only(workflow("Running", nodes)).fields.node == "b"


def test_the_gate_that_waits_longest_is_named():
    nodes = {
        "a": node("second", "Suspend", "Running", startedAt="2026-11-23T13:05:00Z"),
        "b": node("first", "Suspend", "Running", startedAt="2026-11-23T13:00:00Z", message="approve me"),
    }
    item = only(workflow("Running", nodes))
    assert item.why == "Waits at step first to be resumed since 23 Nov 13:00Z; approve me; resume or stop."
    assert item.since == datetime(2026, 11, 23, 13, 0, tzinfo=UTC)


GATE = {"suspend": {"duration": "600"}}
TIMED = [
    ({"spec__templates": [{"name": "gate", **GATE}]}, Health.PROGRESSING, "until 23 Nov 13:20Z; "),
    (
        {"status__storedWorkflowTemplateSpec": {"templates": [{"name": "gate", **GATE}]}},
        Health.PROGRESSING,
        "until 23 Nov 13:20Z; resume ends the wait.",
    ),
    ({"spec__templates": [{"name": "gate", "suspend": {}}]}, Health.SUSPENDED, "to be resumed since"),
    ({"spec__templates": [{"name": "other", **GATE}]}, Health.SUSPENDED, "to be resumed since"),
    ({"spec__templates": [{"name": "gate", "suspend": {"duration": "{{x}}"}}]}, Health.SUSPENDED, "to be"),
]


@pytest.mark.parametrize(("changes", "health", "why"), TIMED)
def test_a_gate_that_goes_on_by_itself_needs_nobody(changes, health, why):
    gate = node("nap", "Suspend", "Running", templateName="gate", startedAt="2026-11-23T13:10:00Z")
    item = only(workflow("Running", {"g": gate}, **changes))
    assert (item.health, item.needs_human) == (health, health is Health.SUSPENDED)
    assert item.why.startswith(f"Waits at step nap {why}")
    assert only(workflow("Running", {"g": gate, "h": gate}, **changes)).health is Health.SUSPENDED


OTHERS = [
    ({"spec": {"suspend": True}}, "Running", Health.SUSPENDED, "Suspended as a whole by spec.suspend, so no"),
    (
        {"spec": {"shutdown": "Stop"}},
        "Running",
        Health.PROGRESSING,
        "Running; it was told to Stop; terminate ends its exit handler, too.",
    ),
    ({"status__message": "hm"}, "Running", Health.PROGRESSING, "Running; hm."),
    ({"status__message": "quota"}, "Pending", Health.PROGRESSING, "Pending: quota."),
    ({}, "Pending", Health.PROGRESSING, "Pending: no reason is given."),
    ({}, "Failed", Health.DEGRADED, "Failed: the controller gives no reason; resubmit."),
    ({}, "Succeeded", Health.HEALTHY, "Succeeded."),
    ({"status__message": "hm"}, "Melted", Health.UNKNOWN, "Phase Melted is not one this program knows; hm."),
    (
        {"spec": {"shutdown": "Terminate"}, "status__message": "Stopped with strategy 'Terminate'"},
        "Failed",
        Health.DEGRADED,
        "Failed: Stopped with strategy 'Terminate'; told to Terminate; resubmit.",
    ),
    (
        {"status__compressedNodes": "H4sIAAAA", "status__nodes": None},
        "Failed",
        Health.DEGRADED,
        "Failed; node details are packed and can't be read: what is packed is cut off; resubmit.",
    ),
    (
        {"status__compressedNodes": "KLUv/QAA", "status__nodes": None, "status__message": "child failed"},
        "Failed",
        Health.DEGRADED,
        "Failed: child failed; node details are packed and can't be read: what is packed is cut off; "
        "resubmit.",
    ),
    (
        {"status__offloadNodeStatusVersion": "fnv:1", "status__nodes": None},
        "Running",
        Health.PROGRESSING,
        "Running; node details are in a database that only argo-server reads.",
    ),
    (
        {"status__synchronization": {"semaphore": {"waiting": [{"semaphore": "x", "holders": ["a", "b"]}]}}},
        "Pending",
        Health.PROGRESSING,
        "Waits for the lock x; held by a, b; stop ends the wait.",
    ),
    (
        {"status__synchronization": {"mutex": {"waiting": [{"mutex": "ci/Mutex/m"}]}}},
        "Pending",
        Health.PROGRESSING,
        "Waits for the mutex ci/m; stop ends the wait.",
    ),
]


@pytest.mark.parametrize(("changes", "phase", "health", "why"), OTHERS)
def test_states_without_a_telling_node_are_told_from_what_there_is(changes, phase, health, why):
    item = only(workflow(phase, **changes))
    assert item.health is health
    assert item.why.startswith(why)


@pytest.mark.parametrize(
    ("finished", "seconds"),
    [("2026-11-23T13:04:12Z", 252), ("2026-11-23T12:00:00Z", None), (None, None)],
)
def test_a_duration_is_known_only_from_an_end_after_the_start(finished, seconds):
    times = {"status__startedAt": "2026-11-23T13:00:00Z", "status__finishedAt": finished}
    assert only(workflow("Succeeded", **times)).fields.duration_seconds == seconds


def outputs(**values):
    return {"parameters": [{"name": key.replace("_", "-"), "value": value} for key, value in values.items()]}


BUILT = [
    pytest.param(
        {"status__outputs": outputs(image="docker.io/library/api:1.2", image_tag="1.2")},
        ("docker.io/library/api", "1.2"),
        ("image/api",),
        id="global outputs",
    ),
    pytest.param(
        {
            "status__nodes": {
                "p": {**node("push", phase="Succeeded"), "outputs": outputs(image="r.io/a@sha256:1")}
            }
        },
        ("r.io/a", None),
        ("image/r.io/a",),
        id="a node's outputs",
    ),
    pytest.param(
        {"spec": {"arguments": outputs(image="r.io/shop/api", version="3")}},
        ("r.io/shop/api", None),
        ("image/r.io/shop/api",),
        id="an argument",
    ),
    pytest.param(
        {"metadata__annotations": {"trombone.dev/image": "r.io:5000/api"}},
        ("r.io:5000/api", None),
        ("image/r.io:5000/api",),
        id="the annotation for it",
    ),
    pytest.param(
        {"status__outputs": outputs(image_api="r.io/api:1", image_web="r.io/web:2")},
        (None, None),
        ("image/r.io/api", "image/r.io/web"),
        id="two images, so no single one",
    ),
    pytest.param(
        {
            "status__outputs": outputs(
                image="{{inputs.image}}", image_digest="sha256:1", image_tag=7, other="r/x"
            )
        },
        (None, None),
        (),
        id="nothing that is a reference",
    ),
]


@pytest.mark.parametrize(("changes", "fields", "joins"), BUILT)
def test_the_image_is_named_only_where_the_workflow_says_so(changes, fields, joins):
    item = only(workflow("Succeeded", **changes))
    assert (item.fields.image, item.fields.tag) == fields
    assert item.joins == joins


def test_a_workflow_belongs_to_its_sensor_and_its_app():
    labels = {
        "events.argoproj.io/sensor": "github",
        "trombone.dev/app": "api",
        "trombone.dev/commit": "3f2a9c1",
    }
    item = only(workflow(metadata__labels=labels))
    assert item.joins == ("Sensor/github", "app/api")
    assert item.fields.commit == "3f2a9c1"


SERIES = [
    ({"metadata__labels": {"workflows.argoproj.io/cron-workflow": "n"}}, "cron/ci/n"),
    ({"metadata__generateName": "build-"}, "run/ci/build-///////"),
    ({"spec": {"workflowTemplateRef": {"name": "build"}}}, "run/ci/build///////"),
    ({"metadata__labels": {"workflows.argoproj.io/workflow-template": "t", "app": "x"}}, "run/ci/t//////x/"),
    ({}, ""),
]


@pytest.mark.parametrize(("changes", "series"), SERIES)
def test_runs_of_one_thing_are_one_series(changes, series):
    assert only(workflow(**changes)).series == series


def test_one_template_run_for_two_services_is_two_series():
    template = {"spec": {"workflowTemplateRef": {"name": "build"}}}
    api = only(workflow(**template, metadata__labels={"trombone.dev/app": "api"}))
    web = only(workflow(**template, metadata__labels={"trombone.dev/app": "web"}))
    image = only(workflow(**template, spec__arguments=outputs(image="r.io/api:2")))
    assert len({api.series, web.series, image.series}) == 3
    assert image.series == only(workflow(**template, spec__arguments=outputs(image="r.io/api:3"))).series


def test_the_details_of_a_workflow_say_where_it_comes_from_and_what_failed():
    obj = stored("workflows", "failed-after-retries", metadata__generateName="build-")
    obj["metadata"]["labels"] |= {
        "workflows.argoproj.io/cron-workflow": "nightly",
        "events.argoproj.io/sensor": "github",
        "events.argoproj.io/trigger": "build",
        "events.argoproj.io/action-timestamp": "1795439256111",
    }
    obj["status"]["conditions"] += [{"type": "SpecWarning", "status": "True", "message": "odd"}]
    reader = read(STAGE, obj)
    item = row(reader, "Workflow")
    assert facts(reader, item, "Steps") == {
        "failed first": "unit test (unit-test), 3 attempts: main: Error (exit code 2)"
    }
    assert facts(reader, item, "Conditions") == {"SpecWarning": "odd"}
    assert facts(reader, item, "Workflow")["duration"] == "10s"
    origin = facts(reader, item, "From and to")
    assert (origin["CronWorkflow"], origin["Sensor"], origin["trigger"]) == ("nightly", "github", "build")
    assert origin["triggered"] == datetime(2026, 11, 23, 13, 7, 36, 111000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("cannot-pull", {"can't start": "cannot-pull: ImagePullBackOff: Back-off pulling image"}),
        ("waits-for-approval", {"waits to be resumed": "approve"}),
        ("running", {"waits": "docker build (docker-build)"}),
    ],
)
def test_the_details_name_the_steps_that_matter_now(name, told):
    reader = read(STAGE, stored("workflows", name))
    assert facts(reader, row(reader, "Workflow"), "Steps") == told


def test_a_workflow_of_which_nothing_is_known_has_details_all_the_same():
    reader = read(STAGE, {"kind": "Workflow", "metadata": {"name": "w"}})
    assert facts(reader, row(reader, "Workflow"), "Workflow")["phase"] is None


def cron(**changes):
    return stored("workflows", "cron-active", **changes)


ERROR = {"type": "SubmissionError", "status": "True", "message": "no such template"}

CRONS = [
    (
        {},
        Health.HEALTHY,
        "Runs at * * * * *; last on 23 Nov 13:11Z; next due on 23 Nov 13:21Z if the controller's time zone "
        "is UTC; 2 succeeded, 0 failed.",
        False,
    ),
    (
        {"status__active": [{"name": "minutely-1"}], "spec__timezone": "Europe/Berlin"},
        Health.HEALTHY,
        "Runs at * * * * * in Europe/Berlin; last on 23 Nov 13:11Z; next due on 23 Nov 13:21Z; "
        "1 Workflow active; 2 succeeded",
        False,
    ),
    (
        {"spec__suspend": True},
        Health.SUSPENDED,
        "Suspended by spec.suspend, so it starts nothing; last",
        False,
    ),
    ({"status__phase": "Stopped"}, Health.SUSPENDED, "Stopped for good by its stopStrategy; last on", False),
    ({"status__phase": "Odd"}, Health.UNKNOWN, "Phase Odd is not one this program knows; last on", False),
    (
        {"status__conditions": [ERROR], "spec__suspend": True},
        Health.DEGRADED,
        "Can't start its Workflow: no such template; last on",
        True,
    ),
    (
        {"status__conditions": [{"type": "SpecError", "status": "True"}]},
        Health.DEGRADED,
        "Its spec can't be used: no message; last on",
        True,
    ),
    ({"spec__schedules": None}, Health.UNKNOWN, "It names no schedule; last on", False),
    (
        {"spec__schedules": None, "spec__schedule": "@daily", "status": {}},
        Health.HEALTHY,
        "Runs at @daily; not run yet; next due on 24 Nov 00:00Z if the controller's time zone is UTC.",
        False,
    ),
    (
        {"status": None},
        Health.UNKNOWN,
        "Should run at * * * * *, but no controller has taken it up, or one refused its spec, which only",
        False,
    ),
]


@pytest.mark.parametrize(("changes", "health", "why", "needs_human"), CRONS)
def test_a_cron_workflow_says_when_it_runs_and_whether_it_can(changes, health, why, needs_human):
    item = row(read(STAGE, cron(**changes)), "CronWorkflow")
    assert (item.health, item.needs_human) == (health, needs_human)
    assert item.why.startswith(why)


NIGHTLY = {"spec__schedules": ["30 2 * * *"], "spec__timezone": "Europe/Berlin"}
DUE = [
    (NIGHTLY, "2026-11-24 02:30 in Europe/Berlin, 24 Nov 01:30Z"),
    ({"spec__schedules": ["0 3 * * *", "@hourly"], "spec__timezone": "UTC"}, "23 Nov 14:00Z"),
    ({"spec__schedules": ["0 3 * * *"]}, "24 Nov 03:00Z if the controller's time zone is UTC"),
    (
        {"spec__schedules": ["CRON_TZ=Asia/Tokyo 0 3 * * *"]},
        "2026-11-24 03:00 in Asia/Tokyo, 23 Nov 18:00Z",
    ),
    (NIGHTLY | {"spec__suspend": True}, "none while it is suspended"),
    (NIGHTLY | {"status__phase": "Stopped"}, "none: it is stopped for good"),
    ({"spec__schedules": ["0 0 31 2 *"]}, "none: no schedule of it ever comes"),
    (
        {"spec__schedules": ["0 3 * * *", "@every 3s"]},
        "not foreseen: @every counts from when the controller took it up",
    ),
    (
        NIGHTLY | {"spec__timezone": "Mars/Olympus"},
        "not known: Mars/Olympus is no time zone that is known here",
    ),
    (
        NIGHTLY | {"spec__schedules": ["TZ=UTC 0 3 * * *"]},
        "not known: TZ=UTC 0 3 * * * is no schedule",
    ),
    ({"spec__schedules": None}, None),
]


@pytest.mark.parametrize(("changes", "told"), DUE)
def test_a_cron_workflow_says_when_it_is_due_next_in_its_own_time_zone(changes, told):
    reader = read(STAGE, cron(**changes))
    item = row(reader, "CronWorkflow")
    assert facts(reader, item, "Cron workflow")["next due"] == told
    assert ("next due on" in item.why) is (told is not None and told[-1] in "ZC")


CRON_TROUBLE = [
    (
        "cron-cannot-submit",
        Health.DEGRADED,
        "Can't start its Workflow: run policy error: failed to evaluate expression:",
    ),
    (
        "cron-bad-stop",
        Health.DEGRADED,
        "Its spec can't be used: failed to check CronWorkflow 'bad-stop' stopping condition:",
    ),
    (
        "cron-refused",
        Health.UNKNOWN,
        "Should run at every now and then, but no controller has taken it up, or one refused its spec,",
    ),
]


@pytest.mark.parametrize(("name", "health", "why"), CRON_TROUBLE)
def test_a_cron_workflow_that_a_real_controller_could_not_run_says_why(name, health, why):
    item = row(read(STAGE, stored("workflows", name)), "CronWorkflow")
    assert (item.health, item.why[: len(why)]) == (health, why)


def test_a_cron_workflow_has_its_own_fields_and_details():
    reader = read(STAGE, cron(status__active=[{"name": "minutely-1"}]))
    item = row(reader, "CronWorkflow")
    assert (item.fields.schedule, item.fields.active, item.fields.phase) == ("* * * * *", 1, "Active")
    assert item.fields.last_scheduled == datetime(2026, 11, 23, 13, 11, tzinfo=UTC)
    about = facts(reader, item, "Cron workflow")
    assert (about["template"], about["active"], about["when one still runs"]) == (
        "nightly",
        "minutely-1",
        "starts another (Allow)",
    )


def test_what_a_cron_workflow_has_not_said_stays_unknown():
    item = row(read(STAGE, cron(status=None)), "CronWorkflow")
    assert (item.fields.active, item.fields.last_scheduled, item.fields.phase) == (None, None, None)


def test_a_very_long_message_is_cut_and_says_so():
    item = only(workflow("Error", status__message="x" * 5000))
    assert len(item.why) < 300
    assert item.why.endswith("x…; resubmit.")
    assert len(item.fields.message) == 400


def test_a_workflow_keeps_little_of_what_the_controller_wrote():
    obj = msgspec.json.decode(msgspec.json.encode(stored("workflows", "waits-for-approval")), type=Workflow)
    kept = msgspec.json.encode(obj.reduced())
    assert len(kept) < 1500
    assert b"storedTemplates" not in kept
