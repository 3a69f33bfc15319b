"""CustomResourceDefinitions: an object for each custom kind that is served, and the other way round."""

from __future__ import annotations

from typing import Any

from trombone_tui.demo.records import Object, Record
from trombone_tui.demo.resources import AGE, Column, Resource
from trombone_tui.demo.store import Store

CRDS = "customresourcedefinitions.apiextensions.k8s.io"


def definition(resource: Resource) -> Object:
    """Return the CustomResourceDefinition of a kind."""
    names: Object = {
        "plural": resource.plural,
        "singular": resource.singular,
        "kind": resource.kind,
        "listKind": f"{resource.kind}List",
    }
    for key, value in (("shortNames", resource.short_names), ("categories", resource.categories)):
        if value:
            names[key] = list(value)
    version: Object = {
        "name": resource.version,
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
        "additionalPrinterColumns": [
            {"name": one.name, "type": one.type, "jsonPath": one.path}
            | ({"priority": one.priority} if one.priority else {})
            for one in resource.columns
        ],
    }
    if resource.status_subresource:
        version["subresources"] = {"status": {}}
    return {
        "metadata": {"name": resource.name},
        "spec": {
            "group": resource.group,
            "names": names,
            "scope": "Namespaced" if resource.namespaced else "Cluster",
            "versions": [version],
        },
    }


def resource_of(crd: Object) -> Resource | None:
    """Return the kind a CustomResourceDefinition describes; None if it describes none."""
    spec: Any = crd.get("spec") or {}
    names = spec.get("names") or {}
    served = next((one for one in spec.get("versions") or () if one.get("storage")), None)
    if served is None or not all(names.get(key) for key in ("plural", "kind")) or not spec.get("group"):
        return None
    below = served.get("subresources") or {}
    columns = [
        Column(
            one["name"], one.get("jsonPath", ""), one.get("type", "string"), priority=one.get("priority", 0)
        )
        for one in served.get("additionalPrinterColumns") or ()
    ]
    return Resource(
        group=spec["group"],
        version=served["name"],
        plural=names["plural"],
        singular=names.get("singular") or names["kind"].lower(),
        kind=names["kind"],
        namespaced=spec.get("scope") != "Cluster",
        short_names=tuple(names.get("shortNames") or ()),
        categories=tuple(names.get("categories") or ()),
        status_subresource="status" in below,
        scale_subresource="scale" in below,
        columns=tuple(columns) or (AGE,),
    )


def keep(store: Store) -> None:
    """Write the definitions of what a store serves, and follow those that are written from now on.

    A definition that is created installs its kind, one that is deleted uninstalls it.
    """
    if not any(one.name == CRDS for one in store.resources):
        return
    for resource in store.resources:
        if not resource.strategic_merge:
            store.create(CRDS, definition(resource))
            _establish(store, resource)

    def follow(change: str, _: Resource, crd: Record) -> None:
        if change == "DELETED":
            if any(one.name == crd.name for one in store.resources):
                store.uninstall(crd.name)
        elif change == "ADDED":
            resource = resource_of(crd.object())
            if resource is not None:
                store.install(resource)
                _establish(store, resource)

    store.on_change(follow, [CRDS])


def _establish(store: Store, resource: Resource) -> None:
    now = store.clock.stamp()
    conditions = [
        {"type": kind, "status": "True", "reason": reason, "message": message, "lastTransitionTime": now}
        for kind, reason, message in (
            ("NamesAccepted", "NoConflicts", "no conflicts found"),
            ("Established", "InitialNamesAccepted", "the initial names have been accepted"),
        )
    ]
    crd = store.get(CRDS, None, resource.name)
    crd["status"] = {"conditions": conditions, "storedVersions": [resource.version]}
    store.update(CRDS, crd, subresource="status")
