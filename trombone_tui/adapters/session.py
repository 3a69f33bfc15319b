"""Requests to one API server with credentials that are renewed, over connections that are kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus

import aiohttp

from trombone_tui import __version__
from trombone_tui.adapters.connection import Params
from trombone_tui.adapters.credentials import Certificate, Held
from trombone_tui.adapters.faults import unreachable
from trombone_tui.adapters.target import Target
from trombone_tui.adapters.transport import NotOpened, Transport
from trombone_tui.adapters.writing import changes_nothing, once, unsent
from trombone_tui.core.ports import Refused, Unauthenticated, Unreachable

Channels = aiohttp.ClientWebSocketResponse[bool]
"""An open websocket."""

_REDIRECTS = (301, 302, 303, 307, 308)
_ANYTHING = "application/json, */*"
"""What is taken for an answer; a kubelet refuses who only takes JSON."""
_FAREWELL = 0.5
"""Seconds that the other side may take to say goodbye to a websocket."""


@dataclass(frozen=True, slots=True)
class _Call:
    """One request before credentials."""

    method: str
    path: str
    params: Params | None
    headers: Mapping[str, str]
    body: bytes | None
    silence: float
    protocol: str = ""
    """Of the websocket that is wanted; empty for any other request."""


class Session:
    """Sends requests to a target; the ``Connection`` that lists, watches and reviews go over."""

    def __init__(self, target: Target, *, request_timeout: float) -> None:
        """Build connections to be opened later; needs a running loop.

        Raises:
            Refused: the cluster's authority or the user's certificate can't be used.
        """
        self.name = target.name
        self.server = target.endpoint.shown
        self.read_only = ""
        """Why only questions may leave the process; empty when changes may, too."""
        self._target = target
        self._request_timeout = request_timeout
        self._transport = Transport(target.endpoint, self._certificate(target.credentials.known))
        self._retired: list[Transport] = []

    @property
    def patience(self) -> float:
        """The request time-out in seconds."""
        return self._request_timeout

    @asynccontextmanager
    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        read_timeout: float | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send a request and hand out the answer, whatever its status but 401, with its body unread.

        A 401 had no effect, so whatever the method is, the credentials are renewed and it is sent once
        more. ``read_timeout`` is how many seconds of silence are allowed; None: the request time-out.

        Raises:
            Unauthenticated: 401 again, or the credentials could not be renewed.
            Unreachable: no answer, a redirect, or the answer broke off while it was read.
            Refused: renewed credentials can't be used, or it is read-only here and this is no question.
        """
        silence = self._request_timeout if read_timeout is None else read_timeout
        async with self._answered(_Call(method, path, params, headers or {}, body, silence)) as response:
            assert isinstance(response, aiohttp.ClientResponse)  # no websocket was asked for
            yield response

    @asynccontextmanager
    async def websocket(
        self, path: str, *, params: Params, protocol: str
    ) -> AsyncIterator[Channels | aiohttp.ClientResponse]:
        """Open a websocket and hand it out, or else the answer that refuses it, with its body unread.

        Raises:
            Unauthenticated, Unreachable, Refused: as ``request`` does.
        """
        call = _Call("GET", path, params, {"Accept": _ANYTHING}, None, self.patience, protocol)
        async with self._answered(call) as answer:
            yield answer

    @asynccontextmanager
    async def _answered(self, call: _Call) -> AsyncIterator[Channels | aiohttp.ClientResponse]:
        if self.read_only and not changes_nothing(call.method, call.path):
            raise Refused(self.read_only, advice="nothing was sent; leave read-only to change something")
        async with AsyncExitStack() as stack:
            with unsent():
                held = await self._target.credentials.current()
            try:
                answer = await self._send(stack, call, held)
                if _status(answer) == HTTPStatus.UNAUTHORIZED:
                    answer = await self._send_again(stack, call, held)
                if _status(answer) in _REDIRECTS:
                    raise Unreachable(
                        f"{self.server}: answers with a redirect, so it is not an API server",
                        advice="check server in the kubeconfig: a login page may be before it",
                    )
                yield answer
            except aiohttp.ClientError as error:
                raise unreachable(error, server=self.server, seconds=call.silence) from error

    async def close(self) -> None:
        """Let go of all connections, and of a plugin that may be running."""
        await self._target.credentials.close()
        for transport in (*self._retired, self._transport):
            await transport.close()

    async def _send(
        self, stack: AsyncExitStack, call: _Call, held: Held
    ) -> Channels | aiohttp.ClientResponse:
        endpoint = self._target.endpoint
        transport = await self._transport_with(held)
        transport.take()
        stack.push_async_callback(transport.release)
        if call.protocol:
            return await self._open(stack, transport, call, held)
        patience = self._request_timeout
        response = await transport.session.request(
            call.method,
            endpoint.url(call.path),
            params=call.params,
            headers=self._headers(call, held),
            data=call.body,
            allow_redirects=False,
            middlewares=() if changes_nothing(call.method, call.path) else (once,),
            proxy=endpoint.proxy.url if endpoint.proxy else None,
            proxy_headers=endpoint.proxy.headers if endpoint.proxy else None,
            server_hostname=endpoint.server_name or None if endpoint.secure else None,
            timeout=aiohttp.ClientTimeout(connect=patience, sock_connect=patience, sock_read=call.silence),
        )
        stack.callback(_leave, response)
        return response

    async def _open(
        self, stack: AsyncExitStack, transport: Transport, call: _Call, held: Held
    ) -> Channels | aiohttp.ClientResponse:
        endpoint = self._target.endpoint
        try:
            async with asyncio.timeout(self.patience):
                channels = await transport.session.ws_connect(
                    endpoint.url(call.path),
                    protocols=(call.protocol,),
                    params=call.params,
                    headers=self._headers(call, held),
                    proxy=endpoint.proxy.url if endpoint.proxy else None,
                    proxy_headers=endpoint.proxy.headers if endpoint.proxy else None,
                    server_hostname=endpoint.server_name or None if endpoint.secure else None,
                    timeout=aiohttp.ClientWSTimeout(ws_receive=call.silence, ws_close=_FAREWELL),
                )
        except NotOpened as refused:
            stack.callback(_leave, refused.response)
            return refused.response
        except TimeoutError as error:
            raise unreachable(error, server=self.server, seconds=self.patience) from error
        stack.push_async_callback(channels.close)
        return channels

    async def _send_again(
        self, stack: AsyncExitStack, call: _Call, held: Held
    ) -> Channels | aiohttp.ClientResponse:
        """Send a call once more with renewed credentials.

        Raises:
            Unauthenticated: there are no others, or they are refused too.
        """
        credentials = self._target.credentials
        with unsent():  # a 401 had no effect
            fresh = await credentials.renewed(held)
        if fresh != held:
            answer = await self._send(stack, call, fresh)
            if _status(answer) != HTTPStatus.UNAUTHORIZED:
                return answer
        whose = (
            f"the credentials of context {self.name}" if held != Held() else "requests without credentials"
        )
        raise Unauthenticated(f"the API server does not accept {whose}", advice=credentials.advice)

    def _headers(self, call: _Call, held: Held) -> list[tuple[str, str]]:
        ours = {"accept": "application/json", "user-agent": f"trombone-tui/{__version__}"}
        if call.body is not None:
            ours["content-type"] = "application/json"
        if not self._target.endpoint.compress:
            ours["accept-encoding"] = "identity"
        ours |= {name.lower(): value for name, value in call.headers.items()}
        if held.authorization is not None:
            ours["authorization"] = held.authorization
        headers = [*ours.items(), *self._target.impersonation]
        if any(mark in value for _, value in headers for mark in "\r\n\0"):
            raise Refused(
                f"context {self.name}: a token or a name to impersonate holds a line break",
                advice="correct the user entry, or what the plugin prints",
            )
        return headers

    async def _transport_with(self, held: Held) -> Transport:
        """Return connections that show this certificate; others are closed when they are no longer used."""
        certificate = self._certificate(held)
        if self._transport.certificate != certificate:
            old, self._transport = self._transport, Transport(self._target.endpoint, certificate)
            self._retired = [transport for transport in (*self._retired, old) if not transport.closed]
            await old.retire()
        return self._transport

    def _certificate(self, held: Held) -> Certificate | None:
        return held.certificate if self._target.endpoint.secure else None


def _leave(response: aiohttp.ClientResponse) -> None:
    """Be done with an answer; where more of it would come, its connection is cut.

    TLS would say goodbye and keep the connection for up to 30 s until the other side has, too: a server
    that is silent never does.
    """
    connection = response.connection
    if connection is not None and connection.transport is not None:
        connection.transport.abort()
    response.close()


def _status(answer: Channels | aiohttp.ClientResponse) -> int:
    return answer.status if isinstance(answer, aiohttp.ClientResponse) else HTTPStatus.SWITCHING_PROTOCOLS
