"""The objects people apply before the first push: Sensors, templates, Applications, ImageUpdaters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trombone_tui.demo.story.services import ARGO_CD, CI, REGISTRY, SERVER, Outcome, ServicePlan
from trombone_tui.demo.story.targets import LATENCY

Object = dict[str, Any]

BUILDER = f"{REGISTRY}/ci/builder:3"
ALLOWED = r"regexp:^v[0-9]+\.[0-9]+\.[0-9]+-sha[0-9a-f]{7,40}$"
"""The tags that may be deployed: releases, not candidates and not what moves."""
PART_OF = {"app.kubernetes.io/part-of": "trombone"}


def sensor_spec(plan: ServicePlan) -> Object:
    """Return the spec of a service's Sensor: pushes to main start ``build-and-push``."""
    texts = [
        ("body.X-GitHub-Event", "string", ["^push$"]),
        ("body.deleted", "bool", ["false"]),
        ("body.ref", "string", ["^refs/heads/main$"]),
        ("body.repository.full_name", "string", [f"^{plan.repository}$"]),
    ]
    filters = [{"path": path, "type": kind, "value": value} for path, kind, value in texts]
    mapped = [
        ("dataKey", "body.after", r"metadata.labels.trombone\.dev/commit"),
        ("contextKey", "id", r"metadata.labels.trombone\.dev/event-id"),
        ("dataKey", "body.X-GitHub-Delivery", r"metadata.labels.trombone\.dev/delivery"),
        ("dataKey", "body.head_commit.message", r"metadata.annotations.trombone\.dev/commit-title"),
        ("dataKey", "body.after", "spec.arguments.parameters.1.value"),
    ]
    parameters = [
        {"src": {"dependencyName": "push", key: value}, "dest": dest} for key, value, dest in mapped
    ]
    workflow = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": {
            "generateName": f"{plan.name}-build-",
            "namespace": CI,
            "labels": {"trombone.dev/app": plan.name, "trombone.dev/commit": ""},
        },
        "spec": {"workflowTemplateRef": {"name": "build-and-push"}},
    }
    account = "default" if Outcome.TRIGGER_FAILS in plan.deliveries else "sensor-ci"
    trigger = {"operation": "create", "parameters": parameters, "source": {"resource": workflow}}
    return {
        "dependencies": [
            {
                "name": "push",
                "eventSourceName": "github",
                "eventName": "push",
                "filters": {"data": filters},
            }
        ],
        "template": {"serviceAccountName": account},
        "triggers": [
            {
                "template": {"name": "build", "k8s": trigger},
                "atLeastOnce": True,
                "retryStrategy": {"steps": 5, "duration": "2s"},
            }
        ],
    }


def build_template() -> Object:
    """Return the WorkflowTemplate of all builds: unit-test, docker-build, docker-push."""
    outputs = [
        {"name": name, "globalName": name, "valueFrom": {"path": f"/out/{name}"}}
        for name in ("image", "image-tag", "image-digest", "commit")
    ]
    tasks = [
        {"name": "unit-test", "template": "test", "arguments": {}},
        {"name": "docker-build", "template": "build", "arguments": {}, "dependencies": ["unit-test"]},
        {"name": "docker-push", "template": "push", "arguments": {}, "dependencies": ["docker-build"]},
    ]
    return _template(
        "build-and-push",
        {
            "entrypoint": "pipeline",
            "arguments": {
                "parameters": [
                    {"name": name} for name in ("repo-url", "revision", "branch", "image", "version")
                ]
            },
            "templates": [
                {"name": "pipeline", "inputs": {}, "outputs": {}, "metadata": {}, "dag": {"tasks": tasks}},
                _container("test") | {"retryStrategy": {"limit": "1", "retryPolicy": "Always"}},
                _container("build"),
                _container("push") | {"outputs": {"parameters": outputs}},
            ],
        },
    )


def scan_template() -> Object:
    """Return the ClusterWorkflowTemplate of the scheduled scan: one container."""
    spec = {"entrypoint": "scan", "templates": [_container("scan")]}
    return {"metadata": {"name": "scan", "labels": PART_OF}, "spec": spec}


def latency_template(prometheus: str) -> Object:
    """Return the ClusterAnalysisTemplate that any service may be checked with."""
    labels = 'service="{{args.service}}",track="canary"'
    query = (
        "histogram_quantile(0.95,\n"
        f"  sum by (le) (rate(http_request_duration_seconds_bucket{{{labels}}}[30s])))\n"
    )
    metric = {
        "name": "p95-latency",
        "interval": "5s",
        "count": 4,
        "failureLimit": 1,
        "successCondition": "len(result) > 0 && result[0] <= 0.6",
        "provider": {"prometheus": {"address": prometheus, "query": query}},
    }
    return {
        "metadata": {"name": LATENCY, "labels": PART_OF},
        "spec": {"args": [{"name": "service"}], "metrics": [metric]},
    }


def _template(name: str, spec: Object) -> Object:
    return {"metadata": {"name": name, "namespace": CI, "labels": PART_OF}, "spec": spec}


def _container(name: str) -> Object:
    return {
        "name": name,
        "inputs": {},
        "outputs": {},
        "metadata": {},
        "container": {"name": "", "image": BUILDER, "command": [f"/bin/{name}"], "resources": {}},
    }


def application(plan: ServicePlan, project: str, made: Mapping[str, Any]) -> Object:
    """Return a service's Application; ``made`` is what its metadata says of what made it."""
    policy: Object = {"syncOptions": ["CreateNamespace=true"]}
    if plan.auto_sync:
        policy["automated"] = {"prune": True, "selfHeal": True}
    notes = {"trombone.dev/source-repo": plan.repository_url, **made.get("annotations", {})}
    metadata: Object = {
        "name": plan.name,
        "namespace": ARGO_CD,
        "labels": {"trombone.dev/app": plan.name},
        "annotations": notes | (_update_annotations(plan) if plan.annotated else {}),
    }
    if owners := made.get("ownerReferences"):
        metadata["ownerReferences"] = owners
    return {
        "metadata": metadata,
        "spec": {
            "project": project,
            "destination": {"namespace": plan.namespace, "server": SERVER},
            "source": {
                "repoURL": f"https://github.com/{plan.repository}-config.git",
                "path": "overlays/prod",
                "targetRevision": "main",
            },
            "syncPolicy": policy,
        },
    }


def _update_annotations(plan: ServicePlan) -> dict[str, str]:
    """Return what told Image Updater of an image before 1.0 (``pkg/common/constants.go``)."""
    prefix = "argocd-image-updater.argoproj.io"
    return {
        f"{prefix}/image-list": f"app={plan.image}",
        f"{prefix}/app.update-strategy": "newest-build",
        f"{prefix}/app.allow-tags": ALLOWED,
        f"{prefix}/write-back-method": f"git:secret:{ARGO_CD}/git-creds",
        f"{prefix}/git-branch": "main",
    }


def image_updater(plan: ServicePlan) -> Object:
    """Return a service's ImageUpdater."""
    settings = {
        "updateStrategy": "newest-build",
        "allowTags": ALLOWED,
        "forceUpdate": True,
    }
    image = {
        "alias": "app",
        "imageName": plan.image,
        "commonUpdateSettings": settings,
        "manifestTargets": {"kustomize": {"name": plan.image}},
    }
    return {
        "metadata": {
            "name": plan.name,
            "namespace": ARGO_CD,
            "labels": {"trombone.dev/app": plan.name},
        },
        "spec": {
            "applicationRefs": [{"namePattern": plan.name, "useAnnotations": False, "images": [image]}],
            "writeBackConfig": {
                "method": f"git:secret:{ARGO_CD}/git-creds",
                "gitConfig": {"branch": "main", "writeBackTarget": "kustomization"},
            },
        },
    }
