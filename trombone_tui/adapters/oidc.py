"""The ``oidc`` auth-provider: an id-token, renewed with a refresh-token as kubectl does it.

Source: ``client-go@v0.36:plugin/pkg/client/auth/oidc/oidc.go``. New tokens are written back to the
kubeconfig, since many providers let a refresh-token be used only once.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
import os
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from urllib.parse import quote_plus, urlsplit

import aiohttp
import msgspec

from trombone_tui.adapters import kubeconfig, proxy
from trombone_tui.adapters.credentials import Clock, Grant, Held
from trombone_tui.adapters.faults import unreachable
from trombone_tui.adapters.kubeconfig import Entry
from trombone_tui.adapters.proxy import Proxy
from trombone_tui.adapters.writeback import write_tokens
from trombone_tui.core.ports import Refused, Unauthenticated

ADVICE = "log in to the identity provider again, with the command that wrote the kubeconfig"
_log = logging.getLogger(__name__)
_EARLY = timedelta(seconds=10)
"""How long before its end an id-token counts as expired."""
_PATIENCE = 20.0
"""Seconds the provider may take for everything."""

ShapeT = TypeVar("ShapeT")


class _Claims(msgspec.Struct):
    """What is read of an id-token."""

    exp: float | None = None


class _Discovery(msgspec.Struct):
    """``/.well-known/openid-configuration``."""

    token_endpoint: str
    token_endpoint_auth_methods_supported: list[str] | None = None


class _Answer(msgspec.Struct):
    """What the token endpoint says."""

    id_token: str | None = None
    refresh_token: str | None = None
    error: str | None = None
    error_description: str | None = None


@dataclass(frozen=True, slots=True)
class _Tokens:
    identity: str
    refresh: str


class Oidc:
    """One user's id-token and the means to renew it."""

    def __init__(self, user: Entry, config: Entry, clock: Clock) -> None:
        """Read the auth-provider's config, blocking; sends nothing.

        Raises:
            Refused: it lacks something, or can't be read.
        """
        self._user = user
        self._config = config
        self._clock = clock
        self._issuer, self._client = config.text("idp-issuer-url").rstrip("/"), config.text("client-id")
        self._secret = config.text("client-secret")
        if not self._issuer or not self._client:
            raise config.refuse("idp-issuer-url and client-id must both be set", "add what is missing")
        self._authority = config.bytes_of("idp-certificate-authority")
        self._proxy: Proxy | None = proxy.from_environment(urlsplit(self._issuer), os.environ)
        self._seen = self._tokens = _tokens(config)
        self._given = ""
        if not self._tokens.identity and not self._tokens.refresh:
            raise config.refuse("it has neither an id-token nor a refresh-token", ADVICE)
        if self._tokens.identity:
            self._expiry(self._tokens.identity)

    async def ask(self) -> Grant:
        """Return an id-token that is good: another one than the last time, if that is possible.

        Raises:
            Unauthenticated: it has ended, and no other is to be had.
        """
        await asyncio.to_thread(self._look)
        token = self._tokens.identity
        expires = self._expiry(token) if token else None
        ended = not token or (expires is not None and expires <= self._clock())
        if not ended and token != self._given:
            return self._grant(token, expires)
        if not self._tokens.refresh:
            if not ended:
                return self._grant(token, expires)
            raise self._failed(
                f"the id-token ended at {expires:%Y-%m-%dT%H:%M:%SZ}, and there is no refresh-token"
            )
        fresh = await self._refresh(self._tokens.refresh)
        return self._grant(fresh, self._expiry(fresh))

    def _grant(self, token: str, expires: datetime | None) -> Grant:
        self._given = token
        return Grant(held=Held(authorization=f"Bearer {token}"), expires=expires)

    def _look(self) -> None:
        """Take what kubectl or a login has written into the kubeconfig since."""
        try:
            user = kubeconfig.load(str(self._user.file)).users[self._user.name]
            config = (user.part("auth-provider") or user).part("config")
        except (Refused, KeyError):
            return
        if config is not None and (tokens := _tokens(config)) != self._seen:
            self._seen = self._tokens = tokens

    def _expiry(self, token: str) -> datetime | None:
        """Return when an id-token counts as expired; None if it does not say.

        Raises:
            Refused: it is no JWT.
        """
        parts = token.split(".")
        try:
            payload = parts[1] + "=" * (-len(parts[1]) % 4)
            claims = msgspec.json.decode(base64.urlsafe_b64decode(payload), type=_Claims)
            return None if claims.exp is None else datetime.fromtimestamp(claims.exp, UTC) - _EARLY
        except (IndexError, binascii.Error, ValueError, OverflowError, msgspec.MsgspecError):
            raise self._config.refuse("id-token is not a JSON web token", ADVICE) from None

    async def _refresh(self, refresh: str) -> str:
        """Get new tokens, keep them, and return the id-token."""
        try:
            async with asyncio.timeout(_PATIENCE):
                answer = await self._exchange(refresh)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise self._failed(str(unreachable(error, server=self._issuer, seconds=_PATIENCE))) from error
        if not answer.id_token:
            raise self._failed(f"{self._issuer}: answers without an id_token: is openid among the scopes?")
        self._tokens = _Tokens(answer.id_token, answer.refresh_token or refresh)
        changed = {"id-token": self._tokens.identity, "refresh-token": self._tokens.refresh}
        try:
            await asyncio.to_thread(write_tokens, self._user, changed)
            self._seen = self._tokens
        except (OSError, ValueError) as error:
            _log.warning("renewed tokens could not be written to %s: %s", self._user.file, error)
        return self._tokens.identity

    async def _exchange(self, refresh: str) -> _Answer:
        context = await asyncio.to_thread(self._context)
        connector = aiohttp.TCPConnector(ssl=context)
        async with aiohttp.ClientSession(connector=connector, trust_env=False) as session:
            url = f"{self._issuer}/.well-known/openid-configuration"
            discovery = self._decoded(await self._send(session, "GET", url), _Discovery)
            answer = _Answer()
            for client, auth in self._styles(discovery.token_endpoint_auth_methods_supported):
                form = {"grant_type": "refresh_token", "refresh_token": refresh, **client}
                body = await self._send(session, "POST", discovery.token_endpoint, data=form, headers=auth)
                answer = self._decoded(body, _Answer)
                if answer.error != "invalid_client":
                    break
        if answer.error:
            said = f"{answer.error} {answer.error_description or ''}".strip()
            raise self._failed(f"{self._issuer}: does not renew the token: {_printable(said)}")
        return answer

    def _styles(self, supported: list[str] | None) -> Iterable[tuple[dict[str, str], dict[str, str]]]:
        """Return the ways to say which client we are: form fields and headers."""
        if not self._secret:
            return [({"client_id": self._client}, {})]
        pair = f"{quote_plus(self._client)}:{quote_plus(self._secret)}"
        basic = base64.b64encode(pair.encode()).decode("ascii")
        in_header: tuple[dict[str, str], dict[str, str]] = ({}, {"Authorization": f"Basic {basic}"})
        in_form = ({"client_id": self._client, "client_secret": self._secret}, dict[str, str]())
        first_form = supported is not None and "client_secret_basic" not in supported
        return [in_form, in_header] if first_form else [in_header, in_form]

    async def _send(
        self,
        session: aiohttp.ClientSession,
        method: str,
        url: str,
        *,
        data: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> bytes:
        via = self._proxy
        async with session.request(
            method,
            url,
            data=data,
            headers={"Accept": "application/json", **(headers or {})},
            proxy=via.url if via else None,
            proxy_headers=via.headers if via else None,
        ) as response:
            return await response.read()

    def _decoded(self, body: bytes, shape: type[ShapeT]) -> ShapeT:
        try:
            return msgspec.json.decode(body, type=shape)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise self._failed(f"{self._issuer}: does not answer as an OpenID provider") from None

    def _context(self) -> ssl.SSLContext:
        try:
            context = ssl.create_default_context(
                cadata=self._authority.decode("ascii") if self._authority else None
            )
        except (ssl.SSLError, ValueError):
            raise self._failed("idp-certificate-authority holds no certificate") from None
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        return context

    def _failed(self, what: str) -> Unauthenticated:
        return Unauthenticated(f"{self._user.file}: {self._user.title}: {what}", advice=ADVICE)


def _tokens(config: Entry) -> _Tokens:
    return _Tokens(config.text("id-token"), config.text("refresh-token"))


def _printable(said: str) -> str:
    return "".join(c for c in said if c.isprintable())[:200]
