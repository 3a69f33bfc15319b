"""Uninstalling on the screen: what goes, what is kept and why, by the real installer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from on_clusters import MADE, VALUES, Estate, here, looked, notices, roadmap, shown
from screens import line_with, lines, text

from trombone_tui.core.installing import Came, Order, Progress
from trombone_tui.demo.access import Persona, Rule
from trombone_tui.ui.installing.consent import Consent
from trombone_tui.ui.installing.progress import ProgressView, set_going
from trombone_tui.ui.installing.removal import RemovalPlanView
from trombone_tui.ui.installing.roadmap import RoadmapView
from trombone_tui.ui.works import Phase, Work


async def installed(estate: Estate) -> None:
    """Install a service without the screen."""
    installer = estate.app.desk.installer()
    assert installer is not None
    plan = await installer.plan(Order(cluster="here", values=VALUES))
    last = [step async for step in installer.apply(plan)][-1]
    assert last.came is Came.DONE


async def removal(pilot: Any, settle: Any) -> RemovalPlanView:
    """Open the plan to take the service off."""
    await roadmap(pilot)
    await pilot.press("G", "X")
    await settle(pilot, lambda: isinstance(here(pilot), RemovalPlanView) and here(pilot).plan is not None)
    view: RemovalPlanView = here(pilot)
    return view


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_the_plan_says_what_goes_and_what_is_kept_and_why(
    tmp_path: Path, settle: Any, size: tuple[int, int]
) -> None:
    async with shown(tmp_path, size) as (pilot, estate):
        await installed(estate)
        before = estate.writes
        view = await removal(pilot, settle)
        assert view.plan is not None
        assert "Plan: uninstall shop-api on here" in lines(pilot.app)[1]
        assert "is deleted" in line_with(pilot.app, "Application argocd/shop-api")
        while "Namespace" not in view.table.current.name:  # type: ignore[union-attr]
            await pilot.press("j")
        assert "is kept" in line_with(pilot.app, "Namespace ")
        assert "namespaces are never deleted" in text(pilot.app)
        assert estate.writes == before


async def test_only_the_namespaces_that_were_asked_for_are_looked_into(tmp_path: Path) -> None:
    async with shown(tmp_path, scope=("elsewhere",)) as (pilot, estate):
        await installed(estate)
        before = len(estate.server.requests)
        await roadmap(pilot)
        asked = [seen.path for seen in list(estate.server.requests)[before:]]
        assert [path for path in asked if path.endswith("/secrets")] == [
            "/api/v1/namespaces/elsewhere/secrets"
        ]


async def test_uninstall_typed_begins_at_the_service(tmp_path: Path, settle: Any) -> None:
    async with shown(tmp_path) as (pilot, estate):
        await installed(estate)
        await pilot.press("colon", *"uninstall", "enter")
        await settle(pilot, lambda: looked(here(pilot)))
        await settle(pilot, lambda: here(pilot).service_here == "shop-api")
        await pilot.press("enter")
        await settle(pilot, lambda: isinstance(here(pilot), RemovalPlanView))


async def test_the_secret_goes_only_when_it_is_asked_for(tmp_path: Path, settle: Any) -> None:
    async with shown(tmp_path, (120, 36)) as (pilot, estate):
        await installed(estate)
        view = await removal(pilot, settle)
        assert "is kept" in line_with(pilot.app, "Secret ci/shop-api-webhook")
        await pilot.press("s")
        await settle(pilot, lambda: not view.busy and view.secrets)
        assert "is deleted" in line_with(pilot.app, "Secret ci/shop-api-webhook")
        await pilot.press("s")
        await settle(pilot, lambda: not view.busy and not view.secrets)
        assert "is kept" in line_with(pilot.app, "Secret ci/shop-api-webhook")


async def test_the_service_itself_runs_on_unless_it_is_asked_for(tmp_path: Path, settle: Any) -> None:
    async with shown(tmp_path, (120, 36)) as (pilot, estate):
        await installed(estate)
        view = await removal(pilot, settle)
        assert "what Argo CD has deployed runs on" in text(pilot.app)
        await pilot.press("w")
        await settle(pilot, lambda: not view.busy and view.workloads)
        assert "is deleted by Argo CD first" in text(pilot.app)


async def test_no_is_the_answer_until_somebody_says_yes(tmp_path: Path, settle: Any) -> None:
    async with shown(tmp_path, (80, 24)) as (pilot, estate):
        await installed(estate)
        before, there = estate.writes, estate.there()
        view = await removal(pilot, settle)
        await pilot.press("X")
        await settle(pilot, lambda: isinstance(here(pilot), Consent))
        assert "Secret ci/shop-api-webhook" in line_with(pilot.app, "keeps")
        await pilot.press("enter")
        await settle(pilot, lambda: here(pilot) is view)
        assert estate.writes == before
        await pilot.press("X", "y")
        await settle(pilot, lambda: isinstance(here(pilot), ProgressView) and here(pilot).work.verdicts)
        assert here(pilot).work.verdicts[-1][1].came is Came.DONE
        assert estate.there() == {"secrets"} < there
        assert "take back" not in lines(pilot.app)[-1]
        await pilot.press("escape")
        await settle(pilot, lambda: isinstance(here(pilot), RoadmapView) and not here(pilot).busy)
        assert "uninstall shop-api" in text(pilot.app)


async def test_what_may_not_be_listed_is_named_and_the_rest_can_go(tmp_path: Path, settle: Any) -> None:
    rules = [Rule(verbs=["*"], groups=["*"], resources=["*"])]
    few = Persona(name="few", token="few", rules=rules)
    async with shown(tmp_path, (80, 24), persona=few) as (pilot, estate):
        await installed(estate)
        others = sorted(one.partition(".")[0] for one in MADE if not one.startswith("sensors"))
        changes = Rule(verbs=["get", "delete", "watch"], groups=["*"], resources=["*"])
        asks = Rule(verbs=["create"], groups=["authorization.k8s.io"], resources=["*"])
        rules[:] = [changes, asks, Rule(verbs=["list"], groups=["*"], resources=[*others, "namespaces"])]
        view = await removal(pilot, settle)
        assert not view.reason
        assert "not all can be seen, " in lines(pilot.app)[1]
        assert " Not looked at ───" in text(pilot.app)
        said = "may not list sensors.argoproj.io in all namespaces; what is there of them stays"
        assert said in view.copied()
        await pilot.press("X")
        await settle(pilot, lambda: isinstance(here(pilot), Consent))
        assert "may not list sensors.argoproj.io in all namespaces" in line_with(pilot.app, "not seen")
        await pilot.press("y")
        await settle(pilot, lambda: isinstance(here(pilot), ProgressView) and here(pilot).work.verdicts)
        assert here(pilot).work.verdicts[-1][1].came is Came.DONE
        assert "stays: may not list sensors.argoproj.io in all namespaces" in here(pilot).copied()
        assert estate.there() == {"secrets", "sensors.argoproj.io"}


async def test_where_names_have_to_be_typed_nothing_goes_without(tmp_path: Path, settle: Any) -> None:
    async with shown(tmp_path, protected=("here",)) as (pilot, estate):
        await installed(estate)
        before = estate.writes
        await removal(pilot, settle)
        await pilot.press("X", "y", *"shop", "enter")
        await settle(pilot, lambda: "shop is not shop-api" in text(pilot.app))
        assert estate.writes == before
        await pilot.press(*"-api", "enter")
        await settle(pilot, lambda: isinstance(here(pilot), ProgressView) and here(pilot).work.verdicts)
        assert estate.there() == {"secrets"}


async def test_in_read_only_nothing_is_deleted(tmp_path: Path, settle: Any) -> None:
    async with shown(tmp_path) as (pilot, estate):
        await installed(estate)
        before = len(estate.sent)
        await pilot.press("ctrl+t")
        view = await removal(pilot, settle)
        assert view.quiet("uninstall")
        await pilot.press("X")
        await settle(pilot, lambda: any("something; nothing was sent" in said for said in notices(pilot)))
        assert here(pilot) is view
        assert len(estate.sent) == before


async def test_it_waits_for_what_is_being_done_to_the_service(tmp_path: Path, settle: Any) -> None:
    async with shown(tmp_path) as (pilot, estate):
        await installed(estate)
        view = await removal(pilot, settle)
        before, go_on = estate.writes, asyncio.Event()
        installer = estate.app.desk.installer()
        assert installer is not None
        plan = await installer.plan(Order(cluster="here", values=VALUES))

        async def held() -> AsyncGenerator[Progress, None]:
            await go_on.wait()
            async for step in installer.apply(plan):
                yield step

        work = Work(
            verb="install", service="shop-api", cluster="here", protected=False, steps={},
            phase=Phase.APPLYING,
        )  # fmt: skip
        set_going(pilot.app, pilot.app.desk, work, ((Phase.APPLYING, held),))
        await settle(pilot, lambda: view.reason == "install shop-api goes on: applying, 0 of 0")
        await pilot.press("X")
        await settle(pilot, lambda: any("goes on" in said for said in notices(pilot)))
        assert here(pilot) is view
        assert estate.writes == before
        go_on.set()
        await settle(pilot, lambda: not view.reason)
        assert any("nothing had to be sent" in said for said in notices(pilot))


async def test_what_is_gone_meanwhile_is_said(tmp_path: Path, settle: Any) -> None:
    async with shown(tmp_path) as (pilot, estate):
        await installed(estate)
        await roadmap(pilot)
        installer = estate.app.desk.installer()
        assert installer is not None
        plan = await installer.plan_removal("here", "shop-api", secrets=True)
        assert [step async for step in installer.remove(plan)][-1].came is Came.DONE
        for name in ("ci", "shop-api"):
            estate.server.store.delete("namespaces", None, name)
        await pilot.press("G", "X")
        await settle(pilot, lambda: "nothing is installed here for shop-api" in text(pilot.app))
