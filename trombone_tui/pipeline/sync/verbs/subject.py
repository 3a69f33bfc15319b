"""An Application as a verb has just read it, and what Argo CD's API server would refuse.

Whoever writes Applications past that server has to repeat its checks:
``argo-cd@v3.5.1:server/application/application.go`` (Sync, Rollback, TerminateOperation).
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Any

from trombone_tui.core.objects.argo_cd import (
    APPLICATION,
    Application,
    ApplicationStatus,
    OperationState,
    Resource,
)
from trombone_tui.core.objects.durations import stamp
from trombone_tui.core.objects.managing import automated
from trombone_tui.core.objects.phrases import object_name
from trombone_tui.core.objects.raw import listing, mapping
from trombone_tui.core.ports import Refused
from trombone_tui.core.verbs import Scene, Whole, Write
from trombone_tui.core.wholes import patch, typed

UNDER_WAY = ("Running", "Terminating")


@dataclass(frozen=True, slots=True)
class Subject:
    """The Application that a verb is for, typed and as it is."""

    app: Application
    scene: Scene

    @classmethod
    def read(cls, scene: Scene) -> Subject:
        """Take the Application of a scene.

        Raises:
            Refused: it can't be read.
        """
        return cls(typed(scene.whole, Application), scene)

    @property
    def status(self) -> ApplicationStatus:
        """Its status, an empty one where there is none."""
        return self.app.status or ApplicationStatus()

    @property
    def state(self) -> OperationState:
        """The operation that runs or ran last, an empty one where there is none."""
        return operation_state(self.app)

    @property
    def version(self) -> str:
        """Its resourceVersion, on which a write hangs that is decided by what was read.

        Raises:
            Refused: there is none.
        """
        if not self.app.metadata.resource_version:
            raise Refused("it has no resourceVersion, so nothing can be written safely")
        return self.app.metadata.resource_version

    @property
    def policy(self) -> Whole:
        """``spec.syncPolicy`` as it is written."""
        return mapping(self.scene.whole, "spec", "syncPolicy")

    @property
    def initiator(self) -> dict[str, str]:
        """Who asks for an operation, as ``initiatedBy``."""
        return {"username": self.scene.user} if self.scene.user else {}

    def patch(self, body: dict[str, Any], title: str) -> Write:
        """Make the request that changes it; it has no status subresource."""
        return patch(APPLICATION, self.app.metadata, body, title)

    def command(self, verb: str, *arguments: str) -> str:
        """Write the command of Argo CD's own tool that does the same."""
        meta, home = self.app.metadata, self.status.controller_namespace
        elsewhere = ("-N", meta.namespace) if home and home != meta.namespace else ()
        return shlex.join(("argocd", "app", verb, meta.name, *arguments, *elsewhere))


def decided_by(whole: Whole) -> object:
    """Return all of an Application that a sync is decided by: neither its health nor when it was compared."""
    status = {key: one for key, one in mapping(whole, "status").items() if key not in _MOVING}
    meta = {key: one for key, one in mapping(whole, "metadata").items() if key not in _VERSIONS}
    notes = {key: one for key, one in mapping(whole, "metadata", "annotations").items() if key not in _ASKED}
    resources = [mapping(one) | {"health": None} for one in listing(whole, "status", "resources")]
    return (meta, notes, whole.get("spec"), whole.get("operation"), status, resources)


_MOVING = ("health", "reconciledAt", "observedAt", "summary", "resources")
_VERSIONS = ("resourceVersion", "generation", "managedFields", "annotations")
_ASKED = ("argocd.argoproj.io/refresh", "argocd.argoproj.io/hydrate")


def operation_state(app: Application) -> OperationState:
    """Return the operation that runs or ran last, an empty one where there is none."""
    return (app.status.operation_state if app.status else None) or OperationState()


def auto_sync(app: Application) -> bool:
    """Whether Argo CD syncs by itself."""
    return automated(app) is not None


def deleting(app: Application) -> str:
    """Say that it is being deleted; empty when it is not."""
    at = app.metadata.deletion_timestamp
    return f"it is being deleted since {stamp(at)}" if at else ""


def in_progress(app: Application) -> str:
    """Say which operation is in the way; empty when none is."""
    if app.operation is None:
        return ""
    state = operation_state(app)
    begun = state.phase in UNDER_WAY
    asked = (state.operation if begun else None) or app.operation
    who = asked.initiated_by.who if asked.initiated_by else None
    by = f" by {who}" if who else ""
    if not begun:
        return f"another operation is already in progress, asked for{by} and not begun yet: wait"
    when = f" {stamp(state.started_at)}" if state.started_at else ""
    return f"another operation is already in progress, begun{when}{by}: terminate-op or wait"


def refuse(*reasons: str) -> None:
    """Give up for the first reason there is.

    Raises:
        Refused: with that reason.
    """
    for reason in reasons:
        if reason:
            raise Refused(reason)


def named(one: Resource) -> str:
    """Name a resource in a list: ``Deployment web``."""
    return object_name(one.kind, one.name)


def to_prune(app: Application) -> list[Resource]:
    """Return what is no longer in the source, by the last comparison; hooks are not pruned."""
    return [one for one in app.resources if one.requires_pruning and not one.hook]


def differing(app: Application) -> list[Resource]:
    """Return what differs from the source, by the last comparison."""
    return [one for one in app.resources if one.status == "OutOfSync"]
