"""Looking at many Rollouts with the official tool and with our program, at one version of their objects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from asking import Kubectl, Status, own_namespace
from lab.running import Lab
from official_rollout import Plugin, Shown
from patience import until
from staging import Scene, play

OWNED = "rollouts,replicasets,analysisruns"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was seen of a Rollout while neither it nor what it owns changed."""

    namespace: str
    official: Shown
    document: dict[str, Any]
    """What ``status -o json`` said of the namespace."""
    held: tuple[dict[str, Any], ...]
    """The Rollout, its ReplicaSets and its AnalysisRuns as the API server holds them."""

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [one for one in self.held if one["kind"] == kind]

    def items(self, stage: str, name: str) -> list[dict[str, Any]]:
        """Return our rows of one object."""
        return [item for item in self.document["stages"][stage]["items"] if item["name"] == name]


@contextmanager
def staged(scenes: Sequence[Scene], lab: Lab) -> Iterator[dict[str, Look]]:
    """Play scenes in a namespace of their own and look at them; what never stands still is left out.

    Raises:
        AssertionError: nothing could be looked at.
    """
    kubectl = Kubectl(lab)
    with own_namespace(kubectl) as namespace:
        plugin = Plugin(lab, namespace)
        play(scenes, namespace, kubectl, plugin)
        found: dict[str, Look] = {}

        def look() -> bool:
            before = _held(kubectl, namespace)
            left = before.keys() - found.keys()
            document = Status(lab)("-n", namespace)
            official = {name: plugin.shows(name) for name in left}
            after = _held(kubectl, namespace)
            for name in left:
                if _versions(before[name]) == _versions(after.get(name, ())):
                    found[name] = Look(
                        namespace=namespace,
                        official=official[name],
                        document=document,
                        held=before[name],
                    )
            return len(found) == len(scenes)

        try:
            until(look, seconds=30, what="one version of all Rollouts for both programs")
        except AssertionError:
            if not found:
                raise
        yield found


def _held(kubectl: Kubectl, namespace: str) -> dict[str, tuple[dict[str, Any], ...]]:
    """Return what there is by the name of its Rollout."""
    of: dict[str, tuple[dict[str, Any], ...]] = {}
    for one in kubectl.get(OWNED, "-n", namespace)["items"]:
        name = one["metadata"]["name"] if one["kind"] == "Rollout" else _owner(one)
        if name is None:
            continue
        of[name] = (*of.get(name, ()), one)
    return of


def _owner(one: dict[str, Any]) -> str | None:
    owners = one["metadata"].get("ownerReferences", [])
    return next((owner["name"] for owner in owners if owner["kind"] == "Rollout"), None)


def _versions(held: Sequence[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(one["metadata"]["uid"], one["metadata"]["resourceVersion"]) for one in held}
