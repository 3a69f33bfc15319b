"""The time series the embedded Prometheus has: counters of requests by service, version and answer.

Labels as an application (``http_requests_total``) and ingress-nginx (``nginx_ingress_controller_requests``,
whose ``canary`` label is empty for the stable version) write them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from trombone_tui.demo.metrics.traffic import ServiceTraffic, Track, Traffic

Rate = Callable[[float], float]
Labels = Mapping[str, str]

BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_SAMPLES = 48


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter: its labels, how fast it grows at a moment, and since when."""

    labels: Labels
    rate: Rate
    began: float

    def increase(self, begin: float, end: float) -> float:
        """Return by how much it grew between two moments (seconds since 1970)."""
        begin = max(begin, self.began)
        if end <= begin:
            return 0.0
        count = min(_SAMPLES, max(4, math.ceil((end - begin) / 5)))
        step = (end - begin) / count
        return step * sum(self.rate(begin + (place + 0.5) * step) for place in range(count))


def names() -> tuple[str, ...]:
    """Name all metrics."""
    return tuple(_METRICS)


def counters(traffic: Traffic, metric: str) -> Iterator[Counter]:
    """Return a metric's series."""
    make = _METRICS.get(metric)
    if make is None:
        return
    for service in traffic.services():
        for track in Track:
            for labels, rate in make(service, track):
                yield Counter({"__name__": metric, **labels}, rate, service.began)


Made = Iterator[tuple[Labels, Rate]]


def _application(service: ServiceTraffic, track: Track) -> dict[str, str]:
    route = service.route
    return {
        "job": "services",
        "namespace": route.namespace,
        "service": route.service,
        "track": track.value,
    }


def _nginx(service: ServiceTraffic, track: Track) -> dict[str, str]:
    route = service.route
    canary = f"{route.namespace}-{route.service}-canary-80" if track is Track.CANARY else ""
    return {
        "job": "ingress-nginx",
        "namespace": route.namespace,
        "ingress": route.service,
        "service": f"{route.service}-stable",
        "canary": canary,
        "host": f"{route.service}.example",
        "method": "GET",
        "path": "/",
    }


def _requests(name: Callable[[ServiceTraffic, Track], dict[str, str]], code: str) -> Callable[..., Made]:
    def make(service: ServiceTraffic, track: Track) -> Made:
        def good(second: float) -> float:
            return service.requests(track, second) * (1 - service.errors(track, second))

        def bad(second: float) -> float:
            return service.requests(track, second) * service.errors(track, second)

        yield {**name(service, track), code: "200"}, good
        yield {**name(service, track), code: "500"}, bad

    return make


def _buckets(name: Callable[[ServiceTraffic, Track], dict[str, str]]) -> Callable[..., Made]:
    def make(service: ServiceTraffic, track: Track) -> Made:
        def within(limit: float) -> Rate:
            return lambda second: service.requests(track, second) * service.within(track, second, limit)

        for limit in BUCKETS:
            yield {**name(service, track), "le": f"{limit:g}"}, within(limit)
        yield {**name(service, track), "le": "+Inf"}, lambda second: service.requests(track, second)

    return make


def _count(name: Callable[[ServiceTraffic, Track], dict[str, str]]) -> Callable[..., Made]:
    def make(service: ServiceTraffic, track: Track) -> Made:
        yield name(service, track), lambda second: service.requests(track, second)

    return make


def _sum(name: Callable[[ServiceTraffic, Track], dict[str, str]]) -> Callable[..., Made]:
    def make(service: ServiceTraffic, track: Track) -> Made:
        def total(second: float) -> float:
            flow = service.at(second)
            return service.requests(track, second) * flow.quality(track).latency * 1.2 if flow else 0.0

        yield name(service, track), total

    return make


_METRICS: dict[str, Callable[[ServiceTraffic, Track], Made]] = {
    "http_requests_total": _requests(_application, "code"),
    "http_request_duration_seconds_bucket": _buckets(_application),
    "http_request_duration_seconds_count": _count(_application),
    "http_request_duration_seconds_sum": _sum(_application),
    "nginx_ingress_controller_requests": _requests(_nginx, "status"),
    "nginx_ingress_controller_request_duration_seconds_bucket": _buckets(_nginx),
    "nginx_ingress_controller_request_duration_seconds_count": _count(_nginx),
    "nginx_ingress_controller_request_duration_seconds_sum": _sum(_nginx),
}
