"""Judges how far a stage's items of one cluster can be trusted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from trombone_tui.core.ports import Denied, NotInstalled, PortError, State
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
    denials = [error for error in errors if isinstance(error, Denied)]
    absent = list(dict.fromkeys(error.resource for error in errors if isinstance(error, NotInstalled)))
    whats = [*_denied(denials)]
    if absent:
        whats.append(f"{_listed(absent)} {'are' if len(absent) > 1 else 'is'} not installed on this cluster")
    whats += [str(error) for error in errors if not isinstance(error, Denied | NotInstalled)]
    advice = next((error.advice for error in (*denials, *errors) if error.advice), "")
    if len(denials) > 1:
        advice = "ask for these rights, or choose namespaces with -n"
    said = _listed(list(dict.fromkeys(whats)), "; ")
    return "; ".join(filter(None, (said, advice, *dict.fromkeys(notes))))


def _denied(errors: Sequence[Denied]) -> Iterator[str]:
    """Say what may not be done: one clause for what is alike."""
    resources: dict[tuple[str, str | None], dict[str, None]] = {}
    for error in errors:
        resources.setdefault((error.verb, error.namespace), {})[error.resource] = None
    places: dict[tuple[str, tuple[str, ...]], list[str | None]] = {}
    for (verb, namespace), found in resources.items():
        places.setdefault((verb, tuple(found)), []).append(namespace)
    for (verb, denied), namespaces in places.items():
        named = [namespace for namespace in namespaces if namespace is not None]
        where = f"in namespace{'s' * (len(named) > 1)} {_listed(named)}" if named else "in all namespaces"
        yield f"may not {verb} {_listed(denied)} {where}"


def _listed(words: Sequence[str], between: str = ", ") -> str:
    """Name the first few and count the others."""
    rest = len(words) - _MOST
    return between.join(words[:_MOST]) + (f" and {rest} more" if rest > 0 else "")
