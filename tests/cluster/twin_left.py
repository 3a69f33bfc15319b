"""What a verb leaves behind, written so that two objects that were made alike can be compared field by field.

Left out is what differs between any two objects: uids, resourceVersions, who wrote what when; the former
numbers of a ReplicaSet, which the controller notes or not as its cache happens to stand; and that a Rollout
is not paused, which is said or not by whether it was seen paused before. Names and hashes are written as what
they stand for, times as ``<time>``: that there is one counts, not which.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from asking import Kubectl

HASH = "rollouts-pod-template-hash"
OURS = "trombone.dev/"
"""How the annotations begin in which we note something; no official tool writes them."""
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
_META = ("uid", "resourceVersion", "creationTimestamp", "managedFields", "ownerReferences", "selfLink")
_NOTES = (
    "touched",
    "kubectl.kubernetes.io/last-applied-configuration",
    "rollout.argoproj.io/revision-history",
)

Held = Mapping[str, Any]


def left_of_rollout(kubectl: Kubectl, namespace: str, name: str) -> dict[str, Any]:
    """Return a Rollout, its ReplicaSets by image and its AnalysisRuns by name, fit to be compared."""
    items = kubectl.get("rollouts,replicasets,analysisruns", "-n", namespace)["items"]
    mine = next(one for one in items if one["kind"] == "Rollout" and one["metadata"]["name"] == name)
    owned = [one for one in items if _owned(one, mine["metadata"]["uid"])]
    sets = [one for one in owned if one["kind"] == "ReplicaSet"]
    hashes = {one["metadata"]["labels"][HASH]: f"<{_image(one)}>" for one in sets}
    known = {name: "<name>"} | hashes
    return {
        "rollout": plain(mine, known),
        "replica sets": {_image(one): _kept(plain(one, known)) for one in sets},
        "analysis runs": dict(
            sorted(_run(plain(one, known)) for one in owned if one["kind"] == "AnalysisRun")
        ),
    }


def plain(one: Held, known: Mapping[str, str]) -> dict[str, Any]:
    """Return an object without what only it has; ``known`` are texts and what they stand for."""
    meta = {key: value for key, value in one["metadata"].items() if key not in _META}
    notes = {
        key: value
        for key, value in (meta.get("annotations") or {}).items()
        if key not in _NOTES and not key.startswith(OURS)
    }
    text = json.dumps({**one, "metadata": {**meta, "annotations": notes}})
    for value, word in sorted(known.items(), key=lambda pair: -len(pair[0])):
        text = text.replace(value, word)
    found: dict[str, Any] = json.loads(_TIME.sub("<time>", text))
    conditions = (found.get("status") or {}).get("conditions")
    if isinstance(conditions, list):
        told = [one for one in conditions if (one["type"], one["status"]) != ("Paused", "False")]
        found["status"]["conditions"] = {condition["type"]: condition for condition in told}
    return found


def difference(one: Any, other: Any, at: str = "") -> list[str]:
    """Return the fields in which two differ, each with both values."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted(one.keys() | other.keys())
        return [line for key in keys for line in difference(one.get(key), other.get(key), f"{at}.{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [line for place, (a, b) in pairs for line in difference(a, b, f"{at}[{place}]")]
    return [] if one == other else [f"{at}: {one!r} and {other!r}"]


def filled(value: Any) -> Any:
    """Leave out what is empty: who replaces a whole object writes every field that there is."""
    if isinstance(value, dict):
        made = {key: filled(one) for key, one in value.items()}
        return {key: one for key, one in made.items() if one not in (None, "", {}, [])}
    return [filled(one) for one in value] if isinstance(value, list) else value


def without(left: dict[str, Any], *paths: str) -> dict[str, Any]:
    """Leave fields out, each written as ``rollout.metadata.generation``."""
    made = json.loads(json.dumps(left))
    for path in paths:
        *folders, last = path.split(".")
        part = made
        for folder in folders:
            part = part.get(folder, {})
        part.pop(last, None)
    return dict(made)


def _owned(one: Held, uid: str) -> bool:
    return any(owner["uid"] == uid for owner in one["metadata"].get("ownerReferences", ()))


def _image(one: Held) -> str:
    image: str = one["spec"]["template"]["spec"]["containers"][0]["image"]
    return image


def _kept(one: Held) -> dict[str, Any]:
    status = one.get("status", {})
    return {
        "annotations": one["metadata"]["annotations"],
        "labels": one["metadata"].get("labels"),
        "spec": one["spec"],
        "pods": {key: status.get(key, 0) for key in ("replicas", "availableReplicas")},
    }


def _run(one: Held) -> tuple[str, dict[str, Any]]:
    status = one.get("status", {})
    told = {key: status.get(key) for key in ("phase", "message")}
    return one["metadata"]["name"], {**told, "labels": one["metadata"]["labels"], "spec": one["spec"]}
