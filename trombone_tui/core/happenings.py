"""The Kubernetes Events of an object as a detail: repeated ones are one line, the newest last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from trombone_tui.core.details import Line, Lines
from trombone_tui.core.objects.basics import EARLIEST, Health
from trombone_tui.core.objects.kubernetes_events import WARNING, Event
from trombone_tui.core.objects.phrases import one_line
from trombone_tui.core.questions import Answer
from trombone_tui.core.text import moment

_TITLE = "Events"
_MOST = 100
"""Lines that are shown; older ones are counted."""


def happenings(answer: Answer[Sequence[Event]], now: datetime) -> tuple[Lines, ...]:
    """Return the section of an object's Events: none where there are none, and why they can't be seen."""
    lines = folded(answer.value or (), now)
    if len(lines) > _MOST:
        left_out = Line(text=f"{len(lines) - _MOST} older ones are left out")
        lines = (left_out, *lines[-_MOST:])
    if answer.trouble is not None:
        what = "may be out of date" if answer.value is not None else "can't be seen"
        lines = (*lines, Line(text=f"{what}: {answer.trouble}", health=Health.UNKNOWN))
    return (Lines(_TITLE, lines),) if lines else ()


def folded(events: Iterable[Event], now: datetime) -> tuple[Line, ...]:
    """Return a line for each type, reason and message, with how often and since when, the newest last."""
    alike: dict[tuple[str, str, str], list[Event]] = {}
    for event in events:
        message = one_line(event.message)
        alike.setdefault((event.type or "", event.reason or "", message), []).append(event)
    lines = [_line(*said, group, now) for said, group in alike.items()]
    return tuple(sorted(lines, key=lambda line: line.at or EARLIEST))


def _line(kind: str, reason: str, message: str, events: Sequence[Event], now: datetime) -> Line:
    text = ": ".join(part for part in (reason, message) if part) or "an event without words"
    times = sum(event.times for event in events)
    if times > 1:
        first = min((event.first for event in events if event.first), default=None)
        text += f" (×{times}{f' since {moment(first, now)}' if first else ''})"
    return Line(
        text=text,
        at=max((event.last for event in events if event.last), default=None),
        health=Health.DEGRADED if kind == WARNING else None,
    )
