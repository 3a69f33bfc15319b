"""Asks before anything is changed, and shows what would be: target, effect, warnings, requests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.ports import PortError, Refused
from trombone_tui.core.verbs import Act, Given
from trombone_tui.ui.approval import Approval, approval_keys
from trombone_tui.ui.cells import Cell, Text
from trombone_tui.ui.choices import Choice, place_of
from trombone_tui.ui.desk import Desk
from trombone_tui.ui.plans import plan_lines, rehearsal_lines, request_lines, several_lines, trouble_lines
from trombone_tui.ui.sheet import pairs


class Confirmation(Approval):
    """What a verb would do, worked out anew, and whether it is to be done.

    ``go`` is called with the acts that were confirmed, ``change`` where other options are wanted.
    """

    group = "confirm"
    BINDINGS: ClassVar[list[BindingType]] = [
        *approval_keys(group, "the answer that stands out"),
        Binding("d", "requests", "requests", tooltip="the exact requests", id="confirm.requests"),
        Binding("t", "rehearse", "dry run", tooltip="ask the API server what would change", id="confirm.try"),
        Binding("o", "options", "options", tooltip="give other options", id="confirm.options"),
    ]

    def __init__(
        self,
        desk: Desk,
        choice: Choice,
        given: Given,
        *,
        go: Callable[[Sequence[Act]], None],
        change: Callable[[], None],
        earlier: Act | None = None,
    ) -> None:
        super().__init__(desk)
        self.choice = choice
        self.acts: list[Act] = []
        self.refused: list[tuple[Ref, PortError]] = []
        self.ready = False
        self._given, self._go, self._change, self._earlier = given, go, change, earlier
        self._requests = False
        self._rehearsal: Sequence[str] | PortError | None = None
        self._rehearsing = False

    @property
    def sendable(self) -> list[Act]:
        """The acts that would send something and may."""
        return [act for act in self.acts if not act.plan.noop and not act.missing]

    @property
    def dangerous(self) -> bool:
        """Whether ``no`` is the answer until somebody says otherwise."""
        return any(act.dangerous for act in self.sendable)

    @property
    def to_type(self) -> str:
        """What has to be typed: the object's name, the cluster's for several; nothing mostly."""
        guarded = [act.ref for act in self.sendable if act.protected]
        if not guarded:
            return ""
        return guarded[0].name if len(self.sendable) == 1 else guarded[0].cluster

    def on_mount(self) -> None:
        """Work out what would be done."""
        self.run_worker(self._prepare(), group="prepare", exclusive=True)

    def heading(self) -> tuple[Sequence[Cell], Sequence[Cell]]:
        """Return the verb and what it is done to."""
        return [Cell(f" {self.choice.name} ", ("strong",)), Cell(f"{self._on} ", ("dim",))], []

    def write(self, width: int) -> list[Text]:
        """Write what would be done, and all that was asked for beside."""
        glyphs = self.desk.glyphs
        lines: list[Text] = []
        if self._earlier is not None:
            lines += pairs([("it was", Cell(self._earlier.plan.before, ("dim",)))], width)
        if len(self.choice.on) == 1:
            lines += [line for act in self.acts for line in plan_lines(act, width, glyphs)]
        else:
            lines += several_lines(self.acts, width, glyphs)
        for ref, error in self.refused:
            lines += trouble_lines(ref, error, width, glyphs)
        if not self.ready:
            read = f"{len(self.acts) + len(self.refused)} of {len(self.choice.on)} "
            what = f"reading {read if len(self.choice.on) > 1 else ''}{self._on}{glyphs.more}"
            lines.append([Cell(what, ("accent",))])
        if self._rehearsing:
            lines.append([Cell(f"asking the API server{glyphs.more}", ("accent",))])
        elif isinstance(self._rehearsal, PortError):
            lines += trouble_lines(self.choice.on[0][0], self._rehearsal, width, glyphs)
        elif self._rehearsal is not None:
            lines += rehearsal_lines(self._rehearsal, width, glyphs)
        if self._requests:
            lines += request_lines(self.sendable, width, glyphs)
        return lines

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be done now: nothing is confirmed that was not worked out."""
        if action in ("yes", "requests", "rehearse") and not (self.ready and self.sendable):
            return False
        if action == "options" and not (self.ready and self.choice.verb.options):
            return False
        return super().check_action(action, parameters)

    def unmoved(self) -> None:
        """Take ``enter`` for the answer that stands out."""
        if self.ready and self.sendable and not self.dangerous:
            self.action_yes()
        elif self.ready:
            self.dismiss()

    def confirmed(self) -> None:
        """Have done what can be sent."""
        self._go(self.sendable)

    def asking(self) -> Sequence[Cell]:
        """Return the question with its answers, or how to leave where there is nothing to ask."""
        if not self.ready:
            return [Cell(f" {self.key('no')} or {self.key('close')}: leave it", ("dim",))]
        if not self.sendable:
            leave = f"{self.key('default')} or {self.key('close')}: close"
            return [Cell(" Nothing is sent. ", ("strong",)), Cell(leave, ("dim",))]
        count, all_ = len(self.sendable), len(self.choice.on)
        left_out = f" ({all_ - count} left out)" if all_ > count else ""
        on = self._on if count == all_ else f"{count} of {all_} objects"
        return self.answered(f"{self.choice.name} {on}{left_out}?", dangerous=self.dangerous)

    def action_requests(self) -> None:
        """Show the exact requests, or hide them."""
        self._requests = not self._requests
        self.show()
        if self._requests:
            self._reveal("Requests")

    def action_rehearse(self) -> None:
        """Have the API server say what would change."""
        self._rehearsing, self._rehearsal = True, None
        self.show()
        self.run_worker(self._rehearse(), group="rehearse", exclusive=True)

    def action_options(self) -> None:
        """Give other options."""
        self.dismiss()
        self._change()

    @property
    def _on(self) -> str:
        targets = self.choice.on
        return place_of(targets[0][0]) if len(targets) == 1 else f"{len(targets)} objects"

    def _reveal(self, title: str) -> None:
        places = (n for n, line in enumerate(self.sheet.lines) if line and line[0].text.startswith(title))
        self.sheet.action_scroll_by(next(places, 0) - self.sheet.top)

    async def _prepare(self) -> None:
        for ref, verb in self.choice.on:
            try:
                if self.desk.acts is None:
                    raise Refused("no cluster is reached yet", advice="wait for the connection")
                self.acts.append(await self.desk.acts.prepare(ref, verb, self._given))
            except PortError as error:
                self.refused.append((ref, error))
            self.show()
        self.ready = True
        self.show()

    async def _rehearse(self) -> None:
        said: list[str] = []
        try:
            for act in self.sendable:
                if self.desk.acts is not None:
                    said += await self.desk.acts.rehearse(act)
            self._rehearsal = said
        except PortError as error:
            self._rehearsal = error
        self._rehearsing = False
        self.show()
        self._reveal("Dry run")
