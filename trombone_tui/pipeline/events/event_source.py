"""EventSource: what it listens to, and whether it does."""

from __future__ import annotations

from trombone_tui.core.objects.apps import DEPLOYMENT
from trombone_tui.core.objects.argo_events import EVENT_SOURCE, SENSOR, EventSource, EventsStatus
from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.objects.phrases import clauses, shortened
from trombone_tui.core.stage import Around, Detail, Fact, Facts, Item, Source, own_key
from trombone_tui.pipeline.events.readiness import (
    EventsFields,
    Standing,
    condition_facts,
    deployed,
    running,
    worst,
)

_NAMED = 3


def read_event_source(obj: EventSource, ref: Ref, around: Around) -> tuple[Item, ...]:
    """Make its row; what it received is written nowhere in the cluster, so ``last_seen`` stays unknown."""
    is_deployed, is_running, listening = _standings(obj, around)
    return (
        Item(
            ref=ref,
            health=worst(is_deployed, is_running, listening),
            why=clauses(is_deployed.words, is_running.words, listening.words),
            fields=EventsFields(deployed=is_deployed.true, running=is_running.true, events=len(obj.events)),
            since=is_running.since,
            created=obj.metadata.creation_timestamp,
            joins=_joins(obj, around),
        ),
    )


def _standings(obj: EventSource, around: Around) -> tuple[Standing, Standing, Standing]:
    conditions = (obj.status or EventsStatus()).conditions
    workloads = around.linked(DEPLOYMENT, own_key("EventSource", obj.metadata))
    return deployed(conditions, obj.metadata), running(workloads, DEPLOYMENT, around), _listening(obj)


def _listening(obj: EventSource) -> Standing:
    """Say what it listens to; the controller calls one without any event deployed all the same."""
    named = [f"{kind} {name}" for kind, name in obj.events]
    if not named:
        words = "its spec names no event, so nothing is listened to"
        return Standing(true=False, health=Health.DEGRADED, words=words)
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    words = shortened(f"should listen to {', '.join(named[:_NAMED])}{more}", 120)
    return Standing(true=True, health=Health.HEALTHY, words=words)


def _joins(obj: EventSource, around: Around) -> tuple[str, ...]:
    """Go where the Sensors go that wait for its events."""
    sensors = around.linked(SENSOR, own_key("EventSource", obj.metadata))
    return tuple(sorted({f"Sensor/{sensor.metadata.name}" for sensor in sensors}))


def explain_event_source(obj: EventSource, ref: Ref, around: Around) -> tuple[Detail, ...]:
    """Tell what is known of it."""
    is_deployed, is_running, listening = _standings(obj, around)
    sensors = sorted(s.metadata.name for s in around.linked(SENSOR, own_key("EventSource", obj.metadata)))
    seen = ", ".join(sensors) if around.visible(SENSOR) or sensors else None
    about = (
        Fact("deployed", is_deployed.words, is_deployed.health),
        Fact("running", is_running.words, is_running.health),
        Fact("listens", listening.words, listening.health),
        Fact("EventBus", f"{ref.namespace}/{obj.bus}"),
        Fact("Sensors", seen if seen is None or seen else "none waits for its events"),
        Fact("last seen", None),
    )
    events = tuple(Fact(name, f"{kind}{_way_in(obj, kind, name)}") for kind, name in obj.events)
    listed = (Facts("Events", events),) if events else ()
    return (
        Facts("Event source", about),
        *listed,
        *condition_facts((obj.status or EventsStatus()).conditions),
    )


def _way_in(obj: EventSource, kind: str, name: str) -> str:
    """Say where a webhook comes in: a port of its pods and a path."""
    event = (obj.spec or {}).get(kind, {}).get(name)
    hook = event.get("webhook", event) if isinstance(event, dict) else None
    if not isinstance(hook, dict) or not isinstance(hook.get("endpoint"), str):
        return ""
    return f", port {hook.get('port', '?')}, path {hook['endpoint']}"


EVENT_SOURCES = Source(kind=EVENT_SOURCE, read=read_event_source, explain=explain_event_source)
