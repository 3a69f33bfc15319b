"""What a user can do to an object, as data: what must hold, what is sent, and what proves its effect.

Everything that offers a verb is made from its declaration: footer, action menu, palette, ``:`` command,
command line, confirmation, help, greying, read-only.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from trombone_tui.core.around import Around, Key
from trombone_tui.core.objects.basics import Kind, Ref
from trombone_tui.core.writes import (
    JSON,
    JSON_PATCH,
    MERGE,
    Judge,
    Proof,
    Reply,
    Right,
    Seen,
    Sight,
    Whole,
    Write,
)

__all__ = [
    "JSON",
    "JSON_PATCH",
    "MERGE",
    "Act",
    "Acts",
    "Blocked",
    "Given",
    "Judge",
    "Offer",
    "Option",
    "Outcome",
    "Plan",
    "Planned",
    "Proof",
    "Reply",
    "Report",
    "Right",
    "Scene",
    "Seen",
    "Sight",
    "Sort",
    "Verb",
    "Whole",
    "Write",
]

Given = Mapping[str, Any]
"""What options were given, by their names; those that were not are absent."""


class Sort(StrEnum):
    """What an option takes."""

    FLAG = "flag"
    TEXT = "text"
    NUMBER = "number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """Something a verb can be told, spelt as the official tools spell it: ``--to-revision N``."""

    name: str
    """``to-revision``; also the key in ``Given``."""
    about: str
    sort: Sort = Sort.FLAG
    required: bool = False
    several: bool = False
    """Whether it may be given more than once; then ``Given`` has a tuple."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a verb would do now, worked out from the object as it was just read."""

    before: str
    after: str
    writes: tuple[Write, ...]
    """In order; what follows is not sent when one is refused."""
    proof: Proof | None = None
    unproved: str = ""
    """Why its effect can't be seen, where there is no proof; said when it was taken."""
    warnings: tuple[str, ...] = ()
    """What else it brings about, and who may undo it: self-heal, auto-sync, the Image Updater."""
    noop: str = ""
    """Why nothing has to be sent; then there are no writes."""
    command: str = ""
    """The official tool's command that does the same."""
    dangerous: bool = False
    """Whether, as the object stands now, ``no`` is the answer until somebody says otherwise."""


class Scene(Protocol):
    """What a verb may look at while it plans."""

    @property
    def ref(self) -> Ref:
        """The object."""

    @property
    def whole(self) -> Whole:
        """The object, read just now."""

    @property
    def given(self) -> Given:
        """The options."""

    @property
    def now(self) -> datetime:
        """The time."""

    @property
    def user(self) -> str:
        """Who we are to the API server; empty when it does not say."""

    async def fetch(self, kind: Kind, namespace: str, name: str) -> Whole:
        """Read another object.

        Raises:
            PortError: as ``Cluster.whole`` does.
        """

    async def list(self, kind: Kind, namespace: str) -> Sequence[Whole]:
        """Read the objects of a kind, narrowed by its selectors.

        Raises:
            PortError: as ``Cluster.whole`` does.
        """

    def linked(self, kind: Kind, key: Key) -> Sequence[Any]:
        """Return watched objects, as ``Around.linked`` does."""


Blocked = Callable[[Any, Ref, Around], str]
"""Says of a watched object why a verb can't be done now; an empty text when it can."""
Planned = Callable[[Scene], Awaitable[Plan]]
"""Works out what to send. Raises ``Refused`` with the reason when it can't be done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """One thing a user can do to objects of one kind, called as the official tools call it."""

    name: str
    """``promote``; unique among the verbs of a kind."""
    kind: Kind
    about: str
    """One sentence for help and the command line."""
    plan: Planned
    blocked: Blocked
    rights: tuple[tuple[str, str], ...]
    """What it takes at least, as verb and subresource of its own kind: ``(("patch", "status"),)``."""
    others: tuple[tuple[str, Kind, str], ...] = ()
    """What it takes of other kinds, in its object's namespace: ``(("create", WORKFLOW, ""),)``."""
    options: tuple[Option, ...] = ()
    key: str = ""
    """A capital letter, or ``s``; verbs without one are in the action menu."""
    noun: str = ""
    """Said after the verb on the command line where one word is not enough: ``terminate analysisrun``."""
    dangerous: Callable[[Given], bool] = field(default=lambda _: False)
    """Whether ``no`` is the answer until somebody says otherwise."""
    bulk: bool = True
    """Whether it may be done to several objects with one confirmation."""
    harmless: bool = False
    """Whether it is done without being confirmed: a refresh."""
    of_part: bool = False
    """Whether it is about the part that a row shows, an image of an updater, and not the whole object."""

    def option(self, name: str) -> Option | None:
        """Return an option by its name."""
        return next((one for one in self.options if one.name == name), None)


class Outcome(StrEnum):
    """What became of a verb."""

    SENDING = "sending"
    ACCEPTED = "accepted"
    """The API server took it; its effect is being waited for."""
    REQUESTED = "requested, not taken up"
    """The request stands in the object, and nobody has acted on it yet."""
    DONE = "done"
    UNSEEN = "accepted, but not seen"
    """The time is up."""
    FAILED = "taken up, and failed"
    REFUSED = "refused"
    CONFLICT = "changed meanwhile"
    """The object is another than the one that was looked at; nothing was done."""
    UNKNOWN = "not known"
    """There was no answer; it was looked for, and what was seen is said."""
    UNDONE = "undone again"
    NOT_SENT = "not sent"
    """Of several: it was stopped before this one."""

    @property
    def final(self) -> bool:
        """Whether nothing more will be heard of it."""
        return self not in (Outcome.SENDING, Outcome.ACCEPTED, Outcome.REQUESTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How far a verb has come."""

    outcome: Outcome
    text: str
    """In words, with what to do next."""
    seconds: float = 0.0
    """Since it was sent."""
    reply: int | None = None
    """The HTTP status of the last answer."""
    touch: Write | None = None
    """A harmless change that may free a request that was not taken up; ``Acts.touch`` sends it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A verb beside an object: it can be done, or this is why not."""

    verb: Verb
    reason: str = ""
    """Empty when it can be done."""
    known: bool = True
    """Whether the API server has said yet what the user may do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A verb that is ready to be confirmed: on this object, as it was just read."""

    ref: Ref
    verb: Verb
    given: Given
    plan: Plan
    protected: bool = False
    """Whether the cluster is one in which the object's name has to be typed."""
    missing: tuple[Right, ...] = ()
    """Rights its writes take that the user has not; then it is not performed."""
    whole: Whole = field(default_factory=dict)
    """The object as it was read for the plan."""
    read: float = 0.0
    """When that was, by the monotonic clock, in seconds."""

    @property
    def dangerous(self) -> bool:
        """Whether ``no`` is the answer until somebody says otherwise."""
        return self.protected or self.plan.dangerous or self.verb.dangerous(self.given)


class Acts(Protocol):
    """Doing things: what may be done, what it would do, and the doing, with its proof."""

    def offers(self, ref: Ref) -> tuple[Offer, ...]:
        """Return an item's verbs, a reason beside each that can't be done; what is not known is asked."""

    async def prepare(self, ref: Ref, verb: Verb, given: Given) -> Act:
        """Read the object anew and work out what would be sent.

        Raises:
            Refused: it can't be done, and why.
            PortError: the object can't be read.
        """

    async def rehearse(self, act: Act) -> Sequence[str]:
        """Have the API server say what would change, without changing it (``dryRun=All``); lines to show.

        Raises:
            PortError: it refuses.
        """

    def perform(self, act: Act) -> AsyncGenerator[Report, None]:
        """Send it once, watch for its effect, note it in the audit log; the last report is a final one.

        Nothing is raised: what goes wrong is a report. Who stops listening only stops the watching.
        """

    def perform_all(self, acts: Sequence[Act]) -> AsyncGenerator[tuple[Act, Report], None]:
        """Send several in order, each when the one before was taken; their effects are watched together.

        The first that is refused, in conflict or without an answer stops what was not sent yet; that is
        reported as ``NOT_SENT``. The last report of each act is a final one.
        """

    async def touch(self, act: Act) -> Report:
        """Send, once, the harmless change that makes a controller look again; ``perform`` watches on."""

    def read_only(self, cluster: str) -> str:
        """Return why nothing can be written there; an empty text when it can."""

    def set_read_only(self, on: bool, *, key: str = "") -> None:
        """Keep every write from leaving the process, or allow them where nothing else forbids them.

        ``key`` is what switches it off again: reasons name it.
        """
