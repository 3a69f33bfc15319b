"""The pipeline in travel order. A file a stage; no stage imports another, Textual or a socket."""

from __future__ import annotations

from trombone_tui.core.stage import Stage
from trombone_tui.pipeline import events, images, metrics, rollout, sync, workflows

PIPELINE: tuple[Stage, ...] = (
    events.STAGE,
    workflows.STAGE,
    images.STAGE,
    sync.STAGE,
    rollout.STAGE,
    metrics.STAGE,
)
