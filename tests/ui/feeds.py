"""A scripted feed: a fake of the port `Feed`, six plain stages, and the state of a morning to show."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.ports import LogLine, LogOptions, Missing, PortError, Refused, State
from trombone_tui.core.questions import LogSource
from trombone_tui.core.reminders import Reminder
from trombone_tui.core.rollback import RollbackPlan
from trombone_tui.core.service import Grouping
from trombone_tui.core.snapshot import PanelState, Snapshot, StageSnapshot
from trombone_tui.core.stage import Column, Detail, Fact, Facts, Fields, Item, Stage, Step, Steps, Workings
from trombone_tui.core.verbs import Act, Given, Offer, Outcome, Plan, Report, Verb

NOW = datetime(2026, 11, 23, 17, 42, 10, tzinfo=UTC)
PROD = "prod-eu"


class Plain(Fields):
    state: str | None = None
    number: int | None = None
    duration_seconds: float | None = None


def stage(name: str, title: str, about: str, *columns: Column) -> Stage:
    return Stage(
        name=name,
        title=title,
        about=about,
        columns=(Column(key="name", title="NAME", width=16, grow=True, rank=0), *columns),
        workings=Workings(sources=(), fields=Plain),
    )


_STATE = Column(key="state", title="STATE", width=12, rank=0)
_SINCE = Column(key="since", title="SINCE", width=11, rank=2)
_WHY = Column(key="why", title="WHY", width=30, grow=True, rank=4)
_TOOK = Column(key="duration_seconds", title="TOOK", width=7, right=True, rank=1)
_NUMBER = Column(key="number", title="NO", width=5, right=True, rank=1)

STAGES = (
    stage("events", "Events", "What came in from outside and what it started.", _STATE, _SINCE, _WHY),
    stage("workflows", "Workflows", "Test, build and push.", _STATE, _TOOK, _SINCE, _WHY),
    stage("images", "Images", "Which tag is wanted and which one runs.", _STATE, _SINCE, _WHY),
    stage("sync", "Sync", "Argo CD brings the cluster to what Git says.", _STATE, _SINCE, _WHY),
    stage("rollout", "Rollout", "The new version takes over step by step.", _STATE, _NUMBER, _SINCE, _WHY),
    stage("metrics", "Metrics", "Measurements decide whether it may.", _STATE, _NUMBER, _SINCE, _WHY),
)


def ref(kind: str, name: str, namespace: str = "shop", cluster: str = PROD) -> Ref:
    return Ref(
        cluster=cluster, kind=kind, namespace=namespace, name=name, uid=f"{cluster}-{namespace}-{name}"
    )


def item(
    kind: str,
    name: str,
    health: Health = Health.HEALTHY,
    *,
    why: str = "",
    brief: str = "",
    state: str | None = None,
    number: int | None = None,
    took: float | None = None,
    minutes: float = 10,
    joins: tuple[str, ...] = (),
    series: str = "",
    namespace: str = "shop",
    cluster: str = PROD,
) -> Item:
    at = NOW - timedelta(minutes=minutes)
    return Item(
        ref=ref(kind, name, namespace, cluster),
        health=health,
        why=why or f"{name} is {health}.",
        fields=Plain(state=state or str(health), number=number, duration_seconds=took),
        since=at,
        created=at,
        brief=brief,
        joins=joins,
        series=series,
    )


class Script:
    """Items and panel states that can be changed, and the snapshot they make now."""

    def __init__(self, clusters: Iterable[str] = (PROD,), state: State = State.LIVE) -> None:
        self.items: dict[str, dict[Ref, Item]] = {s.name: {} for s in STAGES}
        self.panels: dict[str, tuple[PanelState, ...]] = {
            s.name: tuple(PanelState(cluster=c, state=state) for c in clusters) for s in STAGES
        }
        self.replaced: set[Ref] = set()
        self.taken = NOW
        self.known: dict[Ref, tuple[Detail, ...]] = {}
        self.logs: dict[Ref, tuple[LogSource, ...]] = {}
        self.lines: dict[tuple[str, str, str], Sequence[Sequence[LogLine] | PortError]] = {}
        """What is handed out of a log, by namespace, pod and container."""
        self.wholes: dict[Ref, Mapping[str, Any] | PortError] = {}
        self.offers: dict[Ref, tuple[Offer, ...]] = {}
        self.plans: dict[tuple[Ref, str], Plan | PortError] = {}
        """What a verb would do to an item, by the verb's name."""
        self.reports: dict[tuple[Ref, str], Sequence[Report]] = {}
        """What becomes of it; done at once where nothing is said."""
        self.rehearsals: dict[tuple[Ref, str], Sequence[str] | PortError] = {}
        self.protected: set[str] = set()
        """The clusters in which names have to be typed."""
        self.read_only: dict[str, str] = {}
        """Why nothing can be written, by cluster."""
        self.reminders: tuple[Reminder, ...] = ()
        self.rollbacks: dict[str, RollbackPlan | Refused] = {}
        """How services go back, by their keys."""
        self._grouping = Grouping([s.name for s in STAGES])
        self._last: dict[str, StageSnapshot] = {}
        self._grouped: dict[str, Mapping[Ref, Item]] = {}

    def put(self, stage: str, *items: Item) -> None:
        self.items[stage] = {**self.items[stage], **{i.ref: i for i in items}}

    def drop(self, stage: str, *refs: Ref) -> None:
        self.items[stage] = {r: i for r, i in self.items[stage].items() if r not in refs}

    def panel(
        self, stage: str, state: State, reason: str = "", cluster: str = PROD, minutes: float = 1
    ) -> None:
        new = PanelState(cluster=cluster, state=state, reason=reason, since=NOW - timedelta(minutes=minutes))
        self.panels[stage] = tuple(new if p.cluster == cluster else p for p in self.panels[stage])

    def snapshot(self) -> Snapshot:
        for name, items in self.items.items():
            attention = frozenset(r for r, i in items.items() if i.needs_human and r not in self.replaced)
            last = self._last.get(name)
            if (
                last
                and last.items is items
                and last.panel == self.panels[name]
                and last.attention == attention
            ):
                continue
            self._last[name] = StageSnapshot(items=items, panel=self.panels[name], attention=attention)
        stages: Mapping[str, StageSnapshot] = dict(self._last)
        items = {name: s.items for name, s in stages.items()}
        changed = {
            name: {r for r in {*new, *old} if new.get(r) is not old.get(r)}
            for name, new in items.items()
            if new is not (old := self._grouped.get(name, {}))
        }
        self._grouped = items
        services = self._grouping.update(items, changed)
        return Snapshot(taken=self.taken, stages=stages, services=dict(services), reminders=self.reminders)


class ScriptedFeed:
    """Hands out what the script says whenever it is told to."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.handed = 0
        self.looks: list[Ref] = []
        """The items that are looked at now."""
        self.read: list[tuple[str, LogSource, LogOptions]] = []
        """The logs that were asked for."""
        self.acts = ScriptedActs(script)
        self._newest = script.snapshot()
        self._fresh = asyncio.Event()
        self._fresh.set()

    @property
    def now(self) -> datetime:
        return self.script.taken

    def publish(self) -> None:
        self._newest = self.script.snapshot()
        self._fresh.set()

    async def snapshots(self) -> AsyncIterator[Snapshot]:
        while True:
            await self._fresh.wait()
            self._fresh.clear()
            self.handed += 1
            yield self._newest

    def look(self, ref: Ref) -> ScriptedLook:
        return ScriptedLook(self, ref)

    async def whole(self, ref: Ref) -> Mapping[str, Any]:
        found = self.script.wholes.get(ref, Missing(f"{ref} is not there any more"))
        if isinstance(found, PortError):
            raise found
        return found

    async def log(
        self, cluster: str, source: LogSource, options: LogOptions
    ) -> AsyncGenerator[Sequence[LogLine], None]:
        self.read.append((cluster, source, options))
        for batch in self.script.lines.get((source.namespace, source.pod, source.container), ()):
            if isinstance(batch, PortError):
                raise batch
            yield batch

    def rollback(self, service: str) -> RollbackPlan:
        found = self.script.rollbacks.get(service, Refused("there is nothing to go back to"))
        if isinstance(found, Refused):
            raise found
        return found


class ScriptedLook:
    """Looks at what the script knows of an item."""

    def __init__(self, feed: ScriptedFeed, ref: Ref) -> None:
        self._feed, self._ref = feed, ref
        feed.looks.append(ref)

    def details(self) -> tuple[Detail, ...]:
        return self._feed.script.known.get(self._ref, ())

    def logs(self) -> tuple[LogSource, ...]:
        return self._feed.script.logs.get(self._ref, ())

    def close(self) -> None:
        self._feed.looks.remove(self._ref)


class ScriptedActs:
    """Does what the script says, and notes what was asked of it."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.prepared: list[tuple[Ref, str, Given]] = []
        self.rehearsed: list[Act] = []
        self.performed: list[Act] = []
        self.touched: list[Act] = []
        self.go_on = asyncio.Event()
        """While not set, nothing is heard after the first report of a verb that has several."""
        self.go_on.set()
        self._switch = ""

    def offers(self, ref: Ref) -> tuple[Offer, ...]:
        reason = self.read_only(ref.cluster)
        offers = self.script.offers.get(ref, ())
        return tuple(Offer(verb=o.verb, reason=reason or o.reason, known=o.known) for o in offers)

    async def prepare(self, ref: Ref, verb: Verb, given: Given) -> Act:
        self.prepared.append((ref, verb.name, dict(given)))
        plan = self.script.plans.get((ref, verb.name), Plan(before="before", after="after", writes=()))
        if isinstance(plan, PortError):
            raise plan
        protected = ref.cluster in self.script.protected
        return Act(ref=ref, verb=verb, given=given, plan=plan, protected=protected)

    async def rehearse(self, act: Act) -> Sequence[str]:
        self.rehearsed.append(act)
        lines = self.script.rehearsals.get((act.ref, act.verb.name), ())
        if isinstance(lines, PortError):
            raise lines
        return lines

    async def perform(self, act: Act) -> AsyncGenerator[Report, None]:
        self.performed.append(act)
        done = (Report(outcome=Outcome.DONE, text="done"),)
        for number, report in enumerate(self.script.reports.get((act.ref, act.verb.name), done)):
            if number:
                await self.go_on.wait()
            yield report

    async def perform_all(self, acts: Sequence[Act]) -> AsyncGenerator[tuple[Act, Report], None]:
        stops = (Outcome.REFUSED, Outcome.CONFLICT, Outcome.UNKNOWN)
        stopped = False
        for act in acts:
            if stopped:
                yield act, Report(outcome=Outcome.NOT_SENT, text="not sent: it was stopped before")
                continue
            async for report in self.perform(act):
                stopped = stopped or report.outcome in stops
                yield act, report

    async def touch(self, act: Act) -> Report:
        self.touched.append(act)
        return Report(outcome=Outcome.ACCEPTED, text="touched")

    def read_only(self, cluster: str) -> str:
        return self._switch or self.script.read_only.get(cluster, "")

    def set_read_only(self, on: bool, *, key: str = "") -> None:
        self._switch = f"read-only: switched on{key and f', {key} switches it off'}" if on else ""


def morning() -> Script:
    """Three services: one held by its canary, one with a broken build, one well."""
    script = Script()
    anchors = {
        name: (f"Application/argocd/{name}", f"Rollout/shop/{name}", f"image/ghcr.io/acme/{name}")
        for name in ("shop-api", "shop-web", "pay-api")
    }
    api, web, pay = anchors["shop-api"], anchors["shop-web"], anchors["pay-api"]
    h = Health
    script.put(
        "events",
        item(
            "EventSource",
            "github",
            h.HEALTHY,
            brief="17:31",
            state="running",
            minutes=900,
            namespace="argo-events",
        ),
        item(
            "Sensor",
            "build-on-push",
            h.HEALTHY,
            brief="17:33",
            state="running",
            minutes=901,
            namespace="argo-events",
            why="Started 3 Workflows today, the last one at 17:33:02Z.",
            joins=("Workflow/ci/shop-api-7fk2p", "Workflow/ci/shop-web-m2x9d", "Workflow/ci/pay-api-qq81z"),
        ),
        item("EventBus", "default", h.HEALTHY, state="running", minutes=90000, namespace="argo-events"),
    )
    script.put(
        "workflows",
        item(
            "Workflow",
            "shop-api-7fk2p",
            h.HEALTHY,
            brief="4m12s",
            state="Succeeded",
            took=252,
            minutes=21,
            joins=("Workflow/ci/shop-api-7fk2p", api[2]),
            series="wf/shop-api",
            namespace="ci",
            why="Built ghcr.io/acme/shop-api:v1.4.2-sha.3f2a9c1 in 4m12s.",
        ),
        item(
            "Workflow",
            "shop-web-m2x9d",
            h.DEGRADED,
            brief="test",
            state="Failed",
            took=96,
            minutes=9,
            joins=("Workflow/ci/shop-web-m2x9d", web[2]),
            series="wf/shop-web",
            namespace="ci",
            why="Step test failed after 1m36s: npm test: 2 of 214 tests failed (exit code 1).",
        ),
        item(
            "Workflow",
            "shop-web-k81ss",
            h.DEGRADED,
            brief="lint",
            state="Failed",
            took=31,
            minutes=60,
            joins=(web[2],),
            series="wf/shop-web",
            namespace="ci",
            why="Step lint failed after 31s (exit code 2).",
        ),
        item(
            "Workflow",
            "pay-api-qq81z",
            h.PROGRESSING,
            brief="3/5",
            state="Running",
            took=142,
            minutes=3,
            joins=("Workflow/ci/pay-api-qq81z", pay[2]),
            series="wf/pay-api",
            namespace="ci",
            why="3 of 5 steps are done; build has run for 2m22s.",
        ),
    )
    script.replaced.add(ref("Workflow", "shop-web-k81ss", "ci"))
    for name, tag, wait in (
        ("shop-api", "v1.4.2-sha.3f2a9c1", 5),
        ("shop-web", "v2.1.0", 60),
        ("pay-api", "v3.0.9", 70),
    ):
        script.put(
            "images",
            item(
                "ImageUpdater",
                name,
                h.HEALTHY,
                brief=tag,
                state=tag,
                minutes=wait,
                joins=(anchors[name][0], anchors[name][2]),
                why=f"{tag} is the newest tag its rule allows.",
            ),
        )
    script.put(
        "sync",
        item(
            "Application",
            "shop-api",
            h.PROGRESSING,
            brief="91bc0de",
            state="Synced",
            minutes=14,
            joins=api[:2],
            namespace="argocd",
        ),
        item(
            "Application",
            "shop-web",
            h.HEALTHY,
            brief="77ac001",
            state="Synced",
            minutes=300,
            joins=web[:2],
            namespace="argocd",
        ),
        item(
            "Application",
            "pay-api",
            h.HEALTHY,
            brief="12f00aa",
            state="Synced",
            minutes=400,
            joins=pay[:2],
            namespace="argocd",
        ),
    )
    script.put(
        "rollout",
        item(
            "Rollout",
            "shop-api",
            h.SUSPENDED,
            brief="20% 3/8",
            state="Paused",
            number=20,
            minutes=2,
            joins=api[1:],
            why="Held at 20 % by step 3 of 8: a pause without end; promote it or abort it.",
        ),
        item(
            "Rollout",
            "shop-web",
            h.HEALTHY,
            brief="v2.1.0",
            state="Healthy",
            number=100,
            minutes=300,
            joins=web[1:],
        ),
        item(
            "Rollout",
            "pay-api",
            h.HEALTHY,
            brief="v3.0.9",
            state="Healthy",
            number=100,
            minutes=400,
            joins=pay[1:],
        ),
    )
    script.put(
        "metrics",
        item(
            "AnalysisRun",
            "shop-api-5d8c-3",
            h.PROGRESSING,
            brief="0.91 < 0.95",
            state="Running",
            number=1,
            minutes=2,
            joins=(api[1],),
            series="ar/shop-api",
            why="success-rate is 0.91 where at least 0.95 is asked for; 1 of 2 failures used.",
        ),
    )
    script.known[ref("Rollout", "shop-api")] = (
        Facts(
            "Rollout",
            (
                Fact("phase", "Paused", Health.SUSPENDED),
                Fact("message", "CanaryPauseStep"),
                Fact("stable image", "ghcr.io/acme/shop-api:v1.4.1-sha.90ffe12"),
                Fact("canary image", "ghcr.io/acme/shop-api:v1.4.2-sha.3f2a9c1"),
                Fact("actual weight", 20),
                Fact("last promoted", NOW - timedelta(days=3)),
                Fact("traffic router", None),
            ),
        ),
        Steps(
            "Steps",
            (
                Step("set weight 5", done=True),
                Step("pause 2m", done=True, note="took 2m00s"),
                Step("set weight 20, then pause without end", current=True, note="for 2m00s now"),
                Step("analysis success-rate"),
                Step("set weight 50"),
                Step("pause 10m"),
                Step("set weight 80"),
                Step("pause 10m"),
            ),
        ),
    )
    return script
