"""Which sync windows hold a sync that somebody asks for now.

Rules: ``argo-cd@v3.5.1:pkg/apis/application/v1alpha1/types.go`` (SyncWindow.active, CanSync); schedules are
five fields as ``robfig/cron@v3:parser.go`` reads them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from trombone_tui.core.objects.argo_cd_projects import SyncWindow
from trombone_tui.core.objects.durations import go_duration

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_RANGE = re.compile(r"(\*|\?|\w+)(?:-(\w+))?(?:/(\d{1,4}))?", re.ASCII)
_LONGEST = timedelta(days=400)

Field = tuple[frozenset[int], bool]
"""The values of one field of a schedule, and whether it was a mere ``*``."""


def held_by(windows: Sequence[SyncWindow], now: datetime) -> tuple[SyncWindow, ...]:
    """Return the windows that keep a sync by hand from going on now; those not understood don't count."""
    active = [one for one in windows if is_active(one, now)]
    denies = [one for one in active if one.kind == "deny"]
    if denies:
        return tuple(one for one in denies if not one.manual_sync)
    if any(one.kind == "allow" for one in active):
        return ()
    shut = [one for one in windows if one.kind == "allow" and is_active(one, now) is False]
    return tuple(one for one in shut if not one.manual_sync)


def is_active(window: SyncWindow, now: datetime) -> bool | None:
    """Say whether a window has begun and not ended; None where that is not understood."""
    lasts, zone = go_duration(window.duration), _zone(window.time_zone or "")
    if lasts is None or zone is None or not timedelta(0) <= lasts <= _LONGEST:
        return None
    try:
        end = now.astimezone(zone).replace(tzinfo=None)
        return began_between(window.schedule or "", end - lasts, end)
    except OverflowError:
        return None


def _zone(name: str) -> tzinfo | None:
    if name in ("", "UTC"):
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def began_between(schedule: str, start: datetime, end: datetime) -> bool | None:
    """Say whether a schedule fires after ``start`` and before ``end``; None when it is none."""
    written = schedule.split()
    limits = ((0, 59, ()), (0, 23, ()), (1, 31, ()), (1, 12, _MONTHS), (0, 6, _DAYS))
    if len(written) != len(limits):
        return None
    fields = [_field(text, *limit) for text, limit in zip(written, limits, strict=True)]
    minutes, hours, days, months, weekdays = fields
    if minutes is None or hours is None or days is None or months is None or weekdays is None:
        return None
    day = end.date()
    while day >= start.date():
        if day.month in months[0] and _day_fits(day, days, weekdays):
            moments = (datetime.combine(day, time(h, m)) for h in hours[0] for m in minutes[0])
            if any(start < moment < end for moment in moments):
                return True
        day -= timedelta(days=1)
    return False


def _day_fits(day: date, days: Field, weekdays: Field) -> bool:
    """Compare a day: where both fields name days, one of them is enough."""
    fits = (day.day in days[0], day.isoweekday() % 7 in weekdays[0])
    return all(fits) if days[1] or weekdays[1] else any(fits)


def _field(text: str, low: int, high: int, names: Sequence[str]) -> Field | None:
    values: set[int] = set()
    star = False
    for part in filter(None, text.split(",")):
        found = _RANGE.fullmatch(part)
        if found is None:
            return None
        first, last, step = found.groups()
        every = int(step) if step else 1
        if first in ("*", "?"):
            begin, until = low, high
            star = star or every == 1
        else:
            begin = _number(first, low, names)
            until = _number(last, low, names) if last else high if step else begin
        if not low <= begin <= until <= high or every == 0:
            return None
        values.update(range(begin, until + 1, every))
    return (frozenset(values), star) if values else None


def _number(text: str, low: int, names: Sequence[str]) -> int:
    if text.lower() in names:
        return names.index(text.lower()) + low
    return int(text) if text.isdigit() and len(text) < 5 else -1
