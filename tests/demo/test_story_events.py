"""Kubernetes Events of the story, as each of those who write them does."""

from __future__ import annotations

from typing import Any

import pytest
from theatre import WORKFLOWS, Theatre, plan

from trombone_tui.demo.story.recorder import Saying
from trombone_tui.demo.story.services import Outcome


@pytest.fixture(scope="module")
def played() -> Theatre:
    """Deliver a good version, then one that fails its tests."""
    theatre = Theatre(plan())
    theatre.run(30)
    theatre.story._pushes.push(theatre.story._plans[0], Outcome.GOOD)
    theatre.run_until(
        lambda: theatre.rollout()["metadata"]["annotations"]["rollout.argoproj.io/revision"] == "2"
    )
    theatre.run_until(theatre.healthy)
    theatre.story._pushes.push(theatre.story._plans[0], Outcome.TEST_FAILS)
    theatre.run(60)
    return theatre


def events(theatre: Theatre, kind: str) -> list[dict[str, Any]]:
    return [one for one in theatre.store.list("events") if one["involvedObject"]["kind"] == kind]


REASONS = [
    (
        "Rollout",
        {
            "RolloutAddedToInformer", "RolloutUpdated", "NewReplicaSetCreated", "ScalingReplicaSet",
            "RolloutStepCompleted", "TrafficWeightUpdated", "RolloutPaused", "RolloutResumed",
            "RolloutNotCompleted", "RolloutCompleted", "SwitchService",
        },
    ),
    ("Application", {"OperationStarted", "OperationCompleted", "ResourceUpdated", "ImagesUpdated"}),
    (
        "Workflow",
        {
            "WorkflowRunning", "WorkflowNodeRunning", "WorkflowNodeSucceeded", "WorkflowNodeFailed",
            "WorkflowSucceeded", "WorkflowFailed",
        },
    ),
    ("Pod", {"Scheduled", "Pulled", "Created", "Started"}),
    ("ReplicaSet", {"SuccessfulCreate", "SuccessfulDelete"}),
    ("AnalysisRun", {"MetricSuccessful", "AnalysisRunSuccessful"}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "reasons"), REASONS, ids=[kind for kind, _ in REASONS])
def test_what_happens_is_told_by_the_reasons_of_the_real_controllers(
    played: Theatre, kind: str, reasons: set[str]
) -> None:
    assert reasons <= {one["reason"] for one in events(played, kind)}


def test_each_names_the_object_it_is_about_by_uid(played: Theatre) -> None:
    told = events(played, "Rollout")
    assert {one["involvedObject"]["uid"] for one in told} == {played.rollout()["metadata"]["uid"]}
    uids = {one["metadata"]["uid"] for one in played.store.list(WORKFLOWS)}
    assert {one["involvedObject"]["uid"] for one in events(played, "Workflow")} == uids


def test_who_writes_it_shows(played: Theatre) -> None:
    one = next(one for one in events(played, "Pod") if one["reason"] == "Scheduled")
    assert (one["source"], one["action"], one["reportingComponent"]) == ({}, "Binding", "default-scheduler")
    assert one["firstTimestamp"] is one["lastTimestamp"] is None
    assert one["eventTime"].endswith("Z")
    kubelet = next(one for one in events(played, "Pod") if one["reason"] == "Started")
    assert kubelet["source"] == {"component": "kubelet", "host": "node-1"}
    assert kubelet["involvedObject"]["fieldPath"].startswith("spec.containers{")
    application = events(played, "Application")
    assert {one["source"]["component"] for one in application} == {
        "argocd-application-controller",
        "ArgocdImageUpdater",
    }
    assert {one["reportingComponent"] for one in application} == {""}
    assert {one["source"]["component"] for one in events(played, "ReplicaSet")} == {"replicaset-controller"}


def test_a_failed_workflow_has_a_warning_without_words_and_its_nodes_say_why(played: Theatre) -> None:
    told = events(played, "Workflow")
    failed = next(one for one in told if one["reason"] == "WorkflowFailed")
    assert (failed["type"], "message" in failed) == ("Warning", False)
    node = next(one for one in told if one["reason"] == "WorkflowNodeFailed")
    assert node["message"].endswith("unit-test(0): main: Error (exit code 1)")
    notes = node["metadata"]["annotations"]
    assert notes["workflows.argoproj.io/node-type"] == "Pod"
    assert len(notes["workflows.argoproj.io/node-start-time"]) == 19


def test_what_is_said_again_is_counted_unless_the_controller_writes_its_events_itself() -> None:
    theatre = Theatre(plan())
    theatre.run(30)
    recorder, rollout = theatre.story.world.recorder, theatre.rollout()
    for component in ("rollouts-controller", "ArgocdImageUpdater"):
        for _ in range(3):
            recorder.say(rollout, Saying(reason="Again"), theatre.now, component=component)
            theatre.run(10)
    told = [one for one in events(theatre, "Rollout") if one["reason"] == "Again"]
    assert sorted((one["count"], one["source"]["component"]) for one in told) == [
        (1, "ArgocdImageUpdater"),
        (1, "ArgocdImageUpdater"),
        (1, "ArgocdImageUpdater"),
        (3, "rollouts-controller"),
    ]
    counted = next(one for one in told if one["count"] == 3)
    assert counted["firstTimestamp"] < counted["lastTimestamp"]
    theatre.store.delete("events", "shop", counted["metadata"]["name"])
    recorder.say(rollout, Saying(reason="Again"), theatre.now, component="rollouts-controller")
    assert [one["count"] for one in events(theatre, "Rollout") if one["reason"] == "Again"].count(1) == 4
