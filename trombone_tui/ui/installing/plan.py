"""What plans of installing and uninstalling share: nothing is sent before it was confirmed."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType

from trombone_tui.core.installing import Installer
from trombone_tui.core.ports import PortError
from trombone_tui.ui.cells import Cell
from trombone_tui.ui.desk import Desk
from trombone_tui.ui.installing.consent import Asked, Consent
from trombone_tui.ui.installing.split import SplitView
from trombone_tui.ui.works import Course, Work
from trombone_tui.ui.writing import plain_lines

Begin = Callable[[Work, Course], None]
"""Sets a work going, and shows it."""

_UNBROKEN = 10_000
"""The width a text is written for that is copied: wide enough that no line is broken."""


class PlanView(SplitView):
    """Base of both plans."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "again", "plan anew", tooltip="work the plan out anew", id="plan.again"),
    ]

    def __init__(self, desk: Desk, installer: Installer, begin: Begin) -> None:
        super().__init__(desk)
        self.installer = installer
        self.busy = False
        self.trouble: PortError | None = None
        self._begin = begin

    @property
    @abstractmethod
    def reason(self) -> str:
        """Why the plan can't be confirmed; an empty text when it can."""

    @abstractmethod
    async def work_out(self) -> None:
        """Work the plan out anew.

        Raises:
            PortError: the API server can't be asked, or there is nothing to plan.
        """

    def copied(self) -> str:
        """Return the whole of what is said."""
        return "\n".join(plain_lines(self.write(_UNBROKEN)))

    def quiet(self, action: str) -> bool:
        """Grey the key that would only say why."""
        return action in ("confirm", "uninstall") and bool(self.reason)

    def action_again(self) -> None:
        """Work the plan out anew."""
        if not self.busy:
            self.busy = True
            self.update()
            self.run_worker(self._again(), group="plan")

    def state(self) -> list[Cell]:
        """Say at the right of the title whether the plan is new."""
        if self.busy:
            return [Cell(f" working it out{self.desk.glyphs.more} ", ("accent",))]
        return [Cell(" not worked out anew ", ("bad",))] if self.trouble else []

    def tell(self) -> None:
        """Say why it can't be done, or how it is."""
        if self.trouble is not None:
            self.why.say(Cell(f"{self.trouble}; {self.trouble.advice}".rstrip("; "), ("bad",)))
        elif self.reason:
            self.why.say(Cell(self.reason, ("held",)))
        else:
            self.why.say(Cell(self.invitation()))

    @abstractmethod
    def invitation(self) -> str:
        """Say which key goes on, and what it does."""

    def consent(self, asked: Asked, go: Callable[[], None]) -> None:
        """Ask for a yes, or say why there is nothing to be asked."""
        if self.busy:
            self.refused("the plan is being worked out")
        elif reason := self.reason:
            self.refused(f"{reason}; nothing was sent", asked.title)
        else:
            self.app.push_screen(Consent(self.desk, asked, partial(self._confirmed, go)))

    def _confirmed(self, go: Callable[[], None]) -> None:
        """Do it, unless it is read-only by now."""
        if reason := self.reason:
            self.refused(f"{reason}; nothing was sent")
        else:
            go()

    async def _again(self) -> None:
        self.trouble = None
        try:
            await self.work_out()
        except PortError as error:
            self.trouble = error
        self.busy = False
        self.show()
