"""What a user may do, as far as it was asked: answers are kept a minute and asked for in the background."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from trombone_tui.core.ports import Cluster, PortError
from trombone_tui.core.writes import Right

_BELIEVED = 60.0
"""Seconds an answer is believed; after that it stands until there is a newer one."""
_AGAIN = 5.0
"""Seconds until an API server is asked again that gave no answer."""


@dataclass(slots=True)
class _Known:
    allowed: bool | None = None
    until: float = 0.0
    asking: bool = False


class Allowing:
    """Answers at once with what is known of rights."""

    def __init__(self, *, changed: Callable[[], None], tasks: set[asyncio.Task[None]]) -> None:
        """Get ready.

        Args:
            changed: Called when an answer came that is another.
            tasks: Where what runs is kept until it has come to its end.
        """
        self._changed, self._tasks = changed, tasks
        self._known: dict[tuple[str, Right], _Known] = {}

    @property
    def answered(self) -> bool:
        """Whether no question is open."""
        return not any(known.asking for known in self._known.values())

    def may(self, cluster: Cluster, right: Right) -> bool | None:
        """Return whether something is allowed; None while that is not known, and then it is asked."""
        known = self._known.setdefault((cluster.name, right), _Known())
        if not known.asking and time.monotonic() >= known.until:
            known.asking = True
            task = asyncio.create_task(self._ask(cluster, right, known), name=f"may {right}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return known.allowed

    async def _ask(self, cluster: Cluster, right: Right, known: _Known) -> None:
        before = known.allowed
        try:
            known.allowed = await may(cluster, right)
            known.until = time.monotonic() + _BELIEVED
        except PortError:
            known.until = time.monotonic() + _AGAIN
        finally:
            known.asking = False
        if known.allowed != before:
            self._changed()


async def may(cluster: Cluster, right: Right) -> bool:
    """Ask whether something is allowed.

    Raises:
        PortError: there is no answer.
    """
    return await cluster.may(right.verb, right.about, right.namespace or None)


async def missing(cluster: Cluster, rights: Iterable[Right]) -> tuple[Right, ...]:
    """Return those of some rights that the user has not, each once.

    Raises:
        PortError: there is no answer.
    """
    wanted = tuple(dict.fromkeys(rights))
    answers = await asyncio.gather(*(may(cluster, right) for right in wanted))
    return tuple(right for right, allowed in zip(wanted, answers, strict=True) if not allowed)
