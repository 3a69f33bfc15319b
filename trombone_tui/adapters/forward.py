"""Calls a port of a pod: one HTTP request through the API server's port-forward.

Bytes go over a websocket of the channel protocol: the first byte of a message is its channel, the first
message on a channel names the port (``kubelet@v0.34.1:pkg/cri/streaming/portforward/websocket.go``).
aiohttp's own client speaks HTTP; all that lies between is a pair of sockets, which nobody else can reach.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from http import HTTPStatus
from typing import NoReturn

import aiohttp

from trombone_tui import __version__
from trombone_tui.adapters.connection import raise_for
from trombone_tui.adapters.faults import said
from trombone_tui.adapters.session import Channels, Session
from trombone_tui.adapters.writing import check_name, once, path_to, unsent
from trombone_tui.core.ports import Denied, Missing, NotInstalled, Refused, Unreachable
from trombone_tui.core.writes import Call, Reply, Write

LONGEST = 2**16
"""Bytes of an answer that are kept."""
_RESOURCE = "pods/portforward"
_VERBS = ("get", "create")
"""What it takes: a websocket is a GET, and since 1.35 opening one takes the right to create as well
(``kubernetes@v1.36.3:pkg/registry/core/pod/rest/subresources.go``)."""
_PROTOCOL = "v4.channel.k8s.io"
_DATA, _ERROR = 0, 1
_CHUNK = 2**15
_WORDS = 500
"""Characters of a refusal that are quoted."""
_NOT_REACHED = re.compile(
    r"connection refused|dial|failed to connect|no forward found|not found|not running|does not exist"
)
"""What kubelets say when they have not come as far as the port, so that nothing was handed on."""


async def call_pod(session: Session, write: Write, call: Call, *, dry_run: bool) -> Reply:
    """Send a call, once; the reply is its status and ``{"text": …}``.

    Raises:
        Refused: the pod itself says no (``code`` is its status), it is read-only here, or it is a dry run.
        Missing: there is no such pod.
        Denied: ``verb`` is the one of the two rights that lacks.
        Unreachable: no answer, or nobody listens there; ``sent`` says whether the pod may have heard it.
        Unauthenticated: 401; nothing happened.
    """
    check_name(write.kind, write.name)
    _check(call, dry_run=dry_run)
    async with AsyncExitStack() as stack:
        with unsent():  # until the websocket stands nobody has heard of the call
            channels = await stack.enter_async_context(_opened(session, write, call))
        relay = _Relay(channels)
        connector = await stack.enter_async_context(_joined(relay))
        try:
            status, text = await _exchanged(connector, call, session.patience)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise relay.fault(error, call, write, session.patience) from error
    if status >= HTTPStatus.MULTIPLE_CHOICES:
        _refuse(write, status, text)
    return Reply(status=status, body={"text": text})


def _check(call: Call, *, dry_run: bool) -> None:
    if dry_run:
        raise Refused("a call to a pod can't be rehearsed", advice="nothing was sent; do it, or leave it")
    if any(mark in text for pair in call.headers.items() for text in pair for mark in "\r\n\0"):
        raise Refused("a header of the call holds a line break", advice="nothing was sent")


@asynccontextmanager
async def _opened(session: Session, write: Write, call: Call) -> AsyncIterator[Channels]:
    """Open the websocket; what goes wrong names the pod and the right that lacks."""
    path = path_to("/api/v1", write.kind, write.namespace, write.name, "portforward")
    async with session.websocket(path, params={"ports": str(call.port)}, protocol=_PROTOCOL) as answer:
        if not isinstance(answer, aiohttp.ClientResponse):
            yield answer
            return
        try:
            await raise_for(answer, verb=_VERBS[0], resource=_RESOURCE, namespace=write.namespace)
        except NotInstalled as error:
            raise Missing(f"there is no pod {write.name} in namespace {write.namespace}") from error
        except Denied as error:
            raise _denied(error) from error
        raise Unreachable(
            f"{session.server}: answers {answer.status} where a websocket was asked for",
            advice="look at what is between here and the API server: it must let websockets pass",
        )


def _denied(error: Denied) -> Denied:
    """Name the right that lacks; of the second one, the server says nothing but that it is forbidden."""
    lacking = next((verb for verb in _VERBS if f"cannot {verb} " in error.message), _VERBS[-1])
    denied = Denied(lacking, _RESOURCE, namespace=error.namespace, message=error.message)
    denied.code = error.code
    return denied


class _Relay:
    """Carries bytes between a stream and the channels of one port."""

    def __init__(self, channels: Channels) -> None:
        self._channels = channels
        self._given = False
        self._complaint = ""
        self._broken: BaseException | None = None

    async def carry_there(self, reader: asyncio.StreamReader) -> None:
        """Send what is written, until the other end closes."""
        while chunk := await reader.read(_CHUNK):
            self._given = True
            try:
                await self._channels.send_bytes(bytes((_DATA,)) + chunk)
            except (aiohttp.ClientError, ConnectionError):
                return  # why it broke is learned where it is read

    async def carry_back(self, writer: asyncio.StreamWriter) -> None:
        """Write what comes, until the pod or the way to it ends, or the error channel says something."""
        named: set[int] = set()
        try:
            async for message in self._channels:
                if message.type is not aiohttp.WSMsgType.BINARY or not message.data:
                    self._complaint = "what answers there speaks another protocol"
                    break
                channel, data = message.data[0], message.data[1:]
                if channel not in named:
                    named.add(channel)
                elif channel == _ERROR:
                    self._complaint = data.decode("utf-8", "replace")
                    break
                elif channel == _DATA:
                    writer.write(data)
                    await writer.drain()
        except TimeoutError as error:
            self._broken = error
        except ConnectionError:
            pass  # the other end has all it wants
        finally:
            writer.close()

    def fault(self, error: BaseException, call: Call, write: Write, seconds: float) -> Unreachable:
        """Say what became of a call that was not answered."""
        where = f"port {call.port} of pod {write.name}"
        if self._complaint:
            heard = self._given and not _NOT_REACHED.search(self._complaint)
            return Unreachable(
                f"{where} can't be reached: {self._complaint[:_WORDS]}",
                advice="look whether the pod runs, and whether a container in it listens on that port",
                sent=heard,
            )
        what, _ = said(self._broken or error, seconds)
        return Unreachable(
            f"{where}: {what}", advice="look at the pod, at its log, and at its node", sent=self._given
        )


@asynccontextmanager
async def _joined(relay: _Relay) -> AsyncIterator[aiohttp.BaseConnector]:
    """Let the relay run behind the one connection of a connector."""
    near, far = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=far)
    tasks = [asyncio.create_task(relay.carry_there(reader)), asyncio.create_task(relay.carry_back(writer))]
    try:
        async with _Joined(near) as connector:
            yield connector
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        writer.close()
        near.close()
    for bug in (one for one in ended if isinstance(one, Exception)):
        raise bug


class _Joined(aiohttp.BaseConnector):
    """Connects to nowhere but the other end of a pair of sockets, once."""

    def __init__(self, end: socket.socket) -> None:
        super().__init__(force_close=True)
        self._end: socket.socket | None = end

    async def _create_connection(self, *_: object, **__: object) -> aiohttp.client_proto.ResponseHandler:
        end, self._end = self._end, None
        if end is None:
            raise aiohttp.ClientConnectionError("a call is sent once")
        made = await asyncio.get_running_loop().create_connection(self._factory, sock=end)
        return made[1]


async def _exchanged(connector: aiohttp.BaseConnector, call: Call, seconds: float) -> tuple[int, str]:
    """Send the request and return the status and the text of its answer."""
    headers = {"User-Agent": f"trombone-tui/{__version__}", **call.headers}
    async with (
        aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as client,
        client.request(
            call.method,
            f"http://localhost:{call.port}{call.path}",
            headers=headers,
            data=call.body or None,
            allow_redirects=False,
            middlewares=(once,),
            timeout=aiohttp.ClientTimeout(sock_read=seconds),
        ) as response,
    ):
        return response.status, await _text(response)


async def _text(response: aiohttp.ClientResponse) -> str:
    """Read an answer as far as it is sane; what breaks off is taken for what there is."""
    found = bytearray()
    try:
        async for part in response.content.iter_any():
            found += part
            if len(found) > LONGEST:
                break
    except (aiohttp.ClientError, TimeoutError):
        pass
    text = found[:LONGEST].decode("utf-8", "replace")
    return f"{text}… (the rest is left out)" if len(found) > LONGEST else text


def _refuse(write: Write, status: int, text: str) -> NoReturn:
    words = text.strip()[:_WORDS] or "without a word"
    refused = Refused(
        f"pod {write.name} answers {status}: {words}",
        advice="the pod itself says so, not the API server; its log may say more",
    )
    refused.code = status
    raise refused
