"""How far an EventSource, Sensor or EventBus is: what its conditions say, and whether pods really run.

``Deployed=True`` only says that a Deployment was written, and a condition's time is no age: a change of
the spec moves all of them (``argo-events@v1.9.11:pkg/apis/events/v1alpha1/status_types.go``, IsReady).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from trombone_tui.core.objects.apps import Deployment, DeploymentStatus, StatefulSet, WorkloadSpec
from trombone_tui.core.objects.basics import Condition, Health, Kind, Meta, condition
from trombone_tui.core.objects.event_pods import EVENT_POD, EventPod
from trombone_tui.core.stage import Around, Detail, Fact, Facts, Fields, Key
from trombone_tui.pipeline.events.pods import holding, restarts, short_name

Workload = Deployment | StatefulSet


class EventsFields(Fields, frozen=True):
    """What ``status`` and the tables show of an EventSource, Sensor or EventBus."""

    deployed: bool | None = None
    """Whether every condition is True."""
    running: bool | None = None
    """Whether at least one of its pods is ready; None when that can't be seen."""
    last_seen: datetime | None = None
    """When a Sensor last started a Workflow that still exists."""
    workflows: int | None = None
    """How many Workflows that a Sensor started still exist."""
    events: int | None = None
    """How many events it listens to or waits for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A part of the truth about an object: yes, no or unknown, how well that is, and in words."""

    true: bool | None
    health: Health
    words: str
    since: datetime | None = None


def deployed(conditions: Sequence[Condition] | None, meta: Meta) -> Standing:
    """Say what the conditions tell: ready is at least one, and all True."""
    if meta.deletion_timestamp is not None:
        return Standing(true=None, health=Health.PROGRESSING, words="Being deleted")
    bad = next((c for c in conditions or () if c.status == "False"), None)
    if bad is not None:
        return Standing(true=False, health=Health.DEGRADED, words=f"Not deployed: {_cause(bad)}")
    if not conditions:
        return Standing(
            true=None, health=Health.UNKNOWN, words="No conditions yet: no controller has taken it up"
        )
    open_ = [c.type or "?" for c in conditions if c.status != "True"]
    if open_:
        return Standing(
            true=None,
            health=Health.UNKNOWN,
            words=f"The controller has not decided {', '.join(open_)}",
        )
    return Standing(true=True, health=Health.HEALTHY, words="Deployed")


def _cause(bad: Condition) -> str:
    message = (bad.message or "").strip().rstrip(".")
    reason = bad.reason or f"{bad.type or 'a condition'} is False"
    return f"{message} ({reason})" if message else reason


def running(kind: Kind, key: Key, around: Around) -> Standing:
    """Say whether pods really run, and if not why: from the Deployment or StatefulSet and its pods."""
    workloads: Sequence[Workload] = around.linked(kind, key)
    pods: Sequence[EventPod] = around.linked(EVENT_POD, key)
    if not workloads:
        return _unmade(kind, pods, around)
    best = max(workloads, key=lambda one: (one.status or DeploymentStatus()).ready_replicas or 0)
    status = best.status or DeploymentStatus()
    known = _standing(best, best.spec or WorkloadSpec(), status)
    if known.health is Health.SUSPENDED:
        return known
    if known.health is Health.HEALTHY:
        return replace(known, words=f"{known.words}{restarts(pods)}")
    held = holding(pods)
    if held is not None:
        health = max(known.health, held.health, key=lambda one: one.badness)
        return replace(known, health=health, words=f"{known.words}: {short_name(held)}: {held.why}")
    refused = condition(status.conditions, _REFUSED)
    if refused is not None and refused.status == "True":
        words = f"{known.words}: no pod is made: {refused.message or refused.reason or 'without a reason'}"
        return replace(known, health=Health.DEGRADED, words=words)
    unseen = "" if pods or around.visible(EVENT_POD) else ", why is not visible (pods)"
    return replace(known, words=f"{known.words}{unseen}")


def _unmade(kind: Kind, pods: Sequence[EventPod], around: Around) -> Standing:
    """Say what is known where there is no Deployment or StatefulSet, or none that may be seen."""
    if around.visible(kind):
        return Standing(true=False, health=Health.MISSING, words=f"it has no {kind.name}, so nothing runs")
    if not pods:
        words = f"whether it really runs is not visible ({kind.plural})"
        return Standing(true=None, health=Health.UNKNOWN, words=words)
    ready = sum(pod.ready for pod in pods)
    held = holding(pods)
    why = f": {short_name(held)}: {held.why}" if held else restarts(pods)
    seen = f"{ready} of {len(pods)} pods seen ready{why}"
    words = f"{seen}, how many should be is not visible ({kind.plural})"
    health = held.health if held else Health.HEALTHY if ready else Health.UNKNOWN
    return Standing(true=ready > 0, health=health, words=words)


def _standing(one: Workload, spec: WorkloadSpec, status: DeploymentStatus) -> Standing:
    wanted = 1 if spec.replicas is None else spec.replicas
    ready = status.ready_replicas or 0
    words = f"{ready} of {wanted} pods ready"
    progress = condition(status.conditions, "Progressing")
    available = condition(status.conditions, "Available")
    since = available.last_transition_time if available else None
    if wanted <= 0:
        return Standing(true=ready > 0, health=Health.SUSPENDED, words=_scaled(one), since=since)
    if progress is not None and progress.reason == "ProgressDeadlineExceeded":
        words = f"{words}, and its {_kind(one)} gave up waiting"
        return Standing(true=ready > 0, health=Health.DEGRADED, words=words, since=since)
    behind = (status.observed_generation or 0) < (one.metadata.generation or 0)
    if behind or (ready and (status.updated_replicas or 0) < wanted):
        words = f"{words}, being replaced by pods of a newer spec"
        return Standing(true=ready > 0, health=Health.PROGRESSING, words=words, since=since)
    if ready >= wanted:
        return Standing(true=True, health=Health.HEALTHY, words=words, since=since)
    starting = progress is not None and progress.reason in _STARTING
    health = Health.PROGRESSING if ready or starting else Health.DEGRADED
    return Standing(true=ready > 0, health=health, words=words, since=since)


_REFUSED = "ReplicaFailure"
"""Condition of a Deployment whose pods the API server refuses: quota, admission."""
_STARTING = ("NewReplicaSetCreated", "FoundNewReplicaSet", "ReplicaSetUpdated")
"""Reasons of a Deployment that still makes its first pods (``kubernetes@v1.36.3:pkg/controller/deployment``);
after ``NewReplicaSetAvailable`` pods that are not ready have been ready before."""


def _scaled(one: Workload) -> str:
    """Say what would start it: the controller leaves the number alone until the spec changes."""
    return f"scaled to 0 pods: scale {_kind(one)} {one.metadata.name} to 1 to have it run"


def _kind(one: Workload) -> str:
    return "Deployment" if isinstance(one, Deployment) else "StatefulSet"


def workload_keys(workload: Workload, label: str, kind: str) -> list[Key]:
    """Name the object that a Deployment or StatefulSet runs."""
    name = workload.metadata.label(label)
    return [(kind, workload.metadata.namespace, name)] if name else []


def workload_facts(workload: Workload) -> object:
    """Return what rows read of a Deployment or StatefulSet."""
    status = workload.status or DeploymentStatus()
    wanted = workload.spec.replicas if workload.spec else None
    return (
        wanted,
        workload.metadata.generation,
        status.observed_generation,
        status.ready_replicas,
        status.updated_replicas,
        [
            (c.type, c.status, c.reason, c.message if c.type == _REFUSED else None)
            for c in status.conditions or ()
        ],
    )


def worst(*standings: Standing) -> Health:
    """Say how well something is that is no better than the worst of its parts."""
    return max((one.health for one in standings), key=lambda health: health.badness)


def condition_facts(conditions: Sequence[Condition] | None) -> tuple[Detail, ...]:
    """Write the conditions in words."""
    facts = tuple(
        Fact(name=c.type or "?", value=_in_words(c), health=_HEALTH.get(c.status or "", Health.UNKNOWN))
        for c in conditions or ()
    )
    return (Facts(title="Conditions", facts=facts),) if facts else ()


_HEALTH = {"True": Health.HEALTHY, "False": Health.DEGRADED}


def _in_words(one: Condition) -> str:
    if one.status == "True":
        return one.message or "yes"
    if one.status == "False":
        return f"no: {_cause(one)}"
    return "not decided by the controller"
