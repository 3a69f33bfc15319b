"""How far installing or uninstalling has come, and what it has done."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from trombone_tui.core.objects.basics import Kind, Ref
from trombone_tui.core.writes import Whole


class Came(StrEnum):
    """What became of one object, or at last of all."""

    SENDING = "sending"
    CREATED = "created"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"
    UNKNOWN = "not known"
    """There was no answer: nobody knows whether it was done."""
    NOT_SENT = "not sent"
    """It was stopped before this one."""
    WAITING = "waiting"
    READY = "ready"
    NOT_READY = "not ready"
    """The time is up."""
    DELETED = "deleted"
    PUT_BACK = "put back"
    KEPT = "kept"
    """It was left as it is; the text says why."""
    DONE = "done"
    """The end of all, and it is well."""
    STOPPED = "stopped"
    """The end of all, and it is not; the text says what is done and what is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One thing that ``apply`` did, with what it takes to take it back."""

    ref: Ref
    """With its uid."""
    kind: Kind
    created: bool
    """Whether it was not there before; else it was changed."""
    before: Whole = field(default_factory=dict, repr=False)
    after: Whole = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far it has come: of one object, or without a Ref of all; that one is the last."""

    came: Came
    text: str = ""
    ref: Ref | None = None
    stage: str = ""
    number: int = 0
    """Which of ``of`` objects it is, counted from 1; 0 where that is no matter."""
    of: int = 0
    seconds: float = 0.0
    """Since it began."""
    reply: int | None = None
    """The HTTP status of the answer."""
    deed: Deed | None = None
    """What was done; who wants to take it back collects these."""
