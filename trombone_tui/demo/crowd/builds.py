"""The states of a build: a Workflow of three tasks."""

from __future__ import annotations

from itertools import pairwise

from trombone_tui.demo.crowd.sections import Object, Sections, sections
from trombone_tui.demo.story.blueprints import build_template
from trombone_tui.demo.story.services import REGISTRY

TASKS = ("unit-test", "docker-build", "docker-push")
_END = "@began@"


def workflow_states() -> tuple[Sections, ...]:
    """Return a build with its first, second and third node running, done, and failed."""
    return (
        _workflow(0, "Running"),
        _workflow(1, "Running"),
        _workflow(2, "Running"),
        _workflow(3, "Succeeded"),
        _workflow(1, "Failed"),
    )


def _workflow(done: int, phase: str) -> Sections:
    over = phase != "Running"
    found: dict[str, Object] = {
        "@name@": _node("@name@", "@name@", "pipeline", "DAG", phase, f"{done}/{min(done + 1, 3)}")
    }
    for place, task in enumerate(TASKS[: min(done + 1, 3)]):
        state = "Succeeded" if place < done else phase
        node = _node(
            f"@name@-@{task}@", f"@name@.{task}", task, "Pod", state, "1/1" if place < done else "0/1"
        )
        node |= {
            "boundaryID": "@name@",
            "displayName": task,
            "taskResultSynced": True,
            "hostNodeName": "node-1",
        }
        if state != "Running":
            node["outputs"] = {"exitCode": "0" if state == "Succeeded" else "2"}
        if state == "Failed":
            node["message"] = "main: Error (exit code 2)"
        found[node["id"]] = node
    for task, following in pairwise(TASKS):
        if f"@name@-@{following}@" in found:
            found[f"@name@-@{task}@"]["children"] = [f"@name@-@{following}@"]
    found["@name@"]["children"] = ["@name@-@unit-test@"]
    template = build_template()["spec"]
    status = {
        "phase": phase,
        "startedAt": "@began@",
        "finishedAt": _END if over else None,
        "progress": f"{done}/{min(done + 1, 3)}",
        "nodes": found,
        "conditions": [{"status": "False" if over else "True", "type": "PodRunning"}]
        + ([{"status": "True", "type": "Completed"}] if over else []),
        "resourcesDuration": {"cpu": 0, "memory": 0},
        "artifactGCStatus": {"notSpecified": True},
        "artifactRepositoryRef": {"artifactRepository": {}, "default": True},
        "storedTemplates": {f"namespaced/build-and-push/{one['name']}": one for one in template["templates"]},
        "storedWorkflowTemplateSpec": template | {"workflowTemplateRef": {"name": "build-and-push"}},
    }
    values = {"revision": "@commit@", "branch": "main", "image": f"{REGISTRY}/svc/@service@"}
    spec = {
        "workflowTemplateRef": {"name": "build-and-push"},
        "arguments": {"parameters": [{"name": name, "value": value} for name, value in values.items()]},
    }
    return sections("argoproj.io/v1alpha1", "Workflow", spec, status, phase)


def _node(node_id: str, name: str, template: str, kind: str, phase: str, progress: str) -> Object:
    return {
        "id": node_id,
        "name": name,
        "displayName": name,
        "type": kind,
        "templateName": template,
        "templateScope": "local/",
        "phase": phase,
        "progress": progress,
        "startedAt": "@began@",
        "finishedAt": None if phase == "Running" else _END,
        "resourcesDuration": {"cpu": 0, "memory": 0},
    }
