"""Read-only: one key, said in the header, and then nothing that is pressed changes anything."""

from __future__ import annotations

import random
from typing import Any

import pytest
from deliveries_in_hand import ACTING_STAGES, API, working
from feeds import PROD, Script
from screens import lines, text

from trombone_tui.core.reminders import Reminder
from trombone_tui.core.verbs import Offer
from trombone_tui.ui.view import View

KEYS = (
    *"PAUSTRasyyyldotjkgGpcxe 123456/:?", "enter", "enter", "escape", "tab", "ctrl+p", "ctrl+d", "ctrl+k",
    "space", "down", "up", "backspace", "ctrl+r",
)  # fmt: skip
"""All that may be hit but the ways out and the switch itself."""


async def test_ctrl_t_switches_it_on_and_off_and_the_header_says_so(play: Any, settle: Any) -> None:
    async with play(working(), (80, 24), stages=ACTING_STAGES) as (pilot, feed):
        await pilot.press("5", "ctrl+t")
        await settle(pilot, lambda: "read-only" in lines(pilot.app)[0])
        assert feed.acts.read_only(PROD) == "read-only: switched on, ctrl+t switches it off"
        await pilot.press("P")
        await settle(pilot, lambda: "promote: read-only: switched on" in text(pilot.app))
        assert feed.acts.prepared == []
        await pilot.press("a")
        await pilot.pause()
        assert text(pilot.app).count("⊘ read-only: switched on") == 6
        await pilot.press("escape", "ctrl+t")
        await settle(pilot, lambda: "read-only" not in lines(pilot.app)[0])
        await pilot.press("P")
        await settle(pilot, lambda: feed.acts.prepared)


async def test_of_what_was_said_of_the_switch_only_the_newest_stands(play: Any, settle: Any) -> None:
    async with play(working(), (120, 36), stages=ACTING_STAGES, keys={"view.read-only": "f9"}) as (pilot, _):
        await pilot.press("f9")
        await settle(pilot, lambda: "nothing can be changed until f9 is pressed" in text(pilot.app))
        await pilot.press("5", "P")
        await settle(pilot, lambda: "promote: read-only: switched on, f9 switches" in text(pilot.app))
        await pilot.press("f9")
        await settle(pilot, lambda: "no longer read-only" in text(pilot.app))
        assert "nothing can be changed until" not in text(pilot.app)


async def test_what_is_read_only_by_setting_stays_so_and_says_by_which(play: Any, settle: Any) -> None:
    script = working()
    script.read_only[PROD] = "read-only: the setting read_only is on"
    async with play(script, stages=ACTING_STAGES) as (pilot, _):
        assert "read-only" in lines(pilot.app)[0]
        await pilot.press("5", "ctrl+t")
        await settle(pilot, lambda: pilot.app._notifications)
        said = [notice.message for notice in pilot.app._notifications]
        assert said == ["read-only: the setting read_only is on; ctrl+t does not switch that off"]
        assert "read-only" in lines(pilot.app)[0]


async def test_where_only_some_clusters_are_read_only_they_are_named(play: Any, settle: Any) -> None:
    script = working()
    panels = script.panels["sync"]
    script.panels["sync"] = (*panels, *(type(p)(cluster="prod-us", state=p.state) for p in panels))
    script.read_only["prod-us"] = "read-only: prod-us is one of read_only_contexts"
    async with play(script, (120, 36), stages=ACTING_STAGES) as (pilot, _):
        assert "read-only prod-us" in lines(pilot.app)[0]
        await pilot.press("ctrl+t")
        await settle(pilot, lambda: "read-only prod-us" not in lines(pilot.app)[0])
        assert "read-only" in lines(pilot.app)[0]


async def test_it_may_be_typed(play: Any, settle: Any) -> None:
    async with play(working(), stages=ACTING_STAGES) as (pilot, _):
        await pilot.press("colon", *"read-only", "enter")
        await settle(pilot, lambda: "read-only" in lines(pilot.app)[0])


async def test_what_was_confirmed_before_it_was_switched_on_is_not_sent(play: Any, settle: Any) -> None:
    async with play(working(), (120, 36), stages=ACTING_STAGES) as (pilot, feed):
        await pilot.press("5", "P")
        await settle(pilot, lambda: getattr(pilot.app.screen, "ready", False))
        feed.acts.set_read_only(True)
        await pilot.press("y")
        await settle(pilot, lambda: "nothing was sent" in text(pilot.app))
        assert feed.acts.performed == []


SCREENS = {
    "dashboard": [],
    "panels": ["tab", "tab", "tab", "tab", "tab"],
    "stage": ["5"],
    "details": ["5", "enter"],
    "YAML": ["5", "y"],
    "logs": ["5", "l"],
    "journey": ["j", "enter"],
    "help": ["question_mark"],
    "menu": ["5", "a"],
    "palette": ["5", "ctrl+p"],
    "command": ["5", "colon"],
    "left off": ["T"],
}


async def mashed(pilot: Any, begin: list[str], seed: int) -> None:
    """Hit keys at random, beginning on one screen, and again there after a while."""
    pick = random.Random(seed)
    for _ in range(2):
        while not isinstance(pilot.app.screen, View) or len(pilot.app.screen_stack) > 1:
            await pilot.press("escape")
        await pilot.press(*begin, *(pick.choice(KEYS) for _ in range(12)))
        await pilot.pause()


def left_off() -> Script:
    script = working()
    script.offers[API] = tuple(Offer(verb=one.verb) for one in script.offers[API])
    script.reminders = (Reminder(ref=API, text="shop-api was left aborted.", verb="retry"),)
    return script


@pytest.mark.parametrize("screen", SCREENS)
async def test_hitting_keys_at_random_changes_nothing(play: Any, settle: Any, screen: str) -> None:
    script = left_off()
    script.read_only[PROD] = "read-only: the setting read_only is on"
    async with play(script, (120, 36), stages=ACTING_STAGES) as (pilot, feed):
        await mashed(pilot, SCREENS[screen], seed=1)
        assert feed.acts.performed == []
        assert feed.acts.touched == []
        assert feed.acts.prepared == []


async def test_the_same_keys_do_change_something_where_it_is_not_read_only(play: Any, settle: Any) -> None:
    async with play(left_off(), (80, 24), stages=ACTING_STAGES) as (pilot, feed):
        for seed in range(4):
            await mashed(pilot, ["5", "P"], seed)
            if feed.acts.performed:
                break
        assert feed.acts.prepared
        assert feed.acts.performed
