"""Logs of pods: what was written, what is being written, of which container."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from contract import NAMESPACE, Api, refused

from trombone_tui.demo.server import ApiServer

PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"
LOG = f"{PODS}/build/log"


@pytest.fixture
def pod(given: ApiServer) -> Callable[..., None]:
    def make(*containers: str, initial: tuple[str, ...] = ()) -> None:
        spec = {"containers": [{"name": name} for name in containers]}
        spec |= {"initContainers": [{"name": name} for name in initial]} if initial else {}
        given.store.create("pods", {"metadata": {"name": "build", "namespace": NAMESPACE}, "spec": spec})

    return make


def write(given: ApiServer, *lines: str, container: str = "main") -> None:
    for line in lines:
        given.logs.append(NAMESPACE, "build", container, line)


async def test_log_of_a_missing_pod_is_404(api: Api) -> None:
    refused(await api.get(f"{PODS}/nobody/log"), 404, "NotFound", 'pods "nobody" not found')


async def test_whole_log_and_its_tail(api: Api, given: ApiServer, pod: Callable[..., None]) -> None:
    pod("main")
    write(given, "one", "two\nthree")
    answer = await api.get(LOG)
    assert answer.headers["Content-Type"] == "text/plain"
    assert answer.text == "one\ntwo\nthree\n"
    assert (await api.get(LOG, tailLines=2)).text == "two\nthree\n"
    assert (await api.get(LOG, tailLines=0)).text == ""
    assert (await api.get(LOG, tailLines=9)).text == "one\ntwo\nthree\n"
    assert (await api.get(LOG, limitBytes=5)).text == "one\nt"
    refused(await api.get(LOG, tailLines="x"), 400, "BadRequest")


async def test_lines_with_their_times_and_since(api: Api, given: ApiServer, pod: Callable[..., None]) -> None:
    pod("main")
    now = given.store.clock.now()
    given.logs.append(NAMESPACE, "build", "main", "old", now - timedelta(minutes=5))
    given.logs.append(NAMESPACE, "build", "main", "new", now)
    lines = (await api.get(LOG, timestamps="true")).text.splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z (old|new)$", line) for line in lines)
    assert (await api.get(LOG, sinceSeconds=60)).text == "new\n"
    moment = (now - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert (await api.get(LOG, sinceTime=moment)).text == "new\n"


async def test_followed_log_goes_on_until_the_container_ends(
    api: Api, given: ApiServer, pod: Callable[..., None]
) -> None:
    pod("main")
    write(given, "one")
    async with api.session.get(
        api.url + LOG, params={"follow": "true", "tailLines": "1"}, headers=api.headers
    ) as response:
        assert await response.content.readline() == b"one\n"
        write(given, "two", "three")
        assert [await response.content.readline() for _ in range(2)] == [b"two\n", b"three\n"]
        given.logs.end(NAMESPACE, "build", "main")
        assert await response.content.read() == b""
    assert (await api.get(LOG, follow="true")).text == "one\ntwo\nthree\n"


async def test_log_before_the_restart(api: Api, given: ApiServer, pod: Callable[..., None]) -> None:
    pod("main")
    refused(await api.get(LOG, previous="true"), 400, "BadRequest", 'previous terminated container "main"')
    write(given, "before")
    given.logs.restart(NAMESPACE, "build", "main")
    write(given, "after")
    assert (await api.get(LOG, previous="true")).text == "before\n"
    assert (await api.get(LOG)).text == "after\n"


async def test_container_must_be_named_when_there_are_several(api: Api) -> None:
    await api.create_pod("build", "main", "wait", initial=("init",))
    answer = await api.get(LOG)
    what = "a container name must be specified for pod build, choose one of: [init main wait]"
    refused(answer, 400, "BadRequest", what)
    empty = await api.get(LOG, container="init")
    assert (empty.status < 300, empty.text) == (True, "")
    refused(await api.get(LOG, container="x"), 400, "BadRequest", "container x is not valid for pod build")


async def test_log_is_that_of_the_container_that_is_named(
    api: Api, given: ApiServer, pod: Callable[..., None]
) -> None:
    pod("main", "wait", initial=("init",))
    write(given, "waiting", container="wait")
    assert (await api.get(LOG, container="wait")).text == "waiting\n"
    assert (await api.get(LOG, container="init")).text == ""


async def test_forgotten_log_ends_for_those_who_follow(
    api: Api, given: ApiServer, pod: Callable[..., None]
) -> None:
    pod("main", initial=("init",))
    write(given, "one")
    async with api.session.get(api.url + LOG, params={"follow": "1"}, headers=api.headers) as response:
        assert await response.content.readline() == b"one\n"
        given.logs.forget(NAMESPACE, "build")
        assert await response.content.read() == b""
    assert (await api.get(LOG)).text == ""
