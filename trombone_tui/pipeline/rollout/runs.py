"""What an AnalysisRun measured, in words: the value, the condition, how many failures may be.

Rules and default limits: ``argo-rollouts@v1.9.1:analysis/analysis.go`` (assessMetricStatus).
"""

from __future__ import annotations

import re

from trombone_tui.core.objects.analysis_phases import BAD, ERROR_LIMIT
from trombone_tui.core.objects.argo_rollouts import (
    AnalysisRun,
    AnalysisRunSpec,
    AnalysisRunStatus,
    Measurement,
    Metric,
    MetricResult,
)
from trombone_tui.core.objects.phrases import counted, shortened

_LONGEST = 120

_GUARD = re.compile(r"^len\(result\) ?(>|>=|!=) ?[01] && ")
"""Begins conditions on results that may be empty; a value that was measured has passed it."""


def deciding(run: AnalysisRun) -> str:
    """Say which metric decided against an update and with what value; empty when none did."""
    spec, status = run.spec or AnalysisRunSpec(), run.status or AnalysisRunStatus()
    metrics = {one.name: one for one in spec.metrics or ()}
    for phase in BAD:
        for result in status.metric_results or ():
            if result.phase == phase and not result.dry_run:
                return result_words(metrics.get(result.name), result)
    return status.message or ""


def result_words(metric: Metric | None, result: MetricResult) -> str:
    """Say what came of a metric: ``success-rate 0.8 against result[0] >= 0.95, 1 failed, 0 allowed``."""
    of, name = metric or Metric(), result.name or "a metric"
    if result.phase == "Error":
        last = _last(result, "Error")
        text = (last.message if last else None) or result.message or ""
        errors = result.consecutive_error or result.error or 0
        limit = _limit(of.consecutive_error_limit, ERROR_LIMIT, known=metric is not None)
        why = f": {shortened(' '.join(text.split()), _LONGEST)}" if text else ""
        return f"{name} {counted(errors, 'error')} in a row, {limit}{why}"
    last = _last(result, result.phase) or _last(result, None)
    value = f" {shortened(_plain(last.value), 40)}" if last is not None and last.value else ""
    told = f"{name}{value}{_condition(of, result.phase)}"
    if result.phase == "Inconclusive":
        limit = _limit(of.inconclusive_limit, 0, known=metric is not None)
        return f"{told}, {result.inconclusive or 0} inconclusive, {limit}"
    return f"{told}, {result.failed or 0} failed, {_limit(of.failure_limit, 0, known=metric is not None)}"


def counts(run: AnalysisRun) -> str:
    """Count a run's measurements as the official tool does: ``✔ 3, ✖ 1``."""
    results = (run.status.metric_results if run.status else None) or []
    kinds = (
        ("✔", [one.successful for one in results]),
        ("✖", [one.failed for one in results]),
        ("?", [one.inconclusive for one in results]),
        ("⚠", [one.error for one in results]),
    )
    sums = [(mark, sum(number or 0 for number in numbers)) for mark, numbers in kinds]
    return ", ".join(f"{mark} {number}" for mark, number in sums if number)


def _last(result: MetricResult, phase: str | None) -> Measurement | None:
    found = [one for one in result.measurements or () if phase is None or one.phase == phase]
    return found[-1] if found else None


def _plain(value: str) -> str:
    """Take a single number out of its brackets; digits that nobody reads are left out."""
    inner = value[1:-1] if value.startswith("[") and value.endswith("]") and "," not in value else value
    try:
        return f"{float(inner):.4g}"
    except ValueError:
        return value


def _condition(metric: Metric, phase: str | None) -> str:
    if phase == "Failed" and metric.failure_condition:
        return f" where {metric.failure_condition} fails"
    if phase == "Inconclusive" and metric.success_condition and metric.failure_condition:
        return f" is neither {metric.success_condition} nor {metric.failure_condition}"
    condition = _GUARD.sub("", metric.success_condition or metric.failure_condition or "")
    return f" against {condition}" if condition else ""


def _limit(written: int | str | None, default: int, *, known: bool) -> str:
    if not known:
        return "limit not told"
    return f"{default} allowed (the default)" if written is None else f"{written} allowed"
