"""An HTTP server on loopback that notes every request, a tunnelling proxy, and kubeconfigs for them."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import yaml
from aiohttp import web
from multidict import CIMultiDictProxy


@dataclass(frozen=True)
class Seen:
    """One request as it came in."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: CIMultiDictProxy[str]
    body: bytes
    peer: str
    """The common name of the client's certificate; empty without one."""

    @property
    def authorization(self) -> str | None:
        return self.headers.get("Authorization")


Answer = Callable[[Seen], web.StreamResponse]


def says(body: Any, status: int = 200, **headers: str) -> Answer:
    """Answer every request alike: a text as it is, anything else as JSON; ``Retry_After`` is Retry-After."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    def answer(_: Seen) -> web.StreamResponse:
        if isinstance(body, str):
            return web.Response(text=body, status=status, headers=named)
        return web.json_response(body, status=status, headers=named)

    return answer


@dataclass
class ApiServer:
    """Answers as ``answer`` says."""

    tls: ssl.SSLContext | None = None
    answer: Answer = field(default_factory=lambda: says({"kind": "Anything"}))
    seen: list[Seen] = field(default_factory=list)
    sni: list[str | None] = field(default_factory=list)
    port: int = 0

    async def __aenter__(self) -> Self:
        if self.tls is not None:
            self.tls.sni_callback = lambda _socket, name, _context: self.sni.append(name)
        self._runner = web.ServerRunner(web.Server(self._handle), shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self.tls)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def last(self) -> Seen:
        return self.seen[-1]

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        subject = (request.get_extra_info("peercert") or {}).get("subject", ())
        peer = next((value for rdn in subject for key, value in rdn if key == "commonName"), "")
        body = await request.read()
        path = request.rel_url.path
        seen = Seen(request.method, path, dict(request.query), request.headers, body, peer)
        self.seen.append(seen)
        return self.answer(seen)


class TunnelProxy:
    """A proxy that serves ``CONNECT`` and absolute addresses, and notes the heads of requests.

    Any other ``status`` than 200 is its only answer; an empty one means that it never answers.
    """

    def __init__(self, *, tls: ssl.SSLContext | None = None, status: str = "200 OK") -> None:
        self.heads: list[str] = []
        self._tls = tls
        self._status = status
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.heads.append(head)
            method, target, _ = head.split(" ", 2)
            if not self._status:
                await reader.read()
                return
            if not self._status.startswith("200"):
                writer.write(f"HTTP/1.1 {self._status}\r\nContent-Length: 0\r\n\r\n".encode())
                await writer.drain()
                return
            address = target.removeprefix("http://").split("/")[0]
            host, port = address.rsplit(":", 1)
            far_reader, far_writer = await asyncio.open_connection(host, int(port))
            if method == "CONNECT":
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                far_writer.write(head.replace(f"http://{address}", "", 1).encode())
            try:
                await asyncio.gather(_pipe(reader, far_writer), _pipe(far_reader, writer))
            finally:
                far_writer.close()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(65536):
        writer.write(chunk)
        await writer.drain()
    writer.close()


class Moment:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **duration: float) -> None:
        self.now += timedelta(**duration)


def write_kubeconfig(
    path: Path,
    server: str,
    *,
    user: Mapping[str, Any] | None = None,
    cluster: Mapping[str, Any] | None = None,
    context: Mapping[str, Any] | None = None,
) -> str:
    """Write a kubeconfig with one context, ``here``; without ``user`` the context has none."""
    named: dict[str, Any] = {"cluster": "c", **(context or {})}
    content: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "contexts": [{"name": "here", "context": named}],
        "clusters": [{"name": "c", "cluster": {"server": server, **(cluster or {})}}],
    }
    if user is not None:
        named["user"] = "dev"
        content["users"] = [{"name": "dev", "user": dict(user)}]
    path.write_text(yaml.safe_dump(content))
    return str(path)
