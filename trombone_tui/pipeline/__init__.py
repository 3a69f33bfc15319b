"""The pipeline in travel order. A file a stage; no stage imports another, Textual or a socket."""

from __future__ import annotations

from trombone_tui.core.stage import Stage
from trombone_tui.pipeline import events, images, rollout, workflows

PIPELINE: tuple[Stage, ...] = (events.STAGE, workflows.STAGE, images.STAGE, rollout.STAGE)
