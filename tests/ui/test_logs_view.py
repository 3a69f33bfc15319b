"""Logs on the screen: several at once, followed, paused, searched, alone, of before a restart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from deliveries_in_hand import ACTING_STAGES, working
from feeds import morning, ref
from screens import line_with, lines, text

from trombone_tui.core.ports import Denied, LogLine, Missing
from trombone_tui.core.questions import LogSource
from trombone_tui.ui.logs import AT_ONCE, LogsView

API = ref("Rollout", "shop-api")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def source(pod: str, label: str, **more: Any) -> LogSource:
    return LogSource(label=label, namespace="shop", pod=pod, container="api", **more)


def said(second: float, text: str) -> LogLine:
    return LogLine(text, NOON + timedelta(seconds=second))


CANARY, STABLE = source("api-new-x2f8k", "canary x2f8k"), source("api-old-9dk2p", "stable 9dk2p")


def two() -> Any:
    script = morning()
    script.logs[API] = (CANARY, STABLE)
    script.lines["shop", CANARY.pod, "api"] = [[said(1, "canary begins"), said(4, "error: cart is empty")]]
    script.lines["shop", STABLE.pod, "api"] = [[said(2, "stable begins"), said(5, "GET /cart 200")]]
    return script


async def open_logs(pilot: Any, settle: Any, wanted: str) -> None:
    await pilot.press("5", "l")
    await settle(pilot, lambda: isinstance(pilot.app.screen, LogsView) and wanted in text(pilot.app))


async def test_lines_of_several_containers_stand_in_the_order_they_were_written(
    play: Any, settle: Any
) -> None:
    async with play(two()) as (pilot, feed):
        await open_logs(pilot, settle, "GET /cart 200")
        shown = [line for line in lines(pilot.app) if "begins" in line or "cart" in line.split("▸")[0]]
        assert [line.split()[0] for line in shown if line.split()[0] in ("canary", "stable")] == [
            "canary",
            "stable",
            "canary",
            "stable",
        ]
        assert "2 logs" in lines(pilot.app)[1]
        assert {read.pod for _, read, _ in feed.read} == {CANARY.pod, STABLE.pod}
        assert all(options.follow and options.lines for _, _, options in feed.read)


async def test_one_log_alone_and_all_again(play: Any, settle: Any) -> None:
    async with play(two(), (120, 36)) as (pilot, _):
        await open_logs(pilot, settle, "GET /cart 200")
        await pilot.press("tab")
        await settle(pilot, lambda: "canary x2f8k, 1 of 2" in lines(pilot.app)[1])
        assert "GET /cart 200" not in text(pilot.app)
        await pilot.press("tab")
        await settle(pilot, lambda: "stable 9dk2p, 2 of 2" in lines(pilot.app)[1])
        assert "error: cart" not in text(pilot.app)
        await pilot.press("tab")
        await settle(pilot, lambda: "error: cart" in text(pilot.app) and "GET /cart" in text(pilot.app))


async def test_a_pod_that_is_gone_says_where_its_log_went(play: Any, settle: Any) -> None:
    script = morning()
    gone = source("unit-test-1", "unit test", gone="archived: s3 bucket artifacts, key wf/unit-test/main.log")
    script.logs[API] = (gone,)
    script.lines["shop", "unit-test-1", "api"] = [Missing(gone.gone)]
    async with play(script) as (pilot, _):
        await open_logs(pilot, settle, "archived: s3 bucket artifacts")
        assert "no log of unit test" in text(pilot.app)
        assert "ended" in lines(pilot.app)[1]


async def test_a_missing_right_is_named(play: Any, settle: Any) -> None:
    script = morning()
    script.logs[API] = (CANARY,)
    script.lines["shop", CANARY.pod, "api"] = [Denied("get", "pods/log", namespace="shop")]
    async with play(script) as (pilot, _):
        await open_logs(pilot, settle, "may not get pods/log in namespace shop")


async def test_words_are_found_and_the_lines_stand_still(play: Any, settle: Any) -> None:
    script = two()
    script.lines["shop", CANARY.pod, "api"] = [[said(n, f"line {n}") for n in range(200)]]
    async with play(script, (100, 24)) as (pilot, _):
        await open_logs(pilot, settle, "line 199")
        await pilot.press("slash", *"line 42", "enter")
        await settle(pilot, lambda: "1 of 1" in lines(pilot.app)[1])
        assert "line 42" in text(pilot.app)
        assert "paused" in lines(pilot.app)[1]
        await pilot.press("escape", "f")
        await settle(pilot, lambda: "line 199" in text(pilot.app))


async def test_scrolling_up_stays_and_the_end_follows_again(play: Any, settle: Any) -> None:
    script = two()
    script.lines["shop", CANARY.pod, "api"] = [[said(n, f"line {n}") for n in range(200)]]
    async with play(script, (100, 24)) as (pilot, _):
        await open_logs(pilot, settle, "line 199")
        await pilot.press("g")
        await settle(pilot, lambda: "line 0" in text(pilot.app))
        assert "paused" in lines(pilot.app)[1]
        await pilot.press("G")
        await settle(pilot, lambda: "line 199" in text(pilot.app))
        assert "paused" not in lines(pilot.app)[1]


async def test_times_and_wrapping_are_turned_on_and_off(play: Any, settle: Any) -> None:
    script = two()
    script.lines["shop", CANARY.pod, "api"] = [[said(1, "word " * 60 + "last")]]
    async with play(script, (80, 24)) as (pilot, _):
        await open_logs(pilot, settle, "last")
        await pilot.press("t")
        await settle(pilot, lambda: "12:00:01.000" in text(pilot.app))
        await pilot.press("w")
        await settle(pilot, lambda: "last" not in text(pilot.app))
        await pilot.press(*["right"] * 14)
        await settle(pilot, lambda: "last" in text(pilot.app))


async def test_the_log_before_a_restart(play: Any, settle: Any) -> None:
    script = two()
    script.logs[API] = (source(CANARY.pod, "canary x2f8k", restarts=3), STABLE)
    async with play(script) as (pilot, feed):
        await open_logs(pilot, settle, "GET /cart 200")
        await pilot.press("p")
        await settle(pilot, lambda: "before the restart" in lines(pilot.app)[1])
        await settle(pilot, lambda: "stable 9dk2p was never started anew" in text(pilot.app))
        assert [(read.pod, options.follow) for _, read, options in feed.read if options.previous] == [
            (CANARY.pod, False)
        ]


async def test_how_far_back_is_read(play: Any, settle: Any) -> None:
    async with play(two()) as (pilot, feed):
        await open_logs(pilot, settle, "GET /cart 200")
        feed.read.clear()
        await pilot.press("s")
        await settle(pilot, lambda: "since 1m" in lines(pilot.app)[1] and len(feed.read) == 2)
        assert {options.since for _, _, options in feed.read} == {60}


async def test_more_logs_than_are_read_at_once_are_counted(play: Any, settle: Any) -> None:
    script = morning()
    script.logs[API] = tuple(source(f"pod-{n}", f"p{n}") for n in range(AT_ONCE + 3))
    async with play(script) as (pilot, feed):
        await open_logs(pilot, settle, "has ended")
        assert f"{AT_ONCE} of {AT_ONCE + 3} logs" in lines(pilot.app)[1]
        assert len(feed.read) == AT_ONCE
        await pilot.press("shift+tab")
        await settle(pilot, lambda: len(feed.read) == AT_ONCE + 1)
        assert feed.read[-1][1].pod == f"pod-{AT_ONCE + 2}"


async def test_a_new_pod_is_read_as_soon_as_it_is_there(play: Any, settle: Any) -> None:
    script = two()
    script.logs[API] = (CANARY,)
    async with play(script) as (pilot, feed):
        await open_logs(pilot, settle, "canary begins")
        script.logs[API] = (CANARY, STABLE)
        feed.publish()
        await settle(pilot, lambda: "stable begins" in text(pilot.app))


async def test_a_container_that_was_started_anew_is_read_on(play: Any, settle: Any) -> None:
    script = two()
    script.logs[API] = (CANARY,)
    async with play(script) as (pilot, feed):
        await open_logs(pilot, settle, "has ended")
        script.logs[API] = (source(CANARY.pod, "canary x2f8k", restarts=1),)
        script.lines["shop", CANARY.pod, "api"] = [[said(9, "canary begins again")]]
        feed.publish()
        await settle(pilot, lambda: "canary begins again" in text(pilot.app))
        assert "the container was started anew" in text(pilot.app)
        assert feed.read[-1][2].since == NOON + timedelta(seconds=4)


async def test_nothing_that_has_logs_is_said_to_have_none(play: Any, settle: Any) -> None:
    async with play(morning(), (120, 36)) as (pilot, _):
        await open_logs(pilot, settle, "no log is known")
        assert line_with(pilot.app, "Logs")
        await pilot.press("escape")
        await settle(pilot, lambda: not isinstance(pilot.app.screen, LogsView))


async def test_leaving_ends_the_look(play: Any, settle: Any) -> None:
    async with play(two()) as (pilot, feed):
        await open_logs(pilot, settle, "GET /cart 200")
        assert feed.looks == [API]
        await pilot.press("escape")
        await settle(pilot, lambda: feed.looks == [])


async def test_its_own_keys_are_named_before_those_of_verbs(play: Any, settle: Any) -> None:
    script = working()
    script.logs, script.lines = two().logs, two().lines
    async with play(script, (80, 24), stages=ACTING_STAGES) as (pilot, _):
        await open_logs(pilot, settle, "GET /cart 200")
        assert lines(pilot.app)[-1].startswith(" f follow  w wrap  / search  tab one log ")
