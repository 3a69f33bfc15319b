"""States that the many objects of the scenario ``big`` go round, as JSON with marks for what differs.

Marks stand between two ``@``: ``@name@``, ``@service@``, ``@namespace@``, ``@began@`` (a time), ``@commit@``,
``@revision@``, ``@old@`` and ``@new@`` (pod template hashes), and a node id for each task of a build.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from trombone_tui.demo.records import encode
from trombone_tui.demo.story.blueprints import build_template
from trombone_tui.demo.story.services import ANALYSED, REGISTRY

Object = dict[str, Any]
Sections = Mapping[str, bytes]

TASKS = ("unit-test", "docker-build", "docker-push")
_END = "@began@"
_OLD, _NEW = f"{REGISTRY}/svc/@service@:v1.0.1-sha0a1b2c3", f"{REGISTRY}/svc/@service@:v1.0.2-sha4d5e6f7"


def _sections(api_version: str, kind: str, spec: Object, status: Object, phase: str = "") -> Sections:
    made = {
        "apiVersion": encode(api_version),
        "kind": encode(kind),
        "spec": encode(spec),
        "status": encode(status),
    }
    return made | ({"labels": phase.encode()} if phase else {})


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
    return _sections("argoproj.io/v1alpha1", "Workflow", spec, status, phase)


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


def application_states() -> tuple[Sections, ...]:
    """Return an Application that is well, out of sync, progressing, and degraded."""
    return (
        _application("Synced", "Healthy"),
        _application("OutOfSync", "Healthy"),
        _application("Synced", "Progressing"),
        _application("Synced", "Degraded"),
    )


def _application(sync: str, health: str) -> Sections:
    source = {
        "repoURL": "https://github.com/acme/@service@-config.git",
        "path": "overlays/prod",
        "targetRevision": "main",
    }
    destination = {"namespace": "@namespace@", "server": "https://kubernetes.default.svc"}
    spec = {
        "project": "default",
        "source": source,
        "destination": destination,
        "syncPolicy": {
            "automated": {"prune": True, "selfHeal": True},
            "syncOptions": ["CreateNamespace=true"],
        },
    }
    kinds = (
        ("", "Service", "v1", "@service@-stable"),
        ("", "Service", "v1", "@service@-canary"),
        ("argoproj.io", "AnalysisTemplate", "v1alpha1", "@service@-success-rate"),
        ("argoproj.io", "Rollout", "v1alpha1", "@service@"),
        ("networking.k8s.io", "Ingress", "v1", "@service@"),
    )
    resources = [
        {
            **({"group": group} if group else {}),
            "kind": kind,
            "version": version,
            "name": name,
            "namespace": "@namespace@",
            "status": sync if kind == "Rollout" else "Synced",
        }
        for group, kind, version, name in kinds
    ]
    results = [
        {
            **one,
            "group": one.get("group", ""),
            "status": "Synced",
            "hookPhase": "Running",
            "syncPhase": "Sync",
            "message": f"{one['kind'].lower()}/{one['name']} unchanged",
        }
        for one in resources
    ]
    operation = {
        "initiatedBy": {"automated": True},
        "retry": {"limit": 5},
        "sync": {"prune": True, "revision": "@revision@", "source": source},
    }
    history = [
        {
            "id": number,
            "deployStartedAt": "@began@",
            "deployedAt": "@began@",
            "initiatedBy": {"automated": True},
            "revision": "@revision@",
            "source": source,
        }
        for number in range(8)
    ]
    status = {
        "controllerNamespace": "argocd",
        "health": {"status": health, "lastTransitionTime": "@began@"},
        "history": history,
        "operationState": {
            "operation": operation,
            "phase": "Succeeded",
            "message": "successfully synced (all tasks run)",
            "startedAt": "@began@",
            "finishedAt": "@began@",
            "syncResult": {"resources": results, "revision": "@revision@", "source": source},
        },
        "reconciledAt": "@began@",
        "resourceHealthSource": "appTree",
        "resources": resources,
        "sourceHydrator": {},
        "sourceType": "Kustomize",
        "summary": {"images": [_NEW], "externalURLs": ["http://@service@.example/"]},
        "sync": {
            "status": sync,
            "revision": "@revision@",
            "comparedTo": {"source": source, "destination": destination},
        },
    }
    return _sections("argoproj.io/v1alpha1", "Application", spec, status)


def rollout_states() -> tuple[tuple[Sections, ...], tuple[Sections, ...]]:
    """Return states of a Rollout (done, at 20 %, at a pause, aborted), and its old and new ReplicaSet."""
    failed = (
        "Rollout aborted update to revision 2: Step-based analysis phase error/failed: "
        'Metric "success-rate" assessed Failed due to failed (2) > failureLimit (1)'
    )
    done = _rollout("Healthy", "", 5, 0, {"stableRS": "@new@", "updatedReplicas": 5})
    moving = _rollout("Progressing", "more replicas need to be updated", 2, 20, {"updatedReplicas": 1})
    pause = {"reason": "CanaryPauseStep", "startTime": "@began@"}
    held = _rollout(
        "Paused",
        "CanaryPauseStep",
        4,
        60,
        {"updatedReplicas": 3, "controllerPause": True, "pauseConditions": [pause]},
    )
    aborted = _rollout(
        "Degraded", f"RolloutAborted: {failed}", 0, 0, {"abort": True, "abortedAt": "@began@"}, failed
    )
    return (done, moving, held, aborted), (_replica_set(_OLD, 0), _replica_set(_NEW, 5))


def _rollout(phase: str, message: str, index: int, weight: int, more: Object, aborted: str = "") -> Sections:
    stable = more.get("stableRS", "@old@")
    progressing = ("False", "RolloutAborted", aborted) if aborted else ("True", "ReplicaSetUpdated", "")
    kinds = {
        "Available": ("True", "AvailableReason", "Rollout has minimum availability"),
        "Completed": ("True" if phase == "Healthy" else "False", "RolloutCompleted", "RolloutCompleted"),
        "Progressing": progressing,
    }
    spec = {
        "replicas": 5,
        "revisionHistoryLimit": 5,
        "selector": {"matchLabels": {"app": "@service@"}},
        "strategy": {
            "canary": {
                "canaryService": "@service@-canary",
                "stableService": "@service@-stable",
                "steps": [dict(step) for step in ANALYSED],
                "trafficRouting": {"nginx": {"stableIngress": "@service@"}},
            }
        },
        "template": _pods(_NEW),
    }
    status: Object = {
        "phase": phase,
        "observedGeneration": "999999",
        "currentPodHash": "@new@",
        "currentStepHash": "594446fc65",
        "currentStepIndex": index,
        "stableRS": "@old@",
        "replicas": 5,
        "readyReplicas": 5,
        "availableReplicas": 5,
        "HPAReplicas": 5,
        "selector": "app=@service@",
        "blueGreen": {},
        "canary": {
            "weights": {
                "canary": {"podTemplateHash": "@new@", "serviceName": "@service@-canary", "weight": weight},
                "stable": {
                    "podTemplateHash": stable,
                    "serviceName": "@service@-stable",
                    "weight": 100 - weight,
                },
            }
        },
        "conditions": [
            {
                "type": kind,
                "status": value,
                "reason": reason,
                "message": text,
                "lastTransitionTime": "@began@",
                "lastUpdateTime": "@began@",
            }
            for kind, (value, reason, text) in kinds.items()
        ],
    }
    status |= more | ({"message": message} if message else {})
    return _sections("argoproj.io/v1alpha1", "Rollout", spec, status)


def _replica_set(image: str, replicas: int) -> Sections:
    spec = {
        "replicas": replicas,
        "selector": {"matchLabels": {"app": "@service@", "rollouts-pod-template-hash": "@hash@"}},
        "template": _pods(image),
    }
    counts = {"readyReplicas": replicas, "availableReplicas": replicas, "fullyLabeledReplicas": replicas}
    status = {"replicas": replicas, "observedGeneration": 2, **(counts if replicas else {})}
    return _sections("apps/v1", "ReplicaSet", spec, status)


def _pods(image: str) -> Object:
    container = {
        "name": "app",
        "image": image,
        "ports": [{"containerPort": 8080, "protocol": "TCP"}],
        "resources": {},
    }
    return {"metadata": {"labels": {"app": "@service@"}}, "spec": {"containers": [container]}}
