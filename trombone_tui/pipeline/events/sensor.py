"""Sensor: what it waits for, whether it runs, and the Workflows it started.

A Workflow carries its Sensor's name but not the namespace, so where two Sensors of a cluster share a name
it can't be known which of them started it; that is said, and nothing is counted.
Source: ``argo-events@v1.9.11:pkg/sensors/triggers/standard-k8s/standard-k8s.go``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from trombone_tui.core.objects.apps import DEPLOYMENT
from trombone_tui.core.objects.argo_events import (
    SENSOR,
    STARTED_BY,
    TRIGGERED_AT,
    EventsStatus,
    Sensor,
    Trigger,
)
from trombone_tui.core.objects.argo_workflows import WORKFLOW, Workflow, newest_moment
from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.objects.durations import stamp
from trombone_tui.core.objects.phrases import clauses, counted, shortened
from trombone_tui.core.stage import Around, Detail, Fact, Facts, Item, Key, Source, own_key
from trombone_tui.pipeline.events.readiness import (
    EventsFields,
    Standing,
    condition_facts,
    deployed,
    running,
    worst,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The Workflows that a Sensor started and that still exist."""

    words: str
    count: int | None = None
    newest: datetime | None = None


def read_sensor(obj: Sensor, ref: Ref, around: Around) -> tuple[Item, ...]:
    """Make its row."""
    is_deployed, is_running = _standings(obj, around)
    does, started = _doing(obj), _started(obj, around)
    return (
        Item(
            ref=ref,
            health=worst(is_deployed, is_running, does),
            why=clauses(is_deployed.words, is_running.words, does.words, started.words),
            fields=EventsFields(
                deployed=is_deployed.true,
                running=is_running.true,
                last_seen=started.newest,
                workflows=started.count,
                events=len(obj.dependencies),
            ),
            since=is_running.since,
            brief=f"{started.newest:%m-%d %H:%M}" if started.newest else "",
            created=obj.metadata.creation_timestamp,
            joins=(f"Sensor/{obj.metadata.name}",),
        ),
    )


def _standings(obj: Sensor, around: Around) -> tuple[Standing, Standing]:
    is_deployed = deployed((obj.status or EventsStatus()).conditions, obj.metadata)
    workloads = around.linked(DEPLOYMENT, own_key("Sensor", obj.metadata))
    return is_deployed, running(workloads, DEPLOYMENT, around)


def _doing(obj: Sensor) -> Standing:
    """Say which triggers name nothing to do; the controller deploys a Sensor with such ones all the same."""
    idle = [trigger.name or "?" for trigger in obj.triggers if not trigger.type]
    if not idle:
        return Standing(true=True, health=Health.HEALTHY, words="")
    named = shortened(", ".join(idle), 60)
    words = f"trigger{'s' * (len(idle) > 1)} {named} {'name' if len(idle) > 1 else 'names'} nothing to do"
    return Standing(true=False, health=Health.DEGRADED, words=words)


def _started(obj: Sensor, around: Around) -> Started:
    name = ("Sensor", obj.metadata.name)
    namesakes = len(around.linked(SENSOR, name))
    workflows: Sequence[Workflow] = around.linked(WORKFLOW, name)
    if not workflows and not around.visible(WORKFLOW):
        return Started(words="what it started is not visible (workflows)")
    if namesakes > 1 and workflows:
        carry = "carries" if len(workflows) == 1 else "carry"
        words = f"{counted(len(workflows), 'Workflow')} {carry} its name, which {namesakes} Sensors share"
        return Started(words=words)
    if not workflows and not around.everywhere(WORKFLOW):
        return Started(words="no Workflow that it started is in the namespaces seen")
    if not workflows:
        return Started(words="no Workflow that it started exists now", count=0)
    newest = newest_moment(one.metadata.label(TRIGGERED_AT) for one in workflows)
    last = f", the last on {stamp(newest)}" if newest else ", when is not recorded"
    if not around.everywhere(WORKFLOW):
        words = f"{counted(len(workflows), 'Workflow')} it started in the namespaces seen{last}"
        return Started(words=words, newest=newest)
    words = f"{counted(len(workflows), 'Workflow')} it started {_exist(len(workflows))}{last}"
    return Started(words=words, count=len(workflows), newest=newest)


def _exist(number: int) -> str:
    return "exists" if number == 1 else "exist"


def explain_sensor(obj: Sensor, ref: Ref, around: Around) -> tuple[Detail, ...]:
    """Tell what is known of it."""
    is_deployed, is_running = _standings(obj, around)
    started = _started(obj, around)
    about = (
        Fact("deployed", is_deployed.words, is_deployed.health),
        Fact("running", is_running.words, is_running.health),
        Fact("EventBus", f"{ref.namespace}/{obj.bus}"),
        Fact("started", started.words),
        Fact("last seen", started.newest),
    )
    waits = tuple(
        Fact(d.name or "?", f"{d.event_source_name or '?'} / {d.event_name or '?'}{_filtered(d.filters)}")
        for d in obj.dependencies
    )
    does = tuple(Fact(t.name or "?", _in_words(t)) for t in obj.triggers)
    return (
        Facts("Sensor", about),
        *((Facts("Waits for", waits),) if waits else ()),
        *((Facts("Triggers", does),) if does else ()),
        *condition_facts((obj.status or EventsStatus()).conditions),
    )


def _filtered(filters: dict[str, object] | None) -> str:
    kinds = ", ".join(sorted(key for key, value in (filters or {}).items() if value))
    return f", filtered by {kinds}" if kinds else ""


def _in_words(trigger: Trigger) -> str:
    """Say what a trigger does and whether an event can get lost.

    Without ``atLeastOnce`` it is tried once and ``retryStrategy`` is never looked at
    (``argo-events@v1.9.11:pkg/sensors/listener.go``, triggerActions).
    """
    kind = trigger.type or "no type"
    conditions = (trigger.template or {}).get("conditions")
    when = f" when {conditions}" if isinstance(conditions, str) and conditions else ""
    if trigger.at_least_once:
        return f"{kind}{when}, at least once"
    dead = "; its retryStrategy has no effect without atLeastOnce" if trigger.retry_strategy else ""
    return f"{kind}{when}, tried once: an event whose trigger fails is lost{dead}"


def sensor_keys(obj: Sensor) -> list[Key]:
    """Name the label that its Workflows carry, and the EventSources it waits for."""
    named = {d.event_source_name for d in obj.dependencies if d.event_source_name}
    sources = [("EventSource", obj.metadata.namespace, name) for name in sorted(named)]
    return [("Sensor", obj.metadata.name), *sources]


def sensor_of_workflow(workflow: Workflow) -> tuple[Key, ...]:
    """Name the Sensor that started a Workflow."""
    name = workflow.metadata.label(STARTED_BY)
    return _key_of(name) if name else ()


@lru_cache(maxsize=1024)
def _key_of(sensor: str) -> tuple[Key, ...]:
    """Let all Workflows of a Sensor share their key."""
    return (("Sensor", sensor),)


def time_of_workflow(workflow: Workflow) -> object:
    """Return what a Sensor's row reads of a Workflow."""
    return workflow.metadata.label(TRIGGERED_AT)


SENSORS = Source(
    kind=SENSOR,
    read=read_sensor,
    explain=explain_sensor,
    keys=sensor_keys,
    shared=lambda obj: obj.metadata.name,
)
STARTED_WORKFLOWS = Source(kind=WORKFLOW, keys=sensor_of_workflow, shared=time_of_workflow)
