"""How an ImageUpdater's last check went, and when the next one comes.

Conditions: ``argocd-image-updater@v1.3.0:internal/controller/status.go``. ``Ready`` is also True after a
check in which images failed, so ``Error`` counts first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from trombone_tui.core.objects.basics import Condition, Health, condition
from trombone_tui.core.objects.durations import later, stamp
from trombone_tui.core.objects.image_names import ImageName
from trombone_tui.core.objects.image_updater import INTERVAL, ImageUpdater, ImageUpdaterStatus, RecentUpdate


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """How the last check went, in health and words; no words when it went well."""

    health: Health
    words: str = ""


def last_check(obj: ImageUpdater) -> Check:
    """Say how the last check went."""
    status = obj.status
    if obj.metadata.deletion_timestamp is not None:
        return Check(health=Health.PROGRESSING, words="it is being deleted, so it is not checked any more")
    if status is None or (not status.conditions and status.last_checked_at is None):
        words = "no status: it was not checked yet, or Image Updater is older than 1.2"
        return Check(health=Health.UNKNOWN, words=words)
    error, ready = condition(status.conditions, "Error"), condition(status.conditions, "Ready")
    if error is not None and error.status == "True":
        what = "part of the last check failed" if error.reason == "PartialErrors" else "the last check failed"
        return Check(health=Health.DEGRADED, words=f"{what}: {_cause(error)}")
    if ready is not None and ready.status == "False":
        return Check(health=Health.DEGRADED, words=f"the last check failed: {_cause(ready)}")
    if (status.observed_generation or 0) < (obj.metadata.generation or 0):
        return Check(health=Health.PROGRESSING, words="its newest spec was not checked yet")
    if status.last_checked_at is None:
        return Check(health=Health.PROGRESSING, words="the first check is not done")
    if ready is None or ready.status != "True":
        return Check(health=Health.UNKNOWN, words="whether the last check went well is not said")
    return Check(health=Health.HEALTHY)


def _cause(bad: Condition) -> str:
    message = (bad.message or "").strip().rstrip(".")
    reason = bad.reason or "no reason given"
    return f"{message} ({reason})" if message else reason


def next_check(obj: ImageUpdater) -> datetime | None:
    """Guess when the next check comes."""
    return later(obj.status.last_checked_at if obj.status else None, INTERVAL)


def check_words(obj: ImageUpdater) -> str:
    """Say when it was checked, and that the next time is a guess."""
    last, guess = (obj.status or ImageUpdaterStatus()).last_checked_at, next_check(obj)
    if last is None:
        return "not checked yet" if obj.status else ""
    now = condition(obj.status.conditions if obj.status else None, "Reconciling")
    if now is not None and now.status == "True":
        began = f" since {stamp(now.last_transition_time)}" if now.last_transition_time else ""
        return f"checked on {stamp(last)}, being checked again{began}"
    return f"checked on {stamp(last)}{f', {guess_words(guess)}' if guess else ''}"


def guess_words(guess: datetime) -> str:
    """Say when the next check is expected."""
    return f"next by {stamp(guess)} if the interval is the default 2 min"


def last_update(obj: ImageUpdater, alias: str, image: ImageName) -> RecentUpdate | None:
    """Return the newest update of an image among those of the last check that changed something."""
    updates = (obj.status.recent_updates or ()) if obj.status else ()
    mine = [
        u
        for u in updates
        if (u.alias == alias if alias else u.image)
        and (not u.image or ImageName.parse(u.image).join == image.join)
    ]
    dated = [one for one in mine if one.updated_at is not None]
    return max(dated, key=_when) if dated else next(iter(mine), None)


def _when(one: RecentUpdate) -> float:
    return one.updated_at.timestamp() if one.updated_at else 0.0
