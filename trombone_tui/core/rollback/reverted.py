"""Whether the source of an Application asks for the bad version no more, as far as objects tell."""

from __future__ import annotations

from trombone_tui.core.objects.phrases import short_revision
from trombone_tui.core.rollback.moves import Way
from trombone_tui.core.rollback.places import Place
from trombone_tui.core.rollback.plan import State


def gone(of: Place) -> bool:
    """Say whether none of its Rollouts has the bad version any more."""
    return all(one.way is Way.GONE for one in of.moves)


def reverted(of: Place) -> tuple[State, str]:
    """Say whether the source does not ask for the bad version any more."""
    now, then = short_revision(of.revision), short_revision(of.brought_by)
    if not now:
        return State.YOURS, "which revision its source is at is not known"
    if gone(of):
        if of.synced:
            return State.DONE, f"its source is at {now}, and that is what is deployed"
        if now == then:
            return (
                State.YOURS,
                f"its source is still at {now}, which brought it: the next sync brings it again",
            )
        return State.YOURS, f"its source is at {now}, which is not what is deployed: look what it asks for"
    if then and now != then and not of.synced and of.differs():
        return State.DONE, f"likely: its source went from {then} to {now}, and the Rollout differs from that"
    return State.YOURS, f"its source is at {now}, and the Rollout is as that says"


def first(of: Place) -> str:
    """Say why nothing may be synced before the source is reverted."""
    what = "it would be deployed again" if gone(of) else "a sync now changes nothing"
    return f"take the bad version out of the source first: {what}"
