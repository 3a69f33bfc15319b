"""A canary's steps in words.

A step has one key (``argo-rollouts@v1.9.1:pkg/apis/rollouts/v1alpha1/types.go``, CanaryStep); one that
is not known here is shown by its name, never left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trombone_tui.core.objects.durations import go_duration, spoken
from trombone_tui.core.objects.phrases import counted
from trombone_tui.core.objects.raw import at, listing, text
from trombone_tui.pipeline.rollout.weights import FULL, share, whole


def step_words(step: dict[str, Any], top: int = FULL) -> str:
    """Say what a step does: ``set weight 20 %``, ``pause until promoted``, ``analysis success-rate``."""
    known = [key for key, value in step.items() if value is not None and key in _WORDS]
    if known:
        value = step[known[0]]
        return _WORDS[known[0]](value if isinstance(value, dict) else {"": value}, top)
    unknown = ", ".join(key for key, value in step.items() if value is not None)
    return f"unknown step {unknown}" if unknown else "empty step"


def pause_duration(step: dict[str, Any] | None) -> object:
    """Return what a pause step says of its duration, as it is written; None without one."""
    return at(step, "pause", "duration")


def _weight(value: dict[str, Any], top: int) -> str:
    weight = whole(value.get(""))
    return "set weight ?" if weight is None else f"set weight {share(weight, top)}"


def _pause(value: dict[str, Any], _: int) -> str:
    written = value.get("duration")
    if written is None:
        return "pause until promoted"
    duration = go_duration(written)
    return f"pause {written}" if duration is None else f"pause {spoken(duration)}"


def _analysis(value: dict[str, Any], _: int) -> str:
    return f"analysis {_names(value.get('templates'), 'templateName')}".rstrip()


def _experiment(value: dict[str, Any], _: int) -> str:
    return f"experiment {_names(value.get('templates'), 'name')}".rstrip()


def _scale(value: dict[str, Any], _: int) -> str:
    weight, replicas = whole(value.get("weight")), whole(value.get("replicas"))
    if weight is not None:
        return f"set canary scale to {weight} %"
    if value.get("matchTrafficWeight"):
        return "set canary scale to match the weight"
    if replicas is not None:
        return f"set canary scale to {counted(replicas, 'pod')}"
    return "set canary scale"


def _header(value: dict[str, Any], _: int) -> str:
    return f"{'set' if value.get('match') else 'remove'} header route {_text(value.get('name'))}".rstrip()


def _mirror(value: dict[str, Any], _: int) -> str:
    percentage = whole(value.get("percentage"))
    some = f" {percentage} %" if percentage is not None and value.get("match") else ""
    return f"{'set' if value.get('match') else 'remove'} mirror route {_text(value.get('name'))}{some}"


def _plugin(value: dict[str, Any], _: int) -> str:
    return f"plugin {_text(value.get('name'))}".rstrip()


_WORDS: dict[str, Callable[[dict[str, Any], int], str]] = {
    "setWeight": _weight,
    "pause": _pause,
    "analysis": _analysis,
    "experiment": _experiment,
    "setCanaryScale": _scale,
    "setHeaderRoute": _header,
    "setMirrorRoute": _mirror,
    "plugin": _plugin,
}


def _names(entries: object, key: str) -> str:
    return ", ".join(text(entry, key) for entry in listing(entries) if at(entry, key))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
