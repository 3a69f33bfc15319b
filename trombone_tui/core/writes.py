"""A request that changes something, the right it takes, what is answered, and what shows its effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from trombone_tui.core.objects.basics import Kind

MERGE = "application/merge-patch+json"
JSON = "application/json"
JSON_PATCH = "application/json-patch+json"
APPLY = "application/apply-patch+yaml"
"""Server-side apply; JSON is YAML too."""
MANAGER = "trombone-tui"
"""Who we are in ``metadata.managedFields``."""

Whole = Mapping[str, Any]
"""An object as the API server has it."""
_VERBS = {"PATCH": "patch", "POST": "create", "PUT": "update", "DELETE": "delete"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """An HTTP request to a port of a pod, carried there by the API server's port-forward."""

    port: int
    path: str
    """``/push``, with its query."""
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = b""
    """Sent as it is: a signature is over these very bytes."""
    secret: frozenset[str] = frozenset()
    """Headers whose values are neither shown nor noted."""

    def shown(self, mask: str) -> dict[str, str]:
        """Return its headers as they may be shown."""
        return {name: mask if name in self.secret else value for name, value in self.headers.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One request that changes something. Sent once and never again by itself."""

    method: str
    """PATCH, POST, PUT or DELETE."""
    kind: Kind
    namespace: str
    name: str = ""
    """Empty for POST."""
    subresource: str = ""
    content: str = MERGE
    """The type of a PATCH; everything else is JSON."""
    body: Any = None
    """What is sent, as JSON; with ``metadata.resourceVersion`` where the decision hangs on what was read.

    A POST or PUT says its ``apiVersion`` and ``kind``; a DELETE has DeleteOptions, or nothing.
    """
    hangs_on: Callable[[Whole], object] | None = None
    """What of the object it hangs on; None is all of it.

    While that is equal in the newest state that was seen, its resourceVersion is sent for the one read.
    """
    force: bool = False
    """Whether an apply takes fields from managers that hold them with other values."""
    title: str = ""
    """What it does, for the plan: ``clear the pause``."""
    instead: Write | None = None
    """Sent when the answer is 404: an old API without the subresource."""
    after: float = 0.0
    """Seconds to wait before it is sent, counted from the write before."""
    gone_is_done: bool = False
    """Whether 404 means that there is nothing left to do."""
    call: Call | None = None
    """What is sent through ``pods/portforward`` in its place; ``body`` then only says it for people.

    It is a POST. Its answer is the ``Reply``: the status, and the text as ``{"text": …}``.
    """

    @property
    def right(self) -> Right:
        """The right that it takes."""
        return Right(
            verb=_VERBS[self.method], kind=self.kind, subresource=self.subresource, namespace=self.namespace
        )

    @property
    def rights(self) -> tuple[Right, ...]:
        """All that it takes: a GET carries a call, and since Kubernetes 1.35 that wants ``create``, too."""
        return (self.right,) if self.call is None else (replace(self.right, verb="get"), self.right)

    @property
    def media(self) -> str:
        """The content type that it is sent with."""
        return self.content if self.method == "PATCH" else JSON

    @property
    def path(self) -> str:
        """Where it is sent in the kind's own version: ``/apis/argoproj.io/v1alpha1/namespaces/…``."""
        kind = self.kind
        root = f"/apis/{kind.group}/{kind.version}" if kind.group else f"/api/{kind.version}"
        scope = f"namespaces/{self.namespace}" if kind.namespaced else ""
        return "/".join(filter(None, (root, scope, kind.plural, self.name, self.subresource)))

    @property
    def where(self) -> str:
        """What is asked of whom, for people: method and path, and those of the call that is carried there."""
        call = self.call
        carried = f" → {call.method} :{call.port}{call.path}" if call else ""
        return f"{self.method} {self.path}{carried}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """What must be allowed: ``patch rollouts/status`` in a namespace."""

    verb: str
    kind: Kind
    namespace: str
    subresource: str = ""

    @property
    def about(self) -> Kind:
        """The kind as ``Cluster.may`` is asked: the subresource after the plural."""
        return (
            replace(self.kind, plural=f"{self.kind.plural}/{self.subresource}")
            if self.subresource
            else self.kind
        )

    def __str__(self) -> str:
        """Write it for a sentence: ``patch rollouts.argoproj.io/status in namespace shop``."""
        resource = f"{self.kind.resource}/{self.subresource}" if self.subresource else self.kind.resource
        return f"{self.verb} {resource}" + (f" in namespace {self.namespace}" if self.namespace else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the API server answered to a write that it took."""

    status: int
    """The HTTP status: 200, 201 or 202."""
    body: Whole = field(default_factory=dict)
    """The object as it is now; after a DELETE it may be a ``Status``."""


class Seen(StrEnum):
    """What an object says of a verb's effect."""

    NOT_YET = "not yet"
    REQUESTED = "requested"
    """The request stands in the object, and its controller has not taken it up."""
    DONE = "done"
    FAILED = "failed"
    """It was taken up, and came out badly."""
    OVERWRITTEN = "overwritten"
    """What was written is not there any more: somebody wrote something else before its effect came."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen of an effect, and in words what exactly."""

    seen: Seen
    text: str = ""


Judge = Callable[[Whole | None], Sight]
"""Says of an object as it is now, None once it is gone, what is seen of the effect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """How the effect is seen: the object is watched until its own fields say so, or the time is up."""

    kind: Kind
    namespace: str
    name: str
    """Empty for what is created; then the name in the API server's answer counts."""
    any_name: bool = False
    """Whether each object of the kind counts, narrowed by its selectors; then ``name`` is empty."""
    elsewhere: tuple[str, ...] = ()
    """More namespaces in which it may be, where any name counts."""
    waits_for: str
    """In words: ``step 4 of 8``."""
    judge: Judge
    within: float = 30.0
    """Seconds."""
    hint: str = ""
    """Where to look when it is not seen."""
    stays: float = 0.0
    """Seconds for which it is watched on, to see whether somebody undoes it."""
    touch: Write | None = None
    """A harmless change that makes a controller look again which swallowed the request."""
