"""A Rollout's revisions, newest first, with all that belongs to them.

What hangs on what: ``argo-rollouts@v1.9.1:pkg/kubectl-argo-rollouts/info`` and ``viewcontroller``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from trombone_tui.core.objects.analysis_phases import PHASES
from trombone_tui.core.objects.apps import ReplicaSet
from trombone_tui.core.objects.argo_rollouts import HASH_LABEL, AnalysisRun, revision
from trombone_tui.core.objects.basics import Health, condition
from trombone_tui.core.objects.durations import go_duration
from trombone_tui.core.objects.experiments import TEMPLATE_NAME, Experiment
from trombone_tui.core.objects.phrases import counted, shortened
from trombone_tui.core.objects.pods import Pod
from trombone_tui.core.stage import Branch, Tree
from trombone_tui.pipeline.rollout.branches import pod_branch, run_branch
from trombone_tui.pipeline.rollout.clock import left, left_of
from trombone_tui.pipeline.rollout.progress import Progress
from trombone_tui.pipeline.rollout.scale_down import deadline

_MANY = 10
"""A ReplicaSet with more pods than so many, all of them well, is drawn closed."""


def revisions(of: Progress, now: datetime) -> Tree:
    """Draw the revisions of a Rollout; those that neither run nor are on their way are folded."""
    groups: dict[int, tuple[list[ReplicaSet], list[Experiment], list[AnalysisRun]]] = {}
    for found in of.family.sets:
        groups.setdefault(revision(found.metadata), ([], [], []))[0].append(found)
    for experiment in of.family.experiments():
        groups.setdefault(revision(experiment.metadata), ([], [], []))[1].append(experiment)
    for run in of.family.runs():
        groups.setdefault(revision(run.metadata), ([], [], []))[2].append(run)
    drawn = [_revision(of, number, *groups[number], now) for number in sorted(groups, reverse=True)]
    return Tree("Revisions", (*drawn, *_unseen(of)))


def _revision(
    of: Progress,
    number: int,
    sets: list[ReplicaSet],
    experiments: list[Experiment],
    runs: list[AnalysisRun],
    now: datetime,
) -> Branch:
    tags = [tag for one in sets for tag in _tags(of, one)]
    current = bool(tags) or number == revision(of.rollout.metadata)
    images = [image for one in sets for image in one.images]
    return Branch(
        text=f"revision {number}" if number else "without a revision",
        note=", ".join(dict.fromkeys((*tags, *images))),
        branches=(
            *(_set(of, one, now) for one in sets),
            *(_experiment(of, one, now) for one in experiments),
            *(run_branch(one) for one in runs),
        ),
        folded=not current and not any((one.spec.replicas if one.spec else 0) for one in sets),
    )


def _set(of: Progress, found: ReplicaSet, now: datetime) -> Branch:
    wanted, available = found.wanted, found.available
    pods = of.family.pods(found)
    notes = [*_tags(of, found)]
    notes.append(f"{available} of {wanted} available" if wanted or pods else "scaled down")
    until = deadline(found)
    if until is not None and wanted:
        notes.append("scale-down is due" if until <= now else f"scaled down in {left(until, now)}")
    failure = condition(found.status.conditions if found.status else None, "ReplicaFailure")
    failed = failure is not None and failure.status == "True"
    if failure is not None and failed:
        notes.append(shortened(failure.message or failure.reason or "pods can't be created", 200))
    branches = tuple(pod_branch(one, now) for one in pods)
    if not branches and wanted and not of.family.pods_seen:
        branches = (Branch(text=_pods_hidden(of)),)
    return Branch(
        text=f"ReplicaSet {found.metadata.name}",
        note=", ".join(notes),
        health=_set_health(found, wanted, available, pods, failed=failed),
        branches=branches,
        folded=len(pods) > _MANY and all(one.health is Health.HEALTHY for one in pods),
    )


def _set_health(
    found: ReplicaSet, wanted: int, available: int, pods: Iterable[Pod], *, failed: bool
) -> Health | None:
    if failed or any(one.health is Health.DEGRADED for one in pods):
        return Health.DEGRADED
    seen = found.status.observed_generation if found.status else None
    if available < wanted or (seen or 0) < (found.metadata.generation or 0):
        return Health.PROGRESSING
    return Health.HEALTHY if wanted else None


def _tags(of: Progress, found: ReplicaSet) -> Iterator[str]:
    """Say what a ReplicaSet is for, as the official tool's tags do."""
    mine, blue = found.metadata.label(HASH_LABEL), of.status.blue_green
    if mine and mine == of.status.stable_rs:
        yield "stable"
    elif mine and mine == of.status.current_pod_hash and of.strategy == "canary":
        yield "canary"
    if of.strategy == "blue-green" and blue is not None and mine:
        if mine == blue.active_selector:
            yield "active"
        elif mine == blue.preview_selector:
            yield "preview"


def _experiment(of: Progress, found: Experiment, now: datetime) -> Branch:
    status = found.status
    phase = (status.phase if status else None) or "not started"
    words = {one.name: one.status for one in (status.template_statuses if status else None) or ()}
    sets = [
        (one.metadata.annotation(TEMPLATE_NAME), _set(of, one, now))
        for one in of.family.experiment_sets(found)
    ]
    return Branch(
        text=f"Experiment {found.metadata.name}",
        note=", ".join(filter(None, (phase, _rest(found, now), status.message if status else ""))),
        health=PHASES.get(phase),
        branches=(
            *(
                Branch(
                    text=f"template {name or '?'}",
                    note=words.get(name) or "",
                    health=PHASES.get(words.get(name) or ""),
                    branches=(one,),
                )
                for name, one in sets
            ),
            *(run_branch(one) for one in of.family.runs(found)),
        ),
    )


def _rest(found: Experiment, now: datetime) -> str:
    """Say how long a running Experiment takes still."""
    if found.status is None or found.status.phase != "Running":
        return ""
    if found.spec is not None and found.spec.terminate:
        return "told to end"
    return left_of(found.status.available_at, go_duration(found.spec.duration if found.spec else None), now)


def _pods_hidden(of: Progress) -> str:
    asked = of.family.pods_asked
    if asked.trouble is not None:
        return f"pods: {asked.trouble}"
    return "pods: asking for them" if asked.waiting else "no pods"


def _unseen(of: Progress) -> Iterator[Branch]:
    """Name what may belong to the Rollout and can't be seen."""
    seen = (
        ("ReplicaSets", of.family.seen),
        ("AnalysisRuns", of.family.runs_seen),
        ("Experiments", of.family.experiments_seen),
    )
    hidden = [word for word, visible in seen if not visible]
    if hidden:
        yield Branch(text=f"{', '.join(hidden)}: not visible to you", note=counted(len(hidden), "kind"))
