"""How far installing or uninstalling has come, object by object, and the way back from it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any, ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.worker import Worker, WorkerCancelled

from trombone_tui.core.installing import Came
from trombone_tui.core.text import clean
from trombone_tui.ui.cells import Cell, Text
from trombone_tui.ui.choices import place_of
from trombone_tui.ui.desk import Desk
from trombone_tui.ui.installing.consent import Consent
from trombone_tui.ui.installing.signs import of_progress
from trombone_tui.ui.installing.split import Row, SplitView
from trombone_tui.ui.installing.telling import counted, undo_asked
from trombone_tui.ui.messages import CursorMoved
from trombone_tui.ui.view import View
from trombone_tui.ui.works import Course, Phase, Work
from trombone_tui.ui.writing import plain_lines

_UNBROKEN = 10_000
_GROUP = "works"
_SOON = 4.0
"""Seconds for which it is said that a work goes on: the line above the keys says so as long as it does."""


def set_going(app: App[Any], desk: Desk, work: Work, course: Course) -> None:
    """Have the app go through a work's phases, whatever screens come and go; it ends with the app."""
    desk.works.all.append(work)
    work.worker = app.run_worker(_carry_out(app, work, course), name=work.title, group=_GROUP)


async def _carry_out(app: App[Any], work: Work, course: Course) -> None:
    await work.follow(course, partial(_changed, app))
    if not (isinstance(app.screen, ProgressView) and app.screen.work is work) and work.verdicts:
        said = clean(work.verdicts[-1][1].text)
        title = clean(f"{work.title}: {work.said}")
        app.notify(said, title=title, severity="error" if work.bad else "information", markup=False)


def _changed(app: App[Any]) -> None:
    """Show it on the screen in front."""
    for screen in reversed(app.screen_stack):
        if isinstance(screen, ProgressView):
            screen.heard()
        if isinstance(screen, View):
            screen.show_deeds()
            return


class ProgressView(SplitView):
    """A work as it goes on; leaving the screen does not stop it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("U", "take_back", "take back", tooltip="take back what was applied", id="progress.back"),
    ]

    about = "the progress of installing"

    def __init__(self, desk: Desk, work: Work) -> None:
        super().__init__(desk)
        self.work = work
        self._pointed: tuple[int, int] | None = None

    def rows(self) -> Sequence[Row]:
        """Return an object a row, and what became of it."""
        return [
            Row(
                key=(0, number),
                name=f"{step.ref.kind} {place_of(step.ref)}",
                stage=step.stage,
                sign=of_progress(step.came, self.desk.glyphs),
                text=step.text,
            )
            for number, step in self.work.steps.items()
        ]

    def heading(self) -> tuple[Sequence[Cell], Sequence[Cell]]:
        """Return what is done where, and how far it is."""
        work, glyphs = self.work, self.desk.glyphs
        left = [Cell(f" {work.title} ", ("strong",)), Cell(f"on {work.cluster} ", ("dim",))]
        if work.running:
            seconds = f" ({work.seconds:.0f} s)" if work.seconds >= 1 else ""
            sign = of_progress(Came.SENDING, glyphs)
            return left, [Cell(f" {sign.sign} {work.said}{seconds} ", (sign.mark,))]
        if not work.verdicts:
            return left, []
        sign = of_progress(work.verdicts[-1][1].came, glyphs)
        return left, [Cell(f" {sign.sign} {work.said} ", (sign.mark,))]

    def write(self, width: int) -> list[Text]:
        """Write what became of the object, then how each phase ended, the last first."""
        lines: list[Text] = []
        glyphs = self.desk.glyphs
        if self.table.cursor is not None:
            step = self.work.steps[self.table.cursor[1]]
            sign = of_progress(step.came, glyphs)
            said = f": {step.text}" if step.text else ""
            rows = [("state", Cell(f"{sign.sign} {sign.word or 'not begun'}{said}", (sign.mark,)))]
            if step.reply:
                rows.append(("answered", Cell(f"HTTP {step.reply}", ("dim",))))
            lines += self.section(f"{step.ref.kind} {place_of(step.ref)}", rows, width)
        if self.work.verdicts:
            ends = []
            for phase, last in reversed(self.work.verdicts):
                sign = of_progress(last.came, glyphs)
                ends.append((f"{phase}", Cell(f"{sign.sign} {sign.word}: {last.text}", (sign.mark,))))
            lines += [[], *self.section("So far", ends, width)]
        return lines

    def copied(self) -> str:
        """Return what became of all objects, and how each phase ended."""
        steps = [
            f"{step.came or 'not begun'}: {step.ref} {step.text}".strip() for step in self.work.steps.values()
        ]
        return "\n".join([*steps, *plain_lines(self.write(_UNBROKEN))])

    def tell(self) -> None:
        """Say how it stands, and what can be done about it."""
        work = self.work
        if work.running:
            self.why.say(Cell("Leaving this screen does not stop it."))
            return
        said = work.verdicts[-1][1].text if work.verdicts else work.said
        key = self.desk.keyboard.key("progress.back", "U")
        back = f" {key} takes {counted(len(work.deeds), 'object')} back." if self._can else ""
        self.why.say(Cell(f"{said}.{back}", ("bad",) if work.bad else ()))

    def heard(self) -> None:
        """Show how far it is; the cursor goes with it until somebody moves it."""
        self.update()
        self.tell()
        now = [n for n, step in self.work.steps.items() if step.came is Came.SENDING]
        if now and self._pointed in (None, self.table.cursor):
            self._pointed = (0, now[0])
            self.table.point(self._pointed)

    def on_cursor_moved(self, _: CursorMoved) -> None:
        """Let the cursor stay where somebody has put it."""
        if self._pointed is not None and self.table.cursor != self._pointed:
            self._pointed = (-1, 0)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to take back what can be taken back now."""
        if action == "take_back":
            return self._can
        return super().check_action(action, parameters)

    def quiet(self, action: str) -> bool:
        """Grey the way back where nothing can be changed."""
        return action == "take_back" and bool(self._read_only)

    def action_take_back(self) -> None:
        """Ask, then take back; what is only waited for is waited for no longer."""
        work = self.work
        if self._read_only:
            self.refused(f"{self._read_only}; nothing was sent")
            return
        asked = undo_asked(work.service, work.cluster, work.deeds, protected=work.protected)
        self.app.push_screen(Consent(self.desk, asked, self._take_back))

    def action_back(self) -> None:
        """Go back, and say that it goes on."""
        self._say_on()
        super().action_back()

    def action_leave(self) -> None:
        """Go back, and say that it goes on."""
        self._say_on()
        super().action_leave()

    @property
    def _can(self) -> bool:
        work = self.work
        still = work.running and work.phase is not Phase.WAITING
        return work.back is not None and bool(work.deeds) and not still

    @property
    def _read_only(self) -> str:
        return self.desk.read_only.get(self.work.cluster, "")

    def _take_back(self) -> None:
        if self._read_only or not self._can:
            self.refused(f"{self._read_only or 'that can not be taken back now'}; nothing was sent")
            return
        self.work.worker = self.app.run_worker(self._undo(self.work.worker), group=_GROUP)

    async def _undo(self, waiting: Worker[None] | None) -> None:
        work = self.work
        if waiting is not None and work.running:
            waiting.cancel()
            with suppress(WorkerCancelled):
                await waiting.wait()
        if work.back is not None:
            course = ((Phase.TAKING_BACK, partial(work.back, tuple(work.deeds))),)
            await _carry_out(self.app, work, course)

    def _say_on(self) -> None:
        if self.work.running:
            key = self.desk.keyboard.key("view.install", "i")
            said = f"{self.work.title} goes on: {self.work.said}; {key} leads back to it"
            self.notify(clean(said), markup=False, timeout=_SOON)
