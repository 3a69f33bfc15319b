"""Why a verb can't help a Rollout now, from the watched object; only what is certain greys a verb.

What Argo CD greys: ``argo-cd@v3.5.1:resource_customizations/argoproj.io/Rollout/actions/discovery.lua``.
"""

from __future__ import annotations

from trombone_tui.core.around import Around
from trombone_tui.core.objects.argo_rollouts import Rollout
from trombone_tui.core.objects.basics import Ref
from trombone_tui.pipeline.rollout.verbs.effects import ABORTED
from trombone_tui.pipeline.rollout.verbs.view import View

_NEW = "its controller has not looked at it yet"


def never(_rollout: Rollout, _ref: Ref, _around: Around) -> str:
    """Block nothing."""
    return ""


def promotion(rollout: Rollout, ref: Ref, _around: Around) -> str:
    """Say why nothing can be promoted, not even fully."""
    of = View(ref, rollout)
    if rollout.status is None:
        return _NEW
    if of.by_hand or of.pauses or not of.seen:
        return ""
    if of.promoted:
        return "already fully promoted"
    first = of.status.current_pod_hash and not of.status.stable_rs and not of.status.abort
    return "nothing is paused and no step runs: it is its first version" if first else ""


def pausing(rollout: Rollout, ref: Ref, _around: Around) -> str:
    """Say why it can't be paused."""
    return "already paused by hand" if View(ref, rollout).by_hand else ""


def resuming(rollout: Rollout, ref: Ref, _around: Around) -> str:
    """Say why there is nothing to resume."""
    of = View(ref, rollout)
    return "" if of.by_hand or of.pauses else "nothing is paused"


def aborting(rollout: Rollout, ref: Ref, _around: Around) -> str:
    """Say why there is nothing to abort."""
    of = View(ref, rollout)
    if rollout.status is None:
        return _NEW
    if of.promoted:
        return "already fully promoted"
    return "already aborted" if of.seen and of.status.abort and of.phase == "Degraded" else ""


def retrying(rollout: Rollout, ref: Ref, _around: Around) -> str:
    """Say why there is nothing to retry."""
    of = View(ref, rollout)
    swallowed = of.status.abort is False and of.message.startswith(ABORTED)
    return "" if of.status.abort or swallowed else "not aborted"


def undoing(rollout: Rollout, ref: Ref, _around: Around) -> str:
    """Say why there is nothing to go back to."""
    of = View(ref, rollout)
    return "there is no revision before this one" if of.revision == 1 else ""


def remeasuring(rollout: Rollout, ref: Ref, _around: Around) -> str:
    """Say why there is nothing to measure again."""
    of = View(ref, rollout)
    if not of.undecided:
        return "no inconclusive analysis holds it"
    return "paused by hand: resume it first" if of.by_hand else ""
