"""What arrives at Argo Events, and what the pods of its EventSource and Sensors write of it.

Lines: ``argo-events@v1.9.11:pkg/eventsources/eventing.go``, ``pkg/sensors/listener.go`` and
``pkg/eventbus/jetstream/sensor/trigger_conn.go``. Every Sensor hears of every event; filters let it pass one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from trombone_tui.demo.story.hashes import fnv32a
from trombone_tui.demo.story.services import CI
from trombone_tui.demo.story.world import World

VERSION = "v1.9.11"
RETRIES, RETRY_SECONDS = 5, 2.0
"""How often a Sensor tries to create a Workflow, and how long it waits between."""
_DEPENDENCY, _TRIGGER = "push", "build"
_ROUTE = {
    "eventSourceType": "github",
    "eventName": "push",
    "endpoint": "/push",
    "port": "12000",
    "http-method": "POST",
}
_RECEIVED = "received a request, processing it..."
_STACK = "github.com/argoproj/argo-events/pkg/sensors.(*SensorContext)."


def first_words(labels: Mapping[str, str], now: datetime) -> Iterator[str]:
    """Yield what a pod of Argo Events writes when it starts; nothing for any other pod."""
    if name := labels.get("eventsource-name"):
        yield _source(name, "cmd/start.go:63", "starting eventsource server", now, version=VERSION)
        yield _source(name, "eventsources/eventing.go:631", "Eventing server started.", now)
        route = {key: value for key, value in _ROUTE.items() if key != "http-method"}
        yield _source(name, "webhook/webhook.go:221", "route is activated", now, **route)
    elif name := labels.get("sensor-name"):
        group = fnv32a(f"{name}/{_TRIGGER}")
        subject = f"Subscribing to subject default.github.push with durable name group-{group}"
        yield _sensor(name, "sensors/listener.go:412", "Sensor started.", now)
        yield _sensor(name, "sensor/trigger_conn.go:118", subject, now, triggerName=_TRIGGER)


class Arrivals:
    """Writes down what events lead to."""

    def __init__(self, world: World) -> None:
        self._world = world

    def event(self, event: str, service: str = "") -> None:
        """Publish an event: the service's Sensor lets it pass, all others drop it; a ping is for none."""
        now = self._world.now
        received = (
            ("github/start.go:132", _RECEIVED, _ROUTE),
            (
                "eventsources/eventing.go:591",
                "Succeeded to publish an event",
                {"eventName": "push", "eventSourceType": "github", "eventID": event},
            ),
            ("webhook/webhook.go:65", "successfully dispatched the request to the event bus", _ROUTE),
        )
        for pod, labels in self._pods():
            if name := labels.get("eventsource-name"):
                for place, (caller, said, more) in enumerate(received):
                    at = now + timedelta(milliseconds=2 * place)
                    self._write(pod, at, _source(name, caller, said, at, **more))
            elif name := labels.get("sensor-name"):
                at = now + timedelta(milliseconds=11)
                said = f"Triggering actions after receiving dependency {_DEPENDENCY}"
                if name != service:
                    said = f"not interested in dependency {_DEPENDENCY} (didn't pass filter)"
                caller = f"sensor/trigger_conn.go:{308 if name == service else 299}"
                self._write(pod, at, _sensor(name, caller, said, at, triggerName=_TRIGGER))

    def discarded(self, error: str) -> None:
        """Tell that the event source got something that is no event."""
        now = self._world.now
        said = "request is not valid event notification, discarding it"
        for pod, labels in self._pods():
            if name := labels.get("eventsource-name"):
                self._write(pod, now, _source(name, "github/start.go:132", _RECEIVED, now, **_ROUTE))
                at = now + timedelta(milliseconds=1)
                more: dict[str, Any] = {"level": "error", "error": error, **_ROUTE}
                self._write(pod, at, _source(name, "github/start.go:147", said, at, **more))

    def triggered(self, service: str, event: str) -> None:
        """Tell that a Sensor has created its Workflow."""
        done = {"triggerName": _TRIGGER, "triggerType": "Kubernetes", **_by(event)}
        self._tell(service, 12, "standard-k8s/standard-k8s.go:157", "creating the object...", **_kind())
        words = f"Successfully processed trigger '{_TRIGGER}'"
        self._tell(service, 27, "sensors/listener.go:453", words, **done)

    def failed(self, service: str, event: str, error: str, *, last: bool) -> None:
        """Tell that an attempt has failed, and after the last one that the Sensor gives up."""
        error = f"failed to execute trigger, {error}"
        more = {"error": error, "triggerName": _TRIGGER, **_by(event)}
        self._tell(service, 12, "standard-k8s/standard-k8s.go:157", "creating the object...", **_kind())
        self._tell(
            service,
            27,
            "sensors/listener.go:395",
            "Failed to execute a trigger",
            level="error",
            **more,
            stacktrace=f"{_STACK}triggerWithRateLimit",
        )
        if last:
            words = f"failed to trigger actions, failed after retries: {error}"
            self._tell(service, 28, "sensors/listener.go:283", words, level="warn", triggerName=_TRIGGER)

    def _tell(
        self, service: str, milliseconds: int, caller: str, said: str, *, level: str = "info", **more: Any
    ) -> None:
        at = self._world.now + timedelta(milliseconds=milliseconds)
        for pod, labels in self._pods():
            if labels.get("sensor-name") == service:
                self._write(pod, at, _sensor(service, caller, said, at, level=level, **more))

    def _pods(self) -> Iterator[tuple[str, Mapping[str, str]]]:
        for one in self._world.store.records("pods", CI):
            if "owner-name" in one.labels:
                yield one.name, one.labels

    def _write(self, pod: str, at: datetime, text: str) -> None:
        self._world.logs.append(CI, pod, "main", text, at)


def _by(event: str) -> dict[str, Any]:
    return {"triggeredBy": [_DEPENDENCY], "triggeredByEvents": [event]}


def _kind() -> dict[str, Any]:
    return {"triggerName": _TRIGGER, "triggerType": "Kubernetes"}


def _source(name: str, caller: str, said: str, at: datetime, *, level: str = "info", **more: Any) -> str:
    return _line(level, "argo-events.eventsource", caller, said, at, eventSourceName=name, **more)


def _sensor(name: str, caller: str, said: str, at: datetime, *, level: str = "info", **more: Any) -> str:
    return _line(level, "argo-events.sensor", caller, said, at, sensorName=name, **more)


def _line(level: str, logger: str, caller: str, said: str, at: datetime, **more: Any) -> str:
    """Write a line as zap's production encoder does."""
    ts = f"{at:%Y-%m-%dT%H:%M:%S.%f}{at.microsecond % 1000:03}Z"
    line = {"level": level, "ts": ts, "logger": logger, "caller": caller, "msg": said, **more}
    return json.dumps(line, separators=(",", ":"), ensure_ascii=False)
