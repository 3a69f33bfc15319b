"""Finds where the API server serves a kind; asked once for all kinds, and again when one is missed.

Aggregated discovery is one request for every group (KEP-3352); servers older than 1.26, and those that
are told to, answer with the list of groups instead, and then the group in question is asked.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec

from trombone_tui.adapters.connection import Connection, raise_for
from trombone_tui.core.objects.basics import Kind, Partial
from trombone_tui.core.ports import Denied, Missing, NotInstalled, PortError, Refused, Unreachable

_FORM = "application/json;g=apidiscovery.k8s.io;v={};as=APIGroupDiscoveryList"
ACCEPT = ",".join((_FORM.format("v2"), _FORM.format("v2beta1"), "application/json"))


class _Resource(Partial):
    resource: str | None = None
    name: str | None = None


class _Version(Partial):
    version: str | None = None
    resources: list[_Resource] | None = None


class _GroupMeta(Partial):
    name: str | None = None


class _Group(Partial):
    """A group in either form: aggregated ones name themselves in ``metadata``."""

    metadata: _GroupMeta | None = None
    name: str | None = None
    versions: list[_Version] | None = None
    preferred_version: _Version | None = None


class _Answer(Partial):
    """Any of APIGroupDiscoveryList, APIGroupList, APIVersions and APIResourceList."""

    kind: str | None = None
    items: list[_Group] | None = None
    groups: list[_Group] | None = None
    versions: list[str] | None = None
    resources: list[_Resource] | None = None


@dataclass(slots=True)
class _Document:
    """What ``/api`` or ``/apis`` said."""

    taken: float
    """By the monotonic clock."""
    etag: str
    versions: Mapping[str, tuple[str, ...]]
    """The versions of each group, the server's favourite first."""
    served: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    """The plurals of each group and version, as far as they are known."""
    aggregated: bool = True


class Discovery:
    """What one API server serves, remembered until somebody asks for something newer."""

    def __init__(self, connection: Connection, *, now: Callable[[], float] = time.monotonic) -> None:
        self._connection = connection
        self._now = now
        self._documents: dict[str, _Document] = {}
        self._locks = {"/api": asyncio.Lock(), "/apis": asyncio.Lock()}
        self._failures: dict[str, tuple[float, PortError]] = {}

    async def path(self, kind: Kind, *, older: float = float("inf")) -> str | None:
        """Return the path of the kind's group and version, ``/apis/argoproj.io/v1alpha1``.

        The kind's own version wins, else the server's favourite of those that have it; None means that
        none has. What was learnt more than ``older`` seconds ago is asked for again; those who ask at
        the same time share one request.

        Raises:
            Unreachable, Unauthenticated: as their names say.
        """
        root = "/apis" if kind.group else "/api"
        asked = self._now()
        async with self._locks[root]:
            failed, error = self._failures.get(root, (asked - 1, None))
            if error is not None and failed >= asked:
                raise error
            try:
                return await self._find(root, kind, older)
            except PortError as error:
                self._failures[root] = (self._now(), error)
                raise

    async def _find(self, root: str, kind: Kind, older: float) -> str | None:
        try:
            document = await self._document(root, older)
            for version in _ordered(document.versions.get(kind.group, ()), kind.version):
                if kind.plural in await self._plurals(root, document, kind.group, version):
                    return _path(root, kind.group, version)
        except (
            Denied,
            Missing,
            NotInstalled,
            Refused,
        ):  # discovery is closed to us: the kind itself will tell
            return _path(root, kind.group, kind.version)
        return None

    async def _document(self, root: str, older: float) -> _Document:
        old = self._documents.get(root)
        if old is not None and self._now() - old.taken < older:
            return old
        headers = {"Accept": ACCEPT}
        if old is not None and old.etag:
            headers["If-None-Match"] = old.etag
        began = self._now()
        async with self._connection.request("GET", root, headers=headers) as response:
            if response.status == 304 and old is not None:
                old.taken = began
                return old
            await raise_for(response, verb="get", resource=root, namespace=None)
            body, etag = await response.read(), response.headers.get("ETag", "")
        document = _read(root, _decoded(root, body), taken=began, etag=etag)
        self._documents[root] = document
        return document

    async def _plurals(self, root: str, document: _Document, group: str, version: str) -> frozenset[str]:
        known = document.served.get((group, version))
        if known is not None or document.aggregated:
            return known or frozenset()
        path = _path(root, group, version)
        async with self._connection.request("GET", path) as response:
            try:
                await raise_for(response, verb="get", resource=path, namespace=None)
            except NotInstalled:
                return frozenset()
            answer = _decoded(path, await response.read())
        plurals = frozenset(resource.name for resource in answer.resources or () if resource.name)
        document.served[group, version] = plurals
        return plurals


def _path(root: str, group: str, version: str) -> str:
    return f"{root}/{group}/{version}" if group else f"{root}/{version}"


def _ordered(versions: tuple[str, ...], wanted: str) -> list[str]:
    return sorted(versions, key=lambda version: version != wanted)


def _decoded(path: str, body: bytes) -> _Answer:
    try:
        return msgspec.json.decode(body, type=_Answer)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Unreachable(
            f"{path} answers something that is no discovery: {error}",
            advice="check that the address is an API server's and not a proxy's login page",
        ) from error


def _read(root: str, answer: _Answer, *, taken: float, etag: str) -> _Document:
    if answer.kind == "APIGroupDiscoveryList":
        versions, served = {}, {}
        for group in answer.items or ():
            name = (group.metadata.name if group.metadata else None) or ""
            listed = [version for version in group.versions or () if version.version]
            versions[name] = tuple(version.version or "" for version in listed)
            for version in listed:
                served[name, version.version or ""] = frozenset(
                    resource.resource for resource in version.resources or () if resource.resource
                )
        return _Document(taken=taken, etag=etag, versions=versions, served=served)
    if root == "/api":
        versions = {"": tuple(answer.versions or ())}
    else:
        versions = {group.name or "": _preferred(group) for group in answer.groups or ()}
    return _Document(taken=taken, etag=etag, versions=versions, aggregated=False)


def _preferred(group: _Group) -> tuple[str, ...]:
    listed = tuple(version.version for version in group.versions or () if version.version)
    favourite = group.preferred_version.version if group.preferred_version else None
    return tuple(_ordered(listed, favourite or ""))
