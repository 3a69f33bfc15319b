"""What is being done now, and how far it has come; kept while screens come and go."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from trombone_tui.core.objects.basics import Health
from trombone_tui.core.verbs import Act, Outcome, Report
from trombone_tui.ui.cells import Cell
from trombone_tui.ui.choices import called, place_of
from trombone_tui.ui.theme import Glyphs

_SEVERITY: dict[Outcome, Literal["information", "warning", "error"]] = {
    Outcome.DONE: "information",
    Outcome.FAILED: "error",
    Outcome.REFUSED: "error",
    Outcome.CONFLICT: "error",
}


@dataclass(slots=True, eq=False)
class Deed:
    """An act that was confirmed, and what was heard of it last."""

    act: Act
    report: Report | None = None
    heard: float = 0.0
    """When that was, by the clock of the deeds, in seconds."""

    @property
    def title(self) -> str:
        """The verb and the whole Ref, so that it can be told from any other."""
        return f"{called(self.act.verb)} {self.act.ref}"

    @property
    def place(self) -> str:
        """The verb and the object, as short as it is clear: ``promote shop/shop-api``."""
        return f"{called(self.act.verb)} {place_of(self.act.ref)}"


def words(report: Report) -> str:
    """Write what became of an act, where its text does not begin with that anyway."""
    outcome = str(report.outcome)
    first = outcome.partition(",")[0].partition(" ")[0]
    return report.text if report.text.startswith(first) else f"{outcome}: {report.text}"


def said(report: Report) -> str:
    """Write a report: what became of it, and after how many seconds."""
    return f"{words(report)} ({report.seconds:.1f} s)" if report.seconds else words(report)


def severity(report: Report) -> Literal["information", "warning", "error"]:
    """Say how loudly a final report is to be told: as Textual's toasts are."""
    return _SEVERITY.get(report.outcome, "warning")


class Deeds:
    """The acts that are not over yet, in the order in which they were confirmed."""

    def __init__(self) -> None:
        self.running: list[Deed] = []
        self.clock: Callable[[], float] = time.monotonic
        self.questions: list[Callable[[], Any]] = []
        """What waits to be asked: each makes a dialog, or None where it needs not be asked any more."""

    def begin(self, acts: list[Act]) -> list[Deed]:
        """Take up acts."""
        new = [Deed(act) for act in acts]
        self.running += new
        return new

    def end(self, deed: Deed) -> None:
        """Let go of one that is over."""
        if deed in self.running:
            self.running.remove(deed)

    def hear(self, deed: Deed, report: Report) -> None:
        """Take down how far one has come."""
        deed.report, deed.heard = report, self.clock()
        if report.outcome.final:
            self.end(deed)

    def lines(self, glyphs: Glyphs, *, clusters: int) -> list[Cell]:
        """Write a line for each, that of another cluster naming it where there are several."""
        lines: list[Cell] = []
        for deed in self.running:
            where = f" ({deed.act.ref.cluster})" if clusters > 1 else ""
            told = f"beginning{glyphs.more}"
            if (report := deed.report) is not None:
                seconds = report.seconds + self.clock() - deed.heard
                told = f"{words(report)} ({seconds:.0f} s)"
            held = deed.report is not None and deed.report.outcome is Outcome.REQUESTED
            mark = "held" if held else "moving"
            lines.append(Cell(f"{glyphs.health[Health.PROGRESSING]} {deed.place}{where}: {told}", (mark,)))
        return lines
