"""A terminal of known abilities, and the program over a script."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from feeds import STAGES, Script, ScriptedFeed
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot
from waiting import settled

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
