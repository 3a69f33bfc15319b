"""AnalysisTemplate and ClusterAnalysisTemplate: what AnalysisRuns are made from.

Fields: ``argo-rollouts@v1.9.1:pkg/apis/rollouts/v1alpha1/analysis_types.go``. A run carries all it needs and
does not name its templates; which Rollouts use one stands in the Rollouts alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from trombone_tui.core.objects.argo_rollouts import (
    AnalysisTemplateRef,
    Argument,
    DryRun,
    Metric,
    Rollout,
    RolloutAnalysis,
)
from trombone_tui.core.objects.basics import Kind, Object, Partial
from trombone_tui.core.objects.raw import at, listing

TEMPLATE, CLUSTER_TEMPLATE = "AnalysisTemplate", "ClusterAnalysisTemplate"


class AnalysisTemplateSpec(Partial):
    """``spec``; other templates may be taken in."""

    metrics: list[Metric] | None = None
    args: list[Argument] | None = None
    dry_run: list[DryRun] | None = None
    templates: list[AnalysisTemplateRef] | None = None


class AnalysisTemplate(Object):
    """Metrics and conditions under a name; both kinds have this shape."""

    spec: AnalysisTemplateSpec | None = None


class Use:
    """Where a Rollout names templates."""

    BACKGROUND = "in the background"
    PRE, POST = "before promotion", "after promotion"

    @staticmethod
    def step(number: int) -> str:
        """Name a step, counted from one."""
        return f"in step {number}"


def uses(rollout: Rollout) -> Iterator[tuple[str, AnalysisTemplateRef]]:
    """Yield the templates that a Rollout names, and where."""
    strategy = rollout.spec.strategy if rollout.spec else None
    canary = strategy.canary if strategy else None
    blue_green = strategy.blue_green if strategy else None
    if canary is not None:
        yield from _named(Use.BACKGROUND, canary.analysis)
        for number, step in enumerate(canary.steps or (), 1):
            yield from ((Use.step(number), one) for one in _of_step(step))
    if blue_green is not None:
        yield from _named(Use.PRE, blue_green.pre_promotion_analysis)
        yield from _named(Use.POST, blue_green.post_promotion_analysis)


def _named(where: str, analysis: RolloutAnalysis | None) -> Iterator[tuple[str, AnalysisTemplateRef]]:
    for one in (analysis.templates if analysis else None) or ():
        yield where, one


def _of_step(step: dict[str, object]) -> Iterator[AnalysisTemplateRef]:
    """Yield the templates of a step as it is written: an analysis, or the analyses of an experiment."""
    of_experiment = isinstance(step.get("experiment"), dict)
    place = ("experiment", "analyses") if of_experiment else ("analysis", "templates")
    for one in listing(step, *place):
        name = at(one, "templateName")
        if isinstance(name, str):
            yield AnalysisTemplateRef(template_name=name, cluster_scope=one.get("clusterScope") is True)


ANALYSIS_TEMPLATE = Kind(
    name=TEMPLATE,
    plural="analysistemplates",
    group="argoproj.io",
    version="v1alpha1",
    shape=AnalysisTemplate,
)
CLUSTER_ANALYSIS_TEMPLATE = Kind(
    name=CLUSTER_TEMPLATE,
    plural="clusteranalysistemplates",
    group="argoproj.io",
    version="v1alpha1",
    shape=AnalysisTemplate,
    namespaced=False,
)
