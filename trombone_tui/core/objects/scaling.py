"""What changes and bounds the number of pods: HorizontalPodAutoscaler and PodDisruptionBudget.

Fields: ``k8s.io/api@v0.36.3:autoscaling/v2/types.go`` and ``policy/v1/types.go``.
"""

from __future__ import annotations

from trombone_tui.core.objects.apps import Selector
from trombone_tui.core.objects.basics import Condition, Kind, Object, Partial, Time


class ScaleTarget(Partial):
    """``spec.scaleTargetRef``."""

    api_version: str | None = None
    kind: str | None = None
    name: str | None = None


class AutoscalerSpec(Partial):
    """``spec``; ``minReplicas`` counts as 1 when absent."""

    scale_target_ref: ScaleTarget | None = None
    min_replicas: int | None = None
    max_replicas: int | None = None


class AutoscalerStatus(Partial):
    """``status``."""

    current_replicas: int | None = None
    desired_replicas: int | None = None
    last_scale_time: Time | None = None
    conditions: list[Condition] | None = None


class HorizontalPodAutoscaler(Object):
    """Changes the number of pods by what is measured."""

    spec: AutoscalerSpec | None = None
    status: AutoscalerStatus | None = None


class BudgetSpec(Partial):
    """``spec``: one of the two numbers; without a selector it means no pod."""

    selector: Selector | None = None
    min_available: int | str | None = None
    max_unavailable: int | str | None = None


class BudgetStatus(Partial):
    """``status``."""

    disruptions_allowed: int | None = None
    current_healthy: int | None = None
    desired_healthy: int | None = None
    expected_pods: int | None = None


class PodDisruptionBudget(Object):
    """How many pods may be missing on purpose."""

    spec: BudgetSpec | None = None
    status: BudgetStatus | None = None


AUTOSCALER = Kind(
    name="HorizontalPodAutoscaler",
    plural="horizontalpodautoscalers",
    group="autoscaling",
    version="v2",
    shape=HorizontalPodAutoscaler,
)
DISRUPTION_BUDGET = Kind(
    name="PodDisruptionBudget",
    plural="poddisruptionbudgets",
    group="policy",
    version="v1",
    shape=PodDisruptionBudget,
)
