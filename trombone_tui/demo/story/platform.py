"""What stands before the first push: namespaces, Argo Events, the build template, settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trombone_tui.demo.story.hashes import fnv32a, suffix, template_hash
from trombone_tui.demo.story.services import ARGO_CD, CI, REGISTRY, ServicePlan
from trombone_tui.demo.story.sync import INTERVAL as SYNC_INTERVAL
from trombone_tui.demo.story.updater import INTERVAL as UPDATE_INTERVAL
from trombone_tui.demo.story.world import Actor, World, owner

Object = dict[str, Any]

BUILDER = f"{REGISTRY}/ci/builder:3"
EVENTS_IMAGE = "quay.io/argoproj/argo-events:v1.9.11"
_PART_OF = {"app.kubernetes.io/part-of": "trombone"}


class Platform:
    """Sets the stage."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._api = Actor(world, "kubectl-client-side-apply")
        self._events = Actor(world, "eventbus-controller")
        self._random = world.random("platform")

    def build(self, plans: tuple[ServicePlan, ...]) -> None:
        """Create everything that the services share, and the Sensor of each."""
        for name in sorted({"default", "argo-events", CI, ARGO_CD, *(plan.namespace for plan in plans)}):
            self._api.create(
                "namespaces",
                {
                    "metadata": {"name": name, "labels": {"kubernetes.io/metadata.name": name}},
                    "spec": {"finalizers": ["kubernetes"]},
                    "status": {"phase": "Active"},
                },
            )
        self._settings()
        self._api.create("workflowtemplates.argoproj.io", build_template())
        self._api.create("workflowtemplates.argoproj.io", scan_template())
        self._bus()
        self._source(plans)
        for plan in plans:
            self._sensor(plan)

    def cron(self, name: str, schedule: str) -> None:
        """Create a CronWorkflow that runs the scan."""
        spec = {"schedules": [schedule], "workflowSpec": {"workflowTemplateRef": {"name": "scan"}}}
        self._api.create(
            "cronworkflows.argoproj.io", {"metadata": {"name": name, "namespace": CI}, "spec": spec}
        )

    def _settings(self) -> None:
        registries = (
            f"registries:\n- name: demo\n  prefix: {REGISTRY}\n  api_url: {self._world.places.registry}\n"
        )
        data = {
            "argocd-image-updater-config": {
                "interval": f"{UPDATE_INTERVAL:.0f}s",
                "registries.conf": registries,
            },
            "argocd-cm": {
                "timeout.reconciliation": f"{SYNC_INTERVAL:.0f}s",
                "timeout.reconciliation.jitter": "10s",
            },
        }
        for name, values in data.items():
            self._api.create("configmaps", {"metadata": {"name": name, "namespace": ARGO_CD}, "data": values})

    def _bus(self) -> None:
        stream = "replicas: 1\nmaxAge: 24h\n"
        spec = {"jetstream": {"version": "2.10.29", "replicas": 1, "streamConfig": stream}}
        metadata = {"name": "default", "namespace": CI, "labels": _PART_OF}
        if self._api.create("eventbus.argoproj.io", {"metadata": metadata, "spec": spec}):
            config = {
                "jetstream": {
                    "url": f"nats://eventbus-default-js-svc.{CI}.svc:4222",
                    "streamConfig": stream,
                }
            }
            self._status("eventbus.argoproj.io", "default", ("Configured", "Deployed"), {"config": config})

    def _source(self, plans: tuple[ServicePlan, ...]) -> None:
        names = sorted(plan.name for plan in plans)
        push = {
            "repositories": [{"owner": "acme", "names": names}],
            "webhook": {"endpoint": "/push", "method": "POST", "port": "12000", "url": ""},
            "webhookSecret": {"name": "github-hook", "key": "secret"},
            "events": ["push"],
            "contentType": "json",
            "active": True,
        }
        spec = {"service": {"ports": [{"port": 12000, "targetPort": 12000}]}, "github": {"push": push}}
        metadata = {"name": "github", "namespace": CI, "labels": _PART_OF}
        made = self._api.create("eventsources.argoproj.io", {"metadata": metadata, "spec": spec})
        if made is not None:
            self._status("eventsources.argoproj.io", "github", ("Deployed", "SourcesProvided"))
            self._worker(made, "eventsource")

    def _sensor(self, plan: ServicePlan) -> None:
        metadata = {
            "name": plan.name,
            "namespace": CI,
            "labels": {"trombone.dev/app": plan.name, **_PART_OF},
        }
        made = self._api.create("sensors.argoproj.io", {"metadata": metadata, "spec": sensor_spec(plan)})
        if made is not None:
            kinds = ("DependenciesProvided", "Deployed", "TriggersProvided")
            self._status("sensors.argoproj.io", plan.name, kinds)
            self._worker(made, "sensor")

    def _status(
        self, resource: str, name: str, kinds: tuple[str, ...], more: Mapping[str, Any] | None = None
    ) -> None:
        now = self._world.stamp
        conditions = [{"lastTransitionTime": now, "status": "True", "type": kind} for kind in kinds]
        status = {"conditions": conditions, **(more or {})}
        self._events.edit_status(resource, CI, name, lambda obj: obj.update({"status": status}))

    def _worker(self, parent: Object, kind: str) -> None:
        """Create the Deployment that serves an EventSource or a Sensor; its ReplicaSet's pod follows."""
        name = parent["metadata"]["name"]
        labels = {"controller": f"{kind}-controller", f"{kind}-name": name, "owner-name": name}
        container = {
            "name": "main",
            "image": EVENTS_IMAGE,
            "args": [f"{kind}-service"],
            "ports": [{"name": "metrics", "containerPort": 7777, "protocol": "TCP"}],
            "resources": {},
        }
        template: Object = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
        now = self._world.stamp
        full = f"{name}-{kind}-{suffix(self._random)}"
        pod_hash = template_hash(template)
        deployment = self._api.create(
            "deployments.apps",
            {
                "metadata": {
                    "name": full,
                    "generateName": f"{name}-{kind}-",
                    "namespace": CI,
                    "labels": labels,
                    "annotations": {
                        "deployment.kubernetes.io/revision": "1",
                        "resource-spec-hash": str(fnv32a(full)),
                    },
                    "ownerReferences": [owner(parent)],
                },
                "spec": {"replicas": 1, "selector": {"matchLabels": labels}, "template": template},
                "status": _deployed(f"{full}-{pod_hash}", now),
            },
        )
        if deployment is None:
            return
        hashed = {**labels, "pod-template-hash": pod_hash}
        template = {"metadata": {"labels": hashed}, "spec": template["spec"]}
        self._api.create(
            "replicasets.apps",
            {
                "metadata": {
                    "name": f"{full}-{pod_hash}",
                    "namespace": CI,
                    "labels": hashed,
                    "annotations": {"deployment.kubernetes.io/revision": "1"},
                    "ownerReferences": [owner(deployment)],
                },
                "spec": {"replicas": 1, "selector": {"matchLabels": hashed}, "template": template},
                "status": {"replicas": 0},
            },
        )


def _deployed(replica_set: str, now: str) -> Object:
    times = {"lastUpdateTime": now, "lastTransitionTime": now}
    return {
        "observedGeneration": 1,
        "replicas": 1,
        "updatedReplicas": 1,
        "readyReplicas": 1,
        "availableReplicas": 1,
        "conditions": [
            {
                "type": "Available",
                "status": "True",
                **times,
                "reason": "MinimumReplicasAvailable",
                "message": "Deployment has minimum availability.",
            },
            {
                "type": "Progressing",
                "status": "True",
                **times,
                "reason": "NewReplicaSetAvailable",
                "message": f'ReplicaSet "{replica_set}" has successfully progressed.',
            },
        ],
    }


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
        "template": {"serviceAccountName": "sensor-ci"},
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
    return {"metadata": {"name": name, "namespace": CI, "labels": _PART_OF}, "spec": spec}


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
