"""Controllers take up a pipeline that is installed while the story plays, which they know by its label."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trombone_tui.demo.records import Record
from trombone_tui.demo.story.hashes import sha
from trombone_tui.demo.story.receiving import Receiving
from trombone_tui.demo.story.services import ARGO_CD
from trombone_tui.demo.story.sync import RESOURCE as APPLICATIONS
from trombone_tui.demo.story.updater import RESOURCE as IMAGE_UPDATERS
from trombone_tui.demo.story.updater import Updater
from trombone_tui.demo.story.world import Actor, Follower, World

Object = dict[str, Any]

_INSTALLED = {"app.kubernetes.io/managed-by": "trombone-tui"}
_SOON = 1.5
"""Seconds until a controller has taken something up."""


class Newcomers:
    """Has controllers take up EventBuses, EventSources, Sensors, ImageUpdaters and Applications."""

    def __init__(self, world: World, receiving: Receiving, updater: Updater) -> None:
        self._world, self._receiving, self._updater = world, receiving, updater
        self._argo_cd = Actor(world, "argocd-application-controller")
        self._random = world.random("newcomers")

    def begin(self) -> None:
        """Look for them from now on; what is there already is known to its controller."""
        for resource, take_up in (
            ("eventbus.argoproj.io", self._receiving.run_bus),
            ("eventsources.argoproj.io", self._receiving.run_source),
            ("sensors.argoproj.io", self._receiving.run_sensor),
            (IMAGE_UPDATERS, self._check),
            (APPLICATIONS, self._compare),
        ):
            self._world.follow(resource, self._seen(resource, take_up))

    def _seen(self, resource: str, take_up: Callable[[Object], None]) -> Follower:
        def seen(change: str, record: Record) -> None:
            if change == "ADDED" and record.labels.items() >= _INSTALLED.items():
                self._world.after(_SOON, lambda: self._take_up(resource, *record.key, take_up))

        return seen

    def _take_up(self, resource: str, namespace: str, name: str, take_up: Callable[[Object], None]) -> None:
        if (obj := self._argo_cd.get(resource, namespace, name)) is not None:
            take_up(obj)

    def _check(self, updater: Object) -> None:
        if updater["metadata"]["namespace"] == ARGO_CD:
            self._updater.begin(updater["metadata"]["name"], _SOON)

    def _compare(self, app: Object) -> None:
        """Find the folder of its config repository empty: nothing is to be deployed, and nothing is."""
        of, revision = app["metadata"], sha(self._random)
        self._argo_cd.edit(
            APPLICATIONS, of["namespace"], of["name"], lambda found: self._compared(found, revision)
        )

    def _compared(self, obj: Object, revision: str) -> None:
        now, spec = self._world.stamp, obj["spec"]
        compared = {"source": spec.get("source"), "destination": spec.get("destination")}
        obj["status"] = {
            "controllerNamespace": ARGO_CD,
            "health": {"lastTransitionTime": now, "status": "Healthy"},
            "reconciledAt": now,
            "resourceHealthSource": "appTree",
            "sourceType": "Kustomize",
            "sync": {"comparedTo": compared, "revision": revision, "status": "Synced"},
        }
