"""Finds a registry's login in a Docker config: the ``auths`` of ``config.json`` and of pull secrets.

Keys are hosts, URLs, or hosts with a path, of which the longest that fits counts
(``containers/image@v5.36:docs/containers-auth.json.5.md``). Docker Hub's key is its old index address.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping

import msgspec

from trombone_tui.core.ports import Login, Refused

HUB = "docker.io"
_HUB_NAMES = frozenset({HUB, "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"})
TOKEN_USER = "<token>"
"""The user that stands for an identity token, as credential helpers say it."""


class Entry(msgspec.Struct, frozen=True, rename="lower"):
    """What is kept for one registry; ``auth`` is ``user:password`` in base64."""

    auth: str = msgspec.field(default="")
    username: str = msgspec.field(default="")
    password: str = msgspec.field(default="")
    identitytoken: str = msgspec.field(default="")


class DockerConfig(msgspec.Struct, frozen=True):
    """What is read of ``config.json``."""

    auths: dict[str, Entry] = {}
    creds_store: str = msgspec.field(default="", name="credsStore")
    cred_helpers: dict[str, str] = msgspec.field(default_factory=dict, name="credHelpers")

    def helper(self, repository: str) -> str:
        """Return the credential helper that is asked for a repository, or an empty text."""
        found = next((self.cred_helpers[key] for key in _fitting(repository, self.cred_helpers)), "")
        return found or self.creds_store

    def login(self, repository: str) -> Login | None:
        """Return the login that stands in the file for a repository."""
        for key in _fitting(repository, self.auths):
            entry = self.auths[key]
            if entry.identitytoken:
                return Login(user=TOKEN_USER, password=entry.identitytoken)
            if entry.username and entry.password:
                return Login(user=entry.username, password=entry.password)
            if (found := _decoded(entry.auth)) is not None:
                return found
        return None


def read_docker_config(text: bytes, source: str) -> DockerConfig:
    """Read a ``config.json``, or an old ``.dockercfg``, which is its ``auths`` alone.

    Raises:
        Refused: it is neither; the message has nothing of its content.
    """
    try:
        document = msgspec.json.decode(text)
        if isinstance(document, dict) and not {"auths", "credsStore", "credHelpers"} & document.keys():
            document = {"auths": document}
        return msgspec.convert(document, DockerConfig)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise Refused(f"{source} is no Docker config", advice="write it anew with docker login") from None


def host_of(repository: str) -> str:
    """Return the registry of a repository by Docker's rule: no dot, colon or localhost means Docker Hub."""
    first, slash, _ = repository.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return HUB if first in _HUB_NAMES else first
    return HUB


def path_of(repository: str) -> str:
    """Return a repository's path at its registry; Docker Hub's own images are in ``library``."""
    first, slash, rest = repository.partition("/")
    path = rest if slash and (host_of(repository) != HUB or first in _HUB_NAMES) else repository
    return path if "/" in path or host_of(repository) != HUB else f"library/{path}"


def _fitting(repository: str, keys: Mapping[str, object]) -> Iterator[str]:
    """Yield the keys that are meant for a repository, the most telling first."""
    place = f"{host_of(repository)}/{path_of(repository)}/"
    named = {key: _place(key) for key in keys}
    fitting = [key for key, prefix in named.items() if place.startswith(f"{prefix}/")]
    yield from sorted(fitting, key=lambda key: -len(named[key]))


def _place(key: str) -> str:
    """Return a key without scheme, API version and the many names of Docker Hub."""
    bare = key.partition("://")[2] or key
    host, _, path = bare.strip("/").partition("/")
    if host in _HUB_NAMES:
        host = HUB
    if path in ("v1", "v2"):
        path = ""
    return f"{host}/{path}" if path else host


def _decoded(auth: str) -> Login | None:
    try:
        user, colon, password = base64.b64decode(auth, validate=False).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return Login(user=user, password=password.rstrip("\0")) if colon and user else None
