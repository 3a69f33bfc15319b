"""Lines of several logs in one bounded order, and their rows on the screen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trombone_tui.core.ports import LogLine
from trombone_tui.ui.log_lines import LogLines, Manner
from trombone_tui.ui.ring import Growth, Ring

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def line(text: str, second: float | None = None) -> LogLine:
    return LogLine(text, None if second is None else NOON + timedelta(seconds=second))


def texts(ring: Ring) -> list[str]:
    return [entry.text for entry in ring.entries]


def test_lines_that_come_late_are_put_where_they_belong() -> None:
    ring = Ring()
    assert ring.add(0, [line("a", 1), line("c", 3)]) == Growth(0, 2)
    assert ring.add(1, [line("b", 2), line("d", 4)]) == Growth(1, 2)
    assert texts(ring) == ["a", "b", "c", "d"]


def test_a_line_without_a_time_stays_behind_the_one_before_it() -> None:
    ring = Ring()
    ring.add(0, [line("start", 1), line("  at frame", None), line("next", 5)])
    ring.add(1, [line("other", 3)])
    assert texts(ring) == ["start", "  at frame", "other", "next"]


def test_old_lines_make_room_and_are_counted() -> None:
    ring = Ring(limit=100)
    ring.add(0, [line(str(n), n) for n in range(100)])
    growth = ring.add(0, [line(str(n), n) for n in range(100, 110)])
    assert growth == Growth(90, 10, 10)
    assert (len(ring.entries), ring.dropped, texts(ring)[0], texts(ring)[-1]) == (100, 10, "10", "109")


def test_one_log_alone() -> None:
    ring = Ring()
    ring.add(0, [line("a", 1)])
    ring.add(1, [line("b", 2)])
    assert texts(ring.of(1)) == ["b"]


def test_colours_of_a_log_are_left_out_and_nothing_else() -> None:
    ring = Ring()
    ring.add(0, [line("\x1b[31mred\x1b[0m\ttab \x1b]0;title\x07", 1)])
    assert texts(ring) == ["red tab \x1b]0;title\x07"]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 50)), max_size=60))
def test_each_log_keeps_its_own_order(moves: list[tuple[int, int]]) -> None:
    ring, at = Ring(), dict.fromkeys(range(4), 0)
    for number, (source, step) in enumerate(moves):
        at[source] += step
        ring.add(source, [line(f"{number}", at[source])])
    for source in range(4):
        numbers = [int(entry.text) for entry in ring.entries if entry.source == source]
        assert numbers == sorted(numbers)
    times = [entry.at for entry in ring.entries]
    assert times == sorted(times)


@pytest.mark.parametrize("wrap", [True, False])
def test_rows_counted_as_they_come_are_those_counted_at_once(wrap: bool) -> None:
    ring, manner = Ring(), Manner(wrap=wrap)
    grown = LogLines(ring, {0: "a", 1: "b"}, manner, 40)
    for number in range(30):
        growth = ring.add(number % 2, [line("x" * (number * 7), number)])
        grown.renew(growth.place)
    whole = LogLines(ring, {0: "a", 1: "b"}, manner, 40)
    assert [list(row) for row in grown] == [list(row) for row in whole]
    shown = "".join(row[-1].text for row in whole)
    assert shown.count("x") == sum(number * 7 for number in range(30))
    assert (len(whole) > 30) == wrap


def test_a_long_line_goes_on_under_its_text() -> None:
    ring = Ring()
    ring.add(0, [line("y" * 45, 1)])
    rows = LogLines(ring, {0: "one", 1: "two"}, Manner(stamps=True), 40)
    drawn = ["".join(cell.text for cell in row) for row in rows]
    assert drawn == ["one 12:00:01.000 " + "y" * 23, " " * 17 + "y" * 22]
