"""Story time: actions in order of their moments, run ahead at once or as time passes."""

from __future__ import annotations

import asyncio
import heapq
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

from trombone_tui.demo.clock import Clock

Action = Callable[[], object]
"""What happens; what it returns does not matter."""


class StoryClock(Clock):
    """A clock that stands still where it is held, so that what an action writes has the action's time."""

    def __init__(self, speed: float = 1.0, start: datetime | None = None) -> None:
        super().__init__(speed, start)
        self._held: datetime | None = super().now()

    def now(self) -> datetime:
        """Return the moment the clock is held at, or the running time."""
        return self._held if self._held is not None else super().now()

    def hold(self, moment: datetime | None) -> None:
        """Stand still at a moment; None lets time run on as if it had never stood still."""
        self._held = moment

    def run_from(self, moment: datetime) -> None:
        """Let time run, beginning with this moment."""
        self._held, self._start, self._began = None, moment, time.monotonic()


class Schedule:
    """What will happen, in order. Actions of the same moment run in the order they were planned."""

    def __init__(self, clock: StoryClock) -> None:
        self.clock = clock
        self._heap: list[tuple[datetime, int, Action]] = []
        self._order = count()
        self._sooner = asyncio.Event()

    def at(self, moment: datetime, action: Action) -> None:
        """Plan an action for a moment; one in the past comes next."""
        if not self._heap or moment < self._heap[0][0]:
            self._sooner.set()
        heapq.heappush(self._heap, (moment, next(self._order), action))

    def after(self, seconds: float, action: Action) -> None:
        """Plan an action for so many story seconds from now."""
        self.at(self.clock.now() + timedelta(seconds=seconds), action)

    def run_until(self, moment: datetime) -> None:
        """Run everything up to a moment, without waiting; the clock then stands at that moment."""
        while self._heap and self._heap[0][0] <= moment:
            self._run_next()
        self.clock.hold(moment)

    async def play(self) -> None:
        """Run every action when its time has come, for ever; the clock must be running."""
        while True:
            self._sooner.clear()
            if not self._heap:
                await self._sooner.wait()
                continue
            wait = (self._heap[0][0] - self.clock.now()).total_seconds() / self.clock.speed
            if wait > 0:
                try:
                    async with asyncio.timeout(wait):
                        await self._sooner.wait()
                except TimeoutError:
                    pass
                continue
            self._run_next()
            self.clock.hold(None)
            await asyncio.sleep(0)

    def _run_next(self) -> None:
        moment, _, action = heapq.heappop(self._heap)
        self.clock.hold(moment)
        action()
