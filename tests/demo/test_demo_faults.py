"""Faults on purpose: each looks on the wire as its real counterpart does."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest
from contract import Api, embedded

from trombone_tui.demo.faults import Fault, Faults, storm
from trombone_tui.demo.server import ApiServer


def inject(server: ApiServer, **fault: object) -> None:
    server.faults.add(Fault(**fault))


@pytest.fixture
async def api():
    async with embedded() as one:
        yield one


async def test_status_with_retry_after_hits_one_request(api: Api, given: ApiServer) -> None:
    inject(given, resource="workflows.argoproj.io", verb="list", status=429, retry_after=7)
    other = await api.get(api.staged.path)
    answer = await api.get(api.plain.path)
    again = await api.get(api.plain.path)
    assert (other.status, answer.status, again.status) == (200, 429, 200)
    assert answer.headers["Retry-After"] == "7"
    assert (answer.json["reason"], answer.json["details"]["retryAfterSeconds"]) == ("TooManyRequests", 7)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, "Unauthorized"),
        (403, "Forbidden"),
        (410, "Expired"),
        (500, "InternalError"),
        (503, "ServiceUnavailable"),
    ],
)
async def test_status_bodies(api: Api, given: ApiServer, status: int, reason: str) -> None:
    inject(given, status=status)
    answer = await api.get(api.plain.path)
    assert (answer.status, answer.json["reason"]) == (status, reason)


async def test_text_and_html_bodies_as_proxies_write_them(api: Api, given: ApiServer) -> None:
    inject(given, status=503, body="no healthy upstream", retry_after=1)
    inject(given, status=502, body="<html>Bad Gateway</html>")
    first, second = await api.get(api.plain.path, watch=1), await api.get(api.plain.path)
    assert (first.status, first.text, first.headers["Retry-After"]) == (503, "no healthy upstream", "1")
    assert first.headers["Content-Type"].startswith("text/plain")
    assert (second.status, second.headers["Content-Type"].partition(";")[0]) == (502, "text/html")


async def test_times_after_and_probability(api: Api, given: ApiServer) -> None:
    inject(given, status=503, times=2, after=1)
    assert [(await api.get(api.plain.path)).status for _ in range(5)] == [200, 503, 503, 200, 200]
    inject(given, status=503, times=None)
    assert [(await api.get(api.plain.path)).status for _ in range(3)] == [503] * 3
    given.faults.clear()
    assert (await api.get(api.plain.path)).status == 200
    assert len(given.faults.met) == 5


def test_chance_is_the_same_for_the_same_seed() -> None:
    def weather(seed: int) -> list[bool]:
        faults = Faults([Fault(status=503, times=None, probability=0.5)], seed=seed)
        return [faults.meet("pods", "list") is not None for _ in range(40)]

    assert weather(1) == weather(1)
    assert weather(1) != weather(2)
    assert 5 < sum(weather(1)) < 35


async def test_hang_up_closes_without_an_answer(api: Api, given: ApiServer) -> None:
    inject(given, hang_up=True, times=2)  # aiohttp asks a second time by itself
    with pytest.raises(aiohttp.ClientError):
        await api.get(api.plain.path)


async def test_empty_answer_ends_at_once(api: Api, given: ApiServer) -> None:
    inject(given, verb="watch", empty=True)
    answer = await api.get(api.plain.path, watch=1)
    assert (answer.status, answer.text) == (200, "")


async def test_error_event_comes_in_the_stream(api: Api, given: ApiServer) -> None:
    inject(given, verb="watch", error=410)
    [event] = (await api.get(api.plain.path, watch=1)).events
    assert (event["type"], event["object"]["code"], event["object"]["reason"]) == ("ERROR", 410, "Expired")


@pytest.mark.parametrize("clean", [True, False])
async def test_cut_ends_in_the_middle_of_a_line(api: Api, given: ApiServer, clean: bool) -> None:
    await api.create(api.plain, "a", "b")
    inject(given, verb="watch", cut=700, clean=clean)
    received = b""
    async with api.session.get(
        api.url + api.plain.path, params={"watch": "1"}, headers=api.headers
    ) as response:
        try:
            async with asyncio.timeout(5):
                while piece := await response.content.readany():
                    received += piece
            ended_properly = True
        except aiohttp.ClientError:
            ended_properly = False
    assert len(received) == 700
    assert not received.endswith(b"\n")
    assert ended_properly is clean


async def test_cut_breaks_lists_and_logs_too(api: Api, given: ApiServer) -> None:
    await api.create(api.plain, "a")
    inject(given, verb="list", cut=50, clean=True)
    answer = await api.get(api.plain.path)
    assert len(answer.text) == 50
    given.store.create("pods", {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c"}]}})
    given.logs.append("default", "p", "c", "hello world")
    inject(given, verb="get", cut=5, clean=True)
    assert (await api.get("/api/v1/namespaces/default/pods/p/log")).text == "hello"


async def test_stalled_connection_stays_open_and_silent(api: Api, given: ApiServer) -> None:
    await api.create(api.plain, "a")
    inject(given, verb="watch", stall=0)
    async with api.session.get(
        api.url + api.plain.path, params={"watch": "1", "timeoutSeconds": "1"}, headers=api.headers
    ) as response:
        assert response.status == 200
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await response.content.readany()


async def test_slow_answer(api: Api, given: ApiServer) -> None:
    loop = asyncio.get_running_loop()
    for method, path, status in (("GET", api.plain.path, 200), ("DELETE", f"{api.plain.path}/none", 404)):
        inject(given, delay=0.1)
        before = loop.time()
        async with api.session.request(method, api.url + path, headers=api.headers) as response:
            assert response.status == status
        assert loop.time() - before >= 0.1


async def test_padding_makes_one_very_long_line(api: Api, given: ApiServer) -> None:
    await api.create(api.plain, "a", "b")
    inject(given, verb="watch", pad=5_000_000)
    received = b""
    async with api.session.get(
        api.url + api.plain.path, params={"watch": "1"}, headers=api.headers
    ) as response:
        async with asyncio.timeout(10):
            while received.count(b"\n") < 2:
                received += await response.content.readany()
    lines = received.splitlines()
    assert [len(line) > 5_000_000 for line in lines] == [True, False]
    assert json.loads(lines[0])["object"]["metadata"]["name"] == "a"


async def test_write_that_meets_a_fault_is_not_done(api: Api, given: ApiServer) -> None:
    inject(given, verb="create", status=503)
    assert (await api.post(api.plain.path, api.plain.new("a"))).status == 503
    assert (await api.get(f"{api.plain.path}/a")).status == 404


async def test_storm_lets_some_requests_through(api: Api, given: ApiServer) -> None:
    given.faults.add(*(fault for fault in storm(0.2) if fault.status))
    statuses = [(await api.get(api.plain.path)).status for _ in range(60)]
    assert {200, 429, 503, 502} == set(statuses)
    assert all(fault.times is None for fault in storm())


async def test_requests_are_remembered(api: Api, given: ApiServer) -> None:
    await api.get(api.plain.path, limit=5)
    last = given.requests[-1]
    assert (last.method, last.path, last.params, last.agent) == (
        "GET",
        api.plain.path,
        {"limit": "5"},
        "contract/1",
    )


async def test_server_stops_while_watches_are_open(api: Api, given: ApiServer) -> None:
    async with api.watch(api.plain.path) as events:
        async with asyncio.timeout(5):
            await given.stop()
        with pytest.raises((aiohttp.ClientError, EOFError)):
            await events.next()
