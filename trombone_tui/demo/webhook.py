"""The event source's HTTP server (``argo-events@v1.9.11:pkg/eventsources/common/webhook/webhook.go``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from aiohttp import web

from trombone_tui.demo.forwarding import Handler

Receive = Callable[[Mapping[str, str], bytes], tuple[int, str]]
"""Takes headers and body, returns status and text."""


def webhook(endpoint: str, receive: Receive) -> Handler:
    """Return who answers on the event source's port."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/health":
            return web.Response(text="OK")
        if request.path != endpoint:
            return web.Response(status=404, text="404 page not found\n")
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return web.Response(status=400, text="http: request body too large")
        status, text = receive(request.headers, body)
        return web.Response(status=status, text=text)

    return answer
