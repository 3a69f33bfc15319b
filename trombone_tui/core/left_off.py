"""What was switched off or left halfway by hand, read from the objects, so that every operator sees it.

Suspended CronWorkflows are none of these: they are often meant to stay so.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from trombone_tui.core.objects.argo_cd import Application
from trombone_tui.core.objects.argo_rollouts import Rollout
from trombone_tui.core.objects.basics import Malformed, Object, Ref, condition
from trombone_tui.core.objects.durations import stamp
from trombone_tui.core.objects.globs import literal
from trombone_tui.core.objects.image_updater import ImageUpdater, UpdateSettings
from trombone_tui.core.objects.managing import auto_sync_settings, automated
from trombone_tui.core.objects.marks import AUTO_SYNC_OFF, HELD, Held, Mark, Unreadable, read_held, read_off
from trombone_tui.core.objects.phrases import one_line
from trombone_tui.core.reminders import Reminder

_IGNORING = "ignore-tags"
_UNREADABLE = "its mark can't be read"


def left_off(ref: Ref, obj: Object | Malformed) -> Iterator[Reminder]:
    """Read what to be reminded of from one object; nothing from kinds that are never left off."""
    if isinstance(obj, Application):
        yield from _auto_sync(ref, obj)
        yield from _held(ref, obj)
    elif isinstance(obj, ImageUpdater):
        yield from _held(ref, obj)
    elif isinstance(obj, Rollout):
        yield from _rollout(ref, obj)


def _auto_sync(ref: Ref, app: Application) -> Iterator[Reminder]:
    written = app.metadata.annotation(AUTO_SYNC_OFF)
    kept = auto_sync_settings(app) is not None
    if automated(app) is not None or not (kept or written):
        return
    mark, trouble = Mark(), ""
    if written:
        try:
            mark = read_off(written)
        except Unreadable:
            trouble = _UNREADABLE
    lost = "" if kept else "how it was set is not kept"
    yield Reminder(
        ref=ref,
        text=_told(f"auto-sync of {app.metadata.name} is off", mark.by, mark.at, mark.reason, trouble, lost),
        verb="auto-sync-on",
        since=mark.at,
        by=mark.by,
        marked=bool(written),
    )


def _held(ref: Ref, obj: Application | ImageUpdater) -> Iterator[Reminder]:
    try:
        held = read_held(obj.metadata.annotation(HELD))
    except Unreadable as error:
        text = f"What {obj.metadata.name} holds back can't be read: {' '.join(str(error).split())}."
        yield Reminder(ref=ref, text=text, verb="release")
        return
    ignored = _ignored(obj)
    for one in held:
        yield _tag(ref, one, undone=literal(one.tag) not in ignored)


def _tag(ref: Ref, one: Held, *, undone: bool) -> Reminder:
    gone = "it is not ignored any more, somebody undid it" if undone else ""
    return Reminder(
        ref=msgspec.structs.replace(ref, part=one.image),
        text=_told(f"tag {one.tag} of {one.image} is held back", one.by, one.at, one.reason, gone),
        verb="release",
        given={"tag": one.tag},
        since=one.at,
        by=one.by,
        marked=True,
    )


def _ignored(obj: Application | ImageUpdater) -> set[str]:
    """Return the patterns that an object ignores anywhere."""
    if isinstance(obj, Application):
        notes = obj.metadata.annotations or {}
        lists = (value.split(",") for key, value in notes.items() if key.endswith(_IGNORING))
        return {one.strip() for each in lists for one in each}
    return {one for settings in _settings(obj) if settings for one in settings.ignore_tags or ()}


def _settings(obj: ImageUpdater) -> Iterator[UpdateSettings | None]:
    yield obj.spec.common_update_settings if obj.spec else None
    for ref in obj.application_refs:
        yield ref.common_update_settings
        for image in ref.images or ():
            yield image.common_update_settings


def _rollout(ref: Ref, rollout: Rollout) -> Iterator[Reminder]:
    status, spec, name = rollout.status, rollout.spec, rollout.metadata.name
    if status is not None and status.abort and status.aborted_at is not None:
        wanted = ", ".join(rollout.images)
        yield Reminder(
            ref=ref,
            text=_told(
                f"Rollout {name} was left aborted",
                "",
                status.aborted_at,
                "",
                f"{wanted or 'the update'} is still wanted",
            ),
            verb="retry",
            others=("undo",),
            since=status.aborted_at,
        )
    if spec is not None and spec.paused:
        since = _paused(rollout)
        yield Reminder(
            ref=ref,
            text=_told(f"Rollout {name} is paused by hand", "", since, ""),
            verb="resume",
            since=since,
        )


def _paused(rollout: Rollout) -> datetime | None:
    """Return since when a Rollout is paused, where no pause of its own steps is mixed up with it."""
    status = rollout.status
    if status is None or status.pause_conditions:
        return None
    paused = condition(status.conditions, "Paused")
    return paused.last_transition_time if paused is not None and paused.status == "True" else None


def _told(what: str, by: str, at: datetime | None, reason: str, *more: str) -> str:
    """Make one sentence, in one line whatever the objects hold."""
    who, since, why = (
        f" by {by}" if by else "",
        f" since {stamp(at)}" if at else "",
        f" ({reason})" if reason else "",
    )
    line = one_line("; ".join(filter(None, (f"{what}{since}{who}{why}", *more))))
    return f"{line[:1].upper()}{line[1:]}."
