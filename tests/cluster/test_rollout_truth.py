"""Every state of a Rollout reads as the official tool prints it, of the same version of the objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from asking import Kubectl
from lab.running import Lab
from looking import Look, staged
from patience import until
from rollout_states import STATES
from staging import Scene

pytestmark = [pytest.mark.needs("rollouts", "prometheus"), pytest.mark.timeout(180)]

HEALTH = {"✔": "Healthy", "✖": "Degraded", "◌": "Progressing", "॥": "Suspended"}
"""What the official tool's marks of a Rollout are in Argo CD's words."""


@pytest.fixture(scope="module")
def stage(lab: Lab) -> Iterator[dict[str, Look]]:
    """All Rollouts of the table, brought into their states and looked at."""
    with staged(STATES, lab) as seen:
        yield seen


@pytest.mark.parametrize("scene", STATES, ids=[scene.state for scene in STATES])
def test_a_rollout_reads_as_the_official_tool_prints_it(scene: Scene, stage: dict[str, Look]) -> None:
    assert scene.name in stage, "it changed all the time, or has no row"
    look = stage[scene.name]
    official, (ours,) = look.official, look.items("rollout", scene.name)
    assert (official.phase, official.step, official.set_weight, official.actual_weight, official.images) == (
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
        "set_weight": official.set_weight,
        "actual_weight": official.actual_weight,
    }
    assert official.step == ("" if fields["steps"] is None else f"{fields['step']}/{fields['steps']}")
    assert {name: str(fields[name.lower()]) for name in official.replicas} == official.replicas
    assert scene.says in ours["why"]

    said = {tag: fields[f"{tag}_image"] for tag in ("stable", "canary", "active", "preview")}
    assert {tag: said[tag] for tag in official.images} == official.images
    for tag in {tag for tag, image in said.items() if image} - set(official.images):
        assert tag in official.without_pods or (tag == "canary" and fields["strategy"] == "blue-green")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        pytest.param("crashing", "CrashLoopBackOff", id="crash looping"),
        pytest.param("unpullable", "ImagePullBackOff", id="an image that can't be pulled, past the deadline"),
        pytest.param("updated", "ImagePullBackOff", id="an image that can't be pulled"),
    ],
)
def test_pods_that_do_not_start_are_counted_as_the_server_has_them(
    name: str, reason: str, stage: dict[str, Look], kubectl: Kubectl
) -> None:
    look = stage[name]
    (rollout,) = look.of("Rollout")
    of_update = f"app={name},rollouts-pod-template-hash={rollout['status']['currentPodHash']}"

    def waiting() -> list[dict[str, Any]]:
        pods: list[dict[str, Any]] = kubectl.get("pods", "-n", look.namespace, "-l", of_update)["items"]
        states = [one["state"] for pod in pods for one in pod["status"]["containerStatuses"]]
        assert [state.get("waiting", {}).get("reason") for state in states] == [reason]
        return pods

    pods = until(waiting, what=f"pods that wait because of {reason}")
    ready = [c for pod in pods for c in pod["status"].get("conditions", ()) if c["type"] == "Ready"]
    count = sum(c["status"] == "True" for c in ready)
    (ours,) = look.items("rollout", name)
    assert f"{count} of {len(pods)} canary pod available" in ours["why"]
    assert ours["fields"]["actual_weight"] == 0


def _text(value: object) -> str:
    return "" if value is None else str(value)
