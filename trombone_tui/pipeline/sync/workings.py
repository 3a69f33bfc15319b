"""What is read of Applications and what tells more of them, and what can be done to them.

Rollouts and their ReplicaSets are watched too, to tell whose state an Application's health is, for Argo CD
keeps the health of single resources out of the object, and to tell what is live. AppProjects are watched
for the sync windows that may hold a sync.
"""

from __future__ import annotations

from collections.abc import Iterable

from trombone_tui.core.objects.apps import REPLICA_SET, ReplicaSet
from trombone_tui.core.objects.argo_cd import APPLICATION, Application
from trombone_tui.core.objects.argo_cd_projects import APP_PROJECT, AppProject
from trombone_tui.core.objects.argo_rollouts import HASH_LABEL, ROLLOUT, Rollout
from trombone_tui.core.stage import Key, Source, Workings, own_key
from trombone_tui.pipeline.sync.details import explain_application
from trombone_tui.pipeline.sync.row import SyncFields, read_application
from trombone_tui.pipeline.sync.verbs import VERBS


def _application(application: Application) -> Iterable[Key]:
    return (own_key("Application", application.metadata),)


def _nothing(_: Application) -> object:
    """Say that no row reads anything of another Application."""
    return None


def _rollout(rollout: Rollout) -> Iterable[Key]:
    return (own_key("Rollout", rollout.metadata),)


def _of_rollout(rollout: Rollout) -> object:
    """Name all that an Application's row reads of a Rollout."""
    status = rollout.status
    if status is None:
        return None
    return (
        status.phase,
        status.stable_rs,
        status.current_pod_hash,
        status.abort,
        status.blue_green.active_selector if status.blue_green else None,
        rollout.images,
    )


def _owner(found: ReplicaSet) -> Iterable[Key]:
    return found.metadata.owner_keys("Rollout")


def _of_replica_set(found: ReplicaSet) -> object:
    """Name all that an Application's row reads of a ReplicaSet."""
    return (found.metadata.label(HASH_LABEL), found.images)


def _project(project: AppProject) -> Iterable[Key]:
    return (own_key("AppProject", project.metadata),)


WORKINGS = Workings(
    sources=(
        Source(
            kind=APPLICATION,
            read=read_application,
            explain=explain_application,
            keys=_application,
            shared=_nothing,
        ),
        Source(kind=ROLLOUT, keys=_rollout, shared=_of_rollout),
        Source(kind=REPLICA_SET, keys=_owner, shared=_of_replica_set),
        Source(kind=APP_PROJECT, keys=_project),
    ),
    fields=SyncFields,
    verbs=VERBS,
)
