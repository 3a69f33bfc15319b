"""Parts of an Application that Argo CD's application controller writes, and how it judges a Rollout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Object = dict[str, Any]


def automated_operation(app: Mapping[str, Any], revision: str) -> Object:
    """Return the operation of an automated sync."""
    spec = app["spec"]
    sync: Object = {"revision": revision, "source": spec["source"]}
    if spec["syncPolicy"]["automated"].get("prune"):
        sync["prune"] = True
    if options := spec["syncPolicy"].get("syncOptions"):
        sync["syncOptions"] = options
    return {"initiatedBy": {"automated": True}, "retry": {"limit": 5}, "sync": sync}


def health_of(rollout: Mapping[str, Any]) -> str:
    """Return a Rollout's health in Argo CD's words."""
    status = rollout.get("status") or {}
    if int(status.get("observedGeneration", "0")) < rollout["metadata"]["generation"]:
        return "Progressing"
    phase = str(status.get("phase", "Progressing"))
    return "Suspended" if phase == "Paused" else phase


def remember(obj: Object, state: Object, revision: str, now: str) -> None:
    """Add an entry to the history; ten are kept."""
    history = obj["status"].get("history") or []
    entry = {
        "deployStartedAt": state["startedAt"],
        "deployedAt": now,
        "id": history[-1]["id"] + 1 if history else 0,
        "initiatedBy": state["operation"].get("initiatedBy", {}),
        "revision": revision,
        "source": obj["spec"]["source"],
    }
    obj["status"]["history"] = [*history, entry][-10:]
