"""The command when something is refused in the middle: what is said, taken back, and how it ends."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from installs import KINDS, VALUES, At, at, eventually

from trombone_tui.cli.doing import Code
from trombone_tui.cli.installing import Wish, _install
from trombone_tui.config import Settings
from trombone_tui.demo.faults import Fault
from trombone_tui.installer.values import Given

GIVEN = {name: Given(value, name) for name, value in VALUES.items()}


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))


async def stopped(here: At, tmp_path: Path, **wish: object) -> Code:
    """Install while the Sensor is refused, but not in the dry run."""
    here.server.faults.add(Fault(resource=KINDS["Sensor"], verb="patch", status=422, after=1, times=None))
    settings = Settings(kubeconfig=str(tmp_path / "config"))
    return await _install(settings, None, Wish(yes=True, **wish), GIVEN)  # type: ignore[arg-type]


async def test_without_undo_it_says_how_to_go_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with at(tmp_path, namespaces=["argocd", "ci"]) as here:
        assert await stopped(here, tmp_path) is Code.UNPROVED
        said = capsys.readouterr()
        assert "refused Sensor ci/shop-api: the API server rejects patch sensors.argoproj.io" in said.out
        assert "not sent WorkflowTemplate ci/shop-api-build" in said.out
        assert said.err.endswith("run it again to go on, or `uninstall` to take it off\n")
        assert here.there("EventBus") == ["shop-api"]


async def test_undo_takes_it_back_and_then_nothing_is_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with at(tmp_path, namespaces=["argocd", "ci"]) as here:
        assert await stopped(here, tmp_path, undo=True) is Code.REFUSED
        said = capsys.readouterr()
        assert "deleted EventBus ci/shop-api" in said.out
        assert said.err.endswith("; all of it is taken back\n")
        assert {kind: here.there(kind) for kind in KINDS if here.there(kind)} == {}


async def test_interrupted_while_it_is_taken_back_it_names_what_is_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with at(tmp_path, namespaces=["argocd", "ci"]) as here:
        here.server.faults.add(Fault(resource=KINDS["EventBus"], verb="delete", delay=0.3))
        doing = asyncio.create_task(stopped(here, tmp_path, undo=True))
        await eventually(
            lambda: any(method == "DELETE" and "eventbus/" in path for method, path in here.writes)
        )
        doing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await doing
        said = capsys.readouterr().err
        assert said.startswith("interrupted; applied are ServiceAccount ci/shop-api-sensor (here)")
        assert said.endswith("; `trombone-tui audit` has what was sent last\n")
        assert "Secret ci/shop-api-webhook (here)" in said
        assert "EventSource" not in said
        assert here.there("EventSource") == here.there("EventBus") == []


async def test_json_has_both_ways(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with at(tmp_path, namespaces=["argocd", "ci"]) as here:
        assert await stopped(here, tmp_path, undo=True, output="json") is Code.REFUSED
        told = json.loads(capsys.readouterr().out)
        assert told["outcome"] == "stopped"
        came = [(one["came"], one["target"]["kind"]) for one in told["steps"] if one["target"]]
        assert came.index(("refused", "Sensor")) < came.index(("deleted", "EventBus"))
        assert told["steps"][-1] == told["steps"][-1] | {"came": "done", "text": "all of it is taken back"}
