"""One planned object in full: what would change in it, who else manages it, and how the manifests make it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from trombone_tui.core.installing import Planned
from trombone_tui.core.masking import masked
from trombone_tui.ui.cells import Cell, Text
from trombone_tui.ui.desk import Desk
from trombone_tui.ui.installing.signs import of_standing
from trombone_tui.ui.installing.telling import planned_rows, request_of
from trombone_tui.ui.page import Page
from trombone_tui.ui.scroll import Document, Scroll
from trombone_tui.ui.sheet import pairs, rule
from trombone_tui.ui.writing import plain_lines

_UNBROKEN = 10_000
"""The width a text is written for that is copied: wide enough that no line is broken."""


class PlannedView(Page):
    """An object as it would be applied. Secrets are masked before anything here sees them."""

    about = "the object of a plan"

    def __init__(self, desk: Desk, planned: Planned) -> None:
        super().__init__(desk)
        self.planned = planned
        self._document: Document | None = None

    def on_mount(self) -> None:
        """Write the object as YAML beside the screen, for that is slow."""
        self.run_worker(self._write_down(), exclusive=True)

    def update(self) -> None:
        """Say which object it is; snapshots change nothing of it."""
        sign = of_standing(self.planned.standing, self.desk.glyphs)
        left = [Cell(f" {self.planned.file} ", ("dim",)), Cell(f"{self.planned.ref} ", ("strong",))]
        self.title_of(left, [Cell(f" {sign.sign} {sign.word} ", (sign.mark,))])
        self.sheet.say(self._write)

    def copied(self) -> Sequence[str]:
        """Return the whole text, no line broken."""
        return plain_lines(self._write(_UNBROKEN))

    async def _write_down(self) -> None:
        self._document = await asyncio.to_thread(_document, self.planned, self.desk)
        self.update()

    def _write(self, width: int) -> list[Text]:
        glyphs, one = self.desk.glyphs, self.planned
        lines: list[Text] = [[], *pairs(planned_rows(one, glyphs), width)]
        if one.write is not None:
            lines += [[], rule("Request", width, glyphs), *pairs([("sends", request_of(one.write))], width)]
        lines += [[], rule("As the manifests make it", width, glyphs)]
        if self._document is None:
            return [*lines, [Cell(f"writing it down{glyphs.more}", ("dim",))]]
        return [*lines, *Scroll(self._document, width, glyphs.mask)]


def _document(planned: Planned, desk: Desk) -> Document:
    from trombone_tui.core.manifest import manifest  # noqa: PLC0415 - loads PyYAML, in a thread, when asked

    whole = masked(planned.body, desk.glyphs.mask)
    return Document(manifest(whole), ascii_only=desk.glyphs.ascii_only)
