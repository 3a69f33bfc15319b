"""Kubernetes Events as controllers, the scheduler and kubelets write them.

What says the same of the same object again raises the count of the Event that is there
(``client-go@v0.36:tools/record/events_cache.go``); Argo CD and Image Updater write their Events themselves,
each anew and without ``reportingComponent`` (``argo-cd@v3.2.6:util/argo/audit_logger.go``).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from trombone_tui.demo.clock import stamp
from trombone_tui.demo.errors import ApiError
from trombone_tui.demo.metadata import Writer
from trombone_tui.demo.store import Store

Object = dict[str, Any]

_KNOWN = 4096
"""Events that are remembered for counting, as many as client-go remembers."""
_PLAIN = ("argocd-application-controller", "ArgocdImageUpdater")


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """What is said of an object."""

    reason: str
    message: str = ""
    warning: bool = False
    annotations: Mapping[str, str] | None = None
    field: str = ""
    """The part of the object that is meant: ``spec.containers{app}``."""

    @property
    def type(self) -> str:
        """The Event's type."""
        return "Warning" if self.warning else "Normal"


class Recorder:
    """Writes Events, and counts those that repeat themselves."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._names = 0
        self._known: dict[tuple[str, ...], tuple[str, str]] = {}
        self.begins: datetime | None = None
        """Events before this moment are not written: they would have expired by the time anybody looks."""

    def say(
        self, about: Mapping[str, Any], saying: Saying, now: datetime, *, component: str, host: str = ""
    ) -> None:
        """Record that a component says something."""
        if self._too_old(now):
            return
        key = _key(about, saying, component)
        if component not in _PLAIN and self._counted(key, now):
            return
        reporting = "" if component in _PLAIN else component
        event = self._event(about, saying) | {
            "source": {"component": component, **({"host": host} if host else {})},
            "firstTimestamp": stamp(now),
            "lastTimestamp": stamp(now),
            "count": 1,
            "eventTime": None,
            "reportingComponent": reporting,
            "reportingInstance": host,
        }
        name = self._create(event, component)
        if name and component not in _PLAIN:
            self._known[key] = name
            if len(self._known) > _KNOWN:
                del self._known[next(iter(self._known))]

    def scheduled(self, pod: Mapping[str, Any], node: str, now: datetime) -> None:
        """Record that the scheduler has given a pod a node: it speaks ``events.k8s.io/v1``."""
        if self._too_old(now):
            return
        metadata = pod["metadata"]
        message = f"Successfully assigned {metadata['namespace']}/{metadata['name']} to {node}"
        event = self._event(pod, Saying(reason="Scheduled", message=message)) | {
            "source": {},
            "firstTimestamp": None,
            "lastTimestamp": None,
            "eventTime": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "action": "Binding",
            "reportingComponent": "default-scheduler",
            "reportingInstance": "default-scheduler-control-plane",
        }
        self._create(event, "kube-scheduler")

    def _too_old(self, now: datetime) -> bool:
        return self.begins is not None and now < self.begins

    def _event(self, about: Mapping[str, Any], saying: Saying) -> Object:
        of = about["metadata"]
        involved = {
            "kind": about["kind"],
            "namespace": of["namespace"],
            "name": of["name"],
            "uid": of.get("uid", ""),
            "apiVersion": about["apiVersion"],
            "resourceVersion": of.get("resourceVersion", ""),
        }
        self._names += 1
        metadata: Object = {
            "name": f"{of['name']}.{0x18EAAE000000 + self._names:016x}",
            "namespace": of["namespace"],
        }
        if saying.annotations:
            metadata["annotations"] = dict(saying.annotations)
        return {
            "metadata": metadata,
            "involvedObject": involved | ({"fieldPath": saying.field} if saying.field else {}),
            "reason": saying.reason,
            "type": saying.type,
            **({"message": saying.message} if saying.message else {}),
        }

    def _create(self, event: Object, manager: str) -> tuple[str, str] | None:
        try:
            made = self._store.create("events", event, by=Writer(manager))
        except ApiError:
            return None
        return made["metadata"]["namespace"], made["metadata"]["name"]

    def _counted(self, key: tuple[str, ...], now: datetime) -> bool:
        """Raise the count of an Event; return whether there is one."""
        known = self._known.get(key)
        if known is None:
            return False
        with suppress(ApiError):
            event = self._store.get("events", *known)
            event |= {"count": event["count"] + 1, "lastTimestamp": stamp(now)}
            self._store.update("events", event, by=Writer(key[0]))
            return True
        del self._known[key]
        return False


def _key(about: Mapping[str, Any], saying: Saying, component: str) -> tuple[str, ...]:
    of = about["metadata"]
    place = (of["namespace"], of["name"], of.get("uid", ""))
    return (component, about["kind"], *place, saying.field, saying.type, saying.reason, saying.message)
