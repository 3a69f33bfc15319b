"""A terminal of known abilities, and waiting for conditions instead of for time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from feeds import STAGES, Script, ScriptedFeed
from screens import text
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot

from trombone_tui.ui.app import TromboneApp

Settle = Callable[..., Awaitable[None]]
Stage = Callable[..., AbstractAsyncContextManager[tuple[Pilot[Any], ScriptedFeed]]]


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "LC_ALL", "LC_CTYPE", "TEXTUAL_COLOR_SYSTEM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("LANG", "en_GB.UTF-8")


async def settled(
    pilot: Pilot[Any], condition: Callable[[], object], seconds: float = 20, *, case: object = "it"
) -> None:
    """Wait until a condition holds, and leave the screen to its own pace; fail after some seconds."""
    try:
        async with asyncio.timeout(seconds):
            while not condition():
                if pilot.app._exception:
                    raise pilot.app._exception
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"{case} did not come within {seconds} s:\n{text(pilot.app)}") from None
    await pilot.pause()


async def still(pilot: Pilot[Any]) -> None:
    """Wait until the screen has been the same for longer than Textual puts off any layout."""
    same, before = 0, painted(pilot)
    while same < 4:
        await pilot.pause(0.03)
        now = painted(pilot)
        same, before = same + 1 if now == before else 0, now


def painted(pilot: Pilot[Any]) -> list[list[Any]]:
    """Return what is on the screen with its colours: a cursor or a mark may come last."""
    return [list(strip) for one in pilot.app.screen_stack for strip in one._compositor.render_strips()]


@pytest.fixture
def settle() -> Settle:
    return settled


@pytest.fixture
def play() -> Stage:
    """Run the program over a script until its first snapshot is on the screen."""

    @asynccontextmanager
    async def run(
        script: Script, size: tuple[int, int] = (80, 24), *, stages: Any = STAGES, **facts: Any
    ) -> AsyncIterator[tuple[Pilot[Any], ScriptedFeed]]:
        feed = ScriptedFeed(script)

        async def connect() -> ScriptedFeed:
            return feed

        app = TromboneApp(stages, connect, **facts)
        async with app.run_test(size=size, notifications=True) as pilot:
            await settled(pilot, lambda: app.desk.heard)
            yield pilot, feed

    return run


_rules: dict[Any, list[Any]] = {}
_parse = Stylesheet._parse_rules


@pytest.fixture(autouse=True)
def parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Share among programs what Textual reads out of equal style sheets: it is a third of a start."""

    def parsed(sheet: Stylesheet, *args: Any, **more: Any) -> list[Any]:
        key = (args, tuple(more.items()), tuple(sheet._variables.items()))
        if key not in _rules:
            _rules[key] = _parse(sheet, *args, **more)
        return _rules[key]

    monkeypatch.setattr(Stylesheet, "_parse_rules", parsed)


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for idleness at the rate Textual paints at: its own 20 ms, twice a key, are most of the time."""
    monkeypatch.setattr("textual._wait.SLEEP_GRANULARITY", 1 / 120)
