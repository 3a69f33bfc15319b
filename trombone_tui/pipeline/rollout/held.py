"""Why a Rollout is Paused: by which pause, since when, until when."""

from __future__ import annotations

from trombone_tui.core.objects.durations import spoken, stamp
from trombone_tui.core.objects.phrases import sentence
from trombone_tui.core.objects.rollout_status import RunStatus
from trombone_tui.pipeline.rollout.pause import BLUE_GREEN, MANUAL, STEP, Pause
from trombone_tui.pipeline.rollout.progress import Progress
from trombone_tui.pipeline.rollout.runs import deciding
from trombone_tui.pipeline.rollout.steps import pause_duration
from trombone_tui.pipeline.rollout.wording import named, place, promotion_analysis, ready


def held(of: Progress) -> str:
    """Say what holds a Rollout."""
    pause = of.pause
    if pause is None:
        return sentence(f"Paused {place(of)}: {of.standing.message or 'no reason given'}")
    short = "" if (of.status.ready_replicas or 0) >= of.desired else f"; only {ready(of)}"
    return f"{_pause(of, pause)}{short}."


def _pause(of: Progress, pause: Pause) -> str:
    since = f", since {stamp(pause.since)}" if pause.since else ""
    if pause.kind == MANUAL:
        return f"Paused by hand {place(of)}{since}"
    if pause.kind == BLUE_GREEN:
        old, new = of.changed
        switch = f"from {named(old, 'the active version')} to {named(new, 'the new one')}"
        analysis = f"; {waits}" if (waits := promotion_analysis(of)) else ""
        long = f"{_length(pause, None)}{since if not pause.timed else ''}"
        return f"Held before the switch {switch}: {long}{analysis}"
    if pause.kind == STEP:
        return f"Held {place(of)}: {_step_pause(of, pause)}"
    return f"Held {place(of)}: {pause.kind}{_undecided(of, pause)}{since}"


def _undecided(of: Progress, pause: Pause) -> str:
    """Name the AnalysisRun or Experiment that could not decide, and what it measured."""
    if pause.kind == "inconclusive experiment" and of.canary.current_experiment:
        return f" ({of.canary.current_experiment})"
    if pause.kind != "inconclusive analysis":
        return ""
    words = (
        of.canary.current_step_analysis_run_status or RunStatus(),
        of.canary.current_background_analysis_run_status or RunStatus(),
    )
    told = [one.name for one in words if one.status == "Inconclusive"] + [one.name for one in words]
    name = next((one for one in told if one), None)
    if name is None:
        return ""
    run = of.family.run(name)
    measured = deciding(run) if run is not None else ""
    return f" ({name}): {measured}" if measured else f" ({name})"


def _step_pause(of: Progress, pause: Pause) -> str:
    step = of.weights.current if of.weights else None
    since = f", since {stamp(pause.since)}" if pause.since else ""
    if step is None or "pause" not in step:
        return f"the pause before was not released{since}"
    return f"{_length(pause, pause_duration(step))}{'' if pause.until else since}"


def _length(pause: Pause, written: object) -> str:
    if not pause.timed:
        return "a pause without end"
    if pause.duration is None:
        return f"a pause of {written}, which can't be read"
    until = f", until {stamp(pause.until)}" if pause.until else ""
    return f"a pause of {spoken(pause.duration)}{until}"
