"""An HTTP server on 127.0.0.1 whose address is known before it answers."""

from __future__ import annotations

import socket

from aiohttp import web


class Loopback:
    """Holds a free port of 127.0.0.1 from the beginning, serves an application on it from ``start`` on."""

    def __init__(self, app: web.Application) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)

    async def start(self) -> None:
        """Begin to answer."""
        await self._runner.setup()
        await web.SockSite(self._runner, self._socket).start()

    async def stop(self) -> None:
        """Stop answering and give the port back."""
        await self._runner.cleanup()
        self._socket.close()
