"""EventSource: what it listens to, and whether it does."""

from __future__ import annotations

from collections.abc import Iterator

from trombone_tui.core.objects.apps import DEPLOYMENT
from trombone_tui.core.objects.argo_events import EVENT_SOURCE, EventSource, EventsStatus
from trombone_tui.core.objects.argo_sensors import SENSOR, Sensor
from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.objects.phrases import clauses, listed, shortened
from trombone_tui.core.questions import LogSource
from trombone_tui.core.stage import Around, Detail, Fact, Facts, Item, Key, Source, Tree, own_key
from trombone_tui.pipeline.events.event_bus import bus_of
from trombone_tui.pipeline.events.history import History, history
from trombone_tui.pipeline.events.listening import event_branch
from trombone_tui.pipeline.events.pods import pod_logs, runs_tree
from trombone_tui.pipeline.events.readiness import (
    EventsFields,
    Standing,
    condition_facts,
    deployed,
    running,
    worst,
)
from trombone_tui.pipeline.events.started import started

_NAMED = 3


def read_event_source(obj: EventSource, ref: Ref, around: Around) -> tuple[Item, ...]:
    """Make its row; what it received stands in its pods' logs only, so ``last_seen`` stays unknown."""
    is_deployed, is_running, listening, bus = _standings(obj, around)
    return (
        Item(
            ref=ref,
            health=worst(is_deployed, is_running, listening, bus),
            why=clauses(is_deployed.words, is_running.words, bus.words, listening.words),
            fields=EventsFields(deployed=is_deployed.true, running=is_running.true, events=len(obj.events)),
            since=is_running.since,
            created=obj.metadata.creation_timestamp,
            joins=_joins(obj, around),
        ),
    )


def _standings(obj: EventSource, around: Around) -> tuple[Standing, Standing, Standing, Standing]:
    conditions = (obj.status or EventsStatus()).conditions
    is_deployed = deployed(conditions, obj.metadata)
    is_running = running(DEPLOYMENT, own_key("EventSource", obj.metadata), around)
    bus = bus_of(obj.metadata.namespace, obj.bus, around)
    if is_deployed.true is False:
        bus = Standing(true=None, health=Health.HEALTHY, words="")
    return is_deployed, is_running, _listening(obj), bus


def _listening(obj: EventSource) -> Standing:
    """Say what it listens to; the controller calls one without any event deployed all the same."""
    named = [f"{kind} {name}" for kind, name in obj.events]
    if not named:
        words = "its spec names no event, so nothing is listened to"
        return Standing(true=False, health=Health.DEGRADED, words=words)
    words = shortened(f"should listen to {listed(named, _NAMED)}", 120)
    return Standing(true=True, health=Health.HEALTHY, words=words)


def _joins(obj: EventSource, around: Around) -> tuple[str, ...]:
    """Go where the Sensors go that wait for its events."""
    return tuple(sorted({f"Sensor/{sensor.metadata.name}" for sensor in _sensors(obj, around)}))


def _sensors(obj: EventSource, around: Around) -> list[Sensor]:
    found: list[Sensor] = list(around.linked(SENSOR, own_key("EventSource", obj.metadata)))
    return sorted(found, key=lambda one: one.metadata.name)


def explain_event_source(obj: EventSource, ref: Ref, around: Around) -> tuple[Detail, ...]:
    """Tell what is known of it."""
    is_deployed, is_running, listening, bus = _standings(obj, around)
    key = own_key("EventSource", obj.metadata)
    known = history(key, around)
    about = (
        *known.troubles,
        Fact("deployed", is_deployed.words, is_deployed.health),
        Fact("running", is_running.words, is_running.health),
        Fact("listens", listening.words, listening.health),
        Fact("EventBus", f"{ref.namespace}/{obj.bus}{f': {bus.words}' if bus.words else ''}", bus.health),
        Fact("Sensors", _waiting(obj, around)),
        Fact("last seen", known.last_event),
    )
    events = tuple(event_branch(obj, kind, name) for kind, name in obj.events)
    return (
        Facts("Event source", about),
        *((Tree("Events", events),) if events else ()),
        known.named(_counts(obj, known)),
        *_led_to(obj, around),
        *runs_tree(DEPLOYMENT, key, around),
        *condition_facts((obj.status or EventsStatus()).conditions),
        *known.newest,
    )


def _waiting(obj: EventSource, around: Around) -> str | None:
    named = ", ".join(sensor.metadata.name for sensor in _sensors(obj, around))
    return named or ("none waits for its events" if around.visible(SENSOR) else None)


def _counts(obj: EventSource, known: History) -> Iterator[Fact]:
    """Count what happened to each event, those that only the log names last."""
    seen = dict.fromkeys(event for one in known.occurrences for event in one.events)
    for name in dict.fromkeys((*(name for _, name in obj.events), *seen)):
        yield known.counts(name, event=name)


def _led_to(obj: EventSource, around: Around) -> tuple[Detail, ...]:
    """Say what the Sensors that wait for its events started, which is seen without any log."""
    facts = tuple(Fact(one.metadata.name, started(one, around).words) for one in _sensors(obj, around))
    return (Facts("Started by its Sensors", facts),) if facts else ()


def event_source_logs(obj: EventSource, _: Ref, around: Around) -> tuple[LogSource, ...]:
    """Name the logs of its pods."""
    return pod_logs(own_key("EventSource", obj.metadata), around)


def event_source_keys(obj: EventSource) -> tuple[Key, ...]:
    """Name itself, for the Sensors that wait for it, and its bus."""
    return (own_key("EventSource", obj.metadata), ("EventBus", obj.metadata.namespace, obj.bus))


EVENT_SOURCES = Source(
    kind=EVENT_SOURCE,
    read=read_event_source,
    explain=explain_event_source,
    logs=event_source_logs,
    keys=event_source_keys,
    shared=lambda obj: (obj.names, obj.bus),
)
