"""Argo Rollouts' Rollout and AnalysisRun.

Fields: ``argo-rollouts@v1.9.1:pkg/apis/rollouts/v1alpha1/types.go`` and ``analysis_types.go``.
"""

from __future__ import annotations

from typing import Any

import msgspec

from trombone_tui.core.objects.apps import PodTemplate, Selector
from trombone_tui.core.objects.basics import Kind, Meta, Object, Partial, Time
from trombone_tui.core.objects.rollout_status import RolloutStatus

HASH_LABEL = "rollouts-pod-template-hash"
"""On ReplicaSets, pods and AnalysisRuns: the template's hash, as in ``status.currentPodHash``."""
REVISION_ANNOTATION = "rollout.argoproj.io/revision"
"""On Rollouts, ReplicaSets, AnalysisRuns and Experiments: a number that grows with each update."""


class WorkloadRef(Partial):
    """The Deployment, ReplicaSet or PodTemplate whose template a Rollout uses instead of its own."""

    api_version: str | None = None
    kind: str | None = None
    name: str | None = None
    scale_down: str | None = None
    """What becomes of its own pods: ``never``, ``onsuccess``, ``progressively``."""


class AnalysisTemplateRef(Partial):
    """The name of a template."""

    template_name: str | None = None
    cluster_scope: bool | None = None


class RolloutAnalysis(Partial):
    """Templates that make one AnalysisRun."""

    templates: list[AnalysisTemplateRef] | None = None
    starting_step: int | None = None
    """Of a canary's background analysis: the step it begins at."""


class PingPong(Partial):
    """Two services that take turns at being the stable one."""

    ping_service: str | None = None
    pong_service: str | None = None


class Canary(Partial):
    """``spec.strategy.canary``; a step is kept as it is, because a new version may bring a new kind."""

    steps: list[dict[str, Any]] | None = None
    canary_service: str | None = None
    stable_service: str | None = None
    traffic_routing: dict[str, Any] | None = None
    analysis: RolloutAnalysis | None = None
    max_surge: int | str | None = None
    max_unavailable: int | str | None = None
    scale_down_delay_seconds: int | None = None
    scale_down_delay_revision_limit: int | None = None
    abort_scale_down_delay_seconds: int | None = None
    dynamic_stable_scale: bool | None = None
    min_pods_per_replica_set: int | None = None
    ping_pong: PingPong | None = None


class BlueGreen(Partial):
    """``spec.strategy.blueGreen``; promotes by itself unless ``autoPromotionEnabled`` is false."""

    active_service: str | None = None
    preview_service: str | None = None
    auto_promotion_enabled: bool | None = None
    auto_promotion_seconds: int | None = None
    pre_promotion_analysis: RolloutAnalysis | None = None
    post_promotion_analysis: RolloutAnalysis | None = None
    preview_replica_count: int | None = None
    max_unavailable: int | str | None = None
    scale_down_delay_seconds: int | None = None
    scale_down_delay_revision_limit: int | None = None
    abort_scale_down_delay_seconds: int | None = None


class Strategy(Partial):
    """``spec.strategy``: exactly one of the two."""

    canary: Canary | None = None
    blue_green: BlueGreen | None = None


class RollbackWindow(Partial):
    """``spec.rollbackWindow``: going back to one of so many revisions skips steps and analyses."""

    revisions: int | None = None


class RolloutSpec(Partial):
    """``spec``; ``replicas`` counts as 1 when absent."""

    replicas: int | None = None
    selector: Selector | None = None
    template: PodTemplate | None = None
    workload_ref: WorkloadRef | None = None
    strategy: Strategy | None = None
    paused: bool | None = None
    restart_at: Time | None = None
    progress_deadline_seconds: int | None = None
    progress_deadline_abort: bool | None = None
    min_ready_seconds: int | None = None
    revision_history_limit: int | None = None
    rollback_window: RollbackWindow | None = None


class Rollout(Object):
    """A workload that is updated step by step."""

    spec: RolloutSpec | None = None
    status: RolloutStatus | None = None

    @property
    def images(self) -> tuple[str, ...]:
        """The images of its own template's containers; none where that is another workload's."""
        return self.spec.template.images if self.spec and self.spec.template else ()


def revision(meta: Meta) -> int:
    """Return the revision that an object of a Rollout belongs to; 0 when none is written."""
    written = meta.annotation(REVISION_ANNOTATION)
    return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else 0


class Metric(Partial):
    """One entry of an AnalysisRun's ``spec.metrics``; numbers may be written as text."""

    name: str | None = None
    interval: str | None = None
    initial_delay: str | None = None
    count: int | str | None = None
    success_condition: str | None = None
    failure_condition: str | None = None
    failure_limit: int | str | None = None
    inconclusive_limit: int | str | None = None
    consecutive_error_limit: int | str | None = None
    consecutive_success_limit: int | str | None = None
    provider: dict[str, Any] | None = None


class DryRun(Partial):
    """A regular expression of metrics that are measured but don't count."""

    metric_name: str | None = None


class KeyRef(Partial):
    """A key of a Secret."""

    name: str | None = None
    key: str | None = None


class FieldRef(Partial):
    """A field of the Rollout."""

    field_path: str | None = None


class ArgumentSource(Partial):
    """Where an argument's value comes from that is not written down."""

    secret_key_ref: KeyRef | None = None
    field_ref: FieldRef | None = None


class Argument(Partial):
    """What ``{{args.name}}`` stands for in queries and conditions."""

    name: str | None = None
    value: str | None = None
    value_from: ArgumentSource | None = None


class Retention(Partial):
    """How many measurements are kept of metrics whose name fits a regular expression."""

    metric_name: str | None = None
    limit: int | None = None


class AnalysisRunSpec(Partial):
    """``spec``: complete in itself, whatever templates it was made from."""

    metrics: list[Metric] | None = None
    args: list[Argument] | None = None
    measurement_retention: list[Retention] | None = None
    dry_run: list[DryRun] | None = None
    terminate: bool | None = None


class MeasurementNotes(Partial):
    """What a provider leaves beside a value; of all it may leave only this is read."""

    warnings: str | None = None
    """What Prometheus warns of."""
    job_name: str | None = msgspec.field(default=None, name="job-name")
    job_namespace: str | None = msgspec.field(default=None, name="job-namespace")


class Measurement(Partial):
    """One measurement; ``value`` is text, like ``[0.97]``."""

    phase: str | None = None
    message: str | None = None
    value: str | None = None
    started_at: Time | None = None
    finished_at: Time | None = None
    resume_at: Time | None = None
    """When a measurement that takes its time is looked at again."""
    metadata: MeasurementNotes | None = None


class MetricResult(Partial):
    """What came of a metric; the ten newest measurements are kept, the newest last.

    ``metadata`` is not read: the resolved query in it may hold the values of secrets.
    """

    name: str | None = None
    phase: str | None = None
    message: str | None = None
    count: int | None = None
    successful: int | None = None
    failed: int | None = None
    inconclusive: int | None = None
    error: int | None = None
    consecutive_error: int | None = None
    consecutive_success: int | None = None
    dry_run: bool | None = None
    measurements: list[Measurement] | None = None


class AnalysisRunStatus(Partial):
    """``status``; ``phase`` is Pending, Running, Successful, Failed, Error or Inconclusive."""

    phase: str | None = None
    message: str | None = None
    started_at: Time | None = None
    completed_at: Time | None = None
    metric_results: list[MetricResult] | None = None


class AnalysisRun(Object):
    """Measurements that decide whether a Rollout goes on."""

    spec: AnalysisRunSpec | None = None
    status: AnalysisRunStatus | None = None


ROLLOUT = Kind(name="Rollout", plural="rollouts", group="argoproj.io", version="v1alpha1", shape=Rollout)
ANALYSIS_RUN = Kind(
    name="AnalysisRun", plural="analysisruns", group="argoproj.io", version="v1alpha1", shape=AnalysisRun
)
