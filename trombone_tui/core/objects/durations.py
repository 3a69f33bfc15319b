"""Durations as Go writes them, and as a sentence says them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_UNITS = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "μs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
}
_PART = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)", re.ASCII)
_WHOLE = re.compile(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d+", re.ASCII)
_LONGEST = timedelta(days=36500)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def go_duration(written: object) -> timedelta | None:
    """Read ``1h30m``, ``250ms`` or a number of seconds, also as text; None when it is none of these.

    A number without a unit is seconds, as Argo reads it
    (``argo-rollouts@v1.9.1:pkg/apis/rollouts/v1alpha1/types.go``, DurationSeconds).
    """
    if isinstance(written, bool):
        return None
    if isinstance(written, int):
        seconds = float(written) if abs(written) < 1e12 else None
    elif isinstance(written, str):
        seconds = _seconds(written.strip())
    else:
        seconds = None
    if seconds is None or abs(seconds) > _LONGEST.total_seconds():
        return None
    return timedelta(seconds=seconds)


def _seconds(text: str) -> float | None:
    if len(text) > 40:
        return None
    if _NUMBER.fullmatch(text):
        return float(text)
    if not _WHOLE.fullmatch(text):
        return None
    total = sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))
    return -total if text.startswith("-") else total


def spoken(duration: timedelta) -> str:
    """Say a duration with its two largest units: ``1 h 30 min``, ``45 s``; below a second ``0.2 s``."""
    seconds = duration.total_seconds()
    if abs(seconds) < 1:
        return f"{round(seconds, 1) or 0:g} s"
    sign, left = ("-" if seconds < 0 else ""), int(abs(seconds))
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
        elif parts:
            break
    return sign + " ".join(parts[:2])


def between(start: datetime | None, end: datetime | None) -> timedelta | None:
    """Return how long something took; None before its end, or when the two are out of order."""
    return None if start is None or end is None or end < start else end - start


def later(start: datetime | None, duration: timedelta | None) -> datetime | None:
    """Return the end of a duration; None when either is unknown or the calendar ends before."""
    if start is None or duration is None:
        return None
    try:
        return start + duration
    except OverflowError:
        return None


def hour(moment: datetime, now: datetime) -> str:
    """Say when something is, in UTC: ``17:40Z``, with the date before it when that is not today."""
    try:
        there = moment.astimezone(UTC)
    except OverflowError:  # the first or last hours of the calendar, in a zone on its far side
        return moment.isoformat()
    today = there.date() == now.astimezone(UTC).date()
    return f"{there:%H:%MZ}" if today else f"{there:%Y-%m-%d %H:%MZ}"


def rfc3339(moment: datetime) -> str:
    """Write a moment as Kubernetes does: in UTC, to the second."""
    try:
        return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    except OverflowError:  # the first or last hours of the calendar, in a zone on its far side
        return moment.replace(microsecond=0).isoformat()


def stamp(moment: datetime) -> str:
    """Say when something was, in UTC and with its date: ``23 Nov 17:40Z``.

    For sentences that stay on the screen past midnight without being read again.
    """
    try:
        there = moment.astimezone(UTC)
    except OverflowError:  # the first or last hours of the calendar, in a zone on its far side
        return moment.isoformat()
    return f"{there.day} {_MONTHS[there.month - 1]} {there:%H:%MZ}"
