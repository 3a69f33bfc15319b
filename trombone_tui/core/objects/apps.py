"""ReplicaSet, Deployment and StatefulSet of ``apps/v1``, and the pod template they and a Rollout carry.

Fields: ``k8s.io/api@v0.36.3:apps/v1/types.go`` and ``core/v1/types.go``.
"""

from __future__ import annotations

from collections.abc import Mapping

from trombone_tui.core.objects.basics import Condition, Kind, Meta, Object, Partial


class Container(Partial):
    """One entry of ``spec.containers``."""

    name: str | None = None
    image: str | None = None


class SecretName(Partial):
    """One entry of ``imagePullSecrets``."""

    name: str | None = None


class PodSpec(Partial):
    """The ``spec`` of a pod template."""

    containers: list[Container] | None = None
    image_pull_secrets: list[SecretName] | None = None


class PodTemplate(Partial):
    """``spec.template``; ``metadata`` carries labels and annotations only."""

    metadata: Meta | None = None
    spec: PodSpec | None = None

    @property
    def images(self) -> tuple[str, ...]:
        """The images of the containers, in their order; init containers are left out."""
        containers = self.spec.containers if self.spec else None
        return tuple(c.image for c in containers or () if c.image)


class Requirement(Partial):
    """One entry of ``matchExpressions``."""

    key: str | None = None
    operator: str | None = None
    values: list[str] | None = None

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether labels are as it says; an operator that is not known holds of nothing."""
        there, value = self.key in labels, labels.get(self.key or "")
        return {
            "In": there and value in (self.values or ()),
            "NotIn": not there or value not in (self.values or ()),
            "Exists": there,
            "DoesNotExist": not there,
        }.get(self.operator or "", False)


class Selector(Partial):
    """A label selector."""

    match_labels: dict[str, str] | None = None
    match_expressions: list[Requirement] | None = None

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether it selects what has these labels; an empty one selects everything."""
        pairs = (self.match_labels or {}).items()
        return all(labels.get(key) == value for key, value in pairs) and all(
            one.holds(labels) for one in self.match_expressions or ()
        )


class WorkloadSpec(Partial):
    """``spec`` of a ReplicaSet or Deployment; ``replicas`` counts as 1 when absent."""

    replicas: int | None = None
    selector: Selector | None = None
    template: PodTemplate | None = None


class ReplicaSetStatus(Partial):
    """``status`` of a ReplicaSet; Go leaves a count of 0 out."""

    replicas: int | None = None
    ready_replicas: int | None = None
    available_replicas: int | None = None
    observed_generation: int | None = None
    conditions: list[Condition] | None = None


class ReplicaSet(Object):
    """Pods of one template."""

    spec: WorkloadSpec | None = None
    status: ReplicaSetStatus | None = None

    @property
    def images(self) -> tuple[str, ...]:
        """The images of its template's containers."""
        return self.spec.template.images if self.spec and self.spec.template else ()

    @property
    def wanted(self) -> int:
        """How many pods it should have."""
        return self.spec.replicas if self.spec and self.spec.replicas is not None else 1

    @property
    def available(self) -> int:
        """How many of its pods are available."""
        return (self.status.available_replicas or 0) if self.status else 0


class DeploymentStatus(Partial):
    """``status`` of a Deployment; Go leaves a count of 0 out."""

    replicas: int | None = None
    updated_replicas: int | None = None
    ready_replicas: int | None = None
    available_replicas: int | None = None
    unavailable_replicas: int | None = None
    observed_generation: int | None = None
    conditions: list[Condition] | None = None


class Deployment(Object):
    """ReplicaSets of one workload."""

    spec: WorkloadSpec | None = None
    status: DeploymentStatus | None = None


class StatefulSet(Object):
    """Pods with names of their own; its ``status`` counts as a Deployment's does."""

    spec: WorkloadSpec | None = None
    status: DeploymentStatus | None = None


REPLICA_SET = Kind(
    name="ReplicaSet",
    plural="replicasets",
    group="apps",
    version="v1",
    shape=ReplicaSet,
    selector="rollouts-pod-template-hash",
)
"""Those of Rollouts and Experiments: ``argo-rollouts@v1.9.1:pkg/apis/rollouts/v1alpha1/types.go``."""

DEPLOYMENT = Kind(
    name="Deployment",
    plural="deployments",
    group="apps",
    version="v1",
    shape=Deployment,
    selector="controller in (eventsource-controller,sensor-controller)",
)
"""Those of EventSources and Sensors: ``argo-events@v1.9.11:pkg/reconciler/*/resource.go``."""

STATEFUL_SET = Kind(
    name="StatefulSet",
    plural="statefulsets",
    group="apps",
    version="v1",
    shape=StatefulSet,
    selector="controller=eventbus-controller",
)
"""Those of EventBuses: ``argo-events@v1.9.11:pkg/reconciler/eventbus/installer``."""
