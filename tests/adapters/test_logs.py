"""A container's log over real HTTP: what is asked for, how lines are made, and how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from following import connected, eventually
from scripted import Answer, refusal, serving, status, text

from trombone_tui.adapters.contact import Contact
from trombone_tui.adapters.kubernetes import Access, KubernetesCluster
from trombone_tui.adapters.logs import LONGEST, Splitter, read_log, stamped
from trombone_tui.adapters.pace import Pace
from trombone_tui.core.ports import Denied, LogLine, LogOptions, Missing, PortError, Refused, Unreachable
from trombone_tui.demo.access import Persona, Rule
from trombone_tui.demo.clock import Clock
from trombone_tui.demo.server import ApiServer
from trombone_tui.demo.store import Store

PATH = "/api/v1/namespaces/ns/pods/p/log"
STAMP = "2026-11-23T17:42:10.123456789Z"
AT = datetime(2026, 11, 23, 17, 42, 10, 123456, tzinfo=UTC)
ONCE = LogOptions(follow=False)
BRIEF = Pace(quiet=0.05, pulse=0.1, probe=0.05)


def written(*chunks: bytes, end: str = "clean", **more: Any) -> Answer:
    return Answer(headers={"Content-Type": "text/plain"}, chunks=chunks, end=end, **more)


async def read(url: str, options: LogOptions = ONCE, container: str = "c") -> list[LogLine]:
    async with connected(url) as cluster:
        return [line async for batch in cluster.log("ns", "p", container, options) for line in batch]


def split(*chunks: bytes) -> list[LogLine]:
    splitter = Splitter()
    return [line for chunk in chunks for line in splitter.split(chunk)] + splitter.rest()


@pytest.mark.parametrize(
    ("chunks", "texts"),
    [
        ([], []),
        ([b"a\nb\n"], ["a", "b"]),
        ([b"a\nb"], ["a", "b"]),
        ([b"a", b"b\n", b"c\n"], ["ab", "c"]),
        ([b"a\r\nb\r\n"], ["a", "b"]),
        ([b"a\r", b"\nb"], ["a", "b"]),
        ([b"1%\r2%\r3%\n"], ["1%\r2%\r3%"]),
        ([b"\n\na\n"], ["", "", "a"]),
        ([b"caf\xc3", b"\xa9\n"], ["café"]),
        ([b"\xff\xfe bad\n"], ["\ufffd\ufffd bad"]),
        ([b"nul\0\n"], ["nul\0"]),
    ],
)
def test_lines_are_made_wherever_the_network_cuts(chunks: list[bytes], texts: list[str]) -> None:
    assert [line.text for line in split(*chunks)] == texts


def test_a_line_without_end_is_cut_and_says_so_and_the_next_is_whole() -> None:
    long, last = split(*[b"x" * 2**16] * 20, b"\nnext\n")
    assert long.text.startswith("x" * LONGEST)
    assert long.text[LONGEST:] == f"… ({4 * 2**16} bytes left out)"
    assert last.text == "next"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"{STAMP} text", LogLine("text", AT)),
        (f"{STAMP} ", LogLine("", AT)),
        (STAMP, LogLine("", AT)),
        (f"{STAMP}  two  blanks ", LogLine(" two  blanks ", AT)),
        ("2026-11-23T17:42:10Z text", LogLine("text", AT.replace(microsecond=0))),
        ("2026-11-23T17:42:10.5Z text", LogLine("text", AT.replace(microsecond=500000))),
        ("2026-11-23T18:42:10.123456789+01:00 text", LogLine("text", AT)),
        ("2026-11-23T17:42:10 text", LogLine("2026-11-23T17:42:10 text")),
        ("2026-11-23T17:42:10.123 text", LogLine("2026-11-23T17:42:10.123 text")),
        ("2026-99-99T17:42:10.123Z text", LogLine("2026-99-99T17:42:10.123Z text")),
        (
            "unable to retrieve container logs for containerd://0a1b",
            LogLine("unable to retrieve container logs for containerd://0a1b"),
        ),
        ("", LogLine("")),
    ],
)
def test_the_time_is_taken_from_the_beginning_where_one_stands(line: str, expected: LogLine) -> None:
    assert stamped(line) == expected


@pytest.mark.parametrize(
    ("container", "options", "query"),
    [
        ("", LogOptions(), {"follow": "true"}),
        ("c", ONCE, {"container": "c"}),
        ("c", LogOptions(follow=False, previous=True), {"container": "c", "previous": "true"}),
        ("", LogOptions(lines=500), {"follow": "true", "tailLines": "500"}),
        ("", LogOptions(follow=False, lines=0), {"tailLines": "0"}),
        ("", LogOptions(follow=False, since=90.2), {"sinceSeconds": "91"}),
        ("", LogOptions(follow=False, since=0.0), {"sinceSeconds": "1"}),
        ("", LogOptions(follow=False, since=AT), {"sinceTime": "2026-11-23T17:42:10Z"}),
    ],
)
async def test_what_is_wanted_is_asked_for_and_times_always(
    container: str, options: LogOptions, query: dict[str, str]
) -> None:
    async with serving() as server:
        server.at(PATH, written(f"{STAMP} text\n".encode()))
        server.at("/readyz", text(200, "ok"))
        assert await read(server.url, options, container) == [LogLine("text", AT)]
        (asked,) = server.asked("/log")
    assert asked.query == {"timestamps": "true"} | query


async def test_names_from_a_cluster_stay_within_their_place_in_the_path() -> None:
    async with serving() as server, connected(server.url) as cluster:
        with pytest.raises(Missing):
            await anext(cluster.log("ns", "../../x?y=", "", ONCE))
        for name in ("", ".."):
            with pytest.raises(Missing, match="no pod is called"):
                await anext(cluster.log("ns", name, "", ONCE))
        assert [request.path for request in server.requests] == [
            "/api/v1/namespaces/ns/pods/..%2F..%2Fx%3Fy=/log"
        ]


def answer(code: int, message: str, **details: Any) -> Answer:
    return Answer(
        status=code,
        headers={"Content-Type": "application/json"},
        chunks=(str(status(code, message, **details)).replace("'", '"').encode(),),
    )


@pytest.mark.parametrize(
    ("refused", "kind", "said"),
    [
        # kubernetes@v1.36:pkg/kubelet/kubelet_pods.go validateContainerLogStatus
        (
            refusal(400, 'previous terminated container "c" in pod "p" not found'),
            Missing,
            'previous terminated container "c" in pod "p" not found',
        ),
        (
            refusal(400, 'container "c" in pod "p" is waiting to start: ContainerCreating'),
            Missing,
            'container "c" in pod "p" is waiting to start: ContainerCreating',
        ),
        # kubernetes@v1.36:pkg/registry/core/pod/strategy.go LogLocation
        (
            refusal(400, "container x is not valid for pod p"),
            Missing,
            "container x is not valid for pod p",
        ),
        (
            refusal(400, "a container name must be specified for pod p, choose one of: [a b]"),
            Refused,
            "the API server rejects get pods/log (400): a container name must be specified for pod p, "
            "choose one of: [a b]",
        ),
        (text(400, "not ours"), Refused, "the API server rejects get pods/log (400): Bad Request"),
        (refusal(403), Denied, "may not get pods/log in namespace ns"),
        (text(404, "404 page not found"), Missing, "there is no pod p in namespace ns"),
        (answer(404, "pods p not found", name="p"), Missing, "get pods/log: pods p not found"),
        (
            refusal(500, "Get https://10.0.0.7:10250/containerLogs: dial tcp: no route to host"),
            Unreachable,
            "the API server answers 500: Get https://10.0.0.7:10250/containerLogs: dial tcp: "
            "no route to host",
        ),
    ],
)
async def test_what_the_server_refuses_says_why(refused: Answer, kind: type[PortError], said: str) -> None:
    async with serving() as server:
        server.at(PATH, refused)
        server.at("/readyz", text(200, "ok"))
        with pytest.raises(kind) as caught:
            await read(server.url)
    assert str(caught.value) == said
    assert caught.value.advice


async def test_an_empty_log_has_no_lines() -> None:
    async with serving() as server:
        server.at(PATH, written())
        assert await read(server.url) == []


async def test_a_log_that_breaks_off_is_no_log_that_ended() -> None:
    async with serving() as server, connected(server.url) as cluster:
        server.at(PATH, written(f"{STAMP} a\n{STAMP} b".encode(), end="cut"))
        server.at("/readyz", text(200, "ok"))
        async with aclosing(cluster.log("ns", "p", "c", LogOptions())) as batches:
            assert await anext(batches) == [LogLine("a", AT)]
            with pytest.raises(Unreachable, match="cut"):
                await anext(batches)


async def test_a_log_may_be_silent_as_long_as_the_server_is_there() -> None:
    more = asyncio.Event()
    async with serving() as server, connected(server.url) as cluster:
        server.at("/readyz", text(200, "ok"))
        server.at(PATH, written(b"a\n", end="hold", hold=more, after=(b"b\n",)))
        contact = Contact(cluster, BRIEF)
        async with aclosing(read_log(cluster, contact, "ns", "p", "c", LogOptions())) as batches:
            assert [line.text for line in await anext(batches)] == ["a"]
            next_ = asyncio.ensure_future(anext(batches))
            await eventually(lambda: len(server.asked("/readyz")) > 2)
            assert not next_.done()
            more.set()
            assert [line.text for line in await next_] == ["b"]


@pytest.mark.parametrize("began", [True, False])
async def test_a_log_ends_when_its_server_is_lost(began: bool) -> None:
    async with serving() as server, connected(server.url) as cluster:
        server.at("/readyz", text(200, "ok"))
        server.at(PATH, written(b"a\n", end="silence"))
        contact = Contact(cluster, BRIEF)
        async with aclosing(read_log(cluster, contact, "ns", "p", "c", LogOptions())) as batches:
            if began:
                await anext(batches)
            server.thawed.clear()
            with pytest.raises(Unreachable, match="the log broke off: the API server is silent"):
                await anext(batches)


async def test_a_log_that_is_not_followed_has_to_answer_in_time() -> None:
    async with serving() as server:
        server.at(PATH, written(b"a\n", end="silence"))
        server.at("/readyz", text(200, "ok"))
        with pytest.raises(Unreachable, match="no answer within 3 s"):
            await read(server.url)


@asynccontextmanager
async def demo(tmp_path: Path, *personas: Persona, token: str = "") -> AsyncIterator[tuple[ApiServer, Any]]:
    server = ApiServer(Store(Clock()), personas=personas)
    server.store.create("namespaces", {"metadata": {"name": "ns"}})
    pod = {"metadata": {"name": "p", "namespace": "ns"}, "spec": {"containers": [{"name": "c"}]}}
    server.store.create("pods", pod)
    await server.start()
    path = tmp_path / "config"
    path.write_text(server.kubeconfig("ns", token=token))
    cluster = await KubernetesCluster.connect(Access(kubeconfig=str(path)))
    try:
        yield server, cluster
    finally:
        await cluster.close()
        await server.stop()


async def test_the_newest_lines_come_at_once_then_what_is_written_until_the_container_ends(
    tmp_path: Path,
) -> None:
    async with demo(tmp_path) as (server, cluster):
        for number in range(5):
            server.logs.append("ns", "p", "c", f"line {number}", AT)
        async with aclosing(cluster.log("ns", "p", "", LogOptions(lines=2))) as batches:
            assert await anext(batches) == [LogLine("line 3", AT), LogLine("line 4", AT)]
            server.logs.append("ns", "p", "c", "more", AT)
            assert await anext(batches) == [LogLine("more", AT)]
            server.logs.end("ns", "p", "c")
            with pytest.raises(StopAsyncIteration):
                await anext(batches)


async def test_who_reads_no_more_leaves_the_server_alone(tmp_path: Path) -> None:
    async with demo(tmp_path) as (server, cluster):
        server.logs.append("ns", "p", "c", "a")
        async with aclosing(cluster.log("ns", "p", "c", LogOptions())) as batches:
            await anext(batches)
            assert server._open
        await eventually(lambda: not server._open)


async def test_the_log_before_the_restart_is_another(tmp_path: Path) -> None:
    async with demo(tmp_path) as (server, cluster):
        before = LogOptions(follow=False, previous=True)
        with pytest.raises(Missing, match='previous terminated container "c" in pod "p" not found'):
            await anext(cluster.log("ns", "p", "c", before))
        server.logs.append("ns", "p", "c", "last words", AT)
        server.logs.restart("ns", "p", "c")
        server.logs.append("ns", "p", "c", "first words", AT)
        assert [b async for b in cluster.log("ns", "p", "c", before)] == [[LogLine("last words", AT)]]
        with pytest.raises(Missing, match="q"):
            await anext(cluster.log("ns", "q", "c", before))


async def test_who_may_see_pods_may_not_yet_read_their_logs(tmp_path: Path) -> None:
    rule = Rule(verbs=["get", "list", "watch"], groups=[""], resources=["pods"])
    guest = Persona(name="guest", token="guest", rules=[rule])
    async with demo(tmp_path, guest, token="guest") as (_, cluster):
        with pytest.raises(Denied) as caught:
            await anext(cluster.log("ns", "p", "c", ONCE))
    assert str(caught.value) == "may not get pods/log in namespace ns"
