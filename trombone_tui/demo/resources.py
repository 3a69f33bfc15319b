"""The catalogue of kinds the embedded cluster serves: names, scope, subresources, printer columns.

Sources: the CRDs of argo-rollouts@v1.9.1, argo-workflows@v3.7.18 (``minimal``), argo-cd@v3.2.6,
argo-events@v1.9.11 and argocd-image-updater@v1.3.0; core kinds as kube-apiserver 1.36 serves them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trombone_tui.demo.errors import qualified


@dataclass(frozen=True, slots=True)
class Column:
    """A printer column: its cell is what ``path`` finds, or what ``tables.py`` computes for core kinds."""

    name: str
    path: str = ""
    type: str = "string"
    format: str = ""
    priority: int = 0
    description: str = ""


AGE = Column("Age", ".metadata.creationTimestamp", "date", description="Time since resource was created")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A kind as the API server serves it."""

    group: str
    version: str
    plural: str
    singular: str
    kind: str
    namespaced: bool = True
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    status_subresource: bool = False
    scale_subresource: bool = False
    columns: tuple[Column, ...] = (AGE,)
    strategic_merge: bool = False
    """Built into the server: takes strategic merge patches; custom resources answer 415."""
    generations: bool = True
    """Whether ``metadata.generation`` is kept; most core kinds have none."""

    @property
    def name(self) -> str:
        """The name RBAC, messages and the store use: ``workflows.argoproj.io``, ``pods``."""
        return qualified(self.plural, self.group)

    @property
    def api_version(self) -> str:
        """What objects carry as ``apiVersion``."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def path(self) -> str:
        """The URL path of the group and version, without a slash at its end."""
        return f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"


def _argo(kind: str, plural: str, *short: str, status: bool = False, **more: Any) -> Resource:
    return Resource(
        group="argoproj.io",
        version="v1alpha1",
        plural=plural,
        singular=kind.lower(),
        kind=kind,
        short_names=short,
        status_subresource=status,
        **more,
    )


def _built_in(kind: str, plural: str, *short: str, group: str = "", **more: Any) -> Resource:
    return Resource(
        group=group,
        version="v1",
        plural=plural,
        singular=kind.lower(),
        kind=kind,
        short_names=short,
        strategic_merge=True,
        **more,
    )


_PHASE = Column("Status", ".status.phase")

WORKFLOWS = (
    _argo(
        "Workflow",
        "workflows",
        "wf",
        columns=(
            Column("Status", ".status.phase", description="Status of the workflow"),
            Column("Age", ".status.startedAt", "date", "date-time", 0, "When the workflow was started"),
            Column(
                "Message",
                ".status.message",
                description=(
                    "Human readable message indicating details about why the workflow is in this condition."
                ),
            ),
        ),
    ),
    _argo("WorkflowTemplate", "workflowtemplates", "wftmpl"),
    _argo("ClusterWorkflowTemplate", "clusterworkflowtemplates", "clusterwftmpl", "cwft", namespaced=False),
    _argo("CronWorkflow", "cronworkflows", "cwf", "cronwf"),
    _argo("WorkflowTaskResult", "workflowtaskresults"),
)

EVENTS = (
    _argo("EventSource", "eventsources", "es", status=True),
    _argo("Sensor", "sensors", "sn", status=True),
    _argo("EventBus", "eventbus", "eb", status=True),
)

ROLLOUTS = (
    _argo(
        "Rollout",
        "rollouts",
        "ro",
        status=True,
        scale_subresource=True,
        columns=(
            Column("Desired", ".spec.replicas", "integer", description="Number of desired pods"),
            Column(
                "Current",
                ".status.replicas",
                "integer",
                description="Total number of non-terminated pods targeted by this rollout",
            ),
            Column(
                "Up-to-date",
                ".status.updatedReplicas",
                "integer",
                description=(
                    "Total number of non-terminated pods targeted by this rollout "
                    "that have the desired template spec"
                ),
            ),
            Column(
                "Available",
                ".status.availableReplicas",
                "integer",
                description=(
                    "Total number of available pods (ready for at least minReadySeconds) "
                    "targeted by this rollout"
                ),
            ),
            AGE,
        ),
    ),
    _argo(
        "AnalysisRun",
        "analysisruns",
        "ar",
        columns=(Column("Status", ".status.phase", description="AnalysisRun status"), AGE),
    ),
    _argo("AnalysisTemplate", "analysistemplates", "at"),
    _argo("ClusterAnalysisTemplate", "clusteranalysistemplates", "cat", namespaced=False),
    _argo(
        "Experiment",
        "experiments",
        "exp",
        columns=(Column("Status", ".status.phase", description="Experiment status"), AGE),
    ),
)

SYNC = (
    _argo(
        "Application",
        "applications",
        "app",
        "apps",
        columns=(
            Column("Sync Status", ".status.sync.status"),
            Column("Health Status", ".status.health.status"),
            Column("Revision", ".status.sync.revision", priority=10),
            Column("Project", ".spec.project", priority=10),
        ),
    ),
    _argo("AppProject", "appprojects", "appproj", "appprojs"),
    _argo("ApplicationSet", "applicationsets", "appset", "appsets", status=True),
)

IMAGES = (
    Resource(
        group="argocd-image-updater.argoproj.io",
        version="v1alpha1",
        plural="imageupdaters",
        singular="imageupdater",
        kind="ImageUpdater",
        status_subresource=True,
        columns=(
            Column("Apps", ".status.applicationsMatched", "integer"),
            Column("Images", ".status.imagesManaged", "integer"),
            Column("Last Checked", ".status.lastCheckedAt", "date"),
            Column("Ready", ".status.conditions[?(@.type=='Ready')].status"),
        ),
    ),
)

CORE = (
    _built_in(
        "Namespace",
        "namespaces",
        "ns",
        namespaced=False,
        status_subresource=True,
        generations=False,
        columns=(_PHASE, AGE),
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
            AGE,
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
            AGE,
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
            Column("Count", ".count", "integer", priority=1),
            Column("Name", ".metadata.name", priority=1),
        ),
    ),
    _built_in("ConfigMap", "configmaps", "cm", generations=False, columns=(Column("Data"), AGE)),
    _built_in("Secret", "secrets", generations=False, columns=(Column("Type", ".type"), Column("Data"), AGE)),
    _built_in("ServiceAccount", "serviceaccounts", "sa", generations=False, columns=(Column("Secrets"), AGE)),
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
            AGE,
            Column("Version", ".status.nodeInfo.kubeletVersion"),
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
            AGE,
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
            AGE,
        ),
    ),
    _built_in(
        "Job",
        "jobs",
        group="batch",
        status_subresource=True,
        categories=("all",),
        columns=(Column("Status"), Column("Completions"), Column("Duration"), AGE),
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
            AGE,
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
        columns=(Column("Created At", ".metadata.creationTimestamp"),),
    ),
)

RESOURCES: tuple[Resource, ...] = (*CORE, *WORKLOADS, *WORKFLOWS, *EVENTS, *ROLLOUTS, *SYNC, *IMAGES)
