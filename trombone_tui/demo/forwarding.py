"""Ports of pods: who answers there, and the websocket that leads to them (``pods/portforward``).

The channel protocol is that of kubelets (``kubelet@v0.34.1:pkg/cri/streaming/portforward/websocket.go``):
the first byte of a message is its channel, two for each port, and the first message on each names the port.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, suppress

from aiohttp import WSMsgType, web

from trombone_tui.demo.calls import Call
from trombone_tui.demo.errors import ApiError, bad_request
from trombone_tui.demo.faults import Fault
from trombone_tui.demo.records import Record

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
"""Answers HTTP requests that come to a port."""
_PROTOCOL = "v4.channel.k8s.io"
_CHUNK = 2**15


class Ports:
    """What listens in pods, by namespace, labels and port."""

    def __init__(self) -> None:
        self._listening: list[tuple[str, Mapping[str, str], int, Handler]] = []

    def listen(self, namespace: str, labels: Mapping[str, str], port: int, handler: Handler) -> None:
        """Have the pods that carry the labels answer on a port."""
        self._listening.append((namespace, labels, port, handler))

    def find(self, pod: Record, port: int) -> Handler | None:
        """Return who answers on a pod's port."""
        for namespace, labels, wanted, handler in self._listening:
            here = (pod.namespace, port) == (namespace, wanted)
            if here and labels.items() <= dict(pod.labels).items():
                return handler
        return None


async def forward(call: Call, pod: Record, ports: Ports) -> web.StreamResponse:
    """Open a websocket to some ports of a pod, and carry bytes until one side ends.

    Raises:
        ApiError: 403, the right to create lacks; 400, the pod has no node, or the request opens no websocket.
    """
    _check_create(call)
    if not (pod.section("spec") or {}).get("nodeName"):
        raise bad_request(f"pod {pod.name} does not have a host assigned")
    wanted = _ports(call)
    channels = web.WebSocketResponse(protocols=(_PROTOCOL,), timeout=1.0)
    if not channels.can_prepare(call.request).ok:
        raise bad_request("Upgrade request required")
    if "*/*" not in call.request.headers.get("Accept", "*/*"):
        return web.Response(status=406, text="406: Not Acceptable")
    asked = call.request.headers.get("Sec-WebSocket-Protocol", "")
    if _PROTOCOL not in map(str.strip, asked.split(",")):
        raise bad_request(f"requested protocol(s) are not supported: [{asked}]; supports [{_PROTOCOL}]")
    await channels.prepare(call.request)
    way = _Way(call.request, channels, call.fault or Fault())
    async with AsyncExitStack() as stack:
        for place, port in enumerate(wanted):
            number = port.to_bytes(2, "little")
            for channel in (2 * place, 2 * place + 1):
                await channels.send_bytes(bytes((channel,)) + number)
            handler = ports.find(pod, port)
            if handler is None:
                await channels.send_bytes(bytes((2 * place + 1,)) + _nobody(pod, port).encode())
                await channels.close()
            else:
                await way.open(stack, 2 * place, handler)
        async for message in channels:
            if message.type is WSMsgType.BINARY and message.data:
                way.hand_on(message.data[0], message.data[1:])
    return channels


class _Way:
    """The connections behind a websocket's channels."""

    def __init__(self, request: web.Request, channels: web.WebSocketResponse, fault: Fault) -> None:
        self._request, self._channels, self._fault = request, channels, fault
        self._writers: dict[int, asyncio.StreamWriter] = {}

    async def open(self, stack: AsyncExitStack, channel: int, handler: Handler) -> None:
        """Connect a channel with who answers."""
        near, far = socket.socketpair()
        server = web.Server(handler, access_log=None)
        stack.push_async_callback(server.shutdown, 0.1)
        await asyncio.get_running_loop().connect_accepted_socket(server, far)
        reader, writer = await asyncio.open_connection(sock=near)
        stack.callback(writer.close)
        self._writers[channel] = writer
        task = asyncio.create_task(self._answers(channel, reader))
        stack.push_async_callback(_cancel, task)

    def hand_on(self, channel: int, data: bytes) -> None:
        """Give who answers what came on a channel."""
        if channel in self._writers:
            self._writers[channel].write(data)

    async def _answers(self, channel: int, reader: asyncio.StreamReader) -> None:
        """Send what is answered; the fault cuts it off or lets it stall after so many bytes."""
        fault, sent = self._fault, 0
        limit = fault.cut if fault.cut is not None else fault.stall
        while chunk := await reader.read(_CHUNK):
            if limit is not None and sent + len(chunk) >= limit:
                await self._channels.send_bytes(bytes((channel,)) + chunk[: limit - sent])
                await self._break()
            await self._channels.send_bytes(bytes((channel,)) + chunk)
            sent += len(chunk)
        await self._channels.close()

    async def _break(self) -> None:
        if self._fault.cut is not None and self._request.transport is not None:
            self._request.transport.abort()
        await asyncio.Event().wait()


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError, ConnectionError):
        await task


def _check_create(call: Call) -> None:
    """Refuse who may only get: since 1.35 a websocket takes the right to create, too."""
    if not call.identity.may(call.attributes("create")):
        name = call.path.name
        raise ApiError(403, "Forbidden", f'pods "{name}" is forbidden: ', {"name": name, "kind": "pods"})


def _ports(call: Call) -> list[int]:
    texts = [one for text in call.request.query.getall("ports", []) for one in text.split(",")]
    if not texts:
        raise bad_request('query parameter "port" is required')
    if not all(text.isascii() and text.isdigit() and 0 < int(text) < 2**16 for text in texts):
        raise bad_request(f'unable to parse "{",".join(texts)}" as a port')
    return [int(text) for text in texts]


def _nobody(pod: Record, port: int) -> str:
    """Say as containerd does that nobody listens."""
    where = f"/var/run/netns/cni-{pod.uid}"
    return (
        f"error forwarding port {port} to pod {pod.uid}, uid : failed to execute portforward in "
        f'network namespace "{where}": failed to connect to localhost:{port} inside namespace "{where}", '
        f"IPv4: dial tcp4 127.0.0.1:{port}: connect: connection refused IPv6 dial tcp6 [::1]:{port}: "
        "connect: connection refused "
    )
