"""Draws the picture of docs/lab.md: the dashboard on the running lab, in a canary of `make lab-push`."""

from __future__ import annotations

import asyncio
import os
from contextlib import AsyncExitStack
from pathlib import Path

from trombone_tui.cli.dashboard import screen
from trombone_tui.cli.reach import feed
from trombone_tui.config import Settings
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.snapshot import Feed, Snapshot

LAB = Path(os.environ.get("TROMBONE_LAB") or Path.home() / ".cache" / "trombone-tui" / "lab")
PICTURE = Path(__file__).parent / "pictures" / "lab.svg"
NAMESPACES = ("argo-events", "ci", "argocd", "shop")
PATIENCE = 300.0
"""Seconds in which a canary has to be seen."""


def in_canary(snapshot: Snapshot) -> bool:
    """Say whether the service under delivery is waiting to be promoted."""
    rollouts = snapshot.stages["rollout"].items.items()
    return snapshot.settled and any(
        ref.namespace == "shop" and item.health is Health.SUSPENDED for ref, item in rollouts
    )


async def draw() -> None:
    """Wait for a canary and write the picture."""
    settings = Settings(kubeconfig=str(LAB / "run" / "admin.kubeconfig"), namespaces=NAMESPACES)
    async with AsyncExitStack() as stack:

        async def connect() -> Feed:
            return await stack.enter_async_context(feed(settings, settings.kubeconfig))

        app = screen(settings, None, connect)
        async with app.run_test(size=(120, 36)) as pilot:
            async with asyncio.timeout(PATIENCE):
                while not (app.desk.heard and in_canary(app.desk.snapshot)):
                    await pilot.pause(0.05)
            await pilot.pause(0.5)
            PICTURE.parent.mkdir(exist_ok=True)
            PICTURE.write_text(app.export_screenshot(title="trombone-tui on the lab"), "utf-8")


def main() -> None:
    """Draw it."""
    os.environ |= {"COLORTERM": "truecolor", "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    os.environ.pop("NO_COLOR", None)
    asyncio.run(draw())


if __name__ == "__main__":
    main()
