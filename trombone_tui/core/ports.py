"""What the program needs from outside, as protocols, and the few ways it can fail.

Every error says what happened (``str(error)``) and what the user can do about it (``advice``).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from trombone_tui.core.objects.basics import Kind, Malformed, Meta, Object
from trombone_tui.core.writes import Reply, Write


class PortError(Exception):
    """Base of everything a port may raise."""

    advice = ""

    def __init__(self, what: str, *, advice: str = "") -> None:
        super().__init__(what)
        self.advice = advice or type(self).advice
        self.code: int | None = None
        """The HTTP status that said so, if one did."""


class Denied(PortError):
    """A server knows who we are and says no (403)."""

    def __init__(
        self,
        verb: str,
        resource: str,
        *,
        namespace: str | None = None,
        message: str = "",
        place: str = "",
        advice: str = "",
    ) -> None:
        """Say what was not allowed; ``place`` says where, of what is no API server."""
        where = place or (f"in namespace {namespace}" if namespace else "in all namespaces")
        super().__init__(
            f"may not {verb} {resource} {where}",
            advice=advice or f"ask for the right to {verb} {resource} {where}, or choose namespaces with -n",
        )
        self.verb, self.resource, self.namespace, self.message = verb, resource, namespace, message


class NotInstalled(PortError):
    """The API server does not serve this kind."""

    def __init__(self, resource: str) -> None:
        super().__init__(
            f"{resource} is not installed on this cluster",
            advice="install the part of the pipeline that brings it; it is noticed without a restart",
        )
        self.resource = resource


class Missing(PortError):
    """The object asked for is not there (404)."""

    advice = "it may just have been deleted; refresh"


class Conflict(PortError):
    """The object has changed since it was read (409)."""

    advice = "look at what changed and try again"

    def __init__(self, what: str, *, advice: str = "", held: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(what, advice=advice)
        self.held = tuple(held)
        """Of an apply: the other managers, each with a field that it holds with another value."""


class Expired(PortError):
    """The resourceVersion is too old (410): the list must be read again."""

    advice = "nothing to do: the list is read again"


class Unreachable(PortError):
    """No answer, a broken one, or one that says to come back later (timeouts, resets, 429, 5xx)."""

    advice = "check the network, the proxy and the API server's address"

    def __init__(
        self, what: str, *, advice: str = "", retry_after: float | None = None, sent: bool = True
    ) -> None:
        super().__init__(what, advice=advice)
        self.retry_after = retry_after
        """Seconds the server asked us to wait, if it did."""
        self.sent = sent
        """Whether the request may have been heard; then nobody knows whether it had an effect."""


class Unauthenticated(PortError):
    """The API server does not accept our credentials (401), also after they were renewed once."""

    advice = "log in again with the command your cluster uses"


class Refused(PortError):
    """Something asked can't be honoured: a kubeconfig, a flag or a setting (then nothing was sent).

    Also a request that the API server itself finds wrong (400, 422 and the like): it had no effect.
    """


class State(StrEnum):
    """What is known of one panel, or of one watch behind it."""

    LIVE = "live"
    CONNECTING = "connecting"
    STALE = "stale"
    DENIED = "denied"
    NOT_INSTALLED = "not-installed"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Began:
    """A full list begins: what is not seen again before ``Listed`` no longer exists."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Objects as they arrive: put ones are new or changed, gone ones are deleted."""

    put: Sequence[Object | Malformed] = ()
    gone: Sequence[Object | Malformed] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """The full list is complete; from here on changes follow."""


@dataclass(frozen=True, slots=True)
class Restored:
    """Contact is there again after ``Trouble``, without a new list."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What we know may be out of date, because of this; it is being tried again."""

    error: PortError
    silent: float = 0.0
    """Seconds since the server was last heard, so that ``stale since`` can be said truly."""


Change = Began | Batch | Listed | Restored | Trouble


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of a log, without its end; ``at`` is when the node took it down."""

    text: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOptions:
    """Which part of a container's log is wanted."""

    follow: bool = True
    previous: bool = False
    """The log of the container before it was started anew."""
    lines: int | None = None
    """Only so many of the newest."""
    since: float | datetime | None = None
    """Only the last so many seconds, or what was said from a moment on, by the clock of the log."""


class Cluster(Protocol):
    """One API server, seen with one user's rights."""

    @property
    def name(self) -> str:
        """The kubeconfig context's name."""

    @property
    def namespace(self) -> str:
        """The kubeconfig context's namespace, ``default`` where it has none."""

    @property
    def server(self) -> str:
        """Its address without anything secret: ``https://10.0.0.1:6443``."""

    def follow(self, kind: Kind, namespace: str | None) -> AsyncGenerator[Change, None]:
        """Yield the whole truth about a kind for ever: a list, then its changes, again after a fault.

        ``namespace`` None means all of them. Faults are yielded as ``Trouble``, never raised.
        """

    async def namespaces(self) -> Sequence[str]:
        """Name the cluster's namespaces.

        Raises:
            Denied: the user may not list them.
            Unreachable, Unauthenticated: as their names say.
        """

    async def may(self, verb: str, kind: Kind, namespace: str | None) -> bool:
        """Ask the API server whether the user may do this (SelfSubjectAccessReview)."""

    async def whole(self, kind: Kind, namespace: str, name: str) -> Mapping[str, Any]:
        """Fetch one object as it is, with everything in it.

        Raises:
            Missing: it is not there any more.
            Denied, NotInstalled, Unreachable, Unauthenticated: as their names say.
        """

    async def objects(self, kind: Kind, namespace: str | None) -> Sequence[Mapping[str, Any]]:
        """Fetch all objects of a kind as they are, narrowed by its selectors; None means all namespaces.

        Raises:
            Denied, NotInstalled, Unreachable, Unauthenticated: as their names say.
        """

    read_only: str
    """Why nothing may be written, for the user; while it is not empty only questions leave the process."""

    async def names(self, kind: Kind, namespace: str | None) -> Sequence[Meta]:
        """Fetch the metadata alone, so of Secrets no data; else as ``objects``."""

    async def send(self, write: Write, *, dry_run: bool = False) -> Reply:
        """Send a change, once, without ever trying again; a dry run changes nothing.

        Raises:
            Conflict: the object is another than the write says (409).
            Missing, NotInstalled: there is no such object, or nothing is served there (404).
            Denied: 403; ``message`` is the server's own.
            Refused: the server rejects it (400, 415, 422 …), or it is read-only here; nothing happened. Also
                what a pod itself answers to a call, from 300 on: in its own words, ``code`` is its status.
            Unreachable: no answer; ``sent`` says whether it may have had an effect.
            Unauthenticated: 401; nothing happened.
        """

    async def whoami(self) -> str:
        """Return who we are to the API server (SelfSubjectReview), asked once; empty if it can't say.

        Raises:
            Unreachable, Unauthenticated: as their names say.
        """

    async def find(self, group: str, kind: str) -> Kind:
        """Look up where a kind is served, of which only group and name are known; its shape is ``Object``.

        Raises:
            NotInstalled: the server has none of that name.
            Unreachable, Unauthenticated: as their names say.
        """

    def log(
        self, namespace: str, pod: str, container: str, options: LogOptions
    ) -> AsyncGenerator[Sequence[LogLine], None]:
        """Yield the lines of a container's log as they come; ends when the container has ended.

        Raises:
            Missing: there is no such pod, or no previous container.
            Denied, Unreachable, Unauthenticated: as their names say.
        """

    async def close(self) -> None:
        """Let go of connections and temporary files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Where the right to read a repository comes from, in Argo CD Image Updater's words.

    ``pullsecret:ns/name`` (a docker config), ``secret:ns/name#field`` (``user:password``); anything else it
    knows (``env:``, ``ext:``) only the updater itself can read.
    """

    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What a registry says of one tag."""

    tag: str
    digest: str = ""
    created: datetime | None = None
    """When its image was built, by the image's own config."""
    revision: str = ""
    """The commit, by the label ``org.opencontainers.image.revision``."""
    labels: Mapping[str, str] = field(default_factory=dict)


class Registry(Protocol):
    """Container registries, asked without ever writing."""

    async def tags(self, repository: str, login: Login | None) -> Sequence[str]:
        """Name all tags of a repository such as ``ghcr.io/acme/api``.

        Raises:
            Denied: the registry does not let us read it.
            Missing: it has no such repository.
            Unreachable: no answer, or one that asks to come back later.
        """

    async def candidates(
        self, repository: str, tags: Sequence[str], login: Login | None
    ) -> Mapping[str, Candidate]:
        """Describe some tags; one that is not there any more is left out.

        Raises:
            Denied, Missing, Unreachable: as for ``tags``.
        """

    async def close(self) -> None:
        """Let go of connections."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A user and a password or token for a registry; never shown, never logged."""

    user: str
    password: str = field(repr=False)
