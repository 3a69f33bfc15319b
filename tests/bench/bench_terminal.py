"""What a real terminal gets from our table and from Textual's DataTable: bytes, and time from key to paint.

Both get the same 10,000 rows, the same changes, 8 frames a second, and skip frames while the terminal is
behind; 200x50. Run with a descriptor and a name it is the program on the terminal.
"""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "ui"), str(Path(__file__).parent)]

from bench_table import ROWS, OurApp, TheirApp  # noqa: E402 - after the path is set
from terminals import Terminal  # noqa: E402 - after the path is set
from textual.app import ComposeResult  # noqa: E402 - after the path is set

from trombone_tui.ui.app import FRAME  # noqa: E402 - after the path is set
from trombone_tui.ui.bars import Line  # noqa: E402 - after the path is set
from trombone_tui.ui.cells import Cell  # noqa: E402 - after the path is set
from trombone_tui.ui.paint import Canvas  # noqa: E402 - after the path is set
from trombone_tui.ui.terminal import backlog  # noqa: E402 - after the path is set
from trombone_tui.ui.theme import UNICODE  # noqa: E402 - after the path is set

KEYS = 20


class Told:
    """Does what it is told through a descriptor: changes at a rate; a counter that a key moves."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self.descriptor = descriptor
        self.rate = self.turn = self.keys = 0
        self.pending: set[int] = set()
        self.line = Line(UNICODE)
        self.line.styles.dock = "bottom"
        self.line.styles.height = 1

    def get_default_screen(self) -> Canvas:
        return Canvas()

    def compose(self) -> ComposeResult:
        yield self.line
        yield from super().compose()  # type: ignore[misc]  # as App has it

    def on_mount(self: Any) -> None:
        self.fill()
        self.line.say([Cell("ready")])
        asyncio.get_running_loop().add_reader(self.descriptor, self.obey)
        self.run_worker(self.happen())
        self.run_worker(self.show())
        self.table.focus()

    def obey(self) -> None:
        told = os.read(self.descriptor, 4096)
        if not told:
            os._exit(0)  # nobody is there any more
        for line in told.decode().splitlines():
            match line.split():
                case ["storm", rate]:
                    self.rate = int(rate)
                case ["change", place]:
                    self.pending.add(int(place) % ROWS)

    async def happen(self) -> None:
        pick, last = random.Random(7), time.perf_counter()
        while True:
            await asyncio.sleep(0.02)
            now = time.perf_counter()
            self.pending.update(pick.randrange(ROWS) for _ in range(int(self.rate * (now - last))))
            last = now

    async def show(self: Any) -> None:
        while True:
            await asyncio.sleep(FRAME)
            if self.pending and not backlog(self):
                self.turn += 1
                places, self.pending = list(self.pending), set()
                self.change(*places, turn=self.turn)

    def action_count(self) -> None:
        self.keys += 1
        self.line.say([Cell(f"key {self.keys:04}")])


class Ours(Told, OurApp):
    """Our table, told what to do."""

    BINDINGS: ClassVar = [("x", "count", "count")]


class Theirs(Told, TheirApp):
    """DataTable, told the same."""

    BINDINGS: ClassVar = [("x", "count", "count")]


def keys(terminal: Terminal) -> Iterator[float]:
    """Yield the milliseconds from each key until its number is on the screen."""
    for number in range(1, KEYS + 1):
        begin = time.perf_counter()
        terminal.send("x")
        wanted, seen = f"key {number:04}".encode(), b""
        while wanted not in seen:
            seen = seen[-200:] + terminal.read(1)
            if time.perf_counter() - begin > 30:
                break
        yield (time.perf_counter() - begin) * 1000
        terminal.during(0.05)


def measure(name: str) -> dict[str, str]:
    found: dict[str, str] = {}

    def run(rate: float | None = None) -> Terminal:
        terminal = Terminal(Path(__file__), name, size=(200, 50))
        terminal.parse = rate is None
        terminal.until(lambda: terminal.shows("ready"), within=30) if rate is None else terminal.during(6)
        terminal.rate = rate
        return terminal

    with run() as terminal:
        terminal.until_quiet(1, within=30)
        terminal.parse = False
        found["idle for 2 s, bytes"] = str(len(terminal.during(2)))
        for what, place in (("a row in sight, bytes", 5), ("a row out of sight, bytes", ROWS - 5)):
            sizes = []
            for _ in range(3):
                terminal.tell(f"change {place}")
                sizes.append(len(terminal.during(1)))
            found[what] = str(int(statistics.median(sizes)))
        terminal.tell("storm 2000")
        terminal.during(0.5)
        found["2,000 changes/s, KiB/s"] = f"{len(terminal.during(2)) / 2048:.0f}"
        times = sorted(keys(terminal))
        found["2,000 changes/s, key to paint, median / worst ms"] = (
            f"{statistics.median(times):.0f} / {times[-1]:.0f}"
        )
    with run(65536) as terminal:
        terminal.tell("storm 2000")
        terminal.during(1)
        times = sorted(keys(terminal))
        found["the same at 64 KiB/s, median / worst ms"] = f"{statistics.median(times):.0f} / {times[-1]:.0f}"
    return found


def main() -> None:
    ours, theirs = measure("ours"), measure("theirs")
    print(f"  {'':<52} {'ours':>12} {'DataTable':>12}")
    for name, mine in ours.items():
        print(f"  {name:<52} {mine:>12} {theirs[name]:>12}")
    print("  goals: idle 0, out of sight 0, in sight less than 1,000 bytes")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        {"ours": Ours, "theirs": Theirs}[sys.argv[2]](int(sys.argv[1])).run()
    else:
        main()
