"""Argo CD: whether what is in the config repository is what runs, and what keeps it from being so.

Rollouts are watched too, to tell whose state an Application's health is: Argo CD keeps the health of
single resources out of the object.
"""

from __future__ import annotations

from collections.abc import Iterable

from trombone_tui.core.objects.argo_cd import APPLICATION, Application
from trombone_tui.core.objects.argo_rollouts import ROLLOUT, Rollout
from trombone_tui.core.stage import Column, Key, Source, Stage, own_key
from trombone_tui.pipeline.sync.details import explain_application
from trombone_tui.pipeline.sync.row import SyncFields, read_application
from trombone_tui.pipeline.sync.state import rollouts


def _managed(application: Application) -> Iterable[Key]:
    return rollouts(application)


def _own(rollout: Rollout) -> Iterable[Key]:
    return (own_key("Rollout", rollout.metadata),)


def _read_of(rollout: Rollout) -> object:
    """Name all that an Application's row reads of a Rollout."""
    return rollout.status.phase if rollout.status else None


STAGE = Stage(
    name="sync",
    title="Sync",
    about="Argo CD: whether each Application runs what its config repository says.",
    sources=(
        Source(kind=APPLICATION, read=read_application, explain=explain_application, keys=_managed),
        Source(kind=ROLLOUT, keys=_own, shared=_read_of),
    ),
    columns=(
        Column(key="name", title="APPLICATION", width=20, rank=0),
        Column(key="namespace", title="NAMESPACE", width=12, rank=6),
        Column(key="sync", title="SYNC", width=9, rank=0),
        Column(key="commit", title="REVISION", width=9, rank=0),
        Column(key="operation", title="OPERATION", width=11, rank=2),
        Column(key="app_health", title="HEALTH", width=11, rank=1),
        Column(key="auto_sync", title="AUTO", width=5, rank=4),
        Column(key="deployed_at", title="DEPLOYED", width=8, right=True, rank=3),
        Column(key="destination_namespace", title="INTO", width=12, rank=5),
        Column(key="why", title="WHY", width=24, grow=True, rank=1),
    ),
    fields=SyncFields,
)
