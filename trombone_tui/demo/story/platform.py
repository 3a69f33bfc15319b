"""What stands before the first push: namespaces, Argo Events, the build template, settings."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from trombone_tui.demo.story import hook, pods
from trombone_tui.demo.story.blueprints import (
    PART_OF,
    build_template,
    latency_template,
    scan_template,
    sensor_spec,
)
from trombone_tui.demo.story.hashes import fnv32a, suffix, template_hash
from trombone_tui.demo.story.services import ARGO_CD, CI, REGISTRY, ServicePlan
from trombone_tui.demo.story.sync import INTERVAL as SYNC_INTERVAL
from trombone_tui.demo.story.updater import INTERVAL as UPDATE_INTERVAL
from trombone_tui.demo.story.world import Actor, World, owner

Object = dict[str, Any]

EVENTS_IMAGE = "quay.io/argoproj/argo-events:v1.9.11"


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
        self._api.create("clusterworkflowtemplates.argoproj.io", scan_template())
        latency = latency_template(self._world.places.prometheus)
        self._api.create("clusteranalysistemplates.argoproj.io", latency)
        self._bus()
        self._source(plans)
        for plan in plans:
            self._sensor(plan)

    def cron(self, name: str, schedule: str) -> None:
        """Create a CronWorkflow that runs the scan."""
        spec = {
            "schedules": [schedule],
            "workflowSpec": {"workflowTemplateRef": {"name": "scan", "clusterScope": True}},
        }
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
        metadata = {"name": "default", "namespace": CI, "labels": PART_OF}
        made = self._api.create("eventbus.argoproj.io", {"metadata": metadata, "spec": spec})
        if made is not None:
            if stateful := self._api.create("statefulsets.apps", _bus_pods(made)):
                self._bus_pod(stateful)
            config = {
                "jetstream": {
                    "url": f"nats://eventbus-default-js-svc.{CI}.svc:4222",
                    "streamConfig": stream,
                }
            }
            self._status("eventbus.argoproj.io", "default", ("Configured", "Deployed"), {"config": config})

    def _bus_pod(self, stateful: Object) -> None:
        """Create the one pod of the bus, which runs at once."""
        template, now = stateful["spec"]["template"], self._world.stamp
        name = f"{stateful['metadata']['name']}-0"
        labels = {"apps.kubernetes.io/pod-index": "0", "statefulset.kubernetes.io/pod-name": name}
        pod: Object = {
            "metadata": {
                "name": name,
                "namespace": CI,
                "labels": template["metadata"]["labels"] | labels,
                "ownerReferences": [owner(stateful)],
            },
            "spec": dict(template["spec"]),
            "status": {"phase": "Pending", "qosClass": "BestEffort"},
        }
        pods.schedule(pod, now)
        pods.run(pod, now, "10.244.0.9")
        self._api.create("pods", pod)
        when = f"[7] {self._world.now:%Y/%m/%d %H:%M:%S.%f} [INF]"
        for line in ("Starting nats-server", "  Version:  2.10.29", "Starting JetStream", "Server is ready"):
            self._events.log(CI, name, "main", f"{when} {line}")

    def _source(self, plans: tuple[ServicePlan, ...]) -> None:
        names = sorted(plan.name for plan in plans)
        push = {
            "repositories": [{"owner": "acme", "names": names}],
            "webhook": {"endpoint": hook.ENDPOINT, "method": "POST", "port": str(hook.PORT), "url": ""},
            "webhookSecret": hook.SECRET,
            "events": ["push"],
            "contentType": "json",
            "active": True,
        }
        spec = {
            "service": {"ports": [{"port": hook.PORT, "targetPort": hook.PORT}]},
            "github": {"push": push},
        }
        key = base64.b64encode(self._world.hook_key).decode()
        about = {"name": hook.SECRET["name"], "namespace": CI, "labels": PART_OF}
        signing = {"metadata": about, "type": "Opaque", "data": {hook.SECRET["key"]: key}}
        self._api.create("secrets", signing)
        metadata = {"name": "github", "namespace": CI, "labels": PART_OF}
        made = self._api.create("eventsources.argoproj.io", {"metadata": metadata, "spec": spec})
        if made is not None:
            self._status("eventsources.argoproj.io", "github", ("Deployed", "SourcesProvided"))
            self._worker(made, "eventsource")

    def _sensor(self, plan: ServicePlan) -> None:
        metadata = {
            "name": plan.name,
            "namespace": CI,
            "labels": {"trombone.dev/app": plan.name, **PART_OF},
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


def _bus_pods(bus: Object) -> Object:
    """Return the StatefulSet that a JetStream bus runs in."""
    name = bus["metadata"]["name"]
    labels = {"controller": "eventbus-controller", "eventbus-name": name, "owner-name": name}
    images = (
        ("main", "nats:2.10.29"),
        ("reloader", "natsio/nats-server-config-reloader:0.14.0"),
        ("metrics", "natsio/prometheus-nats-exporter:0.14.0"),
    )
    containers = [{"name": name, "image": image, "resources": {}} for name, image in images]
    counts = ("replicas", "readyReplicas", "availableReplicas", "currentReplicas", "updatedReplicas")
    return {
        "metadata": {
            "name": f"eventbus-{name}-js",
            "namespace": CI,
            "labels": labels,
            "ownerReferences": [owner(bus)],
        },
        "spec": {
            "replicas": 1,
            "serviceName": f"eventbus-{name}-js-svc",
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": containers}},
        },
        "status": {"observedGeneration": 1, **dict.fromkeys(counts, 1)},
    }


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
