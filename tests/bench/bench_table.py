"""What our table costs beside Textual's DataTable: 10,000 rows, 8 columns, 200x50, CPU until painted."""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2])]
os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", LANG="C.UTF-8")

from textual.app import App, ComposeResult  # noqa: E402 - after the path is set
from textual.pilot import Pilot  # noqa: E402 - after the path is set
from textual.widgets import DataTable  # noqa: E402 - after the path is set

from trombone_tui.core.stage import Column  # noqa: E402 - after the path is set
from trombone_tui.ui.cells import Cell  # noqa: E402 - after the path is set
from trombone_tui.ui.paint import Canvas, PaintingApp  # noqa: E402 - after the path is set
from trombone_tui.ui.table import RowTable  # noqa: E402 - after the path is set
from trombone_tui.ui.theme import UNICODE  # noqa: E402 - after the path is set

ROWS, COLUMNS, REPEATS = 10_000, 8, 5
Row = tuple[str, ...]


def row(n: int, turn: int = 0) -> Row:
    return (f"workflow-{n:05}", *(f"value {n % 97} {turn}" for _ in range(COLUMNS - 1)))


class Face:
    def columns(self, _width: int, /) -> Sequence[Column]:
        return [Column(key=str(n), title=f"COLUMN {n}", width=22, rank=0) for n in range(COLUMNS)]

    def cells(self, row: Row, columns: Sequence[Column]) -> Sequence[Cell]:
        return [Cell(text) for text in row[: len(columns)]]

    def rank(self, row: Row) -> tuple[str]:
        return (row[0],)

    def words(self, row: Row) -> str:
        return " ".join(row)


class OurApp(PaintingApp):
    def get_default_screen(self) -> Canvas:
        return Canvas()

    def compose(self) -> ComposeResult:
        self.table: RowTable[str, Row] = RowTable(Face(), UNICODE)
        yield self.table

    def fill(self) -> None:
        self.rows = {str(n): row(n) for n in range(ROWS)}
        self.table.update(self.rows)

    def change(self, *places: int, turn: int = 1) -> None:
        self.rows = {**self.rows, **{str(n): row(n, turn) for n in places}}
        self.table.update(self.rows)

    def filter(self) -> None:
        self.table.filter("workflow-01")

    def move(self) -> None:
        self.table.action_step(1)


class TheirApp(App[None]):
    def compose(self) -> ComposeResult:
        self.table: DataTable[str] = DataTable(cursor_type="row")
        self.table.add_columns(*(f"COLUMN {n}" for n in range(COLUMNS)))
        yield self.table

    def fill(self) -> None:
        for n in range(ROWS):
            self.table.add_row(*row(n), key=str(n))

    def change(self, *places: int, turn: int = 1) -> None:
        columns = list(self.table.columns)
        for n in places:
            for key, text in zip(columns, row(n, turn), strict=True):
                if self.table.get_cell(str(n), key) != text:
                    self.table.update_cell(str(n), key, text)

    def filter(self) -> None:
        self.table.clear()
        for n in range(ROWS):
            if row(n)[0].startswith("workflow-01"):
                self.table.add_row(*row(n), key=str(n))

    def move(self) -> None:
        self.table.action_cursor_down()


async def cost(pilot: Pilot[None], act: Callable[[], None]) -> float:
    """Return the CPU milliseconds of an action until all it leads to is painted."""
    begin = time.process_time()
    act()
    for _ in range(3):
        await pilot.pause()
    return (time.process_time() - begin) * 1000


async def measure(make: type[OurApp] | type[TheirApp]) -> dict[str, float]:
    found: dict[str, list[float]] = {}
    pick = random.Random(1)
    for turn in range(REPEATS):
        app = make()
        async with app.run_test(size=(200, 50)) as pilot:
            await pilot.pause()
            some = [pick.randrange(ROWS) for _ in range(250)]
            acts: dict[str, Callable[[], None]] = {
                "nothing (the harness itself)": lambda: None,
                "fill": app.fill,
                "change one row in sight": partial(app.change, 5, turn=turn + 1),
                "change one row out of sight": partial(app.change, ROWS - 5, turn=turn + 1),
                "change 250 rows at random (2,000/s at 8 frames/s)": partial(
                    app.change, *some, turn=turn + 1
                ),
                "move the cursor": app.move,
                "filter to a tenth": app.filter,
            }
            for name, act in acts.items():
                found.setdefault(name, []).append(await cost(pilot, act))
    return {name: statistics.median(times) for name, times in found.items()}


def main() -> None:
    ours, theirs = asyncio.run(measure(OurApp)), asyncio.run(measure(TheirApp))
    print(f"  {ROWS:,} rows, CPU ms until painted, median of {REPEATS}")
    print(f"  {'':<52} {'ours':>8} {'DataTable':>10} {'ratio':>7}")
    for name, mine in ours.items():
        print(f"  {name:<52} {mine:>8.1f} {theirs[name]:>10.1f} {theirs[name] / mine:>6.1f}x")
    print("  goal: fill in less than 150 ms")


if __name__ == "__main__":
    main()
