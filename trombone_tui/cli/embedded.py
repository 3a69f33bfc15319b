"""The embedded cluster for ``--demo``: begun at once, waited for when it is needed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from trombone_tui.cli.flags import Demo
from trombone_tui.core.ports import Refused
from trombone_tui.demo.child import DemoChild, spawn_demo

Kubeconfig = Callable[[], Awaitable[str | None]]
"""Waits for the embedded cluster's kubeconfig; None is the user's own."""


@asynccontextmanager
async def embedded(demo: Demo | None) -> AsyncIterator[Kubeconfig]:
    """Have the embedded cluster while the context lasts, if it was asked for.

    It starts while the caller goes on with its own imports. What is yielded raises
    ``Refused`` if it can't be started.
    """
    if demo is None:
        yield _own
        return
    starting = asyncio.create_task(spawn_demo(demo.scenario, speed=demo.speed, seed=demo.seed))
    await asyncio.sleep(0)  # the process is there from here on

    async def kubeconfig() -> str:
        return str((await asyncio.shield(starting)).kubeconfig)

    try:
        yield kubeconfig
    finally:
        starting.cancel()
        await _stop(starting)


async def _own() -> None:
    return None


async def _stop(starting: asyncio.Task[DemoChild]) -> None:
    with suppress(asyncio.CancelledError, Refused):
        await (await starting).stop()
