"""An AnalysisRun as rows, one a metric."""

from __future__ import annotations

from datetime import datetime

import msgspec

from trombone_tui.core.objects.analysis_phases import FINISHED, PHASES
from trombone_tui.core.objects.argo_rollouts import AnalysisRun
from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.objects.phrases import shortened
from trombone_tui.core.stage import Around, Fields, Item
from trombone_tui.pipeline.metrics.belonging import whole_number
from trombone_tui.pipeline.metrics.judgement import Judgement, judgements
from trombone_tui.pipeline.metrics.reason import why
from trombone_tui.pipeline.metrics.value import digits

BRIEF = 16
PHASE_HEALTH: dict[str | None, Health] = {None: Health.PROGRESSING} | PHASES


class MetricFields(Fields, frozen=True, kw_only=True):
    """What ``status`` says of a metric, of a template or of an Experiment."""

    phase: str | None = None
    """Pending, Running, Successful, Failed, Error or Inconclusive; null before the start."""
    metric: str | None = None
    value: float | str | None = None
    """The newest measurement: a number, or a text where it is none or several; null for no result."""
    condition: str | None = None
    """In Argo's expression language; null when anything passes."""
    failures: int | None = None
    failure_limit: int | None = None
    """Failures that are allowed; one more fails the metric."""
    reading: str | None = None
    """The value against its threshold, ``0.80 < 0.95``, where the condition is one plain comparison."""
    message: str | None = None
    """The run's message, in Argo's words."""
    run_phase: str | None = None
    budget: str | None = None
    """Failures used of those allowed: ``1/2``."""
    errors: int | None = None
    consecutive_errors: int | None = None
    error_limit: int | None = None
    inconclusive: int | None = None
    inconclusive_limit: int | None = None
    successful: int | None = None
    measured: int | None = None
    """Measurements taken, errors not counted."""
    wanted: int | None = None
    """Measurements that complete it; null when it goes on until it is ended."""
    dry_run: bool | None = None
    """Whether it is measured only, and never decides."""
    outdated: bool | None = None
    """Whether its Rollout wants another version by now."""
    origin: str | None = None
    """What started it: step, background, pre-promotion, post-promotion or experiment."""
    step_index: int | None = None
    """Of a step: how many steps came before it."""
    owner: str | None = None
    """What owns a run or an Experiment, or the Rollouts that use a template."""
    rollout: str | None = None
    """The Rollout it is for, also where an Experiment is between them."""
    experiment: str | None = None
    """The Experiment that owns a run; of an Experiment its own name."""
    subject: str | None = None
    """What the row is about: the metric, or ``exp`` (Experiment) with its templates, alone its name."""
    templates: int | None = None
    """Of an Experiment: how many it runs beside each other."""
    templates_available: int | None = None
    """Of them: how many have all their pods; null once it has ended."""
    analyses: str | None = None
    """Of an Experiment: how many analyses are in which phase, ``1 Running, 2 Successful``."""
    duration: str | None = None
    """Of an Experiment: how long it runs; null where it runs until it is ended."""
    ends_at: datetime | None = None
    """Of an Experiment that runs: when its duration is over."""
    revision: int | None = None
    provider: str | None = None
    interval: str | None = None
    last_measured: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None


def read_run(run: AnalysisRun, ref: Ref, around: Around) -> tuple[Item, ...]:
    """Make a row for each metric of a run; ``Ref.part`` is the metric's name.

    An inconclusive metric is Suspended, because the Rollout waits for somebody to decide. One that is
    only watched (dry run) is never a trouble: unless it passes its health is Unknown. A metric of a
    version that its Rollout no longer wants asks for nobody and belongs to no service.
    """
    return tuple(_item(of, ref) for of in judgements(run, around))


def _item(of: Judgement, ref: Ref) -> Item:
    health = PHASE_HEALTH.get(of.phase, Health.UNKNOWN)
    if of.dry and health is not Health.HEALTHY:
        health = Health.UNKNOWN
    return Item(
        ref=msgspec.structs.replace(ref, part=of.part),
        health=health,
        why=why(of),
        fields=_fields(of),
        since=_since(of),
        brief=shortened(_brief(of), BRIEF),
        attention=False if of.dry or of.belongs.outdated else None,
        series=_series(of, ref),
        created=of.run.metadata.creation_timestamp,
        joins=of.belongs.joins,
    )


def _fields(of: Judgement) -> MetricFields:
    told, result, meta = of.run.status is not None, of.result, of.run.metadata
    owner = next((one for one in meta.owner_references or () if one.controller), None)
    failures = result.failed or 0 if told else None
    return MetricFields(
        phase=of.phase,
        metric=of.name or None,
        value=of.reading.value if of.reading else None,
        condition=of.condition,
        failures=failures,
        failure_limit=of.failure_limit,
        reading=of.standing,
        message=of.status.message or None,
        run_phase=of.status.phase or None,
        budget=None
        if failures is None
        else f"{failures}/{'?' if of.failure_limit is None else of.failure_limit}",
        errors=result.error or 0 if told else None,
        consecutive_errors=result.consecutive_error or 0 if told else None,
        error_limit=of.error_limit,
        inconclusive=result.inconclusive or 0 if told else None,
        inconclusive_limit=of.inconclusive_limit,
        successful=result.successful or 0 if told else None,
        measured=result.count or 0 if told else None,
        wanted=of.wanted,
        dry_run=of.dry if of.measured else None,
        outdated=of.belongs.outdated,
        origin=of.origin,
        step_index=whole_number(meta.label("step-index")),
        owner=owner.name if owner else None,
        rollout=of.belongs.rollout[-1] if of.belongs.rollout else None,
        experiment=of.belongs.experiment or None,
        subject=of.name or None,
        revision=of.belongs.revision,
        provider=of.provider,
        interval=of.metric.interval,
        last_measured=of.last.finished_at if of.last else None,
        started_at=of.status.started_at,
        completed_at=of.status.completed_at,
    )


def _since(of: Judgement) -> datetime | None:
    if of.phase in FINISHED:
        return (of.last.finished_at if of.last else None) or of.status.completed_at
    return of.status.started_at or of.run.metadata.creation_timestamp


def _brief(of: Judgement) -> str:
    if of.phase == "Error":
        return "error"
    if of.standing and len(of.standing) <= BRIEF:
        return of.standing
    value = of.reading.value if of.reading else None
    if value is not None:
        return digits(value) if isinstance(value, float) else value
    return {None: "not started", "Running": "measuring"}.get(of.phase) or (of.phase or "").lower()


def _series(of: Judgement, ref: Ref) -> str:
    """Name what replaces it: the newer runs for the same owner, of the same origin, that measure the same."""
    place, belongs = f"{ref.cluster}/{ref.namespace}", of.belongs
    if belongs.experiment:
        rollout = belongs.rollout[-1] if belongs.rollout else None
        above = f"Rollout/{rollout}/experiment" if rollout else f"Experiment/{belongs.experiment}"
        return f"{place}/{above}/{_analysis(ref.name, belongs.experiment)}/{of.part}"
    owner = next((one for one in of.run.metadata.owner_references or () if one.controller), None)
    if owner is None:
        return ""
    origin = of.run.metadata.label("rollout-type")
    return f"{place}/{owner.kind}/{owner.name}/{origin}/{of.part}"


def _analysis(run: str, experiment: str) -> str:
    """Return the name of a run's analysis in its Experiment: ``<experiment>-<analysis>``, again ``.1``."""
    name = run.removeprefix(f"{experiment}-")
    before, dot, again = name.rpartition(".")
    return before if dot and again.isdecimal() else name
