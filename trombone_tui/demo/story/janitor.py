"""What clears up: Events after an hour, old Workflows, ReplicaSets and AnalysisRuns beyond their limits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from trombone_tui.demo.story.queue import owner_keys
from trombone_tui.demo.story.turn import REVISION
from trombone_tui.demo.story.world import Actor, World

Object = dict[str, Any]

INTERVAL = 120.0
EVENTS_KEPT = timedelta(hours=1)
WORKFLOWS_KEPT = 6
REVISIONS_KEPT = 6
IMAGES_KEPT = 60


class Janitor:
    """Keeps a cluster that runs for days from growing."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._api = Actor(world, "kube-controller-manager")

    def begin(self) -> None:
        """Clear up now and then."""
        self._world.after(INTERVAL, self.begin)
        oldest = (self._world.now - EVENTS_KEPT).strftime("%Y-%m-%dT%H:%M:%SZ")
        for event in self._world.store.records("events"):
            if event.section("metadata")["creationTimestamp"] >= oldest:
                continue
            self._api.delete("events", event.namespace, event.name)
        for repository in self._world.images.repositories():
            self._world.images.keep(repository, IMAGES_KEPT)
        self._keep("workflows.argoproj.io", WORKFLOWS_KEPT, _application, _created)
        for resource in ("analysisruns.argoproj.io", "replicasets.apps"):
            self._keep(resource, REVISIONS_KEPT, _rollout, _revision)
        pods = {(one.namespace, one.name) for one in self._world.store.records("pods")}
        self._world.logs.keep(pods)
        for gone in self._world.serving.keys() - pods:
            del self._world.serving[gone]

    def _keep(
        self,
        resource: str,
        count: int,
        group: Callable[[Object], str],
        order: Callable[[Object], Any],
    ) -> None:
        """Delete all but the newest of each group that are not in use."""
        groups: dict[str, list[Object]] = defaultdict(list)
        for obj in self._api.list(resource):
            if (name := group(obj)) and not _in_use(obj):
                groups[name].append(obj)
        for found in groups.values():
            for obj in sorted(found, key=order)[:-count]:
                self._api.delete(resource, obj["metadata"]["namespace"], obj["metadata"]["name"])


def _in_use(obj: Object) -> bool:
    status = obj.get("status") or {}
    return bool(status.get("replicas")) or status.get("phase") in ("", "Running", "Pending")


def _application(obj: Object) -> str:
    return str((obj["metadata"].get("labels") or {}).get("trombone.dev/app", ""))


def _rollout(obj: Object) -> str:
    return "/".join(next(owner_keys("Rollout", obj["metadata"]), ()))


def _created(obj: Object) -> str:
    return str(obj["metadata"]["creationTimestamp"])


def _revision(obj: Object) -> int:
    return int((obj["metadata"].get("annotations") or {}).get(REVISION, "0"))
