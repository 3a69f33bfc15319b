"""The Feed on live clusters: everything that is followed, and the newest snapshot of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import Any

from trombone_tui.core.objects.basics import Kind, Ref
from trombone_tui.core.ports import Cluster, LogLine, LogOptions, Missing, Refused, Registry
from trombone_tui.core.questions import LogSource
from trombone_tui.core.reader import StageReader
from trombone_tui.core.rollback import RollbackPlan
from trombone_tui.core.rollback.known import Readers
from trombone_tui.core.rollback.planning import plan_rollback
from trombone_tui.core.snapshot import Look, Snapshot
from trombone_tui.core.stage import Stage
from trombone_tui.live.acting import LiveActs
from trombone_tui.live.answering import Pauses
from trombone_tui.live.caution import Caution
from trombone_tui.live.gathering import Gathering
from trombone_tui.live.look import Looks
from trombone_tui.live.pulse import Pulse, Pulses
from trombone_tui.live.pursuit import Pursuit, Reader
from trombone_tui.live.rights import Rights


class Live:
    """Every kind of every stage on every cluster, one watch a kind and scope however many stages want it.

    ``run`` follows; ``snapshots`` builds a snapshot when it is asked for one and something changed, so a
    consumer sets the pace and nothing happens while nothing changes.
    """

    def __init__(
        self,
        clusters: Sequence[Cluster],
        stages: Sequence[Stage],
        *,
        namespaces: Sequence[str] = (),
        clock: Callable[[], datetime],
        registry: Registry | None = None,
        pauses: Pauses | None = None,
        caution: Caution | None = None,
    ) -> None:
        """Get ready to follow.

        Args:
            clusters: The clusters, each by another name; who opened them closes them.
            stages: The stages in travel order.
            namespaces: Where to look; nowhere named means everywhere the user may see.
            clock: The time.
            registry: Where images are asked for, if anywhere; who opened it closes it.
            pauses: How long everything waits that is asked for.
            caution: How carefully things are done; without it, nothing can be.
        """
        pauses = pauses or Pauses()
        self._clock = clock
        self._clusters = {cluster.name: cluster for cluster in clusters}
        self._readers = {
            cluster.name: {stage.name: StageReader(stage, cluster.name, clock) for stage in stages}
            for cluster in clusters
        }
        pulses = {
            (cluster.name, verb.kind.name): Pulse()
            for cluster in clusters
            for stage in stages
            for verb in stage.verbs
        }
        self._pursuits = {
            cluster.name: _pursuits(
                cluster,
                self._readers[cluster.name],
                pulses,
                namespaces=tuple(dict.fromkeys(namespaces)),
                clock=clock,
                changed=self._note,
                ask_again=pauses.forbidden,
            )
            for cluster in clusters
        }
        self._gathering = Gathering(stages, self._readers, self._pursuits, clock)
        self._looks = Looks(
            self._clusters,
            registry,
            clock=clock,
            pauses=pauses,
            changed=lambda: self._note(False),
            failed=self._fail,
        )
        self.acts = LiveActs(
            self._clusters,
            self._readers,
            clock=clock,
            changed=lambda: self._note(False),
            failed=self._fail,
            caution=caution or Caution(),
            pulses=pulses,
        )
        """What can be done to items, and the doing."""
        self._version = 0
        self._ended = False
        self._failure: BaseException | None = None
        self._waiting: set[asyncio.Event] = set()
        self._building = asyncio.Lock()
        self._running: asyncio.Task[None] | None = None

    @property
    def now(self) -> datetime:
        """The time by which objects are dated."""
        return self._clock()

    async def run(self) -> None:
        """Follow everything until cancelled or closed; a bug in a stage's reader ends it loudly."""
        if self._ended:
            return
        self._running = asyncio.current_task()
        try:
            async with asyncio.TaskGroup() as group:
                for pursuits in self._pursuits.values():
                    for pursuit in pursuits.values():
                        group.create_task(pursuit.run(), name=f"follow {pursuit.kind.resource}")
        except Exception as error:
            self._failure = error
            raise
        finally:
            self._end()

    async def snapshots(self) -> AsyncGenerator[Snapshot, None]:
        """Yield the newest snapshot whenever something changed; the first one at once.

        Ends when ``run`` does, and raises what ``run`` raised, so that a bug never looks like calm.
        """
        news = asyncio.Event()
        self._waiting.add(news)
        try:
            seen = -1
            while True:
                while self._version == seen:
                    if self._failure is not None:
                        raise self._failure
                    if self._ended:
                        return
                    news.clear()
                    await news.wait()
                async with self._building:
                    seen = self._version
                    snapshot = await self._gathering.snapshot()
                yield snapshot
        finally:
            self._waiting.discard(news)

    def look(self, ref: Ref) -> Look:
        """Begin to look at one item; who looked closes it."""
        return self._looks.begin(ref, tuple(self._readers.get(ref.cluster, {}).values()))

    async def whole(self, ref: Ref) -> Mapping[str, Any]:
        """Fetch an item's object as it is, with everything in it.

        Raises:
            Missing: it is gone, or what has its name now is another.
            PortError: it may not be read, or there was no answer.
        """
        kind = self._kind(ref)
        if kind is None:
            raise Missing(f"{ref} is not there any more")
        found = await self._clusters[ref.cluster].whole(kind, ref.namespace, ref.name)
        uid = (found.get("metadata") or {}).get("uid")
        if ref.uid and uid and uid != ref.uid:
            raise Missing(f"{ref} is gone; another of that name has taken its place")
        return found

    async def log(
        self, cluster: str, source: LogSource, options: LogOptions
    ) -> AsyncGenerator[Sequence[LogLine], None]:
        """Yield the lines of a container's log as they come, as ``Cluster.log`` does.

        Raises:
            Missing: the pod is gone; it says where its log went.
            PortError: it may not be read, or the connection broke.
        """
        if source.gone:
            raise Missing(source.gone)
        lines = self._clusters[cluster].log(source.namespace, source.pod, source.container, options)
        async with aclosing(lines) as batches:
            async for batch in batches:
                yield batch

    def rollback(self, service: str) -> RollbackPlan:
        """Work out how a service, by its key, goes back so that it stays; nothing is written.

        Raises:
            Refused: there is nothing to go back from or to, or it can't be seen.
        """
        found = self._gathering.services.get(service)
        if found is None:
            raise Refused("that service is gone", advice="look at the Changes again")
        known = Readers(self._readers[found.cluster])
        return plan_rollback(found, known, lambda right: self.acts.may(found.cluster, right))

    async def close(self) -> None:
        """Stop following; ``snapshots`` ends. The clusters stay open."""
        await self.acts.close()
        self._end()
        if self._running is not None and not self._running.done():
            self._running.cancel()
            await asyncio.wait((self._running,))
        await self._looks.ended()

    def _kind(self, ref: Ref) -> Kind | None:
        """Return the kind of an item, also of one that could not be read."""
        readers = [reader for reader in self._readers.get(ref.cluster, {}).values() if ref in reader.items]
        named = [s.kind for reader in readers for s in reader.stage.sources if s.kind.name == ref.kind]
        return next((kind for reader in readers if (kind := reader.kind(ref))), named[0] if named else None)

    def _note(self, panels: bool) -> None:
        if panels:
            self._gathering.judge_again()
        self._version += 1
        self._wake()

    def _end(self) -> None:
        self._ended = True
        self._looks.close()
        self._wake()

    def _fail(self, error: BaseException) -> None:
        """End because of a bug, so that it never looks like calm."""
        self._failure = error
        self._end()

    def _wake(self) -> None:
        for news in self._waiting:
            news.set()


def _pursuits(
    cluster: Cluster,
    readers: Mapping[str, StageReader],
    pulses: Pulses,
    *,
    namespaces: Sequence[str],
    clock: Callable[[], datetime],
    changed: Callable[[bool], None],
    ask_again: float,
) -> dict[Kind, Pursuit]:
    wanted: dict[Kind, list[Reader]] = {}
    for reader in readers.values():
        for source in reader.stage.sources:
            wanted.setdefault(source.kind, []).append(reader)
    for kind, of_kind in wanted.items():
        if (pulse := pulses.get((cluster.name, kind.name))) is not None:
            of_kind.append(pulse)
    rights = Rights(cluster)
    return {
        kind: Pursuit(
            kind,
            of_kind,
            rights,
            namespaces=namespaces,
            clock=clock,
            changed=changed,
            ask_again=ask_again,
        )
        for kind, of_kind in wanted.items()
    }
