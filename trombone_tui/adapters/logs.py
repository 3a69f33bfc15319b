"""Reads a container's log: bytes into lines with their times, for as long as it is written.

The kubelet sends nothing, not even the head of its answer, before there is a line, so silence says nothing
here: whether the server is there at all is what ``Contact`` knows.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import AsyncGenerator, Awaitable
from contextlib import AsyncExitStack
from datetime import datetime
from http import HTTPStatus
from typing import NoReturn, TypeVar
from urllib.parse import quote

import aiohttp

from trombone_tui.adapters.connection import Connection, error_of, raise_for, read_status
from trombone_tui.adapters.contact import Contact
from trombone_tui.core.objects.durations import rfc3339
from trombone_tui.core.ports import LogLine, LogOptions, Missing, NotInstalled, Unreachable

LONGEST = 2**20
"""Bytes of a line that are kept."""
_PATIENCE = 86_400.0
"""Seconds that a log may be silent while it is followed."""
_RESOURCE = "pods/log"
_HEADERS = {"Accept": "application/json, */*", "Accept-Encoding": "identity"}
_ABSENT = re.compile(
    r"previous terminated container .* not found|is waiting to start|is not available|is not valid for pod"
)
"""What the kubelet and the API server say, as 400, of a log that is not there
(``kubernetes@v1.36:pkg/kubelet/kubelet_pods.go``, ``pkg/registry/core/pod/strategy.go``)."""

ResultT = TypeVar("ResultT")


async def read_log(
    connection: Connection, contact: Contact, namespace: str, pod: str, container: str, options: LogOptions
) -> AsyncGenerator[list[LogLine], None]:
    """Yield the lines of a container's log as they come; ends when the container has ended.

    Raises:
        Missing: there is no such pod or container, it has not started, or has no previous one.
        Denied, Unauthenticated: as their names say.
        Unreachable: no answer, it broke off, or the server is not heard any more.
    """
    if not pod.strip("."):  # in a path these mean something else
        raise Missing(f"no pod is called {pod!r}")
    path = f"/api/v1/namespaces/{quote(namespace, safe='')}/pods/{quote(pod, safe='')}/log"
    patience = _PATIENCE if options.follow else None
    request = connection.request(
        "GET", path, params=_params(container, options), headers=_HEADERS, read_timeout=patience
    )
    with contact:
        try:
            async with AsyncExitStack() as stack:
                response = await _heard(contact, stack.enter_async_context(request))
                contact.hear()
                await _check(response, namespace, pod)
                splitter = Splitter()
                while chunk := await _heard(contact, response.content.readany()):
                    contact.hear()
                    if lines := splitter.split(chunk):
                        yield lines
                if rest := splitter.rest():
                    yield rest
        except Unreachable:
            contact.doubt()
            raise


class Splitter:
    """Makes lines of what arrives, wherever it is cut."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._left_out = 0

    def split(self, chunk: bytes) -> list[LogLine]:
        """Return the lines that are complete with this chunk."""
        *ends, rest = chunk.split(b"\n")
        lines = []
        for end in ends:
            self._add(end)
            lines.append(self._take())
        self._add(rest)
        return lines

    def rest(self) -> list[LogLine]:
        """Return the last line, if it had no end."""
        return [self._take()] if self._held else []

    def _add(self, part: bytes) -> None:
        room = LONGEST - len(self._held)
        self._held += part[:room]
        self._left_out += max(len(part) - room, 0)

    def _take(self) -> LogLine:
        text = self._held.removesuffix(b"\r").decode("utf-8", "replace")
        if self._left_out:
            text += f"… ({self._left_out} bytes left out)"
        self._held.clear()
        self._left_out = 0
        return stamped(text)


def stamped(line: str) -> LogLine:
    """Take the time from a line's beginning, where one stands: ``2026-11-23T17:42:10.123456789Z text``."""
    stamp, _, text = line.partition(" ")
    if len(stamp) < len("2026-11-23T17:42:10Z") or stamp[10] != "T":
        return LogLine(line)
    try:
        at = datetime.fromisoformat(stamp)
    except ValueError:
        return LogLine(line)
    return LogLine(text, at) if at.tzinfo else LogLine(line)


def _params(container: str, options: LogOptions) -> dict[str, str]:
    params = {"timestamps": "true"}
    if container:
        params["container"] = container
    if options.follow:
        params["follow"] = "true"
    if options.previous:
        params["previous"] = "true"
    if options.lines is not None:
        params["tailLines"] = str(max(options.lines, 0))
    if isinstance(options.since, datetime):
        params["sinceTime"] = rfc3339(options.since)
    elif options.since is not None:
        params["sinceSeconds"] = str(max(math.ceil(options.since), 1))
    return params


async def _heard(contact: Contact, answer: Awaitable[ResultT]) -> ResultT:
    """Wait for an answer as long as the server is there.

    Raises:
        Unreachable: it is lost, or was until now.
    """
    try:
        async with asyncio.timeout(0 if contact.lost else None) as patience:
            contact.listening.add(patience)
            try:
                return await answer
            finally:
                contact.listening.discard(patience)
    except aiohttp.ClientError:
        raise
    except TimeoutError as error:
        why = contact.lost or "the API server was not heard for a while"
        raise Unreachable(f"the log broke off: {why}") from error


async def _check(response: aiohttp.ClientResponse, namespace: str, pod: str) -> None:
    """Return if there is a log, and raise why there is none."""
    if response.status == HTTPStatus.BAD_REQUEST:
        await _refuse(response, namespace)
    try:
        await raise_for(response, verb="get", resource=_RESOURCE, namespace=namespace)
    except NotInstalled as error:
        raise Missing(f"there is no pod {pod} in namespace {namespace}") from error


async def _refuse(response: aiohttp.ClientResponse, namespace: str) -> NoReturn:
    status = read_status(await response.read())
    said = (status.message if status else None) or ""
    if _ABSENT.search(said):
        raise Missing(said, advice="it has not started, or was never started anew; its events say why")
    raise error_of(response.status, status, verb="get", resource=_RESOURCE, namespace=namespace)
