"""What was left off by hand is said on every screen, and is turned on again from there."""

from __future__ import annotations

from typing import Any

import pytest
from deliveries_in_hand import ACTING_STAGES, API, WEB, working
from feeds import Script
from screens import lines, text

from trombone_tui.core.reminders import Reminder
from trombone_tui.core.verbs import Offer
from trombone_tui.ui.confirmation import Confirmation
from trombone_tui.ui.menu import Menu


def off() -> Script:
    script = working()
    script.offers[API] = tuple(Offer(verb=one.verb) for one in script.offers[API])
    script.reminders = (
        Reminder(ref=API, text="shop-api was left aborted since 17:40.", verb="retry", others=("undo",)),
        Reminder(ref=WEB, text="Tag v1.4.2 is held back.", verb="release", given={"tag": "v1.4.2"}),
    )
    return script


@pytest.mark.parametrize("keys", [[], ["5"], ["enter"], ["5", "enter"], ["5", "y"], ["question_mark"]])
async def test_every_screen_names_them_below_its_header(play: Any, keys: list[str]) -> None:
    async with play(off(), (100, 24), stages=ACTING_STAGES) as (pilot, _):
        await pilot.press(*keys)
        await pilot.pause()
        assert "⚑ shop-api was left aborted since 17:40 · Tag v1.4.2 is held back" in lines(pilot.app)[1]


async def test_it_goes_when_nothing_is_off_any_more_and_its_key_too(play: Any, settle: Any) -> None:
    script = off()
    async with play(script, (120, 36), stages=ACTING_STAGES) as (pilot, feed):
        assert "left aborted" in text(pilot.app)
        script.reminders = ()
        feed.publish()
        await settle(pilot, lambda: "left aborted" not in text(pilot.app))
        await pilot.press("T")
        await pilot.pause()
        assert not isinstance(pilot.app.screen, Menu)


async def test_of_many_only_the_oldest_are_told(play: Any) -> None:
    script = off()
    script.reminders = tuple(
        Reminder(ref=API, text=f"Number {number} is off.", verb="retry") for number in range(5)
    )
    async with play(script, stages=ACTING_STAGES) as (pilot, _):
        assert "Number 2 is off · 2 more" in lines(pilot.app)[1]


async def test_a_key_offers_what_turns_them_on_again_through_the_confirmation(play: Any, settle: Any) -> None:
    async with play(off(), stages=ACTING_STAGES) as (pilot, feed):
        await pilot.press("T")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Menu)
        named = [entry.name for entry in pilot.app.screen.shown]
        assert named == ["retry shop/shop-api", "undo shop/shop-api", "release shop/shop-web"]
        assert "⊘ release is not offered here" in text(pilot.app)
        await pilot.press("enter")
        await settle(pilot, lambda: isinstance(pilot.app.screen, Confirmation) and pilot.app.screen.ready)
        assert feed.acts.prepared == [(API, "retry", {})]
