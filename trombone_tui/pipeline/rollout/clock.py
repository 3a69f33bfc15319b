"""Times as a detail says them, which is made anew while somebody looks: how long ago, how long still."""

from __future__ import annotations

from datetime import datetime, timedelta

from trombone_tui.core.objects.durations import later, spoken, stamp


def age(since: datetime | None, now: datetime) -> str:
    """Say how long something has been: ``5 min``; empty when it is not known since when."""
    return spoken(max(now - since, timedelta())) if since is not None else ""


def left(until: datetime, now: datetime) -> str:
    """Say how long something takes still; ``0 s`` when it is over."""
    return spoken(max(until - now, timedelta()))


def left_of(since: datetime | None, duration: timedelta | None, now: datetime) -> str:
    """Say how much of a duration is left and until when; empty when that can't be known."""
    until = later(since, duration)
    if until is None or duration is None:
        return ""
    if until <= now:
        return f"{spoken(duration)} are over since {stamp(until)}: the controller is about to go on"
    return f"{left(until, now)} left of {spoken(duration)}, until {stamp(until)}"
