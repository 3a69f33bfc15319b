"""Rows are marked to do one thing to several of them."""

from __future__ import annotations

from typing import Any

from deliveries_in_hand import ACTING_STAGES, API, PAY, WEB, working
from screens import line_with, lines, text

from trombone_tui.ui.dashboard import Dashboard
from trombone_tui.ui.menu import Menu
from trombone_tui.ui.station import StationView


def here(pilot: Any) -> Any:
    return pilot.app.screen


async def test_space_marks_a_row_with_a_sign_of_its_own_and_goes_on(play: Any) -> None:
    async with play(working(), (120, 36), stages=ACTING_STAGES) as (pilot, _):
        await pilot.press("5", "space")
        await pilot.pause()
        assert line_with(pilot.app, " shop-api ")[0] == "◆"
        assert line_with(pilot.app, " shop-web ")[0] == "▸"
        assert "◆ 1 marked" in lines(pilot.app)[1]
        await pilot.press("k")
        await pilot.pause()
        assert line_with(pilot.app, " shop-api ")[0] == "◈"
        await pilot.press("space")
        await pilot.pause()
        assert "marked" not in lines(pilot.app)[1]


async def test_verbs_are_for_the_marked_rows_wherever_the_cursor_is(play: Any) -> None:
    async with play(working(), stages=ACTING_STAGES) as (pilot, _):
        await pilot.press("5", "space", "space", "a")
        await pilot.pause()
        assert isinstance(here(pilot), Menu)
        assert "2 marked" in text(pilot.app)
        assert "⊘ can only be done to one at a time" in text(pilot.app)
        assert pilot.app.screen_stack[1].targets == (API, WEB)


async def test_esc_clears_the_filter_then_the_marks_before_it_leaves(play: Any) -> None:
    async with play(working(), stages=ACTING_STAGES) as (pilot, _):
        await pilot.press("5", "space", "slash", *"pay", "enter")
        view = here(pilot)
        assert view.targets == (API,)
        await pilot.press("escape")
        await pilot.pause()
        assert view.targets == (API,)
        assert not view.target.needle
        await pilot.press("escape")
        await pilot.pause()
        assert view.targets == (PAY,)
        assert isinstance(here(pilot), StationView)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(here(pilot), Dashboard)


async def test_marks_follow_their_rows_and_go_with_them(play: Any, settle: Any) -> None:
    script = working()
    async with play(script, stages=ACTING_STAGES) as (pilot, feed):
        await pilot.press("5", "space", "space", "space")
        await pilot.pause()
        assert here(pilot).targets == (API, WEB, PAY)
        script.drop("rollout", WEB)
        feed.publish()
        await settle(pilot, lambda: here(pilot).targets == (API, PAY))
        assert "◆ 2 marked" in lines(pilot.app)[1]


async def test_marks_of_one_panel_are_not_for_another(play: Any) -> None:
    async with play(working(), (120, 36), stages=ACTING_STAGES) as (pilot, _):
        await pilot.press(*["tab"] * 5, "space")
        await pilot.pause()
        assert here(pilot).targets == (API,)
        await pilot.press("shift+tab")
        await pilot.pause()
        assert [ref.kind for ref in here(pilot).targets] == ["Application"]


async def test_services_can_not_be_marked_but_the_items_of_one_can(play: Any) -> None:
    async with play(working(), (120, 36), stages=ACTING_STAGES) as (pilot, _):
        await pilot.press("j", "space")
        await pilot.pause()
        assert "marked" not in text(pilot.app)
        assert here(pilot).targets == ()
        await pilot.press("enter", "G", "k", "space")
        await pilot.pause()
        assert "◆ 1 marked" in lines(pilot.app)[1]
        assert len(here(pilot).targets) == 1
