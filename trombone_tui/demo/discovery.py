"""What is served, told in every form clients ask for: aggregated, by group, and as minimal OpenAPI."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from trombone_tui.demo.records import Object
from trombone_tui.demo.resources import Resource

VERSION: Object = {
    "major": "1",
    "minor": "36",
    "gitVersion": "v1.36.3+trombone-demo",
    "gitCommit": "",
    "gitTreeState": "clean",
    "buildDate": "2026-01-01T00:00:00Z",
    "goVersion": "",
    "compiler": "",
    "platform": "linux/amd64",
}
_ANYWHERE = {"clientCIDR": "0.0.0.0/0", "serverAddress": "127.0.0.1"}
_CUSTOM_VERBS = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"]
_VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]


def _review(group: str, kind: str) -> Resource:
    return Resource(
        group=group,
        version="v1",
        plural=f"{kind.lower()}s",
        singular=kind.lower(),
        kind=kind,
        namespaced=False,
    )


REVIEWS = (
    _review("authentication.k8s.io", "SelfSubjectReview"),
    _review("authorization.k8s.io", "SelfSubjectAccessReview"),
    _review("authorization.k8s.io", "SelfSubjectRulesReview"),
)


def _groups(resources: Iterable[Resource]) -> list[tuple[str, str, list[Resource]]]:
    """Return group, version and resources, in order; a group has one version here."""
    ordered = sorted([*resources, *REVIEWS], key=lambda one: (one.group, one.version, one.plural))
    grouped = groupby(ordered, key=lambda one: (one.group, one.version))
    return [(group, version, list(members)) for (group, version), members in grouped]


def core_versions() -> Object:
    """Answer ``/api``."""
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [_ANYWHERE]}


def group_list(resources: Iterable[Resource]) -> Object:
    """Answer ``/apis``."""
    groups = [_group(group, version) for group, version, _ in _groups(resources) if group]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}


def group(resources: Iterable[Resource], name: str) -> Object | None:
    """Answer ``/apis/GROUP``; None if there is none."""
    for one, version, _ in _groups(resources):
        if one == name:
            return {"kind": "APIGroup", "apiVersion": "v1", **_group(one, version)}
    return None


def _group(name: str, version: str) -> Object:
    preferred = {"groupVersion": f"{name}/{version}", "version": version}
    return {"name": name, "versions": [preferred], "preferredVersion": preferred}


def resource_list(resources: Iterable[Resource], group_version: tuple[str, str]) -> Object | None:
    """Answer ``/apis/GROUP/VERSION`` and ``/api/v1``; None if nothing is served there."""
    for one, version, members in _groups(resources):
        if (one, version) == group_version:
            entries = [entry for resource in members for entry in _entries(resource)]
            name = f"{one}/{version}" if one else version
            return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": name, "resources": entries}
    return None


def _verbs(resource: Resource) -> Sequence[str]:
    if resource in REVIEWS:
        return ["create"]
    if resource.name == "namespaces":
        return [verb for verb in _VERBS if verb != "deletecollection"]
    return _VERBS if resource.strategic_merge else _CUSTOM_VERBS


def _also_called(resource: Resource) -> Object:
    """Return short names and categories, where there are any."""
    found = {"shortNames": resource.short_names, "categories": resource.categories}
    return {key: names for key, names in found.items() if names}


def _subresources(resource: Resource) -> list[tuple[str, str, list[str]]]:
    """Return name, kind and verbs of what hangs below each object."""
    found = []
    if resource.name == "pods":
        found.append(("log", "Pod", ["get"]))
        found.append(("portforward", "PodPortForwardOptions", ["create", "get"]))
    if resource.scale_subresource:
        found.append(("scale", "Scale", ["get", "patch", "update"]))
    if resource.status_subresource:
        found.append(("status", resource.kind, ["get", "patch", "update"]))
    return found


def _entries(resource: Resource) -> Iterable[Object]:
    entry: Object = {
        "name": resource.plural,
        "singularName": resource.singular,
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": _verbs(resource),
        **_also_called(resource),
    }
    yield entry
    for name, kind, verbs in _subresources(resource):
        below: Object = {
            "name": f"{resource.plural}/{name}",
            "singularName": "",
            "namespaced": resource.namespaced,
            "kind": kind,
            "verbs": verbs,
        }
        yield below | ({"group": "autoscaling", "version": "v1"} if kind == "Scale" else {})


def wants_aggregated(accept: str) -> str:
    """Return the ``apiVersion`` of the aggregated document a client prefers; empty if it wants none."""
    for choice in accept.split(","):
        options = {part.strip() for part in choice.split(";")}
        for version in ("v2", "v2beta1"):
            if {"g=apidiscovery.k8s.io", f"v={version}", "as=APIGroupDiscoveryList"} <= options:
                return f"apidiscovery.k8s.io/{version}"
        if options == {"application/json"}:
            return ""
    return ""


def aggregated(resources: Iterable[Resource], *, core: bool, api_version: str) -> Object:
    """Answer ``/api`` (``core``) or ``/apis`` for those who ask for all of it at once (KEP 3352)."""
    items = [
        {
            "metadata": {"name": name} if name else {},
            "versions": [
                {
                    "version": version,
                    "resources": [_discovered(resource) for resource in members],
                    "freshness": "Current",
                }
            ],
        }
        for name, version, members in _groups(resources)
        if bool(name) is not core
    ]
    return {"kind": "APIGroupDiscoveryList", "apiVersion": api_version, "metadata": {}, "items": items}


def _discovered(resource: Resource) -> Object:
    entry: Object = {
        "resource": resource.plural,
        "responseKind": _response_kind(resource, resource.kind),
        "scope": "Namespaced" if resource.namespaced else "Cluster",
        "singularResource": resource.singular,
        "verbs": _verbs(resource),
        **_also_called(resource),
    }
    below: list[Any] = [
        {"subresource": name, "responseKind": _response_kind(resource, kind), "verbs": verbs}
        for name, kind, verbs in _subresources(resource)
    ]
    return entry | ({"subresources": below} if below else {})


def _response_kind(resource: Resource, kind: str) -> Object:
    """Return a kind; built-in ones leave group and version empty: they are those they are listed under."""
    if kind == "Scale":
        return {"group": "autoscaling", "version": "v1", "kind": kind}
    if resource.strategic_merge or resource in REVIEWS:
        return {"group": "", "version": "", "kind": kind}
    return {"group": resource.group, "version": resource.version, "kind": kind}


def openapi_index(resources: Iterable[Resource]) -> Object:
    """Answer ``/openapi/v3``: where each group's document is."""
    paths = {}
    for name, version, _ in _groups(resources):
        key = f"apis/{name}/{version}" if name else f"api/{version}"
        paths[key] = {"serverRelativeURL": f"/openapi/v3/{key}"}
    return {"paths": paths}


def openapi(resources: Iterable[Resource], group_version: tuple[str, str]) -> Object:
    """Answer a group's OpenAPI document: that writes are validated here, so that kubectl need not."""
    paths: Object = {}
    for resource in resources:
        if (resource.group, resource.version) != group_version:
            continue
        place = "/namespaces/{namespace}" if resource.namespaced else ""
        kind = {"group": resource.group, "version": resource.version, "kind": resource.kind}
        parameters = [
            {"name": name, "in": "query", "schema": {"type": "string"}}
            for name in ("dryRun", "fieldManager", "fieldValidation")
        ]
        patch = {"parameters": parameters, "x-kubernetes-group-version-kind": kind, "responses": {}}
        paths[f"{resource.path}{place}/{resource.plural}/{{name}}"] = {"patch": patch}
    about = {"title": "trombone-tui demo", "version": VERSION["gitVersion"]}
    return {"openapi": "3.0.0", "info": about, "paths": paths, "components": {"schemas": {}}}
