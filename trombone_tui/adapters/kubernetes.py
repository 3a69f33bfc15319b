"""The Cluster port on kubernetes-asyncio: its TLS and connections, our requests and credentials."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Self, TypeVar

import aiohttp
import msgspec

from trombone_tui.adapters.access import Access
from trombone_tui.adapters.answers import Identity, Names, Objects, Review
from trombone_tui.adapters.connection import Params, raise_for
from trombone_tui.adapters.credentials import Clock, utc_now
from trombone_tui.adapters.forward import call_pod
from trombone_tui.adapters.incluster import SERVICE_ACCOUNT
from trombone_tui.adapters.logs import read_log
from trombone_tui.adapters.session import Session
from trombone_tui.adapters.target import Target, contexts, find_target
from trombone_tui.adapters.watch import Watcher
from trombone_tui.adapters.writing import ACCESS_REVIEWS, IDENTITY_REVIEWS, check_name, path_to, send
from trombone_tui.core.objects.basics import Kind, Meta
from trombone_tui.core.ports import (
    Change,
    Denied,
    Expired,
    LogLine,
    LogOptions,
    NotInstalled,
    Unreachable,
)
from trombone_tui.core.writes import Reply, Write

__all__ = ["Access", "KubernetesCluster", "contexts"]

_REMEMBER = 60.0
"""Seconds an answer about rights is believed."""
_PAGE = "500"
_METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"

ShapeT = TypeVar("ShapeT")
PageT = TypeVar("PageT", bound=Names | Objects)


class KubernetesCluster:
    """One API server, seen with the rights of one kubeconfig context."""

    def __init__(self, target: Target, *, request_timeout: float) -> None:
        """Build connections to be opened later; needs a running loop. ``connect`` is the usual way.

        Raises:
            Refused: the cluster's authority or the user's certificate can't be used.
        """
        self.name = target.name
        self.namespace = target.namespace
        self._session = Session(target, request_timeout=request_timeout)
        self._rights: dict[tuple[str, str, str | None], tuple[float, bool]] = {}
        self._watcher = Watcher(self._session)
        self._user: str | None = None

    @property
    def server(self) -> str:
        """The API server's address, without its path, which may hold a secret."""
        return self._session.server

    @property
    def read_only(self) -> str:
        """Why nothing may be written; while it is not empty only questions leave the process."""
        return self._session.read_only

    @read_only.setter
    def read_only(self, why: str) -> None:
        self._session.read_only = why

    @classmethod
    async def connect(
        cls, access: Access, *, service_account: Path = SERVICE_ACCOUNT, clock: Clock = utc_now
    ) -> Self:
        """Read kubeconfig and flags, and get ready; sends nothing.

        Raises:
            Refused: something there can't be read or can't be honoured.
        """
        target = await asyncio.to_thread(find_target, access, service_account=service_account, clock=clock)
        return cls(target, request_timeout=access.request_timeout)

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
        """Send a request and hand out the answer unread, as ``Session.request`` does."""
        return self._session.request(
            method, path, params=params, headers=headers, body=body, read_timeout=read_timeout
        )

    async def get_json(self, path: str) -> Any:
        """Return a whole answer, decoded.

        Raises:
            PortError: as its status or a fault means.
        """
        return await self._get(path, None, {}, Any)

    def follow(self, kind: Kind, namespace: str | None) -> AsyncGenerator[Change, None]:
        """Yield the whole truth about a kind for ever, as ``core.ports.Cluster`` promises."""
        return self._watcher.follow(kind, namespace)

    async def namespaces(self) -> Sequence[str]:
        """Name the cluster's namespaces; only their metadata is asked for, in pages.

        Raises:
            Denied, Unreachable, Unauthenticated: see core/ports.py.
        """
        found = await self._named("/api/v1/namespaces", {})
        return tuple(meta.name for meta in found)

    async def objects(self, kind: Kind, namespace: str | None) -> Sequence[Mapping[str, Any]]:
        """Fetch all objects of a kind as they are, in pages, narrowed by its selectors.

        Raises:
            Denied, NotInstalled, Unreachable, Unauthenticated: see core/ports.py.
        """
        path = path_to(await self._root(kind), kind, namespace)
        found: list[Mapping[str, Any]] = []
        async for page in self._pages(path, _chosen(kind), {}, Objects, found.clear):
            found += page.items or ()
        return tuple(found)

    async def names(self, kind: Kind, namespace: str | None) -> Sequence[Meta]:
        """Fetch the metadata alone of all objects of a kind, as ``core.ports.Cluster.names`` promises."""
        return await self._named(path_to(await self._root(kind), kind, namespace), _chosen(kind))

    async def send(self, write: Write, *, dry_run: bool = False) -> Reply:
        """Send a change, once, as ``core.ports.Cluster.send`` promises."""
        if write.call is not None:
            return await call_pod(self._session, write, write.call, dry_run=dry_run)
        return await send(self._session, self._watcher.discovery, write, dry_run=dry_run)

    async def whoami(self) -> str:
        """Return who we are to the API server, asked once; empty if it can't say (before 1.28).

        Raises:
            Unreachable, Unauthenticated: see core/ports.py.
        """
        if self._user is None:
            review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
            what = "selfsubjectreviews.authentication.k8s.io"
            try:
                found = await self._review(IDENTITY_REVIEWS, review, what, Identity)
            except (NotInstalled, Denied):
                found = Identity()
            self._user = found.status.user_info.username
        return self._user

    async def may(self, verb: str, kind: Kind, namespace: str | None) -> bool:
        """Ask the API server whether the user may do this; an answer is believed for a minute.

        A subresource stands after the plural: ``rollouts/status``.

        Raises:
            Denied, Unreachable, Unauthenticated: see core/ports.py.
        """
        key = (verb, kind.resource, namespace)
        asked, allowed = self._rights.get(key, (float("-inf"), False))
        if time.monotonic() - asked < _REMEMBER:
            return allowed
        resource, _, subresource = kind.plural.partition("/")
        attributes = {"verb": verb, "group": kind.group, "resource": resource, "namespace": namespace or ""}
        if subresource:
            attributes["subresource"] = subresource
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }
        what = "selfsubjectaccessreviews.authorization.k8s.io"
        allowed = (await self._review(ACCESS_REVIEWS, review, what, Review)).status.allowed
        self._rights[key] = (time.monotonic(), allowed)
        return allowed

    async def whole(self, kind: Kind, namespace: str, name: str) -> Mapping[str, Any]:
        """Fetch one object as it is, with everything in it.

        Raises:
            Missing, Denied, NotInstalled, Unreachable, Unauthenticated: see core/ports.py.
        """
        check_name(kind, name)
        path = path_to(await self._root(kind), kind, namespace, name)
        found: Mapping[str, Any] = await self._get(path, None, {}, dict[str, Any])
        return found

    async def find(self, group: str, kind: str) -> Kind:
        """Look up where a kind is served, of which only group and name are known; its shape is ``Object``.

        Raises:
            NotInstalled, Denied, Unreachable, Unauthenticated: see core/ports.py.
        """
        return await self._watcher.discovery.find(group, kind)

    def log(
        self, namespace: str, pod: str, container: str, options: LogOptions
    ) -> AsyncGenerator[Sequence[LogLine], None]:
        """Yield the lines of a container's log as they come; ends when the container has ended.

        Raises:
            Missing, Denied, Unreachable, Unauthenticated: see core/ports.py.
        """
        return read_log(self._session, self._watcher.contact, namespace, pod, container, options)

    async def close(self) -> None:
        """Let go of connections, and of a plugin that may be running."""
        await self._session.close()

    async def _root(self, kind: Kind) -> str:
        root = await self._watcher.discovery.path(kind)
        if root is None:
            raise NotInstalled(kind.resource)
        return root

    async def _named(self, path: str, chosen: Mapping[str, str]) -> Sequence[Meta]:
        found: list[Meta] = []
        async for page in self._pages(path, chosen, {"Accept": _METADATA}, Names, found.clear):
            found += [item.metadata for item in page.items or ()]
        return tuple(found)

    async def _pages(
        self,
        path: str,
        chosen: Mapping[str, str],
        headers: Mapping[str, str],
        shape: type[PageT],
        again: Callable[[], None],
    ) -> AsyncGenerator[PageT, None]:
        """Yield a list in pages; calls ``again`` and yields all at once when the pages took too long."""
        after: str | None = ""
        limit = _PAGE
        while after is not None:
            params = {**chosen, "limit": limit} | ({"continue": after} if after else {})
            try:
                page = await self._get(path, params, headers, shape)
            except Expired:
                if limit == "0":
                    raise
                again()
                after, limit = "", "0"
                continue
            yield page
            after = page.metadata.continue_ or None

    async def _review(self, path: str, review: Any, what: str, shape: type[ShapeT]) -> ShapeT:
        async with self.request("POST", path, body=msgspec.json.encode(review)) as response:
            await raise_for(response, verb="create", resource=what, namespace=None)
            return self._decoded(path, await response.read(), shape)

    async def _get(
        self, path: str, params: Params | None, headers: Mapping[str, str], shape: type[ShapeT]
    ) -> ShapeT:
        verb, resource, namespace = asked_for(path)
        async with self.request("GET", path, params=params, headers=headers) as response:
            await raise_for(response, verb=verb, resource=resource, namespace=namespace)
            return self._decoded(path, await response.read(), shape)

    def _decoded(self, path: str, body: bytes, shape: type[ShapeT]) -> ShapeT:
        try:
            return msgspec.json.decode(body, type=shape)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise Unreachable(
                f"{self._session.server}: the answer to {path} is not what an API server says",
                advice="check server in the kubeconfig, and what is between here and there",
            ) from error


def _chosen(kind: Kind) -> dict[str, str]:
    """Return the parameters that narrow a list as the kind says."""
    selectors = {"labelSelector": kind.selector, "fieldSelector": kind.fields}
    return {name: text for name, text in selectors.items() if text}


def asked_for(path: str) -> tuple[str, str, str | None]:
    """Return verb, resource and namespace that a GET on a path needs the right for.

    ``/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts`` is ``list``, ``rollouts.argoproj.io``, ``shop``;
    what is no resource is named by its path: ``get``, ``/version``.
    """
    parts = path.strip("/").split("/")
    if parts[:1] == ["api"] and len(parts) > 2:
        group, rest = "", parts[2:]
    elif parts[:1] == ["apis"] and len(parts) > 3:
        group, rest = parts[1], parts[3:]
    else:
        return "get", path, None
    namespace = None
    if rest[0] == "namespaces" and len(rest) > 2:
        namespace, rest = rest[1], rest[2:]
    plural, verb = rest[0], "get" if len(rest) > 1 else "list"
    plural = "/".join((plural, *rest[2:]))
    return verb, f"{plural}.{group}" if group else plural, namespace
