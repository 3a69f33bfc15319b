"""EventSource, Sensor and EventBus of Argo Events, which keeps no schema: every part may be odd.

Fields: ``argo-events@v1.9.11:pkg/apis/events/v1alpha1/{eventsource,sensor,eventbus,status}_types.go``.
"""

from __future__ import annotations

from typing import Any, Self

from trombone_tui.core.objects.basics import Condition, Kind, Object, Partial

STARTED_BY = "events.argoproj.io/sensor"
"""Label of what a Sensor created: the Sensor's name, without its namespace."""
TRIGGERED_BY = "events.argoproj.io/trigger"
"""Label beside it: the trigger's name."""
TRIGGERED_AT = "events.argoproj.io/action-timestamp"
"""Label beside it: Unix milliseconds as text."""
EVENT_SOURCE_OF = "eventsource-name"
SENSOR_OF = "sensor-name"
EVENT_BUS_OF = "eventbus-name"
"""Labels of the Deployments (for a bus the StatefulSet) that run them."""

_NO_TYPES = frozenset({"eventBusName", "replicas", "service", "template"})
_NO_TRIGGERS = frozenset({"name", "conditions", "conditionsReset"})


class EventsStatus(Partial):
    """``status`` of an EventSource or Sensor; neither says which generation it is about."""

    conditions: list[Condition] | None = None


class EventSource(Object):
    """Where events come from: one map of named events for each type, beside a few settings."""

    spec: dict[str, Any] | None = None
    status: EventsStatus | None = None

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
        return _bus((self.spec or {}).get("eventBusName"))


class Dependency(Partial):
    """An event that a Sensor waits for."""

    name: str | None = None
    event_source_name: str | None = None
    event_name: str | None = None
    filters: dict[str, Any] | None = None


class Trigger(Partial):
    """What a Sensor does; ``template`` holds name, conditions and one key that is the trigger's type."""

    template: dict[str, Any] | None = None
    at_least_once: bool | None = None
    retry_strategy: dict[str, Any] | None = None

    @property
    def name(self) -> str:
        """The name that the label ``events.argoproj.io/trigger`` repeats."""
        name = (self.template or {}).get("name")
        return name if isinstance(name, str) else ""

    @property
    def type(self) -> str:
        """The trigger's type as the spec spells it: ``k8s``, ``argoWorkflow``, ``http``."""
        return next((key for key in self.template or {} if key not in _NO_TRIGGERS), "")


class SensorSpec(Partial):
    """``spec`` of a Sensor."""

    event_bus_name: str | None = None
    replicas: int | None = None
    dependencies: list[Dependency] | None = None
    triggers: list[Trigger] | None = None


class Sensor(Object):
    """What is waited for and what is then done."""

    spec: SensorSpec | None = None
    status: EventsStatus | None = None

    def reduced(self) -> Self:
        """Leave out the objects that triggers create: whole Workflows."""
        for trigger in self.triggers:
            template = trigger.template or {}
            trigger.template = {
                key: value if key in _NO_TRIGGERS else None for key, value in template.items()
            }
        return self

    @property
    def dependencies(self) -> tuple[Dependency, ...]:
        """The events it waits for."""
        return tuple(self.spec.dependencies or ()) if self.spec else ()

    @property
    def triggers(self) -> tuple[Trigger, ...]:
        """What it does."""
        return tuple(self.spec.triggers or ()) if self.spec else ()

    @property
    def bus(self) -> str:
        """The name of its EventBus."""
        return _bus(self.spec.event_bus_name if self.spec else None)


class JetStream(Partial):
    """A JetStream bus that the controller runs as a StatefulSet."""

    version: str | None = None
    replicas: int | None = None


class Elsewhere(Partial):
    """A bus that somebody else runs."""

    url: str | None = None


class Nats(Partial):
    """NATS Streaming, which is at its end of life: run here or elsewhere."""

    native: dict[str, Any] | None = None
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


def _bus(name: object) -> str:
    return name if isinstance(name, str) and name else "default"


EVENT_SOURCE = Kind(
    name="EventSource", plural="eventsources", group="argoproj.io", version="v1alpha1", shape=EventSource
)
SENSOR = Kind(name="Sensor", plural="sensors", group="argoproj.io", version="v1alpha1", shape=Sensor)
EVENT_BUS = Kind(name="EventBus", plural="eventbus", group="argoproj.io", version="v1alpha1", shape=EventBus)
