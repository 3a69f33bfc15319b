"""One service through all stages."""

from __future__ import annotations

from typing import Any

from feeds import item, morning, ref
from screens import line_with, lines, text

from trombone_tui.core.objects.basics import Health
from trombone_tui.core.ports import State
from trombone_tui.ui.details import DetailsView
from trombone_tui.ui.journey import JourneyView


async def test_the_hops_stand_in_travel_order_each_with_its_why(play: Any) -> None:
    async with play(morning(), (120, 36)) as (pilot, _):
        await pilot.press("enter")
        await pilot.pause()
        stages = [line[1:].split()[0] for line in lines(pilot.app)[3:] if line[1:2].isupper()]
        assert stages == ["Events", "Workflows", "Images", "Sync", "Rollout", "Metrics"]
        assert "✖⚑ shop-web-m2x9d" in text(pilot.app)
        assert "nothing of it is seen here" in line_with(pilot.app, "Metrics")
        assert "✖ Degraded" in lines(pilot.app)[1]


async def test_it_begins_at_the_hop_that_holds_the_service(play: Any) -> None:
    async with play(morning(), (120, 36)) as (pilot, _):
        await pilot.press("j", "j", "enter")
        await pilot.pause()
        assert line_with(pilot.app, "Rollout ").startswith("▸")
        assert "Held at 20 %" in lines(pilot.app)[-2]
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, DetailsView)
        assert pilot.app.screen.ref == ref("Rollout", "shop-api")


async def test_it_follows_what_happens_and_says_when_the_service_is_gone(play: Any, settle: Any) -> None:
    script = morning()
    async with play(script, (120, 36)) as (pilot, feed):
        await pilot.press("j", "j", "enter")
        await pilot.pause()
        joins = script.items["rollout"][ref("Rollout", "shop-api")].joins
        script.put(
            "rollout", item("Rollout", "shop-api", Health.DEGRADED, why="It was aborted.", joins=joins)
        )
        script.put("sync", item("Application", "shop-api-2", joins=joins[:1], namespace="argocd", minutes=0))
        feed.publish()
        await settle(pilot, lambda: "It was aborted." in lines(pilot.app)[-2])
        for stage in script.items:
            script.items[stage] = {}
        feed.publish()
        await settle(pilot, lambda: "○ gone" in lines(pilot.app)[1])
        assert "shop-api" in lines(pilot.app)[1]
        assert "not there any more" in text(pilot.app)
        await pilot.press("enter")
        assert isinstance(pilot.app.screen, JourneyView)


async def test_what_a_stage_may_not_show_is_said_in_its_place(play: Any) -> None:
    script = morning()
    script.items["rollout"] = {}
    script.panel("rollout", State.DENIED, "may not list rollouts")
    async with play(script, (120, 36)) as (pilot, _):
        await pilot.press("j", "enter")
        await pilot.pause()
        assert "⊘ denied" in line_with(pilot.app, "Rollout ")
        await pilot.press("G", "k")
        await pilot.pause()
        assert "⊘ denied" in lines(pilot.app)[-2]
        await pilot.press("enter")
        assert isinstance(pilot.app.screen, JourneyView)


async def test_hops_can_be_filtered(play: Any) -> None:
    async with play(morning(), size=(80, 24)) as (pilot, _):
        await pilot.press("enter", "slash", *"lint", "enter")
        await pilot.pause()
        assert "/lint" in lines(pilot.app)[1]
        assert len(pilot.app.screen.table.rows) == 1
