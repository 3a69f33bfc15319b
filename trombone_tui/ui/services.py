"""The Changes table: a row a service, the state of each stage as a hop, the first broken hop lit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.ports import State
from trombone_tui.core.service import Hop, Service
from trombone_tui.core.snapshot import PanelState, Snapshot
from trombone_tui.core.stage import Column, Stage
from trombone_tui.ui.cells import Cell
from trombone_tui.ui.rows import Rank
from trombone_tui.ui.theme import HEALTH_MARK, STATE_WORD, Glyphs

_WIDE = 98
_HOP = 20
"""A hop's cells at most: a glyph, a blank and a brief of some 16 characters."""


_NONE: frozenset[Ref] = frozenset()

FLAG = Column(key="flag", title="", width=2, rank=0)
"""Before all others: whether the service needs a human."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRow:
    """A service, the name that tells it apart, and how far each of its stages can be trusted."""

    service: Service
    label: str
    panels: tuple[PanelState, ...]
    """One a stage, in travel order."""
    needy: tuple[str, ...]
    """The stages whose hop needs a human."""

    @property
    def held(self) -> str:
        """The stage whose hop explains the service best; empty if there is none."""
        held = self.service.held
        return held if held in self.needy or not self.needy else self.needy[0]

    @property
    def why(self) -> str:
        """The sentence of the hop that explains it best."""
        return self.service.hops[self.held].why if self.held else ""


class ServiceRows:
    """Makes the rows of a snapshot; a row of which nothing changed is the same object as before."""

    def __init__(self, stages: Sequence[Stage]) -> None:
        self._stages = stages
        self._rows: dict[str, ServiceRow] = {}
        self._panels: dict[str, tuple[PanelState, ...]] = {}
        self._attention: dict[str, frozenset[Ref]] = {}

    def read(self, snapshot: Snapshot) -> Mapping[str, ServiceRow]:
        """Return the rows by the services' keys."""
        attention = {name: stage.attention for name, stage in snapshot.stages.items()}
        moved: set[Ref] = set()
        for name, now in attention.items():
            if now is not (was := self._attention.get(name, _NONE)):
                moved |= now ^ was
        panels = self._by_cluster(snapshot)
        names = Counter([(s.cluster, s.name) for s in snapshot.services.values()])
        rows: dict[str, ServiceRow] = {}
        for key, service in snapshot.services.items():
            old = self._rows.get(key)
            label = service.name if names[service.cluster, service.name] == 1 else _label(service)
            panel = panels.get(service.cluster, ())
            same = old is not None and old.service is service and old.label == label and old.panels is panel
            if old is None or not same or (moved and any(h.ref in moved for h in service.hops.values())):
                needy = tuple(s for s, hop in service.hops.items() if hop.ref in attention[s])
                old = ServiceRow(service=service, label=label, panels=panel, needy=needy)
            rows[key] = old
        self._attention = attention
        if any(self._rows.get(key) is not row for key, row in rows.items()) or len(rows) != len(self._rows):
            self._rows = rows
        return self._rows

    def _by_cluster(self, snapshot: Snapshot) -> dict[str, tuple[PanelState, ...]]:
        found: dict[str, list[PanelState]] = {}
        for stage in self._stages:
            for panel in snapshot.stages[stage.name].panel:
                found.setdefault(panel.cluster, []).append(panel)
        for cluster, panels in found.items():
            if self._panels.get(cluster) != (new := tuple(panels)):
                self._panels[cluster] = new
        return self._panels


def _label(service: Service) -> str:
    """Return a name that tells services of one name apart."""
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
        columns = [FLAG, Column(key="service", title="SERVICE", width=name, rank=0, grow=not wide)]
        if self.clusters > 1:
            columns.append(Column(key="cluster", title="CLUSTER", width=14 if wide else 10, rank=0))
        gaps = gap * (len(columns) + hops - 2)
        room = width - sum(column.width for column in columns) - gaps
        for number, stage in enumerate(self._stages, 1):
            title = stage.name.upper()
            cells = min(_HOP, room // hops) if wide else len(title)
            columns.append(Column(key=stage.name, title=title, width=cells, rank=number))
        left = room - sum(column.width for column in columns[-hops:]) if wide else 0
        if left - gap >= 20:
            columns.append(Column(key="why", title="WHY", width=20, grow=True, rank=9))
        elif wide:
            columns[1] = Column(key="service", title="SERVICE", width=name, rank=0, grow=True)
        return columns

    def cells(self, row: ServiceRow, columns: Sequence[Column]) -> Sequence[Cell]:
        """Write a row: hops after the first broken one are dim, for they can only follow."""
        service = row.service
        order = [stage.name for stage in self._stages]
        broken = order.index(service.broken) if service.broken in order else len(order)
        cells: list[Cell] = []
        for column in columns:
            if column.key == "flag":
                cells.append(Cell(self._glyphs.attention if row.needy else "", ("held",)))
            elif column.key == "service":
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
        """Rank by how much somebody is needed: what is broken, what waits for somebody, all others."""
        badness = row.service.hops[row.held].health.badness if row.needy else 0
        return (not row.needy, -badness, row.label, row.service.cluster)

    def words(self, row: ServiceRow) -> str:
        """Name everything a filter may ask for."""
        hops = (f"{stage} {hop.health} {hop.brief} {hop.why}" for stage, hop in row.service.hops.items())
        return " ".join((row.label, row.service.cluster, *hops))

    def _hop(self, row: ServiceRow, place: int, *, brief: bool, broken: int) -> Cell:
        glyphs = self._glyphs
        hop: Hop | None = row.service.hops.get(self._stages[place].name)
        panel = row.panels[place] if place < len(row.panels) else None
        state = panel.state if panel else State.CONNECTING
        if hop is None:
            if panel and state is State.LIVE:
                unseen = f"{glyphs.none}?" + " not seen" * brief
                return Cell(unseen if panel.reason else glyphs.none, ("dim",))
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
