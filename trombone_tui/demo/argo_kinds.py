"""The kinds of Argo's projects, as their CustomResourceDefinitions declare them.

Sources: argo-rollouts@v1.9.1, argo-workflows@v3.7.18 (``minimal``), argo-cd@v3.2.6, argo-events@v1.9.11,
argocd-image-updater@v1.3.0.
"""

from __future__ import annotations

from typing import Any

from trombone_tui.demo.kinds import AGE, Column, Resource


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
