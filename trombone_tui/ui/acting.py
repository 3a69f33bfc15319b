"""The part of the program that does things: asked, confirmed, performed, and told how it came out."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from functools import partial
from typing import Literal

from textual.notifications import Notification, Notify

from trombone_tui.core.ports import PortError
from trombone_tui.core.text import clean
from trombone_tui.core.verbs import Act, Acts, Given, Outcome, Report
from trombone_tui.ui.choices import Choice
from trombone_tui.ui.confirmation import Confirmation
from trombone_tui.ui.deeds import Deed, said, severity
from trombone_tui.ui.desk import Desk
from trombone_tui.ui.form import Form, form_title
from trombone_tui.ui.given import missing
from trombone_tui.ui.paint import PaintingApp
from trombone_tui.ui.question import Question
from trombone_tui.ui.view import View

_SOON, _LATER = 8.0, 25.0
"""Seconds for which a final report stays: a good one, and one that somebody has to act on."""

_TICK = 1.0
"""Seconds between two looks at how long something takes; nothing ticks while nothing is done."""

Loudness = Literal["information", "warning", "error"]


class ActingApp(PaintingApp):
    """Does verbs. All it shows is made from what the stages declare."""

    desk: Desk

    def begin(self, choice: Choice, given: Given | None = None, *, ask: bool = False) -> None:
        """Do a verb: ask for its options where one is needed or ``ask`` says so, then for a yes."""
        given = given or {}
        if choice.reason:
            self.tell(f"{choice.name}: {choice.reason}", "warning")
        elif (ask and choice.verb.options) or missing(choice.verb, given) is not None:
            then = partial(self.confirm, choice)
            self.push_screen(Form(self.desk, choice.verb, form_title(choice, {}), given, then))
        else:
            self.confirm(choice, given)

    def confirm(self, choice: Choice, given: Given, *, earlier: Act | None = None) -> None:
        """Ask for a yes, or do at once what harms nothing."""
        if all(verb.harmless for _, verb in choice.on):
            self.run_worker(self._at_once(choice, given), group="deeds")
            return
        change = partial(self.begin, choice, given, ask=True)
        self.push_screen(
            Confirmation(self.desk, choice, given, go=self.perform, change=change, earlier=earlier)
        )

    def perform(self, acts: Sequence[Act]) -> None:
        """Do what was confirmed; nothing where it is read-only by now."""
        read_only = self.desk.read_only
        for act in acts:
            if reason := read_only.get(act.ref.cluster):
                self.tell(f"{reason}; nothing was sent", "warning")
                return
        if acts and self.desk.acts is not None:
            self.run_worker(self._perform(self.desk.acts, list(acts)), group="deeds")

    def tell(self, text: str, loud: Loudness = "information", *, title: str = "") -> Notification:
        """Show a text for a while; what it says of a cluster is shown, never obeyed."""
        seconds = _SOON if loud == "information" else _LATER if title else _SOON
        notice = Notification(clean(text), clean(title), loud, seconds)
        self.post_message(Notify(notice))
        return notice

    def ask_pending(self) -> None:
        """Ask what waits to be asked, once nobody types and no other dialog is open."""
        while self.desk.deeds.questions and isinstance(self.screen, View) and not self.screen.typing:
            if (question := self.desk.deeds.questions.pop(0)()) is not None:
                self.push_screen(question)
                return

    def on_in_front(self) -> None:
        """Ask what waited for a dialog to be closed."""
        self.ask_pending()

    async def _at_once(self, choice: Choice, given: Given) -> None:
        acts = self.desk.acts
        if acts is None:
            return
        ready: list[Act] = []
        for ref, verb in choice.on:
            try:
                act = await acts.prepare(ref, verb, given)
            except PortError as error:
                advice = f"; {error.advice}" if error.advice else ""
                self.tell(f"{error}{advice}", "error", title=f"{choice.name} {ref}")
                return
            if act.missing:
                lacking = ", ".join(f"you may not {right}" for right in act.missing)
                self.tell(lacking, "error", title=f"{choice.name} {ref}")
                return
            if act.plan.noop:
                self.tell(f"nothing to do: {act.plan.noop}", title=f"{choice.name} {ref}")
            else:
                ready.append(act)
        self.perform(ready)

    async def _perform(self, acts: Acts, confirmed: list[Act]) -> None:
        deeds = self.desk.deeds.begin(confirmed)
        self._show_deeds()
        ticking = self.set_interval(_TICK, self._show_deeds)
        try:
            await self._followed(acts, deeds)
        finally:
            ticking.stop()

    async def _followed(self, acts: Acts, deeds: list[Deed]) -> None:
        confirmed = [deed.act for deed in deeds]
        if len(deeds) == 1:
            async with aclosing(acts.perform(confirmed[0])) as reports:
                async for report in reports:
                    self._heard(deeds[0], report)
        else:
            by_act = {id(deed.act): deed for deed in deeds}
            async with aclosing(acts.perform_all(confirmed)) as told:
                async for act, report in told:
                    self._heard(by_act[id(act)], report)

    def _heard(self, deed: Deed, report: Report) -> None:
        """Show how far it has come: in the line above the keys, and once it is over beside it for longer."""
        self.desk.deeds.hear(deed, report)
        if report.outcome.final:
            self.tell(said(report), severity(report), title=deed.title)
        if isinstance(self.screen, Question) and self.screen.about is deed:
            self.screen.dismiss()
        if report.outcome is Outcome.REQUESTED:
            self.desk.deeds.questions.append(partial(self._touching, deed))
        elif report.outcome is Outcome.CONFLICT:
            self.desk.deeds.questions.append(partial(self._again, deed, report))
        self._show_deeds()
        self.ask_pending()

    def _touching(self, deed: Deed) -> Question | None:
        """Ask whether to touch an object, unless its controller has taken the request up by now."""
        report = deed.report
        if report is None or report.outcome is not Outcome.REQUESTED:
            return None
        asked = "Requested, not taken up by its controller: touch it so that it looks again?"
        return Question(self.desk, deed.title, said(report), asked, partial(self._touch, deed), about=deed)

    def _touch(self, deed: Deed) -> None:
        if deed in self.desk.deeds.running and deed.act.ref.cluster not in self.desk.read_only:
            self.run_worker(self._touched(deed), group="deeds")

    async def _touched(self, deed: Deed) -> None:
        if self.desk.acts is None:
            return
        report = await self.desk.acts.touch(deed.act)
        if report.outcome.final:
            self.tell(said(report), severity(report), title=deed.title)
        elif deed in self.desk.deeds.running:
            self.desk.deeds.hear(deed, report)
            self._show_deeds()

    def _again(self, deed: Deed, report: Report) -> Question:
        """Say what changed meanwhile, and offer to look again."""
        act = deed.act
        again = partial(
            self.confirm, Choice(verb=act.verb, on=((act.ref, act.verb),)), act.given, earlier=act
        )
        return Question(self.desk, deed.title, said(report), "Look at it again?", again)

    def _show_deeds(self) -> None:
        for screen in reversed(self.screen_stack):
            if isinstance(screen, View):
                screen.show_deeds()
                return
