"""The embedded cluster for ``--demo``: begun at once, waited for when it is needed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from trombone_tui.cli.flags import Demo
from trombone_tui.core.ports import Refused
from trombone_tui.demo.child import DemoChild, spawn_demo

REGISTRY = "registry.example"
"""The registry in the names of the embedded cluster's images."""


def now() -> datetime:
    """Return the real time, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Served:
    """Where the cluster is, what time it is there, and where registries are that are not where they say."""

    kubeconfig: str | None = None
    """None is the user's own."""
    registries: Mapping[str, str] = field(default_factory=dict)
    """URLs by host."""
    clock: Callable[[], datetime] = now
    """The time by which the cluster's objects are dated."""


Serving = Callable[[], Awaitable[Served]]
"""Waits for the embedded cluster."""


@asynccontextmanager
async def embedded(demo: Demo | None) -> AsyncIterator[Serving]:
    """Have the embedded cluster while the context lasts, if it was asked for.

    It starts while the caller goes on with its own imports. What is yielded raises
    ``Refused`` if it can't be started.
    """
    if demo is None:
        yield _own
        return
    starting = asyncio.create_task(spawn_demo(demo.scenario, speed=demo.speed, seed=demo.seed))
    await asyncio.sleep(0)  # the process is there from here on

    async def serving() -> Served:
        child = await asyncio.shield(starting)
        return Served(str(child.kubeconfig), {REGISTRY: child.registry}, child.clock.now)

    try:
        yield serving
    finally:
        starting.cancel()
        await _stop(starting)


async def _own() -> Served:
    return Served()


async def _stop(starting: asyncio.Task[DemoChild]) -> None:
    with suppress(asyncio.CancelledError, Refused):
        await (await starting).stop()
