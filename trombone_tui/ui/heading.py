"""The line above all screens: where one looks, how far it can be trusted, how much needs somebody."""

from __future__ import annotations

from collections.abc import Sequence

from trombone_tui.core.ports import State
from trombone_tui.core.text import moment
from trombone_tui.ui.cells import Cell
from trombone_tui.ui.desk import Desk
from trombone_tui.ui.theme import STATE_MARK


def heading(desk: Desk) -> tuple[Sequence[Cell], Sequence[Cell]]:
    """Return the header's cells, left and right."""
    glyphs, snapshot = desk.glyphs, desk.snapshot
    left = [Cell(" trombone ", ("accent",)), Cell(f" {desk.place}", ("strong",))]
    if desk.namespaces:
        left.append(Cell(f" {glyphs.dot} {desk.namespaces}", ("dim",)))
    panels = [panel for stage in snapshot.stages.values() for panel in stage.panel]
    live = sum(panel.state is State.LIVE for panel in panels)
    if live == len(panels):
        state, word = State.LIVE, "live"
    elif any(panel.state is State.CONNECTING for panel in panels):
        state, word = State.CONNECTING, f"connecting, {live} of {len(panels)} live"
    else:
        state = next(p.state for p in panels if p.state is not State.LIVE)
        word = f"{live} of {len(panels)} live"
    need = sum(len(stage.attention) for stage in snapshot.stages.values())
    right = [
        Cell(f" {glyphs.state[state]} {word} ", (STATE_MARK[state],)),
        Cell(f"  {glyphs.attention} {need} need{'s' * (need == 1)} you ", ("held",) if need else ("dim",)),
    ]
    if read_only := desk.read_only:
        where = "" if len(read_only) == len(desk.clusters) else f" {', '.join(read_only)}"
        right.append(Cell(f"  read-only{where} ", ("accent",)))
    if desk.heard:
        right.append(Cell(f"  {moment(snapshot.taken, snapshot.taken)} ", ("dim",)))
    return left, right
