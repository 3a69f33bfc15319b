"""EventSources, Sensors and EventBuses as the dashboard shows them, against conditions and what runs."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from asking import Apply, Kubectl, Status, pick
from lab.running import Lab
from patience import eventually, until
from watching import Follow, Seen

from trombone_tui.core.stage import Item

pytestmark = [
    pytest.mark.needs("events"),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(180),
]

Held = Mapping[str, Any]
LABELS = {"EventSource": "eventsource-name", "Sensor": "sensor-name", "EventBus": "eventbus-name"}
HOOK = {"port": "12000", "endpoint": "/push", "method": "POST"}
NOWHERE = {"nodeSelector": {"kubernetes.io/hostname": "nowhere"}}
"""Pods that no node takes stay pending."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A row of the truth table."""

    state: str
    kind: str
    name: str
    spec: Mapping[str, Any]
    deployed: bool | None
    running: bool | None
    health: str
    why: str
    """A pattern for the whole sentence."""
    fields: Mapping[str, Any] = field(default_factory=dict)

    def manifest(self) -> dict[str, Any]:
        return {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": self.kind,
            "metadata": {"name": self.name},
            "spec": self.spec,
        }


def source(**more: Any) -> dict[str, Any]:
    return {"webhook": {"push": HOOK}, **more}


def sensor(**more: Any) -> dict[str, Any]:
    """Return a Sensor's spec that waits for the source and writes to its log."""
    waits = [{"name": "push", "eventSourceName": "listens", "eventName": "push"}]
    return {"dependencies": waits, "triggers": [{"template": {"name": "log", "log": {}}}], **more}


PARTS = [
    Part(
        state="a bus that somebody else runs",
        kind="EventBus",
        name="default",
        spec={"jetstreamExotic": {"url": "nats://127.0.0.1:4222", "streamConfig": ""}},
        deployed=True,
        running=None,
        health="Unknown",
        why=r"Deployed; external JetStream at nats://127\.0\.0\.1:4222, so whether it is up is not visible.*",
    ),
    Part(
        state="a bus of three servers",
        kind="EventBus",
        name="own",
        spec={"jetstream": {"version": "latest", "replicas": 3}},
        deployed=True,
        running=True,
        health="Healthy",
        why=r"Deployed; 3 of 3 pods ready\.",
    ),
    Part(
        state="an event source that listens",
        kind="EventSource",
        name="listens",
        spec=source(),
        deployed=True,
        running=True,
        health="Healthy",
        why=r"Deployed; 1 of 1 pods ready; should listen to webhook push\.",
        fields={"events": 1, "last_seen": None},
    ),
    Part(
        state="an event source that names no event, which the controller deploys all the same",
        kind="EventSource",
        name="idle",
        spec={},
        deployed=True,
        running=True,
        health="Degraded",
        why=r"Deployed; 1 of 1 pods ready; its spec names no event, so nothing is listened to\.",
        fields={"events": 0},
    ),
    Part(
        state="an event source whose pods can't be placed",
        kind="EventSource",
        name="stuck",
        spec=source(template=NOWHERE),
        deployed=True,
        running=False,
        health="Progressing",
        why=r"Deployed; 0 of 1 pods ready.*; should listen to webhook push\.",
    ),
    Part(
        state="an event source without a bus",
        kind="EventSource",
        name="lost",
        spec=source(eventBusName="none"),
        deployed=False,
        running=False,
        health="Degraded",
        why=r"Not deployed: .*EventBusNotFound.*; it has no Deployment, so nothing runs; .*",
    ),
    Part(
        state="a sensor that waits",
        kind="Sensor",
        name="waits",
        spec=sensor(),
        deployed=True,
        running=True,
        health="Healthy",
        why=r"Deployed; 1 of 1 pods ready; no Workflow that it started is in the namespaces seen\.",
        fields={"events": 1, "workflows": None, "last_seen": None},
    ),
    Part(
        state="a sensor without a bus",
        kind="Sensor",
        name="no-bus",
        spec=sensor(eventBusName="none"),
        deployed=False,
        running=False,
        health="Degraded",
        why=r"Not deployed: .*EventBusNotFound.*; it has no Deployment, so nothing runs; waits for event"
        r" push, which EventSource listens sends to EventBus default, not to none; no Workflow .*",
    ),
    Part(
        state="a sensor whose trigger names nothing to do, which the controller deploys all the same",
        kind="Sensor",
        name="no-type",
        spec=sensor(triggers=[{"template": {"name": "build"}}]),
        deployed=True,
        running=True,
        health="Degraded",
        why=r"Deployed; 1 of 1 pods ready; trigger build names nothing to do; no Workflow .*",
    ),
    Part(
        state="a sensor whose trigger is refused",
        kind="Sensor",
        name="bad-trigger",
        spec=sensor(triggers=[{"template": {"name": "build", "k8s": {"operation": "create"}}}]),
        deployed=False,
        running=False,
        health="Degraded",
        why=r"Not deployed: trigger for template build is invalid, .* \(InvalidTriggers\); it has no .*",
    ),
    Part(
        state="a sensor that waits for nothing",
        kind="Sensor",
        name="no-dependency",
        spec=sensor(dependencies=[]),
        deployed=False,
        running=False,
        health="Degraded",
        why=r"Not deployed: no event dependencies found \(InvalidDependencies\); it has no Deployment.*",
    ),
]


@dataclass(frozen=True, slots=True)
class Parts:
    """All of them, brought into their states."""

    namespace: str
    kubectl: Kubectl
    seen: Seen

    def official(self, part: Part) -> tuple[Held, bool | None, bool | None]:
        """Return the object, whether its conditions call it deployed, and whether a pod of it is ready."""
        held = self.kubectl.get(part.kind.lower(), part.name, "-n", self.namespace)
        verdicts = {one["status"] for one in held.get("status", {}).get("conditions", ())}
        deployed = False if "False" in verdicts else True if verdicts == {"True"} else None
        selector = f"{LABELS[part.kind]}={part.name}"
        sets = self.kubectl.get("deployments,statefulsets", "-n", self.namespace, "-l", selector)["items"]
        ready = any(one.get("status", {}).get("readyReplicas") for one in sets)
        elsewhere = "jetstreamExotic" in held["spec"]
        return held, deployed, None if elsewhere else ready

    async def agreeing(self, part: Part) -> tuple[Held, Item]:
        """Return an object in its state, and the item that says the same."""

        async def same() -> tuple[Held, Item]:
            held, deployed, running = await asyncio.to_thread(self.official, part)
            assert (deployed, running) == (part.deployed, part.running), held.get("status")
            item = self.seen.item("events", part.kind, self.namespace, part.name)
            assert item is not None, f"{part.name} is not shown"
            fields: Any = item.fields
            assert (fields.deployed, fields.running) == (deployed, running), item.why
            assert item.health == part.health, item.why
            return held, item

        return await eventually(same, seconds=30, what=f"{part.kind} {part.name}: {part.state}")


@pytest.fixture(scope="module")
def setting(lab: Lab) -> Iterator[str]:
    kubectl, name = Kubectl(lab), f"t-{secrets.token_hex(3)}"
    kubectl("create", "namespace", name)
    buses = [part for part in PARTS if part.kind == "EventBus"]
    Apply(kubectl)([part.manifest() for part in buses], name)
    deployed = _deployed(kubectl, name)
    until(lambda: deployed("default"), what="the bus")
    Apply(kubectl)([part.manifest() for part in PARTS if part not in buses], name)
    yield name
    kubectl("delete", "eventsources,sensors", "--all", "-n", name, "--wait=false", check=False)
    until(
        lambda: not kubectl("get", "eventsources,sensors", "-n", name, "-o", "name"), what="the parts to go"
    )
    kubectl("delete", "eventbus", "--all", "-n", name, "--wait=false", check=False)
    kubectl("delete", "namespace", name, "--wait=false", check=False)


def _deployed(kubectl: Kubectl, namespace: str) -> Callable[[str], bool]:
    def ask(name: str) -> bool:
        conditions = kubectl.get("eventbus", name, "-n", namespace).get("status", {}).get("conditions", [])
        return bool(conditions) and all(one["status"] == "True" for one in conditions)

    return ask


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def parts(lab: Lab, setting: str) -> AsyncIterator[Parts]:
    async with Follow(lab)(namespaces=(setting,)) as seen:
        yield Parts(setting, Kubectl(lab), seen)


@pytest.mark.parametrize("part", [pytest.param(part, id=part.state) for part in PARTS])
async def test_a_part_of_events_is_told_as_conditions_and_pods_say(part: Part, parts: Parts) -> None:
    held, item = await parts.agreeing(part)
    assert re.fullmatch(part.why, item.why), item.why
    assert {key: getattr(item.fields, key) for key in part.fields} == part.fields
    for condition in held["status"]["conditions"]:
        if condition["status"] == "False":
            assert condition["reason"] in item.why


async def test_a_source_scaled_to_nothing_is_deployed_but_does_not_run(parts: Parts) -> None:
    listens = next(part for part in PARTS if part.name == "listens")
    await parts.agreeing(listens)
    words = ("scale", "deployment", "-n", parts.namespace, "--replicas=0", "-l", "eventsource-name=listens")
    parts.kubectl(*words)

    def stopped() -> Item | None:
        item = parts.seen.item("events", "EventSource", parts.namespace, "listens")
        fields: Any = item.fields if item else None
        return item if item and (fields.deployed, fields.running) == (True, False) else None

    item = await eventually(stopped, what="a source that does not run")
    assert item.health == "Suspended"
    of_source = parts.kubectl.get("deployments", "-n", parts.namespace, "-l", "eventsource-name=listens")
    (deployment,) = (one["metadata"]["name"] for one in of_source["items"])
    assert item.why == (
        f"Deployed; scaled to 0 pods: scale Deployment {deployment} to 1 to have it run;"
        " should listen to webhook push."
    )
    parts.kubectl(*(word.replace("=0", "=1") for word in words))
    await parts.agreeing(listens)


async def test_the_labs_own_parts_are_deployed_and_run(lab: Lab) -> None:
    kubectl, document = Kubectl(lab), Status(lab)("-n", "argo-events")
    for kind in ("EventSource", "Sensor"):
        item = pick(document, "events", kind, "argo-events", "github")
        assert item is not None
        selector = f"{LABELS[kind]}=github"
        (deployment,) = kubectl.get("deployments", "-n", "argo-events", "-l", selector)["items"]
        assert deployment["status"]["readyReplicas"] == 1
        assert (item["fields"]["deployed"], item["fields"]["running"], item["health"]) == (
            True,
            True,
            "Healthy",
        )
