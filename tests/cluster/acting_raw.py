"""The API server as it is: watched and written to without any wait, as nobody should."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from lab.running import Lab

MERGE = {"Content-Type": "application/merge-patch+json"}
ROLLOUTS = "/apis/argoproj.io/v1alpha1/namespaces/{}/rollouts"


class Raw:
    """Requests as the lab's admin."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def watch(self, path: str) -> AsyncGenerator[dict[str, Any], None]:
        """Yield every object that is added or changed, until somebody has had enough."""
        params = {"watch": "1", "timeoutSeconds": "120"}
        async with self._session.get(path, params=params) as answer:
            answer.raise_for_status()
            async for line in answer.content:
                event = json.loads(line)
                if event["type"] in ("ADDED", "MODIFIED"):
                    yield event["object"]

    async def patch(self, path: str, body: Any) -> dict[str, Any]:
        """Merge a change into an object, and return it as it is then."""
        async with self._session.patch(path, data=json.dumps(body), headers=MERGE) as answer:
            answer.raise_for_status()
            found: dict[str, Any] = await answer.json()
            return found

    async def get(self, path: str) -> dict[str, Any]:
        async with self._session.get(path) as answer:
            answer.raise_for_status()
            found: dict[str, Any] = await answer.json()
            return found


def credentials(lab: Lab, persona: str = "admin") -> tuple[str, str, ssl.SSLContext]:
    """Return the API server's address, a persona's token, and how to trust the server."""
    config = json.loads(lab.kubeconfig(persona).read_text(encoding="utf-8"))
    cluster = config["clusters"][0]["cluster"]
    trust = ssl.create_default_context(cafile=cluster["certificate-authority"])
    return cluster["server"], config["users"][0]["user"]["token"], trust


@asynccontextmanager
async def raw(lab: Lab) -> AsyncIterator[Raw]:
    """Open connections to the API server for a block."""
    server, token, trust = credentials(lab)
    headers = {"Authorization": f"Bearer {token}"}
    connector = aiohttp.TCPConnector(ssl=trust, limit=0)
    async with aiohttp.ClientSession(
        server, headers=headers, connector=connector, read_bufsize=2**22
    ) as session:
        yield Raw(session)
