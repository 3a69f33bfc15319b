"""An object's parts as the store keeps them, and what the crowd's objects share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trombone_tui.demo.records import encode
from trombone_tui.demo.story.services import REGISTRY

Object = dict[str, Any]
Sections = Mapping[str, bytes]

OLD, NEW = f"{REGISTRY}/svc/@service@:v1.0.1-sha0a1b2c3", f"{REGISTRY}/svc/@service@:v1.0.2-sha4d5e6f7"
"""The image before, and the one that is deployed."""


def sections(api_version: str, kind: str, spec: Object, status: Object, phase: str = "") -> Sections:
    """Return the parts as JSON; ``phase`` is what a Workflow's labels tell."""
    made = {
        "apiVersion": encode(api_version),
        "kind": encode(kind),
        "spec": encode(spec),
        "status": encode(status),
    }
    return made | ({"labels": phase.encode()} if phase else {})
