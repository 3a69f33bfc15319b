"""A metric of an AnalysisRun in full."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from trombone_tui.core.objects.analysis_phases import FINISHED
from trombone_tui.core.objects.argo_rollouts import AnalysisRun
from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.objects.durations import go_duration, later, stamp
from trombone_tui.core.objects.phrases import one_line
from trombone_tui.core.objects.raw import at
from trombone_tui.core.stage import Around, Detail, Fact, Facts, Step, Steps
from trombone_tui.pipeline.metrics.arguments import argument_facts, resolved
from trombone_tui.pipeline.metrics.belonging import whole_number
from trombone_tui.pipeline.metrics.judgement import Judgement, judgements
from trombone_tui.pipeline.metrics.row import MetricFields, read_run
from trombone_tui.pipeline.metrics.value import digits, reading

AFTER_ERROR = timedelta(seconds=10)
"""How soon a measurement that could not be taken is tried again, whatever the interval."""
KEPT = 10
_LOGIN = re.compile(r"//[^/@\s]*@")


def explain_metric(run: AnalysisRun, ref: Ref, around: Around) -> tuple[Detail, ...]:
    """Tell all that is known of one metric and its run; nothing for a metric that the run has not."""
    of = next((one for one in judgements(run, around) if one.part == ref.part), None)
    if of is None:
        return ()
    item = next(one for one in read_run(run, ref, around) if one.ref.part == ref.part)
    assert isinstance(item.fields, MetricFields)  # this stage's own items
    details: list[Detail] = [
        Facts("Metric", tuple(_metric(of, item.fields, item.health))),
        Facts("Asked", tuple(_asked(of))),
        Facts("Run", tuple(_run(of, item.fields))),
    ]
    if run.spec and run.spec.args:
        details.append(Facts("Arguments", tuple(argument_facts(run.spec.args))))
    if of.result.measurements:
        details.append(Steps("Measurements", tuple(_measurements(of))))
    return tuple(details)


def _metric(of: Judgement, fields: MetricFields, health: Health) -> Iterator[Fact]:
    yield Fact("Phase", of.phase, health)
    yield Fact("Value", of.standing)
    yield Fact("Succeeds if", one_line(of.metric.success_condition) or None)
    yield Fact("Fails if", one_line(of.metric.failure_condition) or None)
    yield Fact("Failures", used(fields.failures, of.failure_limit))
    yield Fact("Errors in a row", used(fields.consecutive_errors, of.error_limit))
    yield Fact("Inconclusive", used(fields.inconclusive, of.inconclusive_limit))
    yield Fact("Measured", f"{fields.measured or 0} of {of.wanted or 'no fixed number'}")
    wanted = whole_number(of.metric.consecutive_success_limit or 0)
    if wanted:
        yield Fact("Passes after", f"{of.result.consecutive_success or 0} of {wanted} successes in a row")
    yield Fact("Interval", of.metric.interval)
    if of.metric.initial_delay:
        yield Fact("First after", of.metric.initial_delay)
    yield Fact("Next measurement", _next(of))
    yield Fact("Dry run", of.dry)


def used(count: int | None, limit: int | None) -> str | None:
    """Write what is used of a limit, and how much is left; the limit is said where it is the default, too."""
    if count is None:
        return None
    if limit is None:
        return f"{count} of ? allowed"
    if limit < 0:
        return f"{count}, any number allowed"
    if count > limit:
        return f"{count} of {limit} allowed: too many"
    return f"{count} of {limit} allowed, {limit - count} left"


def _asked(of: Judgement) -> Iterator[Fact]:
    yield Fact("Provider", of.provider)
    arguments = (of.run.spec.args if of.run.spec else None) or ()
    asked = (of.metric.provider or {}).get(of.provider or "")
    for name, key in (("Address", "address"), ("URL", "url"), ("Query", "query")):
        written = _text(at(asked, key))
        if written is None:
            continue
        told = _text(resolved(written, arguments))
        yield Fact(name, told)
        if told != written:
            yield Fact(f"{name} as written", written)
    if of.provider == "prometheus" and isinstance(asked, dict) and not asked.get("address"):
        yield Fact("Address", "the controller's default, not seen from here")
    notes = of.last.metadata if of.last else None
    if notes is not None and notes.job_name:
        yield Fact("Job", f"{notes.job_namespace or of.run.metadata.namespace}/{notes.job_name}")
    if notes is not None and notes.warnings:
        yield Fact("Warnings", notes.warnings)


def _next(of: Judgement) -> datetime | None:
    """Say when the next measurement is due, while there are more to come."""
    if of.phase in FINISHED:
        return None
    if of.last is None:
        return later(of.status.started_at, go_duration(of.metric.initial_delay) or timedelta())
    if of.last.finished_at is None:
        return of.last.resume_at
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
    if of.belongs.experiment:
        yield Fact("Rollout", fields.rollout)
    yield Fact("Revision", fields.revision)
    if of.belongs.outdated:
        yield Fact("Outdated", "the Rollout wants another version by now")
    yield Fact("Started", fields.started_at)
    yield Fact("Completed", fields.completed_at)
    yield Fact("Kept", f"the newest {_kept(of)} measurements of each metric like this")


def _kept(of: Judgement) -> int:
    """Return how many measurements the controller keeps: ten, unless an expression that fits says more."""
    rules = (of.run.spec.measurement_retention if of.run.spec else None) or ()
    more = [one.limit for one in rules if one.limit and _fits(one.metric_name or "", of.name)]
    return max([KEPT, *more])


def _fits(pattern: str, name: str) -> bool:
    """Say whether an expression, in Go's language which is nearly Python's, fits a whole name."""
    try:
        return len(pattern) < 200 and re.fullmatch(pattern, name) is not None
    except re.error:
        return False


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
