"""Plays what real controllers wrote to a stage, document by document."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from parsed import parsed
from stage_readers import CLUSTER, DATA, NOW, decoded, kinds, reference

from trombone_tui.core.reader import StageReader
from trombone_tui.core.stage import Stage


def documents(stage: str, name: str) -> list[dict[str, Any]]:
    """Load a file of several documents; times are quoted in them, so they stay text."""
    return parsed(DATA / stage / f"{name}.yaml")


def play(stage: Stage, name: str, now: datetime = NOW) -> Iterator[tuple[dict[str, Any], StageReader]]:
    """Put each recorded event before the stage; yield it with the reader that has read it."""
    reader = StageReader(stage, CLUSTER, lambda: now)
    of = kinds(stage)
    for kind in of.values():
        reader.see(kind, True)
    for event in documents(stage.name, name):
        kind = of[event["object"]["kind"]]
        made = decoded(kind, event["object"])
        reader.put(kind, reference(kind, made.metadata), made)
        reader.refresh()
        yield event, reader
