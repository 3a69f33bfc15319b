"""Brings many Rollouts into their states at once: each has a script of acts, played when its turn has come.

A status that is written within a moment of the controller's own write can be swallowed by its cache, so an
act waits until nothing has changed for half a second, and what stands still for long is touched.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from asking import Apply, Kubectl
from official_rollout import Plugin
from patience import until

AT_REST = 0.5
STUCK = 8.0

Held = Mapping[str, Any]
"""A Rollout as the API server holds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Words for an official tool, and what they wait for: the Rollout's phase, and more if need be."""

    words: tuple[str, ...]
    after: str = "Healthy"
    when: Callable[[Held], bool] = lambda _: True
    tool: str = "plugin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A Rollout's way into a state, and what the official tool is known to print there."""

    state: str
    """A row of the truth table."""
    objects: tuple[Mapping[str, Any], ...]
    """The Rollout first."""
    acts: tuple[Act, ...] = ()
    phase: str
    message: str = ""
    """How it begins."""
    step: str = ""
    set: str = ""
    actual: str = ""
    images: Mapping[str, str] = field(default_factory=dict)
    says: str = ""
    """A part of the sentence that explains it."""

    @property
    def name(self) -> str:
        """The Rollout's."""
        found: str = self.objects[0]["metadata"]["name"]
        return found

    def reached(self, held: Held) -> bool:
        """Whether the controller has written the state."""
        status = held.get("status", {})
        index = self.step.partition("/")[0]
        return (
            observed(held)
            and status.get("phase") == self.phase
            and status.get("message", "").startswith(self.message)
            and (not index or str(status.get("currentStepIndex", 0)) == index)
        )


def observed(held: Held) -> bool:
    """Whether the controller has seen the newest spec."""
    seen: object = held.get("status", {}).get("observedGeneration")
    return seen == str(held["metadata"]["generation"])


@dataclass(slots=True)
class _Playing:
    scene: Scene
    left: list[Act]
    version: str = ""
    changed: float = 0.0

    def look(self, held: Held, now: float) -> float:
        """Return for how long nothing has changed."""
        if held["metadata"]["resourceVersion"] != self.version:
            self.version, self.changed = held["metadata"]["resourceVersion"], now
        return now - self.changed

    def due(self, held: Held) -> bool:
        """Whether the next act's turn has come."""
        phase = held.get("status", {}).get("phase")
        if not self.left or not observed(held):
            return False
        return phase == self.left[0].after and self.left[0].when(held)


def wait_for_rest(kubectl: Kubectl, namespace: str, name: str) -> None:
    """Wait until a Rollout has not changed for so long that what is written to its status counts."""
    version, since = "", time.monotonic()

    def rests() -> bool:
        nonlocal version, since
        newest = kubectl.get("rollout", name, "-n", namespace)["metadata"]["resourceVersion"]
        if newest != version:
            version, since = newest, time.monotonic()
        return time.monotonic() - since >= AT_REST

    until(rests, what=f"{name} to stand still")


def play(
    scenes: Sequence[Scene], namespace: str, kubectl: Kubectl, plugin: Plugin, *, seconds: float = 90
) -> None:
    """Play all scenes to their end, as far as they get in time: what is missing is for their tests to say."""
    Apply(kubectl)([thing for scene in scenes for thing in scene.objects], namespace)
    playing = {scene.name: _Playing(scene, list(scene.acts)) for scene in scenes}
    tools: dict[str, Callable[..., str]] = {
        "plugin": plugin,
        "kubectl": lambda *words: kubectl("-n", namespace, *words),
    }

    def ended() -> bool:
        now, done = time.monotonic(), True
        for held in kubectl.get("rollouts", "-n", namespace)["items"]:
            one = playing[held["metadata"]["name"]]
            rest = one.look(held, now)
            if rest >= AT_REST and one.due(held):
                act = one.left.pop(0)
                tools[act.tool](*act.words)
                one.changed = now
            if one.left or not one.scene.reached(held):
                done = False
                if rest >= STUCK:
                    kubectl(
                        "-n",
                        namespace,
                        "annotate",
                        "rollout",
                        one.scene.name,
                        f"touched={now}",
                        "--overwrite",
                    )
        return done

    try:
        until(ended, seconds=seconds, what="all Rollouts in their states", step=0.2)
    except AssertionError:
        return
