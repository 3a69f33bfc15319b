"""The table of rows: what fits is shown, what changed is redrawn, keys and mouse move the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from feeds import NOW
from screens import drawn
from textual.app import ComposeResult
from textual.geometry import Region
from textual.widget import Widget

from trombone_tui.core.stage import Column
from trombone_tui.pipeline import PIPELINE
from trombone_tui.ui.cells import Cell
from trombone_tui.ui.columns import arrange, gaps
from trombone_tui.ui.items import ItemFace
from trombone_tui.ui.messages import CursorMoved
from trombone_tui.ui.paint import Canvas, PaintingApp
from trombone_tui.ui.table import RowTable
from trombone_tui.ui.theme import UNICODE

NAME = Column(key="name", title="NAME", width=10, rank=0)
STATE = Column(key="state", title="STATE", width=8, rank=1)
NOTE = Column(key="note", title="NOTE", width=6, rank=2, grow=True)
LESS = Column(key="less", title="LESS", width=6, rank=2)


def widths(columns: Sequence[Column], width: int) -> dict[str, int]:
    return {column.key: cells for column, cells in arrange(columns, width, 1)}


def test_columns_of_the_highest_rank_go_first_the_last_of_them_first() -> None:
    columns = (NAME, NOTE, STATE, LESS)
    assert widths(columns, 33) == {"name": 10, "note": 6, "state": 8, "less": 6}
    assert widths(columns, 32) == {"name": 10, "note": 12, "state": 8} | {"note": 12}
    assert widths(columns, 25) == {"name": 10, "state": 8}
    assert widths(columns, 15) == {"name": 10}


def test_what_is_left_over_goes_to_the_growing_columns() -> None:
    other = Column(key="other", title="OTHER", width=3, grow=True)
    assert widths((NAME, NOTE, other), 30) == {"name": 10, "note": 11, "other": 7}


def test_a_name_grows_by_turns_with_the_others_until_it_is_as_wide_as_names_get() -> None:
    name = Column(key="name", title="NAME", width=10, most=14, rank=0)
    assert widths((name, STATE), 40) == {"name": 14, "state": 8}
    assert widths((name, NOTE), 20) == {"name": 12, "note": 7}
    assert widths((name, NOTE), 40) == {"name": 14, "note": 25}
    assert widths((name, STATE), 12) == {"name": 12}


@pytest.mark.parametrize("width", [38, 64, 78, 118, 198])
def test_no_column_of_a_stage_is_cut_while_cells_beside_it_are_free(width: int) -> None:
    for stage in PIPELINE:
        face = ItemFace(stage, UNICODE, NOW)
        shown = arrange(face.columns(width), width, 1)
        free = width - sum(cells for _, cells in shown) - sum(gaps([column for column, _ in shown], 1))
        assert free == 0 or all(cells >= max(column.most, column.width) for column, cells in shown)


def test_a_metric_is_said_with_whose_it_is_on_a_panel_of_a_wide_screen() -> None:
    face = ItemFace(PIPELINE[-1], UNICODE, NOW)
    shown = {column.key for column, _ in arrange(face.columns(64), 64, 1)}
    assert {"subject", "reading", "rollout"} <= shown


def test_columns_that_must_stay_get_narrower_the_widest_first() -> None:
    wide = Column(key="image", title="IMAGE", width=26, rank=0)
    assert widths((NAME, wide), 30) == {"name": 10, "image": 19}
    assert widths((NAME, wide), 11) == {"name": 5, "image": 5}


Row = tuple[int, str]


class PlainFace:
    def columns(self, _width: int, /) -> Sequence[Column]:
        return (NAME, STATE)

    def cells(self, row: Row, columns: Sequence[Column]) -> Sequence[Cell]:
        return [Cell(row[1]), Cell(str(row[0]))][: len(columns)]

    def rank(self, row: Row) -> tuple[int]:
        return (row[0],)

    def words(self, row: Row) -> str:
        return row[1]


class Opening(Canvas):
    app: TableApp

    def open_row(self, _: Widget, key: Any) -> None:
        self.app.heard.append(f"chose {key}")


class TableApp(PaintingApp):
    def __init__(self, count: int, *, optional: bool = False) -> None:
        super().__init__()
        self.values = {f"{n:05}": (n, f"row {n}") for n in range(count)}
        self.table: RowTable[str, Row] = RowTable(PlainFace(), UNICODE, optional=optional)
        self.heard: list[str] = []
        self.redrawn: list[Region] = []

    def get_default_screen(self) -> Canvas:
        return Opening()

    def compose(self) -> ComposeResult:
        yield self.table

    def on_mount(self) -> None:
        self.table.styles.height = 11
        self.table.update(self.values)
        self.table.spoken_of = True
        self.table.focus()

    def on_cursor_moved(self, event: CursorMoved) -> None:
        self.heard.append(f"moved {event.table.cursor}")


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Note which lines of a table are redrawn from now on."""

    def start(table: RowTable[str, Row]) -> list[int | str]:
        seen: list[int | str] = []
        refresh = table.refresh

        def noting(*regions: Region, **how: Any) -> Any:
            for region in regions:
                seen.extend(range(region.y, region.bottom))
            if not regions:
                seen.append("all")
            return refresh(*regions, **how)

        monkeypatch.setattr(table, "refresh", noting)
        return seen

    return start


async def test_a_change_out_of_sight_redraws_nothing_and_one_in_sight_one_line(watch: Any) -> None:
    app = TableApp(100)
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.pause()
        redrawn = watch(app.table)
        app.table.update({**app.values, "00050": (50, "changed")})
        assert redrawn == []
        app.table.update({**app.table.rows.values, "00003": (3, "changed")})
        assert redrawn == [4]
        assert "changed" in drawn(app.table)[4]


async def test_rows_that_come_above_redraw_what_they_move_and_no_more(watch: Any) -> None:
    app = TableApp(6)
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.pause()
        await pilot.press("down")
        redrawn = watch(app.table)
        app.table.update({**app.values, "00003x": (3, "new")})
        assert redrawn == [5, 6, 7]
        assert app.table.cursor == "00001"


async def test_moving_the_cursor_redraws_two_lines(watch: Any) -> None:
    app = TableApp(100)
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.pause()
        redrawn = watch(app.table)
        await pilot.press("j")
        assert redrawn == [1, 2]
        assert app.heard[-1] == "moved 00001"


@pytest.mark.parametrize(
    ("keys", "cursor"),
    [
        (["j", "j", "k"], "00001"),
        (["down", "up", "up"], "00000"),
        (["G"], "00099"),
        (["G", "g"], "00000"),
        (["pagedown"], "00009"),
        (["end", "pageup"], "00090"),
        (["end", "home"], "00000"),
    ],
)
async def test_keys_move_the_cursor(keys: list[str], cursor: str) -> None:
    app = TableApp(100)
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.press(*keys)
        assert app.table.cursor == cursor
        assert any(line.startswith("▸") and app.values[cursor][1] in line for line in drawn(app.table))


async def test_enter_and_a_double_click_open_a_row_and_the_wheel_scrolls() -> None:
    app = TableApp(100)
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.press("enter")
        assert app.heard[-1] == "chose 00000"
        await pilot.click(app.table, offset=(3, 4))
        assert app.table.cursor == "00003"
        await pilot.double_click(app.table, offset=(3, 6))
        await pilot.pause()
        assert app.heard[-1] == "chose 00005"
        await pilot.click(app.table, offset=(3, 0))
        assert app.table.cursor == "00005"
        await pilot._post_mouse_events([__import__("textual.events").events.MouseScrollDown], app.table)
        assert app.table.window.top == 3
        await pilot._post_mouse_events([__import__("textual.events").events.MouseScrollUp], app.table)
        assert app.table.window.top == 0


async def test_nothing_can_be_opened_where_there_is_no_row() -> None:
    app = TableApp(0)
    async with app.run_test(size=(40, 20)) as pilot:
        app.table.say_empty([Cell("nothing here")])
        await pilot.press("enter", "j", "G")
        assert app.heard == []
        assert "nothing here" in drawn(app.table)[1]
        assert "table.open" not in {a.binding.id for a in app.screen.active_bindings.values()}


async def test_an_optional_cursor_is_kept_in_sight_while_the_keys_go_elsewhere() -> None:
    app = TableApp(5, optional=True)
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.pause()
        assert not any(line.startswith("▸") for line in drawn(app.table))
        await pilot.press("j", "j")
        app.set_focus(None)
        await pilot.pause()
        assert drawn(app.table)[2].startswith("▸")


async def test_cells_are_cleaned_and_cut_and_markup_is_only_text() -> None:
    app = TableApp(1)
    async with app.run_test(size=(40, 20)) as pilot:
        app.table.update({"a": (0, "\x1b]0;[b]very long")})
        await pilot.pause()
        assert drawn(app.table)[1].startswith("▸^[]0;[b]v… 0")


async def test_a_screen_of_a_few_cells_is_drawn_without_a_crash() -> None:
    app = TableApp(100)
    async with app.run_test(size=(3, 2)) as pilot:
        await pilot.pause()
        await pilot.resize_terminal(1, 1)
        await pilot.press("G")
        assert app.table.cursor == "00099"


async def test_a_smaller_window_keeps_the_cursor_in_sight(settle: Any) -> None:
    app = TableApp(100)
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.press("G")
        app.table.styles.height = 5
        await settle(pilot, lambda: app.table.window.height == 4)
        assert any(line.startswith("▸") for line in drawn(app.table))
