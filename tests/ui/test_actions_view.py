"""Verbs offered by key, by menu and with options, a reason beside each greyed one."""

from __future__ import annotations

from collections import Counter
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from deliveries_in_hand import ABORT, ACTING_STAGES, API, NOT_ABORTED, PROMOTE, WEB, working
from feeds import NOW, morning
from screens import line_with, lines, text

from trombone_tui import ui
from trombone_tui.core.verbs import Offer
from trombone_tui.pipeline import PIPELINE
from trombone_tui.ui.confirmation import Confirmation
from trombone_tui.ui.dashboard import Dashboard
from trombone_tui.ui.details import DetailsView
from trombone_tui.ui.form import Form
from trombone_tui.ui.journey import JourneyView
from trombone_tui.ui.keystrokes import TextLine
from trombone_tui.ui.logs import LogsView
from trombone_tui.ui.manifest import ManifestView
from trombone_tui.ui.menu import Menu
from trombone_tui.ui.page import Page
from trombone_tui.ui.rollback import RollbackView
from trombone_tui.ui.sheet import Sheet
from trombone_tui.ui.station import StationView
from trombone_tui.ui.table import RowTable
from trombone_tui.ui.view import View


def here(pilot: Any) -> Any:
    return pilot.app.screen


async def test_keys_of_verbs_are_named_only_where_the_chosen_item_has_them(play: Any) -> None:
    async with play(working(), (120, 36), stages=ACTING_STAGES) as (pilot, _):
        await pilot.press("5")
        await pilot.pause()
        assert "P promote  A abort  U undo  a actions" in lines(pilot.app)[-1]
        await pilot.press("2")
        await pilot.pause()
        assert "S stop" in lines(pilot.app)[-1]
        assert "promote" not in lines(pilot.app)[-1]
        await pilot.press("P")
        await pilot.pause()
        assert isinstance(here(pilot), StationView)


async def test_a_greyed_key_says_why_and_does_nothing(play: Any, settle: Any) -> None:
    script = working()
    script.offers[API] = (Offer(verb=PROMOTE, reason="nothing is paused"), Offer(verb=ABORT))
    async with play(script, stages=ACTING_STAGES) as (pilot, feed):
        await pilot.press("5", "P")
        await settle(pilot, lambda: "promote: nothing is paused" in text(pilot.app))
        assert isinstance(here(pilot), StationView)
        assert feed.acts.prepared == []
        table = here(pilot).keys
        key = next(s for s in table.render_line(0) if "P" in s.text)
        assert key.style == table.style("dim")


async def test_the_menu_has_all_verbs_with_key_name_about_and_why_not(play: Any) -> None:
    async with play(working(), (80, 24), stages=ACTING_STAGES) as (pilot, _):
        await pilot.press("5", "a")
        await pilot.pause()
        assert isinstance(here(pilot), Menu)
        assert "Rollout shop/shop-api (prod-eu)" in text(pilot.app)
        assert "P  promote    Go on from a pause." in text(pilot.app)
        assert "Start an aborted update again." in line_with(pilot.app, "retry")
        assert f"⊘ {NOT_ABORTED}" in text(pilot.app)
        assert "set image" in text(pilot.app)
        greyed = next(line for line in here(pilot).sheet.lines if "retry" in "".join(c.text for c in line))
        assert {cell.marks for cell in greyed[2:]} == {("dim",)}


async def test_a_reason_longer_than_the_line_is_wrapped_and_an_open_menu_follows_what_is_true(
    play: Any, settle: Any
) -> None:
    script = working()
    long = "may not patch rollouts.argoproj.io/status in namespace shop; ask for it " * 3
    script.offers[API] = (Offer(verb=PROMOTE, known=False), Offer(verb=ABORT, reason=long.strip()))
    async with play(script, (80, 24), stages=ACTING_STAGES) as (pilot, feed):
        await pilot.press("5", "a")
        await pilot.pause()
        assert "asking whether you may…" in text(pilot.app)
        assert long.strip() in " ".join(text(pilot.app).split())
        script.offers[API] = (Offer(verb=PROMOTE, reason="may not do that"),)
        script.taken = NOW.replace(second=59)
        feed.publish()
        await settle(pilot, lambda: "⊘ may not do that" in text(pilot.app))
        assert "asking" not in text(pilot.app)
        assert "17:42:59Z" in lines(pilot.app)[0]  # the screen below goes on


async def test_in_the_menu_j_and_k_move_letters_filter_and_enter_chooses(play: Any, settle: Any) -> None:
    async with play(working(), stages=ACTING_STAGES) as (pilot, feed):
        await pilot.press("5", "a", "j", "j", "k")
        assert here(pilot).current.name == "abort"
        await pilot.press(*"give")
        assert [entry.name for entry in here(pilot).shown] == ["abort"]
        assert "/give" in text(pilot.app)
        await pilot.press("backspace", "escape")
        assert isinstance(here(pilot), Menu)
        assert len(here(pilot).shown) == 6
        await pilot.press(*"abort", "enter")
        await settle(pilot, lambda: isinstance(here(pilot), Confirmation) and here(pilot).ready)
        assert feed.acts.prepared == [(API, "abort", {})]


async def test_the_menu_does_nothing_for_a_greyed_line_and_esc_closes_it(play: Any) -> None:
    async with play(working(), stages=ACTING_STAGES) as (pilot, feed):
        await pilot.press("5", "a", *"retry", "enter")
        await pilot.pause()
        assert isinstance(here(pilot), Menu)
        await pilot.press("escape", "escape")
        await pilot.pause()
        assert isinstance(here(pilot), StationView)
        assert feed.acts.prepared == []


async def test_an_item_without_verbs_says_that_nothing_can_be_done(play: Any) -> None:
    async with play(morning(), stages=ACTING_STAGES) as (pilot, _):
        await pilot.press("5", "a")
        await pilot.pause()
        assert "nothing can be done to it" in text(pilot.app)


async def test_the_form_turns_flags_takes_values_and_gives_them_to_the_verb(play: Any, settle: Any) -> None:
    async with play(working(), stages=ACTING_STAGES) as (pilot, feed):
        await pilot.press("5", "a", "P")
        await pilot.pause()
        assert isinstance(here(pilot), Form)
        assert "[ ] --full" in text(pilot.app)
        await pilot.press("space")
        await pilot.pause()
        assert "[x] --full" in text(pilot.app)
        await pilot.press("enter")
        await settle(pilot, lambda: feed.acts.prepared)
        assert feed.acts.prepared == [(API, "promote", {"full": True})]
        await pilot.press("escape", "a", "U", "x", "enter")
        await settle(pilot, lambda: "x is none" in text(pilot.app))
        await pilot.press("backspace", "7", "enter")
        await settle(pilot, lambda: len(feed.acts.prepared) == 2)
        assert feed.acts.prepared[-1] == (API, "undo", {"to-revision": 7})


async def test_what_must_be_given_is_asked_for_also_without_the_menu(play: Any, settle: Any) -> None:
    async with play(working(), stages=ACTING_STAGES) as (pilot, feed):
        await pilot.press("5", "colon", *"set image", "enter")
        await pilot.pause()
        assert isinstance(here(pilot), Form)
        await pilot.press("enter")
        await settle(pilot, lambda: "--image is needed" in text(pilot.app))
        await pilot.press(*"app=acme:1", "enter")
        await settle(pilot, lambda: feed.acts.prepared)
        assert feed.acts.prepared == [(API, "set", {"image": ("app=acme:1",)})]


async def test_direct_keys_ask_for_no_options_but_the_confirmation_leads_there(
    play: Any, settle: Any
) -> None:
    async with play(working(), stages=ACTING_STAGES) as (pilot, feed):
        await pilot.press("5", "P")
        await settle(pilot, lambda: isinstance(here(pilot), Confirmation) and here(pilot).ready)
        assert "o options" in lines(pilot.app)[-1]
        await pilot.press("o", "space", "enter")
        await settle(pilot, lambda: isinstance(here(pilot), Confirmation) and here(pilot).ready)
        assert feed.acts.prepared == [(API, "promote", {}), (API, "promote", {"full": True})]
        assert "--full" in line_with(pilot.app, "options ")


async def test_keys_that_delete_elsewhere_do_nothing_here(play: Any) -> None:
    async with play(working(), stages=ACTING_STAGES) as (pilot, feed):
        await pilot.press("5")
        await pilot.pause()
        before = text(pilot.app)
        for key in ("ctrl+d", "ctrl+k", "p"):
            await pilot.press(key)
            await pilot.pause()
            assert text(pilot.app) == before, key
            assert feed.acts.prepared == [], key


async def test_every_verb_is_in_the_help_and_can_be_given_another_key(play: Any, settle: Any) -> None:
    async with play(working(), stages=ACTING_STAGES) as (pilot, feed):
        pilot.app.set_keymap({"verb.promote": "ctrl+g"})
        await pilot.press("5", "question_mark")
        await pilot.pause()
        shown = "\n".join("".join(c.text for c in line) for line in here(pilot).sheet.lines)
        assert all(f"Rollout: {verb.about}" in shown for verb in ACTING_STAGES[4].verbs)
        assert f"ctrl+g       promote: {PROMOTE.about}".split() == next(
            line.split() for line in shown.splitlines() if line.split()[:1] == ["ctrl+g"]
        )
        await pilot.press("escape", "ctrl+g")
        await settle(pilot, lambda: feed.acts.prepared)
        assert feed.acts.prepared == [(API, "promote", {})]


def test_every_binding_has_a_name_of_its_own_by_which_it_can_be_remapped() -> None:
    modules = [import_module(f"{ui.__name__}.{found.name}") for found in iter_modules(ui.__path__)]
    classes = {one for module in modules for one in vars(module).values() if isinstance(one, type)}
    ours = [one for one in classes if one.__module__.startswith(ui.__name__) and one is not TextLine]
    bindings = [binding for one in ours for binding in vars(one).get("BINDINGS", ())]
    names = Counter(binding.id for binding in bindings)
    assert len(bindings) > 60
    twice = {name for name, count in names.items() if count > 1 or not name}
    assert twice == {"view.leave"}  # the same on the screen of a failed connection


def test_no_verb_has_a_key_that_means_something_else_on_a_screen() -> None:
    """Only ``s`` is another thing where logs are read, and there it writes nothing."""
    views = [StationView, DetailsView, JourneyView, Dashboard, ManifestView, LogsView, RollbackView]
    own = [b for view in (*views, RowTable, Sheet, Page, View) for b in vars(view).get("BINDINGS", ())]
    taken = {key for binding in own for key in binding.key.split(",")}
    keys = {verb.key for stage in PIPELINE for verb in stage.verbs if verb.key}
    assert keys >= {"P", "A", "U", "s"}
    assert keys & taken == {"s"}
    assert all(key == "s" or (len(key) == 1 and key.isupper()) for key in keys)


async def test_the_chosen_row_is_fixed_when_the_menu_opens(play: Any, settle: Any) -> None:
    script = working()
    async with play(script, stages=ACTING_STAGES) as (pilot, feed):
        await pilot.press("5", "a")
        script.drop("rollout", API)
        feed.publish()
        await settle(pilot, lambda: pilot.app.screen_stack[1].chosen == WEB)
        await pilot.press("A")
        await settle(pilot, lambda: feed.acts.prepared)
        assert feed.acts.prepared == [(API, "abort", {})]
