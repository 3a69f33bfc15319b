"""What Applications of the truth table are made of, and how to tell that one is in its state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Held = Mapping[str, Any]
"""An object as the API server holds it, or as argocd prints it."""
BUILDER = "lab/migrate:1"
SHA, DATE = r"[0-9a-f]{7}", r"\d+ \w{3} \d\d:\d\dZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A row of the truth table. Its files lie in a folder of its name."""

    state: str
    """In words; the test's name."""
    name: str
    files: Mapping[str, str | Held] = field(default_factory=dict)
    ready: Callable[[Held], object]
    """Whether Argo CD has written the state into the object."""
    health: str
    why: str
    """A pattern for the whole sentence; ``{name}`` is the Application's."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """What is known beforehand beyond what argocd prints."""
    needs_human: bool
    auto: Held | None = None
    """``automated``; None leaves auto-sync off."""
    retry: Held | None = None
    source: Held = field(default_factory=dict)
    """What is not as usual about its source."""
    sources: tuple[str, ...] = ()
    """Folders, where it has several sources."""
    annotations: Mapping[str, str] = field(default_factory=dict)
    refused: bool = False
    """Whether argocd itself refuses to print it, so that only the object tells."""
    project: str = "default"
    """``own``: the test's own project, which allows another namespace only; ``closed``: one with a window."""
    namespace: str = ""
    moves: Mapping[str, str | Held | None] | None = None
    """Files of a second commit, None removes one; made once the first is synced."""


def config_map(name: str, value: str = "1") -> Held:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"level": value}}


def job(name: str, lab: Mapping[str, str]) -> Held:
    """Return a Job that is a Sync hook."""
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "annotations": {"argocd.argoproj.io/hook": "Sync"}},
        "spec": {
            "backoffLimit": 0,
            "template": {
                "metadata": {"annotations": {f"lab/{key}": value for key, value in lab.items()}},
                "spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": BUILDER}]},
            },
        },
    }


def deployment(name: str, seconds: int) -> Held:
    """Return a Deployment whose pods can't be pulled, given up after that time."""
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "progressDeadlineSeconds": seconds,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "app", "image": "shop/pullfail:1"}]},
            },
        },
    }


def invalid_rollout(name: str) -> Held:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Rollout",
        "metadata": {"name": name},
        "spec": {
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": "other"}},
                "spec": {"containers": [{"name": "app", "image": "shop/web:1"}]},
            },
            "strategy": {"canary": {}},
        },
    }


def stands(
    sync: str, *, health: str = "", phase: str | None = "", condition: str = ""
) -> Callable[[Held], bool]:
    """Wait for sync and health, a phase of the operation (None: there was none), a condition."""

    def reached(held: Held) -> bool:
        status = held.get("status", {})
        kinds = {one["type"] for one in status.get("conditions") or ()}
        return (
            status.get("sync", {}).get("status") == sync
            and health in ("", status.get("health", {}).get("status"))
            and phase in ("", status.get("operationState", {}).get("phase"))
            and (not condition or condition in kinds)
        )

    return reached


def retried(held: Held) -> bool:
    """Wait for an operation that waits for its next attempt."""
    operation = held.get("status", {}).get("operationState", {})
    return operation.get("phase") == "Running" and "finishedAt" in operation


def says(text: str) -> Callable[[Held], bool]:
    """Wait for the operation's message to hold a text."""
    return lambda held: text in held.get("status", {}).get("operationState", {}).get("message", "")


def both(*conditions: Callable[[Held], object]) -> Callable[[Held], bool]:
    return lambda held: all(condition(held) for condition in conditions)


AUTO: Held = {}
NO_RETRY: Held = {"limit": 0}


def settings(name: str) -> dict[str, str | Held]:
    """Return the files of one ConfigMap of that name."""
    return {"settings.yaml": config_map(name)}
