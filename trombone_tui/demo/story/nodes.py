"""Nodes of a running Workflow, as the workflow controller writes them into ``status.nodes``.

Source: ``argo-workflows@v3.7.18:workflow/controller/operator.go``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from trombone_tui.demo.story.hashes import fnv32a, node_id

Object = dict[str, Any]

DONE = ("Succeeded", "Failed", "Error", "Skipped", "Omitted")
_PRIVATE = ("finishedAt",)


def scope(workflow: Mapping[str, Any]) -> str:
    """Return ``templateScope``: the Workflow's own templates, or those it took from a WorkflowTemplate."""
    return "local/" if "workflowTemplateRef" in workflow["spec"] else f"local/{workflow['metadata']['name']}"


def root(workflow: Mapping[str, Any], template: str, kind: str, now: str) -> Object:
    """Return the node of the Workflow itself."""
    name = workflow["metadata"]["name"]
    return {
        "id": name,
        "name": name,
        "displayName": name,
        "type": kind,
        "templateName": template,
        "templateScope": scope(workflow),
        "phase": "Running" if kind != "Pod" else "Pending",
        "startedAt": now,
        "finishedAt": None,
        "progress": "0/1",
    }


def child(workflow: Mapping[str, Any], task: str, template: str, now: str, kind: str = "Pod") -> Object:
    """Return the node of a DAG's task: a pod that waits for its start, or the frame of its attempts."""
    parent = workflow["metadata"]["name"]
    name = f"{parent}.{task}"
    node: Object = {
        "id": node_id(parent, name),
        "name": name,
        "displayName": task,
        "type": kind,
        "templateName": template,
        "templateScope": scope(workflow),
        "boundaryID": parent,
        "phase": "Running" if kind == "Retry" else "Pending",
        "startedAt": now,
        "finishedAt": None,
        "progress": "0/1",
    }
    if kind == "Pod":
        node["taskResultSynced"] = True
    return node


def omitted(workflow: Mapping[str, Any], task: str, template: str, now: str) -> Object:
    """Return the node of a task that will not run because what it needs failed."""
    node = child(workflow, task, template, now, "Skipped")
    del node["progress"]
    node |= {
        "phase": "Omitted",
        "message": "omitted: depends condition not met",
        "nodeFlag": {},
        "finishedAt": now,
    }
    return node


def pod_name(workflow: str, node: Mapping[str, Any]) -> str:
    """Return the name of a node's pod (format v2, ``workflow/util/pod_name.go``)."""
    if node["name"] == workflow:
        return workflow
    prefix = f"{workflow}-{node['templateName']}"[:242]
    return f"{prefix}-{fnv32a(node['name'])}"


def finish(node: Object, phase: str, now: str, *, message: str = "", exit_code: int | None = None) -> None:
    """End a node."""
    node["phase"], node["finishedAt"] = phase, now
    if node["type"] != "Skipped":
        node["resourcesDuration"] = {"cpu": 0, "memory": 0}
    if message:
        node["message"] = message
    if exit_code is not None:
        node["outputs"] = {"exitCode": str(exit_code), **node.get("outputs", {})}
    if phase == "Succeeded" and node["type"] == "Pod":
        node["progress"] = "1/1"


def total(nodes: Iterable[Mapping[str, Any]]) -> str:
    """Return the progress of many nodes: those that execute something count."""
    counted = [node["progress"].split("/") for node in nodes if node["type"] == "Pod"]
    return f"{sum(int(done) for done, _ in counted)}/{sum(int(of) for _, of in counted)}"
