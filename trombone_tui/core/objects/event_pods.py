"""The pods that run EventSources, Sensors and EventBuses.

Labels: ``argo-events@v1.9.11:pkg/reconciler/{eventsource,sensor}/resource.go`` and ``eventbus/installer``.
"""

from __future__ import annotations

from typing import Self

from trombone_tui.core.objects.argo_events import EVENT_BUS_OF, EVENT_SOURCE_OF, SENSOR_OF
from trombone_tui.core.objects.basics import Kind
from trombone_tui.core.objects.pods import Pod

_RUN = {
    "eventsource-controller": ("EventSource", EVENT_SOURCE_OF),
    "sensor-controller": ("Sensor", SENSOR_OF),
    "eventbus-controller": ("EventBus", EVENT_BUS_OF),
}
_CONDITIONS = ("Ready", "PodScheduled")

MAIN = "main"
"""The container that writes what happens."""


class EventPod(Pod):
    """One of these pods."""

    def reduced(self) -> Self:
        """Leave out the spec, which repeats the whole EventSource or Sensor, and what is not read."""
        runs = self.runs
        self.spec = None
        self.metadata.annotations = self.metadata.owner_references = None
        self.metadata.labels = _labels(runs) if runs else None
        if self.status is not None:
            kept = [one for one in self.status.conditions or () if one.type in _CONDITIONS]
            self.status.conditions = kept or None
        return self

    @property
    def runs(self) -> tuple[str, str] | None:
        """The kind and name of what it runs, which is in its own namespace."""
        found = _RUN.get(self.metadata.label("controller"))
        name = self.metadata.label(found[1]) if found else ""
        return (found[0], name) if found and name else None


def _labels(runs: tuple[str, str]) -> dict[str, str]:
    controller, label = next((key, label) for key, (kind, label) in _RUN.items() if kind == runs[0])
    return {"controller": controller, label: runs[1]}


EVENT_POD = Kind(
    name="Pod",
    plural="pods",
    group="",
    version="v1",
    shape=EventPod,
    selector=f"controller in ({','.join(_RUN)})",
)
