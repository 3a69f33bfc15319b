"""What is known at one moment, immutable: the items of every stage, the state of every panel, services."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.ports import LogLine, LogOptions, State
from trombone_tui.core.questions import LogSource
from trombone_tui.core.reminders import Reminder
from trombone_tui.core.rollback import RollbackPlan
from trombone_tui.core.service import Service
from trombone_tui.core.stage import Detail, Item
from trombone_tui.core.verbs import Acts


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelState:
    """How far a stage's items of one cluster can be trusted."""

    cluster: str
    state: State
    reason: str = ""
    """What is missing and what to do, empty when all is well; also names lesser kinds not seen."""
    since: datetime | None = None
    """When it came to be so; for ``stale``, when the last true word was heard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageSnapshot:
    """One stage: its items by Ref and a panel state a cluster."""

    items: Mapping[Ref, Item]
    panel: tuple[PanelState, ...]
    attention: frozenset[Ref] = frozenset()
    """Items that need a human, those replaced by a newer one of their series left out."""

    tally: Mapping[Health, int] | None = None
    """How many items are how well, if it was counted."""

    @property
    def worst(self) -> Health:
        """The worst health that still counts; Healthy when there is nothing."""
        counted = self.tally
        if counted is None:
            counted = Counter(item.health for item in self.items.values())
        found = {health for health, number in counted.items() if number}
        if not any(self.items[ref].health is Health.DEGRADED for ref in self.attention if ref in self.items):
            found.discard(Health.DEGRADED)
        return max(found, key=lambda health: health.badness, default=Health.HEALTHY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything at one moment. Two snapshots share what did not change, so ``is`` finds the difference."""

    taken: datetime
    stages: Mapping[str, StageSnapshot]
    services: Mapping[str, Service]
    reminders: tuple[Reminder, ...] = ()
    """What was left off by hand, the oldest first."""

    @property
    def settled(self) -> bool:
        """Whether every panel has its first full list, or a reason why not."""
        return all(p.state is not State.CONNECTING for s in self.stages.values() for p in s.panel)


class Feed(Protocol):
    """Where snapshots come from."""

    @property
    def now(self) -> datetime:
        """The time by which objects are dated."""

    def snapshots(self) -> AsyncIterator[Snapshot]:
        """Yield the newest snapshot whenever something changed since the one before.

        Never queues: a consumer that takes its time gets the newest state next. The first one comes at
        once, with every panel connecting.
        """

    def look(self, ref: Ref) -> Look:
        """Begin to look at one item; who looked closes it."""

    async def whole(self, ref: Ref) -> Mapping[str, Any]:
        """Fetch an item's object as it is, with everything in it.

        Raises:
            PortError: it is gone, may not be read, or there was no answer.
        """

    def log(
        self, cluster: str, source: LogSource, options: LogOptions
    ) -> AsyncGenerator[Sequence[LogLine], None]:
        """Yield the lines of a container's log as they come, as ``Cluster.log`` does.

        Raises:
            PortError: there is none, it may not be read, or the connection broke.
        """

    @property
    def acts(self) -> Acts:
        """What can be done to items, and the doing."""

    def rollback(self, service: str) -> RollbackPlan:
        """Work out how a service, by its key, goes back so that it stays; nothing is written.

        What rights it takes is asked in the background; when an answer comes, a snapshot does.

        Raises:
            Refused: there is nothing to go back from or to, or it can't be seen.
        """


class Look(Protocol):
    """One item somebody looks at: what its detail asks for is followed until it is closed.

    When an answer comes, the feed yields a new snapshot, so that who shows it asks again.
    """

    def details(self) -> tuple[Detail, ...]:
        """Return what is known of it in full, its Kubernetes Events at the end; nothing if it is gone."""

    def logs(self) -> tuple[LogSource, ...]:
        """Name the containers whose logs tell of it, the most telling first."""

    def close(self) -> None:
        """Let go of what was followed for it."""
