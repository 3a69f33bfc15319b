"""Commands typed after a colon, and found in the palette."""

from __future__ import annotations

from typing import Any

import pytest
from deliveries_in_hand import ACTING_STAGES, API, NOT_ABORTED, working
from screens import lines, text

from trombone_tui.ui.command_line import CommandLine
from trombone_tui.ui.confirmation import Confirmation
from trombone_tui.ui.form import Form
from trombone_tui.ui.help import HelpView
from trombone_tui.ui.logs import LogsView
from trombone_tui.ui.manifest import ManifestView
from trombone_tui.ui.menu import Menu
from trombone_tui.ui.station import StationView
from trombone_tui.ui.view import View


def here(pilot: Any) -> Any:
    return pilot.app.screen


@pytest.mark.parametrize(
    ("line", "given"),
    [("promote --full", ("promote", {"full": True})), ("undo --to-revision 3", ("undo", {"to-revision": 3}))],
)
async def test_a_verb_is_typed_with_its_options_and_confirmed(
    play: Any, settle: Any, line: str, given: Any
) -> None:
    async with play(working(), (80, 24), stages=ACTING_STAGES) as (pilot, feed):
        await pilot.press("5", "colon", *line, "enter")
        await settle(pilot, lambda: isinstance(here(pilot), Confirmation) and here(pilot).ready)
        assert feed.acts.prepared == [(API, *given)]
        assert feed.acts.performed == []


async def test_tab_completes_names_and_options(play: Any, settle: Any) -> None:
    async with play(working(), (80, 24), stages=ACTING_STAGES) as (pilot, _):
        await pilot.press("5", "colon", *"und")
        await pilot.pause()
        assert "undo" in text(pilot.app)
        assert "Go back to a revision." in text(pilot.app)
        await pilot.press("tab", "minus", "tab")
        await settle(pilot, lambda: here(pilot).prompt.text == "undo --to-revision ")


async def test_what_is_wrong_is_said_over_the_line_and_nothing_is_done(play: Any, settle: Any) -> None:
    wrong = {
        "promot": "there is no command promot; is promote meant?",
        "promote --ful": "promote has no option --ful; it has --full",
        "retry": f"retry: {NOT_ABORTED}",
        "yaml now": "yaml stands alone",
        "undo x": "--to-revision is a number, and x is none",
        "turn-on": "turn-on: nothing is left off by hand",
        "ctx": "there is no command ctx",
    }
    async with play(working(), (80, 24), stages=ACTING_STAGES) as (pilot, feed):
        await pilot.press("5")
        for line, said in wrong.items():
            await pilot.press("colon", *line, "enter")
            await settle(pilot, lambda said=said: said in text(pilot.app), case=line)
            assert isinstance(here(pilot), CommandLine), line
            assert feed.acts.prepared == [], line
            await pilot.press("backspace")
            await settle(pilot, lambda said=said: said not in text(pilot.app), case=line)
            await pilot.press("escape")
            await settle(pilot, lambda: isinstance(here(pilot), StationView), case=line)


async def test_screens_are_opened_by_name(play: Any, settle: Any) -> None:
    screens = {"yaml": ManifestView, "logs": LogsView, "help": HelpView}
    async with play(working(), stages=ACTING_STAGES) as (pilot, _):
        await pilot.press("5")
        for line, screen in screens.items():
            await pilot.press("colon", *line, "enter")
            await settle(pilot, lambda screen=screen: type(here(pilot)) is screen, case=line)
            await pilot.press("escape")
            await settle(pilot, lambda: type(here(pilot)) is StationView, case=line)
        await pilot.press("colon", *"workflows", "enter")
        await settle(pilot, lambda: type(here(pilot)) is StationView)
        await settle(pilot, lambda: "2 Workflows" in lines(pilot.app)[1])


async def test_a_stage_has_a_way_to_it_also_where_a_verb_has_its_name(play: Any, settle: Any) -> None:
    async with play(working(), stages=ACTING_STAGES) as (pilot, _):
        await pilot.press("5", "colon", *"stage sync", "enter")
        await settle(pilot, lambda: "4 Sync" in lines(pilot.app)[1])


async def test_quit_and_esc(play: Any, settle: Any) -> None:
    async with play(working(), stages=ACTING_STAGES) as (pilot, _):
        await pilot.press("colon", "x", "escape")
        await settle(pilot, lambda: isinstance(here(pilot), View))
        await pilot.press("colon", "enter")
        await settle(pilot, lambda: isinstance(here(pilot), View))
        await pilot.press("colon", "q", "enter")
    assert pilot.app.return_code == 0


async def test_the_palette_lists_everything_with_keys_and_reasons(play: Any, settle: Any) -> None:
    async with play(working(), stages=ACTING_STAGES) as (pilot, feed):
        await pilot.press("5", "ctrl+p")
        await pilot.pause()
        assert isinstance(here(pilot), Menu)
        names = [entry.name for entry in here(pilot).shown]
        assert names[:3] == ["promote", "abort", "undo"]
        assert {"sync", "yaml", "logs", "read-only", "help", "quit"} <= set(names)
        assert not {"ctx", "ns"} & set(names)
        assert f"⊘ {NOT_ABORTED}" in text(pilot.app)
        await pilot.press(*"undo", "enter")
        await settle(pilot, lambda: isinstance(here(pilot), Form))
        await pilot.press("escape", "ctrl+p", *"yaml", "enter")
        await settle(pilot, lambda: isinstance(here(pilot), ManifestView))
        assert feed.acts.prepared == []


async def test_where_nothing_is_chosen_no_verbs_are_offered(play: Any) -> None:
    async with play(working(), (120, 36), stages=ACTING_STAGES) as (pilot, _):
        await pilot.press("ctrl+p")
        await pilot.pause()
        names = {entry.name: entry.reason for entry in here(pilot).shown}
        assert "promote" not in names
        assert names["yaml"] == "no item is chosen"
