"""What is read of Argo Events' objects and of what runs them, and what can be done to them."""

from __future__ import annotations

from trombone_tui.core.objects.apps import DEPLOYMENT, STATEFUL_SET, Deployment
from trombone_tui.core.objects.argo_events import EVENT_BUS_OF, EVENT_SOURCE_OF, SENSOR_OF
from trombone_tui.core.stage import Key, Source, Workings
from trombone_tui.pipeline.events.event_bus import EVENT_BUSES
from trombone_tui.pipeline.events.event_source import EVENT_SOURCES
from trombone_tui.pipeline.events.pods import EVENT_PODS
from trombone_tui.pipeline.events.readiness import EventsFields, workload_facts, workload_keys
from trombone_tui.pipeline.events.sensor import SENSORS
from trombone_tui.pipeline.events.started import STARTED_WORKFLOWS
from trombone_tui.pipeline.events.verbs import VERBS


def _deployment_keys(deployment: Deployment) -> list[Key]:
    source = workload_keys(deployment, EVENT_SOURCE_OF, "EventSource")
    return source + workload_keys(deployment, SENSOR_OF, "Sensor")


WORKINGS = Workings(
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
    fields=EventsFields,
    verbs=VERBS,
)
