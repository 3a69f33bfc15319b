"""Keys of verbs, logs and YAML where a service is selected, or one of its hops."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from deliveries_in_hand import (
    ACTING_STAGES,
    API,
    NOT_ABORTED,
    PROMOTE,
    ROLLOUT,
    STOP,
    WEB,
    WORKFLOW,
    verb,
    working,
)
from feeds import Script, item, ref
from screens import line_with, lines, text

from trombone_tui.core.objects.basics import Health, Kind
from trombone_tui.core.stage import Source, Workings
from trombone_tui.core.verbs import Offer
from trombone_tui.ui.commands import candidates
from trombone_tui.ui.confirmation import Confirmation
from trombone_tui.ui.dashboard import Dashboard
from trombone_tui.ui.journey import JourneyView
from trombone_tui.ui.logs import LogsView
from trombone_tui.ui.manifest import ManifestView
from trombone_tui.ui.menu import Menu

APPLICATION = Kind(
    group="argoproj.io", version="v1alpha1", plural="applications", name="Application", shape=ROLLOUT.shape
)
SYNC = verb("sync", "Bring it to what Git says.", "s", kind=APPLICATION)
API_APP, WEB_APP = (ref("Application", name, "argocd") for name in ("shop-api", "shop-web"))
API_BUILD = ref("Workflow", "shop-api-7fk2p", "ci")
WEB_BUILD, WEB_OLD = (ref("Workflow", name, "ci") for name in ("shop-web-m2x9d", "shop-web-k81ss"))
TO_WEB, TO_API = ["j"], ["j", "j"]
"""Keys that select a service in the Changes: what is broken stands first."""


def _logs(*_: Any) -> tuple[()]:
    return ()


SOURCES = {
    "workflows": (Source(kind=WORKFLOW, logs=_logs),),
    "sync": (Source(kind=APPLICATION),),
    "rollout": (Source(kind=ROLLOUT, logs=_logs),),
}
STAGES = tuple(
    replace(
        stage,
        workings=Workings(
            sources=SOURCES.get(stage.name, ()),
            fields=stage.fields,
            verbs=(SYNC,) if stage.name == "sync" else stage.verbs,
        ),
    )
    for stage in ACTING_STAGES
)


def delivering() -> Script:
    """A morning in which Applications can be synced as well."""
    script = working()
    for target in script.items["sync"]:
        script.offers[target] = (Offer(verb=SYNC),)
    return script


def here(pilot: Any) -> Any:
    return pilot.app.screen


def footer(pilot: Any) -> str:
    return lines(pilot.app)[-1]


@pytest.mark.parametrize(
    ("key", "done"),
    [("P", (API, "promote", {})), ("A", (API, "abort", {})), ("U", (API, "undo", {})),
     ("s", (API_APP, "sync", {}))],
)  # fmt: skip
async def test_a_verbs_key_is_for_the_services_item_of_the_stage_that_has_it(
    play: Any, settle: Any, key: str, done: Any
) -> None:
    async with play(delivering(), stages=STAGES) as (pilot, feed):
        await pilot.press(*TO_API, key)
        await settle(pilot, lambda: isinstance(here(pilot), Confirmation) and here(pilot).ready)
        assert feed.acts.prepared == [done]
        assert f"{done[0].namespace}/{done[0].name}" in text(pilot.app)


async def test_a_single_verb_is_named_by_its_word_also_where_it_is_narrow(play: Any) -> None:
    script = delivering()
    script.offers = {target: offers for target, offers in script.offers.items() if offers[0].verb == SYNC}
    async with play(script, (80, 24), stages=STAGES) as (pilot, _):
        await pilot.press(*TO_API)
        await pilot.pause()
        assert " s sync  a actions " in footer(pilot)


async def test_while_no_service_is_selected_no_verb_is_offered(play: Any) -> None:
    async with play(delivering(), (120, 36), stages=STAGES) as (pilot, feed):
        assert "promote" not in footer(pilot)
        assert "actions" not in footer(pilot)
        await pilot.press("P", "A", "U", "s", "a", "l", "y")
        await pilot.pause()
        assert isinstance(here(pilot), Dashboard)
        assert feed.acts.prepared == []


async def test_of_several_items_one_is_chosen_by_its_why(play: Any, settle: Any) -> None:
    async with play(delivering(), stages=STAGES) as (pilot, feed):
        await pilot.press(*TO_WEB, "S")
        await pilot.pause()
        assert isinstance(here(pilot), Menu)
        assert "stop which of them?" in text(pilot.app)
        assert "Step test failed after 1m36s" in line_with(pilot.app, "▸ ")
        assert [entry.group for entry in here(pilot).shown] == [
            "Workflow ci/shop-web-m2x9d", "Workflow ci/shop-web-k81ss",
        ]  # fmt: skip
        await pilot.press("j", "enter")
        await settle(pilot, lambda: isinstance(here(pilot), Confirmation) and here(pilot).ready)
        assert feed.acts.prepared == [(WEB_OLD, "stop", {})]


async def test_one_of_several_that_cannot_is_greyed_with_its_reason(play: Any) -> None:
    script = delivering()
    script.offers[WEB_OLD] = (Offer(verb=STOP, reason="has ended"),)
    async with play(script, stages=STAGES) as (pilot, feed):
        await pilot.press(*TO_WEB, "S", "j", "enter")
        await pilot.pause()
        assert isinstance(here(pilot), Menu)
        assert "⊘ has ended" in text(pilot.app)
        assert feed.acts.prepared == []


async def test_a_greyed_verb_of_a_service_says_why(play: Any, settle: Any) -> None:
    script = delivering()
    script.offers[API] = (Offer(verb=PROMOTE, reason="nothing is paused"),)
    async with play(script, stages=STAGES) as (pilot, feed):
        await pilot.press(*TO_API, "P")
        await settle(pilot, lambda: "promote: nothing is paused" in text(pilot.app))
        bar = here(pilot).keys
        key = next(segment for segment in bar.render_line(0) if "P" in segment.text)
        assert key.style == bar.style("dim")
        assert feed.acts.prepared == []


async def test_the_menu_has_every_item_of_the_service_the_most_broken_hop_first(
    play: Any, settle: Any
) -> None:
    async with play(delivering(), stages=STAGES) as (pilot, feed):
        await pilot.press(*TO_WEB, "a")
        await pilot.pause()
        assert "shop-web (prod-eu)" in text(pilot.app)
        groups = list(dict.fromkeys(entry.group for entry in here(pilot).shown))
        assert groups == [
            "Workflow ci/shop-web-m2x9d", "Workflow ci/shop-web-k81ss",
            "Application argocd/shop-web", "Rollout shop/shop-web",
        ]  # fmt: skip
        assert line_with(pilot.app, "Workflow ci/shop-web-m2x9d").split() == groups[0].split()
        await pilot.press("A")
        await settle(pilot, lambda: feed.acts.prepared)
        assert feed.acts.prepared == [(WEB, "abort", {})]


async def test_a_capital_that_several_items_have_only_goes_to_them(play: Any, settle: Any) -> None:
    async with play(delivering(), stages=STAGES) as (pilot, feed):
        await pilot.press(*TO_WEB, "a", "S")
        await pilot.pause()
        assert isinstance(here(pilot), Menu)
        assert here(pilot).current.title == ("Workflow ci/shop-web-k81ss", "stop")
        await pilot.press("enter")
        await settle(pilot, lambda: feed.acts.prepared)
        assert feed.acts.prepared == [(WEB_OLD, "stop", {})]


async def test_an_open_menu_stays_in_its_order_while_health_changes(play: Any, settle: Any) -> None:
    script = delivering()
    async with play(script, stages=STAGES) as (pilot, feed):
        await pilot.press(*TO_API, "a")
        await pilot.pause()
        before = [entry.title for entry in here(pilot).shown]
        assert before[0][0] == "Rollout shop/shop-api"
        old = script.items["sync"][API_APP]
        worse = item(
            "Application", "shop-api", Health.DEGRADED, why="It broke.", joins=old.joins, namespace="argocd"
        )
        script.put("sync", worse)
        feed.publish()
        await settle(pilot, lambda: "It broke." in pilot.app.screen_stack[0].why.text)
        assert [entry.title for entry in here(pilot).shown] == before


async def test_of_a_long_series_the_menu_lists_the_first_and_leads_to_the_others(
    play: Any, settle: Any
) -> None:
    script = delivering()
    joins = script.items["workflows"][API_BUILD].joins
    for n in range(20):
        build = item(
            "Workflow", f"old-{n}", joins=joins[1:], series="wf/shop-api", namespace="ci", minutes=99 + n
        )
        script.put("workflows", build)
        script.offers[build.ref] = (Offer(verb=STOP),)
    async with play(script, stages=STAGES) as (pilot, _):
        await pilot.press(*TO_API, "a")
        await pilot.pause()
        stops = [entry for entry in here(pilot).shown if entry.name == "stop"]
        assert [entry.group for entry in stops][:2] == [
            "Workflow ci/shop-api-7fk2p", "Workflow ci/old-0",
        ]  # fmt: skip
        assert len(stops) == 8
        await pilot.press(*"more of")
        assert [entry.about for entry in here(pilot).shown] == [
            "13 more of Workflows: show the service's journey"
        ]
        await pilot.press("enter")
        await settle(pilot, lambda: isinstance(here(pilot), JourneyView))
        assert here(pilot).service_keys == pilot.app.screen_stack[0].service_keys


@pytest.mark.parametrize(
    ("name", "held", "logs"),
    [
        pytest.param("shop-web", WEB_BUILD, WEB_BUILD, id="the hop that explains it"),
        pytest.param("shop-api", API_APP, API, id="its Rollout where that hop has no logs"),
    ],
)
async def test_logs_and_yaml_are_of_what_explains_the_service(
    play: Any, settle: Any, name: str, held: Any, logs: Any
) -> None:
    script = delivering()
    old = script.items["sync"][API_APP]
    script.put("sync", item("Application", "shop-api", Health.DEGRADED, joins=old.joins, namespace="argocd"))
    async with play(script, stages=STAGES) as (pilot, _):
        await pilot.press("slash", *name, "enter", "j", "y")
        await settle(pilot, lambda: isinstance(here(pilot), ManifestView))
        assert here(pilot).ref == held
        await pilot.press("q", "l")
        await settle(pilot, lambda: isinstance(here(pilot), LogsView))
        assert here(pilot).ref == logs


async def test_an_item_of_a_panel_keeps_the_keys_to_itself(play: Any, settle: Any) -> None:
    async with play(delivering(), (120, 36), stages=STAGES) as (pilot, feed):
        await pilot.press(*TO_API, "tab", "tab", "j")
        await pilot.pause()
        assert here(pilot).chosen == API_BUILD
        assert "S stop" in footer(pilot)
        assert "promote" not in footer(pilot)
        await pilot.press("S")
        await settle(pilot, lambda: feed.acts.prepared)
        assert feed.acts.prepared == [(API_BUILD, "stop", {})]


async def test_in_the_journey_keys_are_for_the_hop_under_the_cursor(play: Any, settle: Any) -> None:
    async with play(delivering(), (120, 36), stages=STAGES) as (pilot, feed):
        await pilot.press(*TO_API, "enter")
        await pilot.pause()
        assert here(pilot).chosen == API
        assert "P promote  A abort  U undo  a actions" in footer(pilot)
        await pilot.press("P")
        await settle(pilot, lambda: isinstance(here(pilot), Confirmation) and here(pilot).ready)
        await pilot.press("escape", "k")
        await pilot.pause()
        assert here(pilot).chosen == API_APP
        assert "promote" not in footer(pilot)
        await pilot.press("P", "s")
        await settle(pilot, lambda: isinstance(here(pilot), Confirmation) and here(pilot).ready)
        assert feed.acts.prepared == [(API, "promote", {}), (API_APP, "sync", {})]
        await pilot.press("escape", "a")
        await pilot.pause()
        assert [entry.name for entry in here(pilot).shown] == ["sync"]
        await pilot.press("escape", "y")
        await settle(pilot, lambda: isinstance(here(pilot), ManifestView))
        assert here(pilot).ref == API_APP
        await pilot.press("q", "l")
        await settle(pilot, lambda: isinstance(here(pilot), LogsView))
        assert here(pilot).ref == API_APP


async def test_verbs_of_a_service_are_typed_with_their_options(play: Any, settle: Any) -> None:
    async with play(delivering(), stages=STAGES) as (pilot, feed):
        await pilot.press(*TO_API, "colon")
        await pilot.pause()
        assert "for shop-api (prod-eu)" in text(pilot.app)
        names = [one.name for one in candidates(here(pilot).commands, "")]
        assert names[:5] == ["promote", "abort", "undo", "retry", "set image"]
        assert {"sync", "stop"} <= {*names}
        assert "retry" in line_with(pilot.app, "Run the failed steps again.")
        await pilot.press(*"promote --full", "enter")
        await settle(pilot, lambda: isinstance(here(pilot), Confirmation) and here(pilot).ready)
        assert feed.acts.prepared == [(API, "promote", {"full": True})]


async def test_a_typed_verb_that_several_items_have_is_chosen_by_its_why(play: Any, settle: Any) -> None:
    async with play(delivering(), stages=STAGES) as (pilot, feed):
        await pilot.press(*TO_WEB, "colon", *"retry", "enter")
        await settle(pilot, lambda: isinstance(here(pilot), Menu))
        assert "retry which of them?" in text(pilot.app)
        groups = [entry.group for entry in here(pilot).shown]
        assert groups == [
            "Workflow ci/shop-web-m2x9d", "Workflow ci/shop-web-k81ss", "Rollout shop/shop-web",
        ]  # fmt: skip
        assert f"⊘ {NOT_ABORTED}" in text(pilot.app)
        await pilot.press("down", "enter")
        await settle(pilot, lambda: isinstance(here(pilot), Confirmation) and here(pilot).ready)
        assert feed.acts.prepared == [(WEB_OLD, "retry", {})]
        await pilot.press("escape", "colon", *"undo --to-revision 3", "enter")
        await settle(pilot, lambda: isinstance(here(pilot), Confirmation) and here(pilot).ready)
        assert feed.acts.prepared[1:] == [(WEB, "undo", {"to-revision": 3})]
        await pilot.press("escape", "colon", *"stop --to-revision 3", "enter")
        await settle(pilot, lambda: "stop has no option --to-revision" in text(pilot.app))


async def test_what_no_item_of_a_service_can_have_done_says_why_by_name(play: Any, settle: Any) -> None:
    script = delivering()
    script.offers[API] = (Offer(verb=PROMOTE, reason="nothing is paused"),)
    async with play(script, stages=STAGES) as (pilot, feed):
        await pilot.press(*TO_API, "colon", "p")
        await pilot.pause()
        assert "⊘ shop/shop-api: nothing is paused" in line_with(pilot.app, "promote")
        await pilot.press("escape", "ctrl+p")
        await settle(pilot, lambda: isinstance(here(pilot), Menu))
        assert "commands for shop-api (prod-eu)" in text(pilot.app)
        found = {entry.title: (entry.key, entry.reason) for entry in here(pilot).shown}
        assert found["Verbs", "promote"] == ("P", "shop/shop-api: nothing is paused")
        assert found["Verbs", "sync"] == ("s", "")
        assert found["Screens", "sync"] == ("4", "")
        await pilot.press(*"sync", "enter")
        await settle(pilot, lambda: feed.acts.prepared)
        assert feed.acts.prepared == [(API_APP, "sync", {})]


async def test_help_names_them_for_a_selected_service(play: Any) -> None:
    async with play(delivering(), stages=STAGES) as (pilot, _):
        await pilot.press(*TO_API, "question_mark")
        await pilot.pause()
        shown = ["".join(cell.text for cell in line).split() for line in here(pilot).sheet.lines]
        for key, about in (("P", PROMOTE.about), ("s", SYNC.about)):
            assert any(words[:1] == [key] and " ".join(words).endswith(about) for words in shown)
        for key in ("A", "U", "a", "l", "y", "R"):
            assert any(words[:1] == [key] for words in shown)


@pytest.mark.parametrize(
    ("size", "named"),
    [
        pytest.param((80, 24), "enter open  S s P A U a actions  / filter  1-6 stage", id="80x24"),
        pytest.param((180, 36), "S stop  s sync  P promote  A abort  U undo  a actions", id="wide"),
    ],
)
async def test_the_footer_names_the_keys_of_verbs_and_their_names_where_there_is_room(
    play: Any, size: tuple[int, int], named: str
) -> None:
    async with play(delivering(), size, stages=STAGES) as (pilot, _):
        await pilot.press(*TO_API)
        await pilot.pause()
        assert named in footer(pilot)
        assert footer(pilot).rstrip().endswith("? help  esc back  q quit")


async def test_a_key_that_does_not_fit_into_the_footer_is_left_out_whole(play: Any) -> None:
    every = (
        " enter open ",
        " P promote ",
        " A abort ",
        " U undo ",
        " a actions ",
        " / filter ",
        " 1-6 stage ",
    )
    starts = ["".join(every[:count]) for count in range(len(every) + 1)]
    async with play(delivering(), stages=STAGES) as (pilot, _):
        await pilot.press("5")
        for width in range(40, 105, 9):
            await pilot.resize_terminal(width, 24)
            await pilot.pause()
            assert len(footer(pilot)) == width
            named = footer(pilot).partition("…")[0].partition(" ? help")[0]
            assert named in starts, width
            assert footer(pilot).rstrip().endswith("? help  esc back  q quit"), width
