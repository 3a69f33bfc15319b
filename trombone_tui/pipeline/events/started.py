"""The Workflows that a Sensor started, by the labels they carry.

A Workflow carries its Sensor's name but not the namespace, so where two Sensors of a cluster share a name
it can't be known which of them started it; that is said, and nothing is counted.
Source: ``argo-events@v1.9.11:pkg/sensors/triggers/standard-k8s/standard-k8s.go``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from trombone_tui.core.objects.argo_events import STARTED_BY, TRIGGERED_AT, TRIGGERED_BY
from trombone_tui.core.objects.argo_sensors import SENSOR, Sensor
from trombone_tui.core.objects.argo_workflows import WORKFLOW, Workflow, newest_moment
from trombone_tui.core.objects.basics import EARLIEST, Health
from trombone_tui.core.objects.durations import stamp
from trombone_tui.core.objects.phrases import counted
from trombone_tui.core.stage import Around, Key, Line, Lines, Source

_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The Workflows that a Sensor started and that still exist."""

    words: str
    count: int | None = None
    newest: datetime | None = None


def started(obj: Sensor, around: Around) -> Started:
    """Count them, as far as they are seen."""
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
    newest = newest_moment([one.metadata.label(TRIGGERED_AT) for one in workflows])
    last = f", the last on {stamp(newest)}" if newest else ", when is not recorded"
    if not around.everywhere(WORKFLOW):
        words = f"{counted(len(workflows), 'Workflow')} it started in the namespaces seen{last}"
        return Started(words=words, newest=newest)
    exist = "exists" if len(workflows) == 1 else "exist"
    words = f"{counted(len(workflows), 'Workflow')} it started {exist}{last}"
    return Started(words=words, count=len(workflows), newest=newest)


def started_lines(obj: Sensor, around: Around) -> tuple[Lines, ...]:
    """Tell the newest of them, each on a line, the newest last."""
    workflows: list[Workflow] = list(around.linked(WORKFLOW, ("Sensor", obj.metadata.name)))
    if not workflows:
        return ()
    timed = [(newest_moment((one.metadata.label(TRIGGERED_AT),)), one) for one in workflows]
    timed.sort(key=lambda pair: pair[0] or EARLIEST)
    shown = tuple(_line(one, at) for at, one in timed[-_SHOWN:])
    shared = len(around.linked(SENSOR, ("Sensor", obj.metadata.name))) > 1
    whose = ", of this or another Sensor of its name" if shared else ""
    more = f" (the newest {len(shown)} of {len(workflows)})" if len(workflows) > len(shown) else ""
    return (Lines(f"Workflows started{whose}{more}", shown),)


def _line(one: Workflow, at: datetime | None) -> Line:
    phase = (one.status.phase if one.status else None) or "not begun"
    trigger = one.metadata.label(TRIGGERED_BY)
    by = f" by trigger {trigger}" if trigger else ""
    text = f"{one.metadata.namespace}/{one.metadata.name}{by}: {phase}"
    return Line(text=text, at=at, health=_HEALTH.get(phase, Health.UNKNOWN))


_HEALTH = {
    "Succeeded": Health.HEALTHY,
    "Running": Health.PROGRESSING,
    "Pending": Health.PROGRESSING,
    "not begun": Health.PROGRESSING,
    "Failed": Health.DEGRADED,
    "Error": Health.DEGRADED,
}


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


STARTED_WORKFLOWS = Source(kind=WORKFLOW, keys=sensor_of_workflow, shared=time_of_workflow)
