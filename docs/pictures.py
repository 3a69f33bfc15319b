"""Draws the README's pictures: the real screen over the embedded cluster, at a moment worth showing.

The story is seeded; the moments on the pictures are those of the day they were drawn.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from trombone_tui.cli.dashboard import screen
from trombone_tui.cli.embedded import embedded
from trombone_tui.cli.flags import Demo
from trombone_tui.cli.reach import feed
from trombone_tui.config import Settings
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.snapshot import Feed, Snapshot

FOLDER = Path(__file__).parent / "pictures"
PATIENCE = 150.0
"""Seconds in which the moment has to come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What to play, when to look, which keys to press before."""

    name: str
    scenario: str
    size: tuple[int, int]
    moment: Callable[[Snapshot], bool]
    keys: tuple[str, ...] = ()
    speed: float = 2.0


def under_way(snapshot: Snapshot) -> bool:
    """Say whether something moves and something waits, and every panel is live."""
    health = {item.health for stage in snapshot.stages.values() for item in stage.items.values()}
    return snapshot.settled and {Health.PROGRESSING, Health.HEALTHY} <= health


def canary_failed(snapshot: Snapshot) -> bool:
    """Say whether a Rollout is broken."""
    rollouts = snapshot.stages["rollout"].items.values()
    return snapshot.settled and any(item.health is Health.DEGRADED for item in rollouts)


PICTURES = (
    Picture(name="dashboard", scenario="day", size=(120, 36), moment=under_way),
    Picture(name="rollout", scenario="bad-canary", size=(120, 30), moment=canary_failed, keys=("5", "enter")),
)


async def draw(picture: Picture) -> None:
    """Play until the moment has come and write the picture."""
    async with AsyncExitStack() as stack:
        demo = Demo(picture.scenario, picture.speed)
        serving = await stack.enter_async_context(embedded(demo))

        async def connect() -> Feed:
            served = await serving()
            return await stack.enter_async_context(feed(Settings(), served.kubeconfig, served.registries))

        app = screen(Settings(), demo, connect)
        async with app.run_test(size=picture.size) as pilot:
            async with asyncio.timeout(PATIENCE):
                while not (app.desk.heard and picture.moment(app.desk.snapshot)):
                    await pilot.pause(0.05)
            await pilot.press(*picture.keys)
            await pilot.pause(0.5)
            (FOLDER / f"{picture.name}.svg").write_text(app.export_screenshot(title="trombone-tui"), "utf-8")


def main() -> None:
    """Draw all of them."""
    os.environ |= {"COLORTERM": "truecolor", "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    os.environ.pop("NO_COLOR", None)
    FOLDER.mkdir(exist_ok=True)
    for picture in PICTURES:
        asyncio.run(draw(picture))
        print(f"docs/pictures/{picture.name}.svg")  # noqa: T201 - a script for people


if __name__ == "__main__":
    main()
