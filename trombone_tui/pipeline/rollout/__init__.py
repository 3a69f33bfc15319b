"""Argo Rollouts: how far a canary or blue-green update is, and what holds it.

Phase, message, step and weights are the official command line's, so that ``kubectl argo rollouts get
rollout`` and this program never differ. ReplicaSets are watched for images and, without traffic
routing, for the actual weight; where they can't be seen both are unknown.
"""

from __future__ import annotations

from trombone_tui.core.objects.apps import REPLICA_SET
from trombone_tui.core.objects.argo_cd import APPLICATION
from trombone_tui.core.objects.argo_rollouts import ANALYSIS_RUN, ROLLOUT
from trombone_tui.core.objects.experiments import EXPERIMENT
from trombone_tui.core.objects.pods import ROLLOUT_POD
from trombone_tui.core.stage import Column, Source, Stage
from trombone_tui.pipeline.rollout import kin
from trombone_tui.pipeline.rollout.details import explain_rollout
from trombone_tui.pipeline.rollout.logs import rollout_logs
from trombone_tui.pipeline.rollout.row import RolloutFields, read_rollout
from trombone_tui.pipeline.rollout.verbs import ROLLOUT_VERBS

STAGE = Stage(
    name="rollout",
    title="Rollout",
    about="Argo Rollouts: step, weights and what holds each canary or blue-green update.",
    sources=(
        Source(kind=ROLLOUT, read=read_rollout, explain=explain_rollout, logs=rollout_logs, keys=kin.itself),
        Source(kind=REPLICA_SET, keys=kin.owners, shared=kin.of_replica_set),
        Source(kind=ROLLOUT_POD, keys=kin.replica_set, shared=kin.of_pod),
        Source(kind=ANALYSIS_RUN, keys=kin.owners, shared=kin.of_run),
        Source(kind=EXPERIMENT, keys=kin.owners),
        Source(kind=APPLICATION, keys=kin.managed),
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
    verbs=ROLLOUT_VERBS,
)
