"""The whole object of an item as YAML, without its secrets: fetched when it is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from textual.binding import Binding, BindingType

from trombone_tui.core.masking import masked
from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.ports import PortError, Refused
from trombone_tui.core.text import moment
from trombone_tui.ui.cells import Cell, Text
from trombone_tui.ui.desk import Desk
from trombone_tui.ui.page import Page
from trombone_tui.ui.scroll import Document, Scroll
from trombone_tui.ui.sheet import pairs, rule


class ManifestView(Page):
    """An object as the API server has it. Secrets are masked before anything here sees them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "managed", "managed", tooltip="show or hide managedFields", id="manifest.managed"),
        Binding("r", "again", "refresh", tooltip="fetch the object again", id="manifest.again"),
    ]

    about = "an object as YAML"

    def __init__(self, desk: Desk, ref: Ref) -> None:
        super().__init__(desk)
        self.ref = ref
        self._masked: Mapping[str, Any] | None = None
        self._document: Document | None = None
        self._fetched: datetime | None = None
        self._trouble: PortError | None = None
        self._busy = True
        self._managed = False

    def on_mount(self) -> None:
        """Fetch once it is on the screen that it is being fetched."""
        self.call_after_refresh(self.action_again)

    def update(self) -> None:
        """Say what is shown; snapshots change nothing of it."""
        left = [Cell(" YAML ", ("dim",)), Cell(f"{self.ref} ", ("strong",))]
        right: list[Cell] = []
        if self._busy and self._document is not None:
            right.append(Cell(f" fetching{self.desk.glyphs.more} ", ("accent",)))
        elif self._fetched is not None and self.desk.feed is not None:
            right.append(Cell(f" as of {moment(self._fetched, self.desk.feed.now)} ", ("dim",)))
        self.title_of(left, right)
        self.why.display = self._trouble is not None and self._document is not None
        if self._trouble is not None:
            self.why.say(Cell(f"not fetched again: {self._trouble}; {self._trouble.advice}", ("bad",)))

    def copied(self) -> Sequence[str]:
        """Return the YAML as it is shown."""
        return self._document.lines if self._document is not None else ()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be done with what is there."""
        if action in ("search", "copy", "managed") and self._document is None:
            return False
        return super().check_action(action, parameters)

    def action_again(self) -> None:
        """Fetch the object again; the place in the text stays."""
        self._busy = True
        self._say()
        self.run_worker(self._fetch(), exclusive=True)

    def action_managed(self) -> None:
        """Show ``metadata.managedFields``, or leave them out."""
        self._managed = not self._managed
        if not self._busy:
            self._busy = True
            self.run_worker(self._rewrite(), exclusive=True)

    async def _fetch(self) -> None:
        feed = self.desk.feed
        try:
            if feed is None:
                again = self.desk.keyboard.key("manifest.again", "r")
                raise Refused(
                    "no cluster is reached yet", advice=f"wait for the connection, then press {again}"
                )
            self._masked = await self._without_secrets(await feed.whole(self.ref))
            fetched = feed.now
            await self._write_down()
            self._trouble, self._fetched = None, fetched
        except PortError as error:
            self._trouble = error
        except RecursionError:
            self._trouble = Refused("the object is nested too deeply to be shown", advice="use kubectl")
        self._ready()

    async def _without_secrets(self, whole: Mapping[str, Any]) -> Mapping[str, Any]:
        made: Mapping[str, Any] = await asyncio.to_thread(masked, whole, self.desk.glyphs.mask)
        return made

    async def _rewrite(self) -> None:
        await self._write_down()
        self._ready()

    async def _write_down(self) -> None:
        """Write what was fetched as YAML; anew if meanwhile ``m`` was pressed."""
        managed: bool | None = None
        while managed is not self._managed and self._masked is not None:
            managed, ascii_only = self._managed, self.desk.glyphs.ascii_only
            self._document = await asyncio.to_thread(
                _document, self._masked, managed=managed, ascii_only=ascii_only
            )

    def _ready(self) -> None:
        self._busy = False
        self._say()

    def _say(self) -> None:
        self.sheet.say(self._write)
        self.update()
        self.refresh_bindings()

    def _write(self, width: int) -> Sequence[Text]:
        if self._document is not None:
            return Scroll(self._document, width, self.desk.glyphs.mask)
        if self._busy:
            return [[], [Cell(f"fetching{self.desk.glyphs.more}", ("dim",))]]
        told = [("problem", Cell(str(self._trouble), ("bad",)))]
        if self._trouble is not None and self._trouble.advice:
            told.append(("what to do", Cell(self._trouble.advice)))
        return [[], rule("Can't be shown", width, self.desk.glyphs), [], *pairs(told, width)]


def _document(whole: Mapping[str, Any], *, managed: bool, ascii_only: bool) -> Document:
    from trombone_tui.core.manifest import manifest  # noqa: PLC0415 - loads PyYAML, in a thread, when asked

    return Document(manifest(whole, managed=managed), ascii_only=ascii_only)
