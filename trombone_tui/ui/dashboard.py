"""The first screen: the Changes table over the six stages in travel order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.widget import Widget

from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.ports import State
from trombone_tui.core.stage import Item
from trombone_tui.ui.bars import Line
from trombone_tui.ui.cells import Cell
from trombone_tui.ui.desk import Desk
from trombone_tui.ui.details import DetailsView
from trombone_tui.ui.journey import JourneyView
from trombone_tui.ui.messages import CursorMoved
from trombone_tui.ui.panel import Selection, StagePanel
from trombone_tui.ui.services import ServiceFace, ServiceRow
from trombone_tui.ui.table import RowTable
from trombone_tui.ui.terminal import backlog
from trombone_tui.ui.theme import STATE_WORD
from trombone_tui.ui.view import View

_PANELS_FROM = (100, 30)
"""Columns and lines from which on the stage panels are shown."""

_LATER = 0.1
"""Seconds until the panels follow the selection on a terminal that is behind: held keys then skip some."""


class Dashboard(View):
    """Where every change is, and what is in each stage of it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "onward", "panels", tooltip="next panel", id="dashboard.next"),
        Binding("shift+tab", "backward", "panel before it", show=False, id="dashboard.previous"),
    ]

    about = "the dashboard"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.face = ServiceFace(desk.stages, desk.glyphs)
        self.changes: RowTable[str, ServiceRow] = RowTable(
            self.face, desk.glyphs, optional=True, id="changes"
        )
        self.title_line = Line(desk.glyphs, fill=Cell(desk.glyphs.rule, ("rule",)))
        self.services = Vertical(self.title_line, self.changes, id="services")
        self._roomy = False
        self._lines = 0
        install = desk.keyboard.key("view.install", "i")
        self.panels = [
            StagePanel(number, stage, desk.glyphs, desk.snapshot.taken, install=install)
            for number, stage in enumerate(desk.stages, 1)
        ]
        self.grid = Container(*self.panels, id="panels")

    def body(self) -> ComposeResult:
        """Put the Changes over the panels."""
        self._fit()
        yield self.services
        yield self.grid

    def on_mount(self) -> None:
        """Begin on the Changes."""
        self.set_focus(self.changes)

    def on_resize(self) -> None:
        """Show the panels where there is room, and what they have missed."""
        self._fit()
        if not self._roomy and self.target is not self.changes:
            if self.typing:
                self.filter_bar.action_done()
            self.set_focus(self.changes)
        self.update()
        self.refresh_bindings()

    @property
    def selected(self) -> bool:
        """Whether a service is selected."""
        return self.changes.cursor is not None

    @property
    def chosen(self) -> Ref | None:
        """The item under the cursor of the panel that has the focus."""
        item = self.target.current if self.target is not None else None
        return item.ref if isinstance(item, Item) else None

    @property
    def service_keys(self) -> tuple[str, ...]:
        """The selected service, or those of the item under the cursor of a panel."""
        return super().service_keys or ((self.changes.cursor,) if self.changes.cursor is not None else ())

    @property
    def service(self) -> ServiceRow | None:
        """The selected service, unless keys are for items of a panel."""
        return self.changes.current if not self.targets else None

    def release(self) -> None:
        """Show all services in the panels."""
        self.changes.release()

    def update(self) -> None:
        """Show the newest snapshot in the table and the panels."""
        snapshot = self.desk.snapshot
        clusters = {service.cluster for service in snapshot.services.values()}
        longest = max((len(row.label) for row in self.desk.services.values()), default=0)
        if (len(clusters), longest) != (self.face.clusters, self.face.longest):
            self.face.clusters, self.face.longest = len(clusters), longest
            self.changes.rearrange()
        self._fit()
        self.changes.update(self.desk.services)
        waiting = not self.desk.heard or not snapshot.settled
        nothing = f"connecting{self.desk.glyphs.more}" if waiting else "no service is seen"
        if self.changes.needle and self.desk.services:
            nothing = "no row has these words"
        self.changes.say_empty([Cell(nothing, ("dim",))])
        self._title()
        self._fill()

    def tell(self) -> None:
        """Say why the selected row is as it is; if none is, what needs somebody most."""
        name, why = self._word()
        self.why.say(Cell(f"{name}: {why}" if name else why))

    def filtered(self) -> None:
        """Say in the title what is filtered."""
        for panel in self.panels:
            panel.describe()
        self.update()

    def on_cursor_moved(self, event: CursorMoved) -> None:
        """Narrow the panels to the service that is selected now."""
        if event.table is not self.changes:
            return
        if backlog(self.app):
            self.set_timer(_LATER, self._fill)
        else:
            self._fill()

    def open_row(self, table: Widget, key: Any) -> None:
        """Open a service's journey or an item's details."""
        if table is self.changes:
            self.app.push_screen(JourneyView(self.desk, key))
            return
        for panel in self.panels:
            if panel.table is table:
                self.app.push_screen(DetailsView(self.desk, panel.stage, key))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the way to the panels only where they are."""
        if action in ("onward", "backward") and not self._roomy:
            return False
        return super().check_action(action, parameters)

    def action_onward(self) -> None:
        """Go on to the next table."""
        self.focus_next()

    def action_backward(self) -> None:
        """Go back to the table before."""
        self.focus_previous()

    def _fit(self) -> None:
        width, height = self.app.size
        self._roomy = width >= _PANELS_FROM[0] and height >= _PANELS_FROM[1]
        self.grid.set_class(self._roomy, "roomy")
        lines = min(max(len(self.desk.services), 3) + 2, height * 2 // 5)
        if self._lines != (wanted := lines if self._roomy else 0):
            self._lines = wanted
            self.services.styles.height = wanted or "1fr"

    def _title(self) -> None:
        count, seen = len(self.desk.services), len(self.changes.rows)
        lead = self.desk.glyphs.cursor if self.changes.has_focus else " "
        left = [Cell(lead, ("accent",)), Cell("Changes ", ("strong",))]
        if self.changes.needle:
            left.append(Cell(f"/{self.changes.needle} ", ("accent",)))
        shown = f"{count}" if seen == count else f"{seen} of {count}"
        self.title_line.say(left, [Cell(f" {shown} service{'s' * (count != 1)} ", ("dim",))])

    def on_descendant_blur(self) -> None:
        """Show in the title that the keys go elsewhere now."""
        self._title()

    def _fill(self) -> None:
        if not self._roomy:
            return
        snapshot, row = self.desk.snapshot, self.changes.current
        for panel in self.panels:
            of = None
            if row is not None:
                hop = row.service.hops.get(panel.stage.name)
                of = Selection(row.label, hop.refs if hop else ())
            panel.show(snapshot.stages[panel.stage.name], snapshot.taken, of)

    def _word(self) -> tuple[str, str]:
        """Return whom the why bar speaks of, and the sentence."""
        item = self.target.current if self.target is not None else None
        if isinstance(item, Item):
            return item.ref.name, item.why
        if (row := self.changes.current) is not None:
            return row.label, row.why
        return self._worst()

    def _worst(self) -> tuple[str, str]:
        """Return what needs somebody most: a service, else an item, else how far nothing is known to."""
        if len(self.changes.rows):
            row = self.changes.rows.values[self.changes.rows.key(0)]
            if row.needy:
                return row.label, row.why
        item = next(self._needy(), None)
        if item is not None:
            return item.ref.name, item.why
        unseen = [
            f"{stage.name} is {STATE_WORD[panel.state]}"
            for stage in self.desk.stages
            for panel in self.desk.snapshot.stages[stage.name].panel
            if panel.state is not State.LIVE
        ]
        if not self.desk.heard or not self.desk.snapshot.settled:
            return "", ""
        if unseen:
            return "", f"Nothing that can be seen needs you, but {', '.join(dict.fromkeys(unseen))}."
        return "", "Nothing needs you."

    def _needy(self) -> Iterator[Item]:
        for stage in self.desk.stages:
            now = self.desk.snapshot.stages[stage.name]
            yield from (now.items[ref] for ref in sorted(now.attention) if ref in now.items)
