"""A Rollout's phase and message exactly as ``kubectl argo rollouts`` shows them.

Rules and texts: ``argo-rollouts@v1.9.1:utils/rollout/rolloututil.go`` (GetRolloutPhase). One test is
ours: the official tool knows from memory that a template came from a referenced workload, so whether
that workload's change was seen is compared here, as Argo CD's health script does.
"""

from __future__ import annotations

from dataclasses import dataclass

from trombone_tui.core.objects.argo_rollouts import Rollout, RolloutSpec, Strategy
from trombone_tui.core.objects.rollout_status import BlueGreenStatus, RolloutStatus

UNOBSERVED = "waiting for rollout spec update to be observed"
UNPAUSING = "waiting for rollout to unpause"
WORKLOAD_UNOBSERVED = "waiting for rollout spec update to be observed for the reference workload"
WORKLOAD_GENERATION = "rollout.argoproj.io/workload-generation"
DONE = ("Successful", "Failed", "Error", "Inconclusive")


@dataclass(frozen=True, slots=True)
class Standing:
    """Phase and message; None where the object tells neither."""

    phase: str | None
    message: str | None


def standing(rollout: Rollout) -> Standing:
    """Derive phase and message as the official command line does, the first test that matches first."""
    status = rollout.status or RolloutStatus()
    if not observed(rollout):
        return Standing("Progressing", UNOBSERVED)
    if status.controller_pause and not status.pause_conditions:
        return Standing("Progressing", UNPAUSING)
    if not workload_observed(rollout):
        return Standing("Progressing", WORKLOAD_UNOBSERVED)
    if status.phase:
        return Standing(status.phase, status.message or "")
    return calculated(rollout.spec or RolloutSpec(), status)


def observed(rollout: Rollout) -> bool:
    """Whether the controller has seen the newest spec; a text that is no number counts as seen."""
    seen = _integer(rollout.status.observed_generation if rollout.status else None)
    return seen is None or seen >= (rollout.metadata.generation or 0)


def workload_observed(rollout: Rollout) -> bool:
    """Whether the controller has seen the newest template of the workload the Rollout refers to."""
    if rollout.spec is None or rollout.spec.workload_ref is None or rollout.status is None:
        return True
    wanted = _integer(rollout.metadata.annotation(WORKLOAD_GENERATION))
    seen = _integer(rollout.status.workload_observed_generation)
    return wanted is None or seen is None or seen == wanted


def calculated(spec: RolloutSpec, status: RolloutStatus) -> Standing:
    """Work phase and message out from the rest of the status, for controllers that write neither.

    A Rollout of no known strategy has no phase, where the official tool would call it Healthy.
    """
    for test in (_broken, _paused, _moving):
        found = test(spec, status)
        if found is not None:
            return found
    strategy = spec.strategy or Strategy()
    if strategy.blue_green is not None:
        return Standing(*(_blue_green(strategy, status) or ("Healthy", "")))
    if strategy.canary is not None:
        return Standing(*(_canary(strategy, status) or ("Healthy", "")))
    return Standing(None, None)


def _broken(_: RolloutSpec, status: RolloutStatus) -> Standing | None:
    for condition in status.conditions or ():
        if condition.type == "InvalidSpec":
            return Standing("Degraded", f"InvalidSpec: {condition.message or ''}")
        if condition.reason in ("RolloutAborted", "ProgressDeadlineExceeded"):
            return Standing("Degraded", f"{condition.reason}: {condition.message or ''}")
    return None


def _paused(spec: RolloutSpec, status: RolloutStatus) -> Standing | None:
    if spec.paused:
        return Standing("Paused", "manually paused")
    if status.pause_conditions:
        return Standing("Paused", status.pause_conditions[0].reason or "")
    return None


def _moving(spec: RolloutSpec, status: RolloutStatus) -> Standing | None:
    updated = status.updated_replicas or 0
    if spec.restart_at is not None and spec.restart_at != status.restarted_at:
        return Standing("Progressing", "rollout is restarting")
    if updated < (1 if spec.replicas is None else spec.replicas):
        return Standing("Progressing", "more replicas need to be updated")
    if (status.available_replicas or 0) < updated:
        return Standing("Progressing", "updated replicas are still becoming available")
    return None


def _blue_green(strategy: Strategy, status: RolloutStatus) -> tuple[str, str] | None:
    of = status.blue_green or BlueGreenStatus()
    if not of.active_selector or of.active_selector != status.current_pod_hash:
        return "Progressing", "active service cutover pending"
    if promoted(status):
        return None
    run = of.post_promotion_analysis_run_status
    wanted = strategy.blue_green is not None and strategy.blue_green.post_promotion_analysis is not None
    if wanted and (run is None or run.status not in DONE):
        return "Progressing", "waiting for analysis to complete"
    return "Progressing", "waiting for post-promotion verification to complete"


def _canary(strategy: Strategy, status: RolloutStatus) -> tuple[str, str] | None:
    routed = strategy.canary is not None and strategy.canary.traffic_routing is not None
    if not routed and (status.replicas or 0) > (status.updated_replicas or 0):
        return "Progressing", "old replicas are pending termination"
    if not promoted(status):
        return "Progressing", "waiting for all steps to complete"
    return None


def promoted(status: RolloutStatus) -> bool:
    """Whether the newest template is also the stable one."""
    return bool(status.stable_rs) and status.stable_rs == status.current_pod_hash


def _integer(text: str | int | None) -> int | None:
    if isinstance(text, int):
        return text
    try:
        return int(text or "")
    except ValueError:
        return None
