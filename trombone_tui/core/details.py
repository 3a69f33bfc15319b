"""The shapes that everything in detail is made of; the screen draws them without knowing the stage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from trombone_tui.core.objects.basics import Health

Value = str | int | float | bool | datetime | None


@dataclass(frozen=True, slots=True)
class Fact:
    """One named value of a detail; ``health`` colours and marks it."""

    name: str
    value: Value
    health: Health | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """A detail made of named values."""

    title: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a sequence: done, the current one (``current``) or still to come."""

    text: str
    done: bool = False
    current: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Steps:
    """A detail made of steps in order."""

    title: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One line of a tree, and what hangs on it."""

    text: str
    note: str = ""
    """What is said after it, less loudly."""
    health: Health | None = None
    branches: tuple[Branch, ...] = ()
    folded: bool = False
    """Whether it is drawn closed, with the number of what it hides, until somebody opens it."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A detail made of branches; ``folded`` ones can be opened."""

    title: str
    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of text as it was written, and when."""

    text: str
    at: datetime | None = None
    health: Health | None = None


@dataclass(frozen=True, slots=True)
class Lines:
    """A detail made of lines in order: Kubernetes Events, the end of a log, what differs."""

    title: str
    lines: tuple[Line, ...]


Detail = Facts | Steps | Tree | Lines
