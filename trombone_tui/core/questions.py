"""What a detail asks for beyond what is watched anyway; answered only while somebody looks at it.

``explain`` asks through ``Around.ask`` and takes what is there: at first an empty ``Answer``. Whoever shows
the detail follows what was asked for, and explains again when an answer is there or is another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from trombone_tui.core.objects.basics import Kind, Object
from trombone_tui.core.ports import Candidate, Credentials, LogLine, PortError

AnswerT = TypeVar("AnswerT", covariant=True)


@dataclass(frozen=True, slots=True)
class Answer(Generic[AnswerT]):
    """What is known so far: nothing yet, a value, or why there is none; an older value may stand beside."""

    value: AnswerT | None = None
    trouble: PortError | None = None

    @property
    def waiting(self) -> bool:
        """Whether nothing came back yet."""
        return self.value is None and self.trouble is None


class Question(Generic[AnswerT]):
    """Base of all questions: immutable and hashable, so that equal ones are asked once."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Objects(Question[Sequence[Any]]):
    """Objects of a kind in a namespace, followed by a watch; ``kind.selector`` and ``kind.fields`` narrow it.

    Those that can't be read are left out. ``whole`` keeps what ``Object.reduced`` would drop.
    """

    kind: Kind
    namespace: str = ""
    """Empty for all namespaces, and for kinds that have none."""
    whole: bool = False

    @classmethod
    def named(cls, kind: Kind, namespace: str, name: str) -> Objects:
        """Ask for one object, with all its parts."""
        return cls(kind=kind.narrowed(fields=f"metadata.name={name}"), namespace=namespace, whole=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing(Question[Mapping[str, Any]]):
    """One object of any kind as plain JSON, fetched once; its plural is looked up."""

    group: str
    kind: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogTail(Question[Sequence[LogLine]]):
    """The newest lines of a container, followed."""

    namespace: str
    pod: str
    container: str = ""
    """Empty where the pod has only one."""
    previous: bool = False
    lines: int = 500
    """How many are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags(Question[Sequence[str]]):
    """All tags of a repository, ``ghcr.io/acme/api``, in the registry's order; fetched once a minute."""

    repository: str
    credentials: Credentials | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates(Question[Mapping[str, Candidate]]):
    """Digest, age and labels of some tags of a repository; a tag that is not there any more is left out."""

    repository: str
    tags: tuple[str, ...]
    credentials: Credentials | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSource:
    """A container whose log can be read, or why it can't."""

    label: str
    """What its lines are called by, short: ``unit-test``, ``canary x2f8k``."""
    namespace: str
    pod: str
    container: str = ""
    failed: bool = False
    """Whether it is this one that somebody wants to read first."""
    restarts: int = 0
    """How often the container was started anew; from 1 on there is a previous log."""
    gone: str = ""
    """Why there is no log and where it went; empty while the pod is there."""


def only(answer: Answer[Sequence[Any]]) -> Object | None:
    """Return the one object of an answer to ``Objects.named``."""
    return answer.value[0] if answer.value else None
