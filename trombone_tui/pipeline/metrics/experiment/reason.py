"""Why an Experiment is as it is: one plain sentence with its own numbers and the verb that helps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from trombone_tui.core.objects.analysis_phases import BAD
from trombone_tui.core.objects.durations import later, spoken, stamp
from trombone_tui.core.objects.phrases import clauses, counted, listed
from trombone_tui.pipeline.metrics.experiment.trial import PROGRESS_DEADLINE, Side, Trial

_NAMED = 3
_WORDS = {"Failed": "failed", "Error": "could not be judged", "Inconclusive": "is inconclusive"}


def why(of: Trial) -> str:
    """Explain an Experiment."""
    if of.invalid:
        return clauses(f"The controller refuses its spec: {of.invalid}", "nothing runs until that is mended")
    said = _bad(of) if of.phase in BAD else _SAID.get(of.phase or "", _other)(of)
    outdated = "the Rollout wants another version by now"
    return clauses(*said, outdated if of.belongs.outdated else _help(of))


def _help(of: Trial) -> str:
    """Name the verbs that help."""
    rollout, aborted = of.belongs.rollout, of.belongs.aborted
    if of.phase in ("Failed", "Error"):
        if rollout is None:
            return "once that is mended, retry runs it again"
        return "the update is aborted: retry the Rollout once that is mended, or undo it" if aborted else ""
    if of.phase == "Inconclusive":
        if rollout is None:
            return "retry runs it again"
        return "" if aborted else "somebody has to decide: promote or abort the Rollout"
    if of.finished or of.spec.terminate or of.phase not in (None, "Pending", "Running"):
        return ""
    if of.phase == "Running" and (of.duration is not None or any(one.required for one in of.analyses)):
        return ""
    return "terminate ends it, which counts as passed"


def _new(of: Trial) -> Iterator[str]:
    yield f"Has not begun with its {counted(len(of.sides), 'template')}"
    if of.spec.terminate:
        yield "told to end already"


def _pending(of: Trial) -> Iterator[str]:
    short = [side for side in of.sides if not side.complete]
    if not short:
        yield f"All {counted(len(of.sides), 'template')} are available, and it is about to run"
    else:
        told = [_short(side) for side in short]
        yield f"Waits for {len(short)} of {counted(len(of.sides), 'template')}: {listed(told, _NAMED)}"
        yield _deadline(of, short)
    yield from _bad_parts(of)
    if of.spec.terminate:
        yield "told to end"


def _short(side: Side) -> str:
    return f"{side.name} has {side.available} of {side.wanted} available"


def _deadline(of: Trial, short: list[Side]) -> str:
    """Say when the first of the templates that are not complete fails, without progress."""
    seconds = of.spec.progress_deadline_seconds
    allowed = PROGRESS_DEADLINE if seconds is None else seconds
    began = [side.status.last_transition_time for side in short if side.status.last_transition_time]
    if not began or not 0 <= allowed < 10**9:
        return ""
    until = later(min(began), timedelta(seconds=allowed))
    return (
        f"without progress it fails at {stamp(until)}, after {spoken(timedelta(seconds=allowed))}"
        if until
        else ""
    )


def _running(of: Trial) -> Iterator[str]:
    yield f"Runs {of.complete} of {counted(len(of.sides), 'template')} {_until(of)}"
    short = [_short(side) for side in of.sides if not side.complete]
    if short:
        yield listed(short, _NAMED)
    if of.counts:
        yield f"analyses: {of.counts}"
    if not of.spec.terminate:
        return
    left = [one.name for one in of.analyses if one.required and one.phase != "Successful"]
    if left:
        yield f"told to end before {listed(left, _NAMED)} passed, which no longer counts: it may stay so"
    else:
        yield "told to end"


def _until(of: Trial) -> str:
    required = [one.name for one in of.analyses if one.required]
    until = (
        f"until {listed(required, _NAMED)} {'have' if len(required) > 1 else 'has'} passed"
        if required
        else ""
    )
    if of.duration is not None and of.ends is not None:
        over = f"until {stamp(of.ends)}, {spoken(of.duration)} in all"
        return f"{over}, or {until}" if until else over
    if of.spec.duration and of.duration is None:
        return f"until it is ended, for its duration {of.spec.duration} can't be read"
    return until or "until it is ended, for it has no duration"


def _successful(of: Trial) -> Iterator[str]:
    ran = f"its {counted(len(of.sides), 'template')} ran"
    if of.spec.terminate:
        yield f"Passed: {ran} until it was told to end early, which counts as passed"
    elif any(one.required for one in of.analyses):
        yield f"Passed: {ran} until the required analyses had passed"
    else:
        yield f"Passed: {ran} {spoken(of.duration)}" if of.duration is not None else f"Passed: {ran}"
    if of.counts:
        yield f"analyses: {of.counts}"
    elif not of.analyses:
        yield "nothing was measured"


def _bad(of: Trial) -> Iterator[str]:
    parts = list(_bad_parts(of))
    word = {"Failed": "Failed", "Error": "Ended with an error", "Inconclusive": "Is inconclusive"}[
        of.phase or ""
    ]
    yield f"{word}: {parts[0] if parts else of.status.message or 'no reason given'}"
    yield from parts[1:2]
    if of.counts:
        yield f"analyses: {of.counts}"


def _bad_parts(of: Trial) -> Iterator[str]:
    """Name the templates and analyses that came out badly, with what they say."""
    for side in of.sides:
        if side.status.status in ("Failed", "Error"):
            message = side.status.message or _short(side)
            yield f"template {side.name} {_WORDS[side.status.status]}: {message}"
    for phase in BAD:
        for one in of.analyses:
            if one.phase == phase:
                yield f"analysis {one.name} {_WORDS[phase]}: {one.told.message or 'no reason given'}"


def _other(of: Trial) -> Iterator[str]:
    yield f"Is in phase {of.phase}, which this program does not know"


_SAID = {"": _new, "Pending": _pending, "Running": _running, "Successful": _successful}
