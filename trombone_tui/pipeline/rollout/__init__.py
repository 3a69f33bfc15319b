"""Argo Rollouts: how far a canary or blue-green update is, and what holds it.

Phase, message, step and weights are the official command line's, so that ``kubectl argo rollouts get
rollout`` and this program never differ. ReplicaSets are watched for images and, without traffic
routing, for the actual weight; where they can't be seen both are unknown.
"""

from __future__ import annotations

from collections.abc import Iterable

from trombone_tui.core.objects.apps import REPLICA_SET, ReplicaSet
from trombone_tui.core.objects.argo_rollouts import HASH_LABEL, ROLLOUT, Rollout
from trombone_tui.core.stage import Column, Key, Source, Stage, own_key
from trombone_tui.pipeline.rollout.details import explain_rollout
from trombone_tui.pipeline.rollout.row import RolloutFields, read_rollout


def _own(rollout: Rollout) -> Iterable[Key]:
    return (own_key("Rollout", rollout.metadata),)


def _owner(found: ReplicaSet) -> Iterable[Key]:
    owner = found.metadata.owner("Rollout")
    return (("Rollout", found.metadata.namespace, owner.name or ""),) if owner else ()


def _read_of(found: ReplicaSet) -> object:
    """Name all that a Rollout's row reads of a ReplicaSet."""
    spec, status = found.spec, found.status
    return (
        found.metadata.label(HASH_LABEL),
        spec.replicas if spec else None,
        spec.template.images if spec and spec.template else None,
        status.available_replicas if status else None,
        status is None,
    )


STAGE = Stage(
    name="rollout",
    title="Rollout",
    about="Argo Rollouts: step, weights and what holds each canary or blue-green update.",
    sources=(
        Source(kind=ROLLOUT, read=read_rollout, explain=explain_rollout, keys=_own),
        Source(kind=REPLICA_SET, keys=_owner, shared=_read_of),
    ),
    columns=(
        Column(key="name", title="ROLLOUT", width=20, rank=0),
        Column(key="namespace", title="NAMESPACE", width=14, rank=5),
        Column(key="phase", title="PHASE", width=11, rank=0),
        Column(key="brief", title="AT", width=10, rank=0),
        Column(key="actual_weight", title="ACTUAL", width=6, right=True, rank=4),
        Column(key="versions", title="VERSION", width=18, rank=3),
        Column(key="ready", title="READY", width=5, right=True, rank=2),
        Column(key="desired", title="WANT", width=4, right=True, rank=2),
        Column(key="since", title="SINCE", width=6, right=True, rank=4),
        Column(key="why", title="WHY", width=30, grow=True, rank=1),
    ),
    fields=RolloutFields,
)
