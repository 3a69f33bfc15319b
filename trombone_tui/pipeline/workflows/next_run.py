"""When a CronWorkflow starts its next Workflow.

Schedules are ``robfig/cron@v3:parser.go``'s standard ones, each with the spec's time zone before it
(``argo-workflows@v4.1.2:pkg/apis/workflow/v1alpha1/cron_workflow_types.go``, GetSchedulesWithTimezone).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from trombone_tui.core.objects.cron_times import CronTimes, cron_zone
from trombone_tui.core.objects.cron_workflows import CronSpec, CronStatus, CronWorkflow
from trombone_tui.core.objects.durations import stamp
from trombone_tui.core.objects.phrases import shortened

_CALLED = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_ZONED = ("TZ=", "CRON_TZ=")
"""What a schedule may begin with that names its own time zone."""
_EVERY = "@every"


@dataclass(frozen=True, slots=True)
class NextRun:
    """A moment, or in words why none is known."""

    at: datetime | None = None
    zone: str = ""
    """Empty for the controller's own, which is taken for UTC."""
    why_not: str = ""

    @property
    def brief(self) -> str:
        """Say it in a clause; empty where no moment is known."""
        if self.at is None:
            return ""
        return f"next due on {stamp(self.at)}{'' if self.zone else _ASSUMED}"

    @property
    def words(self) -> str:
        """Say it in full, with the wall clock of its time zone."""
        zone = cron_zone(self.zone)
        if self.at is None or zone is None:
            return self.why_not
        if self.zone in ("", "UTC"):
            return f"{stamp(self.at)}{'' if self.zone else _ASSUMED}"
        return f"{self.at.astimezone(zone):%Y-%m-%d %H:%M} in {self.zone}, {stamp(self.at)}"


_ASSUMED = " if the controller's time zone is UTC"


def next_run(obj: CronWorkflow, now: datetime) -> NextRun:
    """Work out when it is due next; that ``when`` or a run before may then be in its way is not foreseen."""
    spec, status = obj.spec or CronSpec(), obj.status or CronStatus()
    if spec.suspend:
        return NextRun(why_not="none while it is suspended")
    if status.phase == "Stopped":
        return NextRun(why_not="none: it is stopped for good")
    found = [_next(schedule, spec.timezone or "", now) for schedule in obj.schedules]
    unknown = next((one for one in found if one.at is None and one.why_not), None)
    known = [(one.at, one.zone) for one in found if one.at is not None]
    if unknown is not None or not known:
        return unknown or NextRun(why_not="none: no schedule of it ever comes")
    return NextRun(*min(known))


def _next(schedule: str, zone: str, now: datetime) -> NextRun:
    """Return when one schedule fires next; neither a moment nor a reason is never."""
    written = schedule.strip()
    if not zone and written.startswith(_ZONED):
        named, _, written = written.partition(" ")
        zone = named.partition("=")[2]
    if written.startswith(_EVERY):
        return NextRun(why_not=f"not foreseen: {_EVERY} counts from when the controller took it up")
    where, times = cron_zone(zone), CronTimes.read(_CALLED.get(written, written))
    if where is None:
        return NextRun(why_not=f"not known: {shortened(zone, 40)} is no time zone that is known here")
    if times is None:
        return NextRun(why_not=f"not known: {shortened(schedule, 60)} is no schedule")
    return NextRun(times.after(now, where), zone)
