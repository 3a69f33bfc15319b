"""What runs and Experiments share that are told to end (``spec.terminate``)."""

from __future__ import annotations

from trombone_tui.core.objects.analysis_phases import FINISHED
from trombone_tui.core.objects.argo_rollouts import AnalysisRun
from trombone_tui.core.objects.experiments import Experiment
from trombone_tui.core.verbs import Seen, Sight, Whole

AGAIN = "It was asked to end already: nothing is asked for anew, the controller only looks again."


def phase(of: AnalysisRun | Experiment) -> str:
    """Return its phase; empty before it has one."""
    return (of.status.phase if of.status else None) or ""


def told(of: AnalysisRun | Experiment) -> bool:
    """Say whether it is told to end."""
    return bool(of.spec and of.spec.terminate)


def ending(of: AnalysisRun | Experiment, _: Whole) -> Sight:
    """See one end: its phase is a final one."""
    now, message = phase(of), of.status.message if of.status else None
    if now in FINISHED:
        return Sight(Seen.DONE, f"{now}: {message}" if message else now)
    if told(of):
        return Sight(Seen.REQUESTED, f"terminate is set, and it is still {now or 'not started'}")
    return Sight(Seen.NOT_YET, now or "not started")
