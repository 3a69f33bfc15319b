"""When a schedule in cron's words fires: five fields, as ``robfig/cron@v3`` reads them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Self
from zoneinfo import ZoneInfo

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_LIMITS: tuple[tuple[int, int, Sequence[str]], ...] = (
    (0, 59, ()), (0, 23, ()), (1, 31, ()), (1, 12, _MONTHS), (0, 6, _DAYS),
)  # fmt: skip
_RANGE = re.compile(r"(\*|\?|\w+)(?:-(\w+))?(?:/(\d{1,4}))?", re.ASCII)
_MINUTE = timedelta(minutes=1)
_FARTHEST = timedelta(days=5 * 366)
"""After which a schedule counts as one that never fires."""


@dataclass(frozen=True, slots=True)
class Field:
    """The values of one field of a schedule, and whether it was a mere ``*``."""

    values: frozenset[int]
    star: bool


@dataclass(frozen=True, slots=True)
class CronTimes:
    """The wall-clock minutes at which a schedule fires."""

    minutes: Field
    hours: Field
    days: Field
    months: Field
    weekdays: Field

    @classmethod
    def read(cls, schedule: str) -> Self | None:
        """Read five fields; None where they are none."""
        written = schedule.split()
        if len(written) != len(_LIMITS):
            return None
        fields = [_field(text, *limit) for text, limit in zip(written, _LIMITS, strict=True)]
        known = [one for one in fields if one is not None]
        return cls(*known) if len(known) == len(_LIMITS) else None

    def between(self, start: datetime, end: datetime) -> bool:
        """Say whether it fires after ``start`` and before ``end``, both of the wall clock."""
        day = end.date()
        while day >= start.date():
            if self._on(day) and any(start < moment < end for moment in self._of(day)):
                return True
            day -= timedelta(days=1)
        return False

    def after(self, moment: datetime, zone: tzinfo) -> datetime | None:
        """Return when it fires next after an aware moment, in UTC; None for never.

        What a change of the clock leaves out does not fire, and what it repeats fires twice.
        """
        try:
            at = moment.astimezone(UTC).replace(second=0, microsecond=0) + _MINUTE
            end = at + _FARTHEST
            while at < end:
                wall = at.astimezone(zone)
                if not self._on(wall.date()):
                    at = max(_midnight(wall), at + _MINUTE)
                elif wall.hour not in self.hours.values:
                    at += timedelta(minutes=60 - wall.minute)
                elif wall.minute not in self.minutes.values:
                    at += _MINUTE
                else:
                    return at
        except OverflowError:
            pass
        return None

    def _on(self, day: date) -> bool:
        """Compare a day: where both fields name days, one of them is enough."""
        if day.month not in self.months.values:
            return False
        fits = (day.day in self.days.values, day.isoweekday() % 7 in self.weekdays.values)
        return all(fits) if self.days.star or self.weekdays.star else any(fits)

    def _of(self, day: date) -> Sequence[datetime]:
        times = (time(hour, minute) for hour in self.hours.values for minute in self.minutes.values)
        return [datetime.combine(day, one) for one in times]


def _midnight(wall: datetime) -> datetime:
    """Return when the next day begins, in UTC."""
    tomorrow = wall.date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), wall.tzinfo).astimezone(UTC)


def cron_zone(name: str) -> tzinfo | None:
    """Return the time zone of a name, UTC without one; None where it is not known."""
    if name in ("", "UTC"):
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


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
    return Field(frozenset(values), star) if values else None


def _number(text: str, low: int, names: Sequence[str]) -> int:
    if text.lower() in names:
        return names.index(text.lower()) + low
    return int(text) if text.isdigit() and len(text) < 5 else -1
