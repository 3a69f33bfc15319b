"""One item in full, kept fresh."""

from __future__ import annotations

from typing import Any

from feeds import NOW, Script, item, morning, ref
from screens import line_with, lines, text

from trombone_tui.core.details import Branch, Line, Lines, Tree
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.stage import Fact, Facts, Step, Steps

API = ref("Rollout", "shop-api")


async def open_api(pilot: Any) -> None:
    await pilot.press("5", "enter")
    await pilot.pause()


async def test_facts_and_steps_are_written_with_their_signs(play: Any) -> None:
    async with play(morning(), (120, 36)) as (pilot, _):
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
    async with play(script, (120, 36)) as (pilot, feed):
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


def forest(groups: int = 3) -> Script:
    """A morning in which the Rollout has a tree with branches to open, and some lines."""
    script = morning()
    inner = tuple(Branch(text=f"pod {n}", health=Health.HEALTHY) for n in range(4))
    branches = tuple(
        Branch(text=f"group {n}", note="4 pods", branches=inner, folded=True) for n in range(groups)
    )
    lines = tuple(Line(text=f"event {n}", at=NOW) for n in range(40))
    script.known[API] = (Tree("Pods", branches), Lines("Events", lines))
    return script


async def test_branches_are_opened_and_closed_by_keys(play: Any) -> None:
    async with play(forest(), (120, 36)) as (pilot, _):
        await open_api(pilot)
        assert "group 0 [+4]  4 pods" in line_with(pilot.app, "group 0")
        assert "tab branch" in lines(pilot.app)[-1]
        await pilot.press("enter")
        assert "pod 0" not in text(pilot.app)
        await pilot.press("tab", "tab", "right")
        await pilot.pause()
        assert "group 1 [-]" in line_with(pilot.app, "group 1")
        assert "├ ✔ pod 0" in line_with(pilot.app, "pod 0")
        sheet = pilot.app.screen.sheet
        row = next(y for y in range(sheet.size.height) if "group 1" in sheet.render_line(y).text)
        assert sheet.style("cursor") in {segment.style for segment in sheet.render_line(row)}
        await pilot.press("shift+tab", "plus", "enter", "tab", "left")
        await pilot.pause()
        assert "pod 0" not in text(pilot.app)
        await pilot.press("e")
        await pilot.pause()
        assert text(pilot.app).count("pod 3") == 3
        await pilot.press("e")
        await pilot.pause()
        assert "pod 3" not in text(pilot.app)


async def test_what_was_opened_stays_open_when_news_come(play: Any, settle: Any) -> None:
    script = forest()
    async with play(script) as (pilot, feed):
        await open_api(pilot)
        await pilot.press("tab", "enter")
        script.known = forest(groups=9).known
        feed.publish()
        await settle(pilot, lambda: "group 8" in text(pilot.app))
        assert "group 0 [-]" in line_with(pilot.app, "group 0")
        assert "group 1 [+4]" in line_with(pilot.app, "group 1")


async def test_where_nothing_can_be_opened_no_key_for_it_is_offered(play: Any) -> None:
    async with play(morning(), (120, 36)) as (pilot, _):
        await open_api(pilot)
        assert "tab branch" not in lines(pilot.app)[-1]
        await pilot.press("tab", "enter", "e", "right")
        assert "set weight 5" in text(pilot.app)


async def test_what_is_equal_is_not_written_again(play: Any, settle: Any) -> None:
    script = forest()
    async with play(script) as (pilot, feed):
        await open_api(pilot)
        before, handed = pilot.app.screen.sheet.lines, feed.handed
        script.known = forest().known
        script.taken = script.taken.replace(second=12)
        feed.publish()
        await settle(pilot, lambda: feed.handed > handed and "17:42:12Z" in lines(pilot.app)[0])
        assert pilot.app.screen.sheet.lines is before


async def test_an_item_is_looked_at_as_long_as_its_details_are_open(play: Any, settle: Any) -> None:
    async with play(forest()) as (pilot, feed):
        await open_api(pilot)
        assert feed.looks == [API]
        await pilot.press("escape")
        await settle(pilot, lambda: feed.looks == [])


async def test_words_in_details_are_found_while_rows_stay(play: Any, settle: Any) -> None:
    async with play(forest(), size=(100, 24)) as (pilot, _):
        await open_api(pilot)
        await pilot.press("slash", *"EVENT 39")
        await settle(pilot, lambda: "/EVENT 39 1 of 1" in lines(pilot.app)[1])
        assert "event 39" in text(pilot.app)
        await pilot.press("enter", "n", "escape", "g")
        await settle(pilot, lambda: "/EVENT" not in lines(pilot.app)[1])
        await pilot.press("slash", *"event 3", "escape")
        await settle(pilot, lambda: "/event" not in lines(pilot.app)[1])
        await pilot.press("escape")
        await pilot.pause()
        assert "shop-web" in text(pilot.app)


async def test_the_copy_has_the_why_and_everything_in_full(play: Any) -> None:
    script = forest()
    script.known[API] = (*script.known[API], Facts("More", (Fact("long", "word " * 60 + "end"),)))
    async with play(script) as (pilot, _):
        await open_api(pilot)
        await pilot.press("c")
        await pilot.pause()
        copied = pilot.app.clipboard.splitlines()
        assert copied[0] == "Rollout Rollout shop/shop-api (prod-eu)"
        assert any(line.startswith("why") and "Held at 20 %" in line for line in copied)
        assert copied.count("├ ✔ pod 0") == 3
        assert "Pods" in copied
        assert any(line.endswith("word end") for line in copied)
        assert pilot.app.screen.branches.opened == set()
        assert "group 0 [+4]" in line_with(pilot.app, "group 0")
