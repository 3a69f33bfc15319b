"""Every scenario shows what its name says, the same way for the same seed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from theatre import APPLICATIONS, CURTAIN, ROLLOUTS, RUNS, UPDATERS, WORKFLOWS

from trombone_tui.demo.access import Attributes, Identity
from trombone_tui.demo.logs import LogParams
from trombone_tui.demo.records import Record
from trombone_tui.demo.scenarios import SCENARIOS, Scenario, scenario_named
from trombone_tui.demo.store import Store
from trombone_tui.demo.story import janitor
from trombone_tui.demo.story.play import Story
from trombone_tui.demo.story.schedule import StoryClock
from trombone_tui.pipeline import PIPELINE

KINDS = (ROLLOUTS, WORKFLOWS, APPLICATIONS, RUNS, UPDATERS, "pods", "replicasets.apps", "events")


class Played:
    """A scenario up to its curtain, with the changes that come after it."""

    def __init__(self, scenario: Scenario, *, seed: int = 1) -> None:
        self.scenario = scenario
        self.clock = StoryClock(1.0, CURTAIN)
        self.store = Store(self.clock, seed=seed)
        for resource in scenario.missing:
            self.store.uninstall(resource)
        self.states: list[tuple[str, Record, datetime]] = []
        self.store.on_change(
            lambda _, kind, record: self.states.append((kind.name, record, self.clock.now()))
        )
        self.story = Story(self.store, self.clock, seed=seed, plans=scenario.plans)
        self.story.prepare()

    def run(self, seconds: float) -> None:
        self.story.schedule.run_until(self.clock.now() + timedelta(seconds=seconds))

    def by_name(self, resource: str) -> dict[str, dict[str, Any]]:
        return {one["metadata"]["name"]: one for one in self.store.list(resource)}

    def phases(self) -> dict[str, str]:
        return {name: one["status"]["phase"] for name, one in self.by_name(ROLLOUTS).items()}

    def text(self) -> str:
        served = [one.name for one in self.store.resources if one.name in KINDS]
        return json.dumps([self.store.list(kind) for kind in served], sort_keys=True)


@pytest.fixture(scope="module")
def day() -> Played:
    return Played(scenario_named("day"))


@pytest.fixture(scope="module")
def later() -> Played:
    """The day, seven minutes on."""
    played = Played(scenario_named("day"))
    played.run(420)
    return played


def test_there_are_the_seven_scenarios_and_no_other() -> None:
    assert list(SCENARIOS) == [
        "day",
        "bad-canary",
        "broken-build",
        "few-rights",
        "not-installed",
        "big",
        "stormy",
    ]
    with pytest.raises(KeyError, match="there is no scenario 'night'; there are day, bad-canary"):
        scenario_named("night")


def test_same_seed_gives_the_same_objects(day: Played) -> None:
    assert Played(scenario_named("day")).text() == day.text()
    one, two = (Played(scenario_named("broken-build"), seed=7) for _ in range(2))
    for played in (one, two):
        played.run(5)
    assert one.text() == two.text()


def test_another_seed_gives_another_story(day: Played) -> None:
    assert Played(scenario_named("day"), seed=2).text() != day.text()


@pytest.mark.parametrize("seed", [1, 3])
def test_day_opens_in_the_middle_of_everything(seed: int) -> None:
    played = Played(scenario_named("day"), seed=seed)
    builds = [one["status"]["phase"] for one in played.by_name(WORKFLOWS).values() if one.get("status")]
    assert {"Running", "Failed", "Succeeded"} <= set(builds)
    cart = played.by_name(ROLLOUTS)["shop-cart"]["status"]
    assert (cart["phase"], cart["message"], cart["currentStepIndex"]) == ("Paused", "CanaryPauseStep", 4)
    moving = [
        name
        for name, one in played.by_name(ROLLOUTS).items()
        if one["status"]["stableRS"] != one["status"]["currentPodHash"]
    ]
    assert len(moving) >= 2
    assert played.by_name(APPLICATIONS)["shop-docs"]["status"]["sync"]["status"] == "OutOfSync"
    assert played.by_name(APPLICATIONS)["shop-cart"]["status"]["health"]["status"] == "Suspended"
    assert {one["metadata"]["namespace"] for one in played.store.list(ROLLOUTS)} == {"shop", "pay"}
    assert all(
        len(one["status"]["history"]) >= 2
        for name, one in played.by_name(APPLICATIONS).items()
        if name not in ("shop-docs", "shop-mail", "payments")
    )


@pytest.mark.parametrize(
    ("name", "seed"),
    [("day", 2), ("bad-canary", 1), ("broken-build", 1)],
)
def test_something_moves_within_two_seconds_and_goes_on_moving(name: str, seed: int) -> None:
    played = Played(scenario_named(name), seed=seed)
    shown = (ROLLOUTS, WORKFLOWS, APPLICATIONS, RUNS, UPDATERS)
    before = len(played.states)
    played.run(2)
    assert [kind for kind, _, _ in played.states[before:] if kind in shown]
    played.run(88)
    moments = [moment for kind, _, moment in played.states[before:] if kind in shown]
    gaps = [(b - a).total_seconds() for a, b in pairwise(moments)]
    assert max(gaps) < 16


def test_day_goes_on_with_every_kind_of_delivery(later: Played) -> None:
    after = [
        (kind, record.object())
        for kind, record, moment in later.states
        if moment > CURTAIN and kind in (ROLLOUTS, RUNS)
    ]
    steps = {
        (obj["metadata"]["name"], obj["status"]["canary"]["weights"]["canary"]["weight"])
        for kind, obj in after
        if kind == ROLLOUTS and "weights" in obj.get("status", {}).get("canary", {})
    }
    assert {("shop-web", weight) for weight in (0, 20, 60, 100)} <= steps
    paused = {
        obj["metadata"]["name"]
        for kind, obj in after
        if kind == ROLLOUTS and obj["status"].get("message") == "BlueGreenPause"
    }
    assert paused == {"pay-ledger"}
    assert later.phases()["shop-cart"] == "Paused"
    assert [obj for kind, obj in after if kind == RUNS and obj["status"]["phase"] == "Successful"]
    assert {name for name in later.by_name(WORKFLOWS) if name.startswith("dependency-scan-")}


def test_every_written_object_fits_the_shapes_the_program_reads(later: Played) -> None:
    shapes = {source.kind.resource: source.kind.shape for stage in PIPELINE for source in stage.sources}
    seen = set()
    for kind, record, _ in later.states:
        if shape := shapes.get(kind):
            msgspec.json.decode(record.json, type=shape)
            seen.add(kind)
    assert seen >= {ROLLOUTS, WORKFLOWS, APPLICATIONS, RUNS, UPDATERS, "sensors.argoproj.io"}


def test_long_story_does_not_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(janitor, "EVENTS_KEPT", timedelta(minutes=10))
    monkeypatch.setattr(janitor, "IMAGES_KEPT", 12)
    busy = replace(scenario_named("day").plans[0], rest=1.0)
    played = Played(Scenario(plans=(busy,)))
    played.run(1200)
    sizes = {kind: len(played.store.records(kind)) for kind in KINDS}
    played.run(900)
    for kind in KINDS:
        assert len(played.store.records(kind)) <= sizes[kind] * 1.2 + 10, kind
    assert sizes["replicasets.apps"] < 20
    pods = {(one.namespace, one.name) for one in played.store.records("pods")}
    assert len({key[:2] for key in played.story.world.logs._logs} - pods) < 10
    assert len(played.story.world.images.images(busy.image_path)) <= janitor.IMAGES_KEPT + 3
    oldest = min(one["metadata"]["creationTimestamp"] for one in played.store.list("events"))
    assert datetime.fromisoformat(oldest) > played.clock.now().astimezone(UTC) - timedelta(minutes=13)


def test_bad_canary_is_aborted_while_another_goes_well() -> None:
    played = Played(scenario_named("bad-canary"))
    assert played.phases()["shop-api"] != "Degraded"
    played.run(60)
    assert played.phases()["shop-api"] == "Degraded"
    run = next(one for one in played.store.list(RUNS) if one["status"]["phase"] == "Failed")
    assert "failed (2) > failureLimit (1)" in run["status"]["message"]
    played.run(120)
    assert [name for name, phase in played.phases().items() if phase == "Degraded"] == ["shop-api"]
    assert played.by_name(APPLICATIONS)["shop-api"]["status"]["health"]["status"] == "Degraded"


def test_bad_canary_has_a_version_that_crashes_again_and_again() -> None:
    played = Played(scenario_named("bad-canary"))

    def restarts() -> int:
        found = [
            container
            for pod in played.store.list("pods", "shop")
            for container in pod["status"].get("containerStatuses") or ()
            if pod["metadata"]["labels"].get("app") == "shop-cart" and container["restartCount"]
        ]
        assert [one["lastState"]["terminated"]["exitCode"] for one in found] == [1]
        return int(found[0]["restartCount"])

    before = restarts()
    played.run(200)
    assert restarts() > before >= 2


def test_broken_build_has_a_sensor_that_may_not_start_a_build() -> None:
    played = Played(scenario_named("broken-build"))
    (pod,) = [one for one in played.store.records("pods") if one.labels.get("sensor-name") == "pay-refunds"]
    said = [line.text for line in played.story.world.logs.read("ci", pod.name, "main", LogParams())]
    assert any("cannot create resource" in line for line in said)
    started = {one.labels.get("events.argoproj.io/sensor") for one in played.store.records(WORKFLOWS)}
    assert "pay-refunds" not in started


def test_broken_build_fails_after_the_curtain_and_one_has_failed_before() -> None:
    played = Played(scenario_named("broken-build"))

    def failed() -> set[str]:
        return {
            one["metadata"]["labels"]["trombone.dev/app"]
            for one in played.store.list(WORKFLOWS)
            if one.get("status", {}).get("phase") == "Failed"
        }

    assert failed() == {"pay-fraud"}
    played.run(60)
    assert failed() == {"pay-fraud", "shop-web"}


def test_few_rights_sees_one_namespace_and_nothing_of_the_cluster() -> None:
    scenario = scenario_named("few-rights")
    (persona,) = scenario.personas
    assert persona.token
    assert persona.token != scenario_named("few-rights").personas[0].token
    guest = Identity(name=persona.name, rules=persona.rules)

    def may(verb: str, group: str, resource: str, namespace: str = "") -> bool:
        return guest.may(Attributes(verb=verb, group=group, resource=resource, namespace=namespace))

    assert may("list", "argoproj.io", "rollouts", "shop")
    assert may("watch", "", "pods", "shop")
    for verb, group, resource, namespace in (
        ("list", "argoproj.io", "rollouts", ""),
        ("list", "argoproj.io", "applications", "shop"),
        ("list", "argoproj.io", "rollouts", "pay"),
        ("list", "argoproj.io", "applications", "argocd"),
        ("list", "", "namespaces", ""),
        ("patch", "argoproj.io", "rollouts", "shop"),
    ):
        assert not may(verb, group, resource, namespace), (verb, resource, namespace)
    assert may("create", "authorization.k8s.io", "selfsubjectaccessreviews")


def test_not_installed_lacks_events_and_image_updater_and_still_delivers() -> None:
    played = Played(scenario_named("not-installed"))
    served = {one.name for one in played.store.resources}
    assert not served & set(played.scenario.missing)
    assert len(played.scenario.missing) == 4
    revisions = {
        name: one["metadata"]["annotations"]["rollout.argoproj.io/revision"]
        for name, one in played.by_name(ROLLOUTS).items()
    }
    assert max(map(int, revisions.values())) >= 2


def test_stormy_is_the_day_with_faults() -> None:
    scenario = scenario_named("stormy")
    assert scenario.plans == scenario_named("day").plans
    assert {fault.status for fault in scenario.faults} >= {429, 503}


def test_big_is_there_at_once_and_moves_at_the_rate_asked_for() -> None:
    played = Played(scenario_named("big"))
    assert played.scenario.fill is not None
    moving = played.scenario.fill(played.story, 100.0)
    counts = {
        kind: len(played.store.records(kind))
        for kind in (WORKFLOWS, APPLICATIONS, ROLLOUTS, "replicasets.apps")
    }
    assert counts[WORKFLOWS] >= 10_000
    assert counts[APPLICATIONS] >= 5_000
    assert counts[ROLLOUTS] >= 1_000
    assert counts["replicasets.apps"] >= 2_000
    sizes = [len(one.json) for one in played.store.records(WORKFLOWS)[:200]]
    assert 5_000 < sum(sizes) / len(sizes) < 8_000
    sizes = [len(one.json) for one in played.store.records(APPLICATIONS)[:200]]
    assert 5_500 < sum(sizes) / len(sizes) < 8_500
    shapes = {source.kind.resource: source.kind.shape for stage in PIPELINE for source in stage.sources}
    for kind in (WORKFLOWS, APPLICATIONS, ROLLOUTS):
        for record in played.store.records(kind)[::97]:
            assert b"@" not in record.json
            msgspec.json.decode(record.json, type=shapes[kind])
    moving.close()
