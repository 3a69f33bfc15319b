"""Sends changes to one API server, each once; and says which requests change nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, unquote

import aiohttp
import msgspec
from aiohttp import ClientHandlerType, ClientRequest, ClientResponse

from trombone_tui.adapters.connection import Connection, raise_for
from trombone_tui.adapters.discovery import Discovery
from trombone_tui.core.objects.basics import Kind
from trombone_tui.core.ports import Missing, NotInstalled, Unreachable
from trombone_tui.core.writes import MANAGER, Reply, Write

ACCESS_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
IDENTITY_REVIEWS = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
_QUESTIONS = frozenset(
    {ACCESS_REVIEWS, IDENTITY_REVIEWS, "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"}
)
"""What is posted without changing anything: what a user asks about itself."""
_ENTERS = re.compile(
    r"/+(?:api/+[^/]+|apis/+[^/]+/+[^/]+)/+(?:namespaces/+[^/]+/+)?[^/]+/+[^/]+/+"
    r"(?:attach|exec|portforward|proxy)(?:/|$)"
)
"""What leads into a pod, a service or a node, where a GET can do anything."""


def changes_nothing(method: str, path: str) -> bool:
    """Say whether a request only asks; everything that is not known to do so counts as a change."""
    if method in ("GET", "HEAD"):
        return not _ENTERS.match(unquote(path))
    return method == "POST" and path in _QUESTIONS


async def once(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """Keep aiohttp from sending a PUT or DELETE again whose connection was cut before the answer.

    Raises:
        aiohttp.ClientError: as the handler does, but of no kind that makes it try again.
    """
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise aiohttp.ClientConnectionError(str(error)) from error


def path_to(root: str, kind: Kind, namespace: str | None, name: str = "", subresource: str = "") -> str:
    """Return where an object is below the root of its group and version; without a name, where all are."""
    scope = ("namespaces", quote(namespace, safe="")) if kind.namespaced and namespace else ()
    below = (quote(name, safe=""), subresource) if name else ()
    return "/".join(filter(None, (root, *scope, kind.plural, *below)))


def check_name(kind: Kind, name: str) -> None:
    """Return for what can be a name in a path.

    Raises:
        Missing: in a path it means something else.
    """
    if not name.strip("."):
        raise Missing(f"no {kind.name} is called {name!r}")


async def send(connection: Connection, discovery: Discovery, write: Write, *, dry_run: bool) -> Reply:
    """Send a change, once; ``core.ports.Cluster.send`` says what may be raised."""
    kind, right = write.kind, write.right
    if write.method != "POST":
        check_name(kind, write.name)
    with unsent():
        root = await discovery.path(kind)
    if root is None:
        raise NotInstalled(kind.resource)
    path = path_to(root, kind, write.namespace, write.name, write.subresource)
    params = {"fieldManager": MANAGER} if write.method != "DELETE" else {}
    if write.force:
        params["force"] = "true"
    if dry_run:
        params["dryRun"] = "All"
    body = None if write.body is None else msgspec.json.encode(write.body)
    headers = {} if body is None else {"Content-Type": write.media}
    async with connection.request(write.method, path, params=params, headers=headers, body=body) as response:
        resource = f"{kind.resource}/{write.subresource}" if write.subresource else kind.resource
        await raise_for(
            response,
            verb=right.verb,
            resource=resource,
            namespace=write.namespace if kind.namespaced else None,
        )
        return Reply(status=response.status, body=_body(await _read(response)))


@contextmanager
def unsent() -> Iterator[None]:
    """Note of what goes wrong here that nothing was sent."""
    try:
        yield
    except Unreachable as error:
        error.sent = False
        raise


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """Read the answer to what was taken; nothing if it breaks off, for the status said enough."""
    try:
        return await response.read()
    except (aiohttp.ClientError, TimeoutError):
        return b""


def _body(answer: bytes) -> Mapping[str, Any]:
    """Read what a write was answered; it was taken, so an answer that can't be read is none."""
    try:
        found = msgspec.json.decode(answer)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return found if isinstance(found, dict) else {}
