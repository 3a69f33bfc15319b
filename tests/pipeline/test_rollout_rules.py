"""The official tool's rules, case by case (argo-rollouts@v1.9.1: rolloututil.go, canary.go, pause.go)."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime

import pytest
from any_json import places, wild
from changing import changed
from hypothesis import given
from hypothesis import strategies as st
from recordings import documents
from stage_readers import facts, read, row

from trombone_tui.core.objects.basics import Health
from trombone_tui.core.stage import Steps
from trombone_tui.pipeline.rollout import STAGE

START = "2026-11-23T13:00:00Z"


def canary(steps=(), status=None, **changes):
    """A canary that the controller has said nothing of but what is given."""
    made = {
        "kind": "Rollout",
        "metadata": {"name": "a", "namespace": "shop", "uid": "u", "generation": 2},
        "spec": {
            "replicas": 4,
            "template": {"spec": {"containers": [{"name": "app", "image": "shop/web:2"}]}},
            "strategy": {"canary": {"steps": list(steps)}},
        },
        "status": {"observedGeneration": "2"} if status is None else status,
    }
    return changed(made, **changes)


def blue_green(status, **changes):
    made = canary(status=status, spec__strategy={"blueGreen": {"activeService": "a"}})
    return changed(made, **changes)


def replica_set(of_hash, image, available, wanted=None):
    return {
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"a-{of_hash}",
            "namespace": "shop",
            "uid": of_hash,
            "labels": {"rollouts-pod-template-hash": of_hash},
            "ownerReferences": [{"kind": "Rollout", "name": "a", "uid": "u", "controller": True}],
        },
        "spec": {
            "replicas": available if wanted is None else wanted,
            "template": {"spec": {"containers": [{"name": "app", "image": image}]}},
        },
        "status": {"availableReplicas": available},
    }


def only(*objects, **kwargs):
    return row(read(STAGE, *objects, **kwargs), "Rollout")


def stand(rollout):
    fields = only(rollout).fields
    return fields.phase, fields.message


PROGRESSING_ROWS = [
    ({"observedGeneration": "1", "phase": "Healthy"}, "waiting for rollout spec update to be observed"),
    ({"observedGeneration": 1, "phase": "Healthy"}, "waiting for rollout spec update to be observed"),
    (
        {"observedGeneration": "2", "controllerPause": True, "phase": "Paused"},
        "waiting for rollout to unpause",
    ),
    (
        {"controllerPause": True, "pauseConditions": [], "phase": "Paused", "observedGeneration": "2"},
        "waiting for rollout to unpause",
    ),
]


@pytest.mark.parametrize(("status", "message"), PROGRESSING_ROWS)
def test_what_the_controller_has_not_reacted_to_is_progressing_whatever_phase_is_written(status, message):
    item = only(canary(status=status))
    assert (item.fields.phase, item.fields.message) == ("Progressing", message)
    assert item.health is Health.PROGRESSING
    assert item.needs_human is False


@pytest.mark.parametrize("seen", ["2", "3", "abc5d", "", None, 7])
def test_a_generation_that_is_no_number_or_newer_counts_as_seen(seen):
    assert stand(canary(status={"observedGeneration": seen, "phase": "Healthy"})) == ("Healthy", "")


def referring(written, seen):
    return canary(
        status={"observedGeneration": "2", "phase": "Healthy", "workloadObservedGeneration": seen},
        spec__template=None,
        spec__workloadRef={"kind": "Deployment", "name": "web"},
        metadata__annotations={"rollout.argoproj.io/workload-generation": written},
    )


def test_a_workload_that_changed_is_waited_for():
    item = only(referring("5", "4"))
    assert item.fields.message == (
        "waiting for rollout spec update to be observed for the reference workload"
    )
    assert item.why == "Waits for the controller: it has not seen the newest template of Deployment web."
    assert item.brief == "not seen yet"


@pytest.mark.parametrize(("written", "seen"), [("5", "5"), ("5", None), ("", "4"), ("5", "x")])
def test_a_workload_whose_generation_was_seen_or_is_not_told_is_not_waited_for(written, seen):
    assert stand(referring(written, seen)) == ("Healthy", "")


def test_the_generation_of_a_workload_counts_only_for_a_rollout_that_refers_to_one():
    own = canary(
        status={"observedGeneration": "2", "phase": "Healthy", "workloadObservedGeneration": "4"},
        metadata__annotations={"rollout.argoproj.io/workload-generation": "5"},
    )
    assert stand(own) == ("Healthy", "")


FULL = {"replicas": 4, "updatedReplicas": 4, "availableReplicas": 4, "currentPodHash": "n", "stableRS": "n"}
OLD = [
    pytest.param(
        {"conditions": [{"type": "InvalidSpec", "message": "bad"}]},
        {},
        ("Degraded", "InvalidSpec: bad"),
        id="invalid spec",
    ),
    pytest.param(
        {"conditions": [{"type": "Progressing", "reason": "RolloutAborted", "message": "gone"}]},
        {},
        ("Degraded", "RolloutAborted: gone"),
        id="aborted",
    ),
    pytest.param(
        {"conditions": [{"type": "Progressing", "reason": "ProgressDeadlineExceeded", "message": "late"}]},
        {},
        ("Degraded", "ProgressDeadlineExceeded: late"),
        id="timed out",
    ),
    pytest.param({}, {"spec__paused": True}, ("Paused", "manually paused"), id="paused by hand"),
    pytest.param(
        {"controllerPause": True, "pauseConditions": [{"reason": "CanaryPauseStep", "startTime": START}]},
        {},
        ("Paused", "CanaryPauseStep"),
        id="paused",
    ),
    pytest.param({}, {"spec__restartAt": START}, ("Progressing", "rollout is restarting"), id="restarting"),
    pytest.param({"restartedAt": START}, {"spec__restartAt": START}, ("Healthy", ""), id="restarted"),
    pytest.param(
        {"updatedReplicas": 3}, {}, ("Progressing", "more replicas need to be updated"), id="updating"
    ),
    pytest.param(
        {"updatedReplicas": 1, "availableReplicas": 1, "replicas": 1},
        {"spec__replicas": None},
        ("Healthy", ""),
        id="one replica is wanted when none is written",
    ),
    pytest.param(
        {"updatedReplicas": None, "availableReplicas": None, "replicas": None},
        {"spec__replicas": 0},
        ("Healthy", ""),
        id="scaled to nothing",
    ),
    pytest.param(
        {"availableReplicas": 3},
        {},
        ("Progressing", "updated replicas are still becoming available"),
        id="becoming available",
    ),
    pytest.param(
        {"replicas": 5}, {}, ("Progressing", "old replicas are pending termination"), id="old ones left"
    ),
    pytest.param(
        {"replicas": 5},
        {"spec__strategy__canary__trafficRouting": {"nginx": {}}},
        ("Healthy", ""),
        id="old ones may stay with traffic routing",
    ),
    pytest.param(
        {"stableRS": "o"}, {}, ("Progressing", "waiting for all steps to complete"), id="steps left"
    ),
    pytest.param(
        {"stableRS": None, "currentPodHash": None},
        {},
        ("Progressing", "waiting for all steps to complete"),
        id="never promoted",
    ),
    pytest.param({}, {}, ("Healthy", ""), id="all done"),
    pytest.param({}, {"spec__strategy": {}}, (None, None), id="no known strategy is no pass"),
]


@pytest.mark.parametrize(("status", "spec", "expected"), OLD)
def test_for_controllers_that_write_no_phase_it_is_worked_out(status, spec, expected):
    told = {key: value for key, value in {**FULL, **status}.items() if value is not None}
    assert stand(canary(status=told, **spec)) == expected


BG_OLD = [
    ({"blueGreen": {}}, None, "active service cutover pending"),
    ({"blueGreen": {"activeSelector": "o"}}, None, "active service cutover pending"),
    (
        {"blueGreen": {"activeSelector": "n"}, "stableRS": "o"},
        None,
        "waiting for post-promotion verification to complete",
    ),
    ({"blueGreen": {"activeSelector": "n"}, "stableRS": "o"}, {}, "waiting for analysis to complete"),
    (
        {
            "blueGreen": {"activeSelector": "n", "postPromotionAnalysisRunStatus": {"status": "Running"}},
            "stableRS": "o",
        },
        {},
        "waiting for analysis to complete",
    ),
    (
        {
            "blueGreen": {"activeSelector": "n", "postPromotionAnalysisRunStatus": {"status": "Failed"}},
            "stableRS": "o",
        },
        {},
        "waiting for post-promotion verification to complete",
    ),
    ({"blueGreen": {"activeSelector": "n"}}, {}, ""),
]


@pytest.mark.parametrize(("status", "analysis", "message"), BG_OLD)
def test_blue_green_without_a_written_phase_is_worked_out(status, analysis, message):
    rollout = blue_green({**FULL, **status}, spec__strategy__blueGreen__postPromotionAnalysis=analysis)
    assert stand(rollout) == ("Progressing" if message else "Healthy", message)


S = [{"setWeight": 20}, {"pause": {}}, {"analysis": {}}, {"setWeight": 60}, {"pause": {"duration": "5m"}}]
UPDATE = {"observedGeneration": "2", "phase": "Progressing", "currentPodHash": "n", "stableRS": "o"}


@pytest.mark.parametrize(
    ("index", "abort", "wanted"),
    [
        (0, None, 20),
        (1, None, 20),
        (2, False, 20),
        (3, None, 60),
        (4, None, 60),
        (5, None, 100),
        (9, None, 100),
        (None, None, 20),
        (4, True, 0),
        (-1, None, None),
    ],
)
def test_the_weight_set_is_the_nearest_one_before_the_step(index, abort, wanted):
    status = {**UPDATE, "currentStepIndex": index, "abort": abort}
    assert only(canary(S, status)).fields.set_weight == wanted


@pytest.mark.parametrize(
    ("steps", "routing", "wanted", "actual"),
    [
        ([], None, 100, 100),
        ([{"pause": {}}], None, 0, 0),
        ([], {"nginx": {}, "maxTrafficWeight": 1000}, 1000, 1000),
        ([{"setWeight": "x"}], None, None, 0),
        ([{"setWeight": True}], None, None, 0),
    ],
)
def test_the_weight_set_without_a_set_weight_step(steps, routing, wanted, actual):
    fields = only(
        canary(steps, {**UPDATE, "currentStepIndex": 0}, spec__strategy__canary__trafficRouting=routing)
    ).fields
    assert (fields.set_weight, fields.actual_weight) == (wanted, actual)


@pytest.mark.parametrize(("available", "canaries", "actual"), [(4, 1, 25), (3, 1, 33), (3, 2, 66), (0, 0, 0)])
def test_without_traffic_routing_the_actual_weight_is_the_share_of_available_pods_rounded_down(
    available, canaries, actual
):
    status = {**UPDATE, "currentStepIndex": 1, "availableReplicas": available}
    fields = only(canary(S, status), replica_set("n", "shop/web:2", canaries)).fields
    assert fields.actual_weight == actual


@pytest.mark.parametrize(
    ("weights", "actual"),
    [({"canary": {"weight": 15}}, 15), (None, 20), ({"canary": {}}, 0), ({}, 0)],
)
def test_with_traffic_routing_the_actual_weight_is_what_the_router_was_told(weights, actual):
    status = {**UPDATE, "currentStepIndex": 1, "availableReplicas": 4, "canary": {"weights": weights}}
    rollout = canary(S, status, spec__strategy__canary__trafficRouting={"nginx": {}})
    assert only(rollout, hidden=["ReplicaSet"]).fields.actual_weight == actual


def test_a_weight_of_another_scale_is_not_called_per_cent():
    status = {**UPDATE, "currentStepIndex": 1, "phase": "Paused", "controllerPause": True}
    status["pauseConditions"] = [{"reason": "CanaryPauseStep", "startTime": START}]
    rollout = canary(
        [{"setWeight": 200}, {"pause": {}}],
        status,
        spec__strategy__canary__trafficRouting={"plugins": {"x": {}}, "maxTrafficWeight": 1000},
    )
    item = only(rollout)
    assert item.why.startswith("Held at 200 of 1000 after step 1 of 2: a pause without end")
    assert item.brief == "200/1000 1/2"


def paused(reason="CanaryPauseStep", index=1, steps=S, **changes):
    status = {
        **UPDATE,
        "phase": "Paused",
        "message": reason,
        "currentStepIndex": index,
        "controllerPause": True,
        "pauseConditions": [{"reason": reason, "startTime": START}],
        "readyReplicas": 4,
    }
    return canary(steps, status, **changes)


GOES_ON = "promote goes on, abort goes back."
PAUSES = [
    (
        paused(),
        None,
        True,
        f"Held at 20 % after step 1 of 5: a pause without end, since 23 Nov 13:00Z; {GOES_ON}",
    ),
    (
        paused(index=4),
        datetime(2026, 11, 23, 13, 5, tzinfo=UTC),
        False,
        "Held at 60 % after step 4 of 5: a pause of 5 min, until 23 Nov 13:05Z.",
    ),
    (
        paused(index=0, steps=[{"pause": {"duration": 90}}]),
        datetime(2026, 11, 23, 13, 1, 30, tzinfo=UTC),
        False,
        "Held at 0 % with none of 1 step done: a pause of 1 min 30 s, until 23 Nov 13:01Z.",
    ),
    (
        paused(index=0, steps=[{"pause": {"duration": "90"}}]),
        datetime(2026, 11, 23, 13, 1, 30, tzinfo=UTC),
        False,
        "Held at 0 % with none of 1 step done: a pause of 1 min 30 s, until 23 Nov 13:01Z.",
    ),
    (
        paused(index=0, steps=[{"pause": {"duration": "a while"}}]),
        None,
        False,
        "Held at 0 % with none of 1 step done: a pause of a while, which can't be read, "
        f"since 23 Nov 13:00Z; {GOES_ON}",
    ),
    (
        paused(index=2),
        None,
        True,
        f"Held at 20 % after step 2 of 5: the pause before was not released, since 23 Nov 13:00Z; {GOES_ON}",
    ),
    (
        paused(
            "InconclusiveAnalysisRun", 2, status__canary={"currentStepAnalysisRunStatus": {"name": "run"}}
        ),
        None,
        True,
        f"Held at 20 % after step 2 of 5: inconclusive analysis (run), since 23 Nov 13:00Z; {GOES_ON}",
    ),
    (
        paused("InconclusiveExperiment", 2),
        None,
        True,
        f"Held at 20 % after step 2 of 5: inconclusive experiment, since 23 Nov 13:00Z; {GOES_ON}",
    ),
    (
        paused("SomethingNew", 2),
        None,
        True,
        f"Held at 20 % after step 2 of 5: SomethingNew, since 23 Nov 13:00Z; {GOES_ON}",
    ),
    (
        changed(paused(), spec__paused=True, status__message="manually paused"),
        None,
        True,
        "Paused by hand at 20 % after step 1 of 5; resume lets it go on.",
    ),
    (
        changed(
            paused(index=5),
            spec__paused=True,
            status__conditions=[{"type": "Paused", "status": "True", "lastTransitionTime": START}],
        ),
        None,
        True,
        "Paused by hand at 100 % after all 5 steps, since 23 Nov 13:00Z; resume lets it go on.",
    ),
    (
        canary(S, {**UPDATE, "phase": "Paused", "message": "odd", "readyReplicas": 4, "currentStepIndex": 1}),
        None,
        True,
        "Paused at 20 % after step 1 of 5: odd.",
    ),
]


@pytest.mark.parametrize(("rollout", "until", "human", "why"), PAUSES)
def test_a_pause_is_said_with_its_kind_and_end_and_calls_for_somebody_only_without_one(
    rollout, until, human, why
):
    item = only(rollout)
    assert item.health is Health.SUSPENDED
    assert (item.fields.paused_until, item.needs_human, item.why) == (until, human, why)


@pytest.mark.parametrize(
    ("strategy", "until", "text"),
    [
        ({"autoPromotionSeconds": 300}, "13:05", "a pause of 5 min, until 23 Nov 13:05Z"),
        (
            {"autoPromotionSeconds": 300, "autoPromotionEnabled": False},
            None,
            "a pause without end, since 23 Nov 13:00Z",
        ),
        ({}, None, "a pause without end, since 23 Nov 13:00Z"),
    ],
)
def test_a_blue_green_pause_ends_by_itself_only_with_auto_promotion(strategy, until, text):
    status = {
        **UPDATE,
        "phase": "Paused",
        "pauseConditions": [{"reason": "BlueGreenPause", "startTime": START}],
        "controllerPause": True,
        "readyReplicas": 4,
    }
    item = only(blue_green(status, spec__strategy__blueGreen=strategy))
    helps = "" if until else "; promote switches, abort gives it up"
    assert item.why == f"Held before the switch from the active version to web:2: {text}{helps}."
    assert item.needs_human is (until is None)
    assert (f"{item.fields.paused_until:%H:%M}" if until else item.fields.paused_until) == until


STEP_WORDS = [
    ({"setWeight": 20}, "set weight 20 %"),
    ({"setWeight": None, "pause": {"duration": "1m"}}, "pause 1 min"),
    ({"setWeight": "x"}, "set weight ?"),
    ({"pause": {}}, "pause until promoted"),
    ({"pause": {"duration": "soon"}}, "pause soon"),
    ({"analysis": {"templates": [{"templateName": "a"}, {"templateName": "b"}]}}, "analysis a, b"),
    ({"analysis": {}}, "analysis"),
    ({"analysis": {"templates": "odd"}}, "analysis"),
    ({"experiment": {"templates": [{"name": "base"}, None, {}]}}, "experiment base"),
    ({"setCanaryScale": {"weight": 25}}, "set canary scale to 25 %"),
    ({"setCanaryScale": {"replicas": 1}}, "set canary scale to 1 pod"),
    ({"setCanaryScale": {"matchTrafficWeight": True}}, "set canary scale to match the weight"),
    ({"setCanaryScale": {}}, "set canary scale"),
    ({"setHeaderRoute": {"name": "h", "match": [{}]}}, "set header route h"),
    ({"setHeaderRoute": {"name": "h"}}, "remove header route h"),
    ({"setMirrorRoute": {"name": "m", "match": [{}], "percentage": 30}}, "set mirror route m 30 %"),
    ({"setMirrorRoute": {"name": "m"}}, "remove mirror route m"),
    ({"plugin": {"name": "org/wait"}}, "plugin org/wait"),
    ({"plugin": "odd"}, "plugin"),
    ({"replicaProgress": {}}, "unknown step replicaProgress"),
    ({}, "empty step"),
]


def test_every_step_is_said_in_words_and_an_unknown_one_by_its_name():
    reader = read(STAGE, canary([step for step, _ in STEP_WORDS], {**UPDATE, "currentStepIndex": 0}))
    (steps,) = [d for d in reader.details(row(reader, "Rollout").ref) if isinstance(d, Steps)]
    assert [step.text for step in steps.steps] == [words for _, words in STEP_WORDS]


MOVING = [
    ({"setWeight": 40}, {}, "Going to 40 % with none of 1 step done: 1 of 2 canary pods available."),
    ({"pause": {}}, {}, "About to pause until promoted, at 0 % with none of 1 step done."),
    (
        {"experiment": {"templates": [{"name": "base"}]}},
        {"canary": {"currentExperiment": "a-n-2-0"}},
        "Held at 0 % with none of 1 step done by experiment base: a-n-2-0.",
    ),
    ({"experiment": {}}, {}, "Held at 0 % with none of 1 step done by experiment: not started."),
    (
        {"plugin": {"name": "org/wait"}},
        {"canary": {"stepPluginStatuses": [{"index": 0, "phase": "Running", "message": "1 of 2"}]}},
        "Held at 0 % with none of 1 step done by plugin org/wait: Running: 1 of 2.",
    ),
    (
        {"plugin": {"name": "org/wait"}},
        {},
        "Held at 0 % with none of 1 step done by plugin org/wait: not started.",
    ),
    (
        {"setCanaryScale": {"replicas": 2}},
        {},
        "At 0 % with none of 1 step done: set canary scale to 2 pods, 1 of 2 canary pods available.",
    ),
]


@pytest.mark.parametrize(("step", "status", "why"), MOVING)
def test_an_update_on_its_way_is_said_by_what_its_step_waits_for(step, status, why):
    rollout = canary([step], {**UPDATE, "currentStepIndex": 0, **status})
    assert only(rollout, replica_set("n", "shop/web:2", 1, 2)).why == why


def test_an_update_whose_pods_are_hidden_counts_what_the_rollout_tells():
    rollout = canary([{"setWeight": 50}], {**UPDATE, "currentStepIndex": 0, "updatedReplicas": 1})
    assert only(rollout, hidden=["ReplicaSet"]).why == (
        "Going to 50 % with none of 1 step done: 1 of 4 pods updated."
    )


BLOCKED = [
    (
        {"type": "ReplicaFailure", "status": "True", "message": "exceeded quota"},
        "Pods can't be created: exceeded quota",
    ),
    (
        {"type": "Progressing", "status": "False", "reason": "ReplicaSetCreateError", "message": "no"},
        "The controller can't go on: no",
    ),
    (
        {"type": "Progressing", "status": "False", "reason": "ServiceReferenceError"},
        "The controller can't go on: ServiceReferenceError",
    ),
]


@pytest.mark.parametrize(("condition", "why"), BLOCKED)
def test_a_rollout_that_cannot_go_on_needs_somebody_although_it_is_progressing(condition, why):
    reader = read(STAGE, canary(S, {**UPDATE, "currentStepIndex": 0, "conditions": [condition]}))
    item = row(reader, "Rollout")
    assert (item.health, item.needs_human) == (Health.PROGRESSING, True)
    assert item.why == f"{why}; abort goes back to the stable version."
    assert facts(reader, item, "Rollout")["Blocked"] == why


DEGRADED = [
    (
        'ProgressDeadlineExceeded: ReplicaSet "a-n" has timed out progressing.',
        'No progress for 600 s: ReplicaSet "a-n" has timed out progressing; 0 of 4 pods available; '
        "abort goes back to the stable version.",
        "no progress",
    ),
    ("InvalidSpec: no selector", "The spec is refused: no selector.", "invalid spec"),
    (
        "RolloutAborted: Rollout aborted update to revision 3",
        "Aborted the update to revision 3, by hand it seems: no reason is given; "
        "retry starts it again, undo takes the change back.",
        "aborted",
    ),
    ("something else", "Something else; abort goes back to the stable version.", "degraded"),
    (
        "",
        "Degraded; the controller gives no reason; abort goes back to the stable version.",
        "degraded",
    ),
]


@pytest.mark.parametrize(("message", "why", "brief"), DEGRADED)
def test_degraded_says_what_the_controller_says(message, why, brief):
    aborted = message.startswith("RolloutAborted")
    item = only(canary(S, {**UPDATE, "phase": "Degraded", "message": message, "abort": aborted}))
    assert (item.health, item.why, item.brief) == (Health.DEGRADED, why, brief)


def test_a_preview_that_makes_no_progress_counts_the_pods_that_it_wants():
    message = 'ProgressDeadlineExceeded: ReplicaSet "a-n" has timed out progressing.'
    status = {"activeSelector": "o", "previewSelector": "n"}
    rollout = blue_green({**UPDATE, "phase": "Degraded", "message": message, "blueGreen": status})
    sets = replica_set("o", "web:1", 4), replica_set("n", "web:2", 0, wanted=2)
    assert only(rollout, *sets).why.endswith("; 0 of 2 preview pods available; abort goes back to web:1.")


def test_an_aborted_canary_that_still_has_traffic_is_said_so():
    rollout = canary(
        S,
        {
            **UPDATE,
            "phase": "Degraded",
            "message": "RolloutAborted: Rollout aborted update to revision 3",
            "abort": True,
            "canary": {"weights": {"canary": {"weight": 20}}},
        },
        spec__strategy__canary__trafficRouting={"nginx": {}},
    )
    assert only(rollout).why.startswith("Aborted the update to revision 3, by hand it seems: no reason")
    assert "; the canary still gets 20 %; " in only(rollout).why


def test_a_rollout_no_controller_has_taken_up_is_said_so_and_nothing_is_made_up():
    rollout = canary(S)
    del rollout["status"]
    item = only(rollout)
    assert (item.health, item.why) == (
        Health.PROGRESSING,
        "It has no status: no controller has taken it up yet.",
    )
    fields = item.fields
    assert (fields.phase, fields.message) == ("Progressing", "more replicas need to be updated")
    assert (fields.set_weight, fields.actual_weight, fields.ready, fields.aborted) == (None,) * 4


def test_a_phase_nobody_knows_is_unknown():
    item = only(canary(S, {**UPDATE, "phase": "Dreaming", "message": "of electric sheep"}))
    assert (item.health, item.fields.phase) == (Health.UNKNOWN, "Dreaming")
    assert item.why == "The controller calls it Dreaming: of electric sheep."
    nothing = only(canary(status=FULL, spec__strategy={}))
    assert (nothing.health, nothing.fields.phase) == (Health.UNKNOWN, None)
    assert nothing.why == "Neither canary nor blue-green is set, and the controller has written no phase."


def test_a_referenced_template_has_an_image_only_where_its_replica_set_is_seen():
    rollout = referring("5", "5")
    rollout["status"] |= {"currentPodHash": "n", "stableRS": "o"}
    assert only(rollout).fields.canary_image is None
    seen = only(rollout, replica_set("n", "shop/web:2", 1)).fields
    assert (seen.canary_image, seen.stable_image) == ("shop/web:2", None)


def test_a_template_that_was_not_seen_yet_is_not_taken_for_the_running_one():
    behind = canary(S, {**UPDATE, "observedGeneration": "1"})
    assert only(behind, hidden=["ReplicaSet"]).fields.canary_image is None


def test_of_several_containers_the_one_that_changes_names_the_versions():
    rollout = canary(S, {**UPDATE, "currentStepIndex": 0})
    containers = [{"image": "mesh/proxy:1"}, {"image": "shop/web:2"}]
    rollout["spec"]["template"]["spec"]["containers"] = containers
    old = replica_set("o", "mesh/proxy:1", 3)
    old["spec"]["template"]["spec"]["containers"].append({"name": "b", "image": "shop/web:1"})
    fields = only(rollout, old).fields
    assert fields.versions == "1 → 2"
    assert fields.stable_image == "mesh/proxy:1, shop/web:1"


def test_two_clusters_and_namespaces_with_one_name_are_two_rows():
    one, other = canary(S, UPDATE), canary(S, UPDATE, metadata__namespace="web")
    assert {ref.namespace for ref in read(STAGE, one, other).items} == {"shop", "web"}


def test_details_tell_what_else_the_object_holds():
    status = {
        **UPDATE,
        "currentStepIndex": 2,
        "promoteFull": True,
        "canary": {
            "currentExperiment": "a-n-2-2",
            "currentStepAnalysisRunStatus": {"name": "a-n-2-2", "status": "Running"},
            "weights": {"canary": {"weight": 20}, "verified": False},
        },
    }
    rollout = canary(
        S,
        status,
        spec__strategy__canary__trafficRouting={"istio": {}, "managedRoutes": [], "maxTrafficWeight": 100},
        spec__strategy__canary__canaryService="a-canary",
        spec__workloadRef={"kind": "Deployment", "name": "web"},
    )
    reader = read(STAGE, rollout, replica_set("n", "shop/web:2", 1, 2))
    item = row(reader, "Rollout")
    told = facts(reader, item, "Rollout")
    assert told["Experiment"] == "a-n-2-2"
    assert told["Analysis"] == "a-n-2-2: Running"
    assert told["Full promotion"] == "skips all steps and analyses"
    assert facts(reader, item, "Versions")["Template from"] == "Deployment web"
    assert facts(reader, item, "Versions")["Canary pods"] == "1 of 2 available"
    assert facts(reader, item, "Versions")["Stable image"] == "no ReplicaSet tells"
    traffic = facts(reader, item, "Traffic")
    assert (traffic["Router"], traffic["Weight verified"], traffic["Canary service"]) == (
        "istio",
        False,
        "a-canary",
    )
    (steps,) = [d for d in reader.details(item.ref) if isinstance(d, Steps)]
    assert [step.note for step in steps.steps] == ["", "", "a-n-2-2: Running", "", ""]


def test_blue_green_on_its_way_counts_the_preview():
    status = {
        **UPDATE,
        "message": "active service cutover pending",
        "blueGreen": {"activeSelector": "o", "previewSelector": "n"},
    }
    item = only(blue_green(status), replica_set("n", "shop/web:2", 1, 4))
    assert (item.why, item.brief) == (
        "Active service cutover pending: 1 of 4 preview pods available.",
        "1/4 preview",
    )


def test_control_characters_of_the_cluster_stay_text():
    item = only(canary(S, {**UPDATE, "phase": "Degraded", "message": "\x1b[31mred\n\n[bold]x"}))
    assert item.fields.message == "\x1b[31mred\n\n[bold]x"
    assert "\n" not in item.why


VALID = documents("rollout", "timed")
PLACES = sorted((p for p in places(VALID[0]) if p and p[0] in ("spec", "status")), key=str)


@given(place=st.sampled_from(PLACES), value=wild)
def test_any_value_anywhere_makes_a_row_and_details_and_never_an_error(place, value):
    rollout = copy.deepcopy(VALID[0])
    where = rollout
    for step in place[:-1]:
        where = where[step]
    where[place[-1]] = json.loads(json.dumps(value))
    reader = read(STAGE, rollout, *VALID[1:])
    item = row(reader, "Rollout")
    assert item.why
    reader.details(item.ref)
