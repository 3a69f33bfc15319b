"""Experiments for tests: the lab's one, alone or as a step of a Rollout, with analyses and their runs."""

from __future__ import annotations

from typing import Any

from changing import changed
from recordings import documents
from stage_readers import stored

Held = dict[str, Any]

ALONE = stored("metrics/lab", "experiment-running")
"""``two-versions``: two templates of one pod each, an hour, no analyses."""
SETS = [one for one in documents("rollout", "experiment") if one["kind"] == "ReplicaSet"]
PODS = [one for one in documents("rollout", "experiment") if one["kind"] == "Pod"]
NAME = "api-abc-2-1"
ROLLOUT: Held = {
    "kind": "Rollout",
    "metadata": {"name": "api", "namespace": "states", "uid": "ro"},
    "status": {"currentPodHash": "abc", "canary": {"currentExperiment": NAME}},
}
AT = "2026-11-23T13:10:43Z"
"""When the templates of the situations last changed."""


def of_rollout(name: str = NAME, **changes: Any) -> Held:
    """The lab's Experiment as the step after the first that a Rollout makes (rollout/experiment.go)."""
    made = changed(
        ALONE,
        metadata__name=name,
        metadata__uid="ex",
        metadata__labels={"rollouts-pod-template-hash": "abc"},
        metadata__annotations={"rollout.argoproj.io/revision": "2"},
        metadata__ownerReferences=[{"kind": "Rollout", "name": "api", "uid": "ro", "controller": True}],
    )
    return changed(made, **changes)


def sides(*told: tuple[str, int, str], **more: Any) -> list[Held]:
    """``status.templateStatuses``: status, available pods, message; baseline first."""
    return [
        {
            "name": name,
            "status": status,
            "availableReplicas": available,
            "readyReplicas": available,
            "replicas": available,
            "updatedReplicas": available,
            "lastTransitionTime": AT,
            **({"message": message} if message else {}),
            **more,
        }
        for name, (status, available, message) in zip(("baseline", "candidate"), told, strict=True)
    ]


def analyses(*names: str, required: bool = False) -> list[Held]:
    """``spec.analyses`` of these names."""
    more = {"requiredForCompletion": True} if required else {}
    return [{"name": name, "templateName": "success-rate", **more} for name in names]


def told(**phases: str | tuple[str, str]) -> list[Held]:
    """``status.analysisRuns``: name and phase, or phase and message."""
    pairs = {name: (one, "") if isinstance(one, str) else one for name, one in phases.items()}
    return [
        {"name": name, "analysisRun": f"{NAME}-{name}", "phase": phase, "message": message}
        for name, (phase, message) in pairs.items()
    ]


def run(name: str = "rates", experiment: str = NAME, uid: str = "ex", **changes: Any) -> Held:
    """A run of an Experiment, as newAnalysisRun makes it: neither labels nor revision."""
    made = stored("metrics/lab", "analysisrun-step-failed-failed")
    owner = {"kind": "Experiment", "name": experiment, "uid": uid, "controller": True}
    made = changed(
        made,
        metadata__name=f"{experiment}-{name}",
        metadata__namespace="states",
        metadata__uid=f"run-{experiment}-{name}",
        metadata__labels=None,
        metadata__annotations=None,
        metadata__ownerReferences=[owner],
    )
    return changed(made, **changes)
