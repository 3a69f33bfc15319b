"""Rows in order: whatever comes, the order is that of a full sort, and only changes are reported."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from trombone_tui.ui.rows import Rows

Row = tuple[int, str]


def rows_of(values: dict[str, Row]) -> Rows[str, Row]:
    rows: Rows[str, Row] = Rows(lambda row: (row[0],), lambda row: row[1])
    rows.update(values)
    return rows


steps = st.lists(
    st.dictionaries(st.sampled_from("abcdefghijklmnop"), st.integers(0, 3), max_size=16),
    min_size=1,
    max_size=6,
)


@settings(max_examples=80, deadline=None)
@given(steps, st.sampled_from(["", "1", "x"]))
def test_after_any_changes_the_order_is_that_of_a_full_sort(
    history: list[dict[str, int]], needle: str
) -> None:
    rows: Rows[str, Row] = Rows(lambda row: (row[0],), lambda row: row[1])
    rows.filter(needle)
    values: dict[str, Row] = {}
    for state in history:
        old = values
        values = {
            key: old[key] if key in old and old[key][0] == rank else (rank, f"x{rank}")
            for key, rank in state.items()
        }
        changed = rows.update(values)
        assert changed == {key for key in values if old.get(key) is not values[key]}
        wanted = sorted((rank, key) for key, (rank, words) in values.items() if needle in words)
        assert rows.keys(0, 99) == [key for _, key in wanted]
        assert [rows.index(key) for key in rows.keys(0, 99)] == list(range(len(rows)))


def test_one_change_among_many_moves_one_row() -> None:
    values = {f"{n:03}": (n, "") for n in range(100)}
    rows = rows_of(values)
    moved = (500, "")
    assert rows.update({**values, "003": moved}) == {"003"}
    assert rows.key(99) == "003"
    assert rows.index("004") == 3
    assert rows.update({k: v for k, v in rows.values.items() if k != "050"}) == set()
    assert rows.index("050") is None
    assert len(rows) == 99


def test_a_filter_needs_every_word_whatever_the_case() -> None:
    rows = rows_of({"a": (1, "shop-api Degraded"), "b": (2, "shop-web Healthy"), "c": (3, "pay")})
    rows.filter("SHOP degr")
    assert rows.keys(0, 9) == ["a"]
    rows.filter("")
    assert len(rows) == 3


def test_a_row_comes_and_goes_with_what_the_filter_sees_in_it() -> None:
    rows = rows_of({str(n): (n, "well") for n in range(20)})
    rows.filter("broken")
    assert len(rows) == 0
    rows.update({**rows.values, "7": (7, "broken")})
    assert rows.keys(0, 9) == ["7"]
    rows.update({**rows.values, "7": (7, "well")})
    assert len(rows) == 0
    rows.update({**rows.values, "7": (7, "broken")})
    rows.update({key: row for key, row in rows.values.items() if key != "7"})
    assert len(rows) == 0


def test_touched_rows_are_looked_at_again_though_they_are_the_same_object() -> None:
    first: list[str] = []
    rows: Rows[str, Row] = Rows(lambda row: (row[1] not in first, row[0]), lambda row: row[1])
    values = {str(n): (n, str(n)) for n in range(9)}
    rows.update(values)
    first.append("8")
    assert rows.update(values, ["8", "gone"]) == {"8"}
    assert rows.key(0) == "8"


def test_rows_can_be_sorted_by_something_else() -> None:
    rows = rows_of({"a": (1, "z"), "b": (2, "y")})
    rows.sort(lambda row: (row[1],))
    assert rows.keys(0, 2) == ["b", "a"]
