"""What somebody could do about a Rollout: verbs as the official command line spells them.

Which verb does what: ``argo-rollouts@v1.9.1:pkg/kubectl-argo-rollouts/cmd``. ``resume`` is Argo CD's word;
the command line's ``promote`` would skip a step as well.
"""

from __future__ import annotations

from trombone_tui.pipeline.rollout.pause import BLUE_GREEN, MANUAL
from trombone_tui.pipeline.rollout.phase import UNOBSERVED, UNPAUSING, WORKLOAD_UNOBSERVED
from trombone_tui.pipeline.rollout.progress import Progress
from trombone_tui.pipeline.rollout.wording import named

_GOES_ON = "promote goes on, abort goes back"


def verb(of: Progress, *, stuck: bool) -> str:
    """Say what would help; empty where nothing has to be done or no verb does it.

    ``stuck`` is whether pods can't run and another version of them may.
    """
    phase = of.standing.phase
    if of.rollout.status is None or of.standing.message in (UNOBSERVED, UNPAUSING, WORKLOAD_UNOBSERVED):
        return ""
    if phase == "Paused":
        return _held(of, stuck=stuck)
    if phase == "Degraded":
        return _degraded(of)
    return _back(of) if phase == "Progressing" and stuck else ""


def _held(of: Progress, *, stuck: bool) -> str:
    pause = of.pause
    if of.spec.paused:
        return "resume lets it go on" if pause is None or pause.kind == MANUAL else ""
    if pause is None:
        return ""
    if pause.timed and pause.duration is not None:
        return _back(of) if stuck else ""
    if pause.kind == BLUE_GREEN:
        return "promote switches, abort gives it up"
    return _GOES_ON


def _degraded(of: Progress) -> str:
    message = of.standing.message or ""
    if message.startswith("RolloutAborted") and of.status.abort is False:
        return ""  # a retry is under way
    if of.status.abort or message.startswith("RolloutAborted"):
        return "retry starts it again, undo takes the change back"
    if message.startswith("InvalidSpec"):
        return ""
    return _back(of)


def _back(of: Progress) -> str:
    """Go back: by ``abort`` while the former version is there, by ``undo`` when it was replaced."""
    if of.new is not None and of.stable is not None:
        return f"abort goes back to {named(of.changed[0], 'the stable version')}"
    revision = of.rollout.metadata.annotation("rollout.argoproj.io/revision")
    return "undo goes back to the revision before" if revision not in ("", "1") else ""
