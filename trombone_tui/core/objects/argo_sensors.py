"""Sensor of Argo Events, which keeps no schema: what it waits for, how that is filtered, what it does.

Fields: ``argo-events@v1.9.11:pkg/apis/events/v1alpha1/sensor_types.go``.
"""

from __future__ import annotations

from typing import Any, Self

from trombone_tui.core.objects.argo_events import EventsStatus, bus_name
from trombone_tui.core.objects.basics import Kind, Object, Partial
from trombone_tui.core.objects.raw import mapping, text

_NO_TRIGGERS = frozenset({"name", "conditions", "conditionsReset"})


class DataFilter(Partial):
    """A comparison of one place in the event's data."""

    path: str | None = None
    type: str | None = None
    value: list[str] | None = None
    comparator: str | None = None
    template: str | None = None


class PayloadField(Partial):
    """A name that an expression has for a place in the event's data."""

    path: str | None = None
    name: str | None = None


class ExprFilter(Partial):
    """An expression over named places in the event's data."""

    expr: str | None = None
    fields: list[PayloadField] | None = None


class TimeFilter(Partial):
    """A time of day; ``stop`` is not in it, and may be on the next day."""

    start: str | None = None
    stop: str | None = None
    timezone: str | None = None


class ContextFilter(Partial):
    """What the event's envelope must say, word for word."""

    type: str | None = None
    subject: str | None = None
    source: str | None = None
    datacontenttype: str | None = None


class Filters(Partial):
    """What an event must be like; the parts are joined by the dependency's own operator."""

    data: list[DataFilter] | None = None
    data_logical_operator: str | None = None
    exprs: list[ExprFilter] | None = None
    expr_logical_operator: str | None = None
    context: ContextFilter | None = None
    time: TimeFilter | None = None
    script: str | None = None


class Transform(Partial):
    """What is made of an event before it is filtered."""

    jq: str | None = None
    script: str | None = None


class Dependency(Partial):
    """An event that a Sensor waits for."""

    name: str | None = None
    event_source_name: str | None = None
    event_name: str | None = None
    filters: Filters | None = None
    filters_logical_operator: str | None = None
    transform: Transform | None = None


class Backoff(Partial):
    """How often and how fast something is tried again; ``duration`` is Go's text, or nanoseconds."""

    duration: str | int | None = None
    factor: Any = None
    steps: int | None = None


class RateLimit(Partial):
    """How often a trigger may run; what is too much waits."""

    unit: str | None = None
    requests_per_unit: int | None = None


class ParameterSource(Partial):
    """Where a parameter's value comes from."""

    dependency_name: str | None = None
    data_key: str | None = None
    data_template: str | None = None
    context_key: str | None = None
    context_template: str | None = None
    value: str | None = None


class TriggerParameter(Partial):
    """A value of an event, and the place in what is created that it is put to."""

    src: ParameterSource | None = None
    dest: str | None = None
    operation: str | None = None


class LabelsPolicy(Partial):
    """Labels that what was created must get, or else the trigger failed."""

    labels: dict[str, str] | None = None
    error_on_backoff_timeout: bool | None = None


class StatusPolicy(Partial):
    """HTTP answers that count as done."""

    allow: list[int] | None = None


class TriggerPolicy(Partial):
    """When a trigger counts as done."""

    k8s: LabelsPolicy | None = None
    status: StatusPolicy | None = None


class Trigger(Partial):
    """What a Sensor does; ``template`` holds name, conditions and one key that is the trigger's type."""

    template: dict[str, Any] | None = None
    parameters: list[TriggerParameter] | None = None
    at_least_once: bool | None = None
    retry_strategy: Backoff | None = None
    rate_limit: RateLimit | None = None
    policy: TriggerPolicy | None = None
    dlq_trigger: Trigger | None = None

    @property
    def name(self) -> str:
        """The name that the label ``events.argoproj.io/trigger`` repeats."""
        return text(self.template, "name")

    @property
    def type(self) -> str:
        """The trigger's type as the spec spells it: ``k8s``, ``argoWorkflow``, ``http``."""
        return next((key for key in self.template or {} if key not in _NO_TRIGGERS), "")

    @property
    def conditions(self) -> str:
        """Which events must have come, if it says so: ``(a || b) && c``."""
        return text(self.template, "conditions")

    @property
    def body(self) -> dict[str, Any]:
        """What is under the type; empty where it is not kept, see ``Sensor.reduced``."""
        return mapping(self.template, self.type)


class PodTemplate(Partial):
    """How the Sensor's pods run."""

    service_account_name: str | None = None


class SensorSpec(Partial):
    """``spec`` of a Sensor."""

    event_bus_name: str | None = None
    replicas: int | None = None
    template: PodTemplate | None = None
    dependencies: list[Dependency] | None = None
    triggers: list[Trigger] | None = None


class Sensor(Object):
    """What is waited for and what is then done."""

    spec: SensorSpec | None = None
    status: EventsStatus | None = None

    def reduced(self) -> Self:
        """Leave out the objects that triggers create: whole Workflows."""
        for trigger in self.triggers:
            trigger.template = {
                key: value if key in _NO_TRIGGERS else None for key, value in (trigger.template or {}).items()
            }
            trigger.parameters = trigger.dlq_trigger = None
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
        return bus_name(self.spec.event_bus_name if self.spec else None)

    @property
    def service_account(self) -> str:
        """Who its triggers are to the API server."""
        template = self.spec.template if self.spec else None
        return (template.service_account_name if template else None) or "default"


SENSOR = Kind(name="Sensor", plural="sensors", group="argoproj.io", version="v1alpha1", shape=Sensor)
