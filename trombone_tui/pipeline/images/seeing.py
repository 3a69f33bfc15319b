"""Whether a list of ignored tags is as it was asked for, and whether Image Updater has looked since."""

from __future__ import annotations

from collections.abc import Callable

from trombone_tui.core.objects.durations import stamp
from trombone_tui.core.objects.image_updater import ImageUpdater
from trombone_tui.core.ports import Refused
from trombone_tui.core.verbs import Judge, Seen, Sight, Whole
from trombone_tui.pipeline.images.checking import guess_words, next_check
from trombone_tui.pipeline.images.holding import Spot


def judge(find: Callable[[Whole], Spot | None], pattern: str, *, ignored: bool) -> Judge:
    """Return what judges whether a pattern is ignored, or is so no longer."""

    def judged(whole: Whole | None) -> Sight:
        if whole is None:
            return Sight(Seen.FAILED, "the object is gone")
        try:
            spot = find(whole)
        except Refused as error:
            return Sight(Seen.FAILED, str(error))
        if spot is None:
            return Sight(Seen.FAILED, "the image is not listed any more")
        if (pattern in spot.ignored) is not ignored:
            return Sight(Seen.NOT_YET, f"{pattern} is {'not ' if ignored else ''}ignored")
        now = f"{pattern} is {'' if ignored else 'no longer '}ignored"
        return _checked(spot.obj, now) if isinstance(spot.obj, ImageUpdater) else Sight(Seen.DONE, now)

    return judged


def _checked(obj: ImageUpdater, now: str) -> Sight:
    """Say whether there was a check with the newest spec; until the next one nothing is amiss."""
    status = obj.status
    if status is None or status.observed_generation is None or status.last_checked_at is None:
        return Sight(Seen.DONE, f"{now}; this Image Updater does not say when it checks")
    if status.observed_generation < (obj.metadata.generation or 0):
        guess = next_check(obj)
        return Sight(Seen.NOT_YET, f"{now}; {guess_words(guess)}" if guess else now)
    return Sight(Seen.DONE, f"{now}, checked on {stamp(status.last_checked_at)}")
