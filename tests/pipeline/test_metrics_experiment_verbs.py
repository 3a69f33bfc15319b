"""Ending an Experiment and running it again: the requests, what is refused, and what proves them.

Requests and outcome: verified.md, row ``end / rerun experiment``; terminate.go and retry.go of the plugin.
"""

from __future__ import annotations

from typing import Any

import pytest
from changing import changed
from experiments import ALONE, NAME, ROLLOUT, analyses, of_rollout, told
from scenes import Staged, blocked, check_on_any_object, sent, verb

from trombone_tui.core.ports import Refused
from trombone_tui.core.verbs import Plan, Seen, Sight, Verb
from trombone_tui.pipeline.metrics import STAGE

Held = dict[str, Any]
TERMINATE = verb(STAGE, "terminate", "Experiment")
RETRY = verb(STAGE, "retry", "Experiment")
NEW = changed(ALONE, status=None)
ASKED = changed(ALONE, spec__terminate=True)
PENDING = changed(ALONE, status__phase="Pending")
DONE = changed(ALONE, status__phase="Successful")
INVALID = changed(
    ALONE, status={"conditions": [{"type": "InvalidSpec", "status": "True", "message": "no selector"}]}
)
COUNTS = "What is not measured yet does not count: where nothing failed it counts as passed"
ABORT = "To reject the version, abort the Rollout."
SCRATCH = (
    "It begins from scratch: its status is cleared, its templates are scaled up again and its analyses are "
    "measured anew. AnalysisRuns from before stay."
)
ELSEWHERE = (
    "Rollout api is not at this Experiment now, and ends what is not its current one: this may end again at "
    "once. To try the version again, retry the Rollout."
)


async def planned(of: Verb, obj: Held, *others: Held) -> Plan:
    return await of.plan(Staged(STAGE, obj, *others))


def at(obj: Held, body: str) -> str:
    path = f"argoproj.io/v1alpha1/states/experiments/{obj['metadata']['name']}"
    return f"PATCH {path} merge-patch+json {body}"


def final(phase: str, **changes: Any) -> Held:
    return changed(of_rollout(), status__phase=phase, **changes)


@pytest.mark.parametrize("obj", [ALONE, NEW, PENDING], ids=["running", "not started", "pending"])
async def test_one_is_ended_on_its_main_path_for_it_has_no_status_subresource(obj: Held) -> None:
    plan = await planned(TERMINATE, obj)
    assert sent(plan) == [at(obj, '{"spec":{"terminate":true}}')]
    assert plan.warnings == (f"{COUNTS}.",)
    assert plan.command == "kubectl argo rollouts terminate experiment two-versions -n states"
    assert (TERMINATE.noun, TERMINATE.dangerous({})) == ("experiment", True)
    assert blocked(STAGE, TERMINATE, obj) == ""


async def test_ending_one_of_a_rollout_lets_the_update_go_on() -> None:
    plan = await planned(TERMINATE, of_rollout(), ROLLOUT)
    assert plan.warnings == (f"{COUNTS}, and Rollout api goes on.", ABORT)


async def test_ending_one_before_its_required_analyses_have_passed_may_not_end_it() -> None:
    asks = analyses("rates", "speed", required=True)
    one = of_rollout(spec__analyses=asks, status__analysisRuns=told(rates="Running", speed="Successful"))
    plan = await planned(TERMINATE, one, ROLLOUT)
    assert plan.warnings == (
        "rates had to pass first: it is ended too, but no result counts after that (Argo Rollouts 1.9.1), so "
        "the Experiment may stay Running.",
        ABORT,
    )
    passed = changed(one, status__analysisRuns=told(rates="Successful", speed="Successful"))
    assert (await planned(TERMINATE, passed, ROLLOUT)).warnings[0].startswith(COUNTS)


async def test_one_that_was_asked_to_end_is_only_touched() -> None:
    plan = await planned(TERMINATE, ASKED)
    touched = '{"metadata":{"annotations":{"trombone.dev/touched":"2026-11-23T13:20:00+00:00"}}}'
    assert sent(plan) == [at(ASKED, touched)]
    assert "nothing is asked for anew" in plan.warnings[-1]


@pytest.mark.parametrize("phase", ["Successful", "Failed", "Error", "Inconclusive"])
async def test_what_has_ended_can_be_run_again_and_not_ended(phase: str) -> None:
    obj = final(phase)
    why = f"it has ended already: {phase}"
    plan = await planned(TERMINATE, obj)
    assert (plan.noop, plan.writes) == (why, ())
    assert blocked(STAGE, TERMINATE, obj) == why
    assert blocked(STAGE, RETRY, obj) == ""
    again = await planned(RETRY, obj, ROLLOUT)
    assert sent(again) == [at(obj, '{"status":null}')]
    assert again.warnings == (SCRATCH,)
    assert again.after == "run again from scratch with 2 templates"
    assert again.command == f"kubectl argo rollouts retry experiment {NAME} -n states"
    assert RETRY.noun == "experiment"


@pytest.mark.parametrize(("obj", "state"), [(ALONE, "Running"), (NEW, "not started"), (PENDING, "Pending")])
async def test_what_has_not_ended_is_not_run_again(obj: Held, state: str) -> None:
    why = f"it has not ended: {state}"
    plan = await planned(RETRY, obj)
    assert (plan.noop, plan.writes, blocked(STAGE, RETRY, obj)) == (why, (), why)


@pytest.mark.parametrize(
    ("of", "why"),
    [
        (TERMINATE, "the controller refuses its spec and does nothing: no selector"),
        (RETRY, "it has not ended: not started"),
    ],
    ids=["terminate", "retry"],
)
async def test_nothing_is_sent_to_one_whose_spec_the_controller_refuses(of: Verb, why: str) -> None:
    assert ((await planned(of, INVALID)).noop, blocked(STAGE, of, INVALID)) == (why, why)
    ended = changed(INVALID, status__phase="Failed")
    assert blocked(STAGE, RETRY, ended) == "the controller refuses its spec and does nothing: no selector"


async def test_one_that_is_told_to_end_would_end_again_at_once() -> None:
    plan = await planned(RETRY, changed(DONE, spec__terminate=True))
    assert plan.warnings[-1] == (
        "It was told to end, and that stays in its spec: it ends again at once without measuring, which "
        "counts as passed. To measure again make a new one."
    )


@pytest.mark.parametrize(
    "others",
    [
        [],
        [changed(ROLLOUT, status__canary={"currentExperiment": "api-abc-2-1-1"})],
        [changed(ROLLOUT, status__abort=True)],
    ],
    ids=["not seen", "at another", "aborted"],
)
async def test_a_rollout_ends_again_what_is_not_its_current_one(others: list[Held]) -> None:
    assert (await planned(RETRY, final("Failed"), *others)).warnings == (SCRATCH, ELSEWHERE)


async def test_the_end_is_seen_by_a_final_phase_and_not_by_our_own_field() -> None:
    proof = (await planned(TERMINATE, ALONE)).proof
    assert proof is not None
    assert proof.touch is not None
    assert proof.judge(ALONE) == Sight(Seen.NOT_YET, "Running")
    assert proof.judge(ASKED) == Sight(Seen.REQUESTED, "terminate is set, and it is still Running")
    assert proof.judge(changed(ASKED, status__phase="Successful")) == Sight(Seen.DONE, "Successful")
    failed = changed(ASKED, status__phase="Failed", status__message="rates")
    assert proof.judge(failed) == Sight(Seen.DONE, "Failed: rates")
    assert proof.judge(None) == Sight(Seen.FAILED, "the Experiment was deleted")
    assert proof.judge({"status": 1}) == Sight(Seen.NOT_YET, "the Experiment can't be read")


async def test_a_retry_is_seen_by_what_runs_again_and_not_by_the_status_that_we_cleared() -> None:
    proof = (await planned(RETRY, DONE)).proof
    assert proof is not None
    cleared = Sight(Seen.REQUESTED, "its status is cleared, and it has not begun again")
    assert proof.judge(DONE) == Sight(Seen.NOT_YET, "still Successful")
    assert proof.judge(NEW) == cleared
    assert proof.judge(PENDING) == Sight(Seen.DONE, "Pending")
    assert proof.judge(ALONE) == Sight(Seen.DONE, "Running")
    missed = changed(DONE, status__availableAt="2026-11-23T13:21:00Z")
    assert proof.judge(missed) == Sight(Seen.DONE, "it ran again, and is Successful already")
    assert proof.judge(None) == Sight(Seen.FAILED, "the Experiment was deleted")
    assert proof.judge({"status": 1}) == Sight(Seen.NOT_YET, "the Experiment can't be read")


async def test_a_retry_of_one_that_is_told_to_end_is_not_proved_by_its_ending() -> None:
    before = changed(DONE, spec__terminate=True)
    proof = (await planned(RETRY, before)).proof
    assert proof is not None
    waits = changed(PENDING, spec__terminate=True)
    assert proof.judge(waits) == Sight(Seen.NOT_YET, "Pending, and told to end")
    ended = changed(before, status__availableAt=None)
    assert proof.judge(ended) == Sight(
        Seen.FAILED, "it ended again at once, for it is told to end: Successful"
    )


@pytest.mark.parametrize("of", [TERMINATE, RETRY], ids=["terminate", "retry"])
async def test_one_that_can_not_be_read_is_refused(of: Verb) -> None:
    with pytest.raises(Refused, match="holds what no Experiment should") as refused:
        await planned(of, changed(ALONE, status="melted"))
    assert refused.value.advice


def test_any_object_gives_a_plan_or_a_refusal_and_any_other_a_sight() -> None:
    check_on_any_object(STAGE, TERMINATE, RETRY)
