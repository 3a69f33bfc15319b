"""What all controllers of the story share: the API server's store, time, the registry, git, traffic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from trombone_tui.demo.clock import stamp
from trombone_tui.demo.errors import ApiError
from trombone_tui.demo.logs import Logs
from trombone_tui.demo.metadata import Writer
from trombone_tui.demo.metrics.traffic import Quality, Traffic
from trombone_tui.demo.records import Record
from trombone_tui.demo.resources import Resource
from trombone_tui.demo.store import Store
from trombone_tui.demo.story.hook import new_key
from trombone_tui.demo.story.images import ImageStock
from trombone_tui.demo.story.recorder import Recorder, Saying
from trombone_tui.demo.story.schedule import Action, Schedule
from trombone_tui.demo.story.services import Outcome, ServicePlan

Object = dict[str, Any]
Edit = Callable[[Object], None]
Follower = Callable[[str, Record], None]
"""Called with ADDED, MODIFIED or DELETED and the object as it is kept, to decode what is needed of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where the story's own servers answer, as its objects must name them."""

    prometheus: str = "http://127.0.0.1:9090"
    registry: str = "http://127.0.0.1:5000"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceChange:
    """A pushed commit, and what it will lead to."""

    plan: ServicePlan
    commit: str
    tag: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Serving:
    """The container of a pod that answers requests."""

    container: str
    image: str


class ConfigRepositories:
    """The branches that Argo CD follows, one a service: commits, each with the tag it wants."""

    def __init__(self) -> None:
        self._commits: dict[str, list[tuple[str, str]]] = {}

    def commit(self, service: str, sha: str, tag: str) -> None:
        """Add a commit."""
        self._commits.setdefault(service, []).append((sha, tag))

    def head(self, service: str) -> str:
        """Return the newest commit."""
        return self._commits[service][-1][0]

    def wanted(self, service: str, commit: str = "") -> str:
        """Return the tag that a commit wants, or the newest one; empty if there is no such commit."""
        found = self._commits.get(service, ())
        return next((tag for sha, tag in reversed(found) if commit in ("", sha)), "")


class World:
    """The stage on which the controllers act."""

    def __init__(
        self, store: Store, schedule: Schedule, logs: Logs, *, seed: int, places: Places | None = None
    ) -> None:
        self.store = store
        self.schedule = schedule
        self.places = places or Places()
        self.images = ImageStock()
        self.config = ConfigRepositories()
        self.traffic = Traffic()
        self.logs = logs
        self.changes: dict[str, SourceChange] = {}
        """Pushed commits by sha."""
        self.qualities: dict[str, Quality] = {}
        """How well the version in an image answers, by image reference."""
        self.serving: dict[tuple[str, str], Serving] = {}
        """Pods that are ready, by namespace and name."""
        self.crashing: set[str] = set()
        """Images whose containers end as soon as they begin."""
        self.on_end: list[Callable[[str], None]] = []
        """Called with a service's name when its delivery has come to an end, good or bad."""
        self.recorder = Recorder(store)
        self.lively = False
        """Whether somebody may be watching: idle polls then leave their traces, in history they don't."""
        self._seed = seed
        self.hook_key = new_key(self.random("hook"))
        """What GitHub signs its deliveries with."""
        self._followers: dict[str, list[Follower]] = {}

    def random(self, name: str) -> Random:
        """Return a source of randomness of its own, so that controllers don't disturb each other's."""
        return Random(f"{self._seed}/{name}")

    @property
    def now(self) -> datetime:
        """The story's time."""
        return self.schedule.clock.now()

    @property
    def stamp(self) -> str:
        """The story's time as Kubernetes writes it."""
        return stamp(self.now)

    def follow(self, resource: str, follower: Follower) -> None:
        """Call a follower at every change of a kind."""
        if resource not in self._followers:
            self._followers[resource] = []
            self.store.on_change(self._changed, (resource,))
        self._followers[resource].append(follower)

    def _changed(self, change: str, resource: Resource, record: Record) -> None:
        for follower in self._followers[resource.name]:
            follower(change, record)

    def after(self, seconds: float, action: Action) -> None:
        """Plan an action."""
        self.schedule.after(seconds, action)

    def quality(self, image: str) -> Quality:
        """Return how well the version in an image answers."""
        return self.qualities.get(image, Quality())

    def end(self, service: str) -> None:
        """Say that a service's delivery has come to an end."""
        for told in self.on_end:
            told(service)


class Actor:
    """A controller's hands: what it writes carries its name; what is refused leaves things as they are."""

    def __init__(self, world: World, manager: str) -> None:
        self.world = world
        self.manager = manager
        self._by = Writer(manager)

    def get(self, resource: str, namespace: str, name: str) -> Object | None:
        """Return an object, which the caller may change; None if it is gone or its kind not installed."""
        try:
            return self.world.store.get(resource, namespace, name)
        except ApiError:
            return None

    def there(self, resource: str, namespace: str, name: str) -> bool:
        """Say whether an object is there, without reading it."""
        return self.version(resource, namespace, name) is not None

    def version(self, resource: str, namespace: str, name: str) -> int | None:
        """Return an object's resourceVersion; None if it is gone or its kind not installed."""
        try:
            return self.world.store.record(resource, namespace, name).version
        except ApiError:
            return None

    def installed(self, resource: str) -> bool:
        """Say whether the API server serves a kind."""
        return any(one.name == resource for one in self.world.store.resources)

    def list(self, resource: str, namespace: str | None = None) -> list[Object]:
        """Return all objects; none if their kind is not installed."""
        try:
            return self.world.store.list(resource, namespace)
        except ApiError:
            return []

    def create(self, resource: str, obj: Object) -> Object | None:
        """Create an object; None if that is refused. A status given with it is its first one."""
        store = self.world.store
        try:
            if "status" not in obj or not self._has_status_of_its_own(resource):
                return store.create(resource, obj, by=self._by)
            if self.get(resource, obj["metadata"].get("namespace", ""), obj["metadata"]["name"]):
                return None
            return store.put(resource, obj)
        except ApiError:
            return None

    def _has_status_of_its_own(self, resource: str) -> bool:
        return any(one.name == resource and one.status_subresource for one in self.world.store.resources)

    def edit(self, resource: str, namespace: str, name: str, edit: Edit) -> Record | None:
        """Change an object's main part (and its status, where that is no subresource)."""
        return self._write(resource, namespace, name, edit, None)

    def edit_status(self, resource: str, namespace: str, name: str, edit: Edit) -> Record | None:
        """Change an object's status through its subresource."""
        return self._write(resource, namespace, name, edit, "status")

    def log(self, namespace: str, pod: str, container: str, text: str) -> None:
        """Write a line of a container."""
        self.world.logs.append(namespace, pod, container, text, self.world.now)

    def delete(self, resource: str, namespace: str, name: str) -> None:
        """Delete an object if it is there."""
        with suppress(ApiError):
            self.world.store.delete(resource, namespace, name)

    def event(
        self,
        about: Mapping[str, Any],
        reason: str,
        message: str = "",
        *,
        warning: bool = False,
        annotations: Mapping[str, str] | None = None,
    ) -> None:
        """Record a Kubernetes Event about an object."""
        saying = Saying(reason=reason, message=message, warning=warning, annotations=annotations)
        self.world.recorder.say(about, saying, self.world.now, component=self.manager)

    def _write(
        self, resource: str, namespace: str, name: str, edit: Edit, subresource: str | None
    ) -> Record | None:
        obj = self.get(resource, namespace, name)
        if obj is None:
            return None
        edit(obj)
        try:
            return self.world.store.write(resource, obj, subresource=subresource, by=self._by)
        except ApiError:
            return None


def owner(of: Mapping[str, Any]) -> Object:
    """Return the ``ownerReferences`` entry that names an object as controller."""
    return {
        "apiVersion": of["apiVersion"],
        "kind": of["kind"],
        "name": of["metadata"]["name"],
        "uid": of["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }
