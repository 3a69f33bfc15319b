"""Sensor: what it waits for, whether it runs, and the Workflows it started."""

from __future__ import annotations

from collections.abc import Iterator

from trombone_tui.core.objects.apps import DEPLOYMENT
from trombone_tui.core.objects.argo_events import EVENT_SOURCE, EventSource, EventsStatus
from trombone_tui.core.objects.argo_sensors import SENSOR, Dependency, Sensor
from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.objects.phrases import clauses, shortened
from trombone_tui.core.questions import LogSource, Objects, only
from trombone_tui.core.stage import (
    Around,
    Branch,
    Detail,
    Fact,
    Facts,
    Item,
    Key,
    Source,
    Tree,
    own_key,
)
from trombone_tui.pipeline.events.event_bus import bus_of, shared_bus
from trombone_tui.pipeline.events.filters import filter_branches
from trombone_tui.pipeline.events.history import History, history
from trombone_tui.pipeline.events.pods import pod_logs, runs_tree
from trombone_tui.pipeline.events.readiness import (
    EventsFields,
    Standing,
    condition_facts,
    deployed,
    running,
    worst,
)
from trombone_tui.pipeline.events.started import started, started_lines
from trombone_tui.pipeline.events.triggers import trigger_branch

_WELL = Standing(true=True, health=Health.HEALTHY, words="")


def read_sensor(obj: Sensor, ref: Ref, around: Around) -> tuple[Item, ...]:
    """Make its row."""
    parts, does = _standings(obj, around), started(obj, around)
    is_deployed, is_running = parts[:2]
    return (
        Item(
            ref=ref,
            health=worst(*parts),
            why=clauses(*(one.words for one in parts), does.words),
            fields=EventsFields(
                deployed=is_deployed.true,
                running=is_running.true,
                last_seen=does.newest,
                workflows=does.count,
                events=len(obj.dependencies),
            ),
            since=is_running.since,
            brief=f"{does.newest:%H:%M %m-%d}" if does.newest else "",
            created=obj.metadata.creation_timestamp,
            joins=(f"Sensor/{obj.metadata.name}",),
        ),
    )


def _standings(obj: Sensor, around: Around) -> tuple[Standing, Standing, Standing, Standing, Standing]:
    is_deployed = deployed((obj.status or EventsStatus()).conditions, obj.metadata)
    is_running = running(DEPLOYMENT, own_key("Sensor", obj.metadata), around)
    bus = _WELL
    if is_deployed.true is not False:
        bus = bus_of(obj.metadata.namespace, obj.bus, around)
    return is_deployed, is_running, bus, _heard(obj, around), _doing(obj)


def _doing(obj: Sensor) -> Standing:
    """Say which triggers name nothing to do; the controller deploys a Sensor with such ones all the same."""
    idle = [trigger.name or "?" for trigger in obj.triggers if not trigger.type]
    if not idle:
        return _WELL
    named = shortened(", ".join(idle), 60)
    words = f"trigger{'s' * (len(idle) > 1)} {named} {'name' if len(idle) > 1 else 'names'} nothing to do"
    return Standing(true=False, health=Health.DEGRADED, words=words)


def _heard(obj: Sensor, around: Around) -> Standing:
    """Say which event it waits for that nobody sends.

    On a bus that is run elsewhere an EventSource of another namespace may send it: that is a guess then.
    """
    unheard = [why for one in obj.dependencies if (why := _unheard(one, obj, around))]
    if not unheard:
        return _WELL
    more = f", and {len(unheard) - 1} more like it" if len(unheard) > 1 else ""
    words = f"waits for {unheard[0]}{more}"
    if shared_bus(obj.metadata.namespace, obj.bus, around):
        guess = ", unless another namespace sends it over the same bus"
        return Standing(true=None, health=Health.UNKNOWN, words=f"{words}{guess}")
    return Standing(true=False, health=Health.DEGRADED, words=words)


def _unheard(one: Dependency, obj: Sensor, around: Around) -> str:
    """Say why a dependency can't come; empty where it can, or where that can't be seen."""
    name, event = one.event_source_name, one.event_name
    if not name or not event:
        return f"{one.name or '?'}, which names no {'event' if name else 'EventSource'}"
    sources: list[EventSource] = list(
        around.linked(EVENT_SOURCE, ("EventSource", obj.metadata.namespace, name))
    )
    if not sources:
        unseen = not around.visible(EVENT_SOURCE)
        return "" if unseen else f"event {event} of EventSource {name}, which does not exist"
    has = sources[0].names
    if event in has and sources[0].bus != obj.bus:
        return f"event {event}, which EventSource {name} sends to EventBus {sources[0].bus}, not to {obj.bus}"
    if event in has:
        return ""
    known = shortened(", ".join(sorted(has)), 60) or "no event"
    return f"event {event}, which EventSource {name} does not have (it has {known})"


def explain_sensor(obj: Sensor, ref: Ref, around: Around) -> tuple[Detail, ...]:
    """Tell what is known of it; the triggers in full are asked for, as rows do not keep them."""
    is_deployed, is_running, bus, heard, _ = _standings(obj, around)
    key = own_key("Sensor", obj.metadata)
    known, does = history(key, around), started(obj, around)
    about = (
        *known.troubles,
        Fact("deployed", is_deployed.words, is_deployed.health),
        Fact("running", is_running.words, is_running.health),
        Fact("EventBus", f"{ref.namespace}/{obj.bus}{f': {bus.words}' if bus.words else ''}", bus.health),
        *((Fact("events", heard.words, heard.health),) if heard.words else ()),
        Fact("started", does.words),
        Fact("last seen", max(filter(None, (does.newest, known.last_event)), default=None)),
    )
    return (
        Facts("Sensor", about),
        *_tree("Waits for", (_dependency(one, obj, around) for one in obj.dependencies)),
        *_tree("Triggers", _triggers(obj, around)),
        known.named(_counts(obj, known)),
        *started_lines(obj, around),
        *runs_tree(DEPLOYMENT, key, around),
        *condition_facts((obj.status or EventsStatus()).conditions),
        *known.newest,
    )


def _tree(title: str, branches: Iterator[Branch]) -> tuple[Tree, ...]:
    told = tuple(branches)
    return (Tree(title, told),) if told else ()


def _dependency(one: Dependency, obj: Sensor, around: Around) -> Branch:
    unheard = _unheard(one, obj, around)
    filters = filter_branches(one)
    event, source = one.event_name or "?", one.event_source_name or "?"
    return Branch(
        text=f"{one.name or '?'}: event {event} of EventSource {source}",
        note=f"waits for {unheard}" if unheard else "" if filters else "not filtered",
        health=Health.UNKNOWN if unheard else None,
        branches=filters,
    )


def _triggers(obj: Sensor, around: Around) -> Iterator[Branch]:
    answer = around.ask(Objects.named(SENSOR, obj.metadata.namespace, obj.metadata.name))
    whole = only(answer)
    shown = whole if isinstance(whole, Sensor) else obj
    for trigger in shown.triggers:
        yield trigger_branch(trigger, shown, whole=shown is whole)
    if answer.trouble is not None:
        yield Branch(text=f"in full they are not visible: {answer.trouble}", health=Health.UNKNOWN)


def _counts(obj: Sensor, known: History) -> Iterator[Fact]:
    """Count what happened to each event and each trigger."""
    for one in obj.dependencies:
        name = one.name or "?"
        yield known.counts(f"event {name}", event=name)
    for trigger in obj.triggers:
        name = trigger.name or "?"
        yield known.counts(f"trigger {name}", trigger=name)


def sensor_logs(obj: Sensor, _: Ref, around: Around) -> tuple[LogSource, ...]:
    """Name the logs of its pods."""
    return pod_logs(own_key("Sensor", obj.metadata), around)


def sensor_keys(obj: Sensor) -> list[Key]:
    """Name the label that its Workflows carry, the EventSources it waits for and its bus."""
    namespace = obj.metadata.namespace
    named = {d.event_source_name for d in obj.dependencies if d.event_source_name}
    sources = [("EventSource", namespace, name) for name in sorted(named)]
    return [("Sensor", obj.metadata.name), *sources, ("EventBus", namespace, obj.bus)]


SENSORS = Source(
    kind=SENSOR,
    read=read_sensor,
    explain=explain_sensor,
    logs=sensor_logs,
    keys=sensor_keys,
    shared=lambda obj: obj.metadata.name,
)
