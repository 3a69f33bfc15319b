"""Argo Rollouts' Experiment: short-lived ReplicaSets that are measured side by side.

Fields: ``argo-rollouts@v1.9.1:pkg/apis/rollouts/v1alpha1/experiment_types.go``.
"""

from __future__ import annotations

from trombone_tui.core.objects.basics import Kind, Object, Partial, Time

TEMPLATE_NAME = "experiment.argoproj.io/template-name"
"""An annotation of the ReplicaSets of an Experiment."""


class ExperimentTemplate(Partial):
    """One entry of ``spec.templates``."""

    name: str | None = None
    replicas: int | None = None


class ExperimentSpec(Partial):
    """``spec``, as far as it is read."""

    duration: str | int | None = None
    templates: list[ExperimentTemplate] | None = None
    terminate: bool | None = None


class TemplateStatus(Partial):
    """How one template's ReplicaSet is: Progressing, Running, Successful, Failed or Error."""

    name: str | None = None
    status: str | None = None
    message: str | None = None
    available_replicas: int | None = None


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


class Experiment(Object):
    """Templates that run beside each other for a while."""

    spec: ExperimentSpec | None = None
    status: ExperimentStatus | None = None


EXPERIMENT = Kind(
    name="Experiment", plural="experiments", group="argoproj.io", version="v1alpha1", shape=Experiment
)
