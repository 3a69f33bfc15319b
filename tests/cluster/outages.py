"""Following the lab through an outage, and comparing with what the server lists when it is over."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
from asking import Kubectl
from patience import SLOWNESS
from watching import Seen

from trombone_tui.adapters.kubernetes import Access, KubernetesCluster
from trombone_tui.adapters.pace import Pace
from trombone_tui.adapters.watch import Watcher
from trombone_tui.core.objects.basics import Kind, Object, Ref
from trombone_tui.core.ports import Change, PortError, State, Trouble
from trombone_tui.core.reader import StageReader
from trombone_tui.core.stage import Item
from trombone_tui.live import Live
from trombone_tui.pipeline import PIPELINE

GOAL = 5.0
"""Seconds after a server's return in which all is to be shown as it is; printed beside what it took."""
KINDS = {source.kind.name: source.kind for stage in PIPELINE for source in stage.sources}
Items = Mapping[str, Mapping[Ref, Item]]


class Told(KubernetesCluster):
    """A cluster that keeps the troubles it told of."""

    pace = Pace()

    @cached_property
    def troubles(self) -> list[tuple[Kind, PortError]]:
        return []

    @cached_property
    def paced(self) -> Watcher:
        return Watcher(self, self.pace)

    async def follow(self, kind: Kind, namespace: str | None) -> AsyncGenerator[Change, None]:
        async for change in self.paced.follow(kind, namespace):
            if isinstance(change, Trouble):
                self.troubles.append((kind, change.error))
            yield change


@asynccontextmanager
async def following(kubeconfig: Path, pace: Pace | None = None) -> AsyncIterator[tuple[Seen, Told]]:
    """Follow every stage, as the dashboard does, with the pace it has or another; begins when settled."""
    cluster = await Told.connect(Access(kubeconfig=str(kubeconfig)))
    cluster.pace = pace or Pace()
    live = Live([cluster], PIPELINE, clock=lambda: datetime.now(UTC))
    seen = Seen(live)
    tasks = [asyncio.create_task(live.run()), asyncio.create_task(seen.take())]
    try:
        await seen.until(lambda snapshot: snapshot.settled, what="the first lists")
        yield seen, cluster
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await cluster.close()


def states(seen: Seen) -> set[State]:
    """Return the states of all panels."""
    return {panel.state for stage in seen.snapshot.stages.values() for panel in stage.panel}


def listed(kubectl: Kubectl, cluster: str) -> Items:
    """Return the items of every stage as they follow from what kubectl lists now."""
    names = ",".join(kind.resource for kind in KINDS.values())
    objects = kubectl.get(names, "--all-namespaces")["items"]
    readers = {stage.name: StageReader(stage, cluster, lambda: datetime.now(UTC)) for stage in PIPELINE}
    for stage in PIPELINE:
        reader = readers[stage.name]
        for source in stage.sources:
            reader.see(source.kind, True)
            for obj in objects:
                if _is(obj, source.kind):
                    made: Object = msgspec.json.decode(json.dumps(obj), type=source.kind.shape).reduced()
                    meta = made.metadata
                    ref = Ref(cluster, source.kind.name, meta.namespace, meta.name, meta.uid)
                    reader.put(source.kind, ref, made)
        reader.refresh()
    return {name: reader.items for name, reader in readers.items()}


def _is(obj: Mapping[str, Any], kind: Kind) -> bool:
    group = obj["apiVersion"].rpartition("/")[0]
    return (obj["kind"], group) == (kind.name, kind.group)


async def agreed(seen: Seen, kubectl: Kubectl, cluster: str, since: float, *, within: float = GOAL) -> float:
    """Wait until every panel is live and all is shown as the server lists it; return the seconds it took.

    Counted until the snapshot that shows it so was made, not until kubectl has said that it is right.

    Raises:
        AssertionError: it was not so in time, or never; says what differs.
    """
    while True:
        there = await asyncio.to_thread(listed, kubectl, cluster)
        shown = {name: stage.items for name, stage in seen.snapshot.stages.items()}
        age = (datetime.now(UTC) - seen.snapshot.taken).total_seconds()
        took = max(time.monotonic() - age - since, 0.0)
        wrong = {name: _differences(shown[name], items) for name, items in there.items()}
        if not any(wrong.values()) and states(seen) == {State.LIVE}:
            print(f"shown as the server has it {took:.1f} s after its return; the goal is {within:g} s")
            return took
        panels = [(name, seen.panel(name).state, seen.panel(name).reason) for name in wrong]
        assert took + age < SLOWNESS * within, f"after {took:.1f} s: {wrong}; {panels}"


def _differences(shown: Mapping[Ref, Item], there: Mapping[Ref, Item]) -> list[str]:
    refs = shown.keys() | there.keys()
    return [
        f"{ref}: {shown.get(ref)} is not {there.get(ref)}" for ref in refs if shown.get(ref) != there.get(ref)
    ]
