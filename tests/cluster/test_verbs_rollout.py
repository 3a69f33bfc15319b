"""What verbs of Rollouts and AnalysisRuns do better than the official tool, or say beside what they do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from acting_hands import Hands, hands
from asking import Apply, Kubectl, own_namespace
from lab.running import Lab
from official_rollout import Plugin
from patience import eventually
from rollout_states import PAUSED, update
from rollouts import ENDLESS, analysis, canary, metric, pods, rollout, template, weight
from staging import Act, Held, Scene, play, wait_for_rest
from twin_left import difference, left_of_rollout, plain, without
from twin_rollouts import STEPS, at, endless, fully

pytestmark = [
    pytest.mark.needs("rollouts"),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(240),
]

REVISION = "rollout.argoproj.io/revision"
BY_HAND = "manually paused"
INJECTED = {
    "canaryMetadata": {"labels": {"role": "canary"}},
    "stableMetadata": {"labels": {"role": "stable"}},
}
FAILS = metric("one", "vector(1)", "result[0] > 2")


def scene(name: str, *acts: Act, phase: str, message: str = "", step: str = "", objects: Any = None) -> Scene:
    return Scene(
        state=name,
        objects=objects or (rollout(name, canary(*STEPS)),),
        acts=(update(name), *acts),
        phase=phase,
        message=message,
        step=step,
    )


def held_twice(name: str) -> Scene:
    pausing = Act(words=("pause", name), after="Paused")
    return scene(name, pausing, phase="Paused", message=BY_HAND)


SCENES = (
    held_twice("twice-ours"),
    held_twice("twice-stuck"),
    scene("twice-twin", phase="Paused", message=PAUSED),
    scene("resumed", phase="Paused", message=PAUSED),
    scene("resumed-twin", phase="Paused", message=PAUSED),
    scene(
        "injected",
        phase="Paused",
        message=PAUSED,
        objects=(rollout("injected", canary(*STEPS, **INJECTED)),),
    ),
    scene(
        "given-up",
        Act(words=("set", "image", "given-up", "app=shop/web:3"), after="Degraded"),
        phase="Degraded",
        message="RolloutAborted: Rollout aborted update to revision 3",
        objects=(
            rollout("given-up", canary(weight(50), analysis("given-up"), ENDLESS)),
            template("given-up", FAILS),
        ),
    ),
    *(
        scene(name, phase="Progressing", objects=endless(name), step="1/3")
        for name in ("measured-ours", "measured-twin")
    ),
)


@dataclass(frozen=True, slots=True)
class Stage:
    """All of them in their states, and hands on them."""

    namespace: str
    kubectl: Kubectl
    plugin: Plugin
    hands: Hands

    def held(self, name: str, kind: str = "rollout") -> dict[str, Any]:
        return self.kubectl.get(kind, name, "-n", self.namespace)

    def left(self, name: str, *aside: str) -> dict[str, Any]:
        return without(left_of_rollout(self.kubectl, self.namespace, name), *aside)

    def runs(self, name: str) -> list[dict[str, Any]]:
        """Return a Rollout's AnalysisRuns."""
        items = self.kubectl.get("analysisruns", "-n", self.namespace)["items"]
        return [one for one in items if one["metadata"]["ownerReferences"][0]["name"] == name]

    async def until(self, name: str, ready: Callable[[Held], object]) -> None:
        """Wait until a Rollout is as wanted."""

        def look() -> bool:
            held = self.held(name)
            assert ready(held), (name, held["status"])
            return True

        await eventually(look, what=f"{name} to go on")

    async def tried(self, names: Sequence[str], phase: str) -> None:
        """Wait until Experiments are in a phase."""

        def look() -> bool:
            phases = {one: self.held(one, "experiment").get("status", {}).get("phase") for one in names}
            assert set(phases.values()) == {phase}, phases
            return True

        await eventually(look, what=f"Experiments to be {phase}")

    async def alike(self, ours: str, theirs: str, *aside: str) -> None:
        """Wait until two are left alike."""

        def look() -> bool:
            found = difference(self.left(ours, *aside), self.left(theirs, *aside))
            assert not found, "\n".join(found[:20])
            return True

        await eventually(look, what=f"{ours} and {theirs} to be left alike", step=0.5)


@pytest.fixture(scope="module")
def played(lab: Lab) -> Iterator[str]:
    kubectl = Kubectl(lab)
    with own_namespace(kubectl) as namespace:
        play(SCENES, namespace, kubectl, Plugin(lab, namespace))
        for scene in SCENES:
            held = kubectl.get("rollout", scene.name, "-n", namespace)
            assert scene.reached(held), (scene.name, held["status"])
        yield namespace


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(lab: Lab, played: str) -> AsyncIterator[Stage]:
    async with hands(lab, played) as own:
        yield Stage(played, Kubectl(lab), Plugin(lab, played), own)


async def test_promote_goes_on_where_it_is_also_paused_by_hand_and_the_official_tool_may_be_stuck(
    stage: Stage,
) -> None:
    done = await stage.hands.do("Rollout", "twice-ours", "promote")
    assert [write.subresource for write in done.act.plan.writes] == ["", "status"]
    await asyncio.to_thread(stage.plugin, "promote", "twice-twin")
    await stage.until("twice-ours", at("Paused", PAUSED, 3))
    # its spec says that it is not paused, where the twin's says nothing; two more writes were seen
    aside = ("spec.paused", "metadata.generation", "status.observedGeneration")
    await stage.alike("twice-ours", "twice-twin", *(f"rollout.{one}" for one in aside))

    await asyncio.to_thread(stage.plugin, "promote", "twice-stuck")
    await asyncio.to_thread(wait_for_rest, stage.kubectl, stage.namespace, "twice-stuck")
    held = stage.held("twice-stuck")  # its two requests go on only if the controller sees both at once
    assert at("Paused", PAUSED, 1)(held) or at("Paused", PAUSED, 3)(held), held["status"]


async def test_resume_at_a_pause_step_does_what_promote_does(stage: Stage) -> None:
    await stage.hands.do("Rollout", "resumed", "resume")
    await asyncio.to_thread(stage.plugin, "promote", "resumed-twin")
    await stage.until("resumed", at("Paused", PAUSED, 3))
    await stage.alike("resumed", "resumed-twin")


async def test_undo_to_the_stable_version_leaves_out_what_the_controller_injected(stage: Stage) -> None:
    stable = stage.held("injected")["status"]["stableRS"]
    done = await stage.hands.do("Rollout", "injected", "undo", {"to-revision": 1})
    held = await asyncio.to_thread(stage.held, "injected")
    assert fully("shop/web:1")(held), held["status"]
    assert held["status"]["stableRS"] == stable
    assert "role" not in held["spec"]["template"]["metadata"]["labels"]
    assert any("role" in warning for warning in done.act.plan.warnings), done.act.plan.warnings
    assert done.last.seconds < 15, done.story()


async def test_undo_names_what_became_of_the_revision_before_and_one_that_was_healthy(stage: Stage) -> None:
    """Revision 1 is stable, 2 failed its analysis, 3 failed too: the official tool goes back to 2."""
    act = await stage.hands.prepare("Rollout", "given-up", "undo")
    (failed,) = [run for run in stage.runs("given-up") if run["metadata"]["annotations"][REVISION] == "2"]
    (told,) = [one for one in act.plan.warnings if one.startswith("Revision 2")]
    assert "(web:2) was aborted" in told
    assert f"its analysis {failed['metadata']['name']} ended Failed" in told
    assert told.endswith("is revision 1 (web:1): undo --to-revision 1.")
    assert act.plan.after == "the template of revision 2 (web:2), as revision 4"
    assert act.dangerous

    await stage.hands.do("Rollout", "given-up", "undo", {"to-revision": 1})
    await stage.until("given-up", fully("shop/web:1"))


async def test_terminate_ends_an_analysis_as_the_official_tool_does(stage: Stage) -> None:
    ours, theirs = (stage.runs(f"measured-{one}")[0]["metadata"]["name"] for one in ("ours", "twin"))
    await stage.hands.do("AnalysisRun", ours, "terminate")
    await asyncio.to_thread(stage.plugin, "terminate", "analysisrun", theirs)
    for name in ("measured-ours", "measured-twin"):
        await stage.until(name, at("Paused", PAUSED, 2))
    held = stage.held(ours, "analysisrun")
    assert held["spec"]["terminate"] is True
    assert (held["status"]["phase"], held["status"]["message"]) == ("Successful", "Run Terminated")
    await stage.alike("measured-ours", "measured-twin", "rollout.status.currentStepHash")


@pytest.mark.parametrize(
    ("verb", "before", "after", "more"),
    [("terminate", "Running", "Successful", {}), ("retry", "Successful", "Running", {"duration": "6s"})],
)
async def test_an_experiment_is_ended_and_run_again_as_by_the_official_tool(
    verb: str, before: str, after: str, more: dict[str, str], stage: Stage
) -> None:
    ours, theirs = f"{verb}-ours", f"{verb}-twin"
    Apply(stage.kubectl)([trial(ours, **more), trial(theirs, **more)], stage.namespace)

    def left(name: str) -> dict[str, Any]:
        held = plain(stage.held(name, "experiment"), {name: "<name>"})
        held["metadata"].pop("generation")  # the controller's own writes of the status count
        return {**held, "status": {key: held["status"].get(key) for key in ("phase", "message")}}

    await stage.tried((ours, theirs), before)
    await stage.hands.do("Experiment", ours, verb)
    await asyncio.to_thread(stage.plugin, verb, "experiment", theirs)
    await stage.tried((ours, theirs), after)
    await stage.tried((ours, theirs), "Successful")
    assert difference(left(ours), left(theirs)) == []


def trial(name: str, **more: str) -> dict[str, Any]:
    """Make an Experiment that runs one pod, until it is ended if nothing else is said."""
    selector = {"matchLabels": {"app": name}}
    tried = {"name": "new", "replicas": 1, "selector": selector, "template": pods(name)}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Experiment",
        "metadata": {"name": name},
        "spec": {"templates": [tried], **more},
    }
