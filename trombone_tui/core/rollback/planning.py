"""Works out which steps bring a service back, and puts them in order."""

from __future__ import annotations

from collections.abc import Sequence

from trombone_tui.core.objects.apps import REPLICA_SET
from trombone_tui.core.objects.argo_cd import APPLICATION
from trombone_tui.core.objects.argo_rollouts import ROLLOUT, Rollout
from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.objects.image_names import ImageName
from trombone_tui.core.objects.image_updater import IMAGE_UPDATER
from trombone_tui.core.ports import Refused
from trombone_tui.core.rollback.ending import sync, verify
from trombone_tui.core.rollback.history import on_again
from trombone_tui.core.rollback.known import Known
from trombone_tui.core.rollback.moves import Move, Way, move
from trombone_tui.core.rollback.notes import notes
from trombone_tui.core.rollback.places import Follower, followers, held_tags, places
from trombone_tui.core.rollback.plan import May, RollbackPlan
from trombone_tui.core.rollback.source import revert, revert_unseen
from trombone_tui.core.rollback.tags import hold, unseen
from trombone_tui.core.rollback.traffic import abort
from trombone_tui.core.service import Service


def plan_rollback(service: Service, known: Known, may: May) -> RollbackPlan:
    """Work out how a service goes back so that it stays; nothing is written.

    Args:
        service: What is to go back.
        known: What is known of its cluster: ``Readers`` of the stage readers.
        may: What the user may do; asked for each step.

    Raises:
        Refused: there is nothing to go back from or to, or it can't be seen.
    """
    follows = followers(service, known)
    moves = _moves(service, known, follows)
    bad, good = _images(moves, bad=True), _images(moves, bad=False)
    near = [one for one in follows if any(one.follows(image.join) for image in bad)]
    where = places(service, moves, known)
    seen = known.visible(IMAGE_UPDATER)
    steps = [
        *(abort(one, *_told(one), may) for one in moves),
        *(
            hold(one, image, service.name, known, may)
            for one in near
            for image in bad
            if one.follows(image.join)
        ),
        *([unseen()] if not near and not seen and bad else []),
        *(revert(one, bad, good, near, known, may) for one in where),
        *(
            revert_unseen(one, visible=known.visible(APPLICATION))
            for one in moves
            if not any(one in place.moves for place in where)
        ),
        *(sync(one, may) for one in where),
        *(on_again(one, may) for one in where if one.left_off),
        verify(moves, where, near, bad, seen=seen or bool(near)),
    ]
    return RollbackPlan(
        service=service.name,
        cluster=service.cluster,
        bad=", ".join(dict.fromkeys(filter(None, (_told(one)[0] for one in moves)))),
        good=", ".join(dict.fromkeys(filter(None, (_told(one)[1] for one in moves)))),
        steps=tuple(steps),
        notes=tuple(notes(moves, where, near, known)),
    )


def _moves(service: Service, known: Known, follows: Sequence[Follower]) -> list[Move]:
    """Return the Rollouts that are to go back: those with an update that is on its way before all others."""
    hop = service.hops.get("rollout")
    refs = sorted(hop.refs) if hop else []
    if not refs:
        why = (
            "it has no Rollout"
            if known.visible(ROLLOUT)
            else "its Rollouts can't be seen (rollouts.argoproj.io)"
        )
        raise Refused(f"{service.name}: {why}, so no way back can be worked out")
    held = held_tags(follows)
    found = [one for ref in refs if (one := move(ref, known, held)) is not None]
    for ways in ((Way.COMING, Way.ABORTED), (Way.GONE,), (Way.EVERYWHERE,)):
        if chosen := [one for one in found if one.way in ways]:
            return chosen
    raise Refused(f"{service.name}: {_nothing(refs, known)}", advice="undo goes to a revision that you name")


def _nothing(refs: Sequence[Ref], known: Known) -> str:
    found = [one for ref in refs if isinstance(one := known.watched(ref), Rollout)]
    if not any(one.status and one.status.current_pod_hash for one in found):
        return "its Rollout has no status that can be read"
    if not known.visible(REPLICA_SET):
        return "its earlier versions can't be seen (replicasets.apps)"
    return "no earlier version is kept that served well, so there is nothing to go back to"


def _images(moves: Sequence[Move], *, bad: bool) -> list[ImageName]:
    return list(dict.fromkeys(image for one in moves for image in (one.bad if bad else one.good)))


def _told(of: Move) -> tuple[str, str]:
    return of.told(of.bad, of.bad_set), of.told(of.good, of.good_set)
