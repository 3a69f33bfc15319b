"""How objects are found by their Rollout, and what of them a Rollout's row reads."""

from __future__ import annotations

from collections.abc import Iterable

from trombone_tui.core.objects.analysis_phases import BAD
from trombone_tui.core.objects.apps import ReplicaSet
from trombone_tui.core.objects.argo_cd import Application
from trombone_tui.core.objects.argo_rollouts import HASH_LABEL, AnalysisRun, Rollout
from trombone_tui.core.objects.basics import Object
from trombone_tui.core.objects.managing import rollout_keys
from trombone_tui.core.objects.pods import Pod
from trombone_tui.core.stage import Key, own_key
from trombone_tui.pipeline.rollout.trouble import unscheduled


def itself(rollout: Rollout) -> Iterable[Key]:
    """Name the Rollout."""
    return (own_key("Rollout", rollout.metadata),)


def owners(found: Object) -> Iterable[Key]:
    """Name the Rollout and the Experiment that own an object."""
    return found.metadata.owner_keys("Rollout", "Experiment")


def replica_set(pod: Pod) -> Iterable[Key]:
    """Name a pod's ReplicaSet."""
    return pod.metadata.owner_keys("ReplicaSet")


def managed(application: Application) -> Iterable[Key]:
    """Name the Rollouts that an Application manages in its own cluster."""
    return rollout_keys(application)


def of_replica_set(found: ReplicaSet) -> object:
    """Name all that a row reads of a ReplicaSet."""
    spec, status = found.spec, found.status
    return (
        found.metadata.label(HASH_LABEL),
        spec.replicas if spec else None,
        found.images,
        status.available_replicas if status else None,
        status is None,
    )


def of_pod(pod: Pod) -> object:
    """Name all that a row reads of a pod."""
    last = pod.last_ended
    return pod.health, unscheduled(pod), pod.why, pod.restarts, last[1].words if last else ""


def of_run(run: AnalysisRun) -> object:
    """Name all that a row reads of an AnalysisRun: what came of one that did not pass."""
    status = run.status
    if status is None or status.phase not in BAD:
        return None
    return status.phase, status.message, status.metric_results
