"""Judges how far a stage's items of one cluster can be trusted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from trombone_tui.core.ports import Denied, PortError, State
from trombone_tui.core.snapshot import PanelState
from trombone_tui.live.scope import Scope

_MOST = 3
"""Reasons that are named; more are counted."""
_ORDER = (State.STALE, State.LIVE, State.UNREACHABLE, State.DENIED, State.NOT_INSTALLED)
"""Of several states the first of these is the panel's: one live kind makes a panel live."""


def judge(
    cluster: str,
    rows: Sequence[Scope],
    others: Sequence[Scope],
    *,
    before: PanelState | None,
    now: datetime,
    notes: Sequence[str] = (),
) -> PanelState:
    """Return a panel's state.

    It is connecting until everything its rows are made of is there, or known not to come; what is missing
    of a live panel is named in its reason.

    Args:
        cluster: The cluster's name.
        rows: The kinds whose objects are rows.
        others: The kinds that rows are told more by.
        before: What was judged last; returned again if nothing is different.
        now: The time.
        notes: What else the user should know.
    """
    everything = (*rows, *others)
    if any(scope.state is State.CONNECTING for scope in everything):
        state = State.CONNECTING
    else:
        states = {scope.state for scope in rows or others}
        state = next((one for one in _ORDER if one in states), State.LIVE)
    reason = _reason([scope.error for scope in everything if scope.error is not None], notes)
    since: datetime | None = now
    if state is State.STALE:
        since = min((s.heard for s in rows or others if s.state is State.STALE and s.heard), default=now)
    elif before is not None and before.state is state:
        since = before.since
    if before is not None and (before.state, before.reason, before.since) == (state, reason, since):
        return before
    return PanelState(cluster=cluster, state=state, reason=reason, since=since)


def _reason(errors: Sequence[PortError], notes: Iterable[str]) -> str:
    """Say what is missing, each thing once, and what to do about the first."""
    whats = list(dict.fromkeys(str(error) for error in errors))
    named = ", ".join(whats[:_MOST])
    if len(whats) > _MOST:
        named += f" and {len(whats) - _MOST} more"
    advice = next((error.advice for error in errors if error.advice), "")
    if len(whats) > 1 and all(isinstance(error, Denied) for error in errors):
        advice = "ask for these rights, or choose namespaces with -n"
    return "; ".join(filter(None, (named, advice, *dict.fromkeys(notes))))
