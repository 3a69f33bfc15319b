"""Pods as the API server and a kubelet write them: waiting, running, finished."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Object = dict[str, Any]

NODE = "node-1"
EXECUTOR = "quay.io/argoproj/argoexec:v3.7.18"


def service_pod(name: str, replica_set: Mapping[str, Any], owner: Mapping[str, Any]) -> Object:
    """Return a pod of a ReplicaSet as it is when it is created."""
    template = replica_set["spec"]["template"]
    metadata = replica_set["metadata"]
    return {
        "metadata": {
            "name": name,
            "generateName": f"{metadata['name']}-",
            "namespace": metadata["namespace"],
            "labels": dict(template["metadata"]["labels"]),
            "ownerReferences": [dict(owner)],
        },
        "spec": dict(template["spec"]) | _scheduling("Always"),
        "status": {"phase": "Pending", "qosClass": "BestEffort"},
    }


def step_pod(
    name: str, workflow: Mapping[str, Any], owner: Mapping[str, Any], node: Mapping[str, Any], image: str
) -> Object:
    """Return the pod of a Workflow's node as ``workflow/controller/workflowpod.go`` creates it."""
    metadata = workflow["metadata"]
    return {
        "metadata": {
            "name": name,
            "namespace": metadata["namespace"],
            "labels": {
                "workflows.argoproj.io/completed": "false",
                "workflows.argoproj.io/workflow": metadata["name"],
            }
            | {key: value for key, value in (metadata.get("labels") or {}).items() if "trombone.dev" in key},
            "annotations": {
                "kubectl.kubernetes.io/default-container": "main",
                "workflows.argoproj.io/node-id": node["id"],
                "workflows.argoproj.io/node-name": node["name"],
            },
            "ownerReferences": [dict(owner)],
        },
        "spec": {
            "initContainers": [_executor("init")],
            "containers": [
                _executor("wait"),
                {
                    "name": "main",
                    "image": image,
                    "command": ["/var/run/argo/argoexec", "emissary", "--", "/bin/build"],
                    "resources": {},
                    "terminationMessagePath": "/dev/termination-log",
                    "terminationMessagePolicy": "File",
                    "imagePullPolicy": "IfNotPresent",
                },
            ],
        }
        | _scheduling("Never"),
        "status": {"phase": "Pending", "qosClass": "BestEffort"},
    }


def schedule(pod: Object, now: str) -> None:
    """Give a pod a node."""
    pod["spec"]["nodeName"] = NODE
    pod["status"]["conditions"] = [_condition("PodScheduled", "True", now)]


def run(pod: Object, now: str, address: str) -> None:
    """Have all containers of a pod running."""
    status, spec = pod["status"], pod["spec"]
    scheduled = [c for c in status.get("conditions") or () if c["type"] == "PodScheduled"]
    status |= {
        "phase": "Running",
        "conditions": [
            *(_condition(kind, "True", now) for kind in ("Initialized", "Ready", "ContainersReady")),
            *scheduled,
        ],
        "hostIP": "10.0.0.1",
        "podIP": address,
        "podIPs": [{"ip": address}],
        "startTime": now,
        "containerStatuses": [
            _container(one, {"running": {"startedAt": now}}, ready=True) for one in spec["containers"]
        ],
    }
    if first := spec.get("initContainers"):
        done = {"terminated": _ended(0, now, now)}
        status["initContainerStatuses"] = [_container(one, done, ready=True) for one in first]


def crash(pod: Object, now: str, *, back_off: int) -> None:
    """End a pod's containers with an error; they wait for their next start."""
    status, of = pod["status"], pod["metadata"]
    for one in status["containerStatuses"]:
        began = (one["state"].get("running") or {}).get("startedAt", now)
        message = (
            f"back-off {spoken(back_off)} restarting failed container={one['name']} "
            f"pod={of['name']}_{of['namespace']}({of['uid']})"
        )
        one["lastState"] = {"terminated": _ended(1, began, now)}
        one["state"] = {"waiting": {"reason": "CrashLoopBackOff", "message": message}}
        one |= {"ready": False, "started": False}


def start_anew(pod: Object, now: str) -> None:
    """Begin a pod's containers again after a crash."""
    for one in pod["status"]["containerStatuses"]:
        one["state"] = {"running": {"startedAt": now}}
        one["restartCount"] += 1
        one["started"] = True


def unready(pod: Object, now: str) -> None:
    """Say that a pod that runs does not answer its readiness probe."""
    status = pod["status"]
    names = " ".join(one["name"] for one in status["containerStatuses"])
    for one in status["containerStatuses"]:
        one["ready"] = False
    for one in status["conditions"]:
        if one["type"] in ("Ready", "ContainersReady"):
            one |= {
                "status": "False",
                "lastTransitionTime": now,
                "reason": "ContainersNotReady",
                "message": f"containers with unready status: [{names}]",
            }


def spoken(seconds: int) -> str:
    """Write seconds as Go does: ``10s``, ``1m20s``."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


def finish(pod: Object, now: str, exit_code: int) -> None:
    """End a Workflow's pod; only ``main`` has the exit code."""
    status = pod["status"]
    status["phase"] = "Failed" if exit_code else "Succeeded"
    for one in status.get("containerStatuses") or ():
        began = (one["state"].get("running") or {}).get("startedAt", now)
        one["state"] = {"terminated": _ended(exit_code if one["name"] == "main" else 0, began, now)}
        one["ready"] = False
        one.pop("started", None)
    for condition in status.get("conditions") or ():
        if condition["type"] in ("Ready", "ContainersReady"):
            condition |= {"status": "False", "lastTransitionTime": now}


def _scheduling(restart: str) -> Object:
    return {
        "restartPolicy": restart,
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "serviceAccountName": "default",
        "serviceAccount": "default",
        "securityContext": {},
        "schedulerName": "default-scheduler",
        "priority": 0,
        "enableServiceLinks": True,
        "preemptionPolicy": "PreemptLowerPriority",
    }


def _executor(name: str) -> Object:
    return {
        "name": name,
        "image": EXECUTOR,
        "command": ["argoexec", name, "--loglevel", "info", "--log-format", "text", "--gloglevel", "0"],
        "resources": {},
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "imagePullPolicy": "IfNotPresent",
    }


def _condition(kind: str, status: str, now: str) -> Object:
    return {"type": kind, "status": status, "lastProbeTime": None, "lastTransitionTime": now}


def _container(spec: Mapping[str, Any], state: Mapping[str, Any], *, ready: bool) -> Object:
    made: Object = {
        "name": spec["name"],
        "state": dict(state),
        "lastState": {},
        "ready": ready,
        "restartCount": 0,
        "image": spec["image"],
        "imageID": "",
    }
    if "running" in state:
        made["started"] = True
    return made


def _ended(code: int, began: str, now: str) -> Object:
    reason = "Error" if code else "Completed"
    return {"exitCode": code, "reason": reason, "startedAt": began, "finishedAt": now}


def containers(images: Sequence[tuple[str, str]]) -> list[Object]:
    """Return containers of a pod template, from names and images."""
    return [
        {
            "name": name,
            "image": image,
            "ports": [{"containerPort": 8080, "protocol": "TCP"}],
            "resources": {},
            "terminationMessagePath": "/dev/termination-log",
            "terminationMessagePolicy": "File",
            "imagePullPolicy": "IfNotPresent",
        }
        for name, image in images
    ]
