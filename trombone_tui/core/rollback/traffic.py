"""The first step: users get the version before again, at once and without git."""

from __future__ import annotations

from trombone_tui.core.objects.argo_rollouts import ROLLOUT
from trombone_tui.core.rollback.moves import Move, Way
from trombone_tui.core.rollback.plan import Does, May, RollbackStep, State, permitted
from trombone_tui.core.writes import Right

_WHY = "It sends all traffic back to {good} within a second, whatever git says."
_BY = (
    "Nobody: it is written to the status, which Argo CD does not put back. But retry, or any change of the "
    "Rollout's template or steps, starts {bad} again while that is still wanted."
)
_STOP = "Users get {good}; the Rollout stays Degraded, and {bad} is still what git asks for."


def abort(of: Move, bad: str, good: str, may: May) -> RollbackStep:
    """Plan to abort an update that is on its way."""
    meta = of.rollout.metadata
    right = Right(verb="patch", kind=ROLLOUT, namespace=meta.namespace, subresource="status")
    state, reason = _state(of, may, right)
    words = {"bad": bad or "the new version", "good": good or "the version before"}
    return RollbackStep(
        title=f"abort Rollout {meta.name}",
        why=_WHY.format(**words),
        state=state,
        reason=reason,
        does=Does(stage="rollout", kind="Rollout", ref=of.ref, name="abort"),
        command=f"kubectl argo rollouts abort {meta.name} -n {meta.namespace}",
        undone_by=_BY.format(**words),
        stop=_STOP.format(**words)
        if of.way is not Way.EVERYWHERE
        else f"Nothing has changed: users get {words['bad']}.",
        right=right,
    )


def _state(of: Move, may: May, right: Right) -> tuple[State, str]:
    status = of.rollout.status
    if of.way is Way.GONE:
        return State.DONE, "what is to go is not on its way any more"
    if of.way is Way.EVERYWHERE:
        return State.DONE, "there is nothing to abort: the version is fully promoted"
    if of.way is Way.ABORTED:
        at = status.aborted_at if status else None
        if at is not None or (status and status.phase == "Degraded"):
            return State.DONE, "it is aborted"
        asked = "an abort is asked for, and its controller has not taken it up yet"
        state, reason = permitted(may, right)
        return state, asked if state is State.NOW else reason
    return permitted(may, right)
