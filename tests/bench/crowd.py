"""Many objects made from a few that real controllers wrote: other names, same shape and size."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).parents[1] / "data"
SIZE = 6_000
"""Bytes of a Workflow as a busy cluster has them; what is missing is put into managedFields."""


def sample(stage: str, name: str) -> dict[str, Any]:
    """Load the first object of a file of the test data."""
    text = (DATA / stage / f"{name}.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = next(one for one in yaml.safe_load_all(text) if one and "metadata" in one)
    return found


def padded(obj: dict[str, Any], size: int = SIZE) -> dict[str, Any]:
    missing = max(0, size - len(json.dumps(obj)))
    fields = {f"f:field-{number}": {"f:inner": {}} for number in range(missing // 32)}
    obj["metadata"]["managedFields"] = [{"manager": "controller", "operation": "Update", "fieldsV1": fields}]
    return obj


MIX = ("succeeded",) * 6 + ("running",) * 3 + ("failed-after-retries",)
"""Which Workflows a busy cluster has."""


def workflows(
    count: int, mix: Sequence[str] = MIX, *, first: int = 0, services: int = 100
) -> Iterator[dict[str, Any]]:
    """Make Workflows that labels spread over services."""
    models = [padded(sample("workflows", name)) for name in mix]
    for number in range(first, first + count):
        obj = renamed(models[number % len(models)], f"build-{number:05d}", number)
        app = f"svc-{number % services:04d}"
        obj["metadata"]["labels"] |= {"trombone.dev/app": app, "events.argoproj.io/sensor": app}
        yield obj


def applications(count: int, sync: str = "Synced") -> Iterator[dict[str, Any]]:
    """Make Applications, each a service of its own."""
    model = sample("sync", "synced-degraded")
    for number in range(count):
        name = f"svc-{number:04d}"
        obj = renamed(model, name, number)
        obj["status"]["sync"]["status"] = sync
        obj["status"].setdefault("summary", {})["images"] = [f"registry.example/{name}:1.0.0"]
        for managed in obj["status"]["resources"]:
            if managed["kind"] == "Rollout":
                managed["name"] = name
        yield obj


def rollouts(count: int, name: str = "timed") -> Iterator[dict[str, Any]]:
    """Make Rollouts of the first Applications."""
    model = sample("rollout", name)
    for number in range(count):
        yield renamed(model, f"svc-{number:04d}", number)


def renamed(model: dict[str, Any], name: str, number: int, namespace: str = "shop") -> dict[str, Any]:
    """Return a copy that is another object; a Rollout or Application says nothing of where it came from."""
    obj = copy.deepcopy(model)
    obj["metadata"].get("annotations", {}).pop("argocd.argoproj.io/tracking-id", None)
    obj["metadata"]["namespace"] = namespace
    uid = f"{number:08d}-0000-4000-8000-{len(name):012d}"
    obj["metadata"] |= {"name": name, "uid": uid, "resourceVersion": str(number + 1)}
    return obj


def line(kind: str, obj: dict[str, Any]) -> bytes:
    return json.dumps({"type": kind, "object": obj}, separators=(",", ":")).encode() + b"\n"
