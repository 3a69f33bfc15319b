"""What holds a Rollout: which kind of pause, since when, until when.

Rules: ``argo-rollouts@v1.9.1:rollout/pause.go``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from trombone_tui.core.objects.argo_rollouts import BlueGreen, Rollout, RolloutSpec
from trombone_tui.core.objects.basics import condition
from trombone_tui.core.objects.durations import go_duration, later
from trombone_tui.core.objects.rollout_status import PauseCondition, RolloutStatus
from trombone_tui.pipeline.rollout.steps import pause_duration

MANUAL = "manual"
STEP = "step"
BLUE_GREEN = "blue-green"
_KINDS = {
    "CanaryPauseStep": STEP,
    "BlueGreenPause": BLUE_GREEN,
    "InconclusiveAnalysisRun": "inconclusive analysis",
    "InconclusiveExperiment": "inconclusive experiment",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Why a Rollout is held."""

    kind: str
    """``manual``, ``step``, ``blue-green``, ``inconclusive analysis``, ``inconclusive experiment``, or
    the controller's own word where it is none of these."""
    since: datetime | None
    duration: timedelta | None = None
    """How long it lasts; None means that it ends only by hand, or that it can't be read (``timed``)."""
    timed: bool = False
    """Whether it ends by itself."""

    @property
    def until(self) -> datetime | None:
        """When it ends by itself, as far as is known."""
        return later(self.since, self.duration)


def pause_of(rollout: Rollout, current: dict[str, Any] | None) -> Pause | None:
    """Say what holds a Rollout; ``current`` is the canary step that runs.

    A pause by hand comes first, for nothing moves before it is lifted.
    """
    spec, status = rollout.spec or RolloutSpec(), rollout.status or RolloutStatus()
    if spec.paused:
        held = condition(status.conditions, "Paused")
        on = held is not None and held.status == "True"
        return Pause(kind=MANUAL, since=held.last_transition_time if held and on else None)
    if not status.pause_conditions:
        return None
    first = status.pause_conditions[0]
    kind = _KINDS.get(first.reason or "", first.reason or "unnamed")
    if kind == STEP:
        return _step(first, current)
    if kind == BLUE_GREEN:
        return _blue_green(first, spec.strategy.blue_green if spec.strategy else None)
    return Pause(kind=kind, since=first.start_time)


def _step(held: PauseCondition, current: dict[str, Any] | None) -> Pause:
    written = pause_duration(current)
    return Pause(kind=STEP, since=held.start_time, duration=go_duration(written), timed=written is not None)


def _blue_green(held: PauseCondition, strategy: BlueGreen | None) -> Pause:
    seconds = strategy.auto_promotion_seconds if strategy else None
    if not seconds or strategy is None or strategy.auto_promotion_enabled is False:
        return Pause(kind=BLUE_GREEN, since=held.start_time)
    return Pause(kind=BLUE_GREEN, since=held.start_time, duration=go_duration(seconds), timed=True)
