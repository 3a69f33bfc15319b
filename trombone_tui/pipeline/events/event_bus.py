"""EventBus: whether it is run here and up, or somewhere else."""

from __future__ import annotations

import re

from trombone_tui.core.objects.apps import STATEFUL_SET
from trombone_tui.core.objects.argo_events import EVENT_BUS, EventBus, EventBusStatus
from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.objects.phrases import clauses, counted, shortened
from trombone_tui.core.stage import Around, Detail, Fact, Facts, Item, Source, own_key
from trombone_tui.pipeline.events.readiness import (
    EventsFields,
    Standing,
    condition_facts,
    deployed,
    running,
    worst,
)

_REPLICAS = re.compile(r"^\s*replicas:\s*(\d{1,4})\s*$", re.MULTILINE)
_CREDENTIALS = re.compile(r"//[^/@\s]*@")


def read_event_bus(obj: EventBus, ref: Ref, around: Around) -> tuple[Item, ...]:
    """Make its row."""
    is_deployed, is_running = _standings(obj, around)
    return (
        Item(
            ref=ref,
            health=worst(is_deployed, is_running),
            why=clauses(is_deployed.words, is_running.words),
            fields=EventsFields(deployed=is_deployed.true, running=is_running.true),
            since=is_running.since,
            created=obj.metadata.creation_timestamp,
        ),
    )


def _standings(obj: EventBus, around: Around) -> tuple[Standing, Standing]:
    is_deployed = deployed((obj.status or EventBusStatus()).conditions, obj.metadata)
    if obj.elsewhere is not None:
        words = f"external {obj.type} at {_address(obj)}, so whether it is up is not visible here"
        return is_deployed, Standing(true=None, health=Health.UNKNOWN, words=words)
    workloads = around.linked(STATEFUL_SET, own_key("EventBus", obj.metadata))
    return is_deployed, running(workloads, STATEFUL_SET, around)


def _address(obj: EventBus) -> str:
    url = (obj.elsewhere.url or "") if obj.elsewhere else ""
    return shortened(_CREDENTIALS.sub("//", url), 80) or "an address it does not name"


def explain_event_bus(obj: EventBus, _: Ref, around: Around) -> tuple[Detail, ...]:
    """Tell what is known of it."""
    is_deployed, is_running = _standings(obj, around)
    about = (
        Fact("deployed", is_deployed.words, is_deployed.health),
        Fact("running", is_running.words, is_running.health),
        Fact("type", obj.type or None),
        *_servers(obj),
    )
    return (Facts("Event bus", about), *condition_facts((obj.status or EventBusStatus()).conditions))


def _servers(obj: EventBus) -> tuple[Fact, ...]:
    """Compare the servers with the copies that the stream asks for.

    NATS refuses a stream with more copies than servers; the bus says Deployed all the same, and the pods
    of EventSources and Sensors fail (``argo-events@v1.9.11:pkg/eventbus/jetstream/base/jetstream.go``).
    """
    if obj.spec is None or obj.spec.jetstream is None:
        return ()
    servers = 3 if obj.spec.jetstream.replicas is None else obj.spec.jetstream.replicas
    found = _REPLICAS.search(_stream(obj))
    facts = (Fact("version", obj.spec.jetstream.version), Fact("servers", servers))
    if found is None:
        return facts
    copies = int(found[1])
    if copies <= servers:
        return (*facts, Fact("stream copies", copies, Health.HEALTHY))
    words = f"{copies}, more than {counted(servers, 'server')}: NATS will refuse to make a new stream"
    return (*facts, Fact("stream copies", words, Health.DEGRADED))


def _stream(obj: EventBus) -> str:
    config = obj.status.config if obj.status else None
    return (config.jetstream.stream_config or "") if config and config.jetstream else ""


EVENT_BUSES = Source(kind=EVENT_BUS, read=read_event_bus, explain=explain_event_bus)
