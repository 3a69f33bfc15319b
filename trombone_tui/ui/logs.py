"""The logs that tell of an item: several containers at once, the newest line last, followed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.worker import Worker

from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.ports import LogLine, LogOptions, PortError, Unreachable
from trombone_tui.core.questions import LogSource
from trombone_tui.core.snapshot import Feed, Look
from trombone_tui.ui.cells import Cell
from trombone_tui.ui.desk import Desk
from trombone_tui.ui.log_lines import LogSheet
from trombone_tui.ui.messages import FollowTurned
from trombone_tui.ui.page import Page
from trombone_tui.ui.ring import Growth, Ring

FRAME = 1 / 8
"""Seconds between two paints of what came."""
AT_ONCE = 8
"""Logs that are read side by side; any one can be read alone."""
_NEWEST = 2_000
"""Lines of each log that are read at first."""
_AGAIN = 2.0
"""Seconds until a log that broke off is read again."""
_SINCE: tuple[tuple[str, float | None, int | None], ...] = (
    (f"newest {_NEWEST:,}", None, _NEWEST),
    ("1m", 60, None),
    ("5m", 300, None),
    ("15m", 900, None),
    ("1h", 3600, None),
    ("all", None, None),
)
"""What is read: how it is called, the last so many seconds, the newest so many lines."""


@dataclass(slots=True)
class _Reading:
    """One log that is read, or was."""

    number: int
    source: LogSource
    worker: Worker[None] | None = None
    ended: bool = False
    last: datetime | None = None
    """The time of its newest line."""


class LogsView(Page):
    """Lines of logs as they are written; bounded, searched, copied."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "pause", "follow", tooltip="follow the end, or stay", id="logs.follow"),
        Binding(
            "p", "previous", "previous", tooltip="the log before the container's restart", id="logs.previous"
        ),
        Binding("tab", "alone(1)", "one log", tooltip="each log alone, then all", id="logs.alone"),
        Binding("shift+tab", "alone(-1)", show=False, tooltip="the log before it", id="logs.alone-back"),
        Binding("w", "wrap", "wrap", tooltip="wrap long lines", id="logs.wrap"),
        Binding("t", "stamps", "times", tooltip="when each line was written", id="logs.times"),
        Binding("s", "since", "since", tooltip="how far back is read", id="logs.since"),
    ]

    about = "logs"
    first = ("pause", "wrap", "search", "alone", "previous", "stamps", "since")

    def __init__(self, desk: Desk, ref: Ref) -> None:
        super().__init__(desk)
        self.ref = ref
        self.sheet: LogSheet = LogSheet(desk.glyphs, id="sheet")
        self._look: Look | None = None
        self._sources: Sequence[LogSource] = ()
        self._readings: list[_Reading] = []
        self._alone: int | None = None
        self._previous = False
        self._since = 0
        self._ring = Ring()
        self._shown = self._ring
        self._due = False
        self._first = 0
        """The first entry that is not drawn yet."""

    @property
    def chosen(self) -> Ref:
        """The item whose logs are shown."""
        return self.ref

    def on_mount(self) -> None:
        """Begin with what is known."""
        self._begin()

    def on_unmount(self) -> None:
        """Read no longer."""
        if self._look is not None:
            self._look.close()

    def update(self) -> None:
        """Read logs that were not there before: of new pods, and of containers that were started anew."""
        if self._look is None:
            self._look = self.desk.look(self.ref)
        sources = self._look.logs() if self._look is not None else ()
        if sources != self._sources:
            self._sources = sources
            self._renew()
        self._say()

    def copied(self) -> Sequence[str]:
        """Return the lines that are kept, as they were written."""
        return [entry.text for entry in self._shown.entries]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what there is."""
        if action == "alone":
            return len(self._sources) > 1
        if action == "previous":
            return self._previous or any(source.restarts for source in self._sources)
        return super().check_action(action, parameters)

    def action_pause(self) -> None:
        """Follow the end, or stay at these lines."""
        self.sheet.follow(not self.sheet.following)
        self._say()

    def action_wrap(self) -> None:
        """Wrap long lines, or let them go on to the side."""
        self.sheet.show_as(replace(self.sheet.manner, wrap=not self.sheet.manner.wrap, aside=0))
        self._say()

    def action_stamps(self) -> None:
        """Show when each line was written."""
        self.sheet.show_as(replace(self.sheet.manner, stamps=not self.sheet.manner.stamps))

    def action_since(self) -> None:
        """Read further back, or less far."""
        self._since = (self._since + 1) % len(_SINCE)
        self._begin()

    def action_previous(self) -> None:
        """Read the logs of before the last restarts, or the present ones again."""
        self._previous = not self._previous
        self._begin()

    def action_alone(self, by: int) -> None:
        """Show the next log alone; after the last one all of them."""
        count = len(self._sources)
        place = (-1 if self._alone is None else self._alone) + by
        self._alone = None if place == -1 or place >= count else place % (count + 1)
        if place < -1:
            self._alone = count - 1
        self._renew()
        self._choose()
        self._say()

    def filter_typed(self, text: str, *, done: bool = False) -> None:
        """Look for the words, and say that the lines stand still."""
        super().filter_typed(text, done=done)
        self._say()

    def on_follow_turned(self, event: FollowTurned) -> None:
        """Say whether the end is followed."""
        event.stop()
        self._say()

    def _begin(self) -> None:
        """Read everything anew."""
        for reading in self._readings:
            if reading.worker is not None:
                reading.worker.cancel()
        self._readings, self._ring = [], Ring()
        self._renew()
        self._choose()
        self._say()

    def _renew(self) -> None:
        """Begin to read what is wanted and is not read yet."""
        for number, source in enumerate(self._sources):
            reading = next((one for one in self._readings if _same(one.source, source)), None)
            if reading is None:
                reading = _Reading(number=len(self._readings), source=source)
                self._readings.append(reading)
                self._choose()
            elif reading.ended and not self._previous and source.restarts > reading.source.restarts:
                self._note(reading, "the container was started anew")
                reading.worker = None
            reading.source = source
            wanted = number == self._alone if self._alone is not None else number < AT_ONCE
            if wanted and reading.worker is None:
                reading.ended = False
                reading.worker = self.run_worker(self._read(reading), name=f"log {source.pod}")

    async def _read(self, reading: _Reading) -> None:
        feed = self.desk.feed
        if feed is None:
            return
        if self._previous and not reading.source.restarts:
            self._note(reading, f"{reading.source.label} was never started anew: there is no previous log")
            reading.ended = True
            return
        while True:
            try:
                await self._take(feed, reading)
                self._note(reading, f"the log of {reading.source.label} has ended")
            except Unreachable as error:
                self._note(reading, f"{error}; it is tried again")
                await asyncio.sleep(_AGAIN)
                continue
            except PortError as error:
                advice = f"; {error.advice}" if error.advice else ""
                self._note(reading, f"no log of {reading.source.label}: {error}{advice}")
            reading.ended = True
            self._say()
            return

    async def _take(self, feed: Feed, reading: _Reading) -> None:
        lines = feed.log(self.ref.cluster, reading.source, self._options(reading))
        seen = reading.last
        async with aclosing(lines) as batches:
            async for batch in batches:
                new = [line for line in batch if seen is None or line.at is None or line.at > seen]
                reading.last = next((line.at for line in reversed(new) if line.at), reading.last)
                self._add(reading, new)

    def _options(self, reading: _Reading) -> LogOptions:
        _, since, lines = _SINCE[self._since]
        part = LogOptions(follow=not self._previous, previous=self._previous, lines=lines, since=since)
        return part if reading.last is None else replace(part, lines=None, since=reading.last)

    def _add(self, reading: _Reading, lines: Sequence[LogLine]) -> None:
        growth = self._ring.add(reading.number, lines)
        if self._shown is not self._ring and self._wanted(reading):
            growth = self._shown.add(reading.number, lines)
        self._came(reading, growth)

    def _note(self, reading: _Reading, text: str) -> None:
        growth = self._ring.say(reading.number, text)
        if self._shown is not self._ring and self._wanted(reading):
            growth = self._shown.say(reading.number, text)
        self._came(reading, growth)

    def _wanted(self, reading: _Reading) -> bool:
        return self._alone is not None and _same(self._sources[self._alone], reading.source)

    def _came(self, reading: _Reading, growth: Growth) -> None:
        """Have lines drawn with the next frame: a busy log costs no more than a quiet one."""
        if self._shown is not self._ring and not self._wanted(reading):
            return
        if growth.dropped or growth.place + growth.came < len(self._shown.entries):
            self._paint()
            self.sheet.grown(growth)
        elif not self._due:
            self._due, self._first = True, growth.place
            self.set_timer(FRAME, self._paint)

    def _paint(self) -> None:
        if self._due:
            self._due = False
            self.sheet.grown(Growth(self._first, len(self._shown.entries) - self._first))
            self._say()

    def _choose(self) -> None:
        """Show all lines, or those of one log."""
        readings = self._readings
        if self._alone is None or self._alone >= len(self._sources):
            self._alone, self._shown = None, self._ring
        else:
            readings = [one for one in readings if _same(one.source, self._sources[self._alone])]
            self._shown = self._ring.of(readings[0].number) if readings else self._ring
        self._due = False
        self.sheet.show(self._shown, {one.number: one.source.label for one in readings})

    def _say(self) -> None:
        left = [Cell(" Logs ", ("dim",)), Cell(f"{self.ref} ", ("strong",)), *self._which()]
        words = [f"since {_SINCE[self._since][0]}" if self._since else _SINCE[0][0]]
        if self._shown.dropped:
            words.append(f"{self._shown.dropped:,} older dropped")
        if not self.sheet.manner.wrap:
            words.append("not wrapped")
        right = [Cell(f" {' · '.join(words)} ", ("dim",)), self._state()]
        self.title_of(left, right)
        self.refresh_bindings()

    def _which(self) -> list[Cell]:
        before = "before the restart: " if self._previous else ""
        count = len(self._sources)
        if self._alone is not None:
            return [
                Cell(
                    f"{before}{self._sources[self._alone].label}, {self._alone + 1} of {count} ", ("accent",)
                )
            ]
        if count > AT_ONCE:
            return [Cell(f"{before}{AT_ONCE} of {count} logs ", ("held",))]
        return [
            Cell(f"{before}{count} log{'s' * (count != 1)} " if count else "no log is known ", ("accent",))
        ]

    def _state(self) -> Cell:
        ended = self._readings and all(one.ended for one in self._readings if one.worker is not None)
        if not self.sheet.following:
            return Cell(" ended, paused " if ended else " paused ", ("held",))
        if ended:
            return Cell(" ended ", ("dim",))
        return Cell(f" {self.desk.glyphs.now} following ", ("ok",))


def _same(one: LogSource, other: LogSource) -> bool:
    """Say whether two sources are one container's."""
    return (one.namespace, one.pod, one.container) == (other.namespace, other.pod, other.container)
