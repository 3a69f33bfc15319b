"""Nothing is changed without a yes that was given to what is shown."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from deliveries_in_hand import ACTING_STAGES, API, PAY, REFRESH, ROLLOUT, WEB, patch, plan, working
from feeds import PROD, ScriptedActs
from screens import line_with, lines, text

from trombone_tui.core.objects.pods import POD
from trombone_tui.core.ports import Refused, Unreachable
from trombone_tui.core.verbs import Act, Offer
from trombone_tui.core.writes import JSON_PATCH, Call, Right, Write
from trombone_tui.ui.confirmation import Confirmation
from trombone_tui.ui.station import StationView
from trombone_tui.ui.view import View

SIZES = [(80, 24), (200, 50)]


def here(pilot: Any) -> Any:
    return pilot.app.screen


async def confirmation(pilot: Any, settle: Any, *keys: str) -> None:
    await pilot.press(*keys)
    await settle(pilot, lambda: isinstance(here(pilot), Confirmation) and here(pilot).ready)


def performed(feed: Any) -> list[tuple[str, str]]:
    return [(act.verb.name, act.ref.name) for act in feed.acts.performed]


@pytest.mark.parametrize("size", SIZES)
async def test_it_shows_target_effect_warnings_and_the_official_command(
    play: Any, settle: Any, size: tuple[int, int]
) -> None:
    script = working()
    script.plans[API, "abort"] = plan(
        before="20 % on v1.4.2",
        after="all traffic on v1.4.1",
        warnings=("Argo CD's self-heal of shop-api puts it back within seconds",),
        command="kubectl argo rollouts abort shop-api -n shop",
    )
    async with play(script, size, stages=ACTING_STAGES) as (pilot, _):
        await confirmation(pilot, settle, "5", "A")
        said = text(pilot.app)
        assert "abort shop/shop-api" in said
        assert "Rollout shop/shop-api" in line_with(pilot.app, "target")
        assert PROD in line_with(pilot.app, "cluster")
        assert "shop" in line_with(pilot.app, "namespace ")
        assert "20 % on v1.4.2" in line_with(pilot.app, "before")
        assert "all traffic on v1.4.1" in line_with(pilot.app, "after")
        assert "⚑ Argo CD's self-heal" in line_with(pilot.app, "mind")
        assert "kubectl argo rollouts abort shop-api -n shop" in said
        assert "y: yes   n, enter or esc: no" in said


async def test_enter_is_yes_only_where_nothing_is_dangerous(play: Any, settle: Any) -> None:
    answers = (
        ("P", "n", ""), ("P", "escape", ""), ("P", "enter", "promote"), ("P", "y", "promote"),
        ("A", "n", ""), ("A", "escape", ""), ("A", "enter", ""), ("A", "y", "abort"),
    )  # fmt: skip
    async with play(working(), stages=ACTING_STAGES) as (pilot, feed):
        await pilot.press("5")
        sent: list[tuple[str, str]] = []
        for key, answer, name in answers:
            await confirmation(pilot, settle, key)
            await pilot.press(answer)
            await settle(pilot, lambda: isinstance(here(pilot), StationView), case=(key, answer))
            sent += [(name, "shop-api")] if name else []
            assert performed(feed) == sent, (key, answer)


async def test_a_plan_may_be_dangerous_for_what_the_object_holds_just_now(play: Any, settle: Any) -> None:
    script = working()
    script.plans[API, "promote"] = plan(dangerous=True)
    async with play(script, stages=ACTING_STAGES) as (pilot, feed):
        await confirmation(pilot, settle, "5", "P")
        await pilot.press("enter")
        await settle(pilot, lambda: isinstance(here(pilot), StationView))
        assert performed(feed) == []


async def test_a_yes_before_the_plan_is_there_is_not_heard(
    play: Any, settle: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = asyncio.Event()
    prepare = ScriptedActs.prepare

    async def slow(self: Any, *args: Any) -> Act:
        await go.wait()
        return await prepare(self, *args)

    monkeypatch.setattr(ScriptedActs, "prepare", slow)
    async with play(working(), stages=ACTING_STAGES) as (pilot, feed):
        await pilot.press("5", "P", "y", "enter", "d", "t")
        await pilot.pause()
        assert isinstance(here(pilot), Confirmation)
        assert "reading shop/shop-api…" in text(pilot.app)
        go.set()
        await settle(pilot, lambda: here(pilot).ready)
        assert performed(feed) == []
        await pilot.press("y")
        await settle(pilot, lambda: performed(feed))
        assert performed(feed) == [("promote", "shop-api")]


async def test_the_exact_requests_are_shown_on_d_without_secrets(play: Any, settle: Any) -> None:
    script = working()
    other = Write(
        method="PATCH", kind=ROLLOUT, namespace="shop", name="shop-api", content=JSON_PATCH,
        body=[{"op": "remove", "path": "/spec/paused"}], title="unpause", after=0.5,
    )  # fmt: skip
    first = patch(status={"pauseConditions": None, "token": "hunter2hunter2"})
    script.plans[API, "promote"] = plan(writes=(first, other))
    async with play(script, (140, 50), stages=ACTING_STAGES) as (pilot, feed):
        await confirmation(pilot, settle, "5", "P")
        assert "pauseConditions" not in text(pilot.app)
        await pilot.press("d")
        await settle(pilot, lambda: "Requests" in text(pilot.app))
        said = text(pilot.app)
        path = "/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts/shop-api"
        assert f"1 PATCH {path}/status (clear the pause)" in said
        assert "Content-Type: application/merge-patch+json" in said
        assert f"2 PATCH {path} (unpause), 0.5 s after the one before" in said
        assert "Content-Type: application/json-patch+json" in said
        assert '     "pauseConditions": null' in said
        assert "hunter2" not in said
        await pilot.press("d")
        await settle(pilot, lambda: "Requests" not in text(pilot.app))
        assert performed(feed) == []


async def test_the_api_server_is_asked_on_t_what_would_change_and_may_refuse(play: Any, settle: Any) -> None:
    script = working()
    script.rehearsals[API, "promote"] = ("status.pauseConditions: [1] -> null",)
    script.rehearsals[API, "abort"] = Refused("admission webhook says no", advice="ask the platform team")
    async with play(script, stages=ACTING_STAGES) as (pilot, feed):
        await confirmation(pilot, settle, "5", "P")
        await pilot.press("t")
        await settle(pilot, lambda: "status.pauseConditions: [1] -> null" in text(pilot.app))
        await pilot.press("escape")
        await confirmation(pilot, settle, "A")
        await pilot.press("t")
        await settle(pilot, lambda: "admission webhook says no" in text(pilot.app))
        assert "ask the platform team" in text(pilot.app)
        assert performed(feed) == []


async def test_in_a_protected_cluster_the_name_has_to_be_typed(play: Any, settle: Any) -> None:
    script = working()
    script.protected.add(PROD)
    async with play(script, (80, 24), stages=ACTING_STAGES) as (pilot, feed):
        await confirmation(pilot, settle, "5", "P")
        await pilot.press("enter")
        await settle(pilot, lambda: isinstance(here(pilot), StationView))
        await confirmation(pilot, settle, "P")
        await pilot.press("y", *"shop", "enter")
        await settle(pilot, lambda: "shop is not shop-api; nothing was done" in text(pilot.app))
        assert performed(feed) == []
        await pilot.press(*"-api", "enter")
        await settle(pilot, lambda: isinstance(here(pilot), StationView))
        assert performed(feed) == [("promote", "shop-api")]


async def test_esc_while_a_name_is_typed_leads_back_to_the_question(play: Any, settle: Any) -> None:
    script = working()
    script.protected.add(PROD)
    async with play(script, (80, 24), stages=ACTING_STAGES) as (pilot, feed):
        await confirmation(pilot, settle, "5", "P")
        await pilot.press("y", "y", "escape", "d")
        await settle(pilot, lambda: "Requests" in text(pilot.app))
        await pilot.press("escape")
        await settle(pilot, lambda: isinstance(here(pilot), StationView))
        assert performed(feed) == []


async def test_what_needs_not_be_done_says_why_and_sends_nothing(play: Any, settle: Any) -> None:
    script = working()
    script.plans[API, "promote"] = plan(noop="it is promoted fully", writes=())
    async with play(script, (120, 36), stages=ACTING_STAGES) as (pilot, feed):
        await confirmation(pilot, settle, "5", "P")
        assert "it is promoted fully" in line_with(pilot.app, "nothing to do")
        assert "y yes" not in lines(pilot.app)[-1]
        await pilot.press("y")
        assert isinstance(here(pilot), Confirmation)
        await pilot.press("enter")
        await settle(pilot, lambda: isinstance(here(pilot), StationView))
        assert performed(feed) == []


async def test_a_missing_right_is_named_and_nothing_can_be_sent(
    play: Any, settle: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = Right(verb="patch", kind=ROLLOUT, namespace="shop", subresource="status")
    prepare = ScriptedActs.prepare

    async def poor(self: Any, *args: Any) -> Act:
        act = await prepare(self, *args)
        return Act(ref=act.ref, verb=act.verb, given=act.given, plan=act.plan, missing=(right,))

    monkeypatch.setattr(ScriptedActs, "prepare", poor)
    async with play(working(), stages=ACTING_STAGES) as (pilot, feed):
        await confirmation(pilot, settle, "5", "P")
        assert "you may not patch rollouts.argoproj.io/status in namespace shop" in text(pilot.app)
        await pilot.press("y")
        assert isinstance(here(pilot), Confirmation)
        assert performed(feed) == []


@pytest.mark.parametrize("error", [Refused("no step runs", advice="wait"), Unreachable("no answer from x")])
async def test_what_can_not_be_prepared_says_so_in_the_dialog(play: Any, settle: Any, error: Any) -> None:
    script = working()
    script.plans[API, "promote"] = error
    async with play(script, (80, 24), stages=ACTING_STAGES) as (pilot, feed):
        await confirmation(pilot, settle, "5", "P")
        assert f"⊘ {error}" in line_with(pilot.app, "refused")
        assert error.advice in " ".join(text(pilot.app).split())
        await pilot.press("y", "enter")
        await settle(pilot, lambda: isinstance(here(pilot), StationView))
        assert performed(feed) == []


async def test_what_harms_nothing_is_done_without_a_question(play: Any, settle: Any) -> None:
    script = working()
    async with play(script, stages=ACTING_STAGES) as (pilot, feed):
        await pilot.press("5", "colon", *"refresh", "enter")
        await settle(pilot, lambda: performed(feed) == [("refresh", "shop-api")])
        assert isinstance(here(pilot), View)
        script.plans[WEB, "refresh"] = Refused("it is gone", advice="look again")
        await pilot.press("j", "colon", *"refresh", "enter")
        await settle(pilot, lambda: "it is gone; look again" in text(pilot.app))
        assert REFRESH.harmless
        assert len(performed(feed)) == 1


async def test_several_marked_rows_have_one_confirmation_that_lists_them_all(play: Any, settle: Any) -> None:
    script = working()
    script.plans[WEB, "abort"] = Refused("nothing is updated", advice="nothing to do")
    async with play(script, stages=ACTING_STAGES) as (pilot, feed):
        await confirmation(pilot, settle, "5", "space", "space", "space", "A")
        said = text(pilot.app)
        assert "abort 3 objects" in said
        assert "shop-api is held at step 3 of 8" in said
        assert "pay-api is held at step 3 of 8" in said
        assert "⊘ nothing is updated" in said
        assert "abort 2 of 3 objects (1 left out)?" in said
        await pilot.press("y")
        await settle(pilot, lambda: len(performed(feed)) == 2)
        assert performed(feed) == [("abort", "shop-api"), ("abort", "pay-api")]
        assert feed.acts.prepared == [(one, "abort", {}) for one in (API, WEB, PAY)]


async def test_for_several_in_a_protected_cluster_its_name_has_to_be_typed(play: Any, settle: Any) -> None:
    script = working()
    script.protected.add(PROD)
    async with play(script, stages=ACTING_STAGES) as (pilot, feed):
        await confirmation(pilot, settle, "5", "space", "space", "A")
        await pilot.press("y", *PROD, "enter")
        await settle(pilot, lambda: len(performed(feed)) == 2)


async def test_text_from_the_cluster_is_shown_and_never_obeyed(play: Any, settle: Any) -> None:
    script = working()
    script.offers[API] = tuple(
        Offer(verb=one.verb, reason="no \x1b[2J[b]x[/b]" if one.verb.name == "retry" else "")
        for one in script.offers[API]
    )
    script.plans[API, "promote"] = plan(before="\x1b]0;owned\x07", after="[red]x[/red]")
    async with play(script, (120, 36), stages=ACTING_STAGES) as (pilot, _):
        await pilot.press("5", "a")
        await pilot.pause()
        assert "no ^[[2J[b]x[/b]" in text(pilot.app)
        await pilot.press("escape")
        await confirmation(pilot, settle, "P")
        assert "^[]0;owned^G" in text(pilot.app)
        assert "[red]x[/red]" in text(pilot.app)
        assert "\x1b" not in text(pilot.app)


async def test_a_call_is_shown_with_where_it_is_carried_and_its_headers_without_secrets(
    play: Any, settle: Any
) -> None:
    script = working()
    call = Call(
        port=12000, path="/push", body=b'{"after":"3f2a9c1"}', secret=frozenset({"Authorization"}),
        headers={"Content-Type": "application/json", "Authorization": "Bearer hunter2hunter2"},
    )  # fmt: skip
    push = Write(
        method="POST", kind=POD, namespace="ci", name="hook-0", subresource="portforward",
        body={"after": "3f2a9c1"}, title="push", call=call,
    )  # fmt: skip
    script.plans[API, "promote"] = plan(writes=(push,))
    async with play(script, (140, 50), stages=ACTING_STAGES) as (pilot, _):
        await confirmation(pilot, settle, "5", "P")
        await pilot.press("d")
        await settle(pilot, lambda: "Requests" in text(pilot.app))
        said = text(pilot.app)
        assert "1 POST /api/v1/namespaces/ci/pods/hook-0/portforward → POST :12000/push (push)" in said
        assert "Content-Type: application/json" in said
        assert "Authorization: ••••" in said
        assert '"after": "3f2a9c1"' in said
        assert "hunter2" not in said
