"""Argo Events' controllers: they run what an EventBus, an EventSource or a Sensor asks for, and say so.

Source: ``argo-events@v1.9.11:pkg/reconciler/``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trombone_tui.demo.story import pods
from trombone_tui.demo.story.hashes import fnv32a, suffix, template_hash
from trombone_tui.demo.story.world import Actor, World, owner

Object = dict[str, Any]

EVENTS_IMAGE = "quay.io/argoproj/argo-events:v1.9.11"


class Receiving:
    """Runs buses, event sources and sensors."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._api = Actor(world, "kubectl-client-side-apply")
        self._events = Actor(world, "eventbus-controller")
        self._random = world.random("platform")

    def run_bus(self, made: Object) -> None:
        """Run an EventBus: a StatefulSet with one pod."""
        name, namespace = made["metadata"]["name"], made["metadata"]["namespace"]
        stream = (made["spec"].get("jetstream") or {}).get("streamConfig", "")
        if stateful := self._api.create("statefulsets.apps", _bus_pods(made)):
            self._bus_pod(stateful)
        url = f"nats://eventbus-{name}-js-svc.{namespace}.svc:4222"
        config = {"jetstream": {"url": url, "streamConfig": stream}}
        self._status("eventbus.argoproj.io", made, ("Configured", "Deployed"), {"config": config})

    def run_source(self, made: Object) -> None:
        """Run an EventSource: a Deployment."""
        self._status("eventsources.argoproj.io", made, ("Deployed", "SourcesProvided"))
        self._worker(made, "eventsource")

    def run_sensor(self, made: Object) -> None:
        """Run a Sensor: a Deployment."""
        kinds = ("DependenciesProvided", "Deployed", "TriggersProvided")
        self._status("sensors.argoproj.io", made, kinds)
        self._worker(made, "sensor")

    def _bus_pod(self, stateful: Object) -> None:
        """Create the one pod of the bus, which runs at once."""
        template, now = stateful["spec"]["template"], self._world.stamp
        name, namespace = f"{stateful['metadata']['name']}-0", stateful["metadata"]["namespace"]
        labels = {"apps.kubernetes.io/pod-index": "0", "statefulset.kubernetes.io/pod-name": name}
        pod: Object = {
            "metadata": {
                "name": name,
                "namespace": namespace,
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
            self._events.log(namespace, name, "main", f"{when} {line}")

    def _status(
        self, resource: str, obj: Object, kinds: tuple[str, ...], more: Mapping[str, Any] | None = None
    ) -> None:
        now, of = self._world.stamp, obj["metadata"]
        conditions = [{"lastTransitionTime": now, "status": "True", "type": kind} for kind in kinds]
        status = {"conditions": conditions, **(more or {})}
        self._events.edit_status(
            resource, of["namespace"], of["name"], lambda found: found.update({"status": status})
        )

    def _worker(self, parent: Object, kind: str) -> None:
        """Create the Deployment that serves an EventSource or a Sensor; its ReplicaSet's pod follows."""
        name, namespace = parent["metadata"]["name"], parent["metadata"]["namespace"]
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
                    "namespace": namespace,
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
                    "namespace": namespace,
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
    name, namespace = bus["metadata"]["name"], bus["metadata"]["namespace"]
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
            "namespace": namespace,
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
