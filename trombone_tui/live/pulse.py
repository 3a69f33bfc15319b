"""How busy controllers are, as far as their objects are followed: by when these were seen to change.

A controller that has many objects to see to takes longer for a round, at whose end it may put its own copy
over what somebody wrote (``argo-rollouts@v1.9.1:rollout/controller.go``, writeBackToInformer).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

import msgspec

from trombone_tui.core.objects.basics import Kind, Ref

_MANY = 4
"""Objects of a kind that change at the same time, from which on their controller counts as busy."""
_LATELY = 2.0
"""Seconds for which a change is one of the same time."""
_LEAST, _LONGER = 0.8, 1.5
"""Seconds that a busy controller's round takes at least; how much longer it is taken to be than was seen."""
_CHAIN = 2.0
"""Seconds between two writes, up to which they are taken for those of two rounds in a row."""
_KEPT = 5


class Pulse:
    """Keeps the moments at which the objects of one kind in one cluster changed last."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Get ready to be told of objects; ``clock`` gives seconds."""
        self._clock, self._listed = clock, False
        self._moments: dict[Ref, tuple[float, ...]] = {}

    def put(self, _: Kind, ref: Ref, __: object) -> None:
        """Note a change; what is listed at first is none."""
        moments = self._moments.get(ref, ())
        self._moments[ref] = (*moments[1 - _KEPT :], self._clock()) if self._listed else moments

    def drop(self, _: Kind, ref: Ref) -> None:
        """Note that an object is gone."""
        self._moments.pop(ref, None)

    def see(self, _: Kind, visible: bool, *, narrowed: bool = False) -> None:
        """Note whether what is told from now on are changes."""
        self._listed = visible or narrowed

    def refs(self, _: Kind) -> Iterable[Ref]:
        """Name the objects that it was told of."""
        return self._moments

    def round_of(self, ref: Ref) -> float:
        """Return how long the controller may take for a round with an item's object, in seconds.

        That is 0 where few others of the kind have changed lately, for then it is quick.
        """
        now = self._clock()
        if sum(now - moments[-1] <= _LATELY for moments in self._moments.values() if moments) < _MANY:
            return 0.0
        moments = self._moments.get(msgspec.structs.replace(ref, part=""), ())
        gap = 0.0
        for before, after in zip(reversed(moments[:-1]), reversed(moments[1:]), strict=True):
            if after - before > _CHAIN:
                break
            gap = max(gap, after - before)
        return max(_LEAST, gap * _LONGER)


Pulses = Mapping[tuple[str, str], Pulse]
"""By a cluster's and a kind's name."""
