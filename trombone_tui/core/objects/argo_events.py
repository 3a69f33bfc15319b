"""EventSource and EventBus of Argo Events, which keeps no schema: every part may be odd.

Fields: ``argo-events@v1.9.11:pkg/apis/events/v1alpha1/{eventsource,eventbus,status}_types.go``. The Sensor
is in ``argo_sensors``.
"""

from __future__ import annotations

from typing import Any

from trombone_tui.core.objects.basics import Condition, Kind, Object, Partial
from trombone_tui.core.objects.raw import mapping

STARTED_BY = "events.argoproj.io/sensor"
"""Label of what a Sensor created: the Sensor's name, without its namespace."""
TRIGGERED_BY = "events.argoproj.io/trigger"
"""Label beside it: the trigger's name."""
TRIGGERED_AT = "events.argoproj.io/action-timestamp"
"""Label beside it: Unix milliseconds as text."""
EVENT_SOURCE_OF = "eventsource-name"
SENSOR_OF = "sensor-name"
EVENT_BUS_OF = "eventbus-name"
"""Labels of the Deployments (for a bus the StatefulSet) that run them, and of their pods."""

_NO_TYPES = frozenset({"eventBusName", "replicas", "service", "template"})


class EventsStatus(Partial):
    """``status`` of an EventSource or Sensor; neither says which generation it is about."""

    conditions: list[Condition] | None = None


class EventSource(Object):
    """Where events come from: one map of named events for each type, beside a few settings."""

    spec: dict[str, Any] | None = None
    status: EventsStatus | None = None

    @property
    def names(self) -> frozenset[str]:
        """The names of its events, which no two types share."""
        return frozenset(name for _, name in self.events)

    def event(self, kind: str, name: str) -> dict[str, Any]:
        """Return how one event is configured; empty where that is no object."""
        return mapping(self.spec, kind, name)

    @property
    def events(self) -> tuple[tuple[str, str], ...]:
        """The type and name of every event it should listen to."""
        return tuple(
            (kind, name)
            for kind, named in (self.spec or {}).items()
            if kind not in _NO_TYPES and isinstance(named, dict)
            for name in named
        )

    @property
    def bus(self) -> str:
        """The name of its EventBus."""
        return bus_name((self.spec or {}).get("eventBusName"))


class Persistence(Partial):
    """Where a bus keeps its messages; without, they are gone with its pods."""

    storage_class_name: str | None = None
    volume_size: str | None = None


class JetStream(Partial):
    """A JetStream bus that the controller runs as a StatefulSet."""

    version: str | None = None
    replicas: int | None = None
    persistence: Persistence | None = None


class Elsewhere(Partial):
    """A bus that somebody else runs."""

    url: str | None = None


class Native(Partial):
    """NATS Streaming that the controller runs as a StatefulSet."""

    replicas: int | None = None
    persistence: Persistence | None = None


class Nats(Partial):
    """NATS Streaming, which is at its end of life: run here or elsewhere."""

    native: Native | None = None
    exotic: Elsewhere | None = None


class EventBusSpec(Partial):
    """``spec`` of an EventBus: one of these."""

    jetstream: JetStream | None = None
    jetstream_exotic: Elsewhere | None = None
    nats: Nats | None = None
    kafka: Elsewhere | None = None


class JetStreamConfig(Partial):
    """How to reach a JetStream bus; ``stream_config`` is YAML text with lower-case keys."""

    url: str | None = None
    stream_config: str | None = None


class BusConfig(Partial):
    """``status.config``: the connection as it was worked out."""

    jetstream: JetStreamConfig | None = None


class EventBusStatus(Partial):
    """``status`` of an EventBus."""

    conditions: list[Condition] | None = None
    config: BusConfig | None = None


class EventBus(Object):
    """What carries events from EventSources to Sensors of the same namespace."""

    spec: EventBusSpec | None = None
    status: EventBusStatus | None = None

    @property
    def elsewhere(self) -> Elsewhere | None:
        """The bus that somebody else runs, when it is such a one."""
        if self.spec is None:
            return None
        exotic = self.spec.nats.exotic if self.spec.nats else None
        return self.spec.jetstream_exotic or self.spec.kafka or exotic

    @property
    def type(self) -> str:
        """Which kind of bus it is, in words."""
        if self.spec is None:
            return ""
        if self.spec.jetstream or self.spec.jetstream_exotic:
            return "JetStream"
        if self.spec.kafka:
            return "Kafka"
        return "NATS Streaming" if self.spec.nats else ""


def bus_name(name: object) -> str:
    """Return the name of the EventBus that is meant: ``default`` where none is written."""
    return name if isinstance(name, str) and name else "default"


EVENT_SOURCE = Kind(
    name="EventSource", plural="eventsources", group="argoproj.io", version="v1alpha1", shape=EventSource
)
EVENT_BUS = Kind(name="EventBus", plural="eventbus", group="argoproj.io", version="v1alpha1", shape=EventBus)
