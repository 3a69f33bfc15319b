"""The embedded Prometheus answers as the real one does, with numbers that fit the story."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from trombone_tui.demo.clock import Clock
from trombone_tui.demo.metrics.operators import PromqlError
from trombone_tui.demo.metrics.promql import Engine
from trombone_tui.demo.metrics.traffic import Flow, Quality, Route, Traffic
from trombone_tui.demo.prometheus import Prometheus

BEGAN = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
CANARY = BEGAN + timedelta(minutes=10)
BAD = Quality(errors=0.2, latency=0.3)


def traffic() -> Traffic:
    """Return a service whose bad canary gets a fifth of the requests from minute ten on."""
    made = Traffic()
    flow = Flow(requests=50.0, stable=Quality(errors=0.01), canary=BAD)
    made.begin(Route(namespace="shop", service="api"), BEGAN, flow)
    made.begin(Route(namespace="pay", service="ledger"), BEGAN, Flow(requests=8.0))
    made.shift("api", CANARY, 20)
    return made


def ask(query: str, minutes: float = 15.0) -> Any:
    return Engine(traffic()).instant(query, (BEGAN + timedelta(minutes=minutes)).timestamp())


def one(query: str, minutes: float = 15.0) -> float:
    ((_, value),) = ask(query, minutes)
    return float(value)


API = 'namespace="shop",service="api"'


def test_rates_follow_requests_and_weight() -> None:
    total = f"sum(rate(http_requests_total{{{API}}}[2m]))"
    assert one(total) == pytest.approx(50, rel=0.1)
    share = f'sum(rate(http_requests_total{{{API},track="canary"}}[2m])) / {total}'
    assert one(share) == pytest.approx(0.2, rel=0.01)
    assert one(f"sum(increase(http_requests_total{{{API}}}[2m]))") == pytest.approx(6000, rel=0.1)
    assert one(f"sum(irate(http_requests_total{{{API}}}[30s]))") == pytest.approx(50, rel=0.1)


def test_success_rates_tell_the_versions_apart() -> None:
    def success(track: str) -> float:
        labels = f'{API},track="{track}"'
        return one(
            f'sum(rate(http_requests_total{{{labels},code!~"5.."}}[1m])) '
            f"/ sum(rate(http_requests_total{{{labels}}}[1m]))"
        )

    assert success("stable") == pytest.approx(0.99, abs=0.003)
    assert success("canary") == pytest.approx(0.8, abs=0.04)


def test_latencies_tell_the_versions_apart() -> None:
    def quantile(q: float, track: str) -> float:
        rates = f'sum by (le) (rate(http_request_duration_seconds_bucket{{{API},track="{track}"}}[2m]))'
        return one(f"histogram_quantile({q}, {rates})")

    assert quantile(0.5, "stable") == pytest.approx(0.08, rel=0.25)
    assert quantile(0.5, "canary") == pytest.approx(0.3, rel=0.25)
    assert quantile(0.5, "canary") < quantile(0.95, "canary") < quantile(0.99, "canary") <= 2.5
    mean = (
        f'rate(http_request_duration_seconds_sum{{{API},track="canary"}}[2m]) '
        f'/ rate(http_request_duration_seconds_count{{{API},track="canary"}}[2m])'
    )
    assert one(f"sum({mean})") == pytest.approx(0.36, rel=0.05)


def test_ingress_series_mark_the_canary_by_its_label() -> None:
    where = 'namespace="shop",ingress="api"'
    canary = ask(f'sum by (canary) (rate(nginx_ingress_controller_requests{{{where},canary!=""}}[2m]))')
    assert [labels for labels, _ in canary] == [{"canary": "shop-api-canary-80"}]
    stable = one(f'sum(rate(nginx_ingress_controller_requests{{{where},canary=""}}[2m]))')
    assert stable == pytest.approx(4 * canary[0][1], rel=0.01)


def test_there_is_no_series_for_what_gets_no_requests() -> None:
    query = 'sum(rate(http_requests_total{service="api",track="canary"}[1m]))'
    assert ask(query, 5.0) == []
    assert ask(query, 12.0) != []
    assert ask("sum(rate(http_requests_total[1m]))", -5.0) == []
    assert ask("rate(no_such_metric[5m])") == []


def test_same_question_about_the_past_has_the_same_answer() -> None:
    query = "sum(rate(http_requests_total[2m])) by (service)"
    assert ask(query) == ask(query)
    found = traffic()
    before = Engine(found).instant(query, CANARY.timestamp())
    found.promote("api", CANARY + timedelta(minutes=1))
    assert Engine(found).instant(query, CANARY.timestamp()) == before


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3", 9.0),
        ("-4 / 2", -2.0),
        ("1 / 0", math.inf),
        ("1e3", 1000.0),
        ("8 - 2 - 1", 5.0),
    ],
)
def test_numbers_are_computed(query: str, value: float) -> None:
    assert ask(query) == value


def test_zero_by_zero_is_no_number() -> None:
    assert math.isnan(ask("0 / 0"))


def test_aggregations_and_comparisons() -> None:
    rates = "sum by (service) (rate(http_requests_total[2m]))"
    assert len(ask(rates)) == 2
    assert [labels for labels, _ in ask(f"{rates} > 20")] == [{"service": "api"}]
    assert [labels for labels, _ in ask(f"{rates} <= 20")] == [{"service": "ledger"}]
    assert one(f"count({rates})") == 2.0
    assert one(f"max({rates})") == pytest.approx(50, rel=0.1)
    assert one(f"min({rates})") == pytest.approx(8, rel=0.1)
    assert one(f"avg({rates})") == pytest.approx(29, rel=0.1)
    without = ask("sum without (code, job, namespace, track) (rate(http_requests_total[2m]))")
    assert sorted(labels["service"] for labels, _ in without) == ["api", "ledger"]
    assert one(f"2 * sum({rates})") == pytest.approx(2 * one(f"sum({rates})"))
    assert one(f"sum({rates}) * 2") == pytest.approx(2 * one(f"sum({rates})"))


def test_selectors_match_by_every_sign() -> None:
    def services(matcher: str) -> set[str]:
        return {labels["service"] for labels, _ in ask(f"http_requests_total{{{matcher}}}")}

    assert services('service=~"a.*"') == {"api"}
    assert services('service!~"a.*"') == {"ledger"}
    assert services("service!='api',code='200'") == {"ledger"}
    assert services("") == {"api", "ledger"}


@pytest.mark.parametrize(
    "query",
    [
        "sum(",
        "rate(x[5])",
        "rate(x)",
        "absent(x)",
        "x{a=1}",
        'x{a=~"("}',
        "1 2",
        "§",
        "",
        "sum(1)",
        "1 > x",
        "histogram_quantile(x, x)",
        ")",
    ],
)
def test_what_can_not_be_read_is_refused(query: str) -> None:
    with pytest.raises(PromqlError):
        ask(query)


@pytest.fixture
async def client() -> AsyncIterator[TestClient[Any, Any]]:
    clock = Clock(1.0, BEGAN + timedelta(minutes=15))
    async with TestClient(TestServer(Prometheus(traffic(), clock).app())) as made:
        yield made


async def data(client: TestClient[Any, Any], path: str, **params: str) -> Any:
    async with client.get(path, params=params) as response:
        body = await response.json()
        assert (response.status, body["status"]) == (200, "success")
        return body["data"]


async def test_instant_query_answers_vectors_and_scalars(client: TestClient[Any, Any]) -> None:
    found = await data(client, "/api/v1/query", query="sum(rate(http_requests_total[1m])) by (service)")
    assert found["resultType"] == "vector"
    sample = found["result"][0]
    assert sample["metric"] == {"service": "api"}
    assert isinstance(sample["value"][0], float)
    assert float(sample["value"][1]) == pytest.approx(50, rel=0.1)
    scalar = await data(client, "/api/v1/query", query="1 / 0", time=str(BEGAN.timestamp()))
    assert scalar == {"resultType": "scalar", "result": [BEGAN.timestamp(), "+Inf"]}


async def test_query_may_be_posted_as_a_form(client: TestClient[Any, Any]) -> None:
    async with client.post("/api/v1/query", data={"query": "2"}) as response:
        assert (await response.json())["data"]["result"][1] == "2"


async def test_range_query_has_a_value_at_every_step_that_has_one(client: TestClient[Any, Any]) -> None:
    params = {
        "query": 'sum by (track) (rate(http_requests_total{service="api"}[1m]))',
        "start": "2026-11-26T12:08:00Z",
        "end": str((BEGAN + timedelta(minutes=14)).timestamp()),
        "step": "30s",
    }
    found = await data(client, "/api/v1/query_range", **params)
    assert found["resultType"] == "matrix"
    series = {one["metric"]["track"]: one["values"] for one in found["result"]}
    assert len(series["stable"]) == 13
    assert series["canary"][0][0] > CANARY.timestamp()
    assert series["canary"][-1][0] == (BEGAN + timedelta(minutes=14)).timestamp()


async def test_names_labels_and_values_are_listed(client: TestClient[Any, Any]) -> None:
    assert {"service", "track", "code", "canary", "le"} <= set(await data(client, "/api/v1/labels"))
    assert await data(client, "/api/v1/label/service/values") == [
        "api",
        "api-stable",
        "ledger",
        "ledger-stable",
    ]
    assert "http_requests_total" in await data(client, "/api/v1/label/__name__/values")
    series = await data(client, "/api/v1/series", **{"match[]": 'http_requests_total{code="500"}'})
    assert {one["service"] for one in series} == {"api", "ledger"}
    assert (await data(client, "/api/v1/status/buildinfo"))["version"]


async def test_it_says_that_it_is_ready(client: TestClient[Any, Any]) -> None:
    for path in ("/-/ready", "/-/healthy"):
        async with client.get(path) as response:
            assert response.status == 200


@pytest.mark.parametrize(
    ("path", "params", "said"),
    [
        ("query", {}, 'invalid parameter "query"'),
        ("query", {"query": "sum("}, "unexpected end"),
        ("query", {"query": "1", "time": "soon"}, 'invalid parameter "time"'),
        (
            "query_range",
            {"query": "1", "start": "5", "end": "1", "step": "1"},
            "end timestamp must not be before",
        ),
        ("query_range", {"query": "1", "start": "1", "end": "5", "step": "0"}, "zero or negative"),
        ("query_range", {"query": "1", "start": "1", "end": "5", "step": "fast"}, "not a duration"),
        ("query_range", {"query": "1", "start": "1", "end": "90000", "step": "1"}, "maximum resolution"),
        ("query_range", {"query": "1", "end": "5", "step": "1"}, 'invalid parameter "start"'),
    ],
)
async def test_bad_questions_are_refused_in_its_words(
    client: TestClient[Any, Any], path: str, params: dict[str, str], said: str
) -> None:
    async with client.get(f"/api/v1/{path}", params=params) as response:
        body = await response.json()
        assert (response.status, body["status"], body["errorType"]) == (400, "error", "bad_data")
        assert said in body["error"]
