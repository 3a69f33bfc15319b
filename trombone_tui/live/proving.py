"""Watches for the effect of what was sent, and says when it is seen, not taken up, undone or not seen."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator

from trombone_tui.core.verbs import Outcome, Proof, Report, Seen, Sight
from trombone_tui.core.writes import MANAGER, Reply, Whole, Write
from trombone_tui.live.culprits import culprits
from trombone_tui.live.eye import Eye, older, version
from trombone_tui.live.sending import Patience

_NOTHING_YET = Sight(Seen.NOT_YET)
_ENDS = (Seen.DONE, Seen.FAILED, Seen.OVERWRITTEN)


class Proving:
    """Judges each state of the object that proves a verb's effect."""

    def __init__(
        self,
        proof: Proof,
        eye: Eye,
        *,
        began: float,
        reply: Reply | None,
        touch: Write | None,
        patience: Patience,
    ) -> None:
        """Begin to judge.

        Args:
            proof: What to look for.
            eye: What watches the object, or all that may be it.
            began: When the first request was sent, by the monotonic clock.
            reply: The last answer; None if there was none.
            touch: What may free a request that is not taken up; None where nothing does.
            patience: How long everything waits.
        """
        self._proof, self._eye, self._began, self._reply = proof, eye, began, reply
        self._touch, self._patience = touch, patience
        self._sight = _NOTHING_YET
        self._ours: Whole | None = reply.body if reply and self._shows(reply.body) else None
        """The object as our own change made it."""
        self._since = version(self._ours) if self._ours is not None else ""
        self._state: Whole | None = None
        """The state that was judged last."""
        if self._ours is not None:
            self._judge(self._ours)

    async def reports(self) -> AsyncGenerator[Report, None]:
        """Yield how far it has come; the last report is a final one."""
        proof, told = self._proof, False
        until, doubt = time.monotonic() + proof.within, time.monotonic() + self._patience.taken_up
        yield self._said(Outcome.ACCEPTED, f"accepted; waiting for: {proof.waits_for}")
        while self._sight.seen not in _ENDS:
            now = time.monotonic()
            if now >= until or self._eye.blind:
                stands = self._sight.seen is Seen.REQUESTED
                yield self._said(Outcome.UNSEEN, self._unseen(), touch=self._touch if stands else None)
                return
            if not told and now >= doubt and self._sight.seen is Seen.REQUESTED:
                told = True
                yield self._said(Outcome.REQUESTED, self._requested(), touch=self._touch)
            next_look = doubt if now < doubt < until else until
            await self._look(next_look - now)
        if self._sight.seen is Seen.DONE and proof.stays > 0:
            seen = self._sight.text or proof.waits_for
            yield self._said(Outcome.ACCEPTED, f"{seen}; watching for {proof.stays:g} s whether it stays")
            yield await self._staying()
        elif self._sight.seen is Seen.OVERWRITTEN:
            yield self._undone(self._ours, time.monotonic() - self._began)
        else:
            outcome = Outcome.DONE if self._sight.seen is Seen.DONE else Outcome.FAILED
            yield self._said(outcome, self._sight.text or proof.waits_for)

    async def search(self, report: Report) -> Report:
        """Look for the effect of a request to which there was no answer, and say what was seen."""
        until = time.monotonic() + self._patience.look
        while self._sight.seen not in _ENDS and (left := until - time.monotonic()) > 0:
            await self._look(left)
        if self._sight.seen in _ENDS or self._sight.seen is Seen.REQUESTED:
            seen = f"since then this was seen: {self._sight.text or self._proof.waits_for}"
        elif self._eye.trouble is not None:
            seen = f"it can't be looked at either: {self._eye.trouble}"
        else:
            seen = f"{self._proof.waits_for} was not seen within {self._patience.look:g} s"
        return self._said(Outcome.UNKNOWN, f"{report.text}; {seen}", reply=report.reply)

    async def _staying(self) -> Report:
        """Watch on after the effect was seen."""
        done, at, seen = self._state, time.monotonic(), self._sight.text or self._proof.waits_for
        until = at + self._proof.stays
        while (left := until - time.monotonic()) > 0:
            await self._look(left)
            if self._sight.seen is not Seen.DONE:
                return self._undone(done, time.monotonic() - at)
        return self._said(Outcome.DONE, seen)

    def _undone(self, before: Whole | None, after: float) -> Report:
        """Say who wrote something else, how many seconds after a state that was as wanted."""
        by = ", ".join(culprits(before, self._state, ours=MANAGER)) if before and self._state else ""
        who = f"by {by}" if by else "by whom the object does not say"
        now = f": {self._sight.text}" if self._sight.text else ""
        return self._said(Outcome.UNDONE, f"undone again after {after:.1f} s, {who}{now}")

    async def _look(self, within: float) -> None:
        """Wait for the next state and judge it, and those that are known already up to the first end."""
        if not await self._eye.news(within):
            return
        before = self._sight.seen
        while self._eye.pending and self._sight.seen is before:
            state = self._eye.next()
            if state is None or not older(state, self._since):
                self._judge(state)

    def _judge(self, state: Whole | None) -> None:
        self._state = state
        self._sight = self._proof.judge(state)

    def _shows(self, body: Whole) -> bool:
        """Say whether an answer is the object that the proof is about."""
        name = (body.get("metadata") or {}).get("name")
        return body.get("kind") == self._proof.kind.name and (
            not self._proof.name or name == self._proof.name
        )

    def _requested(self) -> str:
        seconds = self._patience.taken_up
        said = f" ({self._sight.text})" if self._sight.text else ""
        return (
            f"requested, but not taken up within {seconds:g} s{said}: the controller may have missed it; "
            "a touch makes it look again"
        )

    def _unseen(self) -> str:
        waited, trouble = self._proof.waits_for, self._eye.trouble
        hint = f"; {self._proof.hint}" if self._proof.hint else ""
        if self._eye.blind:
            return f"accepted, but its effect ({waited}) can't be seen: {trouble}{hint}"
        said = f"; last seen: {self._sight.text}" if self._sight.text else ""
        broken = f"; {trouble}" if trouble else ""
        if self._sight.seen is Seen.REQUESTED:
            return f"requested, but not taken up within {self._proof.within:g} s{said}{broken}"
        return f"accepted, but {waited} was not seen within {self._proof.within:g} s{said}{broken}{hint}"

    def _said(
        self, outcome: Outcome, text: str, *, touch: Write | None = None, reply: int | None = None
    ) -> Report:
        code = self._reply.status if self._reply else reply
        seconds = time.monotonic() - self._began
        return Report(outcome=outcome, text=text, seconds=seconds, reply=code, touch=touch)


def touching(proof: Proof, name: str, time_: str) -> Write:
    """Return the harmless change that makes a controller look at an object again."""
    if proof.touch is not None:
        return proof.touch
    return Write(
        method="PATCH",
        kind=proof.kind,
        namespace=proof.namespace,
        name=name,
        body={"metadata": {"annotations": {"trombone.dev/touched": time_}}},
        title="touch it",
    )
