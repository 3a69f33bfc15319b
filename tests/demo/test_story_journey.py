"""A played delivery goes through the same states, in the same order, as one that real controllers ran."""

from __future__ import annotations

import re
from typing import Any

import pytest
from theatre import (
    APPLICATIONS,
    JOURNEYS,
    ROLLOUTS,
    RUNS,
    UPDATERS,
    WORKFLOWS,
    Theatre,
    as_recorded,
    milestones,
)

from trombone_tui.demo.story.services import Outcome

KINDS = {"Rollout": ROLLOUTS, "Workflow": WORKFLOWS, "Application": APPLICATIONS, "AnalysisRun": RUNS}


@pytest.fixture(scope="module")
def played() -> tuple[Theatre, dict[str, tuple[int, int]]]:
    """Play the recorded deliveries: one that is aborted, then one that a human lets go on."""
    theatre = as_recorded()
    plan, pushes = theatre.story._plans[0], theatre.story._pushes
    theatre.run_until(theatre.healthy)
    theatre.run(30)
    parts = {}
    start = len(theatre.changes)
    pushes.push(plan, Outcome.CANARY_FAILS)
    theatre.run_until(lambda: theatre.rollout()["status"]["phase"] == "Degraded")
    theatre.run(45)
    parts["bad"] = (start, len(theatre.changes))
    start = len(theatre.changes)
    pushes.push(plan, Outcome.GOOD)
    theatre.run_until(lambda: theatre.rollout()["status"].get("currentStepIndex") == 4)
    theatre.run(1.0)
    theatre.patch_status({"pauseConditions": None})
    theatre.run_until(theatre.healthy)
    theatre.run(45)
    parts["good"] = (start, len(theatre.changes))
    return theatre, parts


def _states(
    played: tuple[Theatre, dict[str, tuple[int, int]]], journey: str, kind: str
) -> list[dict[str, Any]]:
    theatre, parts = played
    begin, end = parts[journey]
    before = [record for _, name, record in theatre.changes[:begin] if name == KINDS[kind]][-1:]
    during = [record for _, name, record in theatre.changes[begin:end] if name == KINDS[kind]]
    wanted = during if kind in ("Workflow", "AnalysisRun") else before + during
    return [record.object() for record in wanted]


@pytest.mark.parametrize("journey", ["good", "bad"])
@pytest.mark.parametrize("kind", ["Workflow", "Application", "AnalysisRun", "Rollout"])
def test_states_come_in_the_recorded_order(
    played: tuple[Theatre, dict[str, tuple[int, int]]], journey: str, kind: str
) -> None:
    found = milestones(kind, _states(played, journey, kind))
    expected = JOURNEYS[journey][kind]
    if kind == "Application":
        for one in found[1:]:
            one[3] -= found[0][3]
        found[0][3] = 0
    text = re.sub("shop-api-", "", str(found))
    assert text == str(expected)


def test_stages_follow_each_other_from_push_to_promotion(
    played: tuple[Theatre, dict[str, tuple[int, int]]],
) -> None:
    theatre, parts = played
    begin, end = parts["good"]
    first = {}
    for place, (_, kind, record) in enumerate(theatre.changes[begin:end]):
        obj = record.object()
        status = obj.get("status") or {}
        marks = {
            "workflow": kind == WORKFLOWS,
            "built": kind == WORKFLOWS and status.get("phase") == "Succeeded",
            "written": kind == UPDATERS and "3-sha" in str(status.get("recentUpdates")),
            "syncing": kind == APPLICATIONS and "operation" in obj,
            "canary": kind == ROLLOUTS and status.get("currentStepIndex") == 1,
            "measured": kind == RUNS and status.get("phase") == "Successful",
            "promoted": kind == ROLLOUTS
            and status.get("stableRS") == status.get("currentPodHash")
            and "canary" in first,
        }
        for mark, true in marks.items():
            if true:
                first.setdefault(mark, place)
    order = ["workflow", "built", "written", "syncing", "canary", "measured", "promoted"]
    assert [mark for mark, _ in sorted(first.items(), key=lambda item: item[1])] == order


def test_an_abort_is_told_as_the_controller_tells_it(
    played: tuple[Theatre, dict[str, tuple[int, int]]],
) -> None:
    theatre, parts = played
    begin, end = parts["bad"]
    events = [record.object() for _, kind, record in theatre.changes[begin:end] if kind == "events"]
    told = [event["reason"] for event in events if event["involvedObject"]["kind"] == "Rollout"]
    assert told == [
        "RolloutUpdated",
        "NewReplicaSetCreated",
        "RolloutNotCompleted",
        "ScalingReplicaSet",
        "SwitchService",
        "PatchingCanaryIngress",
        "TrafficWeightUpdated",
        "RolloutStepCompleted",
        "RolloutPaused",
        "RolloutStepCompleted",
        "RolloutResumed",
        "AnalysisRunFailed",
        "RolloutAborted",
        "SwitchService",
        "PatchingCanaryIngress",
        "TrafficWeightUpdated",
        "ScalingReplicaSet",
    ]
    warnings = {event["reason"] for event in events if event["type"] == "Warning"}
    assert warnings == {"AnalysisRunFailed", "RolloutAborted", "MetricFailed"}


def test_the_old_replica_set_keeps_its_pods_until_its_deadline(
    played: tuple[Theatre, dict[str, tuple[int, int]]],
) -> None:
    theatre, parts = played
    begin, end = parts["good"]
    sets = [record.object() for _, kind, record in theatre.changes[begin:end] if kind == "replicasets.apps"]
    marked = next(obj for obj in sets if "scale-down-deadline" in obj["metadata"]["annotations"])
    deadline = marked["metadata"]["annotations"]["scale-down-deadline"]
    assert marked["spec"]["replicas"] == 5
    mine = [obj for obj in sets if obj["metadata"]["name"] == marked["metadata"]["name"]]
    emptied = next(obj for obj in mine if obj["spec"]["replicas"] == 0)
    written = max(one["time"] for one in emptied["metadata"]["managedFields"])
    assert written >= deadline
    assert "scale-down-deadline" not in emptied["metadata"]["annotations"]
