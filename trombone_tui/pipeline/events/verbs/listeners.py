"""Which Sensors a push goes to, what their filters make of it, and what they start."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from trombone_tui.core.details import Branch
from trombone_tui.core.objects.argo_sensors import Dependency, Sensor, Trigger
from trombone_tui.core.objects.phrases import counted, listed, shortened
from trombone_tui.core.objects.raw import mapping, text
from trombone_tui.pipeline.events.filters import filter_branches
from trombone_tui.pipeline.events.triggers import does, parameters_of, when
from trombone_tui.pipeline.events.verbs.verdict import Event, Passing, Verdict, verdict

_LONGEST = 160
_TOLD = 3
_NAMES = re.compile(r"[^\s()!&|]+")
"""The events that a trigger's conditions name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """A Sensor's dependency that an event is delivered to."""

    sensor: Sensor
    dependency: Dependency
    verdict: Verdict

    @property
    def triggers(self) -> list[Trigger]:
        """The triggers that wait for it."""
        name = self.dependency.name or ""
        named = ((one, _NAMES.findall(one.conditions)) for one in self.sensor.triggers)
        return [one for one, names in named if not names or name in names]


def listeners(sensors: Sequence[Sensor], bus: str, event: Event) -> list[Listener]:
    """Return who waits for an event on a bus, in the order of their names."""
    return [
        Listener(sensor=sensor, dependency=one, verdict=verdict(one, event))
        for sensor in sorted(sensors, key=lambda one: one.metadata.name)
        if sensor.bus == bus
        for one in sensor.dependencies
        if (one.event_source_name, one.event_name) == (event.source, event.subject)
    ]


def told(found: Sequence[Listener], event: Event) -> Iterator[str]:
    """Say who listens, and what becomes of the push there."""
    if not found:
        yield f"no Sensor listens to event {event.subject}: it is taken, and nothing comes of it"
        return
    going = [one for one in found if not one.verdict.away]
    away = [one for one in found if one.verdict.away]
    if not going:
        yield "no Sensor's filter lets this push pass, as far as that can be told here"
    yield from map(_goes, going)
    if going and len(away) > 1:
        yield f"{counted(len(away), 'other Sensor')} throw it away: {listed(list(map(_name, away)), _TOLD)}"
        return
    yield from (f"Sensor {_name(one)} throws it away: {one.verdict.why}" for one in away[:_TOLD])
    if more := [_name(one) for one in away[_TOLD:]]:
        yield f"so do {counted(len(more), 'more Sensor')}: {listed(more, _TOLD)}"


def _name(one: Listener) -> str:
    return one.sensor.metadata.name or "?"


def _goes(one: Listener) -> str:
    namespace = one.sensor.metadata.namespace
    doing = (
        "; ".join(_does(trigger, one.sensor, namespace) for trigger in one.triggers)
        or "none of its triggers waits for it"
    )
    if one.verdict.passing is Passing.OPEN:
        wants = shortened(", ".join(_flat(filter_branches(one.dependency))), _LONGEST)
        return (
            f"whether Sensor {_name(one)} lets it pass can't be told here (it wants: {wants}); if so, {doing}"
        )
    return f"Sensor {_name(one)} takes it; {doing}"


def _does(trigger: Trigger, sensor: Sensor, namespace: str) -> str:
    waits = f", {when(trigger, sensor)}" if len(sensor.dependencies) > 1 else ""
    return shortened(f"{trigger.name or '?'}: {does(trigger, namespace)}{waits}", _LONGEST)


def _flat(branches: Sequence[Branch]) -> Iterator[str]:
    for one in branches:
        yield one.text
        yield from _flat(one.branches)


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A Workflow that a Sensor's trigger would start."""

    namespace: str
    sensor: str
    trigger: str
    marked: bool
    """Whether the commit or the delivery is put into it, so that it says itself what it is for."""


def starts(one: Listener, event: Event, marks: Sequence[str]) -> Iterator[Start]:
    """Say which Workflows would be started where their labels tell.

    A Sensor labels what it creates, and what it has ``argo submit`` start; what is submitted from a template
    gets no label (``argo-events@v1.9.11:pkg/sensors/triggers``).
    """
    for trigger in one.triggers:
        namespace = _workflow_in(trigger, one.sensor.metadata.namespace)
        if namespace:
            yield Start(
                namespace=namespace,
                sensor=one.sensor.metadata.name,
                trigger=trigger.name,
                marked=_marks(trigger, one.dependency, event, marks),
            )


def _workflow_in(trigger: Trigger, own: str) -> str:
    """Return the namespace in which a trigger creates a Workflow; empty where it does not, or it varies."""
    operations = {"k8s": ("", "create"), "argoWorkflow": ("", "submit")}
    body = trigger.body
    resource = mapping(body, "source", "resource")
    if text(body, "operation") not in operations.get(trigger.type, ()) or resource.get("kind") != "Workflow":
        return ""
    changed = [one.dest or "" for one in (*parameters_of(body), *(trigger.parameters or ()))]
    if any(dest.endswith("metadata.namespace") for dest in changed):
        return ""
    return text(resource, "metadata", "namespace") or own


def _marks(trigger: Trigger, dependency: Dependency, event: Event, marks: Sequence[str]) -> bool:
    if dependency.transform is not None:
        return False
    sources = [one.src for one in parameters_of(trigger.body) if one.src is not None]
    values: list[Any] = [
        event.at(one.data_key)
        for one in sources
        if one.dependency_name == dependency.name and not (one.data_template or one.context_template)
    ]
    return any(value in marks for value in values if isinstance(value, str))
