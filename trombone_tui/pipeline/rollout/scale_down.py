"""When a ReplicaSet that is no longer needed loses its pods.

Rules and defaults: ``argo-rollouts@v1.9.1:utils/defaults/defaults.go`` and ``rollout/replicaset.go``; the
annotation is really called ``scale-down-deadline``, without a prefix.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from trombone_tui.core.objects.apps import ReplicaSet
from trombone_tui.core.objects.argo_rollouts import BlueGreen, Canary, Strategy
from trombone_tui.core.stage import Fact
from trombone_tui.pipeline.rollout.clock import left
from trombone_tui.pipeline.rollout.progress import Progress

DEADLINE = "scale-down-deadline"
_DELAY = 30


def deadline(found: ReplicaSet) -> datetime | None:
    """Return when a ReplicaSet is scaled down; None where that is not written or can't be read."""
    written = found.metadata.annotation(DEADLINE)
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def scale_down(of: Progress, now: datetime) -> Iterator[Fact]:
    """Tell the delays and how much is left of those that run."""
    strategy = of.spec.strategy or Strategy()
    delays: Canary | BlueGreen | None = strategy.blue_green or strategy.canary
    if delays is None:
        return
    if of.strategy == "canary" and not of.routed:
        yield Fact("Scale-down", "at once: without a traffic router no delay counts")
    else:
        yield Fact("Scale-down delay", _seconds(delays.scale_down_delay_seconds))
        if delays.scale_down_delay_revision_limit is not None:
            yield Fact("Revisions kept up", delays.scale_down_delay_revision_limit)
        aborted = delays.abort_scale_down_delay_seconds
        yield Fact("Scale-down after an abort", "never" if aborted == 0 else _seconds(aborted))
    for found in of.family.sets:
        until = deadline(found)
        if until is not None and found.spec is not None and found.spec.replicas:
            told = "is due" if until <= now else f"in {left(until, now)}"
            yield Fact(f"Scale-down of {found.metadata.name}", told)


def _seconds(written: int | None) -> str:
    return f"{_DELAY} s (the default)" if written is None else f"{written} s"
