"""The scale subresource: an object's replicas as an ``autoscaling/v1`` Scale."""

from __future__ import annotations

from typing import Any

from trombone_tui.demo.errors import bad_request
from trombone_tui.demo.records import Object


def scale_of(obj: Object) -> Object:
    """Return an object's Scale."""
    metadata, spec, status = obj["metadata"], obj.get("spec") or {}, obj.get("status") or {}
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    replicas = status.get("HPAReplicas", status.get("replicas", 0))
    selector = status.get("selector") or _selector(spec.get("selector") or {})
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {key: metadata[key] for key in kept if key in metadata},
        "spec": {"replicas": spec["replicas"]} if spec.get("replicas") else {},
        "status": {"replicas": replicas} | ({"selector": selector} if selector else {}),
    }


def scaled(obj: Object, scale: Any) -> Object:
    """Return the object with a Scale's replicas.

    Raises:
        ApiError: 400, the scale has no number.
    """
    spec = scale.get("spec") if isinstance(scale, dict) else None
    replicas = spec.get("replicas", 0) if isinstance(spec, dict) else None
    if not isinstance(replicas, int) or replicas < 0:
        raise bad_request("spec.replicas must be a number from 0 on")
    return obj | {"spec": (obj.get("spec") or {}) | {"replicas": replicas}}


def _selector(selector: Object) -> str:
    return ",".join(f"{key}={value}" for key, value in (selector.get("matchLabels") or {}).items())
