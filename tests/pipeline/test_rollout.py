"""Rollouts that real controllers wrote: both whole journeys, many states, and what the plugin printed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from recordings import documents, play
from stage_readers import facts, read, row

from trombone_tui.core.objects.basics import Health
from trombone_tui.core.stage import Steps
from trombone_tui.pipeline.rollout import STAGE

UNOBSERVED = "waiting for rollout spec update to be observed"
UNPAUSING = "waiting for rollout to unpause"
MORE = "more replicas need to be updated"
STEPS_LEFT = "waiting for all steps to complete"
PAUSE = "CanaryPauseStep"
FAILED = (
    "Rollout aborted update to revision {}: Step-based analysis phase error/failed: "
    'Metric "success-rate" assessed Failed due to failed (1) > failureLimit (0)'
)

RETRY = "retry starts it again, undo takes the change back."

# Each row: how many events in a row, then phase, message, step, weight set and weight actual, worked out
# by hand from the recorded status with the rules of kubectl-argo-rollouts.
GOOD = [
    (1, "Degraded", "RolloutAborted: " + FAILED.format(4), 0, 0, 0),
    (3, "Progressing", UNOBSERVED, 0, 0, 0),
    (3, "Progressing", MORE, 0, 20, 0),
    (1, "Progressing", MORE, 1, 20, 20),
    (2, "Paused", PAUSE, 1, 20, 20),
    (4, "Progressing", MORE, 2, 20, 20),
    (3, "Progressing", MORE, 3, 60, 20),
    (1, "Progressing", MORE, 4, 60, 60),
    (2, "Paused", PAUSE, 4, 60, 60),
    (2, "Progressing", UNPAUSING, 4, 60, 60),
    (2, "Progressing", MORE, 5, 100, 100),
    (2, "Progressing", STEPS_LEFT, 5, 100, 100),
    (2, "Healthy", "", 5, 100, 100),
]
BAD = [
    (2, "Healthy", "", 5, 100, 100),
    (3, "Progressing", UNOBSERVED, 5, 100, 100),
    (3, "Progressing", MORE, 0, 20, 0),
    (1, "Progressing", MORE, 1, 20, 20),
    (2, "Paused", PAUSE, 1, 20, 20),
    (3, "Progressing", MORE, 2, 20, 20),
    (1, "Degraded", "RolloutAborted: " + FAILED.format(6), 0, 0, 20),
    (2, "Degraded", "RolloutAborted: " + FAILED.format(6), 0, 0, 0),
]


@pytest.mark.parametrize(("name", "expected"), [("journey-good", GOOD), ("journey-bad", BAD)])
def test_a_whole_journey_has_the_official_phase_step_and_weights_at_every_event(name, expected):
    seen = []
    for event, reader in play(STAGE, name):
        if event["object"]["kind"] == "Rollout":
            fields = row(reader, "Rollout").fields
            assert fields.steps == 5
            seen.append((fields.phase, fields.message, fields.step, fields.set_weight, fields.actual_weight))
    assert seen == [tuple(rest) for count, *rest in expected for _ in range(count)]


def test_a_journey_is_told_in_sentences():
    said = []
    for _, reader in play(STAGE, "journey-good"):
        item = row(reader, "Rollout")
        if not said or said[-1] != item.why:
            said.append(item.why)
    assert said[1:] == [
        f"Aborted the update to revision 4: {FAILED.partition(': ')[2]}; app:1.0.2 has all traffic; {RETRY}",
        "Waits for the controller: it has seen generation 8 of the spec, which is at 9.",
        "Waits for the controller: it has seen generation 8 of the spec, which is at 10.",
        "Going to 20 % with none of 5 steps done: 0 of 0 canary pods available.",
        "Going to 20 % with none of 5 steps done: 0 of 1 canary pod available.",
        "Going to 20 % with none of 5 steps done: 1 of 1 canary pod available.",
        "About to pause 5 s, at 20 % after step 1 of 5.",
        "Held at 20 % after step 1 of 5: a pause of 5 s, until 23 Nov 13:07Z.",
        "Held at 20 % after step 2 of 5 by analysis success-rate: not started.",
        "Held at 20 % after step 2 of 5 by analysis success-rate: demo-5957f674b8-5-2 is not started.",
        "Held at 20 % after step 2 of 5 by analysis success-rate: demo-5957f674b8-5-2 is Running.",
        "Going to 60 % after step 3 of 5: 1 of 1 canary pod available.",
        "Going to 60 % after step 3 of 5: 1 of 3 canary pods available.",
        "Going to 60 % after step 3 of 5: 2 of 3 canary pods available.",
        "Going to 60 % after step 3 of 5: 3 of 3 canary pods available.",
        "About to pause until promoted, at 60 % after step 4 of 5.",
        "Held at 60 % after step 4 of 5: a pause without end, since 23 Nov 13:07Z; "
        "promote goes on, abort goes back.",
        "Released from its pause; the controller has not reacted yet.",
        "More replicas need to be updated: 3 of 5 pods updated.",
        "Waiting for all steps to complete: 8 pods available, 5 wanted.",
        "Waiting for all steps to complete: 9 pods available, 5 wanted.",
        "app:1.0.4 is fully promoted as revision 5; 10 pods ready, 5 wanted.",
    ]


SHOWN = documents("rollout", "as-shown")


@pytest.mark.parametrize("case", SHOWN, ids=[f"{c['shown']['phase']}-{n}" for n, c in enumerate(SHOWN)])
def test_every_figure_is_what_the_official_plugin_printed_of_the_same_objects(case):
    shown, fields = case["shown"], row(read(STAGE, *case["objects"]), "Rollout").fields
    assert {
        "phase": fields.phase,
        "message": fields.message,
        "step": None if fields.step is None else f"{fields.step}/{fields.steps}",
        "set": _text(fields.set_weight),
        "actual": _text(fields.actual_weight),
        "desired": str(fields.desired),
        "updated": str(fields.updated),
        "ready": str(fields.ready),
        "available": str(fields.available),
    } == {key: value for key, value in shown.items() if key != "images"}
    ours = {
        "stable": fields.stable_image,
        "canary": fields.canary_image,
        "active": fields.active_image,
        "preview": fields.preview_image,
    }
    for image, tags in shown["images"].items():
        for tag in tags.split(", ") if tags else ():
            assert ours[tag] == image


def _text(number):
    return None if number is None else str(number)


STATES = [
    pytest.param(
        "timed",
        Health.SUSPENDED,
        False,
        "20% 1/4",
        "Held at 20 % after step 1 of 4: a pause of 1 h, until 23 Nov 14:09Z.",
        {
            "phase": "Paused",
            "message": PAUSE,
            "step": 1,
            "steps": 4,
            "set_weight": 20,
            "actual_weight": 20,
            "stable_image": "shop/web:1",
            "canary_image": "shop/web:2",
            "versions": "1 → 2",
            "pause": "step",
            "paused_since": datetime(2026, 11, 23, 13, 9, 57, tzinfo=UTC),
            "paused_until": datetime(2026, 11, 23, 14, 9, 57, tzinfo=UTC),
            "aborted": False,
            "revision": 2,
            "ready": 10,
            "desired": 10,
        },
        id="a pause that ends by itself needs nobody",
    ),
    pytest.param(
        "background",
        Health.SUSPENDED,
        True,
        "25% 1/2",
        "Held at 25 % after step 1 of 2: a pause without end, since 23 Nov 13:09Z; "
        "promote goes on, abort goes back.",
        {
            "step": 1,
            "actual_weight": 25,
            "paused_until": None,
            "analysis": "background-c695f5888-2",
            "analysis_phase": "Running",
        },
        id="a pause without end needs somebody",
    ),
    pytest.param(
        "crashing",
        Health.SUSPENDED,
        True,
        "34% 1/2",
        "Held at 34 % after step 1 of 2: a pause without end, since 23 Nov 13:09Z; only 1 of 3 pods ready; "
        "promote goes on, abort goes back.",
        {"actual_weight": 100, "ready": 1, "desired": 3},
        id="pods that crash are counted while it is paused",
    ),
    pytest.param(
        "crashing-update",
        Health.DEGRADED,
        True,
        "no progress",
        'No progress for 3 s: ReplicaSet "crash-8567577c46" has timed out progressing; '
        "0 of 1 canary pod available; abort goes back to web:1.",
        {"set_weight": 50, "actual_weight": 0, "available": 2, "desired": 2},
        id="an update that does not come up counts its own pods, not the old ones",
    ),
    pytest.param(
        "bluegreen",
        Health.SUSPENDED,
        True,
        "2 waits",
        "Held before the switch from web:1 to web:2: a pause without end, since 23 Nov 13:09Z; "
        "promote switches, abort gives it up.",
        {
            "phase": "Paused",
            "message": "BlueGreenPause",
            "step": None,
            "set_weight": None,
            "active_image": "shop/web:1",
            "preview_image": "shop/web:2",
            "strategy": "blue-green",
        },
        id="blue-green waits before the switch",
    ),
    pytest.param(
        "aborted",
        Health.DEGRADED,
        True,
        "aborted",
        f"Aborted the update to revision 6: {FAILED.partition(': ')[2]}; app:1.0.4 has all traffic; {RETRY}",
        {
            "set_weight": 0,
            "actual_weight": 0,
            "aborted": True,
            "abort_reason": FAILED.partition(": ")[2],
            "analysis": "demo-64cd7cc9bc-6-2",
            "analysis_phase": "Failed",
        },
        id="aborted by a failed analysis",
    ),
    pytest.param(
        "invalid",
        Health.DEGRADED,
        True,
        "invalid spec",
        'The spec is refused: The Rollout "invalid" is invalid: spec.template.metadata.labels: '
        'Invalid value: {"app":"other"}: `selector` does not match template `labels`.',
        {"phase": "Degraded", "step": None, "steps": None, "stable_image": None, "canary_image": None},
        id="a refused spec",
    ),
    pytest.param(
        "unpullable",
        Health.PROGRESSING,
        False,
        "0/2 pods",
        "Updated replicas are still becoming available: 0 of 2 pods available.",
        {"step": 2, "steps": 2, "set_weight": 100, "available": 0, "versions": "1"},
        id="a first deployment that does not come up",
    ),
]


@pytest.mark.parametrize(("name", "health", "human", "brief", "why", "fields"), STATES)
def test_a_state_is_read_as_it_is(name, health, human, brief, why, fields):
    item = row(read(STAGE, *documents("rollout", name)), "Rollout")
    assert (item.health, item.needs_human, item.brief, item.why) == (health, human, brief, why)
    assert {key: getattr(item.fields, key) for key in fields} == fields


@pytest.mark.parametrize(
    ("name", "since"),
    [
        ("aborted", "13:08:01"),
        ("invalid", "13:09:41"),
        ("timed", "13:09:57"),
        ("unpullable", "13:09:41"),
    ],
)
def test_since_is_when_the_state_began(name, since):
    item = row(read(STAGE, *documents("rollout", name)), "Rollout")
    assert f"{item.since:%H:%M:%S}" == since


def test_a_rollout_joins_its_service_by_name_and_by_the_images_of_both_sides():
    item = row(read(STAGE, *documents("rollout", "crashing")), "Rollout")
    assert item.joins == ("Rollout/states/crashing", "image/shop/crash", "image/shop/web")


def test_without_replica_sets_images_and_weight_are_unknown_and_said_to_be_so():
    rollout, *_ = documents("rollout", "timed")
    reader = read(STAGE, rollout, hidden=["ReplicaSet"])
    item = row(reader, "Rollout")
    assert item.fields.stable_image is None
    assert item.fields.actual_weight is None
    assert item.fields.canary_image == "shop/web:2"  # of the Rollout's own, observed template
    assert item.fields.versions == "? → 2"
    assert facts(reader, item, "Versions")["Stable image"] == "not visible to you"
    assert (
        facts(reader, item, "Traffic")["Weight actual"] == "unknown: the ReplicaSets are not visible to you"
    )


def test_a_visible_cluster_without_the_canary_replica_set_has_no_weight():
    rollout, *sets = documents("rollout", "timed")
    stable = [one for one in sets if one["metadata"]["name"] == "timed-68487fc4c8"]
    reader = read(STAGE, rollout, *stable)
    item = row(reader, "Rollout")
    assert item.fields.actual_weight == 0
    assert facts(reader, item, "Versions")["Canary pods"] == "no ReplicaSet"


def test_replica_sets_of_a_former_rollout_of_that_name_are_not_its_own():
    rollout, *sets = documents("rollout", "timed")
    rollout["metadata"]["uid"] = "another"
    assert row(read(STAGE, rollout, *sets), "Rollout").fields.stable_image is None


def test_details_show_the_steps_with_the_one_that_runs_and_its_end():
    reader = read(STAGE, *documents("rollout", "timed"))
    (steps,) = [d for d in reader.details(row(reader, "Rollout").ref) if isinstance(d, Steps)]
    assert [(s.text, s.done, s.current, s.note) for s in steps.steps] == [
        ("set weight 20 %", True, False, ""),
        ("pause 1 h", False, True, "49 min 57 s left of 1 h, until 23 Nov 14:09Z"),
        ("set weight 50 %", False, False, ""),
        ("pause until promoted", False, False, ""),
    ]


def test_after_an_abort_no_step_runs():
    reader = read(STAGE, *documents("rollout", "aborted"))
    item = row(reader, "Rollout")
    (steps,) = [d for d in reader.details(item.ref) if isinstance(d, Steps)]
    assert not any(step.done or step.current for step in steps.steps)
    told = facts(reader, item, "Rollout")
    assert told["Aborted"] == datetime(2026, 11, 23, 13, 8, 1, tzinfo=UTC)
    assert told["Abort reason"] == FAILED.partition(": ")[2]
    assert told["Analysis"] == "demo-64cd7cc9bc-6-2: Failed"
    assert facts(reader, item, "Traffic")["Router"] == "nginx"


def test_details_of_a_blue_green_update_name_both_sides():
    reader = read(STAGE, *documents("rollout", "bluegreen"))
    item = row(reader, "Rollout")
    told = facts(reader, item, "Versions")
    assert (told["Active image"], told["Preview image"]) == ("shop/web:1", "shop/web:2")
    assert told["Preview pods"] == "2 of 2 available"
    assert facts(reader, item, "Rollout")["Held until"] == "somebody promotes it"
