"""The plan of a rollback that stays: read, done step by step, and never doing anything by itself."""

from __future__ import annotations

from typing import Any

import pytest
from deliveries_in_hand import ACTING_STAGES, API, ROLLOUT, working
from feeds import Script, ref
from screens import line_with, lines, text

from trombone_tui.core.ports import Refused
from trombone_tui.core.rollback import Check, Does, RollbackPlan, RollbackStep, State
from trombone_tui.core.verbs import Offer
from trombone_tui.core.writes import Right
from trombone_tui.ui.confirmation import Confirmation
from trombone_tui.ui.menu import Menu
from trombone_tui.ui.rollback import RollbackView

ABORT = RollbackStep(
    title="abort Rollout shop-api",
    why="the bad version serves 20 % of the requests",
    state=State.NOW,
    does=Does(stage="rollout", kind="Rollout", ref=API, name="abort"),
    command="kubectl argo rollouts abort shop-api -n shop",
    undone_by="nobody: Argo CD leaves status alone",
    stop="all traffic is on v1.4.1, and the next commit begins again",
    right=Right(verb="patch", kind=ROLLOUT, namespace="shop", subresource="status"),
)
HOLD = RollbackStep(
    title="hold v1.4.2 in ImageUpdater shop-api",
    why="or it is written again",
    state=State.FORBIDDEN,
    reason="you may not patch imageupdaters",
    does=Does(stage="images", kind="ImageUpdater", ref=ref("ImageUpdater", "shop-api"), name="hold"),
)
OFF = RollbackStep(title="turn auto-sync off", why="to roll back", state=State.BLOCKED, reason="not yet")
REVERT = RollbackStep(
    title="take v1.4.2 out of the source",
    why="self-heal brings it back",
    state=State.YOURS,
    command="git revert 91bc0de\ngit push",
    instead=(OFF,),
)
VERIFY = RollbackStep(
    title="verify that it stays", why="", state=State.BLOCKED, checks=(Check("it serves v1.4.1", None),)
)
PLAN = RollbackPlan(
    service="shop-api", cluster="prod-eu", bad="shop-api:v1.4.2", good="shop-api:v1.4.1",
    steps=(ABORT, HOLD, REVERT, VERIFY), notes=("undo alone is put back within seconds",),
)  # fmt: skip


def key_of(script: Script, name: str = "shop-api") -> str:
    return next(key for key, one in script.snapshot().services.items() if one.name == name)


def planned() -> Script:
    script = working()
    script.rollbacks[key_of(script)] = PLAN
    return script


def here(pilot: Any) -> Any:
    return pilot.app.screen


@pytest.mark.parametrize("keys", [["j", "R"], ["j", "enter", "R"], ["5", "R"], ["5", "enter", "R"]])
async def test_it_opens_for_the_service_wherever_that_is_seen(
    play: Any, settle: Any, keys: list[str]
) -> None:
    script = planned()
    script.rollbacks = dict.fromkeys(script.snapshot().services, PLAN)
    async with play(script, (80, 24), stages=ACTING_STAGES) as (pilot, _):
        await pilot.press(*keys)
        await settle(pilot, lambda: isinstance(here(pilot), RollbackView))
        assert "from shop-api:v1.4.2 back to" in lines(pilot.app)[1]
        assert "enter do the step" in lines(pilot.app)[-1]
        assert "R rollback plan" not in lines(pilot.app)[-1]


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_it_lists_each_step_with_state_right_command_and_who_would_undo_it(
    play: Any, settle: Any, size: tuple[int, int]
) -> None:
    async with play(planned(), size, stages=ACTING_STAGES) as (pilot, feed):
        await pilot.press("5", "R")
        await settle(pilot, lambda: isinstance(here(pilot), RollbackView))
        await pilot.pause()
        said = text(pilot.app)
        assert "0 of 4 done" in lines(pilot.app)[1]
        assert "▸" in line_with(pilot.app, "abort Rollout shop-api")
        assert "can be done now" in line_with(pilot.app, "1  ▸")
        assert "not permitted" in line_with(pilot.app, "hold v1.4.2")
        assert "or turn auto-sync off" in line_with(pilot.app, "3a")
        assert "the right to patch rollouts.argoproj.io/status in namespace shop" in said
        assert "nobody: Argo CD leaves status alone" in line_with(pilot.app, "undone by")
        assert "kubectl argo rollouts abort shop-api -n shop" in said
        assert "One may stop after it: all traffic is on v1.4.1" in said
        await pilot.press("G")
        await settle(pilot, lambda: "it serves v1.4.1: not known" in text(pilot.app))
        assert "undo alone is put back within seconds" in text(pilot.app)
        assert "Don't stop after it." in text(pilot.app)
        assert feed.acts.prepared == []


async def test_enter_does_the_step_through_the_confirmation_of_its_verb(play: Any, settle: Any) -> None:
    async with play(planned(), stages=ACTING_STAGES) as (pilot, feed):
        await pilot.press("5", "R", "enter")
        await settle(pilot, lambda: isinstance(here(pilot), Confirmation) and here(pilot).ready)
        assert feed.acts.prepared == [(API, "abort", {})]
        assert feed.acts.performed == []
        await pilot.press("y")
        await settle(pilot, lambda: feed.acts.performed)
        assert isinstance(here(pilot), RollbackView)


async def test_a_step_that_can_not_be_done_says_why(play: Any, settle: Any) -> None:
    async with play(planned(), stages=ACTING_STAGES) as (pilot, feed):
        await pilot.press("5", "R")
        for said in ("not permitted: you may not patch imageupdaters", "yours to do", "blocked: not yet"):
            await pilot.press("j", "enter")
            await settle(pilot, lambda: pilot.app._notifications, case=said)
            assert [notice.message for notice in pilot.app._notifications] == [said]
            assert isinstance(here(pilot), RollbackView), said
            assert feed.acts.prepared == [], said
            pilot.app.clear_notifications()


async def test_the_commands_of_a_step_can_be_copied(play: Any, settle: Any) -> None:
    async with play(planned(), stages=ACTING_STAGES) as (pilot, _):
        await pilot.press("5", "R", "j", "j", "c")
        await settle(pilot, lambda: pilot.app.clipboard)
        assert pilot.app.clipboard == "git revert 91bc0de\ngit push"


async def test_it_is_worked_out_anew_and_the_cursor_stays_on_its_step(play: Any, settle: Any) -> None:
    script = planned()
    async with play(script, (120, 36), stages=ACTING_STAGES) as (pilot, feed):
        await pilot.press("5", "R", "j")
        done = RollbackStep(title=ABORT.title, why=ABORT.why, state=State.DONE)
        script.rollbacks[key_of(script)] = RollbackPlan(
            service="shop-api", cluster="prod-eu", bad=PLAN.bad, good="", steps=(done, HOLD)
        )
        feed.publish()
        await settle(pilot, lambda: "1 of 2 done" in text(pilot.app))
        assert "back to what ran before" in lines(pilot.app)[1]
        assert here(pilot).step == HOLD
        script.rollbacks[key_of(script)] = Refused("its Rollouts can't be seen", advice="ask for list")
        feed.publish()
        await settle(pilot, lambda: "its Rollouts can't be seen" in text(pilot.app))
        assert "ask for list" in text(pilot.app)


async def test_where_an_item_is_of_several_services_one_is_chosen_first(play: Any, settle: Any) -> None:
    async with play(planned(), stages=ACTING_STAGES) as (pilot, _):
        await pilot.press("1")
        view = here(pilot)
        while view.chosen.name != "build-on-push":
            await pilot.press("j")
        await pilot.press("R")
        await settle(pilot, lambda: isinstance(here(pilot), Menu))
        assert len(here(pilot).shown) == 3
        await pilot.press(*"shop-api", "enter")
        await settle(pilot, lambda: isinstance(here(pilot), RollbackView))
        assert "Rollback plan shop-api" in lines(pilot.app)[1]


async def test_what_belongs_to_no_service_has_no_plan(play: Any) -> None:
    async with play(planned(), stages=ACTING_STAGES) as (pilot, _):
        await pilot.press("1")
        view = here(pilot)
        while view.chosen.name != "github":
            await pilot.press("j")
        await pilot.press("R")
        await pilot.pause()
        assert here(pilot) is view


async def test_a_step_whose_verb_is_not_offered_says_so(play: Any, settle: Any) -> None:
    script = planned()
    script.offers[API] = (Offer(verb=ACTING_STAGES[4].verbs[0]),)
    async with play(script, stages=ACTING_STAGES) as (pilot, feed):
        await pilot.press("5", "R", "enter")
        await settle(pilot, lambda: pilot.app._notifications)
        assert (
            "abort is not offered for Rollout shop/shop-api" in next(iter(pilot.app._notifications)).message
        )
        assert feed.acts.prepared == []
