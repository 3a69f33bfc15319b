"""Waits until the controllers have taken up what was applied, as the dashboard's own rows say."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace

from trombone_tui.core.installing import Came, InstallPlan, Planned, Progress
from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.snapshot import Snapshot
from trombone_tui.core.stage import Item

_UNSEEN = "its controller has not said anything yet"


def _healthy(item: Item) -> bool:
    return item.health is Health.HEALTHY


def _compared(item: Item) -> bool:
    """Say whether Argo CD has compared an Application with git; whether all is deployed is another matter."""
    return item.value("sync") in ("Synced", "OutOfSync")


def _checked(item: Item) -> bool:
    return item.health is not Health.DEGRADED and item.value("last_checked") is not None


_READY: Mapping[str, Callable[[Item], bool]] = {
    "EventBus": _healthy,
    "EventSource": _healthy,
    "Sensor": _healthy,
    "ImageUpdater": _checked,
    "Application": _compared,
}
"""When an object of a kind counts as taken up; those of other kinds need nobody to take them up."""


Snapshots = Callable[[], AsyncGenerator[Snapshot, None]]
"""What a feed yields."""


async def wait(snapshots: Snapshots, plan: InstallPlan, within: float) -> AsyncGenerator[Progress, None]:
    """Yield what becomes of each object, each time it is another; the last is ``DONE`` or ``STOPPED``."""
    wanted = [one for one in plan.objects if one.ref.kind in _READY]
    loop = asyncio.get_running_loop()
    began = loop.time()
    told: dict[Ref, Progress] = {}
    async with aclosing(snapshots()) as newest:
        while not all(one.ref in told and told[one.ref].came is Came.READY for one in wanted):
            try:
                snapshot = await asyncio.wait_for(anext(newest), began + within - loop.time())
            except (TimeoutError, StopAsyncIteration):
                break
            for one in wanted:
                before = told.get(one.ref)
                if before is not None and before.came is Came.READY:
                    continue
                now = _look(one, snapshot)
                if before != now:
                    told[one.ref] = now
                    yield replace(now, seconds=loop.time() - began)
    late = [one for one in wanted if one.ref not in told or told[one.ref].came is not Came.READY]
    for one in late:
        text = told[one.ref].text if one.ref in told else _UNSEEN
        yield Progress(
            came=Came.NOT_READY, ref=one.ref, stage=one.stage, text=text, seconds=loop.time() - began
        )
    if late:
        names = ", ".join(str(one.ref) for one in late)
        text = f"applied, but not ready within {within:g} s: {names}"
        yield Progress(came=Came.STOPPED, text=text, seconds=loop.time() - began)
        return
    yield Progress(came=Came.DONE, text="the controllers have taken it up", seconds=loop.time() - began)


def _look(one: Planned, snapshot: Snapshot) -> Progress:
    about = Progress(came=Came.WAITING, ref=one.ref, stage=one.stage)
    stage = snapshot.stages.get(one.stage)
    items = [
        item
        for item in (stage.items.values() if stage else ())
        if (item.ref.cluster, item.ref.kind, item.ref.namespace, item.ref.name)
        == (one.ref.cluster, one.ref.kind, one.ref.namespace, one.ref.name)
    ]
    if not items:
        reasons = {panel.reason for panel in (stage.panel if stage else ()) if panel.reason}
        return replace(about, text="; ".join(sorted(reasons)) or _UNSEEN)
    ready = all(_READY[one.ref.kind](item) for item in items)
    text = "; ".join(dict.fromkeys(item.why for item in items))
    return replace(about, came=Came.READY if ready else Came.WAITING, text=text)
