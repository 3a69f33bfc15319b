"""What is being put on a cluster or taken off it; kept while screens come and go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum

from textual.worker import Worker, WorkerCancelled, WorkerFailed

from trombone_tui.core.installing import Came, Deed, Progress
from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.ui.cells import Cell
from trombone_tui.ui.theme import Glyphs

_UNDONE = (Came.DELETED, Came.PUT_BACK, Came.KEPT)
"""What becomes of an object of which nothing is left to take back."""


class Phase(StrEnum):
    """What a work is at."""

    APPLYING = "applying"
    WAITING = "waiting"
    TAKING_BACK = "taking back"
    REMOVING = "deleting"


Course = Sequence[tuple[Phase, Callable[[], AsyncGenerator[Progress, None]]]]
"""Phases in order, each with what does it; after one that stopped, none is begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One object, and what became of it last."""

    number: int
    ref: Ref
    stage: str
    came: Came | None = None
    """None before anything was heard of it."""
    text: str = ""
    reply: int | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class Work:
    """Everything that one confirmation set going, and the taking back of it."""

    verb: str
    """``install`` or ``uninstall``."""
    service: str
    cluster: str
    protected: bool
    steps: dict[int, Step]
    phase: Phase
    running: bool = False
    seconds: float = 0.0
    """Since the phase began, as far as was heard."""
    verdicts: list[tuple[Phase, Progress]] = field(default_factory=list)
    """How each phase ended."""
    deeds: list[Deed] = field(default_factory=list)
    """What can be taken back."""
    back: Callable[[Sequence[Deed]], AsyncGenerator[Progress, None]] | None = None
    """Takes back; None where that can't be done."""
    worker: Worker[None] | None = None
    """What goes through the phases."""
    cut_off: bool = False
    """Whether the phase was left before its end; what was being sent then was sent to its end."""

    @property
    def title(self) -> str:
        """What is done to which service."""
        return f"{self.verb} {self.service}"

    @property
    def bad(self) -> bool:
        """Whether the last that ended was no good end."""
        return bool(self.verdicts) and self.verdicts[-1][1].came is not Came.DONE

    @property
    def over(self) -> int:
        """How many objects are through with the phase."""
        return sum(step.came not in (None, Came.SENDING, Came.WAITING) for step in self.steps.values())

    @property
    def said(self) -> str:
        """Where it stands, in a few words."""
        if self.running:
            return f"{self.phase}, {self.over} of {len(self.steps)}"
        if not self.verdicts:
            return "not begun"
        phase, last = self.verdicts[-1]
        return f"{phase}: {last.came}"

    async def follow(self, course: Course, changed: Callable[[], None]) -> None:
        """Go through phases; ``changed`` is called whenever something was heard."""
        self.running, self.cut_off = True, False
        try:
            for phase, begin in course:
                self.phase, self.seconds = phase, 0.0
                changed()
                async with aclosing(begin()) as told:
                    async for one in told:
                        self._hear(one)
                        changed()
                if self.bad:
                    break
        except asyncio.CancelledError:
            self.cut_off = True
            raise
        finally:
            self.running = False
        changed()

    @property
    def left(self) -> str:
        """What is done and what is not, of a work that was cut off."""
        steps = self.steps.values()
        done = [deed.ref for deed in self.deeds]
        done += [step.ref for step in steps if self.phase is Phase.REMOVING and step.came is Came.DELETED]
        words = {Phase.REMOVING: "deleted are", Phase.TAKING_BACK: "not taken back are"}
        said = f"{self.title} ({self.cluster}) was interrupted while {self.phase}; "
        said += f"{words.get(self.phase, 'applied are')} {_names(done) or 'none that is known'}"
        for word, came in (("sent last was", Came.SENDING), ("not sent are", None)):
            if found := _names(step.ref for step in steps if step.came is came):
                said += f"; {word} {found}"
        if self.phase is not Phase.WAITING:
            said += "; `trombone-tui audit` has what became of what was sent last"
        return said

    def _hear(self, one: Progress) -> None:
        self.seconds = one.seconds
        if one.ref is None:
            self.verdicts.append((self.phase, one))
            return
        if one.deed is not None:
            self.deeds.append(one.deed)
        if self.phase is Phase.TAKING_BACK and one.came in _UNDONE:
            self.deeds = [deed for deed in self.deeds if _place(deed.ref) != _place(one.ref)]
        for number, step in self.steps.items():
            if _place(step.ref) == _place(one.ref):
                self.steps[number] = replace(step, ref=one.ref, came=one.came, text=one.text, reply=one.reply)


class Works:
    """All that was set going, in order."""

    def __init__(self) -> None:
        self.all: list[Work] = []
        self.given: dict[str, dict[str, str]] = {}
        """What was typed of the values, by cluster and name."""

    async def cut_off(self) -> list[str]:
        """Wait for those that were cut off as the program was left; say what each has left behind."""
        for work in self.all:
            if work.worker is not None:
                with suppress(WorkerCancelled, WorkerFailed):
                    await work.worker.wait()
        return [work.left for work in self.all if work.cut_off]

    def going_on(self, cluster: str, service: str) -> str:
        """Say what is just being done to a service; an empty text where nothing is, or is only waited for."""
        for work in self.all:
            mine = (work.cluster, work.service) == (cluster, service)
            if mine and work.running and work.phase is not Phase.WAITING:
                return f"{work.title} goes on: {work.said}"
        return ""

    def lines(self, glyphs: Glyphs, *, clusters: int) -> list[Cell]:
        """Write a line for each that is not over; where there are several clusters, each names its own."""
        return [
            Cell(
                f"{glyphs.health[Health.PROGRESSING]} {work.title}"
                f"{f' ({work.cluster})' if clusters > 1 else ''}: {work.said}",
                ("moving",),
            )
            for work in self.all
            if work.running
        ]


def _names(refs: Iterable[Ref]) -> str:
    return ", ".join(map(str, refs))


def _place(ref: Ref) -> tuple[str, str, str]:
    """Return what an object has before it has a uid."""
    return ref.kind, ref.namespace, ref.name
