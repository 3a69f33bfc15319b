"""The newest lines of several logs in the order in which they were written; older ones make room."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from trombone_tui.core.ports import LogLine

LIMIT = 100_000
"""Lines that are kept."""
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_COLOURS = re.compile(r"\x1b\[[0-9;:]*m")


class Entry(NamedTuple):
    """A line, and which of the logs it is of; ``said`` is ours and no line of the log."""

    source: int
    at: datetime
    text: str
    said: bool = False


class Growth(NamedTuple):
    """What became of the entries when some came."""

    place: int
    """Where the first new one is."""
    came: int
    dropped: int = 0
    """How many at the beginning had to make room."""


class Ring:
    """Lines by time; those of one log never change places."""

    def __init__(self, limit: int = LIMIT) -> None:
        self.entries: list[Entry] = []
        self.dropped = 0
        """Lines that had to make room."""
        self._limit = limit
        self._last: dict[int, datetime] = {}

    def add(self, source: int, lines: Iterable[LogLine]) -> Growth:
        """Take lines of one log.

        A line without a time belongs to the one before it.
        """
        new = [Entry(source, self._time(source, line.at), _plain(line.text)) for line in lines]
        return self._put(new)

    def say(self, source: int, text: str) -> Growth:
        """Put in a word of our own after the newest line."""
        at = self.entries[-1].at if self.entries else self._last.get(source, _LONG_AGO)
        return self._put([Entry(source, at, text, said=True)])

    def find(self, needle: str, start: int, by: int) -> int | None:
        """Return the next entry that has a text, from a place on, downwards or upwards, all the way round."""
        count, wanted = len(self.entries), needle.casefold()
        for step in range(count):
            index = (start + by * step) % count
            if wanted in self.entries[index].text.casefold():
                return index
        return None

    def places(self, needle: str) -> list[int]:
        """Return every entry that has a text."""
        wanted = needle.casefold()
        return [n for n, entry in enumerate(self.entries) if wanted in entry.text.casefold()]

    def of(self, source: int) -> Ring:
        """Return the lines of one log alone."""
        alone = Ring(self._limit)
        alone.entries = [entry for entry in self.entries if entry.source == source]
        return alone

    def _time(self, source: int, at: datetime | None) -> datetime:
        known = at or self._last.get(source, _LONG_AGO)
        self._last[source] = known
        return known

    def _put(self, new: Sequence[Entry]) -> Growth:
        if not new:
            return Growth(len(self.entries), 0)
        place = len(self.entries)
        if self.entries and new[0].at < self.entries[-1].at:
            place = bisect_right(self.entries, new[0].at, key=_at)
            self.entries[place:] = sorted([*self.entries[place:], *new], key=_at)
        else:
            self.entries += new
        over = len(self.entries) - self._limit
        if over > self._limit // 20:
            del self.entries[:over]
            self.dropped += over
            return Growth(max(0, place - over), len(new), over)
        return Growth(place, len(new))


def _at(entry: Entry) -> datetime:
    return entry.at


def _plain(text: str) -> str:
    """Return a line without colours of its own, tabs as blanks."""
    return (_COLOURS.sub("", text) if "\x1b" in text else text).expandtabs(4)
