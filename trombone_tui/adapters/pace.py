"""How long everything may take while kinds are followed, and how long to wait before the next attempt."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from trombone_tui.core.ports import Denied, NotInstalled, PortError, Unreachable


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long everything may take; in seconds, but for ``page`` and ``looks``."""

    page: int = 500
    """Objects a page."""
    watch: float = 300.0
    """A watch ends by itself after once to twice this time, so that not all end at the same moment."""
    silence: float = 100.0
    """A connection that says nothing for so long is dead: servers send a bookmark about each minute."""
    quiet: float = 20.0
    """When no watch of a server has brought anything for so long, one is asked for once more."""
    pulse: float = 5.0
    """How soon it has to answer that."""
    probe: float = 1.0
    """How often a server that can't be reached is tried, by one request for all that is followed there."""
    answer: float = 30.0
    """How long a server may take to begin an answer."""
    first_word: float = 10.0
    """A streaming list that is silent for so long is none."""
    settled: float = 0.5
    """A watch that stands for so long after trouble is contact, also if it says nothing."""
    lived: float = 5.0
    """A watch that stood for so long makes the next wait short again."""
    first_wait: float = 0.8
    longest_wait: float = 30.0
    look_again: float = 30.0
    """How often a kind that is not installed is looked for at first."""
    looks: int = 20
    """After so many it is looked for a quarter as often."""
    ask_again: float = 60.0
    """How soon what was forbidden is asked for again, at the earliest."""
    random: Callable[[], float] = random.random

    def wait(self, failures: int, error: PortError | None, *, seen: bool = False) -> float:
        """Return how long to wait after so many attempts in a row that came to nothing.

        What was ``seen`` before, and is suddenly forbidden or not installed, may be back in a moment: a
        server that has just started refuses what it will allow, and definitions are replaced.
        """
        if isinstance(error, NotInstalled | Denied):
            soon = self.first_wait * 2.0 ** min(failures - 1, 30) if seen else float("inf")
            if isinstance(error, NotInstalled):
                often = self.look_again if failures <= self.looks else 4 * self.look_again
                return min(often, soon) * (0.75 + self.random() / 2)
            return min(self.ask_again, soon) * (1 + self.random() / 2)
        if failures == 0:
            return 0.0
        wait = self.random() * min(self.longest_wait, self.first_wait * 2.0 ** min(failures - 1, 30))
        asked = error.retry_after if isinstance(error, Unreachable) else None
        return wait if asked is None else asked + wait
