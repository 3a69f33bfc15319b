"""Answers: whole ones and streams, and what a fault makes of them."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from trombone_tui.demo.errors import ApiError
from trombone_tui.demo.faults import Fault
from trombone_tui.demo.records import encode

JSON = "application/json"
_LARGE = 128 * 1024
"""Bytes from which a body is compressed, if the client takes that; kube-apiserver's threshold."""
_PIECE = 256 * 1024
"""Bytes written at once, so that a long answer leaves room for others."""
_REASONS = {401: "Unauthorized", 403: "Forbidden", 410: "Expired", 429: "TooManyRequests"}
_MESSAGES = {
    401: "Unauthorized",
    410: "too old resource version: 1 (2)",
    429: "too many requests, please try again later",
}


def status_error(code: int, retry_after: int | None = None) -> ApiError:
    """Return the error of an injected status."""
    reason = _REASONS.get(code, "ServiceUnavailable" if code == 503 else "InternalError")
    message = _MESSAGES.get(code, "the server is currently unable to handle the request")
    details = {"retryAfterSeconds": retry_after} if retry_after is not None else {}
    return ApiError(code, reason, message, details)


def refusal(error: ApiError) -> web.Response:
    """Answer with an error."""
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after is not None else {}
    return whole(error.status_object(), error.status, headers)


def whole(
    body: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Answer with one JSON document."""
    return web.Response(body=encode(body) + b"\n", status=status, content_type=JSON, headers=headers)


def instead(request: web.Request, fault: Fault | None) -> web.StreamResponse | None:
    """Answer in the place of the real answer, if the fault is one that does."""
    if fault is None:
        return None
    if fault.hang_up:
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)
    if fault.body is not None:
        headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after is not None else {}
        kind = "text/html" if fault.body.startswith("<") else "text/plain"
        return web.Response(text=fault.body, status=fault.status, content_type=kind, headers=headers)
    if fault.status:
        return refusal(status_error(fault.status, fault.retry_after))
    if fault.empty:
        return web.Response(body=b"", content_type=JSON)
    return None


class Stream:
    """A body that is sent piece by piece, chunked, and goes wrong where its fault says so."""

    def __init__(self, request: web.Request, fault: Fault | None = None) -> None:
        self.request = request
        self.response = web.StreamResponse()
        self._fault = fault or Fault()
        self._sent = 0
        self._gzip: Any = None

    async def open(self, content_type: str = JSON, *, size: int = 0) -> None:
        """Send the headers; a large body is compressed if the client takes that."""
        headers = self.response.headers
        headers["Content-Type"] = content_type
        headers["Cache-Control"] = "no-cache, private"
        if size > _LARGE and "gzip" in self.request.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"] = "gzip"
            headers["Vary"] = "Accept-Encoding"
            self._gzip = zlib.compressobj(1, wbits=31)
        self.response.enable_chunked_encoding()
        await self.response.prepare(self.request)

    async def write(self, data: bytes) -> None:
        """Send a piece.

        Raises:
            Broken: the fault broke the answer off; there is nothing more to send.
        """
        for at in range(0, len(data), _PIECE):
            piece = data[at : at + _PIECE]
            if self._gzip is not None:
                piece = await asyncio.to_thread(self._gzip.compress, piece)
            await self._send(piece)

    async def close(self) -> web.StreamResponse:
        """End the body."""
        if self._gzip is not None:
            await self._send(self._gzip.flush())
        await self.response.write_eof()
        return self.response

    async def _send(self, piece: bytes) -> None:
        fault = self._fault
        if fault.delay:
            await asyncio.sleep(fault.delay)
        limit = fault.cut if fault.cut is not None else fault.stall
        if limit is None:
            if piece:
                await self.response.write(piece)
            return
        left = limit - self._sent
        if left > 0 and piece:
            await self.response.write(piece[:left])
        self._sent += len(piece)
        if self._sent >= limit:
            await self._break()

    async def _break(self) -> None:
        if self._fault.cut is None:
            await asyncio.Event().wait()
        if self._fault.clean:
            await self.response.write_eof()
        elif self.request.transport is not None:
            await asyncio.sleep(0)
            self.request.transport.abort()
        raise Broken


class Broken(Exception):
    """An answer was broken off on purpose."""
