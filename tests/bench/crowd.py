"""Many objects made from a few that real controllers wrote: other names, same shape and size."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).parents[1] / "data"
SIZE = 6_000
"""Bytes of a Workflow as a busy cluster has them; what is missing is put into managedFields."""


def sample(stage: str, name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DATA / stage / f"{name}.yaml").read_text(encoding="utf-8"))
    return loaded


def padded(obj: dict[str, Any], size: int = SIZE) -> dict[str, Any]:
    missing = max(0, size - len(json.dumps(obj)))
    fields = {f"f:field-{number}": {"f:inner": {}} for number in range(missing // 32)}
    obj["metadata"]["managedFields"] = [{"manager": "controller", "operation": "Update", "fieldsV1": fields}]
    return obj


def workflows(count: int, services: int = 100) -> Iterator[dict[str, Any]]:
    """Make Workflows spread over services by label: six in ten succeeded, three run, one failed."""
    named = ["succeeded"] * 6 + ["running"] * 3 + ["failed-after-retries"]
    models = [padded(sample("workflows", name)) for name in named]
    for number in range(count):
        obj = renamed(models[number % len(models)], f"build-{number:05d}", number)
        app = f"svc-{number % services:03d}"
        obj["metadata"]["labels"] |= {"trombone.dev/app": app, "events.argoproj.io/sensor": app}
        yield obj


def applications(count: int) -> Iterator[dict[str, Any]]:
    """Make Applications, each a service of its own."""
    model = sample("sync", "synced-degraded")
    for number in range(count):
        obj = renamed(model, f"svc-{number:04d}", number)
        for managed in obj["status"]["resources"]:
            if managed["kind"] == "Rollout":
                managed["name"] = f"svc-{number:04d}"
        yield obj


def rollouts(count: int) -> Iterator[dict[str, Any]]:
    """Make Rollouts of the first Applications."""
    model = sample("rollout", "as-shown")
    for number in range(count):
        yield renamed(model, f"svc-{number:04d}", number)


def renamed(model: dict[str, Any], name: str, number: int) -> dict[str, Any]:
    obj = copy.deepcopy(model)
    uid = f"{number:08d}-0000-4000-8000-{len(name):012d}"
    obj["metadata"] |= {"name": name, "uid": uid, "resourceVersion": str(number + 1)}
    return obj


def line(kind: str, obj: dict[str, Any]) -> bytes:
    return json.dumps({"type": kind, "object": obj}, separators=(",", ":")).encode() + b"\n"
