"""The six controllers that the pipeline stands on: what each serves, and how its makers have it installed."""

from __future__ import annotations

from trombone_tui.core.installing import Controller

_GITHUB = "https://github.com/argoproj"
_RAW = "https://raw.githubusercontent.com"

CONTROLLERS = (
    Controller(
        name="Argo Events",
        stage="events",
        kinds=("EventBus.argoproj.io", "EventSource.argoproj.io", "Sensor.argoproj.io"),
        commands=(
            "kubectl create namespace argo-events",
            f"kubectl apply -f {_RAW}/argoproj/argo-events/v1.9.11/manifests/install.yaml",
        ),
        docs="https://argoproj.github.io/argo-events/installation/",
    ),
    Controller(
        name="Argo Workflows",
        stage="workflows",
        kinds=("Workflow.argoproj.io", "WorkflowTemplate.argoproj.io"),
        commands=(
            "kubectl create namespace argo",
            "kubectl apply --server-side -n argo"
            f" -f {_GITHUB}/argo-workflows/releases/download/v4.1.2/install.yaml",
        ),
        docs="https://argo-workflows.readthedocs.io/en/latest/installation/",
    ),
    Controller(
        name="Argo CD Image Updater",
        stage="images",
        kinds=("ImageUpdater.argocd-image-updater.argoproj.io",),
        commands=(
            "kubectl apply -n argocd"
            f" -f {_RAW}/argoproj-labs/argocd-image-updater/v1.3.0/config/install.yaml",
        ),
        docs="https://argocd-image-updater.readthedocs.io/en/stable/install/installation/",
    ),
    Controller(
        name="Argo CD",
        stage="sync",
        kinds=("AppProject.argoproj.io", "Application.argoproj.io"),
        commands=(
            "kubectl create namespace argocd",
            "kubectl apply --server-side --force-conflicts -n argocd"
            f" -f {_RAW}/argoproj/argo-cd/v3.5.1/manifests/install.yaml",
        ),
        docs="https://argo-cd.readthedocs.io/en/stable/getting_started/",
    ),
    Controller(
        name="Argo Rollouts",
        stage="rollout",
        kinds=("Rollout.argoproj.io", "AnalysisTemplate.argoproj.io"),
        commands=(
            "kubectl create namespace argo-rollouts",
            "kubectl apply -n argo-rollouts"
            f" -f {_GITHUB}/argo-rollouts/releases/download/v1.9.1/install.yaml",
        ),
        docs="https://argo-rollouts.readthedocs.io/en/stable/installation/",
    ),
    Controller(
        name="Prometheus",
        stage="metrics",
        kinds=(),
        commands=(
            "helm install prometheus prometheus -n monitoring --create-namespace"
            " --repo https://prometheus-community.github.io/helm-charts",
        ),
        docs="https://prometheus.io/docs/prometheus/latest/installation/",
    ),
)
"""In travel order, as what was the newest version when this was written."""


def bringing(group: str, kind: str) -> Controller | None:
    """Return the controller that brings a kind; None for Kubernetes' own."""
    return next((one for one in CONTROLLERS if f"{kind}.{group}" in one.kinds), None)
