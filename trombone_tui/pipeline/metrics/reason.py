"""Why a metric is as it is: one plain sentence with the object's own numbers."""

from __future__ import annotations

from trombone_tui.core.objects.phrases import counted, one_line
from trombone_tui.pipeline.metrics.judgement import Judgement

EMPTY = "slice index out of range"
"""What Argo says when a condition takes an entry of an empty result."""


def why(of: Judgement) -> str:
    """Explain a metric."""
    said = {
        "Successful": _successful,
        "Failed": _failed,
        "Error": _error,
        "Inconclusive": _inconclusive,
        "Running": _running,
        "Pending": _running,
    }.get(of.phase or "Pending", _other)(of)
    notes = [
        "only watched (dry run), it decides nothing" if of.dry else "",
        f"of experiment {of.belongs.experiment}" if of.belongs.experiment else "",
        "the Rollout wants another version by now" if of.belongs.outdated else _help(of),
    ]
    return f"{'; '.join([said.rstrip('.'), *filter(None, notes)])}."


def _help(of: Judgement) -> str:
    """Name the verbs that help, where the metric holds or ended its Rollout's update."""
    if of.dry or of.belongs.rollout is None:
        return ""
    if of.phase in ("Failed", "Error") and of.belongs.aborted:
        return "the update is aborted: retry it once that is mended, or undo it"
    if of.phase == "Inconclusive" and not of.belongs.aborted:
        return "somebody has to decide: promote or abort"
    if of.phase == "Running" and (of.result.failed or 0) >= (of.failure_limit or 0) > 0:
        return "one more failure aborts the update"
    return ""


def _name(of: Judgement) -> str:
    return of.name or "The run"


def _at(of: Judgement) -> str:
    return f" at {of.standing}" if of.standing else ""


def _successful(of: Judgement) -> str:
    ended = "; the run was ended by hand, which counts as passed" if _terminated(of) else ""
    return f"{_name(of)} passed{_at(of)}: {_taken(of)}{ended}"


def _failed(of: Judgement) -> str:
    failed = of.result.failed or 0
    if not of.measured or failed == 0:
        return f"{_name(of)} failed: {_told(of)}"
    return (
        f"{_name(of)} failed{_at(of)}: {counted(failed, 'failed measurement')}, {_allowed(of.failure_limit)}"
    )


def _error(of: Judgement) -> str:
    row = of.result.consecutive_error or of.result.error or 0
    if not row:
        return f"{_name(of)} could not be measured: {_told(of)}"
    hint = "the query found nothing" if EMPTY in _told(of) else _told(of)
    times = f"{counted(row, 'time')} in a row, {_allowed(of.error_limit)}"
    return f"{_name(of)} could not be measured {times}: {hint}"


def _inconclusive(of: Judgement) -> str:
    count = of.result.inconclusive or 0
    if not count:
        return f"{_name(of)} is inconclusive: {_told(of)}"
    times = f"{counted(count, 'such measurement')}, {_allowed(of.inconclusive_limit)}"
    return f"{_name(of)} is inconclusive{_at(of)}: {times}; passes if {of.condition or 'anything'}"


def _running(of: Judgement) -> str:
    if not of.measured:
        return f"{_name(of)} has not been measured yet"
    failed = f"{of.result.failed or 0} failed, {_allowed(of.failure_limit)}"
    parts = [f"{_taken(of)}, {failed}"]
    if of.result.inconclusive:
        parts.append(f"{of.result.inconclusive} inconclusive, {_allowed(of.inconclusive_limit)}")
    if of.result.consecutive_error:
        parts.append(f"{counted(of.result.consecutive_error, 'error')} in a row: {_told(of)}")
    stands = f"stands{_at(of)}" if of.standing else "runs"
    return f"{_name(of)} {stands}: {'; '.join(parts)}"


def _other(of: Judgement) -> str:
    return f"{_name(of)} is in phase {of.phase}, which this program does not know"


def _taken(of: Judgement) -> str:
    taken = of.result.count or 0
    return f"{taken} of {of.wanted} measured" if of.wanted else f"{counted(taken, 'measurement')} so far"


def _allowed(limit: int | None) -> str:
    if limit is not None and limit < 0:
        return "any number allowed"
    return "an unknown number allowed" if limit is None else f"{max(limit, 0)} allowed"


def _terminated(of: Judgement) -> bool:
    return "Run Terminated" in (of.status.message or "")


def _told(of: Judgement) -> str:
    last = of.last.message if of.last else None
    told = last or of.result.message or of.status.message
    return one_line(told) if told else "no reason given"
