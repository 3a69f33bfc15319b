"""What an EventSource listens to, event by event, in words.

Fields: ``argo-events@v1.9.11:pkg/apis/events/v1alpha1/eventsource_types.go``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trombone_tui.core.objects.argo_events import EventSource
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.objects.phrases import shortened
from trombone_tui.core.objects.raw import listing, text
from trombone_tui.core.stage import Branch
from trombone_tui.pipeline.events.addresses import address

_LONGEST = 160

_ADDRESSES = ("url", "hostAddress", "endpoint", "githubBaseURL", "gitlabBaseURL", "fqdn", "metricsURL")
_TOLD = (
    "schedule",
    "interval",
    "timezone",
    "exclusionDates",
    "topic",
    "topics",
    "topicArn",
    "topicID",
    "topicName",
    "projectID",
    "subscription",
    "subscriptionID",
    "subject",
    "channel",
    "channels",
    "channelName",
    "streams",
    "queue",
    "queueName",
    "exchangeName",
    "exchangeType",
    "routingKey",
    "consumerGroup",
    "partition",
    "region",
    "hubName",
    "group",
    "version",
    "resource",
    "namespace",
    "eventTypes",
    "eventType",
    "bucket",
    "projects",
    "groups",
    "projectKey",
    "repositorySlug",
    "organizations",
    "events",
    "watchPathConfig",
)
"""Fields that say what comes, as the spec spells them; none of them holds a secret."""
_SIGNED = {"github": "webhookSecret", "webhook": "authSecret"}
"""Where a webhook's secret is named; without it nothing is checked (``go-github@v50.2.0:messages.go``)."""


def event_branch(source: EventSource, kind: str, name: str) -> Branch:
    """Tell one event: its type, where it comes in, what is asked for."""
    event = source.event(kind, name)
    return Branch(
        text=f"{name}: {kind}",
        note=_way_in(kind, event),
        branches=tuple(
            Branch(text=shortened(text, _LONGEST), health=health) for text, health in _terms(kind, event)
        ),
    )


def _way_in(kind: str, event: dict[str, Any]) -> str:
    """Say where a webhook comes in: a port of its pods and a path."""
    hook = hook_of(kind, event)
    if not isinstance(hook.get("endpoint"), str):
        return ""
    method = f"{hook['method']} " if isinstance(hook.get("method"), str) and hook["method"] else ""
    return f"{method}port {hook.get('port', '?')}, path {hook['endpoint']}"


def hook_of(kind: str, event: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of an event's webhook: port, path, what is checked; empty where it has none."""
    held = event.get("webhook")
    if isinstance(held, dict):
        return held
    return event if kind == "webhook" else {}


def _terms(kind: str, event: dict[str, Any]) -> Iterator[tuple[str, Health | None]]:
    yield from ((text, None) for text in _repositories(event))
    if base := hook_of(kind, event).get("url"):
        yield f"registered as {address(str(base))}", None
    for key in _ADDRESSES:
        if (value := event.get(key)) and kind != "webhook" and isinstance(value, str):
            yield f"{key} {address(value)}", None
    for key in _TOLD:
        if (value := event.get(key)) not in (None, "", [], {}):
            yield f"{key} {_written(value)}", None
    if expression := text(event, "filter", "expression"):
        yield f"filtered: only if {expression}; what does not pass is not even logged", None
    if "active" in event:
        yield (
            f"active: {'yes' if event['active'] else 'no, as GitHub is told when the hook is registered'}",
            None,
        )
    secret = _SIGNED.get(kind)
    if secret and not (event.get(secret) or hook_of(kind, event).get("authSecret")):
        yield f"no {secret}: who sent a request is not checked", Health.UNKNOWN


def _repositories(event: dict[str, Any]) -> Iterator[str]:
    for one in listing(event, "repositories"):
        if isinstance(one, dict):
            names = one.get("names") if isinstance(one.get("names"), list) else None
            named = ", ".join(f"{one.get('owner', '?')}/{name}" for name in names or ["?"])
            yield f"repositories {named}"
    if isinstance(event.get("repository"), str) and event["repository"]:
        yield f"repository {event.get('owner') or '?'}/{event['repository']}"


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_written, value))
    if isinstance(value, dict):
        return ", ".join(f"{key} {_written(one)}" for key, one in value.items() if one not in (None, ""))
    return str(value)
