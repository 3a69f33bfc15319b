"""What else has to be said of a plan: what can't be seen, what is odd, which shortcut does not last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trombone_tui.core.objects.image_updater import IMAGE_UPDATER
from trombone_tui.core.rollback.known import Known
from trombone_tui.core.rollback.moves import Move, Way
from trombone_tui.core.rollback.places import Follower, Place


def notes(
    moves: Sequence[Move], where: Sequence[Place], near: Sequence[Follower], known: Known
) -> Iterator[str]:
    """Say what is to be known of a plan besides its steps, in sentences."""
    if any(one.way is Way.GONE for one in moves):
        yield "It was taken back already; what is not done below keeps it from coming again."
    if any(one.way is Way.EVERYWHERE for one in moves):
        yield "It is fully promoted, so there is nothing to abort: users get it until the last step is done."
    for one in moves:
        yield from _versions(one)
    if not near and known.visible(IMAGE_UPDATER):
        yield "Nothing is seen that follows the image, so no tag has to be held."
    for place in where:
        yield from _deployed(place)


def _versions(of: Move) -> Iterator[str]:
    if not of.bad:
        same = "both versions have the same images: what differs stands elsewhere in the template"
        told = same if of.bad_set and of.good_set else "its versions can't be seen (replicasets.apps)"
        yield f"Rollout {of.name}: {told}; there is no tag to hold."
    elif not of.good:
        yield f"What comes back for Rollout {of.name} can't be seen (replicasets.apps)."


def _deployed(of: Place) -> Iterator[str]:
    if of.heals:
        yield (
            f"undo is no way here: Application {of.name} heals itself and puts the bad version back within "
            "2 s, at the cost of two more revisions."
        )
    if any(one.way is Way.ABORTED for one in of.moves) and of.synced:
        yield f"Application {of.name} is Synced to the bad version: an abort changes nothing in git."
