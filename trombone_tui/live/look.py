"""One item somebody looks at: its details and logs, and what they ask for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from trombone_tui.core.asking import Ask
from trombone_tui.core.happenings import happenings
from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.objects.kubernetes_events import events_of
from trombone_tui.core.ports import Cluster, Registry
from trombone_tui.core.questions import LogSource, Objects
from trombone_tui.core.reader import StageReader
from trombone_tui.core.stage import Detail
from trombone_tui.live.answering import Answering, Pauses
from trombone_tui.live.inquiry import Inquiry

_EVENTS_OF_THE_CLUSTER = "default"
"""The namespace of Events on objects that have none (``client-go@v0.36:tools/events/event_recorder.go``)."""


class Looks:
    """All looks that were begun and not closed."""

    def __init__(
        self,
        clusters: Mapping[str, Cluster],
        registry: Registry | None,
        *,
        clock: Callable[[], datetime],
        pauses: Pauses,
        changed: Callable[[], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """Get ready.

        Args:
            clusters: By name.
            registry: Where images are asked for, if anywhere.
            clock: The time.
            pauses: How long answering waits.
            changed: Called when an answer is another.
            failed: Called with a bug.
        """
        self._clusters, self._registry, self._clock, self._pauses = clusters, registry, clock, pauses
        self._changed, self._failed = changed, failed
        self._open: set[LiveLook] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def begin(self, ref: Ref, readers: Sequence[StageReader]) -> LiveLook:
        """Begin to look at an item that these readers know; once all is closed, nothing is followed."""
        cluster = None if self._closed else self._clusters.get(ref.cluster)
        answering = Answering(cluster, self._registry, self._clock, self._pauses) if cluster else None
        inquiry = Inquiry(
            answering,
            grace=self._pauses.grace,
            tasks=self._tasks,
            changed=self._changed,
            failed=self._failed,
        )
        look = LiveLook(ref, readers, inquiry, self._open.discard)
        self._open.add(look)
        return look

    def close(self) -> None:
        """Let go of what was followed for any of them."""
        self._closed = True
        for look in list(self._open):
            look.close()

    async def ended(self) -> None:
        """Wait until what was let go has come to its end."""
        await asyncio.gather(*self._tasks, return_exceptions=True)


class LiveLook:
    """What the stages that show an item know of it in full, and its Kubernetes Events."""

    def __init__(
        self,
        ref: Ref,
        readers: Sequence[StageReader],
        inquiry: Inquiry,
        closed: Callable[[LiveLook], None],
    ) -> None:
        """Begin to look.

        Args:
            ref: The item.
            readers: The readers of all stages of its cluster.
            inquiry: Who is asked.
            closed: Told when nobody looks any more.
        """
        self._ref, self._readers, self._inquiry, self._closed = ref, readers, inquiry, closed

    def details(self) -> tuple[Detail, ...]:
        """Return what is known of it in full, its Events at the end; nothing if it is gone."""
        showing = self._showing()
        with self._inquiry.round("details") as ask:
            known = [detail for reader in showing for detail in reader.details(self._ref, ask)]
            if showing:
                known += self._events(showing[0], ask)
        return tuple(known)

    def logs(self) -> tuple[LogSource, ...]:
        """Name the containers whose logs tell of it, the most telling first."""
        showing = self._showing()
        with self._inquiry.round("logs") as ask:
            sources = [source for reader in showing for source in reader.logs(self._ref, ask)]
        return tuple(dict.fromkeys(sources))

    def close(self) -> None:
        """Let go of what was followed for it."""
        self._inquiry.close()
        self._closed(self)

    def _showing(self) -> list[StageReader]:
        """Return the readers that show it; once there is none, nothing is followed for it."""
        showing = [reader for reader in self._readers if self._ref in reader.items]
        if not showing:
            self._inquiry.let_go()
        return showing

    def _events(self, reader: StageReader, ask: Ask) -> Sequence[Detail]:
        if not self._ref.uid:
            return ()
        namespace = self._ref.namespace or _EVENTS_OF_THE_CLUSTER
        answer = ask(Objects(kind=events_of(self._ref.uid), namespace=namespace))
        return happenings(answer, reader.now)
