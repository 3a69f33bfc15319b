"""The objects people apply before the first push: Sensors, templates, Applications, ImageUpdaters."""

from __future__ import annotations

from typing import Any

from trombone_tui.demo.story.services import ARGO_CD, CI, REGISTRY, Outcome, ServicePlan

Object = dict[str, Any]

BUILDER = f"{REGISTRY}/ci/builder:3"
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
    """Return the WorkflowTemplate of the scheduled scan: one container."""
    return _template("scan", {"entrypoint": "scan", "templates": [_container("scan")]})


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


def application(plan: ServicePlan) -> Object:
    """Return a service's Application."""
    policy: Object = {"syncOptions": ["CreateNamespace=true"]}
    if plan.auto_sync:
        policy["automated"] = {"prune": True, "selfHeal": True}
    return {
        "metadata": {
            "name": plan.name,
            "namespace": ARGO_CD,
            "labels": {"trombone.dev/app": plan.name},
            "annotations": {"trombone.dev/source-repo": plan.repository_url},
        },
        "spec": {
            "project": "default",
            "destination": {"namespace": plan.namespace, "server": "https://kubernetes.default.svc"},
            "source": {
                "repoURL": f"https://github.com/{plan.repository}-config.git",
                "path": "overlays/prod",
                "targetRevision": "main",
            },
            "syncPolicy": policy,
        },
    }


def image_updater(plan: ServicePlan) -> Object:
    """Return a service's ImageUpdater."""
    settings = {
        "updateStrategy": "newest-build",
        "allowTags": r"regexp:^v[0-9]+\.[0-9]+\.[0-9]+-sha[0-9a-f]{7,40}$",
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
