"""What a rollback plan is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.verbs import Given
from trombone_tui.core.writes import Right

May = Callable[[Right], bool | None]
"""Says whether something is allowed; None while that is not known."""


class State(StrEnum):
    """How far a step is."""

    DONE = "done already"
    NOW = "can be done now"
    YOURS = "yours to do"
    """Outside the cluster, in git: the commands are told, and whether it was done is seen."""
    BLOCKED = "blocked"
    FORBIDDEN = "not permitted"
    UNSEEN = "not visible"
    """What it is about can't be seen, so whether it is needed is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Does:
    """The verb that does a step."""

    stage: str
    kind: str
    ref: Ref
    name: str
    given: Given = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Check:
    """Something that has to hold in the end."""

    text: str
    holds: bool | None
    """None where it can't be told, or not yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackStep:
    """One step of a plan."""

    title: str
    why: str
    """What goes wrong without it."""
    state: State
    reason: str = ""
    """What it is blocked by, which right is missing, how it is seen to be done."""
    does: Does | None = None
    """None where no verb does it: it is done in git, or only looked at."""
    command: str = ""
    """The same with official tools; several lines where it is done in git."""
    undone_by: str = ""
    """Who would undo it if it was done alone; says also that nobody does."""
    stop: str = ""
    """How things stand when one stops after it; empty where one must not stop there."""
    right: Right | None = None
    """What it takes."""
    instead: tuple[RollbackStep, ...] = ()
    """Steps that may be taken in its place, in order."""
    checks: tuple[Check, ...] = ()
    """Of the last step: what has to hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackPlan:
    """A way back that stays. Making it writes nothing."""

    service: str
    cluster: str
    bad: str
    """What is to go: ``app:1.0.5``."""
    good: str
    """What comes back: ``app:1.0.4``; empty where that can't be seen."""
    steps: tuple[RollbackStep, ...]
    notes: tuple[str, ...] = ()
    """What can't be seen, what to keep in mind, which shortcut does not last."""

    @property
    def done(self) -> bool:
        """Whether nothing is left to do."""
        return all(step.state is State.DONE for step in self.steps)

    @property
    def next(self) -> RollbackStep | None:
        """The first step that is not done."""
        return next((step for step in self.steps if step.state is not State.DONE), None)


def permitted(may: May, right: Right) -> tuple[State, str]:
    """Say whether a step can be done now, as far as rights go."""
    allowed = may(right)
    if allowed is False:
        return State.FORBIDDEN, f"you may not {right}"
    return State.NOW, "" if allowed else f"whether you may {right} is not known yet"


def comment(text: str) -> str:
    """Write a comment for a shell: one line, whatever the objects hold."""
    return f"# {' '.join(text.split())}"
