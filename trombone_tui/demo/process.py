"""The embedded cluster as one process: API server, Prometheus, registry, and the story they tell."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from trombone_tui.demo.faults import Faults
from trombone_tui.demo.loopback import Loopback
from trombone_tui.demo.prometheus import Prometheus
from trombone_tui.demo.registry import Registry
from trombone_tui.demo.scenarios import scenario_named
from trombone_tui.demo.server import ApiServer
from trombone_tui.demo.store import Store
from trombone_tui.demo.story import hook
from trombone_tui.demo.story.play import Story
from trombone_tui.demo.story.schedule import StoryClock
from trombone_tui.demo.story.services import CI
from trombone_tui.demo.story.world import Places
from trombone_tui.demo.webhook import webhook

Announce = Callable[[dict[str, str]], None]


async def run(
    *,
    scenario: str = "day",
    speed: float = 1.0,
    seed: int = 1,
    rate: float | None = None,
    kubeconfig: Path | None = None,
    announce: Announce,
    until: Awaitable[None] | None = None,
) -> None:
    """Serve a scenario on 127.0.0.1 until it is told to end.

    ``announce`` is called once, when everything answers, with ``kubeconfig`` (a path), ``api``,
    ``prometheus`` and ``registry`` (URLs), and with ``began``, a moment of real time, and ``start``, what
    time it was then in the story. The kubeconfig holds a random token; it is written for its owner
    only, to ``kubeconfig`` or into a private directory, and removed at the end. The end comes with
    ``until`` (see ``parent_gone``), or with SIGINT or SIGTERM. ``rate`` is the number of changes a second
    of the scenario ``big``.
    """
    async with AsyncExitStack() as stack:
        served, works = await _serve(stack, scenario, speed=speed, seed=seed, rate=rate)
        path = _write(stack, served.pop("config"), kubeconfig)
        end = _signalled(stack)
        announce({"kubeconfig": str(path), **served})
        waits: list[asyncio.Future[Any]] = [asyncio.ensure_future(end.wait())]
        if until is not None:
            waits.append(asyncio.ensure_future(until))
        try:
            await asyncio.wait([*waits, *works], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()
        for work in works:
            if work.done():
                work.result()


async def _serve(
    stack: AsyncExitStack, name: str, *, speed: float, seed: int, rate: float | None
) -> tuple[dict[str, str], list[asyncio.Task[None]]]:
    """Play the story up to now, then serve it; return where, the kubeconfig's text, and what goes on."""
    scenario = scenario_named(name)
    clock = StoryClock(speed, datetime.now(UTC).replace(microsecond=0))
    store = Store(clock, seed=seed)
    server = ApiServer(store, personas=scenario.personas, faults=Faults(scenario.faults, seed=seed))
    story = Story(store, clock, seed=seed, plans=scenario.plans, logs=server.logs)
    prometheus = Loopback(Prometheus(story.world.traffic, clock).app())
    registry = Loopback(Registry(story.world.images).app())
    story.world.places = Places(prometheus=prometheus.url, registry=registry.url)
    for resource in scenario.missing:
        store.uninstall(resource)
    server.ports.listen(CI, hook.POD_LABELS, hook.PORT, webhook(hook.ENDPOINT, story.receive))
    story.prepare()
    moving = scenario.fill(story, rate) if scenario.fill else None
    clock.run_from(story.curtain)
    began = datetime.now(UTC)
    for one in (prometheus, registry):
        await one.start()
        stack.push_async_callback(one.stop)
    await server.start()
    stack.push_async_callback(server.stop)
    works = [asyncio.create_task(work) for work in (story.schedule.play(), *([moving] if moving else ()))]
    for task in works:
        stack.push_async_callback(_cancel, task)
    token = scenario.personas[0].token if scenario.personas else ""
    served = {
        "config": server.kubeconfig(scenario.namespace, token=token),
        "api": server.url,
        "prometheus": prometheus.url,
        "registry": registry.url,
        "began": began.isoformat(),
        "start": story.curtain.isoformat(),
    }
    return served, works


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError, Exception):
        await task


def _write(stack: AsyncExitStack, text: str, path: Path | None) -> Path:
    """Write the kubeconfig so that only its owner can read it; it goes when the process ends."""
    if path is None:
        directory = Path(tempfile.mkdtemp(prefix="trombone-demo-"))
        stack.callback(shutil.rmtree, directory, ignore_errors=True)
        path = directory / "kubeconfig"
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    stack.callback(path.unlink, missing_ok=True)
    return path


def _signalled(stack: AsyncExitStack) -> asyncio.Event:
    """Return an event that is set when a signal tells the process to end."""
    end, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end.set)
        stack.callback(loop.remove_signal_handler, number)
    return end


async def parent_gone(descriptor: int = 0) -> None:
    """Wait for the end of standard input, or of another descriptor.

    Whoever started this process holds the other end, so it never outlives that one, however it ends.
    """
    end, loop = asyncio.Event(), asyncio.get_running_loop()

    def read() -> None:
        if not os.read(descriptor, 4096):
            end.set()

    try:
        loop.add_reader(descriptor, read)
    except PermissionError:  # a plain file: there is nobody at the other end
        return
    try:
        await end.wait()
    finally:
        loop.remove_reader(descriptor)
