"""Cursor and scroll offset: they survive whatever happens to the rows."""

from __future__ import annotations

import pytest

from trombone_tui.ui.rows import Rows
from trombone_tui.ui.window import Window, thumb


def window_over(count: int, height: int = 5, *, optional: bool = False) -> Window[int]:
    rows: Rows[int, tuple[int]] = Rows(lambda row: row, str)
    rows.update({n: (n,) for n in range(0, count * 10, 10)})
    window: Window[int] = Window(rows, optional=optional)
    window.settle(window.hold())
    window.resize(height)
    return window


def change(window: Window[int], *, add: tuple[int, ...] = (), drop: tuple[int, ...] = ()) -> None:
    held = window.hold()
    values = {**window.rows.values, **{n: (n,) for n in add}}
    window.rows.update({n: v for n, v in values.items() if n not in drop})
    window.settle(held)


def test_the_cursor_stays_at_the_top_until_it_was_moved() -> None:
    window = window_over(3)
    change(window, add=(-5,))
    assert window.cursor == -5


def test_a_moved_cursor_stays_on_its_row_when_others_come_before_it() -> None:
    window = window_over(3)
    window.step(1)
    change(window, add=(-5, 5))
    assert window.cursor == 10


def test_when_its_row_goes_the_cursor_goes_to_the_neighbour() -> None:
    window = window_over(3)
    window.step(1)
    change(window, drop=(10,))
    assert window.cursor == 20
    change(window, drop=(20,))
    assert window.cursor == 0
    change(window, drop=(0,))
    assert window.cursor is None
    change(window, add=(7,))
    assert window.cursor == 7


def test_the_cursors_line_on_the_screen_does_not_move_when_rows_come_above() -> None:
    window = window_over(40)
    window.go(20)
    line = window.seen.index(200)
    change(window, add=(1, 2, 3))
    assert window.seen.index(200) == line


def test_at_the_top_the_worst_rows_come_into_sight_and_the_cursor_stays_in_it() -> None:
    window = window_over(10)
    window.go(4)
    change(window, add=(-5,))
    assert window.seen[-1] == 40
    change(window, add=(-15,))
    assert 40 in window.seen


def test_a_list_scrolled_away_from_its_cursor_keeps_its_first_row() -> None:
    window = window_over(40)
    window.scroll(20)
    assert window.seen[0] == 200
    change(window, add=(1, 2))
    assert window.seen[0] == 200
    change(window, drop=(200,))
    assert len(window.seen) == 5


def test_scrolling_ends_at_both_ends() -> None:
    window = window_over(8)
    window.scroll(99)
    assert window.seen[-1] == 70
    window.scroll(-99)
    assert window.seen[0] == 0


def test_pages_and_edges() -> None:
    window = window_over(20)
    window.page(1)
    assert window.cursor == 40
    window.go(19)
    assert window.cursor == 190
    assert window.seen == [150, 160, 170, 180, 190]
    window.page(-1)
    assert window.cursor == 150


def test_an_optional_cursor_appears_when_asked_for_and_can_be_given_back() -> None:
    window = window_over(3, optional=True)
    assert window.cursor is None
    window.step(1)
    assert window.cursor == 0
    change(window, add=(-5,))
    assert window.cursor == 0
    window.release()
    assert window.cursor is None


def test_a_cursor_given_back_where_there_must_be_one_is_at_the_top_again() -> None:
    window = window_over(3)
    window.step(2)
    window.release()
    assert window.cursor == 0
    change(window, add=(-5,))
    assert window.cursor == -5


def test_a_pinned_cursor_stays_on_the_top_row_when_another_takes_the_top() -> None:
    window = window_over(3)
    window.pin()
    change(window, add=(-5,))
    assert window.cursor == 0


def test_nothing_to_move_on_is_no_error() -> None:
    window = window_over(0)
    window.step(1)
    window.page(1)
    window.go(3)
    assert window.cursor is None


@pytest.mark.parametrize(
    ("height", "count", "top", "lit"),
    [
        (5, 5, 0, range(0)),
        (0, 9, 0, range(0)),
        (5, 10, 0, range(2)),
        (5, 10, 5, range(3, 5)),
        (5, 9999, 9994, range(4, 5)),
    ],
)
def test_the_scroll_bar_shows_where_one_is(height: int, count: int, top: int, lit: range) -> None:
    assert thumb(height, count, top) == lit
