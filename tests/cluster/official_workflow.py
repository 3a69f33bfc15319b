"""What ``argo get`` would print of a Workflow, worked out from the object alone.

The CLI can't be built from its module, so its rules stand here a second time, written without a look
at the readers: ``argo-workflows@v4.1.2:cmd/argo/commands/common/get.go`` (which nodes are drawn) and
``util/printer`` (the word for the status).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_BOUNDARIES, _PARENTS = {"DAG", "Steps"}, {"StepGroup", "Retry"}
_DRAWN = {"Pod", "Skipped", "Suspend", "HTTP", "Plugin"} | _BOUNDARIES | _PARENTS
_ICONS = {
    "Pending": "◷",
    "Running": "●",
    "Succeeded": "✔",
    "Skipped": "○",
    "Failed": "✖",
    "Error": "⚠",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the tree."""

    icon: str
    name: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What ``argo get`` would print; None and empty where it prints nothing."""

    status: str
    message: str
    progress: str
    seconds: int | None
    """From start to end."""
    lines: tuple[Line, ...]

    def names(self, icons: str) -> set[str]:
        """Name the lines that have one of these marks."""
        return {line.name for line in self.lines if line.icon in icons}


def argo_get(held: Mapping[str, Any]) -> Printed:
    """Print a Workflow."""
    status = held.get("status", {})
    nodes: dict[str, dict[str, Any]] = status.get("nodes") or {}
    started, finished = status.get("startedAt"), status.get("finishedAt")
    ended = datetime.fromisoformat(finished) - datetime.fromisoformat(started) if finished else None
    return Printed(
        status=_word(held, nodes),
        message=status.get("message", ""),
        progress=status.get("progress", ""),
        seconds=None if ended is None else int(ended.total_seconds()),
        lines=tuple(_line(one) for one in nodes.values() if _drawn(one)),
    )


def _word(held: Mapping[str, Any], nodes: Mapping[str, Mapping[str, Any]]) -> str:
    phase, spec = held.get("status", {}).get("phase", ""), held["spec"]
    gates = any(one["type"] == "Suspend" and one.get("phase") == "Running" for one in nodes.values())
    if phase == "Running" and (spec.get("suspend") or gates):
        return "Running (Suspended)"
    if phase == "Failed" and spec.get("shutdown"):
        return "Failed (Terminated)"
    return phase or "Pending"


def _drawn(one: Mapping[str, Any]) -> bool:
    if one["type"] not in _DRAWN or one["type"] == "StepGroup":
        return False
    if one["type"] == "Retry" and len(one.get("children") or ()) == 1:
        return False
    return not (one["type"] == "Skipped" and one.get("phase") == "Omitted")


def _line(one: Mapping[str, Any]) -> Line:
    phase = one.get("phase", "")
    icon = "ǁ" if one["type"] == "Suspend" and phase == "Running" else _ICONS.get(phase, "")
    return Line(icon=icon, name=one["displayName"], message=one.get("message", ""))
