"""What sends a request to one API server, and what its answers and faults mean in the ports' words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Protocol

import aiohttp
import msgspec

from trombone_tui.core.objects.basics import Partial
from trombone_tui.core.ports import (
    Conflict,
    Denied,
    Expired,
    Missing,
    NotInstalled,
    PortError,
    Refused,
    Unauthenticated,
    Unreachable,
)

Params = Mapping[str, str] | Sequence[tuple[str, str]]

_BODY_LIMIT = 64 * 1024
"""Bytes of an error's body that are read; a Status is far smaller."""
_MANAGER = re.compile(r'conflict with "((?:[^"\\]|\\.)*)"')
_LONGEST_WAIT = 3600.0
"""Seconds; a Retry-After beyond this is a mistake on the other side."""


class Connection(Protocol):
    """Sends requests to one API server with one user's credentials."""

    @property
    def name(self) -> str:
        """The kubeconfig context's name."""

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        read_timeout: float | None = None,
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        """Send a request and hand out the answer, whatever its status, with its body unread.

        ``read_timeout`` is how many seconds of silence are allowed; None means the request time-out.

        Raises:
            Unauthenticated: 401, also after the credentials were renewed once.
            Unreachable: no answer, or it broke off while it was read.
        """


class StatusCause(Partial):
    """One of ``details.causes``: a field, and what is wrong with it."""

    reason: str | None = None
    message: str | None = None
    field: str | None = None


class StatusDetails(Partial):
    """``details`` of a ``Status``."""

    name: str | None = None
    retry_after_seconds: float | None = None
    causes: list[StatusCause] | None = None


class Status(Partial):
    """The API server's own error body (``meta/v1`` Status)."""

    kind: str | None = None
    message: str | None = None
    reason: str | None = None
    code: int | None = None
    details: StatusDetails | None = None


async def raise_for(
    response: aiohttp.ClientResponse, *, verb: str, resource: str, namespace: str | None
) -> None:
    """Return for a status below 400, otherwise read the body and raise what it means.

    The body is not trusted to be a Status: proxies and load balancers answer in text and HTML.

    Raises:
        Unauthenticated, Denied, Missing, NotInstalled, Conflict, Expired, Unreachable: see core/ports.py.
        Refused: the API server finds the request itself wrong (other 4xx).
    """
    if response.status < HTTPStatus.BAD_REQUEST:
        return
    body = await _body(response)
    error = error_of(
        response.status,
        read_status(body),
        verb=verb,
        resource=resource,
        namespace=namespace,
        text=_plain(response, body),
        retry_after=retry_after(response.headers),
    )
    error.code = response.status
    raise error


def read_status(body: bytes) -> Status | None:
    """Decode a ``Status``; None if the body is anything else."""
    try:
        status = msgspec.json.decode(body, type=Status)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return status if status.kind == "Status" else None


def error_of(
    code: int,
    status: Status | None,
    *,
    verb: str,
    resource: str,
    namespace: str | None,
    text: str = "",
    retry_after: float | None = None,
) -> PortError:
    """Return the error that a status code means; also for ERROR events of a watch, which carry a Status."""
    said = (status.message if status else None) or text or _phrase(code)
    target = f"{verb} {resource}"
    match code:
        case HTTPStatus.UNAUTHORIZED:
            return Unauthenticated(f"the API server does not accept our credentials: {said}")
        case HTTPStatus.FORBIDDEN:
            return Denied(verb, resource, namespace=namespace, message=said)
        case HTTPStatus.NOT_FOUND:
            named = status is not None and status.details is not None and status.details.name
            return Missing(f"{target}: {said}") if named else NotInstalled(resource)
        case HTTPStatus.CONFLICT:
            return Conflict(f"{target}: {said}", held=tuple(_held(status)))
        case HTTPStatus.GONE:
            return Expired(f"{target}: {said}")
    if code in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS) or code >= 500:
        wait = retry_after
        if wait is None and status is not None and status.details is not None:
            wait = status.details.retry_after_seconds
        return Unreachable(
            f"the API server answers {code}: {said}",
            advice="nothing to do: it is tried again; if it lasts, look at the API server and its proxies",
            retry_after=None if wait is None else min(max(wait, 0.0), _LONGEST_WAIT),
            sent=code != HTTPStatus.TOO_MANY_REQUESTS,
        )
    return Refused(
        f"the API server rejects {target} ({code}): {said}",
        advice="the request does not fit this cluster's version or its admission rules",
    )


def _held(status: Status | None) -> Iterator[tuple[str, str]]:
    """Yield manager and field of each field that an apply may not change."""
    for cause in (status.details.causes if status and status.details else None) or ():
        manager = _MANAGER.match(cause.message or "")
        if cause.reason == "FieldManagerConflict" and manager:
            yield manager[1], cause.field or ""


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return how many seconds the server asks us to wait; None if it does not say so legibly.

    A date is taken relative to the answer's own ``Date``, so that a clock that is off does not matter.
    """
    value = headers.get("Retry-After", "").strip()
    if not value:
        return None
    if value.isascii() and value.isdigit():
        return min(float(value), _LONGEST_WAIT)
    until = _http_date(value)
    if until is None:
        return None
    start = _http_date(headers.get("Date", "")) or datetime.now(UTC)
    return min(max((until - start).total_seconds(), 0.0), _LONGEST_WAIT)


async def _body(response: aiohttp.ClientResponse) -> bytes:
    """Read an error's body as far as it is sane; a body that breaks off is taken for what there is."""
    parts: list[bytes] = []
    size = 0
    try:
        while size < _BODY_LIMIT and (part := await response.content.read(_BODY_LIMIT - size)):
            parts.append(part)
            size += len(part)
    except (aiohttp.ClientError, TimeoutError):
        pass
    return b"".join(parts)


def _http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _phrase(code: int) -> str:
    try:
        return HTTPStatus(code).phrase
    except ValueError:
        return "an unknown status"


def _plain(response: aiohttp.ClientResponse, body: bytes) -> str:
    """Return the first line of a text answer; of HTML and anything else nothing, the code says enough."""
    if not response.content_type.startswith("text/plain"):
        return ""
    return next(iter(body.decode("utf-8", "replace").strip().splitlines()), "")[:200]
