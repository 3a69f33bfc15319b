"""What is read of Rollouts and all that belongs to them, and what can be done to them.

ReplicaSets are watched for images and, without traffic routing, for the actual weight; where they can't be
seen both are unknown.
"""

from __future__ import annotations

from trombone_tui.core.objects.apps import REPLICA_SET
from trombone_tui.core.objects.argo_cd import APPLICATION
from trombone_tui.core.objects.argo_rollouts import ANALYSIS_RUN, ROLLOUT
from trombone_tui.core.objects.experiments import EXPERIMENT
from trombone_tui.core.objects.pods import ROLLOUT_POD
from trombone_tui.core.stage import Source, Workings
from trombone_tui.pipeline.rollout import kin
from trombone_tui.pipeline.rollout.details import explain_rollout
from trombone_tui.pipeline.rollout.logs import rollout_logs
from trombone_tui.pipeline.rollout.row import RolloutFields, read_rollout
from trombone_tui.pipeline.rollout.verbs import ROLLOUT_VERBS

WORKINGS = Workings(
    sources=(
        Source(kind=ROLLOUT, read=read_rollout, explain=explain_rollout, logs=rollout_logs, keys=kin.itself),
        Source(kind=REPLICA_SET, keys=kin.owners, shared=kin.of_replica_set),
        Source(kind=ROLLOUT_POD, keys=kin.replica_set, shared=kin.of_pod),
        Source(kind=ANALYSIS_RUN, keys=kin.owners, shared=kin.of_run),
        Source(kind=EXPERIMENT, keys=kin.owners),
        Source(kind=APPLICATION, keys=kin.managed),
    ),
    fields=RolloutFields,
    verbs=ROLLOUT_VERBS,
)
