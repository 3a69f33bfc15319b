"""One stage over the whole screen: all its columns, its banner, sorted as asked."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget

from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.stage import Stage
from trombone_tui.ui.cells import Cell
from trombone_tui.ui.desk import Desk
from trombone_tui.ui.details import DetailsView
from trombone_tui.ui.panel import StagePanel
from trombone_tui.ui.view import View


class StationView(View):
    """The rows of one stage."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("o", "order", "order", id="station.order")]

    about = "one stage"

    def __init__(self, desk: Desk, stage: Stage) -> None:
        super().__init__(desk)
        self.stage = stage
        number = [s.name for s in desk.stages].index(stage.name) + 1
        install = desk.keyboard.key("view.install", "i")
        self.panel = StagePanel(number, stage, desk.glyphs, desk.snapshot.taken, full=True, install=install)

    def body(self) -> ComposeResult:
        """Show the panel alone."""
        yield self.panel

    def on_mount(self) -> None:
        """Begin on the rows."""
        self.set_focus(self.panel.table)

    @property
    def subject(self) -> Stage:
        """The stage of what is shown."""
        return self.stage

    @property
    def chosen(self) -> Ref | None:
        """The item under the cursor."""
        item = self.panel.table.current
        return item.ref if item is not None else None

    def update(self) -> None:
        """Show the stage as it is now."""
        self.panel.show(self.desk.snapshot.stages[self.stage.name], self.desk.snapshot.taken)

    def tell(self) -> None:
        """Say why the row under the cursor is as it is."""
        item = self.panel.table.current
        self.why.say(*([Cell(item.why)] if item is not None else []))

    def filtered(self) -> None:
        """Say in the title what is filtered."""
        self.panel.describe()

    def open_row(self, _: Widget, key: Any) -> None:
        """Open the details of a row."""
        self.app.push_screen(DetailsView(self.desk, self.stage, key))

    def action_order(self) -> None:
        """Sort by the next column; after the last by attention again."""
        keys = ["", *(column.key for column in self.panel.table.columns if column.key)]
        face = self.panel.face
        face.by = keys[(keys.index(face.by) + 1) % len(keys)] if face.by in keys else ""
        self.panel.table.sort()
        self.panel.describe()
