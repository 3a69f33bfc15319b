"""The Changes table: a row a service, the state of each stage as a hop, the first broken hop lit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trombone_tui.core.ports import State
from trombone_tui.core.service import Hop, Service
from trombone_tui.core.snapshot import Snapshot
from trombone_tui.core.stage import Column, Stage
from trombone_tui.ui.cells import Cell
from trombone_tui.ui.rows import Rank
from trombone_tui.ui.theme import HEALTH_MARK, STATE_WORD, Glyphs

_WIDE = 98
_HOP = 20
"""A hop's cells at most: a glyph, a blank and a brief of some 16 characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRow:
    """A service, the name that tells it apart, and how far each of its stages can be trusted."""

    service: Service
    label: str
    states: tuple[State, ...]

    @property
    def why(self) -> str:
        """The sentence of the hop that explains it best."""
        held = self.service.held
        return self.service.hops[held].why if held else ""


class ServiceRows:
    """Makes the rows of a snapshot; a row of which nothing changed is the same object as before."""

    def __init__(self, stages: Sequence[Stage]) -> None:
        self._stages = stages
        self._rows: dict[str, ServiceRow] = {}

    def read(self, snapshot: Snapshot) -> Mapping[str, ServiceRow]:
        """Return the rows by the services' keys."""
        states = self._states(snapshot)
        names = Counter((s.cluster, s.name) for s in snapshot.services.values())
        rows: dict[str, ServiceRow] = {}
        for key, service in snapshot.services.items():
            label = _label(service, alone=names[service.cluster, service.name] == 1)
            of_cluster = states.get(service.cluster, ())
            row = self._rows.get(key)
            same = row and row.service is service and row.states == of_cluster and row.label == label
            rows[key] = row if row and same else ServiceRow(service=service, label=label, states=of_cluster)
        if any(self._rows.get(key) is not row for key, row in rows.items()) or len(rows) != len(self._rows):
            self._rows = rows
        return self._rows

    def _states(self, snapshot: Snapshot) -> dict[str, tuple[State, ...]]:
        by_cluster: dict[str, dict[str, State]] = {}
        for stage in self._stages:
            for panel in snapshot.stages[stage.name].panel:
                by_cluster.setdefault(panel.cluster, {})[stage.name] = panel.state
        return {
            cluster: tuple(states.get(stage.name, State.CONNECTING) for stage in self._stages)
            for cluster, states in by_cluster.items()
        }


def _label(service: Service, *, alone: bool) -> str:
    if alone:
        return service.name
    place = next((hop.ref.namespace for hop in reversed([*service.hops.values()]) if hop.ref.namespace), "")
    return f"{place}/{service.name}" if place else service.name


class ServiceFace:
    """The rows of services: broken ones first, then those that wait, then by name."""

    def __init__(self, stages: Sequence[Stage], glyphs: Glyphs) -> None:
        self.clusters = 1
        self.longest = 0
        """Cells of the longest name, so that hops get what names don't need."""
        self._stages = stages
        self._glyphs = glyphs

    def columns(self, width: int) -> Sequence[Column]:
        """Return service, cluster where there are several, a hop a stage, and why where there is room."""
        wide = width >= _WIDE
        gap = 2 if wide else 1
        hops = len(self._stages)
        name = min(max(self.longest, 10), 24) if wide else 12
        columns = [Column(key="service", title="SERVICE", width=name, rank=0, grow=not wide)]
        if self.clusters > 1:
            columns.append(Column(key="cluster", title="CLUSTER", width=14 if wide else 10, rank=0))
        room = width - sum(column.width + gap for column in columns) - gap * (hops - 1)
        for number, stage in enumerate(self._stages, 1):
            title = stage.name.upper()
            cells = min(_HOP, room // hops) if wide else len(title)
            columns.append(Column(key=stage.name, title=title, width=cells, rank=number))
        left = room - sum(column.width for column in columns[-hops:]) if wide else 0
        if left - gap >= 20:
            columns.append(Column(key="why", title="WHY", width=20, grow=True, rank=9))
        elif wide:
            columns[0] = Column(key="service", title="SERVICE", width=name, rank=0, grow=True)
        return columns

    def cells(self, row: ServiceRow, columns: Sequence[Column]) -> Sequence[Cell]:
        """Write a row: hops after the first broken one are dim, for they can only follow."""
        service = row.service
        order = [stage.name for stage in self._stages]
        broken = order.index(service.broken) if service.broken in order else len(order)
        cells: list[Cell] = []
        for column in columns:
            if column.key == "service":
                cells.append(Cell(row.label, ("bad", "strong") if service.broken else ("strong",)))
            elif column.key == "cluster":
                cells.append(Cell(service.cluster, ("dim",)))
            elif column.key == "why":
                cells.append(Cell(row.why, () if service.broken else ("dim",)))
            else:
                place = order.index(column.key)
                cells.append(self._hop(row, place, brief=column.width > len(column.title), broken=broken))
        return cells

    def rank(self, row: ServiceRow) -> Rank:
        """Rank by how much somebody is needed: broken, held, all others; then by name."""
        held = row.service.held
        badness = row.service.hops[held].health.badness if held else 0
        return (-badness if badness > 2 else 0, row.label, row.service.cluster)

    def words(self, row: ServiceRow) -> str:
        """Name everything a filter may ask for."""
        hops = (f"{stage} {hop.health} {hop.brief} {hop.why}" for stage, hop in row.service.hops.items())
        return " ".join((row.label, row.service.cluster, *hops))

    def _hop(self, row: ServiceRow, place: int, *, brief: bool, broken: int) -> Cell:
        glyphs = self._glyphs
        hop: Hop | None = row.service.hops.get(self._stages[place].name)
        state = row.states[place] if place < len(row.states) else State.CONNECTING
        if hop is None:
            if state is State.LIVE:
                return Cell(glyphs.none, ("dim",))
            word = f" {STATE_WORD[state]}" if brief else ""
            return Cell(f"{glyphs.state[state]}{word}", ("dim",))
        glyph = glyphs.health[hop.health]
        if state is not State.LIVE:
            glyph = glyphs.mark_stale(glyph)
        text = f"{glyph} {hop.brief}" if brief else glyph
        if place > broken:
            return Cell(text, ("dim",))
        mark = HEALTH_MARK[hop.health]
        return Cell(text, (mark, "lit") if place == broken else (mark,))
