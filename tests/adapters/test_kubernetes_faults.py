"""Every way an API server can fail to answer is said in plain words, and as the right error."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import aiohttp
import pytest
from apiserver import ApiServer, says, write_kubeconfig
from certificates import Authority
from free_port import free_port

from trombone_tui.adapters.connection import error_of, raise_for, read_status, retry_after
from trombone_tui.adapters.faults import unreachable
from trombone_tui.adapters.kubernetes import Access, KubernetesCluster
from trombone_tui.core.ports import (
    Conflict,
    Denied,
    Expired,
    Missing,
    NotInstalled,
    PortError,
    Refused,
    Unauthenticated,
    Unreachable,
)

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def raw_server(serve: Serve) -> AsyncIterator[str]:
    """A server of bare bytes; gives its address."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()
    await server.wait_closed()


async def fault(path: str, *, seconds: float = 5.0) -> Unreachable:
    """Ask once and return the fault."""
    cluster = await KubernetesCluster.connect(Access(kubeconfig=path, request_timeout=seconds))
    try:
        with pytest.raises(Unreachable) as caught:
            await cluster.get_json("/x")
    finally:
        await cluster.close()
    assert caught.value.advice
    return caught.value


async def test_connection_refused(tmp_path: Path) -> None:
    server = f"http://127.0.0.1:{free_port()}"
    assert str(await fault(write_kubeconfig(tmp_path / "c", server))) == f"{server}: connection refused"


async def test_faults_do_not_show_the_path_of_the_server(tmp_path: Path) -> None:
    server = f"http://127.0.0.1:{free_port()}"
    error = await fault(write_kubeconfig(tmp_path / "c", f"{server}/SECRET"))
    assert str(error) == f"{server}: connection refused"


async def test_no_such_host(tmp_path: Path) -> None:
    error = await fault(write_kubeconfig(tmp_path / "c", "http://no-such-host.invalid:6443"))
    assert "no such host" in str(error)
    assert "DNS" in error.advice


async def test_silence_before_and_in_the_middle_of_an_answer(tmp_path: Path) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        await reader.read()

    for serve in (silent, half):
        async with raw_server(serve) as server:
            error = await fault(write_kubeconfig(tmp_path / "c", server), seconds=0.2)
            assert str(error) == f"{server}: no answer within 0.2 s"


async def test_read_timeout_replaces_the_request_timeout(tmp_path: Path) -> None:
    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(0.3)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        await writer.drain()

    async with raw_server(slow) as server:
        path = write_kubeconfig(tmp_path / "c", server)
        cluster = await KubernetesCluster.connect(Access(kubeconfig=path, request_timeout=0.1))
        async with cluster.request("GET", "/x", read_timeout=5) as response:
            assert await response.read() == b"{}"
        with pytest.raises(Unreachable, match=r"within 0\.1 s"):
            await cluster.get_json("/x")
        await cluster.close()


async def test_connection_cut_before_and_in_the_middle_of_an_answer(tmp_path: Path) -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")

    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab")
        await writer.drain()

    for serve, words in ((cut, "cut before an answer came"), (half, "cut in the middle of an answer")):
        async with raw_server(serve) as server:
            assert words in str(await fault(write_kubeconfig(tmp_path / "c", server)))


async def test_something_that_speaks_no_http(tmp_path: Path) -> None:
    async def ssh(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        await writer.drain()
        await reader.readuntil(b"\r\n\r\n")

    async with raw_server(ssh) as server:
        assert "does not speak HTTP" in str(await fault(write_kubeconfig(tmp_path / "c", server)))
        secure = server.replace("http", "https")
        assert "does not speak TLS on this port" in str(await fault(write_kubeconfig(tmp_path / "d", secure)))


async def test_a_redirect_is_no_api_server(tmp_path: Path, api: ApiServer) -> None:
    api.answer = says("", 302, Location="https://login.example")
    error = await fault(write_kubeconfig(tmp_path / "c", api.url, user={"token": "t"}))
    assert "answers with a redirect" in str(error)
    assert len(api.seen) == 1


async def test_expired_certificate_of_the_server(tmp_path: Path, pki: Authority) -> None:
    async with ApiServer(tls=pki.server_context("old", "IP:127.0.0.1", days=0)) as server:
        path = write_kubeconfig(tmp_path / "c", server.url, cluster={"certificate-authority": str(pki.path)})
        error = await fault(path)
        assert "its certificate has expired" in str(error)
        assert "clock" in error.advice


@contextmanager
def strict_server(context: ssl.SSLContext) -> Iterator[str]:
    """A server that asks for a client certificate and says why it hangs up, which asyncio's does not."""
    context.verify_mode = ssl.CERT_REQUIRED
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # with 1.3 the answer comes too late to be seen

    def serve() -> None:
        with suppress(OSError):
            while True:
                plain, _ = listener.accept()
                with plain, suppress(ssl.SSLError), context.wrap_socket(plain, server_side=True) as secure:
                    secure.recv(1)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


async def test_server_that_insists_on_a_client_certificate(
    tmp_path: Path, pki: Authority, other_pki: Authority
) -> None:
    ca = {"certificate-authority": str(pki.path)}
    chain, key = other_pki.issue("stranger")
    user = {"client-certificate": str(chain), "client-key": str(key)}
    with strict_server(pki.server_context("strict", "IP:127.0.0.1")) as server:
        error = await fault(write_kubeconfig(tmp_path / "c", server, cluster=ca))
        assert "it may ask for a client certificate" in str(error)
        error = await fault(write_kubeconfig(tmp_path / "d", server, user=user, cluster=ca))
        assert "does not accept our client certificate" in str(error)
        assert "renew" in error.advice


@contextmanager
def frozen_server(context: ssl.SSLContext) -> Iterator[str]:
    """A server that begins an answer and then neither reads nor writes, as one that is stopped."""
    served = threading.Event()

    def serve() -> None:
        plain, _ = listener.accept()
        with plain, context.wrap_socket(plain, server_side=True) as secure:
            secure.recv(65536)
            secure.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n")
            served.wait()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"https://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            served.set()
            thread.join()


async def test_who_leaves_an_answer_in_its_middle_does_not_wait_for_a_goodbye(
    tmp_path: Path, pki: Authority
) -> None:
    ca = {"certificate-authority": str(pki.path)}
    with frozen_server(pki.server_context("server", "IP:127.0.0.1")) as server:
        path = write_kubeconfig(tmp_path / "c", server, cluster=ca)
        cluster = await KubernetesCluster.connect(Access(kubeconfig=path))
        async with cluster.request("GET", "/x") as response:
            assert await response.content.read(2) == b"{}"
            assert response.connection is not None
            transport = response.connection.transport
            assert transport is not None
            plain = transport.get_extra_info("socket")
        await cluster.close()
        await asyncio.sleep(0)
        assert plain.fileno() == -1


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TimeoutError(), "no answer within 3 s"),
        (OSError(113, "No route to host"), "no route to the host"),
        (OSError(28, "No space left on device"), "no space left on device"),
        (OSError("odd"), "odd"),
        (ssl.SSLError(1, "[SSL: DECRYPTION_FAILED] x"), "TLS does not come about"),
        (aiohttp.ClientOSError(104, "Connection reset by peer"), "the connection was cut"),
        (aiohttp.ClientConnectionError("closed"), "the connection was cut"),
        (RuntimeError("new"), "RuntimeError: new"),
    ],
)
def test_faults_are_said_in_words(error: Exception, words: str) -> None:
    fault = unreachable(error, server="https://a", seconds=3)
    assert str(fault).startswith("https://a: ")
    assert words in str(fault)
    assert fault.advice


async def meant(api: ApiServer, tmp_path: Path) -> PortError:
    path = write_kubeconfig(tmp_path / "c", api.url)
    cluster = await KubernetesCluster.connect(Access(kubeconfig=path))
    try:
        async with cluster.request("GET", "/x") as response:
            with pytest.raises(PortError) as caught:
                await raise_for(response, verb="list", resource="rollouts.argoproj.io", namespace="shop")
        return caught.value
    finally:
        await cluster.close()


STATUS = {"kind": "Status", "apiVersion": "v1", "status": "Failure"}


@pytest.mark.parametrize(
    ("code", "body", "error", "words"),
    [
        (403, {**STATUS, "message": "no such right"}, Denied, "may not list rollouts.argoproj.io"),
        (403, "blocked", Denied, "may not list rollouts.argoproj.io in namespace shop"),
        (404, {**STATUS, "message": "gone", "details": {"name": "x"}}, Missing, "gone"),
        (404, {**STATUS, "message": "could not find the resource"}, NotInstalled, "rollouts.argoproj.io is"),
        (404, "404 page not found\n", NotInstalled, "is not installed"),
        (409, {**STATUS, "message": "has been modified"}, Conflict, "has been modified"),
        (410, {**STATUS, "message": "too old"}, Expired, "too old"),
        (422, {**STATUS, "message": "spec.x: wrong"}, Refused, "rollouts.argoproj.io (422): spec.x: wrong"),
        (400, "bad", Refused, "(400): bad"),
        (429, "slow down", Unreachable, "answers 429: slow down"),
        (500, {**STATUS, "message": "etcd"}, Unreachable, "answers 500: etcd"),
        (502, "<html><b>Bad Gateway</b></html>", Unreachable, "answers 502: "),
        (504, {"not": "a status"}, Unreachable, "answers 504: Gateway Timeout"),
        (599, {}, Unreachable, "answers 599: an unknown status"),
    ],
)  # fmt: skip
async def test_statuses_become_the_ports_errors(
    tmp_path: Path, api: ApiServer, code: int, body: object, error: type[PortError], words: str
) -> None:
    api.answer = says(body, code)
    raised = await meant(api, tmp_path)
    assert type(raised) is error
    assert words in str(raised)
    assert raised.advice


async def test_denied_carries_what_is_missing(tmp_path: Path, api: ApiServer) -> None:
    api.answer = says({**STATUS, "message": "because"}, 403)
    raised = await meant(api, tmp_path)
    assert isinstance(raised, Denied)
    assert (raised.verb, raised.resource, raised.namespace, raised.message) == (
        "list", "rollouts.argoproj.io", "shop", "because",
    )  # fmt: skip


async def test_retry_after_is_honoured_in_seconds_date_and_body(tmp_path: Path, api: ApiServer) -> None:
    date = {"Date": "Wed, 01 Jan 2025 00:00:00 GMT"}
    for headers, body, expected in (
        ({"Retry_After": "7"}, "later", 7.0),
        ({"Retry_After": "Wed, 01 Jan 2025 00:00:30 GMT", **date}, "later", 30.0),
        ({"Retry_After": "soon"}, {**STATUS, "details": {"retryAfterSeconds": 3}}, 3.0),
        ({}, "later", None),
        ({"Retry_After": "999999"}, "later", 3600.0),
    ):
        api.answer = says(body, 503, **headers)
        raised = await meant(api, tmp_path)
        assert isinstance(raised, Unreachable)
        assert raised.retry_after == expected


def test_retry_after_in_the_past_is_now() -> None:
    headers = {"Retry-After": "Wed, 01 Jan 2020 00:00:00 GMT"}
    assert retry_after(headers) == 0.0
    assert retry_after({"Retry-After": "-5"}) is None


async def test_a_broken_off_error_body_is_taken_for_what_there_is(tmp_path: Path) -> None:
    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 503 X\r\nContent-Type: text/plain\r\nContent-Length: 99\r\n\r\noverloaded")
        await writer.drain()

    async with raw_server(half) as server:
        cluster = await KubernetesCluster.connect(Access(kubeconfig=write_kubeconfig(tmp_path / "c", server)))
        with pytest.raises(Unreachable, match="answers 503"):
            await cluster.get_json("/x")
        await cluster.close()


def test_error_events_of_a_watch_are_read_alike() -> None:
    status = read_status(b'{"kind":"Status","code":410,"message":"too old resource version"}')
    assert status is not None
    assert isinstance(error_of(410, status, verb="watch", resource="x", namespace=None), Expired)
    assert isinstance(error_of(401, None, verb="watch", resource="x", namespace=None), Unauthenticated)
    assert read_status(b'{"kind":"Pod"}') is None
    assert read_status(b"\xff") is None
