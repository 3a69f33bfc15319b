"""Builds snapshots from what the readers hold, at the cost of what changed."""

from __future__ import annotations

import asyncio
import gc
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from trombone_tui.core.objects.basics import Kind, Ref
from trombone_tui.core.reader import StageReader
from trombone_tui.core.reminders import Reminder, in_order
from trombone_tui.core.service import Grouping, Service
from trombone_tui.core.snapshot import PanelState, Snapshot, StageSnapshot
from trombone_tui.core.stage import Item, Stage
from trombone_tui.live.panels import judge
from trombone_tui.live.pursuit import Pursuit
from trombone_tui.live.scope import Scope

_SLICE = 0.004
"""Seconds of its own reading before others may run: a busy machine makes no more slices of it."""
_FEWEST, _MOST = 8, 512
"""Objects read in a slice."""


class Gathering:
    """The stages of all clusters put together; what did not change is the same object as before."""

    def __init__(
        self,
        stages: Sequence[Stage],
        readers: Mapping[str, Mapping[str, StageReader]],
        pursuits: Mapping[str, Mapping[Kind, Pursuit]],
        clock: Callable[[], datetime],
    ) -> None:
        """Get ready.

        Args:
            stages: The stages in travel order.
            readers: By cluster and stage.
            pursuits: By cluster and kind.
            clock: The time.
        """
        self._order = tuple(stages)
        self._readers, self._pursuits, self._clock = readers, pursuits, clock
        self._grouping = Grouping([stage.name for stage in stages])
        self._items: dict[str, Mapping[Ref, Item]] = {stage.name: {} for stage in stages}
        self._services = self._grouping.update(self._items, {})
        self._panels: dict[str, tuple[PanelState, ...]] = {stage.name: () for stage in stages}
        self._stages: dict[str, StageSnapshot] = {}
        self._judge = True
        self._spared = 0
        """How many items there were when the garbage collector was last told."""
        self._found: list[dict[Ref, tuple[Reminder, ...]]] = []
        self._reminders: tuple[Reminder, ...] = ()
        self._sizes = {stage.name: _FEWEST for stage in stages}
        """How many objects of a stage are read in a slice, learnt from how long it takes."""

    @property
    def services(self) -> Mapping[str, Service]:
        """The services by key, as of the newest snapshot."""
        return self._services

    def judge_again(self) -> None:
        """Note that the state of a panel may be another."""
        self._judge = True

    async def snapshot(self) -> Snapshot:
        """Read what changed, in short steps, and return it all.

        Panels are judged first: what comes while others are read is for the next snapshot, and until then
        a panel must not be called live for rows that are not there.
        """
        if self._judge:
            self._judge = False
            self._panels = {stage.name: self._judged(stage) for stage in self._order}
        for stage in self._order:
            for cluster in self._readers:
                await self._refresh(stage.name, self._readers[cluster][stage.name])
        self._stages = {stage.name: self._stage(stage.name) for stage in self._order}
        return Snapshot(
            taken=self._clock(),
            stages=self._stages,
            services=self._services,
            reminders=self._reminded(),
        )

    def _reminded(self) -> tuple[Reminder, ...]:
        """Return what all readers remind of; several stages may read one object."""
        found = [reader.reminders for readers in self._readers.values() for reader in readers.values()]
        if len(found) != len(self._found) or any(
            one is not before for one, before in zip(found, self._found, strict=True)
        ):
            self._found = found
            self._reminders = in_order(one for each in found for of in each.values() for one in of)
        return self._reminders

    async def _refresh(self, stage: str, reader: StageReader) -> None:
        """Read as many objects as are noted now; those that come meanwhile are for the next snapshot."""
        left = reader.pending
        while left > 0:
            began, size = time.thread_time(), self._sizes[stage]
            changed = reader.refresh(size)
            if changed:
                self._items[stage] = self._merged(stage, reader, changed)
                self._services = self._grouping.update(self._items, {stage: changed})
                self._spare_collector()
            left -= size
            if left > 0:
                wanted = size * _SLICE / max(time.thread_time() - began, 1e-6)
                self._sizes[stage] = int(min(max(wanted, _FEWEST), 2 * size, _MOST))
                await asyncio.sleep(0)

    def _spare_collector(self) -> None:
        """Take what is kept out of the garbage collector's sight when it has become a quarter more.

        It has no cycles, and looking through it all would stop everything for a tenth of a second.
        """
        kept = sum(map(len, self._items.values()))
        if kept > self._spared * 1.25 + _MOST:
            self._spared = kept
            gc.freeze()

    def _merged(self, stage: str, reader: StageReader, changed: frozenset[Ref]) -> Mapping[Ref, Item]:
        if len(self._readers) == 1:
            return reader.items
        items = dict(self._items[stage])
        for ref in changed:
            if ref in reader.items:
                items[ref] = reader.items[ref]
            else:
                items.pop(ref, None)
        return items

    def _judged(self, stage: Stage) -> tuple[PanelState, ...]:
        before = {panel.cluster: panel for panel in self._panels[stage.name]}
        now = self._clock()
        panels = []
        for cluster, pursuits in self._pursuits.items():
            rows, others = list[Scope](), list[Scope]()
            for source in stage.sources:
                of_rows = source.read is not None and not source.partly
                (rows if of_rows else others).extend(pursuits[source.kind].scopes)
            notes = [pursuits[source.kind].note for source in stage.sources]
            panels.append(judge(cluster, rows, others, before=before.get(cluster), now=now, notes=notes))
        judged = tuple(panels)
        return self._panels[stage.name] if judged == self._panels[stage.name] else judged

    def _stage(self, name: str) -> StageSnapshot:
        old, items, panel = self._stages.get(name), self._items[name], self._panels[name]
        readers = [readers[name] for readers in self._readers.values()]
        if old is not None and old.items is items and old.panel is panel:
            return old
        attention = frozenset[Ref]().union(*(reader.attention for reader in readers))
        if old is not None and old.attention == attention:
            attention = old.attention
        tally = sum((Counter(reader.tally) for reader in readers), Counter())
        return StageSnapshot(items=items, panel=panel, attention=attention, tally=tally)
