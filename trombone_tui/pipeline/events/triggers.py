"""The triggers of a Sensor in words: what each does, with what of the event, and what if it fails.

Source: ``argo-events@v1.9.11:pkg/sensors/listener.go`` and ``pkg/sensors/triggers``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import msgspec

from trombone_tui.core.objects.argo_sensors import (
    Backoff,
    ParameterSource,
    RateLimit,
    Sensor,
    Trigger,
    TriggerParameter,
    TriggerPolicy,
)
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.objects.durations import go_duration, spoken
from trombone_tui.core.objects.phrases import counted, shortened
from trombone_tui.core.objects.raw import listing, mapping, text
from trombone_tui.core.stage import Branch
from trombone_tui.pipeline.events.addresses import address

_LONGEST = 120


def trigger_branch(trigger: Trigger, sensor: Sensor, *, whole: bool) -> Branch:
    """Tell one trigger; without ``whole`` what it creates is not known yet."""
    told = does(trigger, sensor.metadata.namespace, whole)
    return Branch(
        text=shortened(f"{trigger.name or '?'}: {told}", 2 * _LONGEST),
        note=_promise(trigger),
        health=None if trigger.type else Health.DEGRADED,
        branches=tuple(Branch(text=shortened(one, 2 * _LONGEST)) for one in _terms(trigger, sensor)),
    )


def does(trigger: Trigger, namespace: str, whole: bool = True) -> str:
    """Say what a trigger does; ``namespace`` is its Sensor's."""
    kind, body = trigger.type, trigger.body
    if not kind:
        return "names nothing to do"
    if not whole:
        return f"{kind}; what it does in full is being read"
    if kind == "k8s":
        return _creates(text(body, "operation") or "create", body, namespace)
    if kind == "argoWorkflow":
        operation = text(body, "operation")
        return f"argo {_creates(operation or '(no operation, which is refused)', body, namespace)}"
    if kind == "http":
        return f"HTTP {text(body, 'method') or 'POST'} to {address(text(body, 'url')) or '?'}"
    named = [f"{key} {text(body, key)}" for key in _NAMED if text(body, key)]
    return " ".join((kind, *named))


_NAMED = ("functionName", "topic", "subject", "channel", "actionName", "queueName", "hubName", "to")


def _creates(operation: str, body: dict[str, Any], namespace: str) -> str:
    source = mapping(body, "source")
    resource = mapping(source, "resource")
    if not resource:
        where = next((key for key, value in source.items() if value), "")
        return f"{operation} what its {where} holds" if where else f"{operation} nothing: it has no source"
    meta, spec = mapping(resource, "metadata"), mapping(resource, "spec")
    kind = text(resource, "kind") or "?"
    name = text(meta, "name") or (f"{text(meta, 'generateName')}…" if text(meta, "generateName") else "")
    template = mapping(spec, "workflowTemplateRef")
    cluster = "ClusterWorkflowTemplate" if template.get("clusterScope") else "WorkflowTemplate"
    from_ = f" from {cluster} {text(template, 'name') or '?'}" if template else ""
    where = text(meta, "namespace") or namespace
    return f"{operation} {kind}{f' {name}' if name else ''}{from_} in namespace {where}"


def _promise(trigger: Trigger) -> str:
    """Say whether an event can get lost.

    Without ``atLeastOnce`` it is tried once and ``retryStrategy`` is never looked at (``triggerActions``).
    """
    if trigger.at_least_once:
        return "at least once"
    dead = "; its retryStrategy has no effect without atLeastOnce" if trigger.retry_strategy else ""
    return f"tried once: an event whose trigger fails is lost{dead}"


def _terms(trigger: Trigger, sensor: Sensor) -> Iterator[str]:
    yield when(trigger, sensor)
    yield from _resets(trigger)
    for one in parameters_of(trigger.body):
        yield _maps(one, "")
    for one in trigger.parameters or ():
        yield _maps(one, "the trigger's own ")
    if trigger.type in ("k8s", "argoWorkflow"):
        yield f"as service account {sensor.metadata.namespace}/{sensor.service_account}"
    if trigger.retry_strategy:
        yield _tries(trigger.retry_strategy)
    if trigger.rate_limit:
        yield _limit(trigger.rate_limit)
    yield from _policy(trigger.policy or TriggerPolicy())
    if trigger.dlq_trigger:
        held = does(trigger.dlq_trigger, sensor.metadata.namespace, True)
        dead = "" if trigger.at_least_once else ", never without atLeastOnce"
        yield f"when given up: {trigger.dlq_trigger.name or '?'} does {held}{dead}"


def when(trigger: Trigger, sensor: Sensor) -> str:
    """Say which events have to come."""
    if trigger.conditions:
        return f"when {trigger.conditions}"
    named = [one.name or "?" for one in sensor.dependencies]
    return (
        f"when {' and '.join(named)} {'have all come' if len(named) > 1 else 'comes'}" if named else "never"
    )


def _resets(trigger: Trigger) -> Iterator[str]:
    for reset in listing(trigger.template, "conditionsReset"):
        times = mapping(reset, "byTime")
        if text(times, "cron"):
            yield f"what has come is forgotten at {text(times, 'cron')} {text(times, 'timezone') or 'UTC'}"


def parameters_of(body: dict[str, Any]) -> list[TriggerParameter]:
    """Read the parameters, of a resource or of a request's payload; odd ones are left out."""
    found = []
    for key in ("payload", "parameters"):
        for one in listing(body, key):
            try:
                found.append(msgspec.convert(one, TriggerParameter))
            except msgspec.ValidationError:
                continue
    return found


def _maps(one: TriggerParameter, whose: str) -> str:
    source = one.src or ParameterSource()
    if source.data_template or source.context_template:
        value = shortened(source.data_template or source.context_template or "", _LONGEST)
    elif source.data_key or source.context_key:
        value = source.data_key or f"the context's {source.context_key}"
    else:
        value = "" if source.value is not None else "the whole event"
    of = f" of {source.dependency_name}" if source.dependency_name and value else ""
    default = "" if source.value is None else f"{', else ' if value else ''}{source.value!r}"
    how = {"append": " appended", "prepend": " put before"}.get(one.operation or "", "")
    return f"{whose}{one.dest or 'all of it'} is{how} {value}{of}{default}"


def _tries(one: Backoff) -> str:
    """Say how often; an object without steps means five (``pkg/shared/util/retry.go``)."""
    tries = counted(5 if one.steps is None else one.steps, "time")
    wait = _wait(one.duration)
    factor = f", {one.factor} times longer each time" if one.factor not in (None, 1, "1", "1.0") else ""
    return f"tried at most {tries}, {wait} apart{factor}"


def _wait(duration: str | int | None) -> str:
    if isinstance(duration, int):
        return spoken(timedelta(microseconds=min(abs(duration), 10**18) / 1000))
    read = go_duration(duration) if duration else timedelta(seconds=1)
    return spoken(read) if read is not None else str(duration)


def _limit(one: RateLimit) -> str:
    return f"at most {one.requests_per_unit or 0} a {(one.unit or 'Second').lower()}; what is more waits"


def _policy(policy: TriggerPolicy) -> Iterator[str]:
    if policy.k8s and policy.k8s.labels:
        wanted = ", ".join(f"{key}={value}" for key, value in policy.k8s.labels.items())
        late = "fails" if policy.k8s.error_on_backoff_timeout else "counts as done all the same"
        yield f"done when what was created has {wanted}; when that comes too late it {late}"
    if policy.status and policy.status.allow:
        yield f"done when the answer is HTTP {' or '.join(map(str, policy.status.allow))}"
