"""The embedded Prometheus: its HTTP API over the story's traffic.

Source: ``prometheus@v2.42:web/api/v1``. Times are seconds since 1970 or RFC 3339; answers and errors have
Prometheus' shapes, so any client of it works.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from trombone_tui.demo.clock import Clock
from trombone_tui.demo.metrics.operators import PromqlError, Value
from trombone_tui.demo.metrics.promql import Engine, duration
from trombone_tui.demo.metrics.series import Labels, counters, names
from trombone_tui.demo.metrics.traffic import Traffic

_MOST_POINTS = 11_000
"""Prometheus' own limit a series."""


class BadData(ValueError):
    """A parameter that is missing or can't be read."""


class Prometheus:
    """Answers ``/api/v1``; there is no authentication, as in Prometheus itself."""

    def __init__(self, traffic: Traffic, clock: Clock) -> None:
        self._traffic, self._clock = traffic, clock
        self._engine = Engine(traffic)

    def app(self) -> web.Application:
        """Return the application to serve."""
        app = web.Application(middlewares=[_errors])
        for path, answer in (
            ("query", self._query),
            ("query_range", self._query_range),
            ("labels", self._labels),
            ("series", self._series),
        ):
            app.router.add_route("*", f"/api/v1/{path}", answer)
        app.router.add_get("/api/v1/label/{name}/values", self._values)
        app.router.add_get("/api/v1/status/buildinfo", _build)
        for path in ("/-/ready", "/-/healthy"):
            app.router.add_get(path, _ready)
        return app

    async def _query(self, request: web.Request) -> web.Response:
        params = await _params(request)
        second = self._moment(params, "time")
        value = self._engine.instant(_needed(params, "query"), second)
        if isinstance(value, float):
            return _success({"resultType": "scalar", "result": _sample(second, value)})
        result = [{"metric": labels, "value": _sample(second, number)} for labels, number in value]
        return _success({"resultType": "vector", "result": result})

    async def _query_range(self, request: web.Request) -> web.Response:
        params = await _params(request)
        query = _needed(params, "query")
        start, end = self._moment(params, "start"), self._moment(params, "end")
        step = _step(_needed(params, "step"))
        if end < start:
            raise BadData("end timestamp must not be before start time")
        if (end - start) / step > _MOST_POINTS:
            raise BadData("exceeded maximum resolution of 11,000 points per timeseries")
        rows: dict[tuple[tuple[str, str], ...], list[list[Any]]] = {}
        for number in range(int((end - start) / step) + 1):
            second = start + number * step
            for labels, value in _vector(self._engine.instant(query, second)):
                rows.setdefault(tuple(sorted(labels.items())), []).append(_sample(second, value))
        result = [{"metric": dict(labels), "values": values} for labels, values in rows.items()]
        return _success({"resultType": "matrix", "result": result})

    async def _labels(self, _: web.Request) -> web.Response:
        return _success(sorted({label for one in self._all() for label in one}))

    async def _values(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        return _success(sorted({one[name] for one in self._all() if name in one}))

    async def _series(self, request: web.Request) -> web.Response:
        params = await _params(request)
        found = _vector(self._engine.instant(_needed(params, "match[]"), self._clock.now().timestamp()))
        return _success([labels for labels, _ in found])

    def _all(self) -> Iterable[Labels]:
        return (one.labels for name in names() for one in counters(self._traffic, name))

    def _moment(self, params: Mapping[str, str], name: str) -> float:
        text = params.get(name, "")
        if not text:
            if name == "time":
                return self._clock.now().timestamp()
            raise BadData(f'invalid parameter "{name}": it is missing')
        try:
            return float(text)
        except ValueError:
            pass
        try:
            return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
        except ValueError as error:
            raise BadData(
                f'invalid parameter "{name}": cannot parse {text!r} to a valid timestamp'
            ) from error


@web.middleware
async def _errors(request: web.Request, handler: Any) -> web.StreamResponse:
    try:
        response: web.StreamResponse = await handler(request)
    except (PromqlError, BadData) as error:
        return web.json_response(
            {"status": "error", "errorType": "bad_data", "error": str(error)}, status=400
        )
    return response


async def _ready(_: web.Request) -> web.Response:
    return web.Response(text="Prometheus Server is Ready.\n")


async def _build(_: web.Request) -> web.Response:
    return _success({"version": "2.42.0", "revision": "demo", "branch": "HEAD", "goVersion": "none"})


async def _params(request: web.Request) -> Mapping[str, str]:
    """Read the parameters of the URL and, of a POST, of the form."""
    form = await request.post() if request.method == "POST" else {}
    return {**request.query, **{key: str(value) for key, value in form.items()}}


def _needed(params: Mapping[str, str], name: str) -> str:
    if not params.get(name):
        raise BadData(f'invalid parameter "{name}": it is missing')
    return params[name]


def _step(text: str) -> float:
    try:
        step = float(text)
    except ValueError:
        step = duration(text)
    if not step > 0:
        raise BadData("zero or negative query resolution step widths are not accepted")
    return step


def _vector(value: Value) -> list[tuple[dict[str, str], float]]:
    return [({}, value)] if isinstance(value, float) else value


def _sample(second: float, value: float) -> list[Any]:
    text = {math.inf: "+Inf", -math.inf: "-Inf"}.get(value, "NaN" if math.isnan(value) else repr(value))
    return [round(second, 3), text.removesuffix(".0")]


def _success(data: Any) -> web.Response:
    return web.json_response({"status": "success", "data": data})
