"""Following the lab in this process, as the dashboard does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

from lab.running import Lab
from patience import SLOWNESS

from trombone_tui.cli.reach import feed
from trombone_tui.config import Settings
from trombone_tui.core.snapshot import Look, PanelState, Snapshot
from trombone_tui.core.stage import Detail, Item
from trombone_tui.live import Live


class Seen:
    """The newest snapshot, and every one it took to get there if somebody waits for it."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self._snapshot: Snapshot | None = None
        self._news = asyncio.Event()
        self._failed: BaseException | None = None

    @property
    def snapshot(self) -> Snapshot:
        """The newest one."""
        assert self._snapshot is not None, "no snapshot has come yet"
        return self._snapshot

    def panel(self, stage: str) -> PanelState:
        """Return the state of a stage's only panel."""
        (panel,) = self.snapshot.stages[stage].panel
        return panel

    def item(self, stage: str, kind: str, namespace: str, name: str, part: str | None = None) -> Item | None:
        """Return what a stage shows of an object, or None; without ``part`` the first of the object's."""
        for ref, item in self.snapshot.stages[stage].items.items():
            if (ref.kind, ref.namespace, ref.name) == (kind, namespace, name) and part in (None, ref.part):
                return item
        return None

    def details(self, item: Item) -> tuple[Detail, ...]:
        """Return what is known of an item in full, without asking for more."""
        with self.looking(item) as look:
            return look.details()

    @contextmanager
    def looking(self, item: Item) -> Iterator[Look]:
        """Look at an item for a block, so that what its details ask for is answered."""
        look = self.live.look(item.ref)
        try:
            yield look
        finally:
            look.close()

    async def until(
        self, ready: Callable[[Snapshot], object], *, seconds: float = 30, what: str = ""
    ) -> Snapshot:
        """Return the first snapshot from now on that is as wanted, the newest one included.

        Raises:
            AssertionError: none came in time; it says for what was waited, and how the panels stand.
        """
        seconds *= SLOWNESS
        try:
            async with asyncio.timeout(seconds):
                while True:
                    if self._snapshot is not None and ready(self._snapshot):
                        return self._snapshot
                    if self._failed is not None:
                        raise self._failed
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            panels = {
                name: [f"{p.state.value} {p.reason}".strip() for p in stage.panel] + [len(stage.items)]
                for name, stage in (self._snapshot.stages if self._snapshot else {}).items()
            }
            raise AssertionError(
                f"{what or ready}: not seen within {seconds:g} s; panels and rows at the end: {panels}"
            ) from None

    async def take(self) -> None:
        try:
            async for snapshot in self.live.snapshots():
                self._snapshot = snapshot
                self._news.set()
        except BaseException as error:
            self._failed = error
            raise
        finally:
            self._news.set()


class Follow:
    """Opens what is followed."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    @asynccontextmanager
    async def __call__(
        self,
        persona: str = "admin",
        namespaces: Sequence[str] = (),
        *,
        kubeconfig: str | None = None,
        as_user: str | None = None,
    ) -> AsyncIterator[Seen]:
        """Follow every stage as a persona, or with a kubeconfig, for a block, which begins when settled."""
        settings = Settings(namespaces=tuple(namespaces), as_user=as_user)
        path = kubeconfig or str(self._lab.kubeconfig(persona))
        async with feed(settings, path) as live:
            seen = Seen(live)
            taking = asyncio.create_task(seen.take())
            try:
                await seen.until(lambda snapshot: snapshot.settled, what="the first lists")
                yield seen
            finally:
                taking.cancel()
                await asyncio.gather(taking, return_exceptions=True)
