"""The workflow controller: nodes appear as what they need is done, each with its pod.

Source: ``argo-workflows@v3.7.18:workflow/controller``. Users' writes (stop, terminate, suspend, resume,
submit) are changes like any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from trombone_tui.demo.story import nodes, pods
from trombone_tui.demo.story.jobs import Job, Jobs
from trombone_tui.demo.story.queue import Key, Queue
from trombone_tui.demo.story.world import Actor, World, owner

Object = dict[str, Any]

RESOURCE = "workflows.argoproj.io"
PREFIX = "workflows.argoproj.io/"


class Workflows:
    """Runs Workflows: a DAG of containers, or one container."""

    def __init__(self, world: World, jobs: Jobs) -> None:
        self._world = world
        self._jobs = jobs
        self._api = Actor(world, "workflow-controller")
        self._kubelet = Actor(world, "kubelet")
        self._random = world.random("workflows")
        self._queue = Queue(world, self._reconcile, delay=0.03)
        self._queue.follow(RESOURCE)

    def _reconcile(self, key: Key) -> None:
        workflow = self._api.get(RESOURCE, *key)
        if workflow is None or workflow["metadata"].get("labels", {}).get(f"{PREFIX}completed") == "true":
            return
        status = workflow.get("status") or {}
        if not status.get("nodes"):
            self._start(workflow, key)
        elif workflow["spec"].get("shutdown"):
            self._shut_down(workflow, key)
        else:
            self._advance(workflow, key)

    def _start(self, workflow: Object, key: Key) -> None:
        spec, metadata, now = workflow["spec"], workflow["metadata"], self._world.stamp
        status: Object = {
            "artifactGCStatus": {"notSpecified": True},
            "artifactRepositoryRef": {"artifactRepository": {}, "default": True},
            "finishedAt": None,
            "startedAt": now,
            "phase": "Running",
        }
        if problem := self._store_template(spec, status, key[0]):
            status = {"startedAt": now, "phase": "Error", "message": problem, "progress": "0/0"}
            self._close(workflow, status, "Error")
            return
        entry = _template(workflow, status, spec.get("entrypoint") or _stored(status)["entrypoint"])
        kind = "DAG" if "dag" in entry else "Pod"
        status["nodes"] = {metadata["name"]: nodes.root(workflow, entry["name"], kind, now)}
        metadata.setdefault("annotations", {})[f"{PREFIX}pod-name-format"] = "v2"
        metadata["labels"] = {
            **(metadata.get("labels") or {}),
            f"{PREFIX}completed": "false",
            f"{PREFIX}phase": "Running",
        }
        workflow["status"] = status
        self._api.event(workflow, "WorkflowRunning", "Workflow Running")
        fresh = [status["nodes"][metadata["name"]]] if kind == "Pod" else self._open(workflow)
        self._store(workflow, fresh)

    def _store_template(self, spec: Object, status: Object, namespace: str) -> str:
        """Keep a copy of the WorkflowTemplate; return what is wrong with it."""
        reference = spec.get("workflowTemplateRef")
        if reference is None:
            return ""
        template = self._api.get("workflowtemplates.argoproj.io", namespace, reference["name"])
        if template is None:
            return f'workflowtemplates.argoproj.io "{reference["name"]}" not found'
        stored = template["spec"]
        status["storedTemplates"] = {
            f"namespaced/{reference['name']}/{one['name']}": one for one in stored["templates"]
        }
        status["storedWorkflowTemplateSpec"] = stored | {"workflowTemplateRef": reference}
        return ""

    def _advance(self, workflow: Object, key: Key) -> None:
        """Start what can be started, or end the Workflow when nothing is left."""
        if workflow["spec"].get("suspend"):
            return
        status = workflow["status"]
        if fresh := self._open(workflow):
            self._store(workflow, fresh)
        elif all(n["phase"] in nodes.DONE for n in status["nodes"].values() if n["id"] != key[1]):
            self._complete(workflow)

    def _open(self, workflow: Object) -> list[Object]:
        """Add the nodes whose time has come; return those that need a pod."""
        status, now = workflow["status"], self._world.stamp
        found = status["nodes"]
        parent = found[workflow["metadata"]["name"]]
        by_task = {n["displayName"]: n for n in found.values() if n.get("boundaryID")}
        fresh: list[Object] = []
        for task in _tasks(workflow):
            if task["name"] in by_task:
                continue
            needs = [by_task.get(name) for name in task.get("dependencies") or ()]
            if any(n is None or n["phase"] not in nodes.DONE for n in needs):
                continue
            before = [n for n in needs if n is not None]
            if any(n["phase"] != "Succeeded" for n in before):
                node = nodes.omitted(workflow, task["name"], task["template"], now)
            else:
                node = self._new(workflow, task, fresh)
            found[node["id"]] = node
            by_task[task["name"]] = node
            for one in [_last(found, n) for n in before] or [parent]:
                _add_child(one, node["id"])
        return fresh

    def _new(self, workflow: Object, task: Object, fresh: list[Object]) -> Object:
        template = _template(workflow, workflow["status"], task["template"])
        retried = "retryStrategy" in template
        now = self._world.stamp
        node = nodes.child(workflow, task["name"], task["template"], now, "Retry" if retried else "Pod")
        fresh.append(self._attempt(workflow, node, 0) if retried else node)
        return node

    def _attempt(self, workflow: Object, frame: Object, number: int) -> Object:
        """Add an attempt to a node with a retry strategy."""
        now = self._world.stamp
        task = f"{frame['displayName']}({number})"
        node = nodes.child(workflow, task, frame["templateName"], now)
        node["nodeFlag"] = {"retried": True}
        workflow["status"]["nodes"][node["id"]] = node
        _add_child(frame, node["id"])
        return node

    def _store(self, workflow: Object, fresh: list[Object]) -> None:
        """Write a Workflow and create the pods of its new nodes."""
        _sum_up(workflow)
        stored = self._write(workflow)
        if stored is None:
            return
        key = (stored["metadata"]["namespace"], stored["metadata"]["name"])
        for node in fresh:
            self._api.event(
                stored,
                "WorkflowNodeRunning",
                f"Running node {node['name']}",
                annotations=_event_notes(node),
            )
            image = _template(stored, stored["status"], node["templateName"])["container"]["image"]
            name = nodes.pod_name(key[1], node)
            pod = pods.step_pod(name, stored, owner(stored), node, image)
            pods.schedule(pod, self._world.stamp)
            self._api.create("pods", pod)
            self._world.after(self._random.uniform(0.4, 1.4), partial(self._run, key, node["id"]))

    def _run(self, key: Key, node_id: str) -> None:
        """Have a node's container running, and plan its end."""
        workflow, node = self._active(key, node_id)
        if workflow is None or node is None:
            return
        node["phase"], node["hostNodeName"] = "Running", pods.NODE
        _condition(workflow, "PodRunning", "True")
        self._write(workflow)
        name, now = nodes.pod_name(key[1], node), self._world.stamp
        self._kubelet.edit_status("pods", key[0], name, lambda pod: pods.run(pod, now, "10.244.200.1"))
        job = self._jobs.job(workflow, node, self._random)
        for second, text in job.lines:
            self._world.after(second, partial(self._kubelet.log, key[0], name, "main", text))
        self._world.after(job.seconds, lambda: self._end(key, node_id, job))

    def _end(self, key: Key, node_id: str, job: Job) -> None:
        """End a node as its container ended."""
        workflow, node = self._active(key, node_id)
        if workflow is None or node is None:
            return
        now, pod = self._world.stamp, nodes.pod_name(key[1], node)
        self._kubelet.edit_status("pods", key[0], pod, lambda obj: pods.finish(obj, now, job.exit_code))
        if job.exit_code == 0:
            nodes.finish(node, "Succeeded", now, exit_code=0)
            self._jobs.done(workflow, node, job)
        else:
            message = f"main: Error (exit code {job.exit_code})"
            nodes.finish(node, "Failed", now, message=message, exit_code=job.exit_code)
        _condition(workflow, "PodRunning", "False")
        self._tell_end(workflow, node)
        fresh = self._after_attempt(workflow, node)
        if not workflow["spec"].get("suspend"):
            fresh += self._open(workflow)
        if fresh:
            self._store(workflow, fresh)
        elif all(
            n["phase"] in nodes.DONE for n in workflow["status"]["nodes"].values() if n.get("boundaryID")
        ):
            self._complete(workflow)
        else:
            _sum_up(workflow)
            self._write(workflow)
        label = {f"{PREFIX}completed": "true"}
        self._api.edit("pods", key[0], pod, lambda obj: obj["metadata"]["labels"].update(label))

    def _after_attempt(self, workflow: Object, node: Object) -> list[Object]:
        """End the frame of a finished attempt, or try again; return new nodes that need a pod."""
        found = workflow["status"]["nodes"]
        frame = next(
            (n for n in found.values() if n["type"] == "Retry" and node["id"] in n["children"]), None
        )
        if frame is None:
            return []
        limit = int(_template(workflow, workflow["status"], node["templateName"])["retryStrategy"]["limit"])
        attempts = len([c for c in frame["children"] if found[c].get("nodeFlag", {}).get("retried")])
        now = self._world.stamp
        if node["phase"] == "Succeeded":
            nodes.finish(frame, "Succeeded", now)
            frame["outputs"] = node.get("outputs", {})
        elif attempts <= limit:
            return [self._attempt(workflow, frame, attempts)]
        else:
            nodes.finish(frame, "Failed", now, message="No more retries left")
            frame["outputs"] = node["outputs"]
        self._tell_end(workflow, frame)
        return []

    def _complete(self, workflow: Object) -> None:
        status, name = workflow["status"], workflow["metadata"]["name"]
        parent, now = status["nodes"][name], self._world.stamp
        bad = [
            n for n in status["nodes"].values() if n["phase"] in ("Failed", "Error") and n.get("boundaryID")
        ]
        phase = "Failed" if bad or parent["phase"] == "Failed" else "Succeeded"
        if parent["type"] == "DAG":
            leaves = [
                n["id"] for n in status["nodes"].values() if n.get("boundaryID") and not n.get("children")
            ]
            parent["outboundNodes"] = leaves
            nodes.finish(parent, phase, now)
        _sum_up(workflow)
        self._close(workflow, status, phase)

    def _shut_down(self, workflow: Object, key: Key) -> None:
        """Stop or terminate, as the user asked for."""
        how, status, now = workflow["spec"]["shutdown"], workflow["status"], self._world.stamp
        for node in status["nodes"].values():
            if node["phase"] not in nodes.DONE:
                nodes.finish(node, "Failed", now, message=f"workflow shutdown with strategy:  {how}")
                pod = nodes.pod_name(key[1], node)
                self._kubelet.edit_status("pods", key[0], pod, lambda obj: pods.finish(obj, now, 143))
        _sum_up(workflow)
        status["message"] = f"Stopped with strategy '{how}'"
        self._close(workflow, status, "Failed")

    def _close(self, workflow: Object, status: Object, phase: str) -> None:
        """Write the end of a Workflow."""
        workflow["status"] = status
        status["phase"], status["finishedAt"] = phase, self._world.stamp
        _condition(workflow, "Completed", "True")
        workflow["metadata"]["labels"] = {
            **(workflow["metadata"].get("labels") or {}),
            f"{PREFIX}completed": "true",
            f"{PREFIX}phase": phase,
        }
        if stored := self._write(workflow):
            good = phase == "Succeeded"
            message = status.get("message") or ("Workflow completed" if good else f"Workflow {phase.lower()}")
            self._api.event(stored, f"Workflow{phase}", message, warning=not good)
            self._jobs.closed(stored, phase)

    def _active(self, key: Key, node_id: str) -> tuple[Object | None, Object | None]:
        workflow = self._api.get(RESOURCE, *key)
        node = (workflow or {}).get("status", {}).get("nodes", {}).get(node_id)
        active = node is not None and node["phase"] not in nodes.DONE
        return (workflow, node) if active else (None, None)

    def _write(self, workflow: Object) -> Object | None:
        metadata = workflow["metadata"]
        metadata.pop("resourceVersion", None)
        return self._api.edit(
            RESOURCE, metadata["namespace"], metadata["name"], lambda obj: _replace(obj, workflow)
        )

    def _tell_end(self, workflow: Object, node: Object) -> None:
        good = node["phase"] == "Succeeded"
        word = "Succeeded" if good else "Failed"
        message = f"{word} node {node['name']}" + ("" if good else f": {node.get('message', '')}")
        self._api.event(
            workflow, f"WorkflowNode{word}", message, warning=not good, annotations=_event_notes(node)
        )


def _replace(obj: Object, workflow: Object) -> None:
    obj |= {"spec": workflow["spec"], "status": workflow["status"]}
    for key in ("labels", "annotations"):
        obj["metadata"][key] = workflow["metadata"].get(key) or {}


def _stored(status: Object) -> Object:
    stored: Object = status.get("storedWorkflowTemplateSpec") or {}
    return stored


def _templates(workflow: Object, status: Object) -> list[Object]:
    found: list[Object] = workflow["spec"].get("templates") or _stored(status).get("templates") or []
    return found


def _template(workflow: Object, status: Object, name: str) -> Object:
    return next(one for one in _templates(workflow, status) if one["name"] == name)


def _tasks(workflow: Object) -> Iterator[Object]:
    parent = workflow["status"]["nodes"][workflow["metadata"]["name"]]
    entry = _template(workflow, workflow["status"], parent["templateName"])
    yield from entry.get("dag", {}).get("tasks", ())


def _last(found: dict[str, Object], node: Object) -> Object:
    """Return the node that the next one hangs on: of a frame, its last attempt."""
    if node["type"] != "Retry":
        return node
    attempts = [c for c in node["children"] if found[c].get("nodeFlag", {}).get("retried")]
    return found[attempts[-1]]


def _add_child(node: Object, child: str) -> None:
    node["children"] = [*node.get("children", ()), child]


def _sum_up(workflow: Object) -> None:
    """Write the progress and the use of resources of the whole."""
    status = workflow["status"]
    found = status["nodes"]
    status["progress"] = nodes.total(found.values())
    parent = found[workflow["metadata"]["name"]]
    if parent["type"] == "DAG":
        parent["progress"] = status["progress"]
    for node in found.values():
        if node["type"] == "Retry":
            node["progress"] = nodes.total(found[c] for c in node["children"] if c in found)
    if any(n["phase"] in nodes.DONE for n in found.values()):
        status["resourcesDuration"] = {"cpu": 0, "memory": 0}


def _condition(workflow: Object, kind: str, value: str) -> None:
    conditions = workflow["status"].setdefault("conditions", [])
    for one in conditions:
        if one["type"] == kind:
            one["status"] = value
            return
    conditions.append({"status": value, "type": kind})


def _event_notes(node: Object) -> dict[str, str]:
    return {
        f"{PREFIX}node-id": node["id"],
        f"{PREFIX}node-name": node["name"],
        f"{PREFIX}node-type": node["type"],
    }
