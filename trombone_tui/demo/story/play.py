"""The whole story: the stage, the controllers, what happened before, and what goes on happening."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from trombone_tui.demo.logs import Logs
from trombone_tui.demo.metrics.traffic import Flow, Quality, Route
from trombone_tui.demo.records import Record
from trombone_tui.demo.store import Store
from trombone_tui.demo.story.access_log import AccessLogs
from trombone_tui.demo.story.analysis import Analyses
from trombone_tui.demo.story.blueprints import application, image_updater
from trombone_tui.demo.story.cron import CronWorkflows
from trombone_tui.demo.story.hashes import sha
from trombone_tui.demo.story.janitor import EVENTS_KEPT, Janitor
from trombone_tui.demo.story.jobs import Jobs
from trombone_tui.demo.story.newcomers import Newcomers
from trombone_tui.demo.story.platform import Platform
from trombone_tui.demo.story.projects import Projects, project_of
from trombone_tui.demo.story.push import Pushes
from trombone_tui.demo.story.releases import built, release, stock
from trombone_tui.demo.story.replicasets import ReplicaSets
from trombone_tui.demo.story.rollout import Rollouts
from trombone_tui.demo.story.scaling import Scaling
from trombone_tui.demo.story.schedule import Schedule, StoryClock
from trombone_tui.demo.story.services import ARGO_CD, CI, Outcome, ServicePlan
from trombone_tui.demo.story.sync import Applications
from trombone_tui.demo.story.targets import ROLLOUTS, service_names
from trombone_tui.demo.story.updater import RESOURCE as IMAGE_UPDATERS
from trombone_tui.demo.story.updater import Updater
from trombone_tui.demo.story.workflows import Workflows
from trombone_tui.demo.story.world import Actor, Places, World

Object = dict[str, Any]

PROLOGUE = 600.0
"""Seconds from the first deployments to the earliest push."""
LIVELY = 60.0
"""Seconds before the curtain from which idle polls leave traces."""
APART = 37.0
"""Seconds between the past pushes to one service and the next."""
TALK = 12.0
"""Seconds before the curtain from which containers write of their requests."""


class Story:
    """Plays a scenario's services on a store whose clock stands at the curtain: the moment serving begins.

    ``prepare`` plays everything up to the curtain at once; ``schedule.play`` goes on from there, and so
    does ``schedule.run_until`` where nobody waits.
    """

    def __init__(
        self,
        store: Store,
        clock: StoryClock,
        *,
        seed: int,
        plans: tuple[ServicePlan, ...],
        logs: Logs | None = None,
        places: Places | None = None,
        cron: str = "*/2 * * * *",
    ) -> None:
        self.schedule = Schedule(clock)
        self.curtain = clock.now().replace(microsecond=0)
        self.world = World(store, self.schedule, logs or Logs(clock), seed=seed, places=places)
        self._plans, self._cron = plans, cron
        self._updater = Updater(self.world)
        self._applications = Applications(self.world, plans)
        self._pushes = Pushes(self.world, plans)
        self._crons = CronWorkflows(self.world)
        self._projects = Projects(self.world, plans)
        self._scaling = Scaling(self.world, plans)
        ReplicaSets(self.world)
        Rollouts(self.world)
        Analyses(self.world)
        Workflows(self.world, Jobs(self.world))
        self._colleague = Colleague(self.world)

    def prepare(self) -> None:
        """Set the stage and play what happened before the curtain."""
        earliest = min((second for plan in self._plans for second in plan.past), default=-LIVELY)
        begin = self.curtain + timedelta(seconds=earliest - PROLOGUE)
        self.schedule.clock.hold(begin)
        self.world.recorder.begins = self.curtain - EVENTS_KEPT
        platform = Platform(self.world)
        platform.build(self._plans)
        self._projects.begin()
        self._scaling.begin()
        for number, plan in enumerate(self._plans):
            self._deploy(plan, number)
        if self._cron:
            platform.cron("dependency-scan", self._cron)
            self._at(-150.0, lambda: self._crons.begin(CI, "dependency-scan"))
        self._at(-LIVELY, self._wake)
        self._at(-TALK, AccessLogs(self.world).begin)
        self._at(-260.0, self._pushes.ping)
        self._at(5.0, Janitor(self.world).begin)
        self._at(0.0, Newcomers(self.world, platform.receiving, self._updater).begin)
        self.schedule.run_until(self.curtain)

    def receive(self, headers: Mapping[str, str], body: bytes) -> tuple[int, str]:
        """Hear what is posted to the event source, a push perhaps; return status and text of the answer."""
        return self._pushes.receive(headers, body)

    def _deploy(self, plan: ServicePlan, number: int) -> None:
        """Deploy a service for the first time, and plan its pushes."""
        world, api, random = self.world, Actor(self.world, "kubectl"), self.world.random(plan.name)
        commit = sha(random)
        tag = self._pushes.tag(plan, commit)
        stock(world.images, plan, world.random(f"{plan.name}/registry"), world.now)
        release(world.images, built(plan, tag, commit, world.now - timedelta(hours=1)))
        world.config.commit(plan.name, sha(random), tag)
        world.qualities[f"{plan.image}:{tag}"] = Quality(latency=plan.latency)
        quality = Quality(latency=plan.latency)
        flow = Flow(requests=plan.requests, stable=quality, canary=quality)
        world.traffic.begin(Route(namespace=plan.namespace, service=plan.name), world.now, flow)
        made = application(plan, project_of(plan), self._projects.made(plan))
        api.create("applications.argoproj.io", made)
        if not plan.annotated:
            api.create(IMAGE_UPDATERS, image_updater(plan))
            self._updater.begin(plan.name, 2.0 + number * 3.7)
        self._applications.begin(plan.name, 1.0 + number * 5.3)
        if plan.touched is not None:
            self._at(plan.touched, lambda: self._colleague.touches(plan))
        if not plan.auto_sync:
            self._colleague.sync_soon(plan.name)
        opening = plan.opening if plan.opening is not None else plan.rest
        if plan.past:
            self._colleague.promotes(plan.name, until=self.curtain + timedelta(seconds=opening))
        for second in plan.past:
            self._at(second + number * APART, lambda: self._push(plan))
        self._at(opening, lambda: self._pushes.open(plan))

    def _push(self, plan: ServicePlan) -> None:
        self._pushes.push(plan, Outcome.GOOD)

    def _at(self, second: float, action: Any) -> None:
        self.schedule.at(self.curtain + timedelta(seconds=second), action)

    def _wake(self) -> None:
        self.world.lively = True


class Colleague:
    """A human of the past: promoted what waited for one, synced what doesn't sync by itself."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._api = Actor(world, "kubectl-argo-rollouts")
        self._until: dict[str, datetime] = {}
        world.follow(ROLLOUTS, self._seen)

    def promotes(self, service: str, *, until: datetime) -> None:
        """Have a service promoted where it waits for a human, up to a moment."""
        self._until[service] = until

    def sync_soon(self, service: str) -> None:
        """Have an Application synced."""
        operation = {
            "initiatedBy": {"username": "admin"},
            "sync": {"revision": self._world.config.head(service), "syncStrategy": {"hook": {}}},
        }
        self._world.after(
            20.0,
            lambda: self._api.edit(
                "applications.argoproj.io", ARGO_CD, service, lambda obj: obj.update({"operation": operation})
            ),
        )

    def touches(self, plan: ServicePlan) -> None:
        """Change a Service by hand, which git knows nothing of."""
        by_hand, name = Actor(self._world, "kubectl-edit"), service_names(plan)[0]
        by_hand.edit(
            "services", plan.namespace, name, lambda obj: obj["spec"].update({"sessionAffinity": "ClientIP"})
        )

    def _seen(self, _: str, record: Record) -> None:
        namespace, name = record.key
        until = self._until.get(name)
        if until is None or self._world.now >= until:
            return
        status, canary = record.section("status") or {}, record.section("spec")["strategy"].get("canary")
        if canary is None or not status.get("pauseConditions"):
            return
        index, steps = status["currentStepIndex"], canary["steps"]
        if index < len(steps) and steps[index].get("pause") == {}:
            self._world.after(25.0, lambda: self._promote(namespace, name, until))

    def _promote(self, namespace: str, name: str, until: datetime) -> None:
        if self._world.now < until:
            self._api.edit_status(
                ROLLOUTS, namespace, name, lambda obj: obj["status"].pop("pauseConditions", None)
            )
