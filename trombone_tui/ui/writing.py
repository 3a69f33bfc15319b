"""Details written down: facts, steps, trees and lines become lines of cells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from trombone_tui.core.details import Detail, Fact, Facts, Line, Lines, Steps, Tree
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.text import clean, moment, words
from trombone_tui.ui.branches import Branches
from trombone_tui.ui.cells import Cell, Text, broken
from trombone_tui.ui.sheet import pairs, rule
from trombone_tui.ui.theme import HEALTH_MARK, Glyphs


def write(
    details: Sequence[Detail],
    width: int,
    now: datetime,
    glyphs: Glyphs,
    branches: Branches,
    lines: list[Text],
) -> None:
    """Write details below what is written, each under its title; ``branches`` knows which are open."""
    for detail in details:
        lines += [[], rule(detail.title, width, glyphs)]
        if isinstance(detail, Facts):
            rows = [(fact.name, _value(fact, now, glyphs)) for fact in detail.facts]
            lines += pairs(rows, width)
        elif isinstance(detail, Steps):
            lines += _steps(detail, width, glyphs)
        elif isinstance(detail, Tree):
            branches.write(detail, width, glyphs, lines)
        else:
            lines += _lines(detail, width, now, glyphs)


def plain_lines(lines: Sequence[Text]) -> list[str]:
    """Return lines as plain text that can be pasted anywhere, without the rules beside titles."""
    return ["".join(clean(cell.text) for cell in line if "rule" not in cell.marks).rstrip() for line in lines]


def _value(fact: Fact, now: datetime, glyphs: Glyphs) -> Cell:
    text = words("", fact.value, now)
    if fact.health is None:
        return Cell(text, ("dim",) if fact.value is None else ())
    return Cell(f"{glyphs.health[fact.health]} {text}", (HEALTH_MARK[fact.health],))


def _steps(steps: Steps, width: int, glyphs: Glyphs) -> list[Text]:
    """Write steps down the screen: done ones ticked, the current one pointed at, later ones dim."""
    lines: list[Text] = []
    for number, step in enumerate(steps.steps, 1):
        glyph = glyphs.dot
        marks: tuple[str, ...] = ("dim",)
        if step.current:
            glyph, marks = glyphs.now, ("accent", "strong")
        elif step.done:
            glyph, marks = glyphs.health[Health.HEALTHY], ("ok",)
        text = f"{step.text}  {step.note}" if step.note else step.text
        said = marks if step.current or not step.done else ()
        for lead, line in pairs([(f"{glyph} {number:>2}", Cell(text))], width):
            lines.append([Cell(lead.text, marks), Cell(line.text, said)])
    return lines


def _lines(detail: Lines, width: int, now: datetime, glyphs: Glyphs) -> list[Text]:
    """Write lines behind their times, wrapped; signs stand in a column of their own if there are any."""
    signs = any(line.health is not None for line in detail.lines)
    times = [moment(line.at, now) if line.at is not None else "" for line in detail.lines]
    lead = max(map(len, times), default=0)
    lead += 2 if lead else 0
    room = max(8, width - lead - (2 if signs else 0))
    lines: list[Text] = []
    for line, at in zip(detail.lines, times, strict=True):
        sign = _sign(line, glyphs) if signs else None
        marks = (HEALTH_MARK[line.health],) if line.health is Health.DEGRADED else ()
        for number, text in enumerate(broken(line.text, room)):
            cells = [Cell((at if number == 0 else "").ljust(lead), ("dim",))]
            if sign is not None:
                cells.append(sign if number == 0 else Cell("  "))
            lines.append([*cells, Cell(text, marks)])
    return lines


def _sign(line: Line, glyphs: Glyphs) -> Cell:
    return (
        Cell("  ")
        if line.health is None
        else Cell(f"{glyphs.health[line.health]} ", (HEALTH_MARK[line.health],))
    )
