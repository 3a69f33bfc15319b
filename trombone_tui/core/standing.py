"""How the items of a stage stand: how many are how well, and which need a human; kept up change by change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from trombone_tui.core.objects.basics import EARLIEST, Health, Ref
from trombone_tui.core.stage import Item


class Standing:
    """The attention and the tally of one stage's items of one cluster.

    Of a series only the newest item may ask for attention: what was tried again and went well is past.
    """

    def __init__(self) -> None:
        self.attention: frozenset[Ref] = frozenset()
        """Replaced by a new set when it changes, so an older one can be handed out safely."""
        self.tally: Counter[Health] = Counter()
        self._wanting: set[Ref] = set()
        self._series: dict[str, _Series] = {}

    def change(self, refs: Iterable[Ref], old: Mapping[Ref, Item], new: Mapping[Ref, Item]) -> None:
        """Take in that these refs are other items now, or gone, or new."""
        touched: set[str] = set()
        for ref in refs:
            was, now = old.get(ref), new.get(ref)
            self._wanting.discard(ref)
            if was is not None:
                self.tally[was.health] -= 1
                if was.series and (now is None or now.series != was.series):
                    self._series[was.series].drop(ref)
                    touched.add(was.series)
            if now is not None:
                self.tally[now.health] += 1
                if now.series:
                    self._series.setdefault(now.series, _Series()).put(now)
                    touched.add(now.series)
                elif now.needs_human:
                    self._wanting.add(ref)
        for name in touched:
            self._settle(name)
        if self._wanting != self.attention:
            self.attention = frozenset(self._wanting)

    def _settle(self, name: str) -> None:
        series = self._series[name]
        self._wanting -= series.asking
        series.asking = series.newest_wanting()
        self._wanting |= series.asking
        if not series.created:
            del self._series[name]


class _Series:
    """Items that replace each other."""

    __slots__ = ("asking", "created", "newest", "wanting")

    def __init__(self) -> None:
        self.created: dict[Ref, datetime] = {}
        self.wanting: set[Ref] = set()
        self.asking: set[Ref] = set()
        """Those that were let ask for attention."""
        self.newest: datetime | None = None
        """None means that it has to be found again."""

    def put(self, item: Item) -> None:
        created = item.created or EARLIEST
        if not self.created or (self.newest is not None and created >= self.newest):
            self.newest = created
        elif self.created.get(item.ref) == self.newest:
            self.newest = None
        self.created[item.ref] = created
        (self.wanting.add if item.needs_human else self.wanting.discard)(item.ref)

    def drop(self, ref: Ref) -> None:
        if self.created.pop(ref, None) == self.newest:
            self.newest = None
        self.wanting.discard(ref)
        self.asking.discard(ref)

    def newest_wanting(self) -> set[Ref]:
        if self.newest is None:
            self.newest = max(self.created.values(), default=EARLIEST)
        return {ref for ref in self.wanting if self.created[ref] == self.newest}
