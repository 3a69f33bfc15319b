"""The screens of installing as pictures, over the real installer. `make snapshots` draws them anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from on_clusters import here, planned, roadmap, shown
from pytest_textual_snapshot import SVGImageExtension
from screens import lines
from waiting import settled, still

from trombone_tui.demo.scenarios import scenario_named
from trombone_tui.ui.installing.consent import Consent
from trombone_tui.ui.installing.progress import ProgressView

SMALL, LARGE = (80, 24), (120, 36)


@pytest.fixture
def picture(snapshot: Any) -> Any:
    return snapshot.use_extension(SVGImageExtension)


async def drawn(pilot: Any) -> str:
    await still(pilot)
    return str(pilot.app.export_screenshot())


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x36"])
async def test_the_roadmap_looks_as_it_did(tmp_path: Path, picture: Any, size: tuple[int, int]) -> None:
    async with shown(tmp_path, size, lacking=scenario_named("not-installed").missing) as (pilot, _):
        await roadmap(pilot)
        assert await drawn(pilot) == picture


async def test_the_values_look_as_they_did(tmp_path: Path, picture: Any) -> None:
    async with shown(tmp_path, SMALL) as (pilot, _):
        await roadmap(pilot)
        await pilot.press("I", *"shop-api")
        await settled(pilot, lambda: here(pilot).value.name == "service")
        assert await drawn(pilot) == picture


@pytest.mark.parametrize("setting", ["", "NO_COLOR", "LANG"], ids=["colours", "no-colour", "ascii"])
async def test_the_confirmation_over_its_plan_looks_as_it_did(
    tmp_path: Path, picture: Any, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    if setting:
        monkeypatch.setenv(setting, {"NO_COLOR": "1", "LANG": "C"}[setting])
    async with shown(tmp_path, LARGE) as (pilot, _):
        await planned(pilot)
        await pilot.press("j", "j", "j", "I")
        await settled(pilot, lambda: isinstance(here(pilot), Consent))
        assert await drawn(pilot) == picture


async def test_an_installation_that_was_stopped_looks_as_it_did(tmp_path: Path, picture: Any) -> None:
    async with shown(tmp_path, LARGE) as (pilot, estate):
        await planned(pilot)
        sensor = {"metadata": {"name": "shop-api", "namespace": "ci"}, "spec": {}}
        estate.server.store.create("sensors.argoproj.io", sensor)
        await pilot.press("I", "y")
        await settled(pilot, lambda: isinstance(here(pilot), ProgressView) and here(pilot).work.verdicts)
        await settled(pilot, lambda: not here(pilot).work.running)
        await settled(pilot, lambda: "⚑ 3 need you" in lines(pilot.app)[0])
        assert await drawn(pilot) == picture
