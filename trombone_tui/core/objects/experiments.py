"""Argo Rollouts' Experiment: short-lived ReplicaSets that are measured side by side.

Fields: ``argo-rollouts@v1.9.1:pkg/apis/rollouts/v1alpha1/experiment_types.go``.
"""

from __future__ import annotations

from trombone_tui.core.objects.apps import PodTemplate
from trombone_tui.core.objects.basics import Condition, Kind, Object, Partial, Time

TEMPLATE_NAME = "experiment.argoproj.io/template-name"
"""An annotation of the ReplicaSets of an Experiment."""


class ExperimentTemplate(Partial):
    """One entry of ``spec.templates``."""

    name: str | None = None
    replicas: int | None = None
    template: PodTemplate | None = None


class ExperimentAnalysis(Partial):
    """One entry of ``spec.analyses``."""

    name: str | None = None
    template_name: str | None = None
    cluster_scope: bool | None = None
    required_for_completion: bool | None = None


class ExperimentSpec(Partial):
    """``spec``, as far as it is read; without a duration it runs until it is ended."""

    duration: str | int | None = None
    progress_deadline_seconds: int | None = None
    scale_down_delay_seconds: int | None = None
    templates: list[ExperimentTemplate] | None = None
    analyses: list[ExperimentAnalysis] | None = None
    terminate: bool | None = None


class TemplateStatus(Partial):
    """How one template's ReplicaSet is: Progressing, Running, Successful, Failed or Error."""

    name: str | None = None
    status: str | None = None
    message: str | None = None
    replicas: int | None = None
    ready_replicas: int | None = None
    available_replicas: int | None = None
    pod_template_hash: str | None = None
    """Only where the template has a Service; its ReplicaSet always has it."""
    service_name: str | None = None
    last_transition_time: Time | None = None


class ExperimentRun(Partial):
    """One of its AnalysisRuns."""

    name: str | None = None
    analysis_run: str | None = None
    phase: str | None = None
    message: str | None = None


class ExperimentStatus(Partial):
    """``status``; ``phase`` is an analysis phase."""

    phase: str | None = None
    message: str | None = None
    available_at: Time | None = None
    template_statuses: list[TemplateStatus] | None = None
    analysis_runs: list[ExperimentRun] | None = None
    conditions: list[Condition] | None = None


class Experiment(Object):
    """Templates that run beside each other for a while."""

    spec: ExperimentSpec | None = None
    status: ExperimentStatus | None = None


EXPERIMENT = Kind(
    name="Experiment", plural="experiments", group="argoproj.io", version="v1alpha1", shape=Experiment
)
