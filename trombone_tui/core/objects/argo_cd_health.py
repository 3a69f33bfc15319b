"""Argo CD's own health checks, for an object at a time: since 3.0 their results are not in the Application.

Rules: ``gitops-engine@v0.7:pkg/health`` (health_deployment.go, health_statefulset.go, health_daemonset.go,
health_job.go, health_pod.go, health_pvc.go, health_service.go, health_ingress.go).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from trombone_tui.core.objects.basics import Condition, Health, Object, Partial, condition
from trombone_tui.core.objects.phrases import counted
from trombone_tui.core.objects.pods import Pod

Verdict = tuple[Health, str]
"""How well an object is, and why in a few words; empty when it is well."""


class CheckedSpec(Partial):
    """What the checks read of ``spec``."""

    replicas: int | None = None
    paused: bool | None = None
    suspend: bool | None = None
    type: str | None = None


class LoadBalancer(Partial):
    """``status.loadBalancer``."""

    ingress: list[Any] | None = None


class CheckedStatus(Partial):
    """What the checks read of ``status``; Go leaves a count of 0 out."""

    phase: str | None = None
    observed_generation: int | None = None
    replicas: int | None = None
    updated_replicas: int | None = None
    ready_replicas: int | None = None
    available_replicas: int | None = None
    desired_number_scheduled: int | None = None
    updated_number_scheduled: int | None = None
    number_available: int | None = None
    current_revision: str | None = None
    update_revision: str | None = None
    conditions: list[Condition] | None = None
    load_balancer: LoadBalancer | None = None


class Checked(Object):
    """Any of the kinds that are checked, as far as that needs it."""

    spec: CheckedSpec | None = None
    status: CheckedStatus | None = None


def checked(kind: str, thing: Mapping[str, Any]) -> Verdict | None:
    """Return how well an object is; None where its kind has no check here, or it does not fit its kind."""
    check = _CHECKS.get(kind)
    try:
        if kind == "Pod":
            pod = msgspec.convert(thing, type=Pod)
            return pod.health, pod.why
        return check(msgspec.convert(thing, type=Checked)) if check else None
    except (msgspec.ValidationError, RecursionError):
        return None


def _deployment(of: Checked) -> Verdict:
    spec, status = of.spec or CheckedSpec(), of.status or CheckedStatus()
    wanted = 1 if spec.replicas is None else spec.replicas
    updated, available = status.updated_replicas or 0, status.available_replicas or 0
    if spec.paused:
        return Health.SUSPENDED, "paused"
    if _unobserved(of):
        return Health.PROGRESSING, "its newest spec is not taken up yet"
    progressing = condition(status.conditions, "Progressing")
    if progressing is not None and progressing.reason == "ProgressDeadlineExceeded":
        return Health.DEGRADED, f"no progress within its deadline, {available} of {wanted} pods available"
    if updated < wanted:
        return Health.PROGRESSING, f"{updated} of {wanted} pods updated"
    if (status.replicas or 0) > updated:
        return Health.PROGRESSING, f"{counted((status.replicas or 0) - updated, 'old pod')} still to end"
    if available < updated:
        return Health.PROGRESSING, f"{available} of {updated} pods available"
    return Health.HEALTHY, ""


def _stateful_set(of: Checked) -> Verdict:
    spec, status = of.spec or CheckedSpec(), of.status or CheckedStatus()
    wanted, ready = (1 if spec.replicas is None else spec.replicas), status.ready_replicas or 0
    if not status.observed_generation or _unobserved(of):
        return Health.PROGRESSING, "its newest spec is not taken up yet"
    if ready < wanted:
        return Health.PROGRESSING, f"{ready} of {wanted} pods ready"
    if status.update_revision != status.current_revision:
        return Health.PROGRESSING, f"{status.updated_replicas or 0} of {wanted} pods updated"
    return Health.HEALTHY, ""


def _daemon_set(of: Checked) -> Verdict:
    status = of.status or CheckedStatus()
    wanted = status.desired_number_scheduled or 0
    updated, available = status.updated_number_scheduled or 0, status.number_available or 0
    if _unobserved(of):
        return Health.PROGRESSING, "its newest spec is not taken up yet"
    if updated < wanted:
        return Health.PROGRESSING, f"{updated} of {wanted} pods updated"
    if available < wanted:
        return Health.PROGRESSING, f"{available} of {wanted} pods available"
    return Health.HEALTHY, ""


def _job(of: Checked) -> Verdict:
    conditions = of.status.conditions if of.status else None
    for kind, health in (
        ("Failed", Health.DEGRADED),
        ("Complete", Health.HEALTHY),
        ("Suspended", Health.SUSPENDED),
    ):
        found = condition(conditions, kind)
        if found is not None and found.status == "True":
            return health, "" if health is Health.HEALTHY else found.message or found.reason or kind
    return Health.PROGRESSING, "runs"


def _claim(of: Checked) -> Verdict:
    phase = (of.status.phase if of.status else None) or ""
    known = {"Lost": Health.DEGRADED, "Pending": Health.PROGRESSING, "Bound": Health.HEALTHY}
    return known.get(
        phase, Health.UNKNOWN
    ), "" if phase == "Bound" else f"its volume is {phase.lower() or 'unknown'}"


def _service(of: Checked) -> Verdict:
    return _ingress(of) if of.spec is not None and of.spec.type == "LoadBalancer" else (Health.HEALTHY, "")


def _ingress(of: Checked) -> Verdict:
    balancer = of.status.load_balancer if of.status else None
    if balancer is not None and balancer.ingress:
        return Health.HEALTHY, ""
    return Health.PROGRESSING, "no address yet"


def _unobserved(of: Checked) -> bool:
    return ((of.status.observed_generation if of.status else None) or 0) < (of.metadata.generation or 0)


_CHECKS: dict[str, Callable[[Checked], Verdict]] = {
    "Deployment": _deployment,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
    "Job": _job,
    "PersistentVolumeClaim": _claim,
    "Service": _service,
    "Ingress": _ingress,
}
CHECKED_KINDS = frozenset({*_CHECKS, "Pod"})
"""The kinds that ``checked`` knows."""
