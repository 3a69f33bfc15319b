"""Each verb of Rollouts, done through the Acts port to one and with the official tool to its twin: both are
left the same, field by field, with their ReplicaSets and AnalysisRuns."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from acting_hands import Hands, hands
from asking import Kubectl, own_namespace
from lab.running import Lab
from official_rollout import Plugin
from patience import eventually
from staging import play
from twin_left import difference, left_of_rollout
from twin_rollouts import TWINS, Twin

pytestmark = [
    pytest.mark.needs("rollouts"),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(300),
]


@dataclass(frozen=True, slots=True)
class Pairs:
    """All pairs in their states, and hands on them."""

    namespace: str
    kubectl: Kubectl
    plugin: Plugin
    hands: Hands

    def held(self, name: str) -> dict[str, object]:
        return self.kubectl.get("rollout", name, "-n", self.namespace)

    def official(self, words: str, name: str) -> None:
        """Say the official tool's words of a Rollout."""
        tool, *rest = [word.replace("NAME", name) for word in words.split(" ")]
        if tool == "kubectl":
            self.kubectl("-n", self.namespace, *rest)
        else:
            self.plugin(tool, *rest)


@pytest.fixture(scope="module")
def played(lab: Lab) -> Iterator[str]:
    kubectl = Kubectl(lab)
    with own_namespace(kubectl) as namespace:
        scenes = [scene for twin in TWINS for scene in twin.scenes()]
        play(scenes, namespace, kubectl, Plugin(lab, namespace), seconds=150)
        yield namespace


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pairs(lab: Lab, played: str) -> AsyncIterator[Pairs]:
    async with hands(lab, played) as own:
        yield Pairs(played, Kubectl(lab), Plugin(lab, played), own)


@pytest.mark.parametrize("twin", [pytest.param(one, id=one.case) for one in TWINS])
async def test_a_verb_leaves_what_the_official_tool_leaves_on_its_twin(twin: Twin, pairs: Pairs) -> None:
    for scene in twin.scenes():
        held = await asyncio.to_thread(pairs.held, scene.name)
        assert scene.reached(held), (scene.name, held.get("status"))

    done = await pairs.hands.do("Rollout", twin.ours, twin.verb, twin.given)
    await asyncio.to_thread(pairs.official, twin.official, twin.theirs)

    def settled(name: str) -> bool:
        held = pairs.held(name)
        assert twin.settled(held), (name, held["status"])
        return True

    await eventually(lambda: settled(twin.ours), what=done.story())
    await eventually(lambda: settled(twin.theirs), what=f"the twin after {twin.official}")

    def alike() -> bool:
        ours, theirs = (
            left_of_rollout(pairs.kubectl, pairs.namespace, name) for name in (twin.ours, twin.theirs)
        )
        found = difference(ours, theirs)
        assert not found, "\n".join(found[:20])
        return True

    await eventually(alike, what="both to be left alike", step=0.5)
