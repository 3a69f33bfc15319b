"""Requests that the services' users make: how many reach which version, how many fail, how long they take.

What happens is kept as change points; rates between them swing a little, always in the same way at the
same moment, so the same question about the same past has the same answer.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class Track(StrEnum):
    """Which of the two versions answers."""

    STABLE = "stable"
    CANARY = "canary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """How well a version answers."""

    errors: float = 0.001
    """Share of requests that end with a 5xx."""
    latency: float = 0.08
    """Median seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """What holds from one change point to the next."""

    requests: float
    """Requests a second, of both versions together."""
    weight: int = 0
    """Percent that the canary gets."""
    stable: Quality = Quality()
    canary: Quality = Quality()

    def share(self, track: Track) -> float:
        """The part of all requests that a version gets."""
        return (self.weight if track is Track.CANARY else 100 - self.weight) / 100

    def quality(self, track: Track) -> Quality:
        """How well a version answers."""
        return self.canary if track is Track.CANARY else self.stable


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Names under which a service's requests are counted."""

    namespace: str
    service: str


class ServiceTraffic:
    """The requests of one service, from its first deployment on."""

    def __init__(self, route: Route, moment: datetime, flow: Flow) -> None:
        self.route = route
        self._moments = [moment.timestamp()]
        self._flows = [flow]
        self._phase = (sum(route.service.encode()) % 60) / 10

    @property
    def now(self) -> Flow:
        """What holds since the last change point."""
        return self._flows[-1]

    @property
    def began(self) -> float:
        """When the first request came, in seconds since 1970."""
        return self._moments[0]

    def change(self, moment: datetime, flow: Flow) -> None:
        """Add a change point; those before it stay as they are."""
        self._moments.append(max(moment.timestamp(), self._moments[-1]))
        self._flows.append(flow)

    def at(self, second: float) -> Flow | None:
        """Return what held at a moment; None before the first request."""
        place = bisect_right(self._moments, second) - 1
        return self._flows[place] if place >= 0 else None

    def requests(self, track: Track, second: float) -> float:
        """Return the requests a second that a version got."""
        flow = self.at(second)
        return flow.requests * flow.share(track) * self._swing(second, 90.0, 0.08) if flow else 0.0

    def errors(self, track: Track, second: float) -> float:
        """Return the share of a version's requests that failed."""
        flow = self.at(second)
        return min(1.0, flow.quality(track).errors * self._swing(second, 23.0, 0.15)) if flow else 0.0

    def within(self, track: Track, second: float, limit: float) -> float:
        """Return the share of a version's requests answered within so many seconds (log-logistic)."""
        flow = self.at(second)
        if flow is None or limit <= 0:
            return 0.0
        median = flow.quality(track).latency * self._swing(second, 41.0, 0.1)
        return float(1.0 / (1.0 + (limit / median) ** -3.0))

    def _swing(self, second: float, period: float, height: float) -> float:
        return 1.0 + height * math.sin(second * 2 * math.pi / period + self._phase)


class Traffic:
    """The requests of all services."""

    def __init__(self) -> None:
        self._services: dict[str, ServiceTraffic] = {}

    def services(self) -> list[ServiceTraffic]:
        """Return the services that have traffic."""
        return list(self._services.values())

    def begin(self, route: Route, moment: datetime, flow: Flow) -> None:
        """Let a service's requests begin."""
        self._services[route.service] = ServiceTraffic(route, moment, flow)

    def shift(self, service: str, moment: datetime, weight: int) -> None:
        """Give the canary another share of the requests."""
        if (traffic := self._services.get(service)) and traffic.now.weight != weight:
            traffic.change(moment, replace(traffic.now, weight=weight))

    def release(self, service: str, moment: datetime, quality: Quality) -> None:
        """Put a new version behind the canary, which gets nothing yet."""
        if traffic := self._services.get(service):
            traffic.change(moment, replace(traffic.now, weight=0, canary=quality))

    def promote(self, service: str, moment: datetime) -> None:
        """Make the canary the stable version."""
        if (traffic := self._services.get(service)) and (
            traffic.now.weight or traffic.now.stable != traffic.now.canary
        ):
            traffic.change(moment, replace(traffic.now, weight=0, stable=traffic.now.canary))
