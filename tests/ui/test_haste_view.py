"""Keys that come all at once, as over a slow line, act in the order in which they were typed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from deliveries_in_hand import ACTING_STAGES, API, FULL, IMAGE, REVISION, WEB, plan, verb, working
from feeds import PROD
from on_clusters import here, roadmap, shown
from screens import text
from test_details import forest, open_api
from textual import events
from textual.keys import REPLACED_KEYS, key_to_character

from trombone_tui.core.stage import Stage
from trombone_tui.core.verbs import Offer
from trombone_tui.ui.command_line import CommandLine
from trombone_tui.ui.confirmation import Confirmation
from trombone_tui.ui.details import DetailsView
from trombone_tui.ui.form import Form
from trombone_tui.ui.installing.values import ValuesForm
from trombone_tui.ui.manifest import ManifestView
from trombone_tui.ui.station import StationView

SCALE = verb("scale", "Write several things.", options=(IMAGE, FULL, REVISION))


def hurry(pilot: Any, *keys: str) -> None:
    """Send keys as a terminal's driver does, all before the program looks at the first."""
    for key in keys:
        character = key if len(key) == 1 else key_to_character(REPLACED_KEYS.get(key, key))
        name = {" ": "space", "-": "minus", "/": "slash", "=": "equals_sign"}.get(key, key)
        pilot.app._driver.send_message(events.Key(name, character))


def scaling() -> tuple[Stage, ...]:
    """Return the stages with a verb that has a flag between two texts."""
    return tuple(
        replace(stage, workings=replace(stage.workings, verbs=(*stage.workings.verbs, SCALE)))
        if stage.name == "rollout"
        else stage
        for stage in ACTING_STAGES
    )


async def test_values_of_an_installation_stay_in_their_fields(tmp_path: Path, settle: Any) -> None:
    async with shown(tmp_path, (80, 24)) as (pilot, _):
        await roadmap(pilot)
        await pilot.press("I")
        await settle(pilot, lambda: isinstance(here(pilot), ValuesForm))
        given = pilot.app.desk.works.given["here"]
        hurry(pilot, *"web", "tab", *"acme/weX", "backspace", *"b", "down", "up", "tab", "shift+tab", *"!")
        await settle(pilot, lambda: given.get("source_repository", "").endswith("!"))
        assert given == {"service": "web", "source_repository": "acme/web!"}
        assert here(pilot).value.name == "source_repository"


async def test_an_installation_is_planned_with_all_that_was_typed(tmp_path: Path, settle: Any) -> None:
    async with shown(tmp_path, (80, 24)) as (pilot, _):
        await roadmap(pilot)
        hurry(pilot, "I", *"web", "tab", *"acme/web", "enter")
        await settle(pilot, lambda: "values are missing" in text(pilot.app))
        given = pilot.app.desk.works.given["here"]
        assert given == {"service": "web", "source_repository": "acme/web"}
        assert here(pilot).value.name == "image_repository"


async def test_options_of_a_verb_stay_in_their_fields(play: Any, settle: Any) -> None:
    script = working()
    script.offers[API] = (*script.offers[API], Offer(verb=SCALE))
    script.plans[API, "scale"] = plan()
    async with play(script, (80, 24), stages=scaling()) as (pilot, feed):
        hurry(pilot, "5", "a", *"scale", "enter")
        hurry(pilot, *"api=x:2", "tab", "space", "tab", *"37", "backspace", "tab", *" z=y", "enter")
        await settle(pilot, lambda: isinstance(here(pilot), Confirmation) and here(pilot).ready)
        given = {"image": ("api=x:2", "z=y"), "full": True, "to-revision": 3}
        assert feed.acts.prepared == [(API, "scale", given)]


async def test_a_command_is_typed_completed_and_run(play: Any, settle: Any) -> None:
    async with play(working(), (80, 24), stages=ACTING_STAGES) as (pilot, feed):
        hurry(pilot, "5", "j", "colon", *"und", "tab", *"--t", "tab", *"37", "backspace", "enter")
        await settle(pilot, lambda: isinstance(here(pilot), Confirmation) and here(pilot).ready)
        assert feed.acts.prepared == [(WEB, "undo", {"to-revision": 3})]


async def test_what_is_wrong_with_a_command_stays_said(play: Any, settle: Any) -> None:
    async with play(working(), (80, 24), stages=ACTING_STAGES) as (pilot, feed):
        hurry(pilot, "5", "colon", *"promot", "enter")
        await settle(pilot, lambda: isinstance(here(pilot), CommandLine))
        await pilot.pause()
        assert "is promote meant?" in text(pilot.app)
        hurry(pilot, "e", "escape")
        await settle(pilot, lambda: isinstance(here(pilot), StationView))
        assert feed.acts.prepared == []


async def test_what_is_pasted_is_there_before_the_key_after_it(play: Any, settle: Any) -> None:
    async with play(working(), (80, 24), stages=ACTING_STAGES) as (pilot, feed):
        hurry(pilot, "5", "colon", *"undo ")
        pilot.app._driver.send_message(events.Paste("--to-revision\nnothing"))
        hurry(pilot, *" 3", "enter")
        await settle(pilot, lambda: isinstance(here(pilot), Confirmation) and here(pilot).ready)
        assert feed.acts.prepared == [(API, "undo", {"to-revision": 3})]


@pytest.mark.parametrize(
    ("keys", "needle", "chosen"),
    [(("enter",), "web", WEB), (("escape",), "", API), (("X", "backspace", "tab"), "web", WEB)],
)
async def test_a_filter_stands_or_is_given_up_before_the_next_key(
    play: Any, settle: Any, keys: Sequence[str], needle: str, chosen: object
) -> None:
    async with play(working(), (80, 24), stages=ACTING_STAGES) as (pilot, feed):
        hurry(pilot, "5", "/", *"web", *keys, "A")
        await settle(pilot, lambda: isinstance(here(pilot), Confirmation) and here(pilot).ready)
        assert feed.acts.prepared == [(chosen, "abort", {})]
        await pilot.press("escape")
        assert here(pilot).target.needle == needle


@pytest.mark.parametrize("opening", [("5",), ("5", "l")])
async def test_a_screen_that_was_just_opened_leaves_the_focus_where_keys_have_put_it(
    play: Any, opening: Sequence[str]
) -> None:
    async with play(working(), (80, 24), stages=ACTING_STAGES) as (pilot, _):
        await pilot.press(*opening[:-1])
        await pilot.pause()
        hurry(pilot, opening[-1], "/", *"web")
        await pilot.pause()
        hurry(pilot, *"xy")
        await pilot.pause()
        assert here(pilot).typing
        assert pilot.app.focused.value == "webxy"


async def test_words_are_looked_for_before_the_next_key(play: Any, settle: Any) -> None:
    async with play(forest(), size=(100, 24)) as (pilot, _):
        await open_api(pilot)
        hurry(pilot, "/", *"event 3", "enter", "n", "n")
        await settle(pilot, lambda: "/event 3 3 of 11" in text(pilot.app))
        assert isinstance(here(pilot), DetailsView)


@pytest.mark.parametrize(("typed", "done"), [("shop-api", ["promote"]), ("shop", [])])
async def test_a_name_is_typed_to_confirm(play: Any, settle: Any, typed: str, done: Iterable[str]) -> None:
    script = working()
    script.protected.add(PROD)
    async with play(script, (80, 24), stages=ACTING_STAGES) as (pilot, feed):
        await pilot.press("5", "P")
        await settle(pilot, lambda: isinstance(here(pilot), Confirmation) and here(pilot).ready)
        hurry(pilot, "y", *typed, "enter")
        if done:
            await settle(pilot, lambda: isinstance(here(pilot), StationView))
        else:
            await settle(pilot, lambda: "shop is not shop-api; nothing was done" in text(pilot.app))
        assert [act.verb.name for act in feed.acts.performed] == done


async def test_letters_filter_a_menu_before_a_line_of_it_is_chosen(play: Any, settle: Any) -> None:
    async with play(working(), (80, 24), stages=ACTING_STAGES) as (pilot, _):
        hurry(pilot, "5", "ctrl+p", *"undx", "backspace", *"o", "enter", *"37", "backspace")
        await settle(pilot, lambda: isinstance(here(pilot), Form) and here(pilot).prompt.text == "3")
        hurry(pilot, "escape", "ctrl+p", *"yaml", "enter", "question_mark")
        await settle(pilot, lambda: len(pilot.app.screen_stack) == 4)
        assert isinstance(pilot.app.screen_stack[2], ManifestView)


async def test_a_row_is_open_before_the_next_key(play: Any, settle: Any) -> None:
    async with play(working(), (80, 24), stages=ACTING_STAGES) as (pilot, _):
        hurry(pilot, "5", "enter", "y")
        await settle(pilot, lambda: len(pilot.app.screen_stack) == 4)
        assert [type(one) for one in pilot.app.screen_stack[1:]] == [StationView, DetailsView, ManifestView]
