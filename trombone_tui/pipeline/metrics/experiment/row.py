"""An Experiment as a row."""

from __future__ import annotations

from datetime import datetime

from trombone_tui.core.objects.basics import Health, Ref, condition
from trombone_tui.core.objects.experiments import Experiment
from trombone_tui.core.objects.phrases import listed, shortened
from trombone_tui.core.stage import Around, Item
from trombone_tui.pipeline.metrics.experiment.reason import why
from trombone_tui.pipeline.metrics.experiment.trial import Trial, trial
from trombone_tui.pipeline.metrics.row import BRIEF, PHASE_HEALTH, MetricFields


def read_experiment(experiment: Experiment, ref: Ref, around: Around) -> tuple[Item, ...]:
    """Make an Experiment's row.

    An inconclusive one is Suspended, for its Rollout waits for somebody to decide. One of a version that
    its Rollout no longer wants asks for nobody and belongs to no service.
    """
    of = trial(experiment, around)
    rollout = of.belongs.rollout
    return (
        Item(
            ref=ref,
            health=health(of),
            why=why(of),
            fields=_fields(of),
            since=_since(of),
            brief=shortened(_brief(of), BRIEF),
            attention=False if of.belongs.outdated else None,
            series=f"{ref.cluster}/{ref.namespace}/Rollout/{rollout[-1]}/experiment" if rollout else "",
            created=experiment.metadata.creation_timestamp,
            joins=of.belongs.joins,
        ),
    )


def health(of: Trial) -> Health:
    """Say how well an Experiment is."""
    return Health.DEGRADED if of.invalid else PHASE_HEALTH.get(of.phase, Health.UNKNOWN)


def _fields(of: Trial) -> MetricFields:
    meta, rollout = of.experiment.metadata, of.belongs.rollout
    owner = next((one for one in meta.owner_references or () if one.controller), None)
    told = of.experiment.status is not None and not of.finished
    return MetricFields(
        phase=of.phase,
        message=of.status.message or None,
        reading=f"{of.complete}/{len(of.sides)} available" if told else None,
        outdated=of.belongs.outdated,
        origin="step" if of.step_index is not None else None,
        step_index=of.step_index,
        owner=owner.name if owner else None,
        rollout=rollout[-1] if rollout else None,
        experiment=meta.name,
        subject=f"exp {listed([side.name for side in of.sides], 3) if rollout else meta.name}".rstrip(),
        templates=len(of.sides),
        templates_available=of.complete if told else None,
        analyses=of.counts or None,
        duration=None if of.spec.duration is None else str(of.spec.duration),
        ends_at=of.ends,
        revision=of.belongs.revision,
        started_at=of.status.available_at,
    )


def _since(of: Trial) -> datetime | None:
    """Return since when it is as it is: when it ended is not written, but its templates changed then."""
    if not of.finished:
        return of.status.available_at or of.experiment.metadata.creation_timestamp
    ended = condition(of.status.conditions, "Progressing")
    if ended is not None and ended.status == "False":
        return ended.last_transition_time
    changes = [one.status.last_transition_time for one in of.sides if one.status.last_transition_time]
    return max(changes, default=None)


def _brief(of: Trial) -> str:
    if of.invalid:
        return "refused"
    if of.phase in ("Running", "Pending"):
        return f"{of.complete}/{len(of.sides)} available"
    return "not started" if of.phase is None else of.phase.lower()
