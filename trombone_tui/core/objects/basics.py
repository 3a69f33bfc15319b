"""What every object has: an identity, metadata, conditions; and Argo CD's six words for health."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Self, TypeVar

import msgspec

Time = Annotated[datetime, msgspec.Meta(tz=True)]
"""A moment with its zone; one without does not fit, so that no reader ever compares the two."""
EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
"""Where in an order of times something without one goes: before or after all others."""


@lru_cache(maxsize=4096)
def same(text: str) -> str:
    """Return one text object for equal texts, so that thousands of objects share those that repeat."""
    return text


class Health(StrEnum):
    """How well something is, in Argo CD's words."""

    HEALTHY = "Healthy"
    PROGRESSING = "Progressing"
    DEGRADED = "Degraded"
    SUSPENDED = "Suspended"
    MISSING = "Missing"
    UNKNOWN = "Unknown"

    @property
    def badness(self) -> int:
        """Rank from well (0) to broken (5).

        Unknown ranks below Suspended: what can't be read must never hide what is known to be broken.
        """
        return _BADNESS[self]


_BADNESS = {
    Health.HEALTHY: 0,
    Health.PROGRESSING: 1,
    Health.UNKNOWN: 2,
    Health.SUSPENDED: 3,
    Health.MISSING: 4,
    Health.DEGRADED: 5,
}


class Partial(msgspec.Struct, rename="camel", kw_only=True, gc=False):
    """Base of everything decoded from the API server: camelCase names, unknown fields ignored.

    Go writes ``null`` for empty values, so every field of a subclass is optional.
    """


class Owner(Partial):
    """One entry of ``metadata.ownerReferences``."""

    kind: str | None = None
    name: str | None = None
    uid: str | None = None
    controller: bool | None = None


class Meta(Partial):
    """``metadata`` of any object."""

    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int | None = None
    generate_name: str | None = None
    creation_timestamp: Time | None = None
    deletion_timestamp: Time | None = None
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    owner_references: list[Owner] | None = None
    finalizers: list[str] | None = None

    def label(self, key: str) -> str:
        """Return a label's value, or an empty text."""
        return (self.labels or {}).get(key, "")

    def annotation(self, key: str) -> str:
        """Return an annotation's value, or an empty text."""
        return (self.annotations or {}).get(key, "")

    def owner(self, kind: str) -> Owner | None:
        """Return the first owner of that kind."""
        return next((o for o in self.owner_references or () if o.kind == kind), None)

    def owner_keys(self, *kinds: str) -> Iterator[tuple[str, str, str]]:
        """Name the first owner of each kind as a key: kind, namespace, name."""
        for kind in kinds:
            owner = self.owner(kind)
            if owner is not None and owner.name:
                yield kind, self.namespace, owner.name


class Condition(Partial):
    """One entry of ``status.conditions``."""

    type: str | None = None
    status: str | None = None
    reason: str | None = None
    message: str | None = None
    last_transition_time: Time | None = None


ConditionT = TypeVar("ConditionT", bound=Condition)


def condition(conditions: Sequence[ConditionT] | None, of_type: str) -> ConditionT | None:
    """Return the condition of that type, if the object has one."""
    return next((c for c in conditions or () if c.type == of_type), None)


class Object(Partial):
    """Base of every kind's typed partial object."""

    metadata: Meta

    def reduced(self) -> Self:
        """Return what is worth keeping in memory; a kind with large parts overrides this."""
        return self


class Malformed(msgspec.Struct, frozen=True, kw_only=True):
    """An object that did not fit its kind's type: who it is, and which field could not be read."""

    metadata: Meta
    path: str
    """Where, in JSONPath from the object: ``$.status.phase``."""
    problem: str
    """What was wrong there, in words: ``Expected `str`, got `int```."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of object: where the API server serves it, and the shape it is decoded into."""

    name: str
    plural: str
    group: str
    version: str
    shape: type[Object]
    namespaced: bool = True
    selector: str = ""
    """A label selector the API server applies: what does not match is never sent."""
    fields: str = ""
    """A field selector, likewise."""
    entire: bool = False
    """Whether what ``Object.reduced`` drops is kept."""

    def narrowed(
        self, *, selector: str | None = None, fields: str | None = None, entire: bool | None = None
    ) -> Kind:
        """Return the kind with other selectors, or entire; what is not named stays."""
        return replace(
            self,
            selector=self.selector if selector is None else selector,
            fields=self.fields if fields is None else fields,
            entire=self.entire if entire is None else entire,
        )

    @property
    def resource(self) -> str:
        """The name RBAC messages use: ``rollouts.argoproj.io``."""
        return f"{self.plural}.{self.group}" if self.group else self.plural


class Ref(msgspec.Struct, frozen=True, gc=False, cache_hash=True, order=True):
    """The identity of an object. Two clusters, two namespaces, one name: never the same Ref.

    ``part`` tells rows apart that come from one object: an ImageUpdater's images, by alias.
    """

    cluster: str
    kind: str
    namespace: str
    name: str
    uid: str = ""
    part: str = ""

    def __str__(self) -> str:
        """Write it as kubectl would, the cluster last: ``Rollout shop/api (prod)``."""
        place = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.kind} {place} ({self.cluster})"
