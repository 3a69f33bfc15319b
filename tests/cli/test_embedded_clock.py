"""With `--demo` it is as late as the embedded cluster's objects say, however fast its story is played."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
import yaml

from trombone_tui.cli.embedded import embedded
from trombone_tui.cli.flags import Demo
from trombone_tui.cli.reach import feed
from trombone_tui.config import Settings

WAIT = 20.0
REAL = 0.1
"""Seconds of real time by which the two processes' clocks may differ."""


@pytest.mark.parametrize("speed", [1.0, 100.0])
async def test_the_clock_agrees_with_what_the_embedded_cluster_writes(speed: float) -> None:
    near = timedelta(seconds=1 + REAL * speed)  # objects are dated to the second
    async with embedded(Demo(scenario="broken-build", speed=speed, seed=1)) as serving, asyncio.timeout(WAIT):
        served = await serving()
        assert served.kubeconfig is not None
        server = _server(Path(served.kubeconfig))
        before, made = served.clock(), await _made(server)
        assert before - near <= made <= served.clock() + near
        while speed > 1 and made < datetime.now(UTC) + 2 * near:
            before, made = served.clock(), await _made(server)
        assert before - near <= made <= served.clock() + near
        async with feed(Settings(), served.kubeconfig, served.registries, served.clock) as live:
            before = served.clock()
            taken = (await anext(aiter(live.snapshots()))).taken
            assert before <= taken <= served.clock()


def _server(kubeconfig: Path) -> str:
    return str(yaml.safe_load(kubeconfig.read_text())["clusters"][0]["cluster"]["server"])


async def _made(server: str) -> datetime:
    """Make an object; return when the cluster says that was."""
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "what-time-is-it-"}}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server}/api/v1/namespaces/default/configmaps", json=body) as answer,
    ):
        found = await answer.json()
    return datetime.fromisoformat(found["metadata"]["creationTimestamp"])
