"""A metric of an AnalysisRun in full."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from trombone_tui.core.objects.argo_rollouts import AnalysisRun
from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.objects.durations import go_duration, later, stamp
from trombone_tui.core.stage import Around, Detail, Fact, Facts, Step, Steps
from trombone_tui.pipeline.metrics.judgement import FINISHED, Judgement, judgements
from trombone_tui.pipeline.metrics.row import MetricFields, read_run
from trombone_tui.pipeline.metrics.value import digits, reading

AFTER_ERROR = timedelta(seconds=10)
"""How soon a measurement that could not be taken is tried again, whatever the interval."""
_LOGIN = re.compile(r"//[^/@\s]*@")


def explain_metric(run: AnalysisRun, ref: Ref, around: Around) -> tuple[Detail, ...]:
    """Tell all that is known of one metric and its run; nothing for a metric that the run has not."""
    of = next((one for one in judgements(run, around) if one.part == ref.part), None)
    if of is None:
        return ()
    item = next(one for one in read_run(run, ref, around) if one.ref.part == ref.part)
    assert isinstance(item.fields, MetricFields)  # this stage's own items
    details: list[Detail] = [
        Facts("Metric", tuple(_metric(of, item.fields, item.health, item.why))),
        Facts("Run", tuple(_run(of, item.fields))),
    ]
    if of.result.measurements:
        details.append(Steps("Measurements", tuple(_measurements(of))))
    return tuple(details)


def _metric(of: Judgement, fields: MetricFields, health: Health, why: str) -> Iterator[Fact]:
    yield Fact("Why", why, health)
    yield Fact("Phase", of.phase, health)
    yield Fact("Value", of.standing)
    yield Fact("Succeeds if", " ".join((of.metric.success_condition or "").split()) or None)
    yield Fact("Fails if", " ".join((of.metric.failure_condition or "").split()) or None)
    yield Fact("Failures", _used(fields.failures, of.failure_limit))
    yield Fact("Errors in a row", _used(fields.consecutive_errors, of.error_limit))
    yield Fact("Inconclusive", _used(fields.inconclusive, of.inconclusive_limit))
    yield Fact("Measured", f"{fields.measured or 0} of {of.wanted or 'no fixed number'}")
    yield Fact("Interval", of.metric.interval)
    yield Fact("Next measurement", _next(of))
    yield Fact("Dry run", of.dry)
    yield Fact("Provider", of.provider)
    prometheus = (of.metric.provider or {}).get("prometheus")
    if isinstance(prometheus, dict):
        yield Fact("Address", _text(prometheus.get("address")))
        yield Fact("Query", _text(prometheus.get("query")))


def _used(used: int | None, limit: int | None) -> str | None:
    return None if used is None else f"{used} of {'?' if limit is None else limit} allowed"


def _next(of: Judgement) -> datetime | None:
    """Say when the next measurement is due, while there are more to come."""
    if of.last is None or of.phase in FINISHED:
        return None
    wait = AFTER_ERROR if of.last.phase == "Error" else go_duration(of.metric.interval)
    return later(of.last.finished_at, wait)


def _run(of: Judgement, fields: MetricFields) -> Iterator[Fact]:
    yield Fact("Run", of.run.metadata.name)
    yield Fact("Run phase", fields.run_phase)
    yield Fact("Run message", fields.message)
    yield Fact("Origin", fields.origin)
    if fields.step_index is not None:
        yield Fact("Runs after step", fields.step_index)
    yield Fact("Owner", fields.owner)
    yield Fact("Revision", fields.revision)
    if of.outdated:
        yield Fact("Outdated", "the Rollout wants another version by now")
    yield Fact("Started", fields.started_at)
    yield Fact("Completed", fields.completed_at)


def _measurements(of: Judgement) -> Iterator[Step]:
    for one in of.result.measurements or ():
        measured = reading(one.value)
        value = measured.value if measured else None
        shown = digits(value) if isinstance(value, float) else value or "no result"
        when = stamp(one.finished_at) if one.finished_at else "now"
        note = one.message or ""
        yield Step(f"{when} {shown} {one.phase or ''}".rstrip(), done=one.phase in FINISHED, note=note)


def _text(value: object) -> str | None:
    """Return a text from JSON, without a login that may be in an address."""
    return _LOGIN.sub("//…@", value) if isinstance(value, str) else None
