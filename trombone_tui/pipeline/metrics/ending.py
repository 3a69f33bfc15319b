"""What runs and Experiments share that are told to end (``spec.terminate``)."""

from __future__ import annotations

from trombone_tui.core.objects.analysis_phases import FINISHED
from trombone_tui.core.verbs import Seen, Sight

AGAIN = "It was asked to end already: nothing is asked for anew, the controller only looks again."


def ending(phase: str, message: str | None, *, told: bool) -> Sight:
    """See one end: its phase is a final one."""
    if phase in FINISHED:
        return Sight(Seen.DONE, f"{phase}: {message}" if message else phase)
    if told:
        return Sight(Seen.REQUESTED, f"terminate is set, and it is still {phase or 'not started'}")
    return Sight(Seen.NOT_YET, phase or "not started")
