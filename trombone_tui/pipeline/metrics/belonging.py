"""Whose a run or an Experiment is: its Rollout, directly or through its Experiment, and what that wants.

A run of an Experiment has neither revision nor hash of its own
(``argo-rollouts@v1.9.1:experiments/experiment.go``, newAnalysisRun), so both are the Experiment's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from trombone_tui.core.objects.argo_rollouts import HASH_LABEL, REVISION_ANNOTATION, ROLLOUT
from trombone_tui.core.objects.basics import Meta
from trombone_tui.core.objects.experiments import EXPERIMENT
from trombone_tui.core.stage import Around, Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Belonging:
    """What owns an object, and whether that still wants what is judged."""

    rollout: Key | None = None
    """The Rollout's key; None where there is none or the Experiment between can't be seen."""
    experiment: str = ""
    """The Experiment that owns a run; empty for an Experiment itself."""
    revision: int | None = None
    hash: str = ""
    """Of the template that is judged."""
    outdated: bool = False
    """Whether the Rollout wants another version by now."""
    aborted: bool = False
    """Whether the Rollout's update is aborted, and it is the one that is judged."""

    @property
    def joins(self) -> tuple[str, ...]:
        """What it shares with the Rollout's items; nothing once it is outdated."""
        return ("/".join(self.rollout),) if self.rollout and not self.outdated else ()


def owners(meta: Meta) -> Iterator[Key]:
    """Return the keys of the Rollout and the Experiment that own an object."""
    return meta.owner_keys("Rollout", "Experiment")


def belonging(meta: Meta, around: Around) -> Belonging:
    """Find out whose an object is."""
    owner = meta.owner("Experiment")
    experiment = (owner.name or "") if owner else ""
    judged = _experiment(meta, around) if experiment else meta
    if judged is None:
        return Belonging(experiment=experiment)
    rollout = next(judged.owner_keys("Rollout"), None)
    judges = judged.label(HASH_LABEL)
    told = [one.status for one in around.linked(ROLLOUT, rollout) if one.status] if rollout else []
    outdated = bool(judges) and any(one.current_pod_hash not in (None, "", judges) for one in told)
    return Belonging(
        rollout=rollout,
        experiment=experiment,
        revision=whole_number(judged.annotation(REVISION_ANNOTATION)),
        hash=judges,
        outdated=outdated,
        aborted=bool(judges) and not outdated and any(one.abort for one in told),
    )


def _experiment(meta: Meta, around: Around) -> Meta | None:
    """Return the metadata of the very Experiment that owns a run: not of a later one of that name."""
    owner = meta.owner("Experiment")
    if owner is None or not owner.name:
        return None
    found = [one.metadata for one in around.linked(EXPERIMENT, ("Experiment", meta.namespace, owner.name))]
    return next((one for one in found if not owner.uid or one.uid == owner.uid), None)


def whole_number(written: int | str) -> int | None:
    """Read a count that may be written as text."""
    if isinstance(written, int):
        return written
    try:
        return int(written)
    except ValueError:
        return None
