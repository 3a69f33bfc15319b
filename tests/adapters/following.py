"""Follows a kind in a test, and keeps what a user would see of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from trombone_tui.adapters.kubernetes import Access, KubernetesCluster
from trombone_tui.adapters.pace import Pace
from trombone_tui.adapters.watch import Watcher
from trombone_tui.core.objects.basics import Kind, Malformed, Object, Partial
from trombone_tui.core.ports import Batch, Began, Change, Listed, PortError, Restored, Trouble


class ThingStatus(Partial):
    phase: str | None = None
    count: int | None = None


class Thing(Object):
    status: ThingStatus | None = None


THING = Kind(name="Thing", plural="things", group="argoproj.io", version="v1", shape=Thing)
OTHER = Kind(name="Other", plural="others", group="argoproj.io", version="v1", shape=Thing)
CORE = Kind(name="Service", plural="services", group="", version="v1", shape=Thing)

FAST = Pace(
    watch=60, silence=5, answer=3, first_word=1, settled=0.05, lived=0.2, first_wait=0.02, longest_wait=0.1,
    look_again=0.1, ask_again=0.1, random=lambda: 1.0,
)  # fmt: skip


@asynccontextmanager
async def connected(url: str, **user: str) -> AsyncIterator[KubernetesCluster]:
    """Connect to a server by a kubeconfig, as a user does."""
    with TemporaryDirectory() as folder:
        path = written(Path(folder, "config"), kubeconfig(url, **user))
        cluster = await KubernetesCluster.connect(Access(kubeconfig=path, request_timeout=3))
    try:
        yield cluster
    finally:
        await cluster.close()


def written(path: Path, config: dict[str, Any]) -> str:
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return str(path)


def kubeconfig(url: str, *, name: str = "test", namespace: str = "ns", **user: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [{"name": name, "cluster": {"server": url}}],
        "users": [{"name": name, "user": user or {"token": "secret"}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name, "namespace": namespace}}],
    }


@dataclass
class Following:
    """What came, and what is known by it."""

    changes: list[Change] = field(default_factory=list)
    objects: dict[str, Object | Malformed] = field(default_factory=dict)
    listed: int = 0
    troubles: list[PortError] = field(default_factory=list)
    trouble: PortError | None = None
    task: asyncio.Task[None] | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _unseen: set[str] | None = None

    @property
    def names(self) -> list[str]:
        return sorted(obj.metadata.name for obj in self.objects.values())

    def of(self, name: str) -> Object | Malformed:
        (found,) = (obj for obj in self.objects.values() if obj.metadata.name == name)
        return found

    @property
    def kinds(self) -> list[type[Change]]:
        """The types of what came, batches in a row taken as one."""
        found: list[type[Change]] = []
        for change in self.changes:
            if not (isinstance(change, Batch) and found and found[-1] is Batch):
                found.append(type(change))
        return found

    def take(self, change: Change) -> None:
        self.changes.append(change)
        match change:
            case Began():
                self._unseen = set(self.objects)
            case Batch():
                for obj in change.put:
                    self.objects[_key(obj)] = obj
                    if self._unseen is not None:
                        self._unseen.discard(_key(obj))
                for obj in change.gone:
                    self.objects.pop(_key(obj), None)
            case Listed():
                self.listed += 1
                self.trouble = None
                for name in self._unseen or ():
                    self.objects.pop(name, None)
                self._unseen = None
            case Restored():
                self.trouble = None
            case Trouble():
                self.trouble = change.error
                self.troubles.append(change.error)
        self._news.set()

    async def until(self, what: Callable[[Following], bool], *, within: float = 5.0) -> None:
        try:
            async with asyncio.timeout(within):
                while not what(self):
                    if self.task is not None and self.task.done():
                        self.task.result()
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"it never happened; seen: {self.changes}") from None


def _key(obj: Object | Malformed) -> str:
    return obj.metadata.uid or obj.metadata.name


@asynccontextmanager
async def following(
    url: str,
    kind: Kind = THING,
    namespace: str | None = None,
    *,
    pace: Pace = FAST,
    watcher: Watcher | None = None,
    **user: str,
) -> AsyncIterator[Following]:
    """Follow a kind on a server for as long as the block lasts."""
    found = Following()

    async def run(watcher: Watcher) -> None:
        async for change in watcher.follow(kind, namespace):
            found.take(change)

    async with connected(url, **user) as connection:
        found.task = asyncio.create_task(run(watcher or Watcher(connection, pace)))
        try:
            yield found
        finally:
            found.task.cancel()
            await asyncio.gather(found.task, return_exceptions=True)


async def eventually(what: Callable[[], bool], *, within: float = 5.0) -> None:
    """Wait until something outside of a ``Following`` is so."""
    async with asyncio.timeout(within):
        while not what():  # noqa: ASYNC110  # what is waited for may be in a server of another kind
            await asyncio.sleep(0.005)
