"""Waiting for something to become so; a time-out says for what, and what was there instead."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import TypeVar

T = TypeVar("T")
STEP = 0.1
"""Seconds between two questions."""
SLOWNESS = 4.0
"""How many times slower than the machine on which tests were written another one may be.

Tests name the seconds that something takes here when it goes well; they wait this many times as long, so that
what never happens fails, and what is late does not.
"""


def until(
    ready: Callable[[], T | bool | None], *, seconds: float = 30, what: str = "", step: float = STEP
) -> T:
    """Ask until the answer is true, and return it.

    An AssertionError raised by ``ready`` counts as "not yet", so that it may assert.

    Raises:
        AssertionError: it was not so in time; it names what was waited for and the last answer.
    """
    seconds *= SLOWNESS
    deadline = time.monotonic() + seconds
    while True:
        answer = _ask(ready)
        if _true(answer):
            return answer  # type: ignore[return-value]  # neither None nor False, nor an error
        if time.monotonic() > deadline:
            raise _too_late(what or _name(ready), seconds, answer)
        time.sleep(step)


async def eventually(
    ready: Callable[[], T | bool | Awaitable[T | bool | None] | None],
    *,
    seconds: float = 30,
    what: str = "",
    step: float = STEP,
) -> T:
    """Ask until the answer is true, as `until` does; what is asked may be a coroutine function.

    What is not one is asked in a thread, so that what the test follows meanwhile goes on.
    """
    seconds *= SLOWNESS
    deadline = time.monotonic() + seconds
    while True:
        answer = await asyncio.to_thread(_ask, ready)
        if isawaitable(answer):
            try:
                answer = await answer
            except AssertionError as error:
                answer = error
        if _true(answer):
            return answer  # type: ignore[return-value]  # neither None nor False, nor an error
        if time.monotonic() > deadline:
            raise _too_late(what or _name(ready), seconds, answer)
        await asyncio.sleep(step)


def _ask(ready: Callable[[], object]) -> object:
    try:
        return ready()
    except AssertionError as error:
        return error


def _true(answer: object) -> bool:
    return bool(answer) and not isinstance(answer, AssertionError)


def _name(ready: Callable[[], object]) -> str:
    return getattr(ready, "__qualname__", repr(ready))


def _too_late(what: str, seconds: float, answer: object) -> AssertionError:
    return AssertionError(f"{what}: not so within {seconds:g} s; the last answer was {answer!r}")
