"""One stage over the whole screen."""

from __future__ import annotations

from typing import Any

from feeds import NOW, item, morning, ref
from screens import line_with, lines, text

from trombone_tui.core.objects.basics import Health
from trombone_tui.core.ports import State
from trombone_tui.ui.dashboard import Dashboard
from trombone_tui.ui.details import DetailsView
from trombone_tui.ui.station import StationView


def shown(app: Any) -> list[str]:
    return [key.name for key in app.screen.panel.table.rows.keys(0, 99)]


async def test_a_digit_opens_its_stage_and_another_one_changes_it_and_esc_leads_back(play: Any) -> None:
    async with play(morning(), size=(80, 24)) as (pilot, _):
        await pilot.press("2")
        await pilot.pause()
        assert isinstance(pilot.app.screen, StationView)
        assert "2 Workflows" in lines(pilot.app)[1]
        await pilot.press("5")
        await pilot.pause()
        assert "5 Rollout" in lines(pilot.app)[1]
        await pilot.press("7")
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Dashboard)
        assert len(pilot.app.screen_stack) == 1


async def test_what_needs_a_human_is_first_then_the_newest_and_what_was_replaced_is_dim(play: Any) -> None:
    async with play(morning()) as (pilot, _):
        await pilot.press("2")
        await pilot.pause()
        assert shown(pilot.app) == ["shop-web-m2x9d", "pay-api-qq81z", "shop-api-7fk2p", "shop-web-k81ss"]
        table = pilot.app.screen.panel.table
        assert "✖⚑ shop-web-m2x9d" in line_with(pilot.app, "m2x9d")
        assert {s.style for s in table.render_line(4) if s.text.strip()} == {table.style("dim")}


async def test_the_order_follows_the_columns_and_comes_back_to_attention(play: Any) -> None:
    async with play(morning(), (120, 36)) as (pilot, _):
        await pilot.press("2", "o")
        await pilot.pause()
        assert shown(pilot.app) == sorted(shown(pilot.app))
        assert "by name" in lines(pilot.app)[1]
        assert "NAME▾" in lines(pilot.app)[2]
        await pilot.press("o", "o", "o")
        await pilot.pause()
        assert "by duration_seconds" in lines(pilot.app)[1]
        assert shown(pilot.app)[0] == "shop-web-k81ss"
        await pilot.press("o")
        await pilot.pause()
        assert shown(pilot.app)[0] == "pay-api-qq81z"
        await pilot.press("o", "o")
        await pilot.pause()
        assert shown(pilot.app)[0] == "shop-web-m2x9d"


async def test_rows_come_change_and_go_under_a_cursor_that_stays(play: Any, settle: Any) -> None:
    script = morning()
    async with play(script, (120, 36)) as (pilot, feed):
        await pilot.press("2", "j")
        table = pilot.app.screen.panel.table
        assert table.cursor == ref("Workflow", "pay-api-qq81z", "ci")
        script.put("workflows", item("Workflow", "newest", Health.DEGRADED, minutes=0, namespace="ci"))
        feed.publish()
        await settle(pilot, lambda: len(table.rows) == 5)
        assert table.cursor == ref("Workflow", "pay-api-qq81z", "ci")
        script.drop("workflows", ref("Workflow", "pay-api-qq81z", "ci"))
        feed.publish()
        await settle(pilot, lambda: len(table.rows) == 4)
        assert table.cursor == ref("Workflow", "shop-api-7fk2p", "ci")
        assert "Built ghcr.io" in lines(pilot.app)[-2]


async def test_a_row_that_a_newer_one_replaces_no_longer_asks_for_anybody(play: Any, settle: Any) -> None:
    script = morning()
    async with play(script, (120, 36)) as (pilot, feed):
        await pilot.press("2")
        await pilot.pause()
        assert "⚑ 1" in lines(pilot.app)[1]
        script.replaced.add(ref("Workflow", "shop-web-m2x9d", "ci"))
        feed.publish()
        await settle(pilot, lambda: "⚑" not in lines(pilot.app)[1])
        assert shown(pilot.app)[0] == "pay-api-qq81z"
        assert "⚑" not in line_with(pilot.app, "m2x9d")


async def test_two_rows_of_one_name_are_told_apart_by_namespace_and_cluster(play: Any) -> None:
    script = morning()
    script.put("rollout", item("Rollout", "shop-api", namespace="other"))
    async with play(script) as (pilot, _):
        await pilot.press("5")
        await pilot.pause()
        assert sum(" shop-api " in line for line in lines(pilot.app)) == 2
        assert "other" in text(pilot.app)


async def test_a_banner_says_the_whole_reason_and_what_to_do(play: Any) -> None:
    script = morning()
    script.items["rollout"] = {}
    reason = (
        "may not list rollouts.argoproj.io in all namespaces; ask for the right, or choose namespaces with -n"
    )
    script.panel("rollout", State.DENIED, reason)
    async with play(script, size=(80, 24)) as (pilot, _):
        await pilot.press("5")
        await pilot.pause()
        assert "choose namespaces with -n" in text(pilot.app)
        assert "enter" not in lines(pilot.app)[-1]
        await pilot.press("enter")
        assert isinstance(pilot.app.screen, StationView)


async def test_a_live_stage_may_still_have_something_to_say(play: Any) -> None:
    script = morning()
    script.panel("events", State.LIVE, "eventbus.argoproj.io is not seen: denied")
    async with play(script) as (pilot, _):
        await pilot.press("1")
        await pilot.pause()
        assert "● eventbus.argoproj.io is not seen" in text(pilot.app)


async def test_enter_opens_the_details_and_coming_back_the_cursor_is_where_it_was(play: Any) -> None:
    async with play(morning()) as (pilot, _):
        await pilot.press("2", "j", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, DetailsView)
        await pilot.press("q")
        await pilot.pause()
        assert pilot.app.screen.panel.table.cursor == ref("Workflow", "pay-api-qq81z", "ci")


async def test_at_midnight_times_of_today_become_those_of_yesterday(play: Any, settle: Any) -> None:
    script = morning()
    async with play(script) as (pilot, feed):
        await pilot.press("2")
        await pilot.pause()
        assert "17:33:10Z" in line_with(pilot.app, "m2x9d")
        script.taken = NOW.replace(day=24)
        feed.publish()
        await settle(pilot, lambda: "11-23 17:33" in line_with(pilot.app, "m2x9d"))
