"""Sends the requests of one run of installing, each once, noted before and after."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime

from trombone_tui.core.audit import Audit
from trombone_tui.core.ledger import Ledger
from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.ports import Cluster, Denied, PortError, Refused
from trombone_tui.core.writes import Reply, Write


class Sender:
    """Sends and notes; what can't be noted is not sent."""

    def __init__(
        self,
        audit: Audit | None,
        cluster: Cluster,
        clock: Callable[[], datetime],
        *,
        verb: str,
        options: Mapping[str, str],
    ) -> None:
        """Begin a run.

        Args:
            audit: Where it is noted.
            cluster: Where it is sent to.
            clock: The time.
            verb: ``install``, ``uninstall``.
            options: What it was told.
        """
        self._cluster, self._clock = cluster, clock
        self._began = clock()
        self._ledger = Ledger(audit, cluster, clock, verb=verb, options=options)

    @property
    def seconds(self) -> float:
        """How long the run has taken so far."""
        return (self._clock() - self._began).total_seconds()

    async def send(self, ref: Ref, write: Write, *, before: str = "") -> Reply:
        """Note a request, send it once, note the answer; what is begun comes to its end, also when cancelled.

        Raises:
            PortError: as ``Cluster.send`` does; Refused also where it can't be noted.
        """
        if self._cluster.read_only:
            raise Refused(self._cluster.read_only, advice="nothing was sent")
        sending = asyncio.create_task(self._sent(ref, write, before), name=f"send {write.title}")
        try:
            return await asyncio.shield(sending)
        except asyncio.CancelledError:
            await asyncio.wait((sending,))
            raise

    async def _sent(self, ref: Ref, write: Write, before: str) -> Reply:
        about = {"kind": ref.kind, "namespace": ref.namespace, "name": ref.name, "uid": ref.uid}
        await self._ledger.intent(write, before=before, **about)
        try:
            reply = await self._cluster.send(write)
        except PortError as error:
            await self._ledger.reply(write, error.code, words(error), **about)
            raise
        await self._ledger.reply(write, reply.status, **about)
        return reply

    async def end(self, service: str, outcome: str, text: str) -> str:
        """Note what became of the run; return its text, with what could not be noted any more."""
        await self._ledger.outcome(outcome, text, name=service)
        trouble = self._ledger.trouble
        return f"{text}. Not noted any more: {trouble}" if trouble else text


def words(error: PortError) -> str:
    """Return what happened, with the server's own words for a denial."""
    if isinstance(error, Denied) and error.message:
        return f"{error}: {error.message}"
    return str(error)
