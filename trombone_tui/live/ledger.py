"""Notes what one act is about to send, what is answered and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from trombone_tui.core.audit import Audit
from trombone_tui.core.ledger import Ledger
from trombone_tui.core.ports import Cluster
from trombone_tui.core.verbs import Act, Report
from trombone_tui.core.writes import Write


class ActLedger:
    """The lines of one act; what can't be noted is not sent."""

    def __init__(
        self, audit: Audit | None, cluster: Cluster, act: Act, clock: Callable[[], datetime]
    ) -> None:
        ref = act.ref
        names = ("cluster", "kind", "namespace", "name", "uid", "part")
        about = {name: getattr(ref, name) for name in names}
        self._lines = Ledger(audit, cluster, clock, verb=act.verb.name, options=act.given, about=about)
        self._before = act.plan.before

    @property
    def trouble(self) -> str:
        """What could not be noted any more after something was sent."""
        return self._lines.trouble

    async def intent(self, write: Write) -> None:
        """Note that a request is about to be sent.

        Raises:
            Refused: it can't be noted.
        """
        await self._lines.intent(write, before=self._before)

    async def reply(self, write: Write, code: int | None, text: str = "") -> None:
        """Note what was answered."""
        await self._lines.reply(write, code, text)

    async def outcome(self, report: Report) -> None:
        """Note what became of it, if anything was about to be sent."""
        await self._lines.outcome(report.outcome.value, report.text, code=report.reply)
