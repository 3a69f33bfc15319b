"""The Rollouts controller of the story: strategies, and what users' writes lead to."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from theatre import ROLLOUTS, RUNS, Theatre, plan, pushed

from trombone_tui.demo.story.canary import seconds_of, weight_at
from trombone_tui.demo.story.conditions import phase
from trombone_tui.demo.story.services import ANALYSED, HELD, Outcome, Strategy

PODS = ({"setWeight": 20}, {"pause": {"duration": "10s"}}, {"setWeight": 60}, {"pause": {"duration": "10s"}})


def at_step(theatre: Theatre, index: int) -> Callable[[], bool]:
    return lambda: theatre.rollout()["status"].get("currentStepIndex") == index


def paused(theatre: Theatre) -> Callable[[], bool]:
    return lambda: theatre.rollout()["status"].get("phase") == "Paused"


def test_first_deployment_skips_the_steps() -> None:
    theatre = Theatre(plan())
    theatre.run_until(theatre.healthy)
    states = [obj.get("status") or {} for obj in theatre.seen(ROLLOUTS)]
    assert {status.get("currentStepIndex") for status in states if status.get("currentPodHash")} == {5}
    assert not theatre.store.list(RUNS)
    assert theatre.rollout()["status"]["canary"]["weights"]["canary"]["weight"] == 0


def test_canary_gets_its_share_of_pods_and_requests_at_each_step() -> None:
    theatre = pushed()
    start = len(theatre.changes)
    theatre.run_until(theatre.healthy)
    theatre.run(1)
    pairs = {
        (status["canary"]["weights"]["canary"]["weight"], status.get("updatedReplicas", 0))
        for status in (obj["status"] for obj in theatre.seen(ROLLOUTS, since=start))
    }
    assert {(20, 1), (60, 3), (100, 5)} <= pairs
    annotations = [
        obj["metadata"]["annotations"]["nginx.ingress.kubernetes.io/canary-weight"]
        for obj in theatre.seen("ingresses.networking.k8s.io", "shop-api-shop-api-canary", start)
    ]
    assert annotations == ["20", "60", "100", "0"]


def test_canary_without_traffic_routing_moves_pods_and_has_no_weights() -> None:
    theatre = pushed(strategy=Strategy.PODS, steps=PODS)
    start = len(theatre.changes)
    theatre.run_until(theatre.healthy, within=200)
    statuses = [obj["status"] for obj in theatre.seen(ROLLOUTS, since=start)]
    assert all("weights" not in status["canary"] for status in statuses)
    assert [status.get("message") for status in statuses].count("old replicas are pending termination")
    assert theatre.rollout()["status"]["replicas"] == 5


def test_blue_green_previews_waits_and_switches() -> None:
    theatre = pushed(strategy=Strategy.BLUE_GREEN, replicas=2)
    old = theatre.rollout()["status"]["stableRS"]
    theatre.run_until(paused(theatre))
    theatre.run(0.5)
    status = theatre.rollout()["status"]
    assert (status["message"], status["controllerPause"]) == ("BlueGreenPause", True)
    assert status["blueGreen"] == {"activeSelector": old, "previewSelector": status["currentPodHash"]}
    assert status["selector"] == f"app=shop-api,rollouts-pod-template-hash={old}"
    assert (status["replicas"], status["availableReplicas"], status["updatedReplicas"]) == (4, 2, 2)
    assert "currentStepIndex" not in status
    reasons = {c["type"]: (c["status"], c["reason"]) for c in status["conditions"]}
    assert reasons["Progressing"] == ("Unknown", "RolloutPaused")
    assert reasons["Paused"] == ("True", "RolloutPaused")
    theatre.run_until(theatre.healthy)
    new = theatre.rollout()["status"]["currentPodHash"]
    service = theatre.get("services", "shop", "shop-api-active")
    assert service["spec"]["selector"]["rollouts-pod-template-hash"] == new != old
    theatre.run(40)
    assert theatre.rollout()["status"]["replicas"] == 2


def test_human_may_switch_blue_green_before_its_time() -> None:
    theatre = pushed(strategy=Strategy.BLUE_GREEN, replicas=2)
    theatre.run_until(paused(theatre))
    theatre.run(1)
    theatre.patch_status({"pauseConditions": None})
    theatre.run_until(theatre.healthy, within=2)


def test_pause_without_end_holds_until_a_human_clears_it() -> None:
    theatre = pushed(steps=HELD)
    theatre.run_until(at_step(theatre, 4))
    theatre.run(300)
    status = theatre.rollout()["status"]
    assert (status["phase"], status["message"], status["currentStepIndex"]) == (
        "Paused",
        "CanaryPauseStep",
        4,
    )
    assert theatre.app()["status"]["health"]["status"] == "Suspended"
    theatre.patch_status({"pauseConditions": None})
    theatre.run_until(theatre.healthy, within=30)


def test_full_promotion_skips_what_is_left_and_clears_its_flag() -> None:
    theatre = pushed(steps=HELD)
    theatre.run_until(paused(theatre))
    theatre.patch_status({"promoteFull": True})
    theatre.run_until(theatre.healthy, within=20)
    assert "promoteFull" not in theatre.rollout()["status"]


def test_abort_gives_everything_back_and_retry_starts_over() -> None:
    theatre = pushed(steps=HELD)
    theatre.run_until(paused(theatre))
    theatre.patch_status({"abort": True})
    theatre.run(1)
    status = theatre.rollout()["status"]
    assert (status["phase"], status["message"]) == (
        "Degraded",
        "RolloutAborted: Rollout aborted update to revision 2",
    )
    assert status["currentStepIndex"] == status["canary"]["weights"]["canary"]["weight"] == 0
    assert status["abortedAt"]
    theatre.patch_status({"abort": False})
    theatre.run_until(paused(theatre), within=20)
    status = theatre.rollout()["status"]
    assert not status.get("abort")
    assert "abortedAt" not in status
    assert status["currentStepIndex"] == 1


def test_abort_of_what_is_promoted_is_taken_back() -> None:
    theatre = Theatre(plan())
    theatre.run_until(theatre.healthy)
    theatre.run(5)
    theatre.patch_status({"abort": True})
    theatre.run(1)
    assert "abort" not in theatre.rollout()["status"]
    assert theatre.healthy()


def test_abort_ends_the_running_analysis() -> None:
    theatre = pushed()
    theatre.run_until(
        lambda: bool(theatre.store.list(RUNS)) and theatre.store.list(RUNS)[0]["status"]["phase"] == "Running"
    )
    theatre.run(0.5)
    theatre.patch_status({"abort": True})
    theatre.run(1)
    run = theatre.store.list(RUNS)[0]
    assert (run["status"]["phase"], run["status"]["message"]) == ("Successful", "Run Terminated")
    assert theatre.rollout()["status"]["phase"] == "Degraded"


def test_pause_by_hand_stops_the_steps() -> None:
    theatre = pushed()
    theatre.run_until(at_step(theatre, 2))
    theatre.patch(ROLLOUTS, "shop", "shop-api", {"spec": {"paused": True}})
    theatre.run(60)
    status = theatre.rollout()["status"]
    assert (status["phase"], status["message"], status["currentStepIndex"]) == (
        "Paused",
        "manually paused",
        2,
    )
    theatre.patch(ROLLOUTS, "shop", "shop-api", {"spec": {"paused": False}})
    theatre.run_until(theatre.healthy, within=200)


def test_going_back_to_the_stable_template_skips_the_steps_and_reuses_its_replica_set() -> None:
    theatre = pushed(steps=HELD)
    theatre.run_until(paused(theatre))
    no_healing = {"spec": {"syncPolicy": {"automated": {"selfHeal": False}}}}
    theatre.patch("applications.argoproj.io", "argocd", "shop-api", no_healing)
    old = theatre.rollout()["status"]["stableRS"]
    stable = theatre.get("replicasets.apps", "shop", f"shop-api-{old}")
    image = stable["spec"]["template"]["spec"]["containers"][0]["image"]
    rollout = theatre.rollout()
    rollout["spec"]["template"]["spec"]["containers"][0]["image"] = image
    theatre.store.update(ROLLOUTS, rollout)
    theatre.run(0.35)
    status = theatre.rollout()["status"]
    assert (status["phase"], status["currentStepIndex"], status["currentPodHash"]) == ("Healthy", 5, old)
    annotations = theatre.get("replicasets.apps", "shop", f"shop-api-{old}")["metadata"]["annotations"]
    assert annotations["rollout.argoproj.io/revision"] == "3"
    assert annotations["rollout.argoproj.io/revision-history"] == "1"
    assert "SkipSteps" in theatre.reasons("Rollout")


def test_self_heal_reverts_an_image_that_git_does_not_want() -> None:
    theatre = Theatre(plan())
    theatre.run_until(theatre.healthy)
    theatre.run(5)
    rollout = theatre.rollout()
    wanted = rollout["spec"]["template"]["spec"]["containers"][0]["image"]
    rollout["spec"]["template"]["spec"]["containers"][0]["image"] = "registry.example/shop/api:mine"
    theatre.store.update(ROLLOUTS, rollout)

    def reverted() -> bool:
        spec = theatre.rollout()["spec"]["template"]["spec"]
        return bool(spec["containers"][0]["image"] == wanted)

    assert not reverted()
    theatre.run_until(reverted, within=10)


def test_failing_canary_is_aborted_by_its_second_failure() -> None:
    theatre = pushed(Outcome.CANARY_FAILS)
    theatre.run_until(lambda: theatre.rollout()["status"]["phase"] == "Degraded")
    run = theatre.store.list(RUNS)[0]
    result = run["status"]["metricResults"][0]
    assert (result["failed"], run["status"]["phase"]) == (2, "Failed")
    assert run["status"]["message"] == (
        'Metric "success-rate" assessed Failed due to failed (2) > failureLimit (1)'
    )
    assert all(float(one["value"].strip("[]")) < 0.95 for one in result["measurements"])
    theatre.run(2)
    assert theatre.app()["status"]["health"]["status"] == "Degraded"
    assert theatre.app()["status"]["sync"]["status"] == "Synced"


def test_analysis_that_cannot_ask_ends_in_error_and_aborts() -> None:
    theatre = Theatre(plan())
    theatre.run_until(theatre.healthy)
    template = theatre.get("analysistemplates.argoproj.io", "shop", "shop-api-success-rate")
    template["spec"]["metrics"][0]["provider"]["prometheus"]["query"] = "what(is)this"
    theatre.store.update("analysistemplates.argoproj.io", template)
    theatre.story._pushes.push(theatre.story._plans[0])
    theatre.run_until(lambda: theatre.rollout()["status"]["phase"] == "Degraded")
    run = theatre.store.list(RUNS)[0]
    assert run["status"]["message"] == (
        'Metric "success-rate" assessed Error due to consecutiveErrors (5) > consecutiveErrorLimit (4)'
    )
    assert "unknown function" in run["status"]["metricResults"][0]["measurements"][0]["message"]


def test_deleted_analysis_run_leaves_the_rollout_waiting() -> None:
    theatre = pushed()
    theatre.run_until(lambda: bool(theatre.store.list(RUNS)))
    theatre.store.delete(RUNS, "shop", theatre.store.list(RUNS)[0]["metadata"]["name"])
    theatre.run(60)
    assert theatre.rollout()["status"]["currentStepIndex"] == 2


def test_every_status_has_the_phase_that_the_rules_derive_from_it() -> None:
    theatre = pushed(Outcome.CANARY_FAILS, steps=HELD)
    theatre.run(120)
    states = [obj for obj in theatre.seen(ROLLOUTS) if (obj.get("status") or {}).get("phase")]
    assert len(states) > 20
    for before, obj in pairwise(states):
        if obj["status"] != before["status"]:
            status = obj["status"]
            assert (status["phase"], status.get("message", "")) == phase(obj, status)


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [("20s", 20.0), ("2m", 120.0), ("1h", 3600.0), (30, 30.0), ("15", 15.0), (None, None)],
)
def test_pause_durations_are_read(duration: object, seconds: float | None) -> None:
    assert seconds_of(duration) == seconds


@pytest.mark.parametrize(("index", "weight"), [(0, 20), (1, 20), (2, 20), (3, 60), (4, 60)])
def test_weight_is_that_of_the_last_set_weight(index: int, weight: int) -> None:
    assert weight_at(ANALYSED, index) == weight
