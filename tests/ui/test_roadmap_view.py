"""The roadmap: what a cluster has of what the pipeline stands on, and what was installed there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from feeds import Script, morning
from on_clusters import here, looked, roadmap, shown
from screens import line_with, lines, text

from trombone_tui.core.ports import State
from trombone_tui.demo.scenarios import scenario_named
from trombone_tui.ui.dashboard import Dashboard
from trombone_tui.ui.help import HelpView
from trombone_tui.ui.installing.roadmap import RoadmapView
from trombone_tui.ui.menu import Menu

LACKING = scenario_named("not-installed").missing
ORDER = ["Argo Events", "Argo Workflows", "Argo CD Image Updater", "Argo CD", "Argo Rollouts", "Prometheus"]


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_it_names_six_controllers_in_travel_order_there_or_missing(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with shown(tmp_path, size, lacking=LACKING) as (pilot, _):
        await roadmap(pilot)
        listed = [line[4:30].strip() for line in lines(pilot.app)[3:9]]
        assert listed == ORDER
        states = {line[4:30].strip(): line for line in lines(pilot.app)[3:9]}
        assert "∅ Argo Events" in states["Argo Events"]
        assert "missing" in states["Argo Events"]
        assert "missing" in states["Argo CD Image Updater"]
        assert "there" in states["Argo CD"]
        assert "of 6 there" in lines(pilot.app)[1]


async def test_it_says_how_a_missing_one_is_installed_and_c_copies_that(tmp_path: Path, settle: Any) -> None:
    async with shown(tmp_path, (80, 24), lacking=LACKING) as (pilot, _):
        view = await roadmap(pilot)
        assert view.presence is not None
        assert view.presence.controller.name == "Argo Events"
        assert "EventBus.argoproj.io, EventSource.argoproj.io" in line_with(pilot.app, "not served")
        assert "kubectl create namespace argo-events" in line_with(pilot.app, "install (c)")
        assert view.presence.controller.docs in line_with(pilot.app, "docs")
        await pilot.press("c")
        await settle(pilot, lambda: pilot.app.clipboard)
        docs, *commands = pilot.app.clipboard.splitlines()
        assert docs == f"# Argo Events: {view.presence.controller.docs}"
        assert tuple(commands) == view.presence.controller.commands
        assert "kubectl apply -f https://" in pilot.app.clipboard
        await pilot.press("g", "j")
        assert "served       Workflow.argoproj.io, WorkflowTemplate.argoproj.io" in text(pilot.app)


async def test_a_panel_that_is_not_installed_names_the_key_that_leads_here(
    tmp_path: Path, settle: Any
) -> None:
    async with shown(tmp_path, (120, 36), lacking=LACKING) as (pilot, _):
        assert text(pilot.app).count("not installed (press i)") == 2
        await pilot.press("1")
        await settle(pilot, lambda: "not installed (press i)" in text(pilot.app))
        view = await roadmap(pilot)
        assert view.cluster == "here"
        await pilot.press("escape", "escape")
        assert isinstance(here(pilot), Dashboard)


async def test_a_key_of_ones_own_is_named_in_the_panel(play: Any, settle: Any) -> None:

    script = Script()
    script.panel("events", State.NOT_INSTALLED, "sensors are not installed")
    async with play(script, (120, 36), keys={"view.install": "f7"}) as (pilot, _):
        assert "not installed (press f7)" in text(pilot.app)


async def test_what_is_not_visible_is_not_called_missing(tmp_path: Path) -> None:
    persona = scenario_named("few-rights").personas[0]
    async with shown(tmp_path, (120, 36), persona=persona) as (pilot, estate):
        await roadmap(pilot)
        assert "not visible to you" in line_with(pilot.app, "Prometheus")
        assert "none that can be seen was installed here" in text(pilot.app)
        assert "may not list applications.argoproj.io, " in text(pilot.app)
        assert "choose namespaces" in text(pilot.app)
        assert estate.sent == []


async def test_it_looks_again_when_it_is_told_to(tmp_path: Path, settle: Any) -> None:
    async with shown(tmp_path, lacking=LACKING) as (pilot, estate):
        view = await roadmap(pilot)
        asked = len(estate.server.requests)
        await pilot.press("r")
        await settle(pilot, lambda: looked(view) and len(estate.server.requests) > asked)


async def test_of_several_clusters_one_is_chosen_and_another_can_be(tmp_path: Path, settle: Any) -> None:
    async with shown(tmp_path, names=("east", "west")) as (pilot, _):
        await pilot.press("i")
        await settle(pilot, lambda: isinstance(here(pilot), Menu))
        await pilot.press(*"west", "enter")
        await settle(pilot, lambda: looked(here(pilot)))
        assert "Roadmap of west" in lines(pilot.app)[1]
        await pilot.press("tab")
        await settle(pilot, lambda: isinstance(here(pilot), Menu))
        await pilot.press("enter")
        await settle(pilot, lambda: looked(here(pilot)) and here(pilot).cluster == "east")
        assert "Roadmap of east" in lines(pilot.app)[1]


async def test_it_may_be_typed(tmp_path: Path, settle: Any) -> None:
    async with shown(tmp_path) as (pilot, _):
        for word in ("install", "uninstall"):
            await pilot.press("colon", *word, "enter")
            await settle(pilot, lambda: looked(here(pilot)), case=word)
            await pilot.press("escape")
            await settle(pilot, lambda: not isinstance(here(pilot), RoadmapView), case=word)


async def test_it_is_opened_once_and_its_help_is_its_own(tmp_path: Path, settle: Any) -> None:
    async with shown(tmp_path, (120, 36)) as (pilot, _):
        view = await roadmap(pilot)
        await pilot.press("i")
        await pilot.pause()
        assert here(pilot) is view
        assert "I install" in lines(pilot.app)[-1]
        await pilot.press("question_mark")
        await settle(pilot, lambda: isinstance(here(pilot), HelpView))
        assert "Help for the roadmap, to install and uninstall" in lines(pilot.app)[1]
        said = ["".join(cell.text for cell in line) for line in here(pilot).sheet.lines]
        assert any("install a service: first its values" in line for line in said)
        assert any("not visible to you" in line for line in said)
        assert not any(line.startswith("Verbs") for line in said)


async def test_before_a_cluster_is_reached_it_says_so(play: Any, settle: Any) -> None:

    async with play(morning(), (80, 24)) as (pilot, _):
        await pilot.press("i")
        await settle(pilot, lambda: isinstance(here(pilot), RoadmapView) and looked(here(pilot)))
        assert "no cluster is reached yet" in text(pilot.app)
        await pilot.press("I")
        await pilot.pause()
        assert isinstance(here(pilot), RoadmapView)
