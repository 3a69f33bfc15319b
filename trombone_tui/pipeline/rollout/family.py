"""What belongs to one Rollout: ReplicaSets, pods, AnalysisRuns, Experiments.

Owners and annotations: ``argo-rollouts@v1.9.1:pkg/kubectl-argo-rollouts/info/rollout_info.go``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from trombone_tui.core.objects.apps import REPLICA_SET, ReplicaSet
from trombone_tui.core.objects.argo_cd import APPLICATION, Application
from trombone_tui.core.objects.argo_rollouts import (
    ANALYSIS_RUN,
    HASH_LABEL,
    AnalysisRun,
    Rollout,
)
from trombone_tui.core.objects.basics import Meta, Object
from trombone_tui.core.objects.experiments import EXPERIMENT, Experiment
from trombone_tui.core.objects.pods import ROLLOUT_POD, Pod
from trombone_tui.core.questions import Answer, Objects
from trombone_tui.core.stage import Around, own_key

ObjectT = TypeVar("ObjectT", bound=Object)


class Family:
    """Finds what a Rollout owns. Each kind is looked up when it is asked for: a row hangs on no more."""

    def __init__(self, rollout: Rollout, around: Around) -> None:
        self.rollout, self._around = rollout, around
        self.sets: tuple[ReplicaSet, ...] = _owned(
            around.linked(REPLICA_SET, own_key("Rollout", rollout.metadata)), "Rollout", rollout.metadata
        )
        self.seen = around.visible(REPLICA_SET)
        """Whether the ReplicaSets can be seen."""

    def of_hash(self, wanted: str | None) -> ReplicaSet | None:
        """Return the ReplicaSet of the template with this hash."""
        found = (one for one in self.sets if one.metadata.label(HASH_LABEL) == wanted)
        return next(found, None) if wanted else None

    @property
    def pods_seen(self) -> bool:
        """Whether the pods can be seen."""
        return self._around.visible(ROLLOUT_POD)

    @property
    def runs_seen(self) -> bool:
        """Whether the AnalysisRuns can be seen."""
        return self._around.visible(ANALYSIS_RUN)

    @property
    def experiments_seen(self) -> bool:
        """Whether the Experiments can be seen."""
        return self._around.visible(EXPERIMENT)

    @property
    def applications_seen(self) -> bool:
        """Whether the Applications can be seen."""
        return self._around.visible(APPLICATION)

    @property
    def pods_asked(self) -> Answer[Sequence[Any]]:
        """What comes of asking for the namespace's pods, where not all pods can be seen."""
        return self._around.ask(Objects(kind=ROLLOUT_POD, namespace=self.rollout.metadata.namespace))

    def pods(self, of: ReplicaSet) -> tuple[Pod, ...]:
        """Return the pods of a ReplicaSet, by name; asks for them where not all can be seen."""
        found = self._around.linked(ROLLOUT_POD, own_key("ReplicaSet", of.metadata))
        if not found and not self.pods_seen:
            found = self.pods_asked.value or ()
        return _owned(found, "ReplicaSet", of.metadata)

    def runs(self, of: Rollout | Experiment | None = None) -> tuple[AnalysisRun, ...]:
        """Return the AnalysisRuns of the Rollout or of one of its Experiments, by name."""
        kind = "Experiment" if isinstance(of, Experiment) else "Rollout"
        meta = (of or self.rollout).metadata
        return _owned(self._around.linked(ANALYSIS_RUN, own_key(kind, meta)), kind, meta)

    def run(self, name: str | None) -> AnalysisRun | None:
        """Return the Rollout's AnalysisRun of that name."""
        return next((one for one in self.runs() if one.metadata.name == name), None) if name else None

    def experiments(self) -> tuple[Experiment, ...]:
        """Return the Experiments, by name."""
        meta = self.rollout.metadata
        return _owned(self._around.linked(EXPERIMENT, own_key("Rollout", meta)), "Rollout", meta)

    def experiment_sets(self, of: Experiment) -> tuple[ReplicaSet, ...]:
        """Return the ReplicaSets of an Experiment, by name."""
        found = self._around.linked(REPLICA_SET, own_key("Experiment", of.metadata))
        return _owned(found, "Experiment", of.metadata)

    def applications(self) -> Sequence[Application]:
        """Return Argo CD's Applications that manage the Rollout, by name."""
        found = self._around.linked(APPLICATION, own_key("Rollout", self.rollout.metadata))
        return sorted(found, key=lambda one: (one.metadata.namespace, one.metadata.name))


def _owned(found: Iterable[ObjectT], kind: str, meta: Meta) -> tuple[ObjectT, ...]:
    """Keep what this very object owns: one of a former owner of that name has another ``uid``."""
    mine = (one for one in found if (owner := one.metadata.owner(kind)) and owner.uid == meta.uid)
    return tuple(sorted(mine, key=lambda one: one.metadata.name))
