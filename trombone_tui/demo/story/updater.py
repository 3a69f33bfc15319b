"""Argo CD Image Updater: looks for newer tags, commits them to the config repository.

Sources: ``argocd-image-updater@v1.3.0:pkg/argocd/update.go``, ``internal/controller/status.go``. As the
real one, it compares with what runs, not with what git wants: while old and new pods run side by side it
reports the same update again in every round.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Any

from trombone_tui.demo.story.hashes import sha
from trombone_tui.demo.story.images import Image
from trombone_tui.demo.story.services import ARGO_CD, REGISTRY
from trombone_tui.demo.story.world import Actor, World

Object = dict[str, Any]

RESOURCE = "imageupdaters.argocd-image-updater.argoproj.io"
APPLICATIONS = "applications.argoproj.io"
INTERVAL = 30.0


class Updater:
    """Checks each ImageUpdater once an interval, each at its own offset."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._api = Actor(world, "argocd-image-updater-controller")
        self._events = Actor(world, "ArgocdImageUpdater")
        self._random = world.random("updater")
        self._seen: dict[str, int] = {}
        """How many images there were when an ImageUpdater was last checked, in history."""

    def begin(self, name: str, offset: float) -> None:
        """Check an ImageUpdater from now on."""
        self._world.after(offset, lambda: self._round(name))

    def _round(self, name: str) -> None:
        self._world.after(INTERVAL, lambda: self._round(name))
        pushes = self._world.images.pushes
        if not self._world.lively and self._seen.get(name) == pushes:
            return
        self._seen[name] = pushes
        updater = self._api.get(RESOURCE, ARGO_CD, name)
        if updater is None:
            return
        updates = [
            found
            for reference in updater["spec"]["applicationRefs"]
            for image in reference["images"]
            if (found := self._check(reference["namePattern"], image))
        ]
        if updates or self._world.lively or not updater.get("status"):
            self._api.edit_status(RESOURCE, ARGO_CD, name, lambda obj: self._report(obj, updates))

    def _check(self, application: str, image: Object) -> Object | None:
        """Compare one image's newest allowed tag with what runs; return the update, if there is one."""
        app = self._api.get(APPLICATIONS, ARGO_CD, application)
        if app is None:
            return None
        repository = image["imageName"]
        best = newest(self._world.images.images(repository.removeprefix(f"{REGISTRY}/")), image)
        live = next(
            (
                one.rpartition(":")[2]
                for one in app.get("status", {}).get("summary", {}).get("images") or ()
                if one.rpartition(":")[0] == repository
            ),
            "",
        )
        if best is None or not live or best.tag == live:
            return None
        if self._world.config.wanted(application) != best.tag:
            self._world.config.commit(application, sha(self._random), best.tag)
        self._events.event(
            app,
            "ImagesUpdated",
            f"Successfully updated application '{application}'",
            annotations={
                "argocd-image-updater.image-0/full-image-name": f"{repository}:{best.tag}",
                "argocd-image-updater.image-0/image-name": repository,
                "argocd-image-updater.image-0/new-tag": best.tag,
                "argocd-image-updater.image-0/old-tag": live,
            },
        )
        return {
            "alias": image["alias"],
            "applicationsUpdated": 1,
            "image": repository,
            "message": f"Updated from {live} to {best.tag}.",
            "newVersion": best.tag,
            "updatedAt": self._world.stamp,
        }

    def _report(self, obj: Object, updates: list[Object]) -> None:
        now, spec, status = self._world.stamp, obj["spec"], obj.setdefault("status", {})
        status |= {
            "applicationsMatched": len(spec["applicationRefs"]),
            "conditions": [
                _condition("Ready", "True", "ReconcileSucceeded", now),
                _condition("Reconciling", "False", "Idle", now),
                _condition("Error", "False", "NoErrors", now),
            ],
            "imagesManaged": sum(len(reference["images"]) for reference in spec["applicationRefs"]),
            "lastCheckedAt": now,
            "observedGeneration": obj["metadata"]["generation"],
        }
        if updates:
            status |= {"lastUpdatedAt": now, "recentUpdates": updates}


def newest(images: list[Image], rule: Object) -> Image | None:
    """Return the image that the strategy ``newest-build`` picks: of the allowed ones, the one built last."""
    settings = rule.get("commonUpdateSettings", {})
    allowed = settings.get("allowTags", "any").removeprefix("regexp:")
    ignored = settings.get("ignoreTags") or ()
    for image in sorted(images, key=lambda one: (one.created, one.tag), reverse=True):
        if allowed != "any" and not re.search(allowed, image.tag):
            continue
        if not any(fnmatchcase(image.tag, pattern) for pattern in ignored):
            return image
    return None


def _condition(kind: str, status: str, reason: str, now: str) -> Object:
    return {
        "lastTransitionTime": now,
        "message": "",
        "reason": reason,
        "status": status,
        "type": kind,
    }
