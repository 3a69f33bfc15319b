"""EventBus: whether it is run here and up, or somewhere else, and who uses it."""

from __future__ import annotations

import re

from trombone_tui.core.objects.apps import STATEFUL_SET
from trombone_tui.core.objects.argo_events import EVENT_BUS, EVENT_SOURCE, EventBus, EventBusStatus
from trombone_tui.core.objects.argo_sensors import SENSOR
from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.objects.phrases import clauses, counted
from trombone_tui.core.questions import LogSource
from trombone_tui.core.stage import Around, Detail, Fact, Facts, Item, Key, Source, own_key
from trombone_tui.pipeline.events.addresses import address
from trombone_tui.pipeline.events.pods import pod_logs, runs_tree
from trombone_tui.pipeline.events.readiness import (
    EventsFields,
    Standing,
    condition_facts,
    deployed,
    running,
    worst,
)

_REPLICAS = re.compile(r"^\s*replicas:\s*(\d{1,4})\s*$", re.MULTILINE)
_STREAM = re.compile(r"^\s*(maxage|maxmsgs|maxbytes|duplicates):\s*(\S.*?)\s*$", re.MULTILINE | re.IGNORECASE)


def read_event_bus(obj: EventBus, ref: Ref, around: Around) -> tuple[Item, ...]:
    """Make its row."""
    is_deployed, is_running = _standings(obj, around)
    return (
        Item(
            ref=ref,
            health=worst(is_deployed, is_running),
            why=clauses(is_deployed.words, is_running.words, _held(obj, around), _short_of_servers(obj)),
            fields=EventsFields(deployed=is_deployed.true, running=is_running.true),
            since=is_running.since,
            created=obj.metadata.creation_timestamp,
        ),
    )


def _standings(obj: EventBus, around: Around) -> tuple[Standing, Standing]:
    is_deployed = deployed((obj.status or EventBusStatus()).conditions, obj.metadata)
    if obj.elsewhere is not None:
        where = address(obj.elsewhere.url or "") or "an address it does not name"
        words = f"external {obj.type} at {where}, so whether it is up is not visible here"
        return is_deployed, Standing(true=None, health=Health.UNKNOWN, words=words)
    return is_deployed, running(STATEFUL_SET, own_key("EventBus", obj.metadata), around)


def _held(obj: EventBus, around: Around) -> str:
    """Say who keeps it from being deleted: the controller waits while it is named (``installer.go``)."""
    users = _users(obj, around)
    return f"stays while it is used by {users}" if obj.metadata.deletion_timestamp and users else ""


def _users(obj: EventBus, around: Around) -> str:
    key = own_key("EventBus", obj.metadata)
    numbers = [(len(around.linked(kind, key)), kind.name) for kind in (EVENT_SOURCE, SENSOR)]
    return " and ".join(counted(number, name) for number, name in numbers if number)


def bus_of(namespace: str, name: str, around: Around) -> Standing:
    """Say what is wrong with the bus that something uses; no words where nothing is known to be."""
    key: Key = ("EventBus", namespace, name)
    found: list[EventBus] = list(around.linked(EVENT_BUS, key))
    well = Standing(true=None, health=Health.HEALTHY, words="")
    if not found:
        if not around.visible(EVENT_BUS):
            return well
        words = f"there is no EventBus {name} in its namespace, so no event goes through"
        return Standing(true=False, health=Health.DEGRADED, words=words)
    is_running = _standings(found[0], around)[1]
    if is_running.health in (Health.DEGRADED, Health.MISSING, Health.SUSPENDED):
        return Standing(true=False, health=Health.DEGRADED, words=f"its EventBus {name}: {is_running.words}")
    return well


def shared_bus(namespace: str, name: str, around: Around) -> bool:
    """Say whether others may publish to this bus: it is run elsewhere, or can't be seen."""
    found: list[EventBus] = list(around.linked(EVENT_BUS, ("EventBus", namespace, name)))
    return found[0].elsewhere is not None if found else not around.visible(EVENT_BUS)


def explain_event_bus(obj: EventBus, _: Ref, around: Around) -> tuple[Detail, ...]:
    """Tell what is known of it."""
    is_deployed, is_running = _standings(obj, around)
    seen = around.visible(EVENT_SOURCE) and around.visible(SENSOR)
    users = _users(obj, around)
    about = (
        Fact("deployed", is_deployed.words, is_deployed.health),
        Fact("running", is_running.words, is_running.health),
        Fact("type", _sort(obj) or None),
        *_servers(obj),
        *_stored(obj),
        Fact("used by", users or ("nobody" if seen else None)),
    )
    return (
        Facts("Event bus", about),
        *runs_tree(STATEFUL_SET, own_key("EventBus", obj.metadata), around),
        *condition_facts((obj.status or EventBusStatus()).conditions),
    )


def _sort(obj: EventBus) -> str:
    if not obj.type:
        return ""
    old = ", which is at its end of life" if obj.type == "NATS Streaming" else ""
    return f"{obj.type}, {'run elsewhere' if obj.elsewhere else 'run here'}{old}"


def _wanted(obj: EventBus) -> int | None:
    """Return how many servers a JetStream bus has; three where it does not say."""
    if obj.spec is None or obj.spec.jetstream is None:
        return None
    return 3 if obj.spec.jetstream.replicas is None else obj.spec.jetstream.replicas


def _copies(obj: EventBus) -> int | None:
    found = _REPLICAS.search(_stream(obj))
    return int(found[1]) if found else None


def _short_of_servers(obj: EventBus) -> str:
    """Compare the servers with the copies that the stream asks for.

    NATS refuses a stream with more copies than servers; the bus says Deployed all the same, and the pods
    of EventSources and Sensors fail (``argo-events@v1.9.11:pkg/eventbus/jetstream/base/jetstream.go``).
    """
    copies, servers = _copies(obj), _wanted(obj)
    if copies is None or servers is None or copies <= servers:
        return ""
    asked = f"its stream asks for {copies} copies on {counted(servers, 'server')}"
    return f"{asked}: NATS refuses to make a new stream"


def _servers(obj: EventBus) -> tuple[Fact, ...]:
    native = obj.spec.nats.native if obj.spec and obj.spec.nats else None
    if native is not None:
        return (Fact("servers", native.replicas),)
    servers, copies = _wanted(obj), _copies(obj)
    if obj.spec is None or obj.spec.jetstream is None or servers is None:
        return ()
    facts = (Fact("version", obj.spec.jetstream.version), Fact("servers", servers))
    if copies is None:
        return facts
    short = _short_of_servers(obj)
    return (*facts, Fact("stream copies", short or copies, Health.DEGRADED if short else Health.HEALTHY))


def _stored(obj: EventBus) -> tuple[Fact, ...]:
    """Say where messages are kept and for how long."""
    settings = ", ".join(f"{key} {value}" for key, value in _STREAM.findall(_stream(obj)))
    kept = (Fact("stream", settings),) if settings else ()
    if obj.spec is None or obj.elsewhere is not None:
        return kept
    held = obj.spec.jetstream or (obj.spec.nats.native if obj.spec.nats else None)
    if held is None:
        return kept
    if held.persistence is None:
        return (*kept, Fact("messages", "kept in the pods only: gone when they go"))
    size = held.persistence.volume_size or "a size that is not said"
    return (*kept, Fact("messages", f"kept on volumes of {size}"))


def _stream(obj: EventBus) -> str:
    config = obj.status.config if obj.status else None
    return (config.jetstream.stream_config or "") if config and config.jetstream else ""


def event_bus_logs(obj: EventBus, _: Ref, around: Around) -> tuple[LogSource, ...]:
    """Name the logs of its servers; a bus that is run elsewhere has none here."""
    return pod_logs(own_key("EventBus", obj.metadata), around) if obj.elsewhere is None else ()


EVENT_BUSES = Source(
    kind=EVENT_BUS,
    read=read_event_bus,
    explain=explain_event_bus,
    logs=event_bus_logs,
    keys=lambda obj: (own_key("EventBus", obj.metadata),),
    shared=lambda obj: obj.elsewhere is not None,
)
