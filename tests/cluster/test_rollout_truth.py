"""Every state of a Rollout reads as the official tool prints it, of the same version of the objects."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from asking import Kubectl, Status, pick
from lab.running import Lab
from official_rollout import Plugin, Shown
from patience import until
from rollout_states import STATES
from staging import Scene, play

pytestmark = [pytest.mark.needs("rollouts", "prometheus"), pytest.mark.timeout(120)]

HEALTH = {"✔": "Healthy", "✖": "Degraded", "◌": "Progressing", "॥": "Suspended"}
"""What the official tool's marks of a Rollout are in Argo CD's words."""


Both = tuple[Shown, dict[str, Any]]
"""What the official tool and our program say of one version of a Rollout and its ReplicaSets."""


@pytest.fixture(scope="module")
def stage(lab: Lab) -> Iterator[dict[str, Both]]:
    """Bring all Rollouts of the table into their states, and look at each with both programs."""
    kubectl, name = Kubectl(lab), f"t-{secrets.token_hex(3)}"
    kubectl("create", "namespace", name)
    try:
        play(STATES, name, kubectl, Plugin(lab, name))
        yield looks(name, lab)
    finally:
        kubectl("delete", "namespace", name, "--wait=false", check=False)


def looks(namespace: str, lab: Lab) -> dict[str, Both]:
    """Look until every Rollout stood still between the looks of both, by name."""
    kubectl, plugin, status, found = Kubectl(lab), Plugin(lab, namespace), Status(lab), {}

    def versions() -> dict[str, set[tuple[str, str]]]:
        of: dict[str, set[tuple[str, str]]] = {}
        for one in kubectl.get("rollouts,replicasets", "-n", namespace)["items"]:
            meta = one["metadata"]
            of.setdefault(meta["labels"]["app"], set()).add((meta["uid"], meta["resourceVersion"]))
        return of

    def look() -> bool:
        left = {scene.name for scene in STATES} - found.keys()
        before = versions()
        document = status("-n", namespace)
        official = {name: plugin.shows(name) for name in left}
        after = versions()
        for name in left:
            ours = pick(document, "rollout", "Rollout", namespace, name)
            if ours is not None and before[name] == after[name]:
                found[name] = official[name], ours
        return len(found) == len(STATES)

    with suppress(AssertionError):
        until(look, seconds=30)
    return found


@pytest.mark.parametrize("scene", STATES, ids=[scene.state for scene in STATES])
def test_a_rollout_reads_as_the_official_tool_prints_it(scene: Scene, stage: dict[str, Both]) -> None:
    assert scene.name in stage, "it changed all the time, or has no row"
    official, ours = stage[scene.name]
    assert (official.phase, official.step, official.set, official.actual, official.images) == (
        scene.phase,
        scene.step,
        scene.set,
        scene.actual,
        scene.images,
    )
    assert official.message.startswith(scene.message)
    assert bool(official.message) is bool(scene.message) or scene.phase == "Progressing"

    fields = ours["fields"]
    assert ours["health"] == HEALTH[official.icon]
    assert {name: _text(fields[name]) for name in ("phase", "message", "set_weight", "actual_weight")} == {
        "phase": official.phase,
        "message": official.message,
        "set_weight": official.set,
        "actual_weight": official.actual,
    }
    assert official.step == ("" if fields["steps"] is None else f"{fields['step']}/{fields['steps']}")
    assert {name: str(fields[name.lower()]) for name in official.replicas} == official.replicas
    assert scene.says in ours["why"]

    said = {tag: fields[f"{tag}_image"] for tag in ("stable", "canary", "active", "preview")}
    assert {tag: said[tag] for tag in official.images} == official.images
    for tag in {tag for tag, image in said.items() if image} - set(official.images):
        assert tag in official.without_pods or (tag == "canary" and fields["strategy"] == "blue-green")


def _text(value: object) -> str:
    return "" if value is None else str(value)
