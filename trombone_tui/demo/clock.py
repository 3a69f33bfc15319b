"""Demo time: as long as real time, or faster."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Time that starts at a given moment and runs ``speed`` times as fast as real time."""

    def __init__(self, speed: float = 1.0, start: datetime | None = None) -> None:
        if speed <= 0:
            raise ValueError(f"a clock's speed must be above 0, not {speed}")
        if start is not None and start.tzinfo is None:
            raise ValueError("a clock must start at an aware time, not a naive one")
        self.speed = speed
        self._start = (start or datetime.now(UTC)).astimezone(UTC)
        self._began = time.monotonic()

    def now(self) -> datetime:
        """Return the demo time, in UTC."""
        return self._start + timedelta(seconds=(time.monotonic() - self._began) * self.speed)

    def stamp(self) -> str:
        """Return the demo time as Kubernetes writes it: ``2026-11-23T17:42:10Z``."""
        return stamp(self.now())

    async def sleep(self, seconds: float) -> None:
        """Wait for so many demo seconds."""
        await asyncio.sleep(max(0.0, seconds) / self.speed)


def stamp(moment: datetime) -> str:
    """Write an aware time as Kubernetes does: RFC 3339, whole seconds, ``Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
