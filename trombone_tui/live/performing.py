"""One verb being done: watched, sent, proved, noted; it goes on whether or not somebody listens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from datetime import datetime
from typing import Any

from trombone_tui.core.audit import Audit
from trombone_tui.core.ports import Cluster, PortError
from trombone_tui.core.verbs import Act, Outcome, Proof, Report
from trombone_tui.core.writes import Reply
from trombone_tui.live.eye import Eye, uid, version
from trombone_tui.live.ledger import ActLedger
from trombone_tui.live.lookout import Lookout
from trombone_tui.live.proving import Proving, touching
from trombone_tui.live.sending import Patience, Sender, guard, news, renewed


class Performance:
    """Does an act once; ``run`` does it, ``reports`` tells of it."""

    def __init__(
        self,
        cluster: Cluster,
        act: Act,
        *,
        audit: Audit | None,
        clock: Callable[[], datetime],
        patience: Patience,
    ) -> None:
        """Get ready.

        Args:
            cluster: Where.
            act: What.
            audit: Where it is noted.
            clock: The time.
            patience: How long everything waits.
        """
        self._cluster, self._act, self._clock, self._patience = cluster, act, clock, patience
        self._ledger = ActLedger(audit, cluster, act, clock)
        self._sender = Sender(cluster, act, self._ledger, patience)
        self._told: asyncio.Queue[Report | None] = asyncio.Queue()
        self._last: Report | None = None

    async def run(self) -> None:
        """Do it; what is being sent when this is cancelled is sent to its end."""
        try:
            async with aclosing(self._done()) as reports:
                async for report in reports:
                    await self._tell(report)
        except asyncio.CancelledError:
            if self._last is None or not self._last.outcome.final:
                text = "left before its effect was seen; look whether it came about"
                await self._tell(Report(outcome=Outcome.UNKNOWN, text=text))
            raise
        finally:
            self._told.put_nowait(None)

    async def reports(self) -> AsyncGenerator[Report, None]:
        """Yield how far it has come, the last report a final one."""
        while (report := await self._told.get()) is not None:
            yield report

    async def _tell(self, report: Report) -> None:
        self._last = report
        if report.outcome.final:
            await self._ledger.outcome(report)
            if self._ledger.trouble:
                report = replace(report, text=f"{report.text}. Not noted any more: {self._ledger.trouble}")
        self._told.put_nowait(report)

    async def _done(self) -> AsyncGenerator[Report, None]:
        act, plan = self._act, self._act.plan
        if not plan.writes:
            yield Report(outcome=Outcome.DONE, text=plan.noop or "nothing has to be sent")
            return
        if refusal := self._forbidden():
            yield Report(outcome=Outcome.REFUSED, text=f"{refusal}; nothing was sent")
            return
        async with AsyncExitStack() as stack:
            eye = Eye(self._cluster, act.verb.kind, act.ref.namespace, act.ref.name)
            if act.whole:
                eye.know(act.whole, act.read)
            await stack.enter_async_context(eye)
            other = self._other(plan.proof)
            if other is not None:
                await stack.enter_async_context(other)
            for one in (eye, other):
                if one is not None:
                    await one.begin(self._patience.begin)
            if gone := self._gone(eye):
                yield Report(outcome=Outcome.CONFLICT, text=f"{gone}; nothing was sent")
                return
            if news := self._stale(eye):
                text = f"changed meanwhile: {news}; nothing was sent; look again, then decide anew"
                yield Report(outcome=Outcome.CONFLICT, text=text)
                return
            yield Report(outcome=Outcome.SENDING, text=plan.writes[0].title or act.verb.name)
            async with aclosing(self._sent(stack, eye, other)) as reports:
                async for report in reports:
                    yield report

    async def _sent(self, stack: AsyncExitStack, eye: Eye, other: Eye | None) -> AsyncGenerator[Report, None]:
        """Send, and watch for the effect."""
        proof, reply, problem = self._act.plan.proof, None, None
        try:
            reply = await _to_the_end(self._sender.send_all((eye, other) if other else (eye,)))
        except PortError as error:
            problem = await self._sender.report(error)
            if problem.outcome is not Outcome.UNKNOWN or proof is None or not (proof.name or proof.any_name):
                yield problem
                return
        if proof is None:
            yield self._taken(reply)
            return
        name = proof.name or (_name(reply) if reply else "")
        if not (proof.name or proof.any_name):
            other = await stack.enter_async_context(Eye(self._cluster, proof.kind, proof.namespace, name))
        proving = Proving(
            proof,
            other or eye,
            began=self._sender.began,
            reply=reply,
            touch=None if proof.any_name else touching(proof, name, self._clock().isoformat()),
            patience=self._patience,
        )
        if problem is not None:
            yield replace(problem, outcome=Outcome.SENDING, text=f"{problem.text}; looking for its effect")
            yield await proving.search(problem)
            return
        async with aclosing(proving.reports()) as reports:
            async for report in reports:
                yield report

    def _taken(self, reply: Reply | None) -> Report:
        """Say that it was taken, where nothing proves its effect."""
        unproved = self._act.plan.unproved
        return Report(
            outcome=Outcome.UNSEEN if unproved else Outcome.DONE,
            text=f"accepted; {unproved}" if unproved else "accepted",
            seconds=time.monotonic() - self._sender.began,
            reply=reply.status if reply else None,
        )

    def _forbidden(self) -> str:
        if self._cluster.read_only:
            return self._cluster.read_only
        return ", ".join(f"may not {right}" for right in self._act.missing)

    def _other(self, proof: Proof | None) -> Eye | None:
        """Return what watches for the proof, where that is not the verb's own object."""
        ref, kind = self._act.ref, self._act.verb.kind
        if proof is not None and proof.any_name:
            return Lookout(self._cluster, proof.kind, (proof.namespace, *proof.elsewhere), self._clock)
        if proof is None or not proof.name:
            return None
        if (proof.kind.resource, proof.namespace, proof.name) == (kind.resource, ref.namespace, ref.name):
            return None
        return Eye(self._cluster, proof.kind, proof.namespace, proof.name)

    def _gone(self, eye: Eye) -> str:
        """Say that the object is not the one any more that it was decided about."""
        ref = self._act.ref
        if not eye.listed:
            return ""
        if eye.now is None:
            return f"{ref} is gone"
        return (
            "another object of that name has taken its place" if ref.uid and uid(eye.now) != ref.uid else ""
        )

    def _stale(self, eye: Eye) -> str:
        """Say what changed, where a request that is not the first would be refused for it.

        What is sent before it, the pods that a retry deletes, could not be taken back.
        """
        act, now = self._act, eye.now
        own = [
            renewed(write, act, now)
            for write in act.plan.writes[1:]
            if (write.kind, write.name) == (act.verb.kind, act.ref.name)
        ]
        guarded = any(guard(write) not in ("", version(now)) for write in own)
        return news(act.whole, now) if guarded and now is not None else ""


def _name(reply: Reply) -> str:
    return str((reply.body.get("metadata") or {}).get("name") or "")


async def _to_the_end(sending: Coroutine[Any, Any, Reply]) -> Reply:
    """Wait for what is sent, also when nobody wants to wait any more."""
    task = asyncio.create_task(sending)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait((task,))
        task.exception()  # the audit log has it
        raise
