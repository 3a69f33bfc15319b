"""The pipeline in travel order. A file a stage; no stage imports another, Textual or a socket."""

from __future__ import annotations

from trombone_tui.core.stage import Stage
from trombone_tui.pipeline import rollout

PIPELINE: tuple[Stage, ...] = (rollout.STAGE,)
