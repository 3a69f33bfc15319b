"""A blue-green update: its services, its promotion, the analyses before and after the switch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from trombone_tui.core.objects.analysis_phases import PHASES
from trombone_tui.core.objects.argo_rollouts import BlueGreen, RolloutAnalysis
from trombone_tui.core.objects.rollout_status import BlueGreenStatus, RunStatus
from trombone_tui.core.stage import Fact, Facts
from trombone_tui.pipeline.rollout.clock import left_of
from trombone_tui.pipeline.rollout.pause import BLUE_GREEN
from trombone_tui.pipeline.rollout.progress import Progress


def promotion(of: Progress, strategy: BlueGreen, now: datetime) -> Facts:
    """Tell how a blue-green update is promoted and what it waits for."""
    status = of.status.blue_green or BlueGreenStatus()
    before = strategy.pre_promotion_analysis, status.pre_promotion_analysis_run_status
    after = strategy.post_promotion_analysis, status.post_promotion_analysis_run_status
    return Facts(
        "Promotion",
        (
            Fact("Active service", strategy.active_service),
            Fact("Preview service", strategy.preview_service or "none"),
            *_by_itself(of, strategy, now),
            *_analysis("Before the switch", *before),
            *_analysis("After the switch", *after),
            *_preview(of, strategy),
        ),
    )


def _by_itself(of: Progress, strategy: BlueGreen, now: datetime) -> Iterator[Fact]:
    if strategy.auto_promotion_enabled is False:
        yield Fact("Promoted by itself", "no: it waits for promote")
        return
    seconds = strategy.auto_promotion_seconds
    default = " (the default)" if strategy.auto_promotion_enabled is None else ""
    after = f"{seconds} s after it is ready" if seconds else "as soon as it is ready"
    yield Fact("Promoted by itself", f"yes{default}, {after}")
    pause = of.pause
    if pause is not None and pause.kind == BLUE_GREEN and pause.timed:
        yield Fact("Switches", left_of(pause.since, pause.duration, now) or None)


def _analysis(name: str, wanted: RolloutAnalysis | None, run: RunStatus | None) -> Iterator[Fact]:
    if wanted is None:
        return
    templates = ", ".join(one.template_name or "?" for one in wanted.templates or ())
    if run is None or not run.name:
        yield Fact(name, f"analysis {templates}: not started".replace("  ", " "))
    else:
        yield Fact(name, f"{run.name}: {run.status or 'not started'}", PHASES.get(run.status or ""))


def _preview(of: Progress, strategy: BlueGreen) -> Iterator[Fact]:
    if strategy.preview_replica_count is not None:
        yield Fact("Preview pods before the switch", f"{strategy.preview_replica_count} of {of.desired}")
