"""A Workflow's graph: which nodes come next, what an ended node leads to, when all is done.

Everything here changes a Workflow in memory; times are as Kubernetes writes them.
Source: ``argo-workflows@v3.7.18:workflow/controller/{dag,operator}.go``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trombone_tui.demo.story import nodes

Object = dict[str, Any]

PREFIX = "workflows.argoproj.io/"


def begin(workflow: Object, status: Object, now: str) -> list[Object]:
    """Make the first nodes; return those that need a pod."""
    metadata, spec = workflow["metadata"], workflow["spec"]
    workflow["status"] = status
    entry = template(workflow, spec.get("entrypoint") or _stored(status)["entrypoint"])
    kind = "DAG" if "dag" in entry else "Pod"
    root = nodes.root(workflow, entry["name"], kind, now)
    status["nodes"] = {metadata["name"]: root}
    metadata.setdefault("annotations", {})[f"{PREFIX}pod-name-format"] = "v2"
    label(workflow, "Running", completed=False)
    return [root] if kind == "Pod" else open_ready(workflow, now)


def open_ready(workflow: Object, now: str) -> list[Object]:
    """Add the nodes whose time has come; return those that need a pod. Nothing comes while suspended."""
    if workflow["spec"].get("suspend"):
        return []
    found: dict[str, Object] = workflow["status"]["nodes"]
    root = found[workflow["metadata"]["name"]]
    by_task = {node["displayName"]: node for node in found.values() if node.get("boundaryID")}
    fresh: list[Object] = []
    for task in template(workflow, root["templateName"]).get("dag", {}).get("tasks", ()):
        before = [by_task.get(name, {"phase": ""}) for name in task.get("dependencies") or ()]
        if task["name"] in by_task or any(node["phase"] not in nodes.DONE for node in before):
            continue
        if any(node["phase"] != "Succeeded" for node in before):
            node = nodes.omitted(workflow, task["name"], task["template"], now)
        else:
            node = _new(workflow, task, now, fresh)
        found[node["id"]] = by_task[task["name"]] = node
        for one in [_last(found, node) for node in before] or [root]:
            _add_child(one, node["id"])
    return fresh


def _new(workflow: Object, task: Object, now: str, fresh: list[Object]) -> Object:
    retried = "retryStrategy" in template(workflow, task["template"])
    node = nodes.child(workflow, task["name"], task["template"], now, "Retry" if retried else "Pod")
    fresh.append(_attempt(workflow, node, 0, now) if retried else node)
    return node


def _attempt(workflow: Object, frame: Object, number: int, now: str) -> Object:
    node = nodes.child(workflow, f"{frame['displayName']}({number})", frame["templateName"], now)
    node["nodeFlag"] = {"retried": True}
    workflow["status"]["nodes"][node["id"]] = node
    _add_child(frame, node["id"])
    return node


def after(workflow: Object, node: Object, now: str) -> tuple[list[Object], Object | None]:
    """Go on after the end of a node: return new nodes that need a pod, and the frame that ended with it."""
    found: dict[str, Object] = workflow["status"]["nodes"]
    frames = (one for one in found.values() if one["type"] == "Retry" and node["id"] in one["children"])
    frame = next(frames, None)
    if frame is None:
        return open_ready(workflow, now), None
    tries = _attempts(found, frame)
    if node["phase"] == "Succeeded":
        nodes.finish(frame, "Succeeded", now)
    elif len(tries) <= int(template(workflow, node["templateName"])["retryStrategy"]["limit"]):
        return [_attempt(workflow, frame, len(tries), now)], None
    else:
        nodes.finish(frame, "Failed", now, message="No more retries left")
    frame["outputs"] = node.get("outputs", {})
    return open_ready(workflow, now), frame


def done(workflow: Object) -> bool:
    """Say whether every node has ended and none can follow."""
    if workflow["spec"].get("suspend"):
        return False
    found = workflow["status"]["nodes"].values()
    below = [node for node in found if node.get("boundaryID")]
    return all(node["phase"] in nodes.DONE for node in below or found)


def close(workflow: Object, now: str) -> str:
    """End the Workflow's own node; return the phase that the Workflow ends in."""
    status = workflow["status"]
    found: dict[str, Object] = status["nodes"]
    root = found[workflow["metadata"]["name"]]
    failed = any(node["phase"] in ("Failed", "Error") for node in found.values())
    phase = "Failed" if failed else "Succeeded"
    if root["type"] == "DAG":
        below = [node for node in found.values() if node.get("boundaryID")]
        root["outboundNodes"] = [node["id"] for node in below if not node.get("children")]
        nodes.finish(root, phase, now)
    return phase


def shut_down(workflow: Object, now: str) -> list[Object]:
    """End every node that has not ended, because a user stopped the Workflow; return those with a pod."""
    how = workflow["spec"]["shutdown"]
    ended = [node for node in workflow["status"]["nodes"].values() if node["phase"] not in nodes.DONE]
    for node in ended:
        nodes.finish(node, "Failed", now, message=f"workflow shutdown with strategy:  {how}")
    workflow["status"]["message"] = f"Stopped with strategy '{how}'"
    return [node for node in ended if node["type"] == "Pod"]


def sum_up(workflow: Object) -> None:
    """Write the progress and the use of resources of the whole."""
    status = workflow["status"]
    found: dict[str, Object] = status["nodes"]
    status["progress"] = nodes.total(found.values())
    for node in found.values():
        if node["type"] == "DAG":
            node["progress"] = status["progress"]
        elif node["type"] == "Retry":
            node["progress"] = nodes.total(found[child] for child in _attempts(found, node))
    if any(node["phase"] in nodes.DONE for node in found.values()):
        status["resourcesDuration"] = {"cpu": 0, "memory": 0}


def condition(workflow: Object, kind: str, value: str) -> None:
    """Set a condition; a Workflow's have no times."""
    conditions: list[Object] = workflow["status"].setdefault("conditions", [])
    for one in conditions:
        if one["type"] == kind:
            one["status"] = value
            return
    conditions.append({"status": value, "type": kind})


def label(workflow: Object, phase: str, *, completed: bool) -> None:
    """Copy the phase into the labels."""
    workflow["metadata"]["labels"] = {
        **(workflow["metadata"].get("labels") or {}),
        f"{PREFIX}completed": "true" if completed else "false",
        f"{PREFIX}phase": phase,
    }


def template(workflow: Object, name: str) -> Object:
    """Return a template, the Workflow's own or one it took from its WorkflowTemplate."""
    stored = _stored(workflow["status"])
    found: Sequence[Object] = workflow["spec"].get("templates") or stored.get("templates") or ()
    return next(one for one in found if one["name"] == name)


def _stored(status: Object) -> Object:
    stored: Object = status.get("storedWorkflowTemplateSpec") or {}
    return stored


def _attempts(found: dict[str, Object], frame: Object) -> list[str]:
    return [child for child in frame["children"] if found[child].get("nodeFlag", {}).get("retried")]


def _last(found: dict[str, Object], node: Object) -> Object:
    """Return the node that the next one hangs on: of a frame, its last attempt."""
    return found[_attempts(found, node)[-1]] if node["type"] == "Retry" else node


def _add_child(node: Object, child: str) -> None:
    node["children"] = [*node.get("children", ()), child]
