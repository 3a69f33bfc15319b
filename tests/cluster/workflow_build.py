"""What Workflows of the truth table are made of, and how to tell that one is in its state.

Pods are kwok's: the annotations ``lab/exit-code``, ``lab/takes`` and ``lab/outputs`` of a template say how
its pod ends. A container whose image is called ``pullfail`` is never pulled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Held = Mapping[str, Any]
"""An object as the API server holds it."""

BUILDER = "127.0.0.1:5000/ci/builder:1"
EVER = "1h"
"""For a pod: longer than any test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """A row of the truth table."""

    state: str
    """In words; the test's name."""
    name: str
    spec: Mapping[str, Any]
    ready: Callable[[Held], object]
    """Whether the controller has written the state into the object."""
    health: str
    why: str
    """A pattern for the whole sentence."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """What is known beforehand beyond what the object says."""
    labels: Mapping[str, str] = field(default_factory=dict)
    then: Mapping[str, Any] | None = None
    """A merge patch for when its gate is reached."""
    kind: str = "Workflow"

    def manifest(self) -> dict[str, Any]:
        return {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": self.kind,
            "metadata": {"name": self.name, "labels": dict(self.labels)},
            "spec": self.spec,
        }


def pod(
    name: str = "main", *, image: str = BUILDER, lab: Mapping[str, str] | None = None, **more: Any
) -> Held:
    """Return a template of one pod; ``lab`` are annotations without their prefix."""
    container = {"image": image, "command": ["/bin/build"]}
    annotations = {f"lab/{key}": value for key, value in (lab or {}).items()}
    made = {"name": name, "container": container, **more}
    return {**made, "metadata": {"annotations": annotations}} if annotations else made


def steps(*groups: Held) -> Held:
    """Return the main template: one step after the other."""
    return {"name": "main", "steps": [[group] for group in groups]}


def dag(*tasks: Held, **more: Any) -> Held:
    """Return the main template as a graph."""
    return {"name": "main", "dag": {"tasks": list(tasks), **more}}


def task(name: str, template: str, *after: str, **more: Any) -> Held:
    """Return a step, or a task that comes after others."""
    made = {"name": name, "template": template, **more}
    return {**made, "dependencies": list(after)} if after else made


def flow(*templates: Held, **more: Any) -> dict[str, Any]:
    """Return a spec that begins at main."""
    return {"entrypoint": "main", "templates": list(templates), **more}


def phase(*names: str) -> Callable[[Held], bool]:
    """Wait for a phase."""
    return lambda held: held.get("status", {}).get("phase") in names


def node(display: str, *phases: str, message: str = "") -> Callable[[Held], bool]:
    """Wait for a node of that display name to be in a phase, and to say something."""

    def reached(held: Held) -> bool:
        nodes = held.get("status", {}).get("nodes", {}).values()
        return any(
            one["displayName"] == display and one.get("phase") in phases and message in one.get("message", "")
            for one in nodes
        )

    return reached


def both(*conditions: Callable[[Held], object]) -> Callable[[Held], bool]:
    """Wait for all of them at once."""
    return lambda held: all(condition(held) for condition in conditions)


def at(state: str) -> Callable[[Held], bool]:
    """Wait for a lock to be held or waited for: ``holding`` or ``waiting``."""
    return lambda held: bool(held.get("status", {}).get("synchronization", {}).get("mutex", {}).get(state))


DATE = r"\d+ \w{3} \d\d:\d\dZ"
TOOK = r"\d+ s"
