"""What is known of one metric of an AnalysisRun, worked out once from spec and status.

Limits and their defaults: ``argo-rollouts@v1.9.1:pkg/apis/rollouts/v1alpha1/analysis_types.go``; a
metric fails when there are *more* failures than its limit (``utils/analysis/helpers.go``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from trombone_tui.core.objects.analysis_phases import ERROR_LIMIT
from trombone_tui.core.objects.argo_rollouts import (
    AnalysisRun,
    AnalysisRunSpec,
    AnalysisRunStatus,
    Measurement,
    Metric,
    MetricResult,
)
from trombone_tui.core.objects.phrases import one_line
from trombone_tui.core.stage import Around
from trombone_tui.pipeline.metrics.belonging import Belonging, belonging, whole_number
from trombone_tui.pipeline.metrics.threshold import threshold
from trombone_tui.pipeline.metrics.value import Reading, digits, reading

ORIGINS = {
    "Step": "step",
    "Background": "background",
    "PrePromotion": "pre-promotion",
    "PostPromotion": "post-promotion",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One metric of a run; a run that names none has one without a name."""

    run: AnalysisRun
    status: AnalysisRunStatus
    name: str
    part: str
    """The name again, made unique within the run."""
    metric: Metric
    result: MetricResult
    measured: bool
    """Whether the status says anything of this metric."""
    belongs: Belonging
    """Its Rollout, and the Experiment between them if there is one."""

    @property
    def phase(self) -> str | None:
        """The metric's phase, else the run's; None before either has one."""
        return self.result.phase or self.status.phase or None

    @property
    def dry(self) -> bool:
        """Whether it is measured only, and never decides."""
        return bool(self.result.dry_run)

    @property
    def last(self) -> Measurement | None:
        """The newest measurement."""
        return self.result.measurements[-1] if self.result.measurements else None

    @property
    def reading(self) -> Reading | None:
        """The newest value; None when the newest measurement has none."""
        return reading(self.last.value) if self.last else None

    @property
    def standing(self) -> str | None:
        """The newest value against its threshold, ``0.80 < 0.95``, else alone; None without one."""
        measured = self.reading
        if measured is None:
            return None
        return self.compared or (
            digits(measured.value) if isinstance(measured.value, float) else measured.value or "no result"
        )

    @property
    def compared(self) -> str | None:
        """The newest value against the threshold that decided; None where the condition is not that plain."""
        measured = self.reading
        failure, success = self.metric.failure_condition, self.metric.success_condition
        failed = self.last is not None and self.last.phase == "Failed"
        decided = threshold(failure if failure and (failed or not success) else success)
        return decided.against(measured) if decided and measured else None

    @property
    def condition(self) -> str | None:
        """The conditions in words and in their own language; None without one: then anything passes."""
        success, failure = _line(self.metric.success_condition), _line(self.metric.failure_condition)
        if failure:
            return f"{success}; fails if {failure}" if success else f"fails if {failure}"
        return success or None

    @property
    def wanted(self) -> int | None:
        """How many measurements make it complete; None when it goes on until it is ended."""
        if self.metric.count is not None:
            return whole_number(self.metric.count)
        return None if self.metric.interval else 1

    @property
    def failure_limit(self) -> int | None:
        """Failures that are allowed; None where that is not written as a number."""
        return whole_number(self.metric.failure_limit or 0)

    @property
    def error_limit(self) -> int | None:
        """Errors in a row that are allowed."""
        limit = self.metric.consecutive_error_limit
        return ERROR_LIMIT if limit is None else whole_number(limit)

    @property
    def inconclusive_limit(self) -> int | None:
        """Inconclusive measurements that are allowed."""
        return whole_number(self.metric.inconclusive_limit or 0)

    @property
    def origin(self) -> str | None:
        """What started the run: step, background, pre- or post-promotion, experiment; None for none."""
        written = self.run.metadata.label("rollout-type")
        if not written and self.run.metadata.owner("Experiment"):
            return "experiment"
        return ORIGINS.get(written, written or None)

    @property
    def provider(self) -> str | None:
        """What was asked: prometheus, web, job and so on."""
        return next((key for key, value in (self.metric.provider or {}).items() if value is not None), None)


def judgements(run: AnalysisRun, around: Around) -> tuple[Judgement, ...]:
    """Work out every metric of a run, those of the spec first and in its order."""
    spec, status = run.spec or AnalysisRunSpec(), run.status or AnalysisRunStatus()
    results: dict[str, MetricResult] = {one.name or "": one for one in status.metric_results or ()}
    metrics: list[tuple[str, Metric]] = [(one.name or "", one) for one in spec.metrics or ()]
    named = {name for name, _ in metrics}
    metrics += [(name, Metric(name=name)) for name in results if name not in named]
    belongs = belonging(run.metadata, around)
    return tuple(
        Judgement(
            run=run,
            status=status,
            name=name,
            part=part,
            metric=metric,
            result=results.get(name) or MetricResult(),
            measured=name in results,
            belongs=belongs,
        )
        for part, (name, metric) in _unique(metrics or [("", Metric())])
    )


def _unique(metrics: list[tuple[str, Metric]]) -> Iterable[tuple[str, tuple[str, Metric]]]:
    taken: set[str] = set()
    for metric in metrics:
        part, again = metric[0], 2
        while part in taken:
            part, again = f"{metric[0]}#{again}", again + 1
        taken.add(part)
        yield part, metric


def _line(expression: str | None) -> str:
    return one_line(expression)
