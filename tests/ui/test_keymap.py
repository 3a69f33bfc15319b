"""The user's own keys: which can be taken, how wrong ones are named, and that everything shows them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from deliveries_in_hand import ACTING_STAGES, API, working
from screens import lines, text

from trombone_tui.config import settle
from trombone_tui.core.ports import Refused
from trombone_tui.pipeline import PIPELINE
from trombone_tui.ui.confirmation import Confirmation
from trombone_tui.ui.help import HelpView
from trombone_tui.ui.keyboard import written
from trombone_tui.ui.keymap import commands, keymap
from trombone_tui.ui.logs import LogsView
from trombone_tui.ui.manifest import ManifestView
from trombone_tui.ui.menu import Menu
from trombone_tui.ui.station import StationView

UI = Path(__file__).parents[2] / "trombone_tui" / "ui"
TO_API = ["5", "slash", *"shop-api", "enter"]


@pytest.fixture(scope="module", autouse=True)
def stages() -> None:
    for stage in PIPELINE:
        stage.load()


def taken(file: Path, text: str) -> dict[str, str]:
    file.write_text(text)
    effective = settle(file, {}, {})
    return keymap(effective.settings.keymap, effective.origins, PIPELINE)


def test_every_id_that_a_key_is_bound_by_can_be_given_another_key() -> None:
    known = commands(PIPELINE)
    written = {
        name for file in UI.rglob("*.py") for name in re.findall(r'id="([a-z]+\.[a-z-]+)"', file.read_text())
    }
    assert {*written, "view.help", "view.back", "view.stage-1", "verb.promote", "verb.restart"} <= {*known}
    assert "view.stage-7" not in known
    assert [ident for ident, one in known.items() if not one.about] == []


def test_keys_are_taken_by_id_in_either_of_tomls_ways(tmp_path: Path) -> None:
    text = (
        '[keys]\nview.logs = "L"\nverb.restart = "ctrl+r"\nview.help = "?,f1"\n'
        '[keys.table]\nopen = "enter, o"\n'
    )
    with pytest.raises(Refused, match=r":6: keys\.table\.open: `o` is the key of station\.order"):
        taken(tmp_path / "config.toml", text)
    assert taken(tmp_path / "config.toml", text.replace(", o", ", O")) == {
        "view.logs": "L",
        "verb.restart": "ctrl+r",
        "view.help": "question_mark,f1",
        "table.open": "enter,O",
    }


def test_keys_are_written_as_they_are_typed() -> None:
    named = {
        "slash": "/", "question_mark": "?", "full_stop": ".", "minus": "-", "at": "@", "ctrl+t": "ctrl+t",
        "escape": "esc", "pagedown": "PgDn", "backspace": "backspace", "space": "space", "enter": "enter",
    }  # fmt: skip
    assert {key: written(key) for key in named} == named


def test_two_commands_may_change_places(tmp_path: Path) -> None:
    text = '[keys]\nview.logs = "y"\nview.yaml = "l"\n'
    assert taken(tmp_path / "config.toml", text) == {"view.logs": "y", "view.yaml": "l"}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('view.lgos = "L"', "view.lgos: there is no such command; did you mean `view.logs`?"),
        ('page.zzzzzz = "L"', "page.zzzzzz: there is no such command; known are page.copy, page.next"),
        ('zz.zz = "L"', "zz.zz: there is no such command; known are app, command, confirm"),
        ('view.stage-7 = "L"', "view.stage-7: there is no such command; did you mean `view.stage-"),
        ('view.logs = "Ctrl-L"', "view.logs: there is no key `Ctrl-L`; did you mean `ctrl+l`?"),
        ('view.logs = "foo"', "view.logs: there is no key `foo`; write one as in"),
        ('view.logs = ""', "view.logs: there is no key ``; write one as in"),
        ('view.logs = "L,"', "view.logs: there is no key ``; write one as in"),
        ('view.logs = "hyper+"', "view.logs: there is no key `hyper+`"),
        ('view.logs = "shift+l"', "view.logs: terminals don't send `shift+l`; write `L`"),
        ('view.logs = "ctrl+L"', "view.logs: terminals don't send `ctrl+L`; write `ctrl+l`"),
        ('view.logs = "ctrl+i"', "view.logs: terminals send `ctrl+i` as `tab`"),
        (
            'view.logs = "a"',
            "view.logs: `a` is the key of view.actions (what can be done, and why not)",
        ),
        ('view.logs = "ctrl+c"', "view.logs: `ctrl+c` is the key of app.quit"),
        ('view.logs = "P"', "view.logs: `P` is the key of verb.promote"),
        ('verb.restart = "?"', "verb.restart: `?` is the key of view.help"),
        ('confirm.yes = "d"', "confirm.yes: `d` is the key of confirm.requests"),
        ('logs.wrap = "n"', "logs.wrap: `n` is the key of page.next (next place of the words) in logs"),
        ('command.run = "x"', "command.run: letters are text there, and so is `x`"),
        ('dialog.close = "?"', "dialog.close: letters are text there, and so is `?`"),
        ('verb.promote = "p"', "verb.promote: `p` never changes anything"),
        ('verb.delete = "ctrl+k"', "verb.delete: `ctrl+k` never changes anything"),
    ],
)
def test_a_wrong_id_key_or_conflict_is_named_with_its_line(tmp_path: Path, line: str, problem: str) -> None:
    file = tmp_path / "config.toml"
    with pytest.raises(Refused) as refused:
        taken(file, f'read_only = true\n\n[keys]\nview.palette = "f2"\n{line}\n')
    assert str(refused.value).startswith(f"{file}:5: keys.{problem}")
    assert refused.value.advice


@pytest.mark.parametrize(
    "line",
    [
        'sheet.down = "ctrl+n"\ntable.down = "ctrl+n"',  # never focused together
        'logs.since = "o"',  # station.order is of another screen
        'dashboard.next = "right"',  # only trees and logs are scrolled sideways
        'view.help = "f1,slash"\npage.search = "f3"\nview.filter = "f3"',
        'page.copy = "p"\nlogs.previous = "c"',
        'form.go-on = "ctrl+g"',
        'verb.refresh = "ctrl+k"',  # harmless
    ],
)
def test_the_same_key_may_mean_another_thing_elsewhere(tmp_path: Path, line: str) -> None:
    assert taken(tmp_path / "config.toml", f"[keys]\n{line}\n")


async def test_footer_help_and_menus_show_the_users_keys_and_they_work(play: Any, settle: Any) -> None:
    own = {
        "verb.promote": "G", "view.logs": "f5", "view.stage-2": "f2", "view.help": "f1",
        "view.actions": "full_stop", "table.last": "end", "verb.retry": "f8", "view.back": "backspace",
    }  # fmt: skip
    async with play(working(), (160, 36), stages=ACTING_STAGES, keys=own) as (pilot, feed):
        await pilot.press(*TO_API)
        await pilot.pause()
        footer = lines(pilot.app)[-1]
        assert "G promote" in footer
        assert ". actions" in footer
        assert "1 f2 3 4 5 6 stage" in footer
        assert footer.rstrip().endswith("f1 help  backspace back  q quit")
        await pilot.press("P", "a", "l", "question_mark", "escape")
        await pilot.pause()
        assert isinstance(pilot.app.screen, StationView)
        await pilot.press("f8")
        await settle(pilot, lambda: "is not aborted" in text(pilot.app))
        await pilot.press("f1")
        await settle(pilot, lambda: isinstance(pilot.app.screen, HelpView))
        shown = ["".join(cell.text for cell in line).split() for line in pilot.app.screen.sheet.lines]
        for key, word in (("f1", "help"), ("f5", "logs"), ("G", "promote:"), ("f8", "retry:"), (".", "what")):
            assert any(words[:1] == [key] and word in words for words in shown)
        assert ["promote", "G"] in [words[:2] for words in shown]
        assert "Verbs (. shows them)" in text(pilot.app)
        await pilot.press("backspace", "full_stop")
        await settle(pilot, lambda: isinstance(pilot.app.screen, Menu))
        assert {entry.name: entry.key for entry in pilot.app.screen.shown}["promote"] == "G"
        await pilot.press("escape", "ctrl+p")
        await settle(pilot, lambda: isinstance(pilot.app.screen, Menu))
        named = {entry.name: entry.key for entry in pilot.app.screen.shown}
        assert (named["logs"], named["workflows"], named["help"], named["retry"]) == ("f5", "f2", "f1", "f8")
        await pilot.press("escape", "f5")
        await settle(pilot, lambda: isinstance(pilot.app.screen, LogsView))
        await pilot.press("backspace", "G")
        await settle(pilot, lambda: isinstance(pilot.app.screen, Confirmation))
        assert feed.acts.prepared == [(API, "promote", {})]
        await pilot.press("escape", "f2")
        await settle(pilot, lambda: "Workflows" in lines(pilot.app)[1])


async def test_what_changed_places_does_what_the_other_did(play: Any, settle: Any) -> None:
    own = {"verb.promote": "l", "view.logs": "P", "view.yaml": "s", "logs.since": "y"}
    async with play(working(), stages=ACTING_STAGES, keys=own) as (pilot, feed):
        await pilot.press(*TO_API, "P")
        await settle(pilot, lambda: isinstance(pilot.app.screen, LogsView))
        assert "y since" in lines(pilot.app)[-1] or "y" in pilot.app.screen.active_bindings
        await pilot.press("s")
        await settle(pilot, lambda: isinstance(pilot.app.screen, ManifestView))
        await pilot.press("escape", "escape", "l")
        await settle(pilot, lambda: isinstance(pilot.app.screen, Confirmation))
        assert feed.acts.prepared == [(API, "promote", {})]


async def test_a_confirmation_names_the_users_keys(play: Any, settle: Any) -> None:
    own = {"confirm.yes": "f9", "confirm.no": "f10"}
    async with play(working(), stages=ACTING_STAGES, keys=own) as (pilot, _):
        await pilot.press(*TO_API, "A")
        await settle(pilot, lambda: isinstance(pilot.app.screen, Confirmation) and pilot.app.screen.ready)
        assert "f9: yes   f10, enter or esc: no" in text(pilot.app)
        await pilot.press("f10")
        await pilot.pause()
        assert isinstance(pilot.app.screen, StationView)
