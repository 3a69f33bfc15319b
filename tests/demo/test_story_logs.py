"""What the story's containers write: Argo Events of each push, builds, services, a version that crashes."""

from __future__ import annotations

from typing import Any

import pytest
from theatre import Theatre, plan

from trombone_tui.core.objects.event_logs import LogEntry, entry
from trombone_tui.demo.logs import LogParams
from trombone_tui.demo.story import access_log
from trombone_tui.demo.story.services import Outcome
from trombone_tui.demo.story.transcripts import transcript

PODS, WORKFLOWS = "pods", "workflows.argoproj.io"
OTHER = plan(name="pay-api", namespace="pay")


def lines(theatre: Theatre, namespace: str, pod: str, container: str, **more: Any) -> list[str]:
    found = theatre.story.world.logs.read(namespace, pod, container, LogParams(**more))
    return [line.text for line in found]


def entries(theatre: Theatre, label: str, name: str) -> list[LogEntry]:
    """Return what the pod of an EventSource or Sensor wrote; every line is one that the stage can read."""
    labelled = [one.name for one in theatre.store.records(PODS, "ci") if one.labels.get(label) == name]
    read = [entry(line) for line in lines(theatre, "ci", labelled[0], "main")]
    assert all(read)
    return [one for one in read if one is not None]


def said(found: list[LogEntry]) -> list[str]:
    return [one.msg or "" for one in found]


@pytest.fixture(scope="module")
def pushed() -> Theatre:
    theatre = Theatre(plan(), OTHER)
    theatre.run(30)
    theatre.story._pushes.push(theatre.story._plans[0], Outcome.GOOD)
    theatre.run_until(lambda: bool(theatre.store.list(WORKFLOWS)))
    return theatre


def test_a_push_is_published_and_triggers_under_the_same_id(pushed: Theatre) -> None:
    published = [one for one in entries(pushed, "eventsource-name", "github") if one.event_id]
    triggered = [one for one in entries(pushed, "sensor-name", "shop-api") if one.triggered_by_events]
    assert triggered[-1].triggered_by_events == [published[-1].event_id]
    assert triggered[-1].msg == "Successfully processed trigger 'build'"
    assert published[-1].msg == "Succeeded to publish an event"
    label = pushed.store.list(WORKFLOWS)[-1]["metadata"]["labels"]["trombone.dev/event-id"]
    assert label == published[-1].event_id
    assert published[-1].at is not None


def test_other_sensors_drop_a_push_and_all_drop_a_ping(pushed: Theatre) -> None:
    dropped = "not interested in dependency push (didn't pass filter)"
    other = said(entries(pushed, "sensor-name", "pay-api"))
    assert other.count(dropped) == 2
    assert not [one for one in entries(pushed, "sensor-name", "pay-api") if one.triggered_by_events]
    own = said(entries(pushed, "sensor-name", "shop-api"))
    assert own.count(dropped) == 1
    source = said(entries(pushed, "eventsource-name", "github"))
    assert source[:3] == ["starting eventsource server", "Eventing server started.", "route is activated"]
    assert source.count("Succeeded to publish an event") == 2


def test_a_sensor_that_may_not_create_says_so_until_it_gives_up() -> None:
    theatre = Theatre(plan(deliveries=(Outcome.TRIGGER_FAILS,)))
    theatre.run(30)
    sensor = theatre.get("sensors.argoproj.io", "ci", "shop-api")
    account = sensor["spec"]["template"]["serviceAccountName"]
    theatre.story._pushes.push(theatre.story._plans[0], Outcome.TRIGGER_FAILS)
    theatre.run(30)
    found = entries(theatre, "sensor-name", "shop-api")
    failed = [one for one in found if one.level == "error"]
    assert len(failed) == 5
    assert len({tuple(one.triggered_by_events or ()) for one in failed}) == 1
    assert f'User "system:serviceaccount:ci:{account}" cannot create resource "workflows"' in str(
        failed[0].error
    )
    assert found[-1].level == "warn"
    assert str(found[-1].msg).startswith("failed to trigger actions, failed after retries: ")
    assert not theatre.store.list(WORKFLOWS)


def test_a_failing_unit_test_ends_as_pytest_does() -> None:
    failing = [text for _, text in transcript("unit-test", 9.0, fails=True)]
    assert failing[-1].strip("= ") == "1 failed, 213 passed in 8.10s"
    assert failing[-2].startswith("FAILED tests/test_prices.py::test_rounding - AssertionError")
    assert sum(line.count("F") for line in failing if line.startswith("tests/test_") and "%]" in line) == 1
    passing = [text for _, text in transcript("unit-test", 9.0, fails=False)]
    assert passing[-1].strip("= ") == "214 passed in 8.10s"
    assert {len(line) for line in passing if "%]" in line or line.startswith("=")} == {80}


def test_services_write_of_their_requests_and_no_more_than_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_log, "KEPT", 40)
    theatre = Theatre(plan())
    theatre.run(400)
    serving = theatre.story.world.serving
    assert len(serving) == 5
    for namespace, pod in serving:
        found = lines(theatre, namespace, pod, "app")
        assert len(found) == 40
        answered = [line for line in found if '"GET /' in line]
        assert len([line for line in answered if '" 200 ' in line]) >= 38


def test_a_bad_canary_writes_errors_and_its_log_goes_with_its_pods() -> None:
    theatre = Theatre(plan())
    theatre.run(30)
    change = theatre.story._pushes.push(theatre.story._plans[0], Outcome.CANARY_FAILS)
    serving = theatre.story.world.serving

    def canary() -> list[str]:
        return [pod for (_, pod), one in serving.items() if one.image.endswith(change.tag)]

    theatre.run_until(
        lambda: any('" 500 ' in line for pod in canary() for line in lines(theatre, "shop", pod, "app"))
    )
    pods = canary()
    theatre.run_until(lambda: not canary())
    assert pods
    assert not any(lines(theatre, "shop", pod, "app") for pod in pods)


def test_a_crashing_canary_waits_is_started_anew_and_keeps_its_previous_log() -> None:
    theatre = Theatre(plan())
    theatre.run(30)
    change = theatre.story._pushes.push(theatre.story._plans[0], Outcome.CANARY_CRASHES)

    def container() -> dict[str, Any]:
        for one in theatre.store.list(PODS, "shop"):
            if one["spec"]["containers"][0]["image"].endswith(change.tag):
                found = (one["status"].get("containerStatuses") or [{}])[0]
                return {**found, "pod": one["metadata"]["name"]}
        return {}

    theatre.run_until(lambda: container().get("restartCount") == 2)
    running = container()
    assert set(running["state"]) == {"running"}
    assert (running["ready"], running["lastState"]["terminated"]["exitCode"]) == (False, 1)
    theatre.run(3)
    waiting = container()
    assert waiting["state"]["waiting"]["reason"] == "CrashLoopBackOff"
    assert waiting["state"]["waiting"]["message"].startswith(
        "back-off 40s restarting failed container=app pod="
    )
    for previous in (True, False):
        assert lines(theatre, "shop", waiting["pod"], "app", previous=previous)[-1].startswith("KeyError: ")
    told = {
        one["reason"]: one for one in theatre.store.list("events") if "fieldPath" in one["involvedObject"]
    }
    assert (told["BackOff"]["type"], told["BackOff"]["count"]) == ("Warning", 3)
    rollout = theatre.rollout()["status"]
    assert rollout["message"] == "more replicas need to be updated"
    theatre.run_until(lambda: theatre.rollout()["status"]["phase"] == "Degraded", within=700)
    message = theatre.rollout()["status"]["message"]
    assert message.startswith("ProgressDeadlineExceeded: ReplicaSet ")
    assert message.endswith("has timed out progressing.")
