"""What is known of one Experiment, worked out once from spec and status.

Defaults and what ends one: ``argo-rollouts@v1.9.1:utils/defaults/defaults.go``,
``utils/experiment/experiment.go`` (PassedDurations, IsTerminating) and ``experiments/experiment.go``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from trombone_tui.core.objects.analysis_phases import FINISHED
from trombone_tui.core.objects.argo_rollouts import HASH_LABEL, REVISION_ANNOTATION
from trombone_tui.core.objects.basics import condition
from trombone_tui.core.objects.durations import go_duration, later
from trombone_tui.core.objects.experiments import (
    Experiment,
    ExperimentAnalysis,
    ExperimentRun,
    ExperimentSpec,
    ExperimentStatus,
    ExperimentTemplate,
    TemplateStatus,
)
from trombone_tui.core.stage import Around
from trombone_tui.pipeline.metrics.belonging import Belonging, belonging, whole_number

PROGRESS_DEADLINE = 600
SCALE_DOWN_DELAY = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One template of an Experiment: what is wanted of it, and how its ReplicaSet is."""

    name: str
    wanted: int
    template: ExperimentTemplate
    status: TemplateStatus

    @property
    def available(self) -> int:
        """How many of its pods are available."""
        return self.status.available_replicas or 0

    @property
    def complete(self) -> bool:
        """Whether all its pods are available, by its own word too."""
        return self.status.status == "Running" and self.available >= self.wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """One analysis of an Experiment, as it is asked for and as its status tells of it."""

    name: str
    asked: ExperimentAnalysis
    told: ExperimentRun

    @property
    def required(self) -> bool:
        """Whether the Experiment ends when all such analyses have passed."""
        return bool(self.asked.required_for_completion)

    @property
    def phase(self) -> str:
        """Its phase, ``not started`` before it has one."""
        return self.told.phase or "not started"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """An Experiment."""

    experiment: Experiment
    spec: ExperimentSpec
    status: ExperimentStatus
    belongs: Belonging
    sides: tuple[Side, ...]
    analyses: tuple[Analysis, ...]

    @property
    def phase(self) -> str | None:
        """Its phase; None before it has one."""
        return self.status.phase or None

    @property
    def finished(self) -> bool:
        """Whether it has ended."""
        return self.phase in FINISHED

    @property
    def invalid(self) -> str:
        """Why the controller refuses its spec and does nothing; empty when it does not."""
        return refusal(self.experiment)

    @property
    def duration(self) -> timedelta | None:
        """How long it runs from when all templates are available; None when until it is ended."""
        return go_duration(self.spec.duration)

    @property
    def ends(self) -> datetime | None:
        """When its duration is over, while it runs."""
        return None if self.finished else later(self.status.available_at, self.duration)

    @property
    def complete(self) -> int:
        """How many of its templates have all their pods."""
        return sum(side.complete for side in self.sides)

    @property
    def counts(self) -> str:
        """How many analyses are in which phase, ``1 Running, 2 Successful``; empty without any."""
        found = Counter(one.phase for one in self.analyses)
        return ", ".join(f"{number} {phase}" for phase, number in found.items())

    @property
    def step_index(self) -> int | None:
        """The index of its step, from the name that its Rollout gave it; None for another name.

        ``<rollout>-<hash>-<revision>-<step>``, made again ``-N``: ``rollout/experiment.go``.
        """
        meta, rollout = self.experiment.metadata, self.belongs.rollout
        if rollout is None:
            return None
        before = f"{rollout[-1]}-{meta.label(HASH_LABEL)}-{meta.annotation(REVISION_ANNOTATION)}-"
        name = meta.name.removeprefix(before)
        return whole_number(name.partition("-")[0]) if name != meta.name else None


def refusal(experiment: Experiment) -> str:
    """Return why the controller refuses an Experiment's spec; empty when it does not."""
    found = condition(experiment.status.conditions if experiment.status else None, "InvalidSpec")
    if found is None or found.status != "True":
        return ""
    return found.message or found.reason or "no reason given"


def trial(experiment: Experiment, around: Around) -> Trial:
    """Work out an Experiment."""
    spec, status = experiment.spec or ExperimentSpec(), experiment.status or ExperimentStatus()
    return Trial(
        experiment=experiment,
        spec=spec,
        status=status,
        belongs=belonging(experiment.metadata, around),
        sides=tuple(_sides(spec, status)),
        analyses=tuple(_analyses(spec, status)),
    )


def _sides(spec: ExperimentSpec, status: ExperimentStatus) -> Iterator[Side]:
    told = {one.name: one for one in status.template_statuses or ()}
    for one in spec.templates or ():
        yield Side(
            name=one.name or "?",
            wanted=1 if one.replicas is None else one.replicas,
            template=one,
            status=told.get(one.name) or TemplateStatus(),
        )


def _analyses(spec: ExperimentSpec, status: ExperimentStatus) -> Iterator[Analysis]:
    asked = {one.name: one for one in spec.analyses or ()}
    told = {one.name: one for one in status.analysis_runs or ()}
    for name in dict.fromkeys((*asked, *told)):
        yield Analysis(
            name=name or "?",
            asked=asked.get(name) or ExperimentAnalysis(),
            told=told.get(name) or ExperimentRun(),
        )
