"""The kinds that are built into every API server, as kube-apiserver 1.36 serves them."""

from __future__ import annotations

from typing import Any

from trombone_tui.demo.kinds import Column, Resource


def _built_in(
    kind: str, plural: str, *short: str, group: str = "", version: str = "v1", **more: Any
) -> Resource:
    return Resource(
        group=group,
        version=version,
        plural=plural,
        singular=kind.lower(),
        kind=kind,
        short_names=short,
        strategic_merge=True,
        **more,
    )


_AGE = Column("Age")
_RBAC = "rbac.authorization.k8s.io"
_WIDE = (Column("Containers", priority=1), Column("Images", priority=1), Column("Selector", priority=1))
_PHASE = Column("Status", ".status.phase")

CORE = (
    _built_in(
        "Namespace",
        "namespaces",
        "ns",
        namespaced=False,
        status_subresource=True,
        generations=False,
        columns=(_PHASE, _AGE),
    ),
    _built_in(
        "Pod",
        "pods",
        "po",
        status_subresource=True,
        categories=("all",),
        columns=(
            Column("Ready"),
            Column("Status"),
            Column("Restarts"),
            _AGE,
            Column("IP", ".status.podIP", priority=1),
            Column("Node", ".spec.nodeName", priority=1),
            Column("Nominated Node", ".status.nominatedNodeName", priority=1),
            Column("Readiness Gates", priority=1),
        ),
    ),
    _built_in(
        "Service",
        "services",
        "svc",
        status_subresource=True,
        generations=False,
        categories=("all",),
        columns=(
            Column("Type", ".spec.type"),
            Column("Cluster-IP", ".spec.clusterIP"),
            Column("External-IP"),
            Column("Port(s)"),
            _AGE,
            Column("Selector", priority=1),
        ),
    ),
    _built_in(
        "Event",
        "events",
        "ev",
        generations=False,
        columns=(
            Column("Last Seen"),
            Column("Type", ".type"),
            Column("Reason", ".reason"),
            Column("Object"),
            Column("Subobject", ".involvedObject.fieldPath", priority=1),
            Column("Source", ".source.component", priority=1),
            Column("Message", ".message"),
            Column("First Seen", priority=1),
            Column("Count", ".count", priority=1),
            Column("Name", ".metadata.name", format="name", priority=1),
        ),
    ),
    _built_in("ConfigMap", "configmaps", "cm", generations=False, columns=(Column("Data"), _AGE)),
    _built_in(
        "Secret", "secrets", generations=False, columns=(Column("Type", ".type"), Column("Data"), _AGE)
    ),
    _built_in("ServiceAccount", "serviceaccounts", "sa", generations=False, columns=(_AGE,)),
    _built_in("Role", "roles", group=_RBAC, generations=False, columns=(Column("Created At", type="date"),)),
    _built_in(
        "RoleBinding",
        "rolebindings",
        group=_RBAC,
        generations=False,
        columns=(Column("Role"), _AGE),
    ),
    _built_in(
        "Node",
        "nodes",
        "no",
        namespaced=False,
        status_subresource=True,
        generations=False,
        columns=(
            Column("Status"),
            Column("Roles"),
            _AGE,
            Column("Version", ".status.nodeInfo.kubeletVersion"),
            Column("Internal-IP", ".status.addresses[?(@.type=='InternalIP')].address", priority=1),
            Column("External-IP", ".status.addresses[?(@.type=='ExternalIP')].address", priority=1),
            Column("OS-Image", ".status.nodeInfo.osImage", priority=1),
            Column("Kernel-Version", ".status.nodeInfo.kernelVersion", priority=1),
            Column("Container-Runtime", ".status.nodeInfo.containerRuntimeVersion", priority=1),
        ),
    ),
)

_REPLICAS: dict[str, Any] = {"status_subresource": True, "scale_subresource": True, "categories": ("all",)}

WORKLOADS = (
    _built_in(
        "Deployment",
        "deployments",
        "deploy",
        group="apps",
        **_REPLICAS,
        columns=(
            Column("Ready"),
            Column("Up-to-date", ".status.updatedReplicas", "string"),
            Column("Available", ".status.availableReplicas", "string"),
            _AGE,
            *_WIDE,
        ),
    ),
    _built_in(
        "ReplicaSet",
        "replicasets",
        "rs",
        group="apps",
        **_REPLICAS,
        columns=(
            Column("Desired", ".spec.replicas", "integer"),
            Column("Current", ".status.replicas", "integer"),
            Column("Ready", ".status.readyReplicas", "integer"),
            _AGE,
            *_WIDE,
        ),
    ),
    _built_in(
        "StatefulSet",
        "statefulsets",
        "sts",
        group="apps",
        **_REPLICAS,
        columns=(Column("Ready"), _AGE, *_WIDE[:2]),
    ),
    _built_in(
        "Job",
        "jobs",
        group="batch",
        status_subresource=True,
        categories=("all",),
        columns=(Column("Status"), Column("Completions"), Column("Duration"), _AGE, *_WIDE),
    ),
    _built_in(
        "Ingress",
        "ingresses",
        "ing",
        group="networking.k8s.io",
        status_subresource=True,
        columns=(
            Column("Class", ".spec.ingressClassName"),
            Column("Hosts"),
            Column("Address"),
            Column("Ports"),
            _AGE,
        ),
    ),
    _built_in(
        "HorizontalPodAutoscaler",
        "horizontalpodautoscalers",
        "hpa",
        group="autoscaling",
        version="v2",
        status_subresource=True,
        generations=False,
        categories=("all",),
        columns=(
            Column("Reference"),
            Column("MinPods", ".spec.minReplicas"),
            Column("MaxPods", ".spec.maxReplicas", "integer"),
            Column("Replicas", ".status.currentReplicas", "integer"),
            _AGE,
        ),
    ),
    _built_in(
        "PodDisruptionBudget",
        "poddisruptionbudgets",
        "pdb",
        group="policy",
        status_subresource=True,
        columns=(
            Column("Min Available", ".spec.minAvailable"),
            Column("Allowed Disruptions", ".status.disruptionsAllowed", "integer"),
            _AGE,
        ),
    ),
    _built_in(
        "CustomResourceDefinition",
        "customresourcedefinitions",
        "crd",
        "crds",
        group="apiextensions.k8s.io",
        namespaced=False,
        status_subresource=True,
        categories=("api-extensions",),
        columns=(Column("Created At", type="date"),),
    ),
)
