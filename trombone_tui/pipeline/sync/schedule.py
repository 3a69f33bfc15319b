"""Which sync windows hold a sync that somebody asks for now.

Rules: ``argo-cd@v3.5.1:pkg/apis/application/v1alpha1/types.go`` (SyncWindow.active, CanSync).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from trombone_tui.core.objects.argo_cd_projects import SyncWindow
from trombone_tui.core.objects.cron_times import CronTimes, cron_zone
from trombone_tui.core.objects.durations import go_duration

_LONGEST = timedelta(days=400)


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
    lasts, zone = go_duration(window.duration), cron_zone(window.time_zone or "")
    times = CronTimes.read(window.schedule or "")
    if times is None or lasts is None or zone is None or not timedelta(0) <= lasts <= _LONGEST:
        return None
    try:
        end = now.astimezone(zone).replace(tzinfo=None)
        return times.between(end - lasts, end)
    except OverflowError:
        return None
