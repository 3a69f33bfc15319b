"""Ending an AnalysisRun: the request, what is refused, and what proves it.

Request and outcome: verified.md, row ``end analysis`` and surprise 7; terminate.go of the plugin.
"""

from __future__ import annotations

from typing import Any

import pytest
from changing import changed
from scenes import Staged, blocked, check_on_any_object, sent, verb
from stage_readers import stored

from trombone_tui.core.ports import Refused
from trombone_tui.core.verbs import Plan, Seen, Sight
from trombone_tui.pipeline.metrics import STAGE

Held = dict[str, Any]
TERMINATE = verb(STAGE, "terminate", "AnalysisRun")
RUNNING = stored("metrics/lab", "analysisrun-step-running-running")
NEW = stored("metrics/lab", "analysisrun-new", spec__terminate=None)
DONE = stored("metrics/lab", "analysisrun-step-successful-successful")
ASKED = changed(RUNNING, spec__terminate=True)


async def planned(obj: Held) -> Plan:
    return await TERMINATE.plan(Staged(STAGE, obj))


def at(obj: Held, body: str) -> str:
    meta = obj["metadata"]
    path = f"argoproj.io/v1alpha1/{meta['namespace']}/analysisruns/{meta['name']}"
    return f"PATCH {path} merge-patch+json {body}"


@pytest.mark.parametrize("obj", [RUNNING, NEW], ids=["running", "not started"])
async def test_a_run_is_ended_on_its_main_path_for_it_has_no_status_subresource(obj: Held) -> None:
    plan = await planned(obj)
    assert sent(plan) == [at(obj, '{"spec":{"terminate":true}}')]
    assert plan.warnings == (
        "What is measured so far decides, and where nothing failed it counts as passed: the update goes on. "
        "To reject the version, abort the Rollout.",
    )
    name, namespace = obj["metadata"]["name"], obj["metadata"]["namespace"]
    assert plan.command == f"kubectl argo rollouts terminate analysisrun {name} -n {namespace}"
    assert TERMINATE.noun == "analysisrun"
    assert TERMINATE.dangerous({})


async def test_a_run_that_was_asked_to_end_is_only_touched() -> None:
    plan = await planned(ASKED)
    touched = '{"metadata":{"annotations":{"trombone.dev/touched":"2026-11-23T13:20:00+00:00"}}}'
    assert sent(plan) == [at(ASKED, touched)]
    assert "nothing is asked for anew" in plan.warnings[-1]


FINAL = [
    ("step-successful-successful", "Successful"),
    ("step-failed-failed", "Failed"),
    ("step-error-error", "Error"),
    ("step-inconclusive-inconclusive", "Inconclusive"),
]


@pytest.mark.parametrize(("name", "phase"), FINAL)
async def test_what_has_ended_is_greyed_and_nothing_is_sent(name: str, phase: str) -> None:
    obj = stored("metrics/lab", f"analysisrun-{name}")
    why = f"it has ended already: {phase}"
    plan = await planned(obj)
    assert (plan.noop, plan.writes) == (why, ())
    assert blocked(STAGE, TERMINATE, obj) == why


@pytest.mark.parametrize("obj", [RUNNING, NEW, ASKED])
def test_what_runs_is_not_greyed(obj: Held) -> None:
    assert blocked(STAGE, TERMINATE, obj) == ""


async def test_the_end_is_seen_by_a_final_phase_and_not_by_our_own_field() -> None:
    plan = await planned(RUNNING)
    assert plan.proof is not None
    assert plan.proof.touch is not None
    ended = changed(ASKED, status__phase="Successful", status__message="Run Terminated")
    assert plan.proof.judge(RUNNING) == Sight(Seen.NOT_YET, "Running")
    assert plan.proof.judge(ASKED) == Sight(Seen.REQUESTED, "terminate is set, and it is still Running")
    assert plan.proof.judge(ended) == Sight(Seen.DONE, "Successful: Run Terminated")
    assert plan.proof.judge(DONE).seen is Seen.DONE
    assert plan.proof.judge(None) == Sight(Seen.FAILED, "the AnalysisRun was deleted")


async def test_a_run_that_can_not_be_read_is_refused() -> None:
    with pytest.raises(Refused, match="holds what no AnalysisRun should") as refused:
        await planned(changed(RUNNING, status="melted"))
    assert refused.value.advice


def test_any_object_gives_a_plan_or_a_refusal_and_any_other_a_sight() -> None:
    check_on_any_object(STAGE, TERMINATE)
