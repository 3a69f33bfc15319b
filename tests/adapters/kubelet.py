"""A kubelet that lets a test do what it likes with the channels of a port-forward."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

PORT = 12000
_NAMED = PORT.to_bytes(2, "little")

Play = Callable[["Channels"], Awaitable[None]]


@dataclass
class Channels:
    """One port-forward from the kubelet's side; both channels have named the port."""

    socket: web.WebSocketResponse
    request: web.Request

    async def asked(self) -> bytes:
        """Return what was sent to the pod up to the end of the request's head."""
        found = b""
        while b"\r\n\r\n" not in found:
            message = await self.socket.receive()
            assert message.type is WSMsgType.BINARY, message
            assert message.data[0] == 0
            found += message.data[1:]
        return found

    async def say(self, data: bytes, channel: int = 0) -> None:
        await self.socket.send_bytes(bytes((channel,)) + data)

    def cut(self) -> None:
        assert self.request.transport is not None
        self.request.transport.abort()


@dataclass
class Kubelet:
    """What came in."""

    url: str = ""
    requests: list[web.Request] = field(default_factory=list)


@asynccontextmanager
async def kubelet(play: Play, tls: ssl.SSLContext | None = None) -> AsyncIterator[Kubelet]:
    """Serve port-forwards on loopback as ``play`` does."""
    found = Kubelet()

    async def serve(request: web.Request) -> web.StreamResponse:
        found.requests.append(request)
        socket = web.WebSocketResponse(protocols=("v4.channel.k8s.io",), timeout=0.1)
        await socket.prepare(request)
        channels = Channels(socket, request)
        for channel in (0, 1):
            await channels.say(_NAMED, channel)
        await play(channels)
        return socket

    app = web.Application()
    app.router.add_get("/{path:.*}", serve)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    found.url = f"{'https' if tls else 'http'}://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield found
    finally:
        await runner.cleanup()
