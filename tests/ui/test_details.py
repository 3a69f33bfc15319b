"""One item in full, kept fresh."""

from __future__ import annotations

from typing import Any

from feeds import item, morning, ref
from screens import line_with, lines, text

from trombone_tui.core.objects.basics import Health
from trombone_tui.core.stage import Fact, Facts, Step, Steps

API = ref("Rollout", "shop-api")


async def open_api(pilot: Any) -> None:
    await pilot.press("5", "enter")
    await pilot.pause()


async def test_facts_and_steps_are_written_with_their_signs(play: Any) -> None:
    async with play(morning()) as (pilot, _):
        await open_api(pilot)
        assert "Rollout shop/shop-api (prod-eu)" in lines(pilot.app)[1]
        assert "‖ Suspended" in lines(pilot.app)[1]
        assert "Held at 20 % by step 3 of 8" in line_with(pilot.app, "why")
        assert "‖ Paused" in line_with(pilot.app, "phase")
        assert line_with(pilot.app, "traffic router").split()[-1] == "-"
        assert line_with(pilot.app, "last promoted").split()[-2:] == ["11-20", "17:42"]
        assert "✔ 1" in line_with(pilot.app, "set weight 5 ")
        assert "▸ 3" in line_with(pilot.app, "set weight 20, then pause")
        assert "for 2m00s now" in line_with(pilot.app, "▸ 3")
        assert "· 4" in line_with(pilot.app, "analysis success-rate")


async def test_only_lines_that_changed_are_redrawn(play: Any, settle: Any) -> None:
    script = morning()
    async with play(script) as (pilot, feed):
        await open_api(pilot)
        sheet = pilot.app.screen.sheet
        before = list(sheet.lines)
        facts, steps = script.known[API]
        assert isinstance(facts, Facts)
        changed = tuple(Fact("actual weight", 40) if f.name == "actual weight" else f for f in facts.facts)
        script.known[API] = (Facts(facts.title, changed), steps)
        script.taken = script.taken.replace(second=11)
        feed.publish()
        await settle(pilot, lambda: line_with(pilot.app, "actual weight").split()[-1] == "40")
        assert sum(old != new for old, new in zip(before, sheet.lines, strict=True)) == 1


async def test_what_is_gone_is_said_to_be_gone_and_its_last_state_stays(play: Any, settle: Any) -> None:
    script = morning()
    async with play(script) as (pilot, feed):
        await open_api(pilot)
        script.drop("rollout", API)
        script.known.clear()
        feed.publish()
        await settle(pilot, lambda: "○ gone" in lines(pilot.app)[1])
        assert "this is the last that was known" in text(pilot.app)
        assert "CanaryPauseStep" in text(pilot.app)


async def test_an_item_nothing_more_is_known_of_shows_its_columns(play: Any) -> None:
    async with play(morning()) as (pilot, _):
        await pilot.press("2", "enter")
        await pilot.pause()
        assert "Failed" in line_with(pilot.app, "State")


async def test_long_and_hostile_values_are_wrapped_and_shown(play: Any) -> None:
    script = morning()
    script.known[API] = (
        Facts(
            "Log", (Fact("message", "first line\nsecond \x1b[31mline\n" + "word " * 40), Fact("x" * 60, "v"))
        ),
        Steps("Steps", tuple(Step(f"step {n} " + "long " * 20) for n in range(12))),
    )
    async with play(script, size=(60, 20)) as (pilot, _):
        await open_api(pilot)
        screen = text(pilot.app)
        assert "first line" in screen
        assert "second ^[[31mline" in screen
        assert {len(line) for line in lines(pilot.app)} == {60}
        sheet = pilot.app.screen.sheet
        await pilot.press("G")
        await pilot.pause()
        assert sheet.top == len(sheet.lines) - sheet.size.height
        await pilot.press("pageup", "k", "j", "g")
        await pilot.pause()
        assert sheet.top == 0
        await pilot.press("ctrl+d")
        assert sheet.top == sheet.size.height - 1
        await pilot.resize_terminal(200, 60)
        await pilot.pause()
        assert sheet.top == 0


async def test_an_item_that_comes_back_is_no_longer_gone(play: Any, settle: Any) -> None:
    script = morning()
    async with play(script) as (pilot, feed):
        await open_api(pilot)
        last = script.items["rollout"][API]
        script.drop("rollout", API)
        feed.publish()
        await settle(pilot, lambda: "gone" in lines(pilot.app)[1])
        script.put("rollout", item("Rollout", "shop-api", Health.HEALTHY, joins=last.joins))
        feed.publish()
        await settle(pilot, lambda: "✔ Healthy" in lines(pilot.app)[1])
