"""``restart``: replace all pods, by evictions in batches (``argo-rollouts@v1.9.1:rollout/restart.go``)."""

from __future__ import annotations

from trombone_tui.core.objects.durations import rfc3339, stamp
from trombone_tui.core.objects.scaling import (
    AUTOSCALER,
    DISRUPTION_BUDGET,
    HorizontalPodAutoscaler,
    PodDisruptionBudget,
)
from trombone_tui.core.ports import PortError
from trombone_tui.core.verbs import Plan, Scene
from trombone_tui.core.wholes import all_typed
from trombone_tui.pipeline.rollout.verbs import requests
from trombone_tui.pipeline.rollout.verbs.effects import patience, proof, restarted
from trombone_tui.pipeline.rollout.verbs.view import View, view


async def restart(scene: Scene) -> Plan:
    """Plan to replace all pods that are there now."""
    of = view(scene.ref, scene.whole)
    at = rfc3339(scene.now)
    before = of.status.restarted_at
    return Plan(
        before=f"restarted last on {stamp(before)}" if before else "never restarted",
        after=f"every pod younger than {at}",
        writes=(requests.main(of.ref, {"spec": {"restartAt": at}}, "ask for a restart"),),
        proof=proof(
            of,
            scene.now,
            f"restartedAt {at} and {'Healthy' if of.phase in ('', 'Healthy') else f'Healthy or {of.phase}'}",
            restarted(of, at),
            within=patience(of),
        ),
        warnings=(*_alone(of), *await _scaled(scene, of), *await _budgets(scene, of)),
        command=requests.plugin(of.ref, "restart"),
    )


def _alone(of: View) -> tuple[str, ...]:
    wanted = 1 if of.spec.replicas is None else of.spec.replicas
    return ("It has one pod only: while that is replaced there is none.",) if wanted == 1 else ()


async def _scaled(scene: Scene, of: View) -> tuple[str, ...]:
    """Name an autoscaler that may bring it down to one pod; without one nothing needs to be said."""
    try:
        found = await scene.list(AUTOSCALER, of.ref.namespace)
    except PortError:
        return ()
    told = []
    for one in all_typed(found, HorizontalPodAutoscaler):
        spec = one.spec
        target = spec.scale_target_ref if spec else None
        mine = target is not None and (target.kind, target.name) == ("Rollout", of.ref.name)
        if spec is not None and mine and (spec.min_replicas or 1) == 1:
            told.append(
                "A HorizontalPodAutoscaler may bring it down to one pod: then there is none meanwhile."
            )
    return tuple(told)


async def _budgets(scene: Scene, of: View) -> tuple[str, ...]:
    """Say which PodDisruptionBudget keeps its pods from being evicted just now."""
    template = of.spec.template
    labels = (template.metadata.labels if template and template.metadata else None) or {}
    try:
        found = await scene.list(DISRUPTION_BUDGET, of.ref.namespace)
    except PortError as error:
        return (f"Whether a PodDisruptionBudget holds its pods can't be seen: {error}.",)
    told = []
    for budget in all_typed(found, PodDisruptionBudget):
        selector = budget.spec.selector if budget.spec else None
        if not labels or selector is None or not selector.matches(labels):
            continue
        if budget.status is not None and not budget.status.disruptions_allowed:
            told.append(
                f"PodDisruptionBudget {budget.metadata.name} lets no pod go now: "
                "the restart waits until it does."
            )
    return tuple(told)
