"""What is loaded when the screen is painted first: none of what only rows, details and verbs need."""

from __future__ import annotations

import subprocess
import sys

FIRST_PAINT = """
import asyncio, sys

from trombone_tui.cli.dashboard import screen
from trombone_tui.config import Settings


async def main():
    asked = asyncio.Event()

    async def connect():
        asked.loaded = set(sys.modules)
        asked.titles = [str(panel.id) for panel in app.screen.query("StagePanel")]
        asked.set()
        await asyncio.Event().wait()

    app = screen(Settings(), None, connect)
    async with app.run_test():
        await asked.wait()
    print(*asked.titles)
    print(*sorted(asked.loaded))


asyncio.run(main())
"""


def test_the_first_paint_waits_for_no_reader_verb_or_connection() -> None:
    told = subprocess.run(
        [sys.executable, "-c", FIRST_PAINT], capture_output=True, text=True, check=True, timeout=50
    ).stdout
    titles, loaded = (line.split() for line in told.splitlines())
    assert len(titles) == 6
    assert "trombone_tui.pipeline.rollout" in loaded
    late = ("workings", "verbs", "details", "row", "logs")
    stages = [name.split(".") for name in loaded if name.startswith("trombone_tui.pipeline.")]
    assert [name for name in stages if name[-1] in late] == []
    assert [name for name in loaded if name.startswith("trombone_tui.core.objects.argo")] == []
    assert "trombone_tui.core.rollback.planning" not in loaded
    assert {"brotli", "backports.zstd", "kubernetes_asyncio", "aiohttp", "yaml"} & set(loaded) == set()
