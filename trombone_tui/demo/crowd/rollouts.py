"""The states of a Rollout, and its ReplicaSets."""

from __future__ import annotations

from trombone_tui.demo.crowd.sections import NEW, OLD, Object, Sections, sections
from trombone_tui.demo.story.services import ANALYSED


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
    return (done, moving, held, aborted), (_replica_set(OLD, 0), _replica_set(NEW, 5))


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
        "template": _pods(NEW),
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
    return sections("argoproj.io/v1alpha1", "Rollout", spec, status)


def _replica_set(image: str, replicas: int) -> Sections:
    spec = {
        "replicas": replicas,
        "selector": {"matchLabels": {"app": "@service@", "rollouts-pod-template-hash": "@hash@"}},
        "template": _pods(image),
    }
    counts = {"readyReplicas": replicas, "availableReplicas": replicas, "fullyLabeledReplicas": replicas}
    status = {"replicas": replicas, "observedGeneration": 2, **(counts if replicas else {})}
    return sections("apps/v1", "ReplicaSet", spec, status)


def _pods(image: str) -> Object:
    container = {
        "name": "app",
        "image": image,
        "ports": [{"containerPort": 8080, "protocol": "TCP"}],
        "resources": {},
    }
    return {"metadata": {"labels": {"app": "@service@"}}, "spec": {"containers": [container]}}
