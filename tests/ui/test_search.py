"""Words are found as they stand on the screen, wrapped or not, and marked where they stand."""

from __future__ import annotations

import pytest

from trombone_tui.ui.cells import Cell
from trombone_tui.ui.search import Plain, Search

LINES = ["Error: pull failed", "no error here, an ERROR", "the tag was", "   not found", "x" * 4]


def search(needle: str, joined: tuple[int, ...] = ()) -> Search:
    return Search(needle, Plain((line, number in joined) for number, line in enumerate(LINES)))


@pytest.mark.parametrize(
    ("needle", "lines"),
    [
        ("error", [0, 1, 1]),
        ("pull failed", [0]),
        ("was not", [2]),
        ("a.l", []),
        ("  ", []),
        ("d\nno", [0]),
        ("xx", [4, 4]),
        ("foundxx", []),
    ],
)
def test_places_are_found_in_order(needle: str, lines: list[int]) -> None:
    found = search(needle)
    assert len(found) == len(lines)
    seen = []
    for _ in lines:
        seen.append(found.line)
        found.step(1)
    assert seen == lines
    assert found.here == 0


def test_what_a_line_that_goes_on_completes_is_found() -> None:
    assert len(search("foundxx", joined=(4,))) == 1


def test_one_begins_where_one_is_and_goes_round_at_both_ends() -> None:
    found = search("error")
    found.start(1)
    assert found.here == 1
    found.start(2)
    assert found.here == 0
    found.step(-1)
    assert found.here == 2
    empty = search("nowhere")
    empty.start(1)
    empty.step(1)
    assert empty.line is None


def test_what_is_found_is_marked_across_cells_and_the_place_one_is_at_otherwise() -> None:
    found = search("error")
    found.step(1)
    cells = [Cell("no er", ("dim",)), Cell("ror"), Cell(" here, an ERROR")]
    assert found.marked(1, cells) == [
        Cell("no ", ("dim",)),
        Cell("er", ("dim", "here")),
        Cell("ror", ("here",)),
        Cell(" here, an "),
        Cell("ERROR", ("found",)),
    ]
    assert found.marked(2, [Cell("the tag was")]) == [Cell("the tag was")]


def test_a_phrase_that_was_wrapped_is_marked_on_both_lines() -> None:
    found = search("was not")
    assert found.marked(2, [Cell("the tag was")])[-1] == Cell("was", ("here",))
    assert found.marked(3, [Cell("   not found")]) == [Cell("   not", ("here",)), Cell(" found")]
