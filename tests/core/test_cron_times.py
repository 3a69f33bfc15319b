"""When a schedule in cron's words fires next: days, steps, time zones, and clocks that are changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trombone_tui.core.objects.cron_times import CronTimes, cron_zone

BERLIN = "Europe/Berlin"
MONDAY = "2026-11-23T13:20"
NEXT = [
    ("* * * * *", "", MONDAY, "2026-11-23T13:21"),
    ("20 13 * * *", "", MONDAY, "2026-11-24T13:20"),
    ("*/20 * * * *", "", "2026-11-23T13:59:59", "2026-11-23T14:00"),
    ("0 3 * * *", "", MONDAY, "2026-11-24T03:00"),
    ("0 3 * * *", BERLIN, MONDAY, "2026-11-24T02:00"),
    ("0 9-17 * * MON-FRI", "", "2026-11-27T17:00", "2026-11-30T09:00"),
    ("0 0 1 jan *", "", MONDAY, "2027-01-01T00:00"),
    ("0 0 13 * 5", "", MONDAY, "2026-11-27T00:00"),
    ("0 0 */2 * 5", "", MONDAY, "2026-11-25T00:00"),
    ("0 0 29 2 *", "", MONDAY, "2028-02-29T00:00"),
    ("0 0 31 2 *", "", MONDAY, None),
    ("30 2 * * *", BERLIN, "2026-03-28T13:00", "2026-03-30T00:30"),  # on the 29th there is no such time
    ("30 2 * * *", BERLIN, "2026-10-24T13:00", "2026-10-25T00:30"),
    ("30 2 * * *", BERLIN, "2026-10-25T00:30", "2026-10-25T01:30"),  # the second of that night
    ("30 2 * * *", BERLIN, "2026-10-25T01:30", "2026-10-26T01:30"),
    ("0 * * * *", "Asia/Kolkata", MONDAY, "2026-11-23T13:30"),
    ("0 0 * * *", "Africa/Cairo", "2026-04-23T12:00", "2026-04-24T21:00"),
]


def aware(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize(("schedule", "zone", "now", "expected"), NEXT)
def test_a_schedule_fires_next(schedule: str, zone: str, now: str, expected: str | None) -> None:
    times, where = CronTimes.read(schedule), cron_zone(zone)
    assert times is not None
    assert where is not None
    assert times.after(aware(now), where) == (aware(expected) if expected else None)


PART = st.sampled_from(["*", "*/7", "3", "1-4", "2,5"])


@given(
    fields=st.tuples(PART, PART, PART, PART, PART),
    now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 - made aware below
    zone=st.sampled_from(["UTC", BERLIN, "America/Sao_Paulo", "Asia/Kathmandu"]),
)
def test_it_fires_then_and_not_before(fields: tuple[str, ...], now: datetime, zone: str) -> None:
    times, where = CronTimes.read(" ".join(fields)), ZoneInfo(zone)
    assert times is not None
    at = times.after(now.replace(tzinfo=UTC), where)
    assert at is not None
    assert at > now.replace(tzinfo=UTC)
    wall, moment = at.astimezone(where).replace(tzinfo=None), timedelta(seconds=1)
    assert times.between(wall - moment, wall + moment)
    before = now.replace(tzinfo=UTC).astimezone(where)
    if before.utcoffset() == at.astimezone(where).utcoffset():
        assert not times.between(max(before.replace(tzinfo=None), wall - timedelta(days=40)), wall)


def test_the_end_of_the_calendar_is_never() -> None:
    times = CronTimes.read("0 0 1 1 *")
    assert times is not None
    assert times.after(datetime.max.replace(tzinfo=UTC), UTC) is None


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", "\0", "Local"])
def test_a_time_zone_that_is_none_is_not_known(zone: str) -> None:
    assert cron_zone(zone) is None
