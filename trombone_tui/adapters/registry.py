"""Container registries over the pull half of the OCI distribution API; nothing is ever written.

Source: ``opencontainers/distribution-spec@v1.1.1:spec.md`` and ``image-spec@v1.1.1``.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import aiohttp
import msgspec

from trombone_tui import __version__
from trombone_tui.adapters.connection import retry_after
from trombone_tui.adapters.docker_config import own_login
from trombone_tui.adapters.faults import unreachable
from trombone_tui.adapters.registry_access import Token, basic, fetch_token, loopback, read_challenge
from trombone_tui.adapters.registry_answers import (
    ACCEPT,
    Config,
    Manifest,
    TagList,
    chosen,
    moment,
    next_page,
)
from trombone_tui.core.docker_auth import HUB, host_of, path_of
from trombone_tui.core.ports import Candidate, Denied, Login, Missing, Unreachable

_HUB_API = "https://registry-1.docker.io"
_PAGE = 1000
_MOST_PAGES = 200
_SIDE_BY_SIDE = 6
_PATIENT = 10.0
"""Seconds of Retry-After that are waited for; a longer one is told."""
_LARGEST = 8 * 2**20
"""Bytes of an answer; no list, manifest or config is larger."""
_REVISION = "org.opencontainers.image.revision"
_REMEMBERED = 5000

ShapeT = TypeVar("ShapeT")


class OciRegistry:
    """All registries that somebody asks about; tokens and what never changes are remembered.

    ``endpoints`` says where a registry's API is, by its host, for mirrors and for registries that do not
    speak https. Without a login the user's own is used: Docker's and Podman's files.
    """

    def __init__(
        self,
        *,
        endpoints: Mapping[str, str] | None = None,
        request_timeout: float = 10.0,
        environ: Mapping[str, str] | None = None,
        home: Path | None = None,
    ) -> None:
        """Get ready; sends nothing."""
        self._endpoints = dict(endpoints or {})
        self._seconds = request_timeout
        self._environ = os.environ if environ is None else environ
        self._home = home or Path.home()
        self._sessions: dict[bool, aiohttp.ClientSession] = {}
        self._tokens: dict[tuple[str, str, Login | None], Token] = {}
        self._configs: dict[str, Config] = {}
        self._slots = asyncio.Semaphore(_SIDE_BY_SIDE)

    async def tags(self, repository: str, login: Login | None) -> Sequence[str]:
        """Name all tags of a repository, as ``core.ports.Registry`` promises."""
        base = self._base(repository)
        url, found, seen = f"{base}/tags/list?n={_PAGE}", list[str](), set[str]()
        for _ in range(_MOST_PAGES):
            seen.add(url)
            body, headers = await self._get(url, repository, login)
            found += self._decoded(body, TagList, repository).tags or ()
            following = next_page(url, headers.get("Link", ""))
            if not following or following in seen:
                break
            if urlsplit(following)[:2] != urlsplit(url)[:2]:
                raise Unreachable(f"{host_of(repository)} says that its list goes on at another server")
            url = following
        return tuple(dict.fromkeys(found))

    async def candidates(
        self, repository: str, tags: Sequence[str], login: Login | None
    ) -> Mapping[str, Candidate]:
        """Describe some tags, as ``core.ports.Registry`` promises."""
        try:
            async with asyncio.TaskGroup() as group:
                tasks = {tag: group.create_task(self._candidate(repository, tag, login)) for tag in tags}
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        described = {tag: task.result() for tag, task in tasks.items()}
        return {tag: one for tag, one in described.items() if one is not None}

    async def close(self) -> None:
        """Let go of connections."""
        for session in self._sessions.values():
            await session.close()

    def _base(self, repository: str) -> str:
        host = host_of(repository)
        root = self._endpoints.get(host)
        if root is None:
            plain = loopback(urlsplit(f"//{host}").hostname or "")
            root = _HUB_API if host == HUB else f"{'http' if plain else 'https'}://{host}"
        return f"{root.rstrip('/')}/v2/{path_of(repository)}"

    async def _candidate(self, repository: str, tag: str, login: Login | None) -> Candidate | None:
        try:
            body, headers = await self._get(f"{self._base(repository)}/manifests/{tag}", repository, login)
            manifest = self._decoded(body, Manifest, repository)
            digest = headers.get("Docker-Content-Digest") or f"sha256:{sha256(body).hexdigest()}"
            said = dict(manifest.annotations or {})
            if (inner := chosen(manifest)) is not None:
                url = f"{self._base(repository)}/manifests/{inner.digest}"
                body, _ = await self._get(url, repository, login)
                manifest = self._decoded(body, Manifest, repository)
                said |= manifest.annotations or {}
            config = await self._config(repository, manifest, login)
        except Missing:
            return None
        labels = said | ((config.config.labels if config.config else None) or {})
        return Candidate(
            tag=tag,
            digest=digest,
            created=moment(config.created) or moment(said.get("org.opencontainers.image.created")),
            revision=labels.get(_REVISION, ""),
            labels=labels,
        )

    async def _config(self, repository: str, manifest: Manifest, login: Login | None) -> Config:
        digest = manifest.config.digest if manifest.config else ""
        if not digest:
            return Config()
        if digest not in self._configs:
            if len(self._configs) >= _REMEMBERED:
                self._configs.clear()
            body, _ = await self._get(f"{self._base(repository)}/blobs/{digest}", repository, login)
            self._configs[digest] = self._decoded(body, Config, repository)
        return self._configs[digest]

    async def _get(self, url: str, repository: str, login: Login | None) -> tuple[bytes, Mapping[str, str]]:
        """Return an answer's body and headers.

        Raises:
            Denied, Missing, Unreachable, Unauthenticated: see core/ports.py.
        """
        if login is None:
            login = await own_login(repository, self._environ, self._home)
        host, scope = host_of(repository), f"repository:{path_of(repository)}:pull"
        key = (host, scope, login)
        for attempt in range(3):
            token = self._tokens.get(key)
            known = token.authorization if token is not None and token.good else ""
            try:
                async with self._slots, self._request(url, known) as response:
                    status, headers = response.status, response.headers
                    body = await _limited(response)
                if status == HTTPStatus.UNAUTHORIZED and attempt < 2:
                    self._tokens[key] = await self._answer(headers, repository, scope, login, known)
                    continue
            except (aiohttp.ClientError, TimeoutError) as error:
                raise unreachable(error, server=host, seconds=self._seconds) from error
            wait = retry_after(headers)
            if status == HTTPStatus.TOO_MANY_REQUESTS and attempt < 2 and (wait or 1.0) <= _PATIENT:
                await asyncio.sleep(wait or 1.0)
                continue
            if status == HTTPStatus.OK:
                return body, headers
            raise _refusal(status, repository, wait, login)
        raise _denied(repository, login)

    def _session(self, *, local: bool) -> aiohttp.ClientSession:
        """Return the session for this machine's own servers, which no proxy reaches, or for all others."""
        if local not in self._sessions:
            self._sessions[local] = aiohttp.ClientSession(
                headers={"User-Agent": f"trombone-tui/{__version__}"},
                timeout=aiohttp.ClientTimeout(total=self._seconds),
                trust_env=not local,
            )
        return self._sessions[local]

    def _request(self, url: str, authorization: str) -> Any:
        headers = {"Accept": f"{ACCEPT}, application/json, */*"}
        return self._session(local=loopback(urlsplit(url).hostname or "")).get(
            url, headers=headers | ({"Authorization": authorization} if authorization else {})
        )

    async def _answer(
        self, headers: Mapping[str, str], repository: str, scope: str, login: Login | None, known: str
    ) -> Token:
        """Answer a challenge.

        Raises:
            Denied: what we have is not accepted, or nothing is left to try.
        """
        challenge = read_challenge(headers.get("WWW-Authenticate", ""))
        if challenge is None:
            raise _denied(repository, login)
        if challenge.scheme == "basic":
            if login is None or known.startswith("Basic "):
                raise _denied(repository, login)
            return Token(basic(login), float("inf"))
        if known.startswith("Bearer ") and challenge.parameters.get("error") == "insufficient_scope":
            raise _denied(repository, login)
        token = await fetch_token(
            self._session(local=False), challenge, challenge.parameters.get("scope") or scope, login
        )
        if token is None:
            raise _denied(repository, login)
        return token

    def _decoded(self, body: bytes, shape: type[ShapeT], repository: str) -> ShapeT:
        try:
            return msgspec.json.decode(body, type=shape)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise Unreachable(
                f"{host_of(repository)}: the answer is not what a registry says",
                advice="check the image's registry, and what is between here and there",
            ) from error


async def _limited(response: aiohttp.ClientResponse) -> bytes:
    """Read a body.

    Raises:
        Unreachable: it is far too large.
    """
    body = bytearray()
    async for part in response.content.iter_chunked(2**16):
        body += part
        if len(body) > _LARGEST:
            raise Unreachable("the registry's answer has no end", advice="check the image's registry")
    return bytes(body)


def _denied(repository: str, login: Login | None) -> Denied:
    """Say what is missing; registries refuse in the same words a repository that they don't have."""
    own = "log in with docker login, or have its pull secret made readable to you"
    better = "have its owner allowed to pull, or use another login"
    return Denied(
        "pull",
        path_of(repository),
        place=f"from {host_of(repository)} {'with this login' if login else 'without a login'}",
        advice=f"check the image's name; {better if login else own}",
    )


def _refusal(status: int, repository: str, wait: float | None, login: Login | None) -> Exception:
    host = host_of(repository)
    match status:
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
            return _denied(repository, login)
        case HTTPStatus.NOT_FOUND:
            return Missing(f"{host} has no {path_of(repository)}", advice="check the image's name")
        case HTTPStatus.TOO_MANY_REQUESTS:
            later = f"; it says to come back in {wait:.0f} s" if wait else ""
            return Unreachable(
                f"{host} answers 429: too many requests{later}",
                advice="wait; a login raises the limit of many registries",
                retry_after=wait,
            )
    return Unreachable(f"{host} answers {status}", advice="look at the registry", retry_after=wait)
