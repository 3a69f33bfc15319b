"""With read-only on, whatever is pressed, no request that changes anything leaves the program."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from parsed import parsed
from textual.pilot import Pilot

from trombone_tui.cli.dashboard import screen
from trombone_tui.cli.reach import Reached, reached
from trombone_tui.config import Settings
from trombone_tui.core.snapshot import Feed
from trombone_tui.demo.clock import Clock
from trombone_tui.demo.patches import MERGE
from trombone_tui.demo.server import ApiServer
from trombone_tui.demo.store import Store

DATA = Path(__file__).parents[1] / "data"
OBJECTS = {
    "rollouts.argoproj.io": [
        "rollout/lab/rollout-canary-paused-canarypausestep",
        "rollout/lab/rollout-canary-healthy",
    ],
    "applications.argoproj.io": ["sync/lab/application-outofsync-healthy"],
    "workflows.argoproj.io": ["workflows/lab/workflow-failed-steps-podfailed"],
    "imageupdaters.argocd-image-updater.argoproj.io": ["images/lab/imageupdater"],
    "analysisruns.argoproj.io": ["metrics/lab/analysisrun-background-running-running"],
}
KEYS = [
    *"PAUsRTaldyYncoekjgGftwmh:/iIX",
    *"123456",
    "enter",
    "escape",
    "tab",
    "space",
    "left",
    "right",
    "ctrl+p",
    "down",
]
MOST = 90


@asynccontextmanager
async def server() -> AsyncIterator[ApiServer]:
    store = Store(Clock())
    made = ApiServer(store)
    for resource, names in OBJECTS.items():
        for name in names:
            (obj,) = parsed(DATA / f"{name}.yaml")
            for field in ("uid", "resourceVersion"):
                obj["metadata"].pop(field, None)
            obj["metadata"]["namespace"] = "shop"
            made_of = store.create(resource, obj)
            if resource == "rollouts.argoproj.io":
                status = obj["status"] | {"observedGeneration": str(made_of["metadata"]["generation"])}
                store.patch(
                    resource, "shop", obj["metadata"]["name"], {"status": status},
                    content_type=MERGE, subresource="status",
                )  # fmt: skip
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


@asynccontextmanager
async def running(api: ApiServer, folder: Path, *, read_only: bool) -> AsyncIterator[Pilot[Any]]:
    path = folder / "config"
    path.write_text(api.kubeconfig("shop", context="here"))
    settings = Settings(read_only=read_only)
    async with AsyncExitStack() as stack:
        opened: list[Reached] = []

        async def connect() -> Feed:
            opened.append(await stack.enter_async_context(reached(settings, str(path))))
            return opened[0].live

        app = screen(settings, None, connect, installer=lambda: opened[0].installer if opened else None)
        async with app.run_test(size=(120, 36)) as pilot:
            while not (app.desk.heard and app.desk.snapshot.settled):
                await pilot.pause(0.02)
            yield pilot


def changes(api: ApiServer) -> list[tuple[str, str]]:
    asked = [(seen.method, seen.path) for seen in api.requests if seen.method not in ("GET", "HEAD")]
    return [(method, path) for method, path in asked if "selfsubject" not in path]


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


@pytest.mark.parametrize("seed", [1, 2])
async def test_no_key_changes_anything_in_read_only(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    async with server() as api, running(api, tmp_path, read_only=True) as pilot:
        for _ in range(MOST):
            await pilot.press(chance.choice(KEYS))
        assert pilot.app.is_running
        assert len(api.requests) > len(OBJECTS)
        assert changes(api) == []
    assert not (tmp_path / "trombone-tui" / "audit.jsonl").exists()


async def test_the_same_keys_do_change_something_without_it(tmp_path: Path) -> None:
    async with server() as api, running(api, tmp_path, read_only=False) as pilot:
        await pilot.press("5", "j")
        await pilot.pause()
        async with asyncio.timeout(30):
            while not changes(api):
                await pilot.press("P")
                await pilot.pause(0.3)
                await pilot.press("y")
                await pilot.pause(0.3)
                await pilot.press("escape")
    (method, path), *_ = changes(api)
    assert (method, path.endswith("/status") or "/rollouts/" in path) == ("PATCH", True)
