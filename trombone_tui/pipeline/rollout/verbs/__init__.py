"""What can be done to a Rollout, as the official command line and Argo CD spell it."""

from __future__ import annotations

from trombone_tui.core.objects.argo_rollouts import ROLLOUT
from trombone_tui.core.verbs import Given, Option, Sort, Verb
from trombone_tui.pipeline.rollout.verbs import blocked
from trombone_tui.pipeline.rollout.verbs.aborts import abort, retry
from trombone_tui.pipeline.rollout.verbs.image import IMAGE, set_image
from trombone_tui.pipeline.rollout.verbs.pauses import pause, remeasure, resume
from trombone_tui.pipeline.rollout.verbs.promotion import FULL, SKIP, SKIP_ALL, promote
from trombone_tui.pipeline.rollout.verbs.restart import restart
from trombone_tui.pipeline.rollout.verbs.undo import REVISION, undo

_STATUS = (("patch", "status"),)
_SPEC = (("patch", ""),)


def _always(_: Given) -> bool:
    return True


def _far(given: Given) -> bool:
    return bool(given.get(FULL) or given.get(SKIP_ALL))


ROLLOUT_VERBS = (
    Verb(
        name="promote",
        kind=ROLLOUT,
        about="Go on from a pause, or skip the step that runs.",
        plan=promote,
        blocked=blocked.promotion,
        rights=_STATUS,
        options=(
            Option(name=FULL, about="promote fully: skip every step, pause and analysis that is left"),
            Option(name=SKIP, about="skip the step that runs, paused or not"),
            Option(name=SKIP_ALL, about="skip all steps that are left"),
        ),
        key="P",
        dangerous=_far,
    ),
    Verb(
        name="abort",
        kind=ROLLOUT,
        about="Give an update up: all traffic goes back to the stable version.",
        plan=abort,
        blocked=blocked.aborting,
        rights=_STATUS,
        key="A",
        dangerous=_always,
    ),
    Verb(
        name="undo",
        kind=ROLLOUT,
        about="Go back to the revision before, or to one that is named.",
        plan=undo,
        blocked=blocked.undoing,
        rights=_SPEC,
        options=(
            Option(
                name=REVISION, about="the revision to go back to; without it the one before", sort=Sort.NUMBER
            ),
        ),
        key="U",
        dangerous=_always,
    ),
    Verb(
        name="retry",
        kind=ROLLOUT,
        about="Start an aborted update again from its first step.",
        plan=retry,
        blocked=blocked.retrying,
        rights=_STATUS,
    ),
    Verb(
        name="pause",
        kind=ROLLOUT,
        about="Hold an update by hand, wherever it is.",
        plan=pause,
        blocked=blocked.pausing,
        rights=_SPEC,
    ),
    Verb(
        name="resume",
        kind=ROLLOUT,
        about="Take a pause by hand back, without skipping anything.",
        plan=resume,
        blocked=blocked.resuming,
        rights=_SPEC,
    ),
    Verb(
        name="remeasure",
        kind=ROLLOUT,
        about="Measure a step again whose analysis could not decide.",
        plan=remeasure,
        blocked=blocked.remeasuring,
        rights=_STATUS,
    ),
    Verb(
        name="restart",
        kind=ROLLOUT,
        about="Replace all pods, a few at a time.",
        plan=restart,
        blocked=blocked.never,
        rights=_SPEC,
    ),
    Verb(
        name="set",
        noun="image",
        kind=ROLLOUT,
        about="Write another image into the template.",
        plan=set_image,
        blocked=blocked.never,
        rights=_SPEC,
        options=(
            Option(
                name=IMAGE,
                about="CONTAINER=IMAGE; * stands for every container",
                sort=Sort.TEXT,
                required=True,
                several=True,
            ),
        ),
        dangerous=_always,
        bulk=False,
    ),
)
"""In the order of the action menu."""
