"""An object that is another than the one that was decided about: nothing is sent, or what is sent is refused,
and it is said what changed. A request that a controller writes over is not called done."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from acting_delivery import UPDATERS
from acting_hands import VERBS, Done, Hands, hands
from asking import Apply, Kubectl, own_namespace
from lab.running import Lab
from official_rollout import Plugin
from patience import until
from rollout_states import PAUSED
from staging import Scene, play
from twin_rollouts import Objects, endless, one, undecided, updated
from workflow_build import flow, node, phase, pod, steps, task

from trombone_tui.core.ports import Refused
from trombone_tui.core.verbs import Outcome, Report

pytestmark = [
    pytest.mark.needs("rollouts", "workflows", "argocd", "images"),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(180),
]

RESOURCE = {"ImageUpdater": UPDATERS}
BEGAN = "2026-11-23T13:20:05Z"
SOURCE = {"repoURL": "file:///nowhere.git", "path": ".", "targetRevision": "main"}
ENTRIES = [
    {"id": number, "revision": f"{number}" * 40, "deployedAt": BEGAN, "source": SOURCE} for number in (1, 2)
]
HOOK = {
    "phase": "Running",
    "startedAt": BEGAN,
    "message": "waiting for completion of hook batch/Job/migrate",
    "operation": {"sync": {}},
}
HELD = {"trombone.dev/held": json.dumps([{"tag": "1.0.1", "image": "app", "by": "somebody", "at": BEGAN}])}
ANOTHER = {"metadata": {"annotations": {"changed-by": "another"}}}
IMAGE = [{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "shop/web:8"}]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """A verb whose request hangs on the object that was read."""

    kind: str
    name: str
    verb: str
    given: Mapping[str, Any] = field(default_factory=dict)
    says: str = "resourceVersion"

    @property
    def case(self) -> str:
        return " ".join([self.verb, self.name, *map(str, self.given)])


GUARDED = (
    Guarded(kind="Rollout", name="paused", verb="promote", given={"skip-current-step": True}),
    Guarded(kind="Rollout", name="paused", verb="promote", given={"skip-all-steps": True}),
    Guarded(kind="Rollout", name="measured-0", verb="promote"),
    Guarded(kind="Rollout", name="undecided-0", verb="promote"),
    Guarded(kind="Rollout", name="undecided-0", verb="remeasure"),
    Guarded(
        kind="Rollout",
        name="healthy",
        verb="set",
        given={"image": ("app=shop/web:9",)},
        says="shop/web:1 → shop/web:8",
    ),
    Guarded(kind="Workflow", name="gate", verb="resume"),
    Guarded(kind="Workflow", name="gate", verb="stop", given={"node": "wait"}),
    Guarded(kind="Workflow", name="failed", verb="retry"),
    Guarded(kind="Application", name="idle", verb="sync"),
    Guarded(kind="Application", name="idle", verb="rollback", given={"id": 1}),
    Guarded(kind="Application", name="busy", verb="terminate-op"),
    Guarded(kind="ImageUpdater", name="free", verb="hold", given={"tag": "1.0.1"}),
    Guarded(kind="ImageUpdater", name="holding", verb="release"),
)
"""Every request with a precondition: a resourceVersion, or a JSON patch that tests."""


def scenes() -> list[Scene]:
    def scene(name: str, objects: Objects, phase_: str, message: str = "", step: str = "") -> Scene:
        acts = updated(name) if phase_ != "Healthy" else ()
        return Scene(state=name, objects=objects(name), acts=acts, phase=phase_, message=message, step=step)

    return [
        scene("paused", one(), "Paused", PAUSED),
        scene("measured-0", endless, "Progressing", "", "1/3"),
        scene("undecided-0", undecided, "Paused", "InconclusiveAnalysisRun"),
        scene("healthy", one(), "Healthy"),
    ]


def others() -> list[Mapping[str, Any]]:
    """Make objects that no controller works at, and Workflows."""
    api, updating = "argoproj.io/v1alpha1", "argocd-image-updater.argoproj.io/v1alpha1"

    def made(kind: str, name: str, spec: Any, *, notes: Any = None, **more: Any) -> dict[str, Any]:
        meta = {"name": name, "annotations": notes or {}}
        version = updating if kind == "ImageUpdater" else api
        return {"apiVersion": version, "kind": kind, "metadata": meta, "spec": spec, **more}

    app = {"project": "default", "source": SOURCE, "destination": {"name": "in-cluster"}}
    ignoring = {"commonUpdateSettings": {"ignoreTags": ["1.0.1"]}}

    def updater(**more: Any) -> dict[str, Any]:
        image = {"alias": "app", "imageName": "shop/app:1.x", **more}
        return {"applicationRefs": [{"namePattern": "none", "images": [image]}]}

    gate = flow(steps(task("wait", "gate")), {"name": "gate", "suspend": {}})
    bad = flow(steps(task("build", "bad")), pod("bad", lab={"exit-code": "2"}))
    return [
        made("Application", "idle", app, status={"history": ENTRIES, "sync": {"status": "OutOfSync"}}),
        made("Application", "busy", app, operation={"sync": {}}, status={"operationState": HOOK}),
        made("Application", "over", app, operation={"sync": {}}, status={"operationState": HOOK}),
        made("ImageUpdater", "free", updater()),
        made("ImageUpdater", "holding", updater(**ignoring), notes=HELD),
        made("Workflow", "gate", gate),
        made("Workflow", "failed", bad),
        made("CronWorkflow", "nightly", {"schedules": ["0 3 1 1 *"], "workflowSpec": gate}),
    ]


@dataclass(frozen=True, slots=True)
class Standing:
    """All of them in their states, and hands on them."""

    namespace: str
    kubectl: Kubectl
    hands: Hands

    def held(self, kind: str, name: str) -> dict[str, Any]:
        return self.kubectl.get(RESOURCE.get(kind, kind.lower()), name, "-n", self.namespace)

    def told(self, kind: str, name: str) -> dict[str, Any]:
        """Return what a verb would change of an object; ImageUpdaters are checked every few seconds."""
        held = self.held(kind, name)
        parts = ("spec",) if kind == "ImageUpdater" else ("spec", "status", "operation")
        notes = held["metadata"].get("annotations")
        return {"annotations": notes, **{part: held.get(part) for part in parts}}

    def pods(self) -> set[str]:
        items = self.kubectl.get("pods", "-n", self.namespace)["items"]
        return {one["metadata"]["uid"] for one in items if "workflows" in json.dumps(one["metadata"])}

    def patch(self, kind: str, name: str, change: Any) -> None:
        how = "json" if isinstance(change, list) else "merge"
        words = ("patch", RESOURCE.get(kind, kind.lower()), name, "-n", self.namespace)
        self.kubectl(*words, f"--type={how}", "-p", json.dumps(change))


@pytest.fixture(scope="module")
def made(lab: Lab) -> Iterator[str]:
    kubectl = Kubectl(lab)
    with own_namespace(kubectl) as namespace:
        Apply(kubectl)(others(), namespace)
        play(scenes(), namespace, kubectl, Plugin(lab, namespace))
        await_run(kubectl, namespace, "gate", node("wait", "Running"))
        await_run(kubectl, namespace, "failed", phase("Failed"))
        yield namespace


def await_run(kubectl: Kubectl, namespace: str, name: str, ready: Callable[[Any], object]) -> None:
    until(lambda: bool(ready(kubectl.get("workflow", name, "-n", namespace))), what=name)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def objects(lab: Lab, made: str) -> AsyncIterator[Standing]:
    async with hands(lab, made) as own:
        yield Standing(made, Kubectl(lab), own)


@pytest.mark.parametrize("guarded", [pytest.param(one, id=one.case) for one in GUARDED])
async def test_what_changed_meanwhile_stops_a_verb_that_hangs_on_it(
    guarded: Guarded, objects: Standing
) -> None:
    kind, name = guarded.kind, guarded.name
    act = await objects.hands.prepare(kind, name, guarded.verb, guarded.given)
    objects.patch(kind, name, IMAGE if guarded.verb == "set" else ANOTHER)
    before = await asyncio.to_thread(objects.told, kind, name)
    pods = await asyncio.to_thread(objects.pods)

    done = await objects.hands.perform(act)

    assert done.last.outcome is Outcome.CONFLICT, done.story()
    assert guarded.says in done.last.text, done.story()
    after = await asyncio.to_thread(objects.told, kind, name)
    if guarded.verb == "retry":
        assert "nothing was sent" in done.last.text, done.story()
    if guarded.verb == "set":  # its controller goes on with the other image
        assert after["spec"]["template"] == before["spec"]["template"]
    elif name == "measured-0":  # its analysis goes on
        assert after["status"]["currentStepIndex"] == before["status"]["currentStepIndex"] == 1
    else:
        assert after == before
    assert await asyncio.to_thread(objects.pods) == pods
    objects.patch(kind, name, {"metadata": {"annotations": {"changed-by": None}}})


@pytest.mark.parametrize(
    ("kind", "name", "verb"),
    [
        ("Application", "idle", "refresh"),
        ("ImageUpdater", "free", "hold"),
        ("CronWorkflow", "nightly", "suspend"),
    ],
)
async def test_an_object_that_took_the_place_of_another_is_left_alone(
    kind: str, name: str, verb: str, objects: Standing
) -> None:
    given = {"tag": "1.0.1"} if verb == "hold" else {}
    act = await objects.hands.prepare(kind, name, verb, given)
    (again,) = [one for one in others() if (one["kind"], one["metadata"]["name"]) == (kind, name)]
    objects.kubectl("delete", RESOURCE.get(kind, kind.lower()), name, "-n", objects.namespace)
    Apply(objects.kubectl)(again, objects.namespace)
    before = await asyncio.to_thread(objects.told, kind, name)

    done = await objects.hands.perform(act)
    assert done.outcomes == [Outcome.CONFLICT]
    assert done.last.text == "another object of that name has taken its place; nothing was sent"
    with pytest.raises(Refused, match="another object of that name has taken its place"):
        await objects.hands.acts.prepare(act.ref, VERBS[kind, verb], given)
    assert await asyncio.to_thread(objects.told, kind, name) == before


async def test_a_sync_hangs_neither_on_health_nor_on_the_time_of_the_comparison(objects: Standing) -> None:
    """No controller looks at the Application: the test writes what it writes all the time."""
    act = await objects.hands.prepare("Application", "idle", "sync")
    moved = {"health": {"status": "Progressing"}, "reconciledAt": "2026-11-26T09:00:00Z"}
    await asyncio.to_thread(objects.patch, "Application", "idle", {"status": moved})
    last = None
    async with aclosing(objects.hands.acts.perform(act)) as told:
        async for last in told:
            if last.outcome is not Outcome.SENDING:
                break
    assert last is not None
    assert (last.outcome, last.reply) == (Outcome.ACCEPTED, 200), last.text
    held = await asyncio.to_thread(objects.held, "Application", "idle")
    assert held["operation"]["sync"]["syncStrategy"] == {"hook": {}}
    assert held["status"]["health"]["status"] == "Progressing"
    await asyncio.to_thread(objects.patch, "Application", "idle", {"operation": None})


async def test_an_operation_whose_end_is_written_over_is_not_called_ended(objects: Standing) -> None:
    """No controller looks at the Application: the test writes what it wrote once in fifteen times."""
    act = await objects.hands.prepare("Application", "over", "terminate-op")
    reports: list[Report] = []
    async with aclosing(objects.hands.acts.perform(act)) as told:
        async for report in told:
            reports.append(report)
            if report.outcome is Outcome.ACCEPTED:
                held = await asyncio.to_thread(objects.held, "Application", "over")
                assert held["status"]["operationState"]["phase"] == "Terminating"
                running = {"status": {"operationState": {"phase": "Running"}}}
                await asyncio.to_thread(objects.patch, "Application", "over", running)
    done = Done(act, tuple(reports))
    assert done.last.outcome is Outcome.FAILED, done.story()
    assert "wrote its own state over the request" in done.last.text
    assert "send terminate-op again" in done.last.text
