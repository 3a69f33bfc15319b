"""Pushes to the source repositories, and Argo Events: what arrives, and the Workflow a Sensor makes of it.

Labels and annotations of the Workflow follow the pipeline's own convention (``trombone.dev/``).
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any

from trombone_tui.demo.metrics.traffic import Quality
from trombone_tui.demo.story.arrivals import RETRIES, RETRY_SECONDS, Arrivals
from trombone_tui.demo.story.hashes import guid, sha, suffix
from trombone_tui.demo.story.hook import Told, check, passes, read_told
from trombone_tui.demo.story.services import CI, Outcome, ServicePlan
from trombone_tui.demo.story.workflows import RESOURCE
from trombone_tui.demo.story.world import Actor, SourceChange, World

Object = dict[str, Any]

_AUTHORS = ("Ada Quist", "Ben Okafor", "Chidi Rao", "Dana Weiss", "Emil Sato")
_TITLES = (
    "Fix cart rounding for mixed tax rates",
    "Add summer banner",
    "Bump HTTP client",
    "Cache price lists for a minute",
    "Retry payments on timeout",
    "Drop unused feature flag",
    "Log request ids everywhere",
    "Speed up the stock query",
    "Show delivery estimate earlier",
)
_DELAY = 0.4
"""Seconds from a push to its Workflow."""


_FORBIDDEN = (
    f'workflows.argoproj.io is forbidden: User "system:serviceaccount:{CI}:default" cannot create resource '
    f'"workflows" in API group "argoproj.io" in the namespace "{CI}"'
)


class Pushes:
    """Pushes commits as the plan says, the next one some time after a delivery came to its end."""

    def __init__(self, world: World, plans: tuple[ServicePlan, ...]) -> None:
        self._world = world
        self._api = Actor(world, "sensor")
        self._arrivals = Arrivals(world)
        self._random = world.random("pushes")
        self._numbers = {plan.name: count(1) for plan in plans}
        self._turns = {plan.name: 0 for plan in plans}
        self._plans = {plan.name: plan for plan in plans}
        self._before: dict[str, str] = {}
        self._under_way: set[str] = set()
        world.on_end.append(self._ended)

    def push(self, plan: ServicePlan, outcome: Outcome = Outcome.GOOD) -> SourceChange:
        """Push a commit."""
        change = self._change(plan, sha(self._random), outcome)
        title, author = self._random.choice(_TITLES), self._random.choice(_AUTHORS)
        pushed = self._world.stamp
        self._world.after(_DELAY, lambda: self._tell(change, title, author, pushed))
        return change

    def receive(self, headers: Mapping[str, str], body: bytes) -> tuple[int, str]:
        """Hear what is posted to the event source; return status and text of its answer."""
        try:
            payload = check(headers, body, self._world.hook_key)
        except ValueError as error:
            self._arrivals.discarded(str(error))
            return 400, str(error)
        self._world.after(0.0, lambda: self._arrived(payload, self._world.stamp))
        return 200, "success"

    def _arrived(self, payload: Mapping[str, Any], pushed: str) -> None:
        """Have the Sensor that lets it pass start a build of what was pushed; the others drop it."""
        plan = next((one for one in self._plans.values() if passes(payload, one.repository)), None)
        told = read_told(payload)
        if plan is None or told is None:
            self._arrivals.event(self._event())
            return
        fails = Outcome.TRIGGER_FAILS in plan.deliveries
        outcome = Outcome.TRIGGER_FAILS if fails else Outcome.GOOD
        self._trigger(self._change(plan, told.commit, outcome), told, pushed)

    def _change(self, plan: ServicePlan, commit: str, outcome: Outcome) -> SourceChange:
        change = SourceChange(plan=plan, commit=commit, tag=self.tag(plan, commit), outcome=outcome)
        self._world.changes[commit] = change
        bad = outcome is Outcome.CANARY_FAILS
        quality = Quality(errors=0.11, latency=plan.latency * 2.4) if bad else Quality(latency=plan.latency)
        self._world.qualities[f"{plan.image}:{change.tag}"] = quality
        if outcome is Outcome.CANARY_CRASHES:
            self._world.crashing.add(f"{plan.image}:{change.tag}")
        return change

    def tag(self, plan: ServicePlan, commit: str) -> str:
        """Return the next tag: ``v1.4.7-sha3f2a9c1``."""
        major, minor = plan.version
        return f"v{major}.{minor}.{next(self._numbers[plan.name])}-sha{commit[:7]}"

    def open(self, plan: ServicePlan) -> None:
        """Push what the plan has next, and have the one after it follow when this has ended."""
        turn = self._turns[plan.name]
        self._turns[plan.name] = turn + 1
        self._under_way.add(plan.name)
        self.push(plan, plan.deliveries[turn % len(plan.deliveries)])

    def _ended(self, service: str) -> None:
        plan = self._plans.get(service)
        if plan is None or service not in self._under_way:
            return
        self._under_way.discard(service)
        self._world.after(plan.rest * self._random.uniform(0.8, 1.2), lambda: self.open(plan))

    def _tell(self, change: SourceChange, title: str, author: str, pushed: str) -> None:
        """Have GitHub tell of a commit."""
        event = self._event()
        before = self._before.get(change.plan.name, sha(self._random))
        told = Told(commit=change.commit, before=before, title=title, author=author)
        self._trigger(change, told, pushed, event)

    def _event(self) -> str:
        return guid(self._random).replace("-", "")

    def _trigger(self, change: SourceChange, told: Told, pushed: str, event: str = "") -> None:
        """Have the Sensor create the Workflow (``argo-events@v1.9.11:pkg/sensors/triggers``)."""
        event = event or self._event()
        self._before[change.plan.name] = change.commit
        self._arrivals.event(event, change.plan.name)
        if change.outcome is Outcome.TRIGGER_FAILS:
            self._fail(change.plan.name, event, 1)
            return
        self._arrivals.triggered(change.plan.name, event)
        self._api.create(RESOURCE, self._workflow(change, told, pushed, event))

    def ping(self) -> None:
        """Have GitHub try its webhook, which is no push."""
        self._arrivals.event(guid(self._world.random("ping")).replace("-", ""))

    def _fail(self, service: str, event: str, attempt: int) -> None:
        """Have the Sensor fail to create the Workflow, until it gives up."""
        last = attempt == RETRIES
        self._arrivals.failed(service, event, _FORBIDDEN, last=last)
        if last:
            self._world.end(service)
        else:
            self._world.after(RETRY_SECONDS, lambda: self._fail(service, event, attempt + 1))

    def _workflow(self, change: SourceChange, told: Told, pushed: str, event: str) -> Object:
        plan = change.plan
        started: dict[str, str] = {}
        if self._api.installed("sensors.argoproj.io"):
            started = {
                "events.argoproj.io/action-timestamp": str(int(self._world.now.timestamp() * 1000)),
                "events.argoproj.io/sensor": plan.name,
                "events.argoproj.io/trigger": "build",
            }
        return {
            "metadata": {
                "name": f"{plan.name}-build-{suffix(self._random)}",
                "generateName": f"{plan.name}-build-",
                "namespace": CI,
                "labels": started
                | {
                    "trombone.dev/app": plan.name,
                    "trombone.dev/commit": change.commit,
                    "trombone.dev/delivery": told.delivery or guid(self._random),
                    "trombone.dev/event-id": event,
                    "trombone.dev/repo": plan.repository.replace("/", "."),
                },
                "annotations": {
                    "trombone.dev/author": told.author,
                    "trombone.dev/before": told.before,
                    "trombone.dev/commit-title": told.title,
                    "trombone.dev/compare-url": (
                        f"https://github.com/{plan.repository}"
                        f"/compare/{told.before[:12]}...{change.commit[:12]}"
                    ),
                    "trombone.dev/pushed-at": pushed,
                    "trombone.dev/ref": told.ref,
                    "trombone.dev/repo-url": plan.repository_url,
                },
            },
            "spec": {
                "workflowTemplateRef": {"name": "build-and-push"},
                "arguments": {
                    "parameters": [
                        {"name": "repo-url", "value": plan.repository_url},
                        {"name": "revision", "value": change.commit},
                        {"name": "branch", "value": told.branch},
                        {"name": "image", "value": plan.image},
                        {"name": "version", "value": change.tag},
                    ]
                },
            },
        }
