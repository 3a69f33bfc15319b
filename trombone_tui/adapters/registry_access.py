"""How a registry is told who asks: the challenge of a 401, and the token that answers it.

Source: ``distribution/distribution@v3.0:docs/content/spec/auth/{token,oauth}.md`` and RFC 9110 §11.
"""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import urlsplit

import aiohttp
import msgspec

from trombone_tui.core.docker_auth import TOKEN_USER
from trombone_tui.core.ports import Login, Unreachable

_SHORTEST = 60.0
"""Seconds a token is good for when the registry does not say."""
_EARLY = 5.0
"""Seconds before its end in which a token is no longer used."""
_CLIENT = "trombone-tui"
_PARAMETER = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a ``WWW-Authenticate`` asks for: ``bearer`` or ``basic``, and its parameters."""

    scheme: str
    parameters: Mapping[str, str]


class _Grant(msgspec.Struct):
    """What a token server answers; either name is used."""

    token: str = ""
    access_token: str = ""
    expires_in: float = _SHORTEST


@dataclass(frozen=True, slots=True)
class Token:
    """What is sent with requests, and how long it is good for by the monotonic clock."""

    authorization: str
    until: float

    @property
    def good(self) -> bool:
        """Whether it may still be used."""
        return time.monotonic() < self.until - _EARLY


def read_challenge(header: str) -> Challenge | None:
    """Read a ``WWW-Authenticate`` header; None for a scheme that is not known."""
    scheme, _, rest = header.strip().partition(" ")
    if scheme.lower() not in ("bearer", "basic"):
        return None
    found = {
        name.lower(): re.sub(r"\\(.)", r"\1", quoted) if quoted else bare
        for name, quoted, bare in _PARAMETER.findall(rest)
    }
    return Challenge(scheme.lower(), found)


def loopback(host: str) -> bool:
    """Say whether a host is this machine, so that plain HTTP betrays nothing."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def basic(login: Login) -> str:
    """Return the header that shows a login as it is."""
    return "Basic " + base64.b64encode(f"{login.user}:{login.password}".encode()).decode()


async def fetch_token(
    session: aiohttp.ClientSession, challenge: Challenge, scope: str, login: Login | None
) -> Token | None:
    """Get a token for a challenge; None when the token server does not accept the login.

    Raises:
        Unreachable: no answer, an answer that is no token, or an address to which no login may be sent.
        aiohttp.ClientError: the network failed.
    """
    realm = challenge.parameters.get("realm", "")
    place = urlsplit(realm)
    if place.scheme != "https" and not (place.scheme == "http" and loopback(place.hostname or "")):
        raise Unreachable(
            f"the registry's token server is at {realm[:80] or 'no address'}: no login is sent there",
            advice="tell who runs the registry: its token server has to speak https",
        )
    asked = {"service": challenge.parameters.get("service", ""), "scope": scope}
    if login is not None and login.user == TOKEN_USER:
        form = asked | {"grant_type": "refresh_token", "refresh_token": login.password, "client_id": _CLIENT}
        request = session.post(realm, data=form, allow_redirects=False)
    else:
        headers = {"Authorization": basic(login)} if login else {}
        account = {"account": login.user} if login else {}
        request = session.get(realm, params=asked | account, headers=headers, allow_redirects=False)
    async with request as response:
        if response.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            return None
        if response.status != HTTPStatus.OK:
            raise Unreachable(f"the token server at {place.netloc} answers {response.status}")
        body = await response.read()
    try:
        grant = msgspec.json.decode(body, type=_Grant)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        grant = _Grant()
    token = grant.token or grant.access_token
    if not token or not token.isprintable():
        raise Unreachable(f"the token server at {place.netloc} answers with no token")
    lasts = max(grant.expires_in, _SHORTEST)
    return Token(f"Bearer {token}", time.monotonic() + lasts)
