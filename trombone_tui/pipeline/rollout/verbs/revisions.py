"""The revisions that a Rollout can go back to, and what became of each.

A revision is a ReplicaSet (``argo-rollouts@v1.9.1:pkg/kubectl-argo-rollouts/cmd/undo/undo.go``); what
became of it is told by the Rollout's own hashes and by the AnalysisRuns of its hash that are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trombone_tui.core.objects.apps import REPLICA_SET, ReplicaSet
from trombone_tui.core.objects.argo_rollouts import ANALYSIS_RUN, HASH_LABEL, AnalysisRun, revision
from trombone_tui.core.ports import PortError, Refused
from trombone_tui.core.stage import own_key
from trombone_tui.core.verbs import Scene, Whole
from trombone_tui.core.wholes import if_typed
from trombone_tui.pipeline.rollout.verbs.view import View, shortly


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One of a Rollout's templates."""

    number: int
    hash: str
    image: str
    fate: str
    """What became of it, in words."""
    good: bool | None
    """Whether it served well; None where nothing tells."""
    whole: Whole

    def __str__(self) -> str:
        """Name it: ``revision 3 (app:1.0.2)``."""
        return f"revision {self.number} ({self.image})"


async def revisions(scene: Scene, of: View) -> tuple[Revision, ...]:
    """Return a Rollout's revisions, the newest first.

    Raises:
        Refused: its ReplicaSets can't be read.
    """
    try:
        found = await scene.list(REPLICA_SET, of.ref.namespace)
    except PortError as error:
        raise Refused(f"its former versions can't be looked at: {error}", advice=error.advice) from error
    runs: Sequence[AnalysisRun] = scene.linked(ANALYSIS_RUN, own_key("Rollout", of.rollout.metadata))
    made = []
    for whole in found:
        one = if_typed(whole, ReplicaSet)
        if one is not None and _owned(one, of):
            made.append(_revision(one, whole, of, runs))
    return tuple(sorted(made, key=lambda one: -one.number))


def _owned(found: ReplicaSet, of: View) -> bool:
    uid = of.rollout.metadata.uid
    owners = found.metadata.owner_references or ()
    return bool(uid) and any(one.controller and one.uid == uid for one in owners)


def _revision(found: ReplicaSet, whole: Whole, of: View, runs: Sequence[AnalysisRun]) -> Revision:
    of_hash = found.metadata.label(HASH_LABEL)
    number = revision(found.metadata)
    fate, good = _fate(of_hash, number, of, runs)
    return Revision(
        number=number,
        hash=of_hash,
        image=shortly(found.images),
        fate=fate,
        good=good,
        whole=whole,
    )


def _fate(of_hash: str, number: int, of: View, runs: Sequence[AnalysisRun]) -> tuple[str, bool | None]:
    status = of.status
    if of_hash and of_hash == status.stable_rs:
        return "is the stable version", True
    if of_hash and of_hash == status.current_pod_hash:
        if status.abort:
            return "was aborted", False
        return ("is Degraded", False) if of.phase == "Degraded" else ("is on its way", None)
    judged = [run for run in runs if run.metadata.label(HASH_LABEL) == of_hash and run.status]
    latest = [run for run in judged if revision(run.metadata) == number] or judged
    for run in latest:
        phase = run.status.phase if run.status else None
        if phase in ("Failed", "Error"):
            return f"was aborted: its analysis {run.metadata.name} ended {phase}", False
    phases = {run.status.phase for run in latest if run.status}
    if phases == {"Successful"}:
        return "passed its analysis", True
    return "may have served well or not: no decided analysis of it is kept", None


def last_healthy(found: Sequence[Revision], but: Sequence[str]) -> Revision | None:
    """Return the newest revision that served well, those of some hashes left out."""
    others = [one for one in found if one.hash not in but]
    return next((one for one in others if one.good), None) or next(
        (one for one in others if one.good is None), None
    )
