"""Applies what git holds as ``kubectl apply`` does on the client's side, and sees what differs from it.

Source: ``gitops-engine@v0.7:pkg/sync/sync_context.go``; what was applied stays in an annotation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trombone_tui.demo.records import encode
from trombone_tui.demo.story.services import ServicePlan
from trombone_tui.demo.story.targets import APPLIED, INGRESSES, ROLLOUTS, TEMPLATES, manifest, targets
from trombone_tui.demo.story.turn import hash_of
from trombone_tui.demo.story.world import Actor

Object = dict[str, Any]

KINDS: Mapping[str, tuple[str, str, str]] = {
    "services": ("", "v1", "Service"),
    INGRESSES: ("networking.k8s.io", "v1", "Ingress"),
    ROLLOUTS: ("argoproj.io", "v1alpha1", "Rollout"),
    TEMPLATES: ("argoproj.io", "v1alpha1", "AnalysisTemplate"),
}
"""Group, version and kind of what a service consists of."""


def differing(api: Actor, plan: ServicePlan, tag: str) -> set[str]:
    """Return what differs from git at a tag, as ``kind/name``."""
    found = set()
    for resource, target in targets(plan, tag, ""):
        if resource == ROLLOUTS or (plan.touched is not None and resource == "services"):
            live = api.get(resource, plan.namespace, target["metadata"]["name"])
            if live is None or _changed(resource, live, target):
                found.add(f"{KINDS[resource][2]}/{target['metadata']['name']}")
    return found


def _changed(resource: str, live: Object, target: Object) -> bool:
    """Say whether an object is to be written: a Rollout's image, the rest of a Service but its selector."""
    if resource == ROLLOUTS:
        return hash_of(live) != hash_of(target)
    wanted = {key: value for key, value in target["spec"].items() if key != "selector"}
    return bool({key: live["spec"].get(key) for key in wanted} != wanted)


def apply(api: Actor, plan: ServicePlan, resource: str, target: Object) -> Object:
    """Apply one object; return what the operation says about it."""
    group, version, kind = KINDS[resource]
    name = target["metadata"]["name"]
    note = _note(resource, target)
    stored = api.get(resource, plan.namespace, name)
    if stored is None:
        notes = {**target["metadata"].get("annotations", {}), APPLIED: note}
        api.create(resource, target | {"metadata": target["metadata"] | {"annotations": notes}})
        word = "created"
    elif resource in (ROLLOUTS, "services") and _changed(resource, stored, target):

        def edit(obj: Object) -> None:
            obj["metadata"].setdefault("annotations", {})[APPLIED] = note
            kept = {"selector"} if resource == "services" else set(target["spec"]) - {"template"}
            obj["spec"] |= {key: value for key, value in target["spec"].items() if key not in kept}

        api.edit(resource, plan.namespace, name, edit)
        word = "configured"
    else:
        word = "unchanged"
    result: Object = {
        "group": group,
        "hookPhase": "Running",
        "kind": kind,
        "message": f"{kind.lower()}{'.' if group else ''}{group}/{name} {word}",
        "name": name,
        "namespace": plan.namespace,
        "status": "Synced",
        "syncPhase": "Sync",
        "version": version,
    }
    if resource == ROLLOUTS:
        containers = target["spec"]["template"]["spec"]["containers"]
        result["images"] = [one["image"] for one in containers]
    return result


def _note(resource: str, target: Object) -> str:
    """Return what is left of an apply: the object as it was given, on one line."""
    group, version, kind = KINDS[resource]
    return (
        encode(manifest(resource, f"{group}/{version}" if group else version, kind, target)).decode() + "\n"
    )


def resources_of(plan: ServicePlan, out_of_sync: set[str]) -> list[Object]:
    """Return ``status.resources``, ordered as Argo CD does."""
    found = []
    for resource, target in targets(plan, "", ""):
        group, version, kind = KINDS[resource]
        name = target["metadata"]["name"]
        found.append(
            {
                **({"group": group} if group else {}),
                "kind": kind,
                "name": name,
                "namespace": plan.namespace,
                "status": "OutOfSync" if f"{kind}/{name}" in out_of_sync else "Synced",
                "version": version,
            }
        )
    return sorted(found, key=lambda one: (one.get("group", ""), one["kind"], one["name"]))
