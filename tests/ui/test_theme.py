"""Signs and colours: every state has a sign of its own, one cell wide, whatever the terminal can."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from rich.cells import cell_len

from trombone_tui.core.objects.basics import Health
from trombone_tui.core.ports import State
from trombone_tui.ui.theme import ASCII, MARKS, UNICODE, Glyphs, few_colours, glyphs_for


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_no_two_states_look_alike_and_each_is_one_cell(glyphs: Glyphs) -> None:
    signs = [*(glyphs.health[h] for h in Health), *(glyphs.state[s] for s in State), glyphs.attention]
    assert len(set(signs)) == len(signs)
    assert {cell_len(sign) for sign in signs} == {1}


def test_ascii_signs_are_ascii() -> None:
    values = [getattr(ASCII, name) for name in ASCII.__slots__]
    texts = [t for v in values for t in (v.values() if isinstance(v, Mapping) else [v]) if isinstance(t, str)]
    assert all(text.isascii() for text in texts)


@pytest.mark.parametrize(
    ("environment", "glyphs"),
    [
        ({"LANG": "en_GB.UTF-8"}, UNICODE),
        ({"LANG": "C.utf8"}, UNICODE),
        ({}, UNICODE),
        ({"LC_CTYPE": "C.UTF-8"}, UNICODE),
        ({"LANG": "C"}, ASCII),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, ASCII),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "POSIX"}, ASCII),
        ({"LANG": "de_DE.ISO-8859-1"}, ASCII),
    ],
)
def test_the_locale_says_which_signs_a_terminal_can_show(environment: dict[str, str], glyphs: Glyphs) -> None:
    assert glyphs_for(environment) is glyphs


@pytest.mark.parametrize(
    ("environment", "few"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "dumb"}, True),
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, False),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, True),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, False),
    ],
)
def test_few_colours_are_noticed(environment: dict[str, str], few: bool) -> None:
    assert few_colours(environment) is few


async def test_every_mark_is_drawn_in_a_way_of_its_own_or_nearly(play: Any) -> None:
    from feeds import morning  # noqa: PLC0415

    async with play(morning()) as (pilot, _):
        table = pilot.app.screen.changes
        styles = {mark: table.style(mark) for mark in MARKS}
        alike = {frozenset(m for m, s in styles.items() if s == style) for style in styles.values()}
        assert {group for group in alike if len(group) > 1} == {frozenset({"dim", "head", "unknown"})}
