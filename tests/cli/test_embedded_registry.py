"""With `--demo` the images' registry is asked where the embedded cluster serves it, and nowhere else."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import pytest

from trombone_tui.cli.embedded import REGISTRY, embedded
from trombone_tui.cli.flags import Demo
from trombone_tui.cli.reach import feed
from trombone_tui.config import Settings
from trombone_tui.core.snapshot import Look
from trombone_tui.demo.story import services

WAIT = 20.0


async def test_without_a_demo_nothing_is_elsewhere() -> None:
    async with embedded(None) as serving:
        served = await serving()
    assert (served.kubeconfig, dict(served.registries)) == (None, {})


async def test_details_of_an_image_name_the_tags_of_the_demos_own_registry_past_any_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    demo = Demo(scenario="day", speed=1.0, seed=1)
    async with embedded(demo) as serving:
        served = await serving()
        assert urlsplit(served.registries[REGISTRY]).hostname == "127.0.0.1"
        async with feed(Settings(), served.kubeconfig, served.registries) as live, asyncio.timeout(WAIT):
            look: Look | None = None
            told = ""
            async for snapshot in live.snapshots():
                items = snapshot.stages["images"].items
                found = next((ref for ref in items if ref.name == "shop-search"), None)
                if look is None and found is not None:
                    look = live.look(found)
                told = repr(look.details()) if look else ""
                if all(tag in told for tag in ("latest", "-rc.1", "feature-checkout")):
                    break
            assert look is not None
            look.close()


def test_the_host_in_image_names_is_the_one_that_is_led_to_the_demo() -> None:
    assert REGISTRY == services.REGISTRY
