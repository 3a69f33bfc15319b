"""The workflow controller: nodes appear as what they need is done, each with its pod.

Source: ``argo-workflows@v3.7.18:workflow/controller``. Users' writes (stop, terminate, suspend, resume,
submit) are changes like any other.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from trombone_tui.demo.story import graph, kubelet, nodes, pods
from trombone_tui.demo.story.graph import PREFIX
from trombone_tui.demo.story.jobs import Job, Jobs
from trombone_tui.demo.story.queue import Key, Queue, own_key
from trombone_tui.demo.story.turn import parse
from trombone_tui.demo.story.world import Actor, World, owner

Object = dict[str, Any]

RESOURCE = "workflows.argoproj.io"
TEMPLATES = "workflowtemplates.argoproj.io"
CLUSTER_TEMPLATES = "clusterworkflowtemplates.argoproj.io"


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
        if workflow is None or (workflow["metadata"].get("labels") or {}).get(f"{PREFIX}completed") == "true":
            return
        if not (workflow.get("status") or {}).get("nodes"):
            self._start(workflow)
        elif workflow["spec"].get("shutdown"):
            self._shut_down(workflow, key)
        elif fresh := graph.open_ready(workflow, self._world.stamp):
            self._store(workflow, fresh)
        elif graph.done(workflow):
            self._close(workflow)

    def _start(self, workflow: Object) -> None:
        now, spec = self._world.stamp, workflow["spec"]
        status: Object = {
            "artifactGCStatus": {"notSpecified": True},
            "artifactRepositoryRef": {"artifactRepository": {}, "default": True},
            "finishedAt": None,
            "startedAt": now,
            "phase": "Running",
        }
        if reference := spec.get("workflowTemplateRef"):
            resource, scope = TEMPLATES, "namespaced"
            if reference.get("clusterScope"):
                resource, scope = CLUSTER_TEMPLATES, "cluster"
            found = self._api.get(resource, workflow["metadata"]["namespace"], reference["name"])
            if found is None:
                message = f'{resource} "{reference["name"]}" not found'
                workflow["status"] = {"startedAt": now, "message": message, "progress": "0/0"}
                self._end(workflow, "Error")
                return
            status["storedTemplates"] = {
                f"{scope}/{reference['name']}/{one['name']}": one for one in found["spec"]["templates"]
            }
            status["storedWorkflowTemplateSpec"] = {**found["spec"], "workflowTemplateRef": reference}
        fresh = graph.begin(workflow, status, now)
        self._api.event(workflow, "WorkflowRunning", "Workflow Running")
        root = status["nodes"][workflow["metadata"]["name"]]
        if root["type"] != "Pod":
            self._tell(workflow, root, "Running", f"Running node {root['name']}")
        self._store(workflow, fresh)

    def _store(self, workflow: Object, fresh: list[Object]) -> None:
        """Write a Workflow and create the pods of its new nodes."""
        graph.sum_up(workflow)
        stored = self._write(workflow)
        if stored is None:
            return
        key = own_key(stored)
        for node in fresh:
            self._tell(stored, node, "Running", f"Running node {node['name']}")
            image = graph.template(stored, node["templateName"])["container"]["image"]
            pod = pods.step_pod(nodes.pod_name(key[1], node), stored, owner(stored), node, image)
            pods.schedule(pod, self._world.stamp)
            kubelet.scheduled(self._world, self._api.create("pods", pod))
            self._world.after(self._random.uniform(0.4, 1.4), partial(self._run, key, node["id"]))

    def _run(self, key: Key, node_id: str) -> None:
        """Have a node's container running, and plan its end."""
        workflow, node = self._active(key, node_id)
        if workflow is None or node is None:
            return
        node["phase"], node["hostNodeName"] = "Running", pods.NODE
        graph.condition(workflow, "PodRunning", "True")
        self._write(workflow)
        name, now = nodes.pod_name(key[1], node), self._world.stamp
        pod = self._kubelet.edit_status("pods", key[0], name, lambda pod: pods.run(pod, now, "10.244.200.1"))
        if pod is not None:
            kubelet.started(self._world, pod.object(), "main")
        job = self._jobs.job(workflow, node, self._random)
        for second, text in job.lines:
            self._world.after(second, partial(self._kubelet.log, key[0], name, "main", text))
        self._world.after(job.seconds, partial(self._finish, key, node_id, job))

    def _finish(self, key: Key, node_id: str, job: Job) -> None:
        """End a node as its container ended, and go on with what comes after it."""
        workflow, node = self._active(key, node_id)
        if workflow is None or node is None:
            return
        now, pod = self._world.stamp, nodes.pod_name(key[1], node)
        self._kubelet.edit_status("pods", key[0], pod, lambda obj: pods.finish(obj, now, job.exit_code))
        self._world.logs.end(key[0], pod, "main")
        if job.exit_code == 0:
            nodes.finish(node, "Succeeded", now, exit_code=0)
            self._jobs.done(workflow, node, job)
        else:
            message = f"main: Error (exit code {job.exit_code})"
            nodes.finish(node, "Failed", now, message=message, exit_code=job.exit_code)
        graph.condition(workflow, "PodRunning", "False")
        self._tell_end(workflow, node)
        fresh, frame = graph.after(workflow, node, now)
        if frame is not None:
            self._tell_end(workflow, frame)
        if not fresh and graph.done(workflow):
            self._close(workflow)
        else:
            self._store(workflow, fresh)
        done = {f"{PREFIX}completed": "true"}
        self._api.edit("pods", key[0], pod, lambda obj: obj["metadata"]["labels"].update(done))

    def _shut_down(self, workflow: Object, key: Key) -> None:
        """Stop or terminate, as the user asked for."""
        now = self._world.stamp
        for node in graph.shut_down(workflow, now):
            pod = nodes.pod_name(key[1], node)
            self._kubelet.edit_status("pods", key[0], pod, lambda obj: pods.finish(obj, now, 143))
        self._close(workflow)

    def _close(self, workflow: Object) -> None:
        phase = graph.close(workflow, self._world.stamp)
        graph.sum_up(workflow)
        root = workflow["status"]["nodes"][workflow["metadata"]["name"]]
        if root["type"] != "Pod":
            self._tell_end(workflow, root)
        self._end(workflow, phase)

    def _end(self, workflow: Object, phase: str) -> None:
        """Write the end of a Workflow."""
        status = workflow["status"]
        status["phase"], status["finishedAt"] = phase, self._world.stamp
        graph.condition(workflow, "Completed", "True")
        graph.label(workflow, phase, completed=True)
        if stored := self._write(workflow):
            good = phase == "Succeeded"
            message = status.get("message") or ("Workflow completed" if good else "")
            self._api.event(stored, f"Workflow{phase}", message, warning=not good)
            self._jobs.closed(stored, phase)

    def _active(self, key: Key, node_id: str) -> tuple[Object | None, Object | None]:
        """Return a Workflow and one of its nodes, if that has not ended."""
        workflow = self._api.get(RESOURCE, *key)
        node = (workflow or {}).get("status", {}).get("nodes", {}).get(node_id)
        active = node is not None and node["phase"] not in nodes.DONE
        return (workflow, node) if active else (None, None)

    def _write(self, workflow: Object) -> Object | None:
        namespace, name = own_key(workflow)
        stored = self._api.edit(RESOURCE, namespace, name, lambda obj: _replace(obj, workflow))
        return stored.object() if stored is not None else None

    def _tell_end(self, workflow: Object, node: Object) -> None:
        if node["phase"] == "Succeeded":
            self._tell(workflow, node, "Succeeded", f"Succeeded node {node['name']}")
        else:
            why = f": {node['message']}" if node.get("message") else ""
            message = f"Failed node {node['name']}{why}"
            self._tell(workflow, node, "Failed", message, warning=True)

    def _tell(
        self, workflow: Object, node: Object, word: str, message: str, *, warning: bool = False
    ) -> None:
        notes = {
            f"{PREFIX}node-id": node["id"],
            f"{PREFIX}node-name": node["name"],
            f"{PREFIX}node-start-time": f"{parse(node['startedAt']).timestamp():.0f}000000000",
            f"{PREFIX}node-type": node["type"],
        }
        self._api.event(workflow, f"WorkflowNode{word}", message, warning=warning, annotations=notes)


def _replace(obj: Object, workflow: Object) -> None:
    obj |= {"spec": workflow["spec"], "status": workflow["status"]}
    for key in ("labels", "annotations"):
        obj["metadata"][key] = workflow["metadata"].get(key) or {}
