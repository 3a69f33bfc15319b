"""What the controller says of a Rollout.

Fields: ``argo-rollouts@v1.9.1:pkg/apis/rollouts/v1alpha1/types.go``.
"""

from __future__ import annotations

import msgspec

from trombone_tui.core.objects.basics import Condition, Partial, Time


class RolloutCondition(Condition):
    """One entry of a Rollout's ``status.conditions``."""

    last_update_time: Time | None = None
    """Of ``Progressing``: when there was progress last."""


class PauseCondition(Partial):
    """Why and since when the controller holds a Rollout."""

    reason: str | None = None
    start_time: Time | None = None


class RunStatus(Partial):
    """A Rollout's word on one of its AnalysisRuns; ``status`` is an analysis phase."""

    name: str | None = None
    status: str | None = None
    message: str | None = None


class WeightDestination(Partial):
    """The weight the controller wants for one side: a wish, no measurement."""

    weight: int | None = None
    service_name: str | None = None
    pod_template_hash: str | None = None


class Weights(Partial):
    """``status.canary.weights``; null without traffic routing."""

    canary: WeightDestination | None = None
    stable: WeightDestination | None = None
    verified: bool | None = None


class StepPluginStatus(Partial):
    """How far a plugin's step is."""

    index: int | None = None
    name: str | None = None
    phase: str | None = None
    message: str | None = None


class CanaryStatus(Partial):
    """``status.canary``."""

    current_step_analysis_run_status: RunStatus | None = None
    current_background_analysis_run_status: RunStatus | None = None
    current_experiment: str | None = None
    weights: Weights | None = None
    step_plugin_statuses: list[StepPluginStatus] | None = None
    stable_ping_pong: str | None = None


class BlueGreenStatus(Partial):
    """``status.blueGreen``; the selectors are template hashes."""

    active_selector: str | None = None
    preview_selector: str | None = None
    pre_promotion_analysis_run_status: RunStatus | None = None
    post_promotion_analysis_run_status: RunStatus | None = None


class RolloutStatus(Partial):
    """``status``; both observed generations are text, and ``abort`` may be there and false."""

    phase: str | None = None
    message: str | None = None
    observed_generation: str | int | None = None
    workload_observed_generation: str | int | None = None
    replicas: int | None = None
    updated_replicas: int | None = None
    ready_replicas: int | None = None
    available_replicas: int | None = None
    current_pod_hash: str | None = None
    stable_rs: str | None = msgspec.field(default=None, name="stableRS")
    current_step_index: int | None = None
    pause_conditions: list[PauseCondition] | None = None
    controller_pause: bool | None = None
    abort: bool | None = None
    aborted_at: Time | None = None
    promote_full: bool | None = None
    restarted_at: Time | None = None
    conditions: list[RolloutCondition] | None = None
    canary: CanaryStatus | None = None
    blue_green: BlueGreenStatus | None = None
