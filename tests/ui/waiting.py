"""Waits for conditions instead of for time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from screens import strips, text
from textual.pilot import Pilot


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
    return [list(strip) for strip in strips(pilot.app)]
