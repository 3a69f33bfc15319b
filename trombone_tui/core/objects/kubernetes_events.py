"""Kubernetes Events: what controllers and nodes say of an object, kept for an hour or so.

Fields: ``api@v0.36:core/v1/types.go`` (Event). ``count`` is written by older clients, ``series`` by newer.
"""

from __future__ import annotations

from datetime import datetime

from trombone_tui.core.objects.basics import Kind, Object, Partial, Time

WARNING = "Warning"


class Series(Partial):
    """An event that goes on happening."""

    count: int | None = None
    last_observed_time: Time | None = None


class Event(Object):
    """Something that happened to an object, once or several times."""

    type: str | None = None
    """``Normal`` or ``Warning``."""
    reason: str | None = None
    message: str | None = None
    count: int | None = None
    first_timestamp: Time | None = None
    last_timestamp: Time | None = None
    event_time: Time | None = None
    series: Series | None = None

    @property
    def times(self) -> int:
        """How often it happened."""
        return max(self.count or 1, (self.series.count if self.series else None) or 1)

    @property
    def first(self) -> datetime | None:
        """When it happened first."""
        return min(self._moments, default=self.metadata.creation_timestamp)

    @property
    def last(self) -> datetime | None:
        """When it happened last."""
        return max(self._moments, default=self.metadata.creation_timestamp)

    @property
    def _moments(self) -> list[datetime]:
        observed = self.series.last_observed_time if self.series else None
        return [at for at in (self.first_timestamp, self.last_timestamp, self.event_time, observed) if at]


EVENT = Kind(name="Event", plural="events", group="", version="v1", shape=Event)


def events_of(uid: str) -> Kind:
    """Return the kind narrowed to the Events of one object."""
    return EVENT.narrowed(fields=f"involvedObject.uid={uid}")
