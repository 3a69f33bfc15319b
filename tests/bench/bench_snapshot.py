"""What a snapshot costs, at first and after one change, with 16,000 objects of three kinds."""

from __future__ import annotations

import asyncio
import gc
import json
import statistics
import sys
import time
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from crowd import applications, rollouts, workflows  # noqa: E402 - after the path is set

from trombone_tui.adapters.decode import Decoder  # noqa: E402 - after the path is set
from trombone_tui.core.objects.argo_cd import APPLICATION  # noqa: E402 - after the path is set
from trombone_tui.core.objects.argo_rollouts import ROLLOUT  # noqa: E402 - after the path is set
from trombone_tui.core.objects.argo_workflows import WORKFLOW  # noqa: E402 - after the path is set
from trombone_tui.core.objects.basics import Kind, Malformed, Object  # noqa: E402 - after the path is set
from trombone_tui.core.ports import Batch, Began, Change, Listed  # noqa: E402 - after the path is set
from trombone_tui.live import Live  # noqa: E402 - after the path is set
from trombone_tui.pipeline import PIPELINE  # noqa: E402 - after the path is set

WORKFLOWS, APPLICATIONS, ROLLOUTS = 10_000, 5_000, 1_000
CHANGES = 200
NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)


def typed(kind: Kind, obj: dict[str, Any]) -> Object | Malformed:
    decoder = Decoder(kind)
    found = decoder.event(json.dumps({"type": "ADDED", "object": obj}).encode()).object
    assert isinstance(found, Object)
    return found.reduced()


class Still:
    """A cluster that lists what it was given at once, and changes what it is told to."""

    name, namespace, server, read_only = "bench", "default", "https://bench", ""

    def __init__(self, objects: dict[Kind, Sequence[Object | Malformed]]) -> None:
        self._objects = objects
        self._queues: dict[Kind, asyncio.Queue[Change]] = {}

    async def follow(self, kind: Kind, _: str | None) -> AsyncGenerator[Change, None]:
        queue = self._queues.setdefault(kind, asyncio.Queue())
        objects = self._objects.get(kind, ())
        yield Began()
        for start in range(0, len(objects), 200):
            yield Batch(put=objects[start : start + 200])
            await asyncio.sleep(0)
        yield Listed()
        while True:
            yield await queue.get()

    def change(self, kind: Kind, obj: Object | Malformed) -> None:
        self._queues[kind].put_nowait(Batch(put=(obj,)))

    async def namespaces(self) -> Sequence[str]:
        return ()

    async def may(self, *_: object) -> bool:
        return True

    async def close(self) -> None:
        """Nothing is open."""


class Probe:
    """The longest time for which nothing else could run, in CPU seconds: other programs don't count."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def run(self) -> None:
        before = time.thread_time()
        while True:
            await asyncio.sleep(0)
            now = time.thread_time()
            self.longest, before = max(self.longest, now - before), now


def row(name: str, figure: float, unit: str, note: str = "") -> None:
    print(f"  {name:<58}{figure:>9.2f} {unit:<12}{note}")


async def main() -> None:
    objects: dict[Kind, Sequence[Object | Malformed]] = {
        WORKFLOW: [typed(WORKFLOW, obj) for obj in workflows(WORKFLOWS)],
        APPLICATION: [typed(APPLICATION, obj) for obj in applications(APPLICATIONS)],
        ROLLOUT: [typed(ROLLOUT, obj) for obj in rollouts(ROLLOUTS)],
    }
    cluster = Still(objects)
    gc.freeze()  # as the program does when all is loaded
    live = Live([cluster], PIPELINE, clock=lambda: NOW)
    running = asyncio.create_task(live.run())
    snapshots = live.snapshots()
    probe = Probe()
    probing = asyncio.create_task(probe.run())
    began, built = time.process_time(), 0
    async for snapshot in snapshots:
        built += 1
        if snapshot.settled and len(snapshot.stages["workflows"].items) >= WORKFLOWS:
            break
        await asyncio.sleep(0.1)
    first = time.process_time() - began
    probing.cancel()
    print(f"\nSnapshots of {WORKFLOWS:,} Workflows, {APPLICATIONS:,} Applications, {ROLLOUTS:,} Rollouts")
    row("everything read for the first time, CPU", first * 1e3, "ms", f"{built} snapshots on the way")
    row("longest step meanwhile, CPU", probe.longest * 1e3, "ms", "goal 10 ms")
    row("services found", len(snapshot.services), "")
    news = {
        "one Workflow changed": (WORKFLOW, workflows(CHANGES, ["failed-after-retries"])),
        "one Application changed": (APPLICATION, applications(CHANGES, "OutOfSync")),
        "one Rollout changed": (ROLLOUT, rollouts(CHANGES, "aborted")),
        "a new Workflow": (WORKFLOW, workflows(CHANGES, ["running"], first=WORKFLOWS)),
    }
    for what, (kind, made) in news.items():
        each = [await one(snapshots, cluster, kind, typed(kind, obj)) for obj in made]
        row(f"a snapshot after {what}, median", statistics.median(each), "ms")
        row("  the same, 95 of 100", statistics.quantiles(each, n=20)[-1], "ms")
    await live.close()
    await asyncio.gather(running, return_exceptions=True)


async def one(snapshots: Any, cluster: Still, kind: Kind, obj: Object | Malformed) -> float:
    began = time.perf_counter()
    cluster.change(kind, obj)
    await anext(snapshots)
    return (time.perf_counter() - began) * 1e3


if __name__ == "__main__":
    asyncio.run(main())
