"""Events: what came in and what it triggered.

Argo Events writes no Kubernetes Events: what arrived shows in what was started and, where logs may be read,
in what its pods write.
"""

from __future__ import annotations

from trombone_tui.core.objects.apps import DEPLOYMENT, STATEFUL_SET, Deployment
from trombone_tui.core.objects.argo_events import EVENT_BUS_OF, EVENT_SOURCE_OF, SENSOR_OF
from trombone_tui.core.stage import Column, Key, Source, Stage
from trombone_tui.pipeline.events.event_bus import EVENT_BUSES
from trombone_tui.pipeline.events.event_source import EVENT_SOURCES
from trombone_tui.pipeline.events.pods import EVENT_PODS
from trombone_tui.pipeline.events.readiness import EventsFields, workload_facts, workload_keys
from trombone_tui.pipeline.events.sensor import SENSORS
from trombone_tui.pipeline.events.started import STARTED_WORKFLOWS


def _deployment_keys(deployment: Deployment) -> list[Key]:
    source = workload_keys(deployment, EVENT_SOURCE_OF, "EventSource")
    return source + workload_keys(deployment, SENSOR_OF, "Sensor")


STAGE = Stage(
    name="events",
    title="Events",
    about="What GitHub and others sent in, and the Workflows it triggered (Argo Events).",
    sources=(
        EVENT_SOURCES,
        SENSORS,
        EVENT_BUSES,
        STARTED_WORKFLOWS,
        Source(kind=DEPLOYMENT, keys=_deployment_keys, shared=workload_facts),
        Source(
            kind=STATEFUL_SET,
            keys=lambda one: workload_keys(one, EVENT_BUS_OF, "EventBus"),
            shared=workload_facts,
        ),
        EVENT_PODS,
    ),
    columns=(
        Column(key="kind", title="KIND", width=11, rank=1),
        Column(key="namespace", title="NAMESPACE", width=14, rank=2),
        Column(key="name", title="NAME", width=16, rank=0),
        Column(key="running", title="RUNS", width=5, rank=0),
        Column(key="deployed", title="DEPLOYED", width=8, rank=3),
        Column(key="workflows", title="STARTED", width=7, right=True, rank=2),
        Column(key="last_seen", title="LAST", width=9, rank=1),
        Column(key="why", title="WHY", width=24, grow=True, rank=1),
    ),
    fields=EventsFields,
)
