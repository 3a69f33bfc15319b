"""What bounds a Rollout: deadlines, delays, history, autoscalers, disruption budgets.

Rules and defaults: ``argo-rollouts@v1.9.1:utils/defaults/defaults.go`` and ``utils/conditions/conditions.go``
(RolloutTimedOut).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from trombone_tui.core.objects.argo_rollouts import HASH_LABEL, BlueGreen, Canary, Strategy
from trombone_tui.core.objects.basics import Health, condition
from trombone_tui.core.objects.durations import later, spoken
from trombone_tui.core.objects.scaling import (
    AUTOSCALER,
    DISRUPTION_BUDGET,
    AutoscalerSpec,
    AutoscalerStatus,
    BudgetSpec,
    BudgetStatus,
    HorizontalPodAutoscaler,
    PodDisruptionBudget,
)
from trombone_tui.core.questions import Objects
from trombone_tui.core.stage import Around, Fact, Facts
from trombone_tui.pipeline.rollout.clock import left
from trombone_tui.pipeline.rollout.failure import DEADLINE
from trombone_tui.pipeline.rollout.phase import promoted
from trombone_tui.pipeline.rollout.progress import Progress
from trombone_tui.pipeline.rollout.scale_down import scale_down

_LIMITING = (("AbleToScale", "False"), ("ScalingActive", "False"), ("ScalingLimited", "True"))
_KEPT = 10


def limits(of: Progress, around: Around) -> Facts:
    """Tell what bounds a Rollout."""
    return Facts(
        "Limits",
        (
            *_progress(of, around.now),
            *scale_down(of, around.now),
            *_rules(of),
            *_autoscalers(of, around),
            *_budgets(of, around),
        ),
    )


def _progress(of: Progress, now: datetime) -> Iterator[Fact]:
    written = of.spec.progress_deadline_seconds
    long = _seconds(DEADLINE if written is None else written)
    given = f"{spoken(long)} (the default)" if written is None else spoken(long)
    told, health = _deadline(of, long, now)
    yield Fact("Progress deadline", f"{given}{told}", health)
    past = "the update is aborted" if of.spec.progress_deadline_abort else "it is only said (no abort)"
    yield Fact("When it passes", past)


def _deadline(of: Progress, long: timedelta, now: datetime) -> tuple[str, Health | None]:
    """Say how much of the deadline is left; it counts from the last progress, not while paused."""
    found = condition(of.status.conditions, "Progressing")
    if found is None or promoted(of.status):
        return "", None
    if found.reason == "ProgressDeadlineExceeded":
        return ", exceeded", Health.DEGRADED
    if of.status.abort:
        return ", over: aborted", None
    if of.standing.phase == "Paused":
        return ", not counted while it is paused", None
    until = later(found.last_update_time, long)
    if until is None:
        return "", None
    return (f", {left(until, now)} left", None) if until > now else (", over", Health.DEGRADED)


def _rules(of: Progress) -> Iterator[Fact]:
    spec = of.spec
    strategy = spec.strategy or Strategy()
    either: Canary | BlueGreen | None = strategy.canary or strategy.blue_green
    if spec.min_ready_seconds:
        yield Fact("Ready before it counts", f"{spec.min_ready_seconds} s")
    if isinstance(either, Canary):
        surge = either.max_surge
        yield Fact("Surge at most", "25% (the default)" if surge is None else surge)
    if either is not None and either.max_unavailable is not None:
        yield Fact("Unavailable at most", either.max_unavailable)
    if strategy.canary is not None and strategy.canary.dynamic_stable_scale:
        yield Fact("Stable pods", "fewer as the canary grows (dynamicStableScale)")
    if strategy.canary is not None and strategy.canary.min_pods_per_replica_set is not None:
        yield Fact("Pods at least", f"{strategy.canary.min_pods_per_replica_set} of each version")
    kept = spec.revision_history_limit
    yield Fact("Revisions kept", f"{_KEPT} (the default)" if kept is None else kept)
    if spec.rollback_window is not None and spec.rollback_window.revisions is not None:
        told = f"the last {spec.rollback_window.revisions} revisions: going back skips steps and analyses"
        yield Fact("Rollback window", told)
    if spec.restart_at is not None:
        done = spec.restart_at == of.status.restarted_at
        yield Fact("Restarted" if done else "Restart asked for", spec.restart_at)


def _autoscalers(of: Progress, around: Around) -> Iterator[Fact]:
    meta = of.rollout.metadata
    answer = around.ask(Objects(kind=AUTOSCALER, namespace=meta.namespace))
    if answer.value is None:
        yield Fact("Autoscaler", f"unknown: {answer.trouble}" if answer.trouble else "asking for it")
        return
    found = 0
    for one in answer.value:
        target = (one.spec or AutoscalerSpec()).scale_target_ref
        if target is not None and (target.kind, target.name) == ("Rollout", meta.name):
            found += 1
            yield from _autoscaler(one)
    if not found:
        yield Fact("Autoscaler", "none")


def _autoscaler(one: HorizontalPodAutoscaler) -> Iterator[Fact]:
    spec, status = one.spec or AutoscalerSpec(), one.status or AutoscalerStatus()
    least = 1 if spec.min_replicas is None else spec.min_replicas
    wants = "?" if status.desired_replicas is None else status.desired_replicas
    has = "?" if status.current_replicas is None else status.current_replicas
    bounds = f"{least} to {'?' if spec.max_replicas is None else spec.max_replicas} pods"
    yield Fact("Autoscaler", f"{one.metadata.name}: {bounds}, has {has}, wants {wants}")
    if status.last_scale_time is not None:
        yield Fact("Autoscaler scaled last", status.last_scale_time)
    for of_type, bad in _LIMITING:
        found = condition(status.conditions, of_type)
        if found is not None and found.status == bad:
            told = found.message or found.reason or "no reason given"
            yield Fact(f"Autoscaler {of_type}", told, None if bad == "True" else Health.DEGRADED)


def _budgets(of: Progress, around: Around) -> Iterator[Fact]:
    answer = around.ask(Objects(kind=DISRUPTION_BUDGET, namespace=of.rollout.metadata.namespace))
    if answer.value is None:
        yield Fact("Disruption budget", f"unknown: {answer.trouble}" if answer.trouble else "asking for it")
        return
    labels, found = _labels(of), 0
    for one in answer.value:
        selector = (one.spec or BudgetSpec()).selector
        if selector is not None and labels and selector.matches(labels):
            found += 1
            yield _budget(one)
    if not found:
        yield Fact("Disruption budget", "none" if labels else "unknown: the pods' labels can't be seen")


def _budget(one: PodDisruptionBudget) -> Fact:
    spec, status = one.spec or BudgetSpec(), one.status or BudgetStatus()
    rule = f"at least {spec.min_available} available"
    if spec.min_available is None:
        rule = f"at most {1 if spec.max_unavailable is None else spec.max_unavailable} missing"
    if one.status is None:
        return Fact("Disruption budget", f"{one.metadata.name}: {rule}; not counted yet")
    allowed = status.disruptions_allowed or 0
    healthy = f"{status.current_healthy or 0} of {status.expected_pods or 0} healthy"
    needed = f", {status.desired_healthy} needed" if status.desired_healthy is not None else ""
    told = f"{one.metadata.name}: {rule}; {allowed} may be evicted now, {healthy}{needed}"
    return Fact("Disruption budget", told, None if allowed else Health.SUSPENDED)


def _labels(of: Progress) -> Mapping[str, str]:
    """Return the labels that the pods have: of the live ReplicaSet's template, else of the Rollout's own."""
    side = of.live or of.new
    found = of.family.of_hash(side.hash) if side else None
    for template in (found.spec.template if found and found.spec else None, of.spec.template):
        if template is not None and template.metadata is not None and template.metadata.labels:
            return template.metadata.labels | ({HASH_LABEL: side.hash} if side else {})
    return {}


def _seconds(number: int) -> timedelta:
    return timedelta(seconds=min(max(number, 0), 10**9))
