"""What the program needs from outside, as protocols, and the few ways it can fail.

Every error says what happened (``str(error)``) and what the user can do about it (``advice``).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from trombone_tui.core.objects.basics import Kind, Malformed, Object


class PortError(Exception):
    """Base of everything a port may raise."""

    advice = ""

    def __init__(self, what: str, *, advice: str = "") -> None:
        super().__init__(what)
        self.advice = advice or type(self).advice


class Denied(PortError):
    """The API server knows who we are and says no (403)."""

    def __init__(self, verb: str, resource: str, *, namespace: str | None = None, message: str = "") -> None:
        where = f"in namespace {namespace}" if namespace else "in all namespaces"
        super().__init__(
            f"may not {verb} {resource} {where}",
            advice=f"ask for the right to {verb} {resource} {where}, or choose namespaces with -n",
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


class Expired(PortError):
    """The resourceVersion is too old (410): the list must be read again."""

    advice = "nothing to do: the list is read again"


class Unreachable(PortError):
    """No answer, a broken one, or one that says to come back later (timeouts, resets, 429, 5xx)."""

    advice = "check the network, the proxy and the API server's address"

    def __init__(self, what: str, *, advice: str = "", retry_after: float | None = None) -> None:
        super().__init__(what, advice=advice)
        self.retry_after = retry_after
        """Seconds the server asked us to wait, if it did."""


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


class Cluster(Protocol):
    """One API server, seen with one user's rights."""

    @property
    def name(self) -> str:
        """The kubeconfig context's name."""

    @property
    def namespace(self) -> str:
        """The kubeconfig context's namespace, ``default`` where it has none."""

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

    async def close(self) -> None:
        """Let go of connections and temporary files."""
