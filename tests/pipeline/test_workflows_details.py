"""The details of a Workflow beside its steps: the usual duration, outputs, locks, pods, how it is run."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from changing import changed
from stage_readers import answering, decoded, facts, read, row, stored

from trombone_tui.core.details import Lines
from trombone_tui.core.objects.argo_workflows import WORKFLOW
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.ports import Denied, LogLine, Missing
from trombone_tui.pipeline.workflows import STAGE

BEGAN = "2026-11-23T13:00:00Z"


def run(name, seconds=None, phase="Succeeded", namespace="ci", template="build", **changes):
    """Make a run of a template: as a Sensor's trigger creates them, with the label of its app."""
    ended = {} if seconds is None else {"finishedAt": f"2026-11-23T13:{seconds // 60:02}:{seconds % 60:02}Z"}
    base = {
        "kind": "Workflow",
        "metadata": {"name": name, "namespace": namespace, "uid": name, "creationTimestamp": BEGAN,
                     "labels": {"trombone.dev/app": "api"}},
        "spec": {"workflowTemplateRef": {"name": template}},
        "status": {"phase": phase, "startedAt": BEGAN, **ended},
    }  # fmt: skip
    return changed(base, **changes)


def duration(*objects, name="a", now=datetime(2026, 11, 23, 13, 10, tzinfo=UTC)):
    reader = read(STAGE, *objects, now=now)
    return facts(reader, row(reader, "Workflow", name), "Workflow")["duration"]


def others(*seconds, **changes):
    return [run(f"past-{i}", one, **changes) for i, one in enumerate(seconds)]


LABELS = {"trombone.dev/app": "web"}
CRON = {"workflows.argoproj.io/cron-workflow": "nightly"}
USUAL = [
    pytest.param(run("a", 252), others(230, 238, 250), "4m12s, usual 3m58s (median of 3)", id="ended"),
    pytest.param(run("a", 252), others(230, 250), "4m12s", id="too few to be usual"),
    pytest.param(
        run("a", phase="Running"),
        others(200, 300, 420),
        "10m00s so far, usual 5m00s (median of 3), 5m00s over the usual",
        id="still running, longer than usual",
    ),
    pytest.param(
        run("a", phase="Running"),
        others(800, 900, 1000),
        "10m00s so far, usual 15m00s (median of 3)",
        id="still running, not longer than usual",
    ),
    pytest.param(run("a", 60), others(60, 60, 60, phase="Failed"), "1m00s", id="failed runs do not count"),
    pytest.param(run("a", 60), others(60, 60, 60, metadata__labels=LABELS), "1m00s", id="another app"),
    pytest.param(run("a", 60), others(60, 60, 60, template="scan"), "1m00s", id="another template"),
    pytest.param(run("a", 60), others(60, 60, 60, namespace="cd"), "1m00s", id="another namespace"),
    pytest.param(
        run("a", 60, metadata__labels=CRON),
        others(60, 70, 80, metadata__labels=CRON, template="other"),
        "1m00s, usual 1m10s (median of 3)",
        id="runs of one CronWorkflow",
    ),
    pytest.param(
        run("a", 60, spec__workflowTemplateRef={"name": "build", "clusterScope": True}),
        others(60, 70, 80),
        "1m00s",
        id="a ClusterWorkflowTemplate of the same name",
    ),
    pytest.param(run("a", phase="Pending"), others(60, 70, 80), None, id="not begun"),
]


@pytest.mark.parametrize(("obj", "past", "said"), USUAL)
def test_a_duration_stands_beside_the_median_of_its_past(obj, past, said):
    assert duration(obj, *past) == said


def test_no_other_row_is_read_again_when_a_run_changes():
    reader = read(STAGE, run("a", 60), *others(60, 70, 80))
    changed_run = decoded(WORKFLOW, run("past-0", phase="Failed"))
    ref = row(reader, "Workflow", "past-0").ref
    reader.put(WORKFLOW, ref, changed_run)
    assert reader.pending == 1
    assert reader.refresh() == {ref}


def whole(obj, title, *pods, **answers):
    reader = read(STAGE, obj)
    ask = answering(**({"Workflow": [obj], "Pod": list(pods)} | answers))
    return facts(reader, row(reader, "Workflow"), title, ask)


def test_outputs_name_image_tag_and_digest_first_and_where_artifacts_lie():
    outputs = {
        "parameters": [
            {"name": "commit", "value": "3f2a9c1"},
            {"name": "image", "value": "ghcr.io/acme/api:v1.4.2"},
            {"name": "image-digest", "value": "sha256:abc"},
        ],
        "artifacts": [
            {"name": "report", "s3": {"key": "ci/a/report.xml"}},
            {"name": "old", "gcs": {"bucket": "b", "key": "k"}, "deleted": True},
            {"name": "odd", "raw": {"data": "x"}},
        ],
    }
    obj = run(
        "a", 60, status__outputs=outputs,
        status__artifactRepositoryRef={"artifactRepository": {"s3": {"bucket": "logs", "endpoint": "minio"}}},
    )  # fmt: skip
    found = whole(obj, "Outputs")
    assert list(found.items()) == [
        ("image", "ghcr.io/acme/api:v1.4.2"),
        ("image-digest", "sha256:abc"),
        ("commit", "3f2a9c1"),
        ("artifact report", "s3 logs/ci/a/report.xml"),
        ("artifact old", "gcs b/k, deleted since"),
        ("artifact odd", "it is not said where"),
    ]
    origin = whole(obj, "From and to")
    assert (origin["image"], origin["tag"], origin["digest"]) == ("ghcr.io/acme/api", "v1.4.2", "sha256:abc")


def test_how_it_is_run_says_who_runs_it_and_what_becomes_of_it():
    spec = {
        "entrypoint": "pipeline",
        "onExit": "notify",
        "serviceAccountName": "ci-workflow",
        "ttlStrategy": {"secondsAfterSuccess": 259200, "secondsAfterFailure": 604800},
        "podGC": {"strategy": "OnWorkflowSuccess", "deleteDelayDuration": "24h"},
        "archiveLogs": True,
        "activeDeadlineSeconds": 3600,
    }
    obj = run("a", 60, status__storedWorkflowTemplateSpec=spec, status__estimatedDuration=238)
    assert whole(obj, "How it is run") == {
        "service account": "ci-workflow",
        "entrypoint": "pipeline",
        "exit handler": "notify",
        "deadline": "1h00m",
        "expected by the controller": "3m58s",
        "deleted": "3d00h after success, 7d00h after failure",
        "pods deleted": "OnWorkflowSuccess, 24h later",
        "logs archived": "yes",
    }


def test_who_did_what_and_whether_it_is_archived_is_told_where_it_is_written_down():
    labels = {
        "workflows.argoproj.io/creator": "alice",
        "workflows.argoproj.io/action": "Stop",
        "workflows.argoproj.io/actor": "bob",
        "workflows.argoproj.io/workflow-archiving-status": "Archived",
    }
    told = whole(run("a", 60, "Failed", metadata__labels=labels), "How it is run")
    assert (told["created by"], told["last acted on"], told["archived"]) == (
        "alice",
        "Stop, by bob",
        "Archived",
    )


def test_arguments_are_those_it_was_started_with():
    obj = run("a", 60, spec__arguments={"parameters": [{"name": "revision", "value": "main"}, {"name": "x"}]})
    assert whole(obj, "Arguments") == {"revision": "main", "x": None}


LOCKS = [
    ("waits-for-lock", {"waits for": "mutex ci/deploy, held by ci/holds-the-lock"}),
    ("gate-at-root", {"holds": "mutex ci/deploy, for ci/holds-the-lock"}),
]


@pytest.mark.parametrize(("name", "locks"), LOCKS)
def test_locks_say_who_waits_and_who_holds(name, locks):
    assert whole(stored("workflows", name), "Locks") == locks


def test_pods_that_do_not_run_say_why_and_denied_ones_who_denied_them():
    obj = stored("workflows", "cannot-pull")
    held = whole(obj, "Pods", stored("workflows", "pod-cannot-pull"))
    assert list(held) == ["cannot-pull"]
    assert "ImagePullBackOff: Back-off pulling image" in held["cannot-pull"]
    denied = whole(obj, "Pods", Pod=Denied("watch", "pods", namespace="ci"))
    assert denied == {"pods": "can't be shown: may not watch pods in namespace ci"}


def test_pods_that_run_or_have_ended_are_not_listed():
    reader = read(STAGE, obj := stored("workflows", "failed-after-retries"))
    ask = answering(Workflow=[obj], Pod=[stored("workflows", "pod-failed")])
    titles = [part.title for part in reader.details(row(reader, "Workflow").ref, ask)]
    assert "Pods" not in titles


def failing_log(**answers):
    obj = stored("workflows", "failed-after-retries")
    reader = read(STAGE, obj)
    ask = answering(Workflow=[obj], Pod=[stored("workflows", "pod-failed")], **answers)
    return [part for part in reader.details(row(reader, "Workflow").ref, ask) if isinstance(part, Lines)]


def test_the_log_of_what_failed_is_shown_from_its_end():
    lines = tuple(LogLine(f"line {number}") for number in range(30))
    (log,) = failing_log(LogTail=lines)
    assert log.title == "End of the log of unit-test(2)"
    assert [line.text for line in log.lines] == [f"line {number}" for number in range(18, 30)]
    assert failing_log() == []
    (trouble,) = failing_log(LogTail=Missing("there is no such pod"))
    assert trouble.lines[0].text == "can't be shown: there is no such pod"
    assert trouble.lines[0].health is Health.UNKNOWN
