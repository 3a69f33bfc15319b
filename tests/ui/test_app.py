"""The program as a whole: paints before it connects, keeps pace with the terminal, ends when told to."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from feeds import NOW, STAGES, Script, ScriptedFeed, item, morning
from screens import lines, text
from textual.worker import WorkerFailed

from trombone_tui.core.ports import Refused, Unreachable
from trombone_tui.core.snapshot import Snapshot
from trombone_tui.ui.app import TromboneApp
from trombone_tui.ui.terminal import Impatient, backlog
from trombone_tui.ui.trouble import TroubleView


async def test_the_first_screen_is_painted_before_anything_is_connected(settle: Any) -> None:
    painted: list[str] = []
    go = asyncio.Event()

    async def connect() -> ScriptedFeed:
        painted.append(text(app))
        await go.wait()
        return ScriptedFeed(morning())

    app = TromboneApp(STAGES, connect, contexts="prod-eu")
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot, lambda: painted)
        assert "6 Metrics" in painted[0]
        assert "prod-eu" in lines(app)[0]
        assert "◌ connecting" in lines(app)[0]
        assert "Z" not in lines(app)[0]
        assert "nothing here" not in text(app)
        go.set()
        await settle(pilot, lambda: "shop-web" in text(app))


@pytest.mark.parametrize("keys", [["ctrl+c"], ["q"]])
async def test_it_ends_at_once_also_while_connecting(settle: Any, keys: list[str]) -> None:
    begun = asyncio.Event()

    async def connect() -> ScriptedFeed:
        begun.set()
        await asyncio.sleep(60)
        raise AssertionError("it must not wait")

    app = TromboneApp(STAGES, connect)
    async with app.run_test() as pilot:
        await settle(pilot, begun.is_set)
        await pilot.press(*keys)
    assert app.return_code == 0


async def test_closed_screens_are_freed_once_no_key_comes_for_a_while(
    play: Any, settle: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with play(morning()) as (pilot, _):
        await pilot.press("question_mark")
        closed = weakref.ref(pilot.app.screen)
        gc.disable()
        monkeypatch.setattr("trombone_tui.ui.app.REST", 0.1)
        try:
            await pilot.press("q")
            await settle(pilot, lambda: closed() is None)
        finally:
            gc.enable()


@pytest.mark.parametrize("keys", [["5", "enter"], ["question_mark"], ["slash", "a"]])
async def test_ctrl_c_ends_it_from_every_screen(play: Any, keys: list[str]) -> None:
    async with play(morning()) as (pilot, _):
        await pilot.press(*keys, "ctrl+c")
        assert pilot.app.return_code == 0


async def test_q_goes_back_first_and_quits_from_the_dashboard(play: Any) -> None:
    async with play(morning()) as (pilot, _):
        await pilot.press("5", "enter", "q")
        await pilot.pause()
        assert len(pilot.app.screen_stack) == 2
        await pilot.press("q", "q")
        assert pilot.app.return_code == 0


@pytest.mark.parametrize(
    "error",
    [Refused("context x is not there", advice="choose one"), Unreachable("no answer from 10.0.0.1:6443")],
)
async def test_what_cannot_be_connected_is_explained_and_ends_with_two(settle: Any, error: Any) -> None:
    async def connect() -> ScriptedFeed:
        raise error

    app = TromboneApp(STAGES, connect)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot, lambda: isinstance(app.screen, TroubleView))
        await pilot.pause()
        assert str(error) in text(app)
        assert error.advice in text(app)
        await pilot.press("1", "question_mark")
        assert isinstance(app.screen, TroubleView)
        assert lines(app)[-1].split() == ["q", "quit"]
        await pilot.press("q")
    assert app.return_code == 2


async def test_an_error_without_advice_is_shown_alone(settle: Any) -> None:
    async def connect() -> ScriptedFeed:
        raise Refused("no")

    app = TromboneApp(STAGES, connect)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot, lambda: isinstance(app.screen, TroubleView))
        await pilot.pause()
        assert "what to do" not in text(app)
        await pilot.press("escape")
    assert app.return_code == 2


async def test_a_bug_in_the_feed_is_not_hidden() -> None:
    async def connect() -> ScriptedFeed:
        raise ZeroDivisionError("a bug")

    app = TromboneApp(STAGES, connect)
    with pytest.raises(WorkerFailed, match="a bug"):
        async with app.run_test() as pilot:
            await pilot.pause(1)
    assert app.return_code == 1


class EagerFeed(ScriptedFeed):
    """Has always something new."""

    async def snapshots(self) -> AsyncIterator[Snapshot]:
        number = 0
        while True:
            number += 1
            self.handed += 1
            self.script.put("events", item("Sensor", f"s{number}"))
            self.script.taken = NOW.replace(microsecond=number)
            yield self.script.snapshot()
            await asyncio.sleep(0)


async def test_however_much_happens_only_a_few_snapshots_a_second_are_taken(settle: Any) -> None:
    feed = EagerFeed(Script())

    async def connect() -> EagerFeed:
        return feed

    app = TromboneApp(STAGES, connect)
    async with app.run_test() as pilot:
        await settle(pilot, lambda: app.desk.heard)
        before = feed.handed
        await asyncio.sleep(1)
        assert 1 <= feed.handed - before <= 9


async def test_while_the_terminal_is_behind_nothing_is_taken_and_then_the_newest(settle: Any) -> None:
    waiting = 0
    feed = EagerFeed(Script())

    async def connect() -> EagerFeed:
        return feed

    app = TromboneApp(STAGES, connect)
    async with app.run_test() as pilot:
        writer = SimpleNamespace(_queue=SimpleNamespace(qsize=lambda: waiting))
        app._driver._writer_thread = writer  # type: ignore[union-attr]  # a driver with a writer
        await settle(pilot, lambda: app.desk.heard)
        assert backlog(app) == 0
        waiting = 3
        await asyncio.sleep(0.4)
        before = feed.handed
        await asyncio.sleep(0.4)
        assert feed.handed == before
        waiting = 0
        await settle(pilot, lambda: feed.handed > before)


def test_the_backlog_is_unknown_where_there_is_no_writer() -> None:
    assert backlog(SimpleNamespace()) is None  # type: ignore[arg-type]  # no driver at all


async def test_a_thread_that_hangs_is_not_waited_for_and_errors_come_back() -> None:
    threads = Impatient()
    loop = asyncio.get_running_loop()
    assert await loop.run_in_executor(threads, lambda: 42) == 42
    with pytest.raises(ZeroDivisionError):
        await loop.run_in_executor(threads, lambda: 1 // 0)
    threads.shutdown()


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("COLORTERM", "")])
async def test_without_colours_everything_is_still_told_apart(
    play: Any, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    monkeypatch.setenv("TERM", "xterm")
    async with play(morning(), (120, 36)) as (pilot, _):
        assert pilot.app.theme == "plain"
        await pilot.press("j")
        table = pilot.app.screen.changes
        assert table.style("cursor").reverse
        assert table.style("bad", "lit").reverse
        assert "✖ test" in text(pilot.app)


async def test_an_ascii_terminal_gets_ascii_only(play: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "C")
    script = morning()
    script.put("events", item("Sensor", "größe-宽", why="✔ done"))
    async with play(script) as (pilot, _):
        for keys in (
            [],
            ["2"],
            ["enter"],
            ["question_mark"],
            ["escape", "escape", "escape", "enter"],
            ["slash", "x"],
        ):
            await pilot.press(*keys)
            await pilot.pause()
            assert text(pilot.app).isascii()


async def test_a_feed_that_ends_leaves_the_last_state_on_the_screen(settle: Any) -> None:
    class OnceFeed(ScriptedFeed):
        async def snapshots(self) -> AsyncIterator[Snapshot]:
            yield self.script.snapshot()

    async def connect() -> OnceFeed:
        return OnceFeed(morning())

    app = TromboneApp(STAGES, connect)
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot, lambda: app.desk.heard)
        await asyncio.sleep(0.3)
        assert "shop-web" in text(app)
