"""Finds where the API server serves a kind; asked once for all kinds, and again when one is missed.

Aggregated discovery is one request for every group (KEP-3352); servers older than 1.26, and those that
are told to, answer with the list of groups instead, and then the group in question is asked.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import msgspec

from trombone_tui.adapters.connection import Connection, raise_for
from trombone_tui.core.objects.basics import Kind, Object, Partial
from trombone_tui.core.ports import Denied, Missing, NotInstalled, PortError, Refused, Unreachable

_FORM = "application/json;g=apidiscovery.k8s.io;v={};as=APIGroupDiscoveryList"
_CLOSED = (Denied, Missing, NotInstalled, Refused)
"""What says that discovery is closed to us."""
_LOOK_AGAIN = 30.0
"""Seconds: so old may be what discovery is believed to lack of a kind known by its name only."""
ACCEPT = ",".join((_FORM.format("v2"), _FORM.format("v2beta1"), "application/json"))


class _ResponseKind(Partial):
    kind: str | None = None


class _Resource(Partial):
    """A kind in either form: aggregated ones have ``resource``, ``responseKind`` and ``scope``."""

    resource: str | None = None
    response_kind: _ResponseKind | None = None
    scope: str | None = None
    name: str | None = None
    kind: str | None = None
    namespaced: bool | None = None

    @property
    def plural(self) -> str:
        """What stands in paths."""
        return self.resource or self.name or ""

    @property
    def singular(self) -> str:
        """What stands in an object's ``kind``."""
        return (self.response_kind.kind if self.response_kind else self.kind) or ""

    @property
    def everywhere(self) -> bool:
        """Whether its objects are in no namespace."""
        return self.scope == "Cluster" or self.namespaced is False


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


_Served = Mapping[str, _Resource]


@dataclass(slots=True)
class _Document:
    """What ``/api`` or ``/apis`` said."""

    taken: float
    """By the monotonic clock."""
    etag: str
    versions: Mapping[str, tuple[str, ...]]
    """The versions of each group, the server's favourite first."""
    served: dict[tuple[str, str], _Served] = field(default_factory=dict)
    """The kinds of each group and version by plural, as far as they are known."""
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
        async with self._asking(kind.group) as root:
            return await self._place(root, kind, older)

    async def find(self, group: str, name: str) -> Kind:
        """Look up where a kind is served, of which only group and name are known; its shape is ``Object``.

        Raises:
            NotInstalled: no version of the group has one of that name, also not when asked again.
            Denied: discovery is closed to us.
            Unreachable, Unauthenticated: as their names say.
        """
        async with self._asking(group) as root:
            for older in (float("inf"), _LOOK_AGAIN):
                if found := await self._named(root, group, name, older):
                    return found
        raise NotInstalled(f"{name}.{group}" if group else name)

    @asynccontextmanager
    async def _asking(self, group: str) -> AsyncIterator[str]:
        """Let one ask at a time; those who waited for one that failed fail with it."""
        root = "/apis" if group else "/api"
        asked = self._now()
        async with self._locks[root]:
            failed, error = self._failures.get(root, (asked - 1, None))
            if error is not None and failed >= asked:
                raise error
            try:
                yield root
            except _CLOSED:
                raise
            except PortError as error:
                self._failures[root] = (self._now(), error)
                raise

    async def _place(self, root: str, kind: Kind, older: float) -> str | None:
        try:
            document = await self._document(root, older)
            for version in _ordered(document.versions.get(kind.group, ()), kind.version):
                if kind.plural in await self._resources(root, document, kind.group, version):
                    return _path(root, kind.group, version)
        except _CLOSED:  # the kind itself will tell
            return _path(root, kind.group, kind.version)
        return None

    async def _named(self, root: str, group: str, name: str, older: float) -> Kind | None:
        document = await self._document(root, older)
        for version in document.versions.get(group, ()):
            for plural, resource in (await self._resources(root, document, group, version)).items():
                if resource.singular == name and "/" not in plural:
                    return Kind(
                        name=name,
                        plural=plural,
                        group=group,
                        version=version,
                        shape=Object,
                        namespaced=not resource.everywhere,
                    )
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

    async def _resources(self, root: str, document: _Document, group: str, version: str) -> _Served:
        known = document.served.get((group, version))
        if known is not None or document.aggregated:
            return known or {}
        path = _path(root, group, version)
        async with self._connection.request("GET", path) as response:
            try:
                await raise_for(response, verb="get", resource=path, namespace=None)
            except NotInstalled:
                return {}
            answer = _decoded(path, await response.read())
        document.served[group, version] = served = _by_plural(answer.resources)
        return served


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
                served[name, version.version or ""] = _by_plural(version.resources)
        return _Document(taken=taken, etag=etag, versions=versions, served=served)
    if root == "/api":
        versions = {"": tuple(answer.versions or ())}
    else:
        versions = {group.name or "": _preferred(group) for group in answer.groups or ()}
    return _Document(taken=taken, etag=etag, versions=versions, aggregated=False)


def _by_plural(resources: Iterable[_Resource] | None) -> _Served:
    return {resource.plural: resource for resource in resources or () if resource.plural}


def _preferred(group: _Group) -> tuple[str, ...]:
    listed = tuple(version.version for version in group.versions or () if version.version)
    favourite = group.preferred_version.version if group.preferred_version else None
    return tuple(_ordered(listed, favourite or ""))
