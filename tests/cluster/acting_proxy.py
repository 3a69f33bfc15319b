"""A proxy in front of the API server that records every request that goes through it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from acting_raw import credentials
from aiohttp import web
from lab.running import Lab

_NOT_PASSED_ON = frozenset({"host", "connection", "transfer-encoding", "content-length", "authorization"})
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_REVIEWS = ("selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews")
"""What is asked by a POST: may I, and who am I."""


@dataclass(slots=True)
class Recorded:
    """What went through, and a kubeconfig that leads there."""

    kubeconfig: Path
    requests: list[tuple[str, str]] = field(default_factory=list)
    """Each one's method and path."""

    @property
    def changing(self) -> list[tuple[str, str]]:
        """Those that could change something."""
        return [
            (method, path)
            for method, path in self.requests
            if method not in _READING and not path.partition("?")[0].endswith(_REVIEWS)
        ]


@asynccontextmanager
async def recording(lab: Lab, folder: Path, persona: str = "admin") -> AsyncIterator[Recorded]:
    """Run one for a block; whoever uses its kubeconfig is that persona."""
    server, token, trust = credentials(lab, persona)
    seen = Recorded(folder / "proxy.kubeconfig")
    connector = aiohttp.TCPConnector(ssl=trust, limit=0)
    async with aiohttp.ClientSession(
        server, connector=connector, timeout=aiohttp.ClientTimeout(total=None)
    ) as upstream:

        async def pass_on(request: web.Request) -> web.StreamResponse:
            seen.requests.append((request.method, request.path_qs))
            headers = {k: v for k, v in request.headers.items() if k.lower() not in _NOT_PASSED_ON}
            headers["Authorization"] = f"Bearer {token}"
            async with upstream.request(
                request.method,
                request.path_qs,
                headers=headers,
                data=await request.read(),
                auto_decompress=False,
            ) as answer:
                told = {k: v for k, v in answer.headers.items() if k.lower() not in _NOT_PASSED_ON}
                passed = web.StreamResponse(status=answer.status, headers=told)
                await passed.prepare(request)
                with suppress(ConnectionResetError):  # who asked has left
                    async for part in answer.content.iter_any():
                        await passed.write(part)
                    await passed.write_eof()
                return passed

        app = web.Application(client_max_size=2**26)
        app.router.add_route("*", "/{path:.*}", pass_on)
        runner = web.AppRunner(app, shutdown_timeout=1.0)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            port = runner.addresses[0][1]
            seen.kubeconfig.write_text(json.dumps(_config(port)), encoding="utf-8")
            yield seen
        finally:
            await runner.cleanup()


def _config(port: int) -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "proxy",
        "clusters": [{"name": "proxy", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
        "users": [{"name": "proxy", "user": {"token": "not-passed-on"}}],
        "contexts": [{"name": "proxy", "context": {"cluster": "proxy", "user": "proxy"}}],
    }
