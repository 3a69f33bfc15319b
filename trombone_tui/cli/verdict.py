"""How it all stands, in one word: the exit codes of ``status``."""

from __future__ import annotations

from enum import IntEnum

from trombone_tui.core.ports import State
from trombone_tui.core.snapshot import Snapshot


class Outcome(IntEnum):
    """The exit codes of ``status``."""

    HEALTHY = 0
    NEEDS_HUMAN = 1
    ERROR = 2


def healthy(snapshot: Snapshot) -> bool:
    """Say whether nothing needs a human and every panel is live."""
    return all(
        not stage.attention and all(panel.state is State.LIVE for panel in stage.panel)
        for stage in snapshot.stages.values()
    )


def outcome(snapshot: Snapshot) -> Outcome:
    """Judge a snapshot: an error is when no cluster gave an answer to anything."""
    panels = [panel for stage in snapshot.stages.values() for panel in stage.panel]
    if all(panel.state in (State.UNREACHABLE, State.CONNECTING) for panel in panels):
        return Outcome.ERROR
    return Outcome.HEALTHY if healthy(snapshot) else Outcome.NEEDS_HUMAN
