"""What a push is planned from: the stored EventSource, its pod, the Secret it checks with, its Sensor."""

from __future__ import annotations

import base64
from typing import Any

from scenes import Staged, verb
from stage_readers import stored

from trombone_tui.core.verbs import Plan
from trombone_tui.core.writes import Call
from trombone_tui.pipeline.events import STAGE

SHA = "3f2a9c1d4e5b6a7f8091a2b3c4d5e6f708192a3b"
KEY = b"the-hook's-own-key"
TRIGGER = verb(STAGE, "trigger")
Object = dict[str, Any]


def event_source(**changes: Any) -> Object:
    return stored("events", "event-source", **changes)


def sensor(name: str = "github", **changes: Any) -> Object:
    return stored("events", "sensor", metadata__name=name, **changes)


def pod(**changes: Any) -> Object:
    return stored("events", "pod-event-source", **changes)


def secret(value: bytes = KEY, *, name: str = "github-hook", key: str = "secret") -> Object:
    data = {key: base64.b64encode(value).decode()}
    return {"kind": "Secret", "metadata": {"name": name, "namespace": "argo-events"}, "data": data}


def scene(source: Object, *others: Object, troubles: Any = None, **given: str) -> Staged:
    """Return what is seen when somebody pushes there; options as they are called."""
    return Staged(STAGE, source, *others, given={"sha": SHA, **given}, troubles=troubles)


async def pushed(source: Object | None = None, *others: Object, troubles: Any = None, **given: str) -> Plan:
    """Plan a push; without others there are the stored pod, Secret and Sensor."""
    beside = others or (pod(), secret(), sensor())
    return await TRIGGER.plan(scene(source or event_source(), *beside, troubles=troubles, **given))


def call_of(plan: Plan) -> Call:
    (write,) = plan.writes
    assert write.call is not None
    return write.call
