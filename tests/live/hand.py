"""A cluster whose every word a test says by hand, and stages that follow it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from trombone_tui.core.objects.basics import Health, Kind, Malformed, Meta, Object, Partial, Ref
from trombone_tui.core.ports import (
    Batch,
    Began,
    Change,
    Listed,
    LogLine,
    LogOptions,
    Missing,
    NotInstalled,
    PortError,
    Registry,
    Trouble,
)
from trombone_tui.core.questions import Answer, LogSource, Objects, Question
from trombone_tui.core.snapshot import PanelState, Snapshot
from trombone_tui.core.stage import (
    Around,
    Column,
    Detail,
    Fact,
    Facts,
    Fields,
    Item,
    Read,
    Source,
    Stage,
    Workings,
)
from trombone_tui.core.writes import Reply, Write
from trombone_tui.live import Live
from trombone_tui.live.answering import Pauses
from trombone_tui.live.caution import Caution

HURRY = Pauses(grace=0.02, again=0.05, soon=0.01, quiet=0.05)
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class Status(Partial):
    phase: str | None = None


class Thing(Object):
    status: Status | None = None


ROW = Kind(name="Row", plural="rows", group="example.org", version="v1", shape=Thing)
TWIN = Kind(name="Twin", plural="twins", group="example.org", version="v1", shape=Thing)
HELP = Kind(name="Help", plural="helps", group="example.org", version="v1", shape=Thing)
WIDE = Kind(name="Wide", plural="wides", group="example.org", version="v1", shape=Thing, namespaced=False)


class Seen(Fields):
    phase: str | None = None
    helpers: int | None = None
    everywhere: bool | None = None


def read(obj: Thing, ref: Ref, around: Around) -> tuple[Item, ...]:
    phase = obj.status.phase if obj.status else None
    helpers = len(around.linked(HELP, (ref.namespace, ref.name))) if around.visible(HELP) else None
    health = Health.DEGRADED if phase == "Failed" else Health.HEALTHY
    return (
        Item(
            ref=ref,
            health=health,
            why="Read.",
            fields=Seen(phase=phase, helpers=helpers, everywhere=around.everywhere(ROW)),
            series=obj.metadata.label("series"),
            created=obj.metadata.creation_timestamp,
            joins=(f"Application/{ref.namespace}/{obj.metadata.label('app') or ref.name}",),
        ),
    )


def explain(obj: Thing, ref: Ref, around: Around) -> tuple[Facts, ...]:
    return (Facts(title=ref.name, facts=(Fact("phase", obj.status.phase if obj.status else None),)),)


def stage(name: str, *sources: Source) -> Stage:
    column = Column(key="phase", title="PHASE", width=8)
    workings = Workings(sources=sources, fields=Seen)
    return Stage(name=name, title=name, about="A stage.", columns=(column,), workings=workings)


def rows(kind: Kind = ROW) -> Source:
    return Source(kind=kind, read=read, explain=explain)


def helps() -> Source:
    return Source(kind=HELP, keys=lambda obj: [(obj.metadata.namespace, obj.metadata.name)])


def thing(
    name: str, phase: str | None = None, *, namespace: str = "ns", uid: str = "", **labels: str
) -> Thing:
    created = NOW + timedelta(seconds=int(labels.pop("age", "0")))
    meta = Meta(
        name=name, namespace=namespace, uid=uid or f"{namespace}-{name}", labels=labels or None,
        creation_timestamp=created,
    )  # fmt: skip
    return Thing(metadata=meta, status=Status(phase=phase))


def listed(*objects: Object | Malformed) -> tuple[Change, ...]:
    return (Began(), Batch(put=objects), Listed()) if objects else (Began(), Listed())


def trouble(error: PortError, *, silent: float = 0.0) -> Trouble:
    return Trouble(error, silent)


class HandCluster:
    """The ``Cluster`` port, played by hand."""

    def __init__(self, name: str = "here", namespace: str = "own") -> None:
        self.name, self.namespace, self.server = name, namespace, "https://hand"
        self.read_only = ""
        self.sent: list[tuple[Write, bool]] = []
        """What was sent, and whether it was a dry run."""
        self.answer: Callable[[Write], Reply | PortError] = lambda _: Reply(status=200)
        self.lists: dict[str, Sequence[Mapping[str, Any]]] = {}
        self.followed: list[tuple[str, str | None]] = []
        self.open: set[tuple[str, str | None]] = set()
        self.known: Sequence[str] | PortError = ()
        self.allowed: Callable[[str, Kind, str | None], bool] = lambda *_: True
        self.broken: PortError | None = None
        self.asked: list[tuple[str, str, str | None]] = []
        self.at_once = self.most_at_once = 0
        self.wholes: dict[tuple[str, str, str], Mapping[str, Any] | PortError] = {}
        self.kinds: dict[str, Kind] = {}
        self.lines: dict[tuple[str, str, str], asyncio.Queue[Sequence[LogLine] | PortError | None]] = {}
        """What is said of each log; None ends it."""
        self.read: list[tuple[str, str, str, LogOptions]] = []
        self.reading: set[tuple[str, str, str]] = set()
        self._queues: dict[tuple[str, str | None], asyncio.Queue[Change]] = {}

    async def whole(self, kind: Kind, namespace: str, name: str) -> Mapping[str, Any]:
        found = self.wholes.get((kind.name, namespace, name), Missing(f"{name} is not there"))
        if isinstance(found, PortError):
            raise found
        return found

    async def objects(self, kind: Kind, namespace: str | None) -> Sequence[Mapping[str, Any]]:
        found = self.lists.get(kind.name, ())
        return [one for one in found if namespace in (None, one["metadata"].get("namespace"))]

    async def send(self, write: Write, *, dry_run: bool = False) -> Reply:
        self.sent.append((write, dry_run))
        answer = self.answer(write)
        if isinstance(answer, PortError):
            raise answer
        return answer

    async def whoami(self) -> str:
        return "ann"

    async def find(self, group: str, kind: str) -> Kind:
        if kind not in self.kinds:
            raise NotInstalled(f"{kind}.{group}" if group else kind)
        return self.kinds[kind]

    async def log(
        self, namespace: str, pod: str, container: str, options: LogOptions
    ) -> AsyncGenerator[Sequence[LogLine], None]:
        key = (namespace, pod, container)
        self.read.append((*key, options))
        self.reading.add(key)
        try:
            while (batch := await self.lines.setdefault(key, asyncio.Queue()).get()) is not None:
                if isinstance(batch, PortError):
                    raise batch
                yield batch
        finally:
            self.reading.discard(key)

    def say(self, kind: Kind, *changes: Change, namespace: str | None = None) -> None:
        for change in changes:
            self._queue(kind, namespace).put_nowait(change)

    def _queue(self, kind: Kind, namespace: str | None) -> asyncio.Queue[Change]:
        return self._queues.setdefault((_place(kind), namespace), asyncio.Queue())

    async def follow(self, kind: Kind, namespace: str | None) -> AsyncGenerator[Change, None]:
        key = (_place(kind), namespace)
        self.followed.append(key)
        self.open.add(key)
        try:
            while True:
                yield await self._queue(kind, namespace).get()
        finally:
            self.open.discard(key)

    async def namespaces(self) -> Sequence[str]:
        if isinstance(self.known, PortError):
            raise self.known
        return self.known

    async def may(self, verb: str, kind: Kind, namespace: str | None) -> bool:
        self.asked.append((verb, kind.plural, namespace))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        if self.broken is not None:
            raise self.broken
        return self.allowed(verb, kind, namespace)

    async def close(self) -> None:
        raise AssertionError("who opened a cluster closes it")


def _place(kind: Kind) -> str:
    return f"{kind.plural}?{kind.fields}" if kind.fields else kind.plural


class Asker:
    """A stage whose details and logs ask what a test wants, and note what is answered."""

    def __init__(self, *questions: Question[Any], kind: Kind = ROW, read: Read = read) -> None:
        self.questions, self.for_logs = list(questions), list[Question[Any]]()
        self.answers: dict[Question[Any], Answer[Any]] = {}
        self.stage = stage("one", Source(kind=kind, read=read, explain=self.explain, logs=self.logs))

    def explain(self, _: Object, ref: Ref, around: Around) -> tuple[Facts, ...]:
        self.answers |= {question: around.ask(question) for question in self.questions}
        return (Facts(title=ref.name, facts=()),)

    def logs(self, _: Object, ref: Ref, around: Around) -> tuple[LogSource, ...]:
        self.answers |= {question: around.ask(question) for question in self.for_logs}
        return (LogSource(label=ref.name, namespace=ref.namespace, pod=ref.name),)

    def of(self, question: Question[Any]) -> Any:
        """Return what is known: the names of objects, or the value as it is."""
        value = self.answers[question].value
        if isinstance(question, Objects) and value is not None:
            return [obj.metadata.name for obj in value]
        return value

    def trouble(self, question: Question[Any]) -> str:
        return str(self.answers[question].trouble or "")


class Watched:
    """A running ``Live``, and the newest snapshot it gave."""

    def __init__(self, live: Live, clock: Clock | None = None) -> None:
        self.live, self.clock = live, clock or Clock()
        self.snapshots = live.snapshots()
        self.last: Snapshot | None = None
        self.count = 0

    @property
    def now(self) -> Snapshot:
        assert self.last is not None
        return self.last

    def panel(self, stage: str, cluster: str = "here") -> PanelState:
        (found,) = (panel for panel in self.now.stages[stage].panel if panel.cluster == cluster)
        return found

    def names(self, stage: str) -> list[str]:
        return sorted(ref.name for ref in self.now.stages[stage].items)

    def item(self, stage: str, name: str) -> Item:
        (found,) = (item for ref, item in self.now.stages[stage].items.items() if ref.name == name)
        return found

    def field(self, stage: str, name: str, key: str) -> Any:
        return getattr(self.item(stage, name).fields, key) if name in self.names(stage) else None

    async def next(self) -> Snapshot:
        self.last = await anext(self.snapshots)
        self.count += 1
        return self.last

    async def until(self, what: Callable[[Watched], object], *, within: float = 5.0) -> None:
        try:
            async with asyncio.timeout(within):
                if self.last is None:
                    await self.next()
                while not what(self):
                    await self.next()
        except TimeoutError:
            raise AssertionError(f"it never happened; last seen: {self.last}") from None


class Clock:
    """A time that moves when told to."""

    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> datetime:
        return self.time

    def pass_(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@asynccontextmanager
async def watching(
    stages: Sequence[Stage],
    *clusters: HandCluster,
    namespaces: Sequence[str] = (),
    ask_again: float = 0.02,
    registry: Registry | None = None,
    pauses: Pauses = HURRY,
    caution: Caution | None = None,
) -> AsyncIterator[Watched]:
    clock = Clock()
    live = Live(
        clusters, stages, namespaces=namespaces, clock=clock, registry=registry,
        pauses=replace(pauses, forbidden=ask_again), caution=caution,
    )  # fmt: skip
    async with running(live, clock) as watched:
        yield watched


@asynccontextmanager
async def running(live: Live, clock: Clock | None = None) -> AsyncIterator[Watched]:
    task = asyncio.create_task(live.run())
    watched = Watched(live, clock)
    try:
        yield watched
    finally:
        await watched.snapshots.aclose()
        await live.close()
        await asyncio.gather(task, return_exceptions=True)


def details(live: Live, ref: Ref) -> tuple[Detail, ...]:
    """Look once."""
    look = live.look(ref)
    try:
        return look.details()
    finally:
        look.close()


async def eventually(what: Callable[[], object], *, within: float = 5.0) -> None:
    """Wait for what no snapshot tells."""
    async with asyncio.timeout(within):
        while not what():  # noqa: ASYNC110  # what is waited for has no event
            await asyncio.sleep(0.002)


async def settle() -> None:
    """Let everything that can go on do so."""
    for _ in range(50):
        await asyncio.sleep(0)
