"""What counts as a verb's effect on a Rollout, judged on what real controllers wrote one after another.

The sequences are the lab's recorded journeys; where a state was not recorded it is a recorded one with the
fields changed that verified.md names.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from changing import changed
from lab_objects import BY_HAND, MEASURING, UNDECIDED, lab_rollout
from recordings import documents
from scenes import planned as planned_on

from trombone_tui.core.verbs import Plan, Seen, Sight
from trombone_tui.pipeline.rollout import STAGE

Held = dict[str, Any]
planned = partial(planned_on, STAGE)


def rollouts(name: str) -> list[Held]:
    found = [event["object"] for event in documents("rollout", name)]
    return [one for one in found if one["kind"] == "Rollout"]


def look(plan: Plan, obj: Held | None) -> Sight:
    assert plan.proof is not None
    return plan.proof.judge(obj)


def words(plan: Plan, *states: Held | None) -> list[str]:
    """What is seen in each state, each word once in a row."""
    seen = [look(plan, state).seen.value for state in states]
    return [word for at, word in enumerate(seen) if at == 0 or seen[at - 1] != word]


GOOD, BAD = rollouts("journey-good"), rollouts("journey-bad")
HELD = next(
    one for one in GOOD if one["status"].get("currentStepIndex") == 4 and one["status"]["phase"] == "Paused"
)
TIMED = next(one for one in BAD if one["status"]["phase"] == "Paused")


async def test_a_promotion_at_a_pause_is_seen_when_the_step_has_moved() -> None:
    plan = await planned("promote", HELD)
    assert plan.proof is not None
    assert plan.proof.waits_for == "after all of its 5 steps"
    at = GOOD.index(HELD)
    assert words(plan, *GOOD[at:]) == ["not yet", "requested", "done"]
    assert look(plan, GOOD[-1]).text == "fully promoted"


async def test_a_promotion_that_was_swallowed_stays_requested() -> None:
    plan = await planned("promote", HELD)
    swallowed = changed(HELD, status__pauseConditions=None)
    assert look(plan, swallowed) == Sight(Seen.REQUESTED, "the pause is cleared, and the step has not moved")


async def test_a_promotion_that_was_overtaken_or_aborted_has_failed() -> None:
    plan = await planned("promote", TIMED)
    assert look(plan, BAD[-1]).seen is Seen.FAILED
    assert look(plan, BAD[-1]).text.startswith("the update was aborted: RolloutAborted: Rollout aborted")
    other = changed(TIMED, status__currentPodHash="abc")
    assert look(plan, other) == Sight(Seen.FAILED, "another version is wanted by now: app:1.0.5")


async def test_an_index_that_we_wrote_proves_nothing_until_something_else_has_moved() -> None:
    plan = await planned("promote", MEASURING)
    ours = changed(MEASURING, status__currentStepIndex=2)
    pods = changed(ours, status__availableReplicas=2, status__conditions=[])
    assert look(plan, MEASURING).seen is Seen.NOT_YET
    assert look(plan, ours) == Sight(Seen.REQUESTED, "the step is written, and nothing else has moved")
    assert look(plan, pods).seen is Seen.REQUESTED
    ended = changed(
        ours,
        status__canary__currentStepAnalysisRunStatus={
            "name": "undecided-867949995c-2-1",
            "message": "Run Terminated",
        },
    )
    assert look(plan, ended).seen is Seen.DONE


async def test_an_undecided_step_is_left_when_the_controller_has_gone_on() -> None:
    plan = await planned("promote", UNDECIDED)
    ours = changed(
        UNDECIDED, status__pauseConditions=None, status__controllerPause=False, status__currentStepIndex=2
    )
    assert words(plan, UNDECIDED, ours, changed(ours, status__phase="Progressing")) == [
        "not yet",
        "requested",
        "done",
    ]


async def test_measuring_again_is_seen_by_the_name_of_a_new_run() -> None:
    plan = await planned("remeasure", UNDECIDED)
    cleared = changed(UNDECIDED, status__pauseConditions=None)
    run = {"name": "undecided-867949995c-2-1.1", "status": "Running"}
    again = changed(cleared, status__canary__currentStepAnalysisRunStatus=run)
    assert words(plan, UNDECIDED, cleared, again) == ["not yet", "requested", "done"]
    assert look(plan, changed(cleared, status__currentStepIndex=2)).seen is Seen.FAILED
    assert look(plan, changed(cleared, status__abort=True)).seen is Seen.FAILED


async def test_a_pause_that_no_step_stands_for_is_seen_to_end() -> None:
    stale = changed(
        UNDECIDED, status__currentStepIndex=2, spec__strategy__canary__steps=[{}, {}, {"setWeight": 5}]
    )
    plan = await planned("promote", stale)
    cleared = changed(stale, status__pauseConditions=None)
    on = changed(cleared, status__controllerPause=None, status__phase="Progressing")
    assert words(plan, stale, cleared, on) == ["not yet", "requested", "done"]
    assert look(plan, changed(on, status__currentStepIndex=3)).seen is Seen.DONE
    assert look(plan, changed(on, status__currentPodHash="abc")).seen is Seen.FAILED


async def test_promoting_what_is_paused_by_hand_is_seen_when_the_step_has_moved() -> None:
    plan = await planned("promote", BY_HAND)
    again = changed(BY_HAND, spec__paused=False, status__message="CanaryPauseStep")
    moved = changed(
        again, status__pauseConditions=None, status__controllerPause=None, status__currentStepIndex=2
    )
    assert words(plan, BY_HAND, again, changed(again, status__pauseConditions=None), moved) == [
        "not yet",
        "requested",
        "done",
    ]


async def test_a_full_promotion_is_seen_when_it_is_healthy_whatever_the_weights_still_say() -> None:
    plan = await planned("promote", HELD, full=True)
    asked = changed(HELD, status__promoteFull=True)
    going = changed(asked, status__phase="Progressing", status__pauseConditions=None)
    going = changed(going, status__controllerPause=None)
    healthy = next(one for one in GOOD[::-1] if one["status"]["phase"] == "Healthy")
    assert healthy["status"]["canary"]["weights"]["canary"]["weight"] == 0
    early = next(one for one in GOOD if one["status"]["phase"] == "Healthy")
    assert early["status"]["canary"]["weights"]["canary"]["weight"] == 100
    assert words(plan, asked, going, early) == ["requested", "not yet", "done"]
    assert look(plan, changed(early, status__promoteFull=True)).seen is Seen.NOT_YET
    degraded = changed(going, status__phase="Degraded", status__message="ProgressDeadlineExceeded: no")
    assert look(plan, degraded) == Sight(Seen.FAILED, "ProgressDeadlineExceeded: no")
    assert plan.proof is not None
    assert plan.proof.within == 600
    assert look(plan, changed(going, status__currentPodHash="abc")).seen is Seen.FAILED


async def test_an_abort_is_seen_when_the_router_is_back_on_the_stable_version() -> None:
    plan = await planned("abort", TIMED)
    asked = changed(TIMED, status__abort=True)
    assert words(plan, TIMED, asked, *BAD[-3:]) == ["not yet", "requested", "not yet", "done"]
    assert look(plan, BAD[-3]).text == "aborted; the router still has 20 for the canary"


async def test_an_abort_of_what_is_promoted_by_then_has_failed() -> None:
    plan = await planned("abort", HELD)
    assert look(plan, GOOD[-1]) == Sight(Seen.FAILED, "it was fully promoted before the abort took hold")


async def test_a_blue_green_abort_needs_the_active_service_on_the_stable_version() -> None:
    blue = lab_rollout("blue-green-paused-bluegreenpause")
    plan = await planned("abort", blue)
    done = changed(
        blue,
        status__abort=True,
        status__abortedAt="2026-11-26T02:40:00Z",
        status__phase="Degraded",
        status__message="RolloutAborted: Rollout aborted update to revision 2",
        status__pauseConditions=None,
        status__controllerPause=None,
    )
    there = changed(done, status__blueGreen__activeSelector=blue["status"]["currentPodHash"])
    assert words(plan, there, done) == ["not yet", "done"]


async def test_a_blue_green_promotion_is_seen_when_the_active_service_has_switched() -> None:
    blue = lab_rollout("blue-green-paused-bluegreenpause")
    plan = await planned("promote", blue)
    cleared = changed(blue, status__pauseConditions=None)
    going = changed(cleared, status__controllerPause=None, status__phase="Progressing")
    switched = changed(going, status__blueGreen__activeSelector=blue["status"]["currentPodHash"])
    assert words(plan, blue, cleared, going, switched) == ["not yet", "requested", "not yet", "done"]


async def test_a_retry_is_seen_when_it_is_no_longer_degraded() -> None:
    aborted = GOOD[0]
    plan = await planned("retry", aborted)
    asked = changed(aborted, status__abort=False)
    on = changed(asked, status__phase="Progressing", status__message="more replicas need to be updated")
    assert words(plan, aborted, asked, on) == ["not yet", "requested", "done"]
    again = changed(aborted, status__abortedAt="2026-11-23T14:00:00Z")
    assert look(plan, again).seen is Seen.FAILED
    assert look(plan, GOOD[-1]).seen is Seen.DONE


async def test_a_pause_by_hand_is_seen_in_the_controllers_own_words() -> None:
    before = changed(BY_HAND, spec__paused=None, status__message="CanaryPauseStep", metadata__generation=3)
    plan = await planned("pause", before)
    asked = changed(before, spec__paused=True, metadata__generation=5)
    assert words(plan, before, asked, BY_HAND) == ["not yet", "requested", "done"]
    broken = changed(BY_HAND, status__phase="Degraded", status__message="InvalidSpec: no")
    assert look(plan, broken).text == "paused by hand; it stays Degraded: InvalidSpec: no"


async def test_a_resume_is_seen_when_the_controller_says_something_else() -> None:
    plan = await planned("resume", BY_HAND)
    asked = changed(BY_HAND, spec__paused=False)
    done = changed(asked, status__message="CanaryPauseStep")
    assert words(plan, BY_HAND, asked, done) == ["not yet", "requested", "done"]
    assert look(plan, changed(done, metadata__generation=99)).seen is Seen.REQUESTED


async def test_a_restart_is_seen_when_its_own_moment_is_done() -> None:
    healthy = lab_rollout("canary-healthy")
    plan = await planned("restart", healthy)
    asked = changed(healthy, spec__restartAt="2026-11-23T13:20:00Z", metadata__generation=99)
    seen = changed(asked, status__observedGeneration="99", status__message="rollout is restarting")
    seen = changed(seen, status__phase="Progressing")
    early = changed(seen, status__restartedAt="2026-11-23T13:20:00Z")
    done = changed(early, status__phase="Healthy", status__message=None)
    assert words(plan, healthy, asked, seen, early, done) == ["not yet", "requested", "not yet", "done"]
    older = changed(done, spec__restartAt="2026-11-22T00:00:00Z", status__restartedAt="2026-11-22T00:00:00Z")
    assert look(plan, older).seen is Seen.NOT_YET


async def test_another_image_is_seen_as_a_new_revision_and_its_return_is_not() -> None:
    before = BAD[0]
    plan = await planned("set", before, image=("app=127.0.0.1:5000/demo/app:1.0.5",))
    assert words(plan, *BAD) == ["not yet", "requested", "done"]
    healed = changed(
        BAD[-1],
        spec__template=before["spec"]["template"],
        metadata__annotations={"rollout.argoproj.io/revision": "7"},
    )
    assert look(plan, healed) == Sight(Seen.OVERWRITTEN, "the template is as before: app:1.0.4")
    newer = changed(BAD[-1])
    newer["spec"]["template"]["spec"]["containers"][0]["image"] = "127.0.0.1:5000/demo/app:1.0.6"
    late = changed(BAD[-1], metadata__annotations={"rollout.argoproj.io/revision": "5"})
    assert look(plan, late) == Sight(Seen.REQUESTED, "still revision 5")
    assert look(plan, newer) == Sight(Seen.OVERWRITTEN, "the template is another by now: app:1.0.6")


async def test_a_template_that_was_never_seen_written_is_not_said_to_be_overwritten() -> None:
    """So is a request to which there was no answer: it may have had no effect at all."""
    asked = {"image": ("app=127.0.0.1:5000/demo/app:1.0.5",)}
    plan = await planned("set", BAD[0], **asked)
    assert look(plan, BAD[0]) == Sight(Seen.NOT_YET, "the template is as before: app:1.0.4")
    newer = changed(BAD[-1])
    newer["spec"]["template"]["spec"]["containers"][0]["image"] = "127.0.0.1:5000/demo/app:1.0.6"
    assert look(plan, newer) == Sight(Seen.FAILED, "the template is another by now: app:1.0.6")


@pytest.mark.parametrize("name", ["promote", "abort", "pause", "restart"])
async def test_what_is_gone_has_failed_and_what_can_not_be_read_proves_nothing(name: str) -> None:
    plan = await planned(name, HELD)
    assert look(plan, None) == Sight(Seen.FAILED, "the Rollout was deleted")
    assert look(plan, changed(HELD, status="melted")).seen is Seen.NOT_YET
    assert look(plan, {}).seen is Seen.NOT_YET
