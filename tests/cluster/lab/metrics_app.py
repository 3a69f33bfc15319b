"""A service under canary as Prometheus sees it: requests and latencies of a stable and a canary version.

``metrics_app.py PORT`` serves on loopback:
``GET /metrics`` is what Prometheus scrapes;
``POST /set?track=canary&rps=20&errors=0.2&ms=150`` changes how one track behaves from now on.
Counters grow by the time since they were last looked at, so that any ``rate()`` over them is exact.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from urllib.parse import parse_qs, urlsplit

BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Upper bounds of the latency histogram, in seconds."""


@dataclass
class Track:
    """One version: requests a second, the share that fails, their latency, and what was counted."""

    rps: float
    errors: float
    ms: float
    good: float = 0.0
    bad: float = 0.0

    def advance(self, seconds: float) -> None:
        """Count the requests of some time."""
        requests = self.rps * seconds
        self.bad += requests * self.errors
        self.good += requests * (1 - self.errors)

    def lines(self, name: str) -> list[str]:
        """Write what was counted as Prometheus reads it."""
        labels, total = f'service="demo",track="{name}"', self.good + self.bad
        histogram = "http_request_duration_seconds"
        within = {bound: min(1.0, (bound * 1000 / self.ms) ** 1.5 / 2) for bound in BUCKETS}
        return [
            f'http_requests_total{{{labels},code="200"}} {self.good:.3f}',
            f'http_requests_total{{{labels},code="500"}} {self.bad:.3f}',
            *(f'{histogram}_bucket{{{labels},le="{le}"}} {total * part:.3f}' for le, part in within.items()),
            f'{histogram}_bucket{{{labels},le="+Inf"}} {total:.3f}',
            f"{histogram}_sum{{{labels}}} {total * self.ms / 1000:.3f}",
            f"{histogram}_count{{{labels}}} {total:.3f}",
        ]


class Service:
    """Both tracks, and when they were last looked at."""

    def __init__(self) -> None:
        self.tracks = {
            "stable": Track(rps=40.0, errors=0.001, ms=80.0),
            "canary": Track(rps=10.0, errors=0.001, ms=85.0),
        }
        self._lock, self._last = Lock(), time.monotonic()

    def metrics(self) -> str:
        """Return the page that Prometheus scrapes."""
        with self._lock:
            self._advance()
            lines = [line for name, track in self.tracks.items() for line in track.lines(name)]
        types = ("# TYPE http_requests_total counter", "# TYPE http_request_duration_seconds histogram")
        return "\n".join((*types, *lines)) + "\n"

    def set(self, track: str, **values: float) -> None:
        """Change a track from now on."""
        with self._lock:
            self._advance()
            for name, value in values.items():
                setattr(self.tracks[track], name, value)

    def _advance(self) -> None:
        now = time.monotonic()
        for track in self.tracks.values():
            track.advance(now - self._last)
        self._last = now


SERVICE = Service()


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    def do_GET(self) -> None:
        """Serve the metrics, whatever the path."""
        body = SERVICE.metrics().encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        """Change a track."""
        query = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
        try:
            values = {key: float(query[key]) for key in ("rps", "errors", "ms") if key in query}
            SERVICE.set(query["track"], **values)
        except (KeyError, ValueError) as error:
            self.send_error(400, f"track=stable|canary and numbers rps, errors, ms: {error!r}")
            return
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing: each second would be a line."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
