"""Waiting until controllers have taken up what was applied, by the dashboard's own rows."""

from __future__ import annotations

from pathlib import Path

from installs import KINDS, at

from trombone_tui.core.installing import Came
from trombone_tui.demo.patches import MERGE


async def test_an_application_is_ready_once_it_has_been_compared(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        plan = await here.plan("sync")
        await here.follow(here.installer.apply(plan))
        steps = []
        async for step in here.installer.wait(plan, 20.0):
            steps.append(step)
            if step.came is Came.WAITING and step.text != "its controller has not said anything yet":
                status = {"status": {"sync": {"status": "OutOfSync"}, "health": {"status": "Missing"}}}
                here.server.store.patch(
                    KINDS["Application"], "argocd", "shop-api", status, content_type=MERGE
                )
        assert steps[-1].came is Came.DONE
        assert [step.came for step in steps if step.ref][-1] is Came.READY


async def test_what_is_not_ready_in_time_is_named_with_what_is_known(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        plan = await here.plan("events")
        await here.follow(here.installer.apply(plan))
        last = await here.follow(here.installer.wait(plan, 0.3))
        assert last.came is Came.STOPPED
        assert last.text.startswith("applied, but not ready within 0.3 s: EventBus ci/shop-api (here)")
        late = [step for step in here.steps if step.came is Came.NOT_READY and step.ref]
        assert [step.ref.kind for step in late if step.ref] == ["EventBus", "EventSource", "Sensor"]
        assert all(step.text for step in late)
