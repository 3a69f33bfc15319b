"""What stands before the first push: namespaces, Argo Events, the build template, settings."""

from __future__ import annotations

import base64
from typing import Any

from trombone_tui.demo.story import hook
from trombone_tui.demo.story.blueprints import (
    PART_OF,
    build_template,
    latency_template,
    scan_template,
    sensor_spec,
)
from trombone_tui.demo.story.receiving import Receiving
from trombone_tui.demo.story.services import ARGO_CD, CI, REGISTRY, ServicePlan
from trombone_tui.demo.story.sync import INTERVAL as SYNC_INTERVAL
from trombone_tui.demo.story.updater import INTERVAL as UPDATE_INTERVAL
from trombone_tui.demo.story.world import Actor, World

Object = dict[str, Any]


class Platform:
    """Sets the stage."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._api = Actor(world, "kubectl-client-side-apply")
        self.receiving = Receiving(world)

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
            self.receiving.run_bus(made)

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
            self.receiving.run_source(made)

    def _sensor(self, plan: ServicePlan) -> None:
        metadata = {
            "name": plan.name,
            "namespace": CI,
            "labels": {"trombone.dev/app": plan.name, **PART_OF},
        }
        made = self._api.create("sensors.argoproj.io", {"metadata": metadata, "spec": sensor_spec(plan)})
        if made is not None:
            self.receiving.run_sensor(made)
