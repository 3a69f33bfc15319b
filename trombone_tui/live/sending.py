"""Sends what a verb has planned: in order, each request once, and nothing after one that was refused."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus

from trombone_tui.core.differences import differences
from trombone_tui.core.ports import (
    Cluster,
    Conflict,
    Denied,
    Missing,
    NotInstalled,
    PortError,
    Unreachable,
)
from trombone_tui.core.verbs import Act, Outcome, Report
from trombone_tui.core.writes import JSON_PATCH, Reply, Whole, Write
from trombone_tui.live.eye import Eye, older, uid, version
from trombone_tui.live.ledger import ActLedger

_TELLING = (
    "phase",
    "message",
    "currentStepIndex",
    "paused",
    "abort",
    "suspend",
    "currentPodHash",
    "image",
    "revision",
)
"""The last names of the fields that are shown when an object changed meanwhile."""
_CONDITIONS = "status.conditions."
"""What controllers say in many words of what other fields say in one."""
_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long doing things waits, in seconds."""

    begin: float = 2.0
    """For the watch of the object, before something is sent."""
    settle: float = 0.3
    """Since the last change of the object: a controller swallows what meets its own write."""
    settled: float = 3.0
    """For an object that never rests, at most."""
    taken_up: float = 2.0
    """Until a request that stands in the object counts as not taken up."""
    look: float = 10.0
    """For the effect of a request to which there was no answer."""


class Sender:
    """Sends requests on behalf of one act."""

    def __init__(self, cluster: Cluster, act: Act, ledger: ActLedger, patience: Patience) -> None:
        self._cluster, self._act, self._ledger, self._patience = cluster, act, ledger, patience
        self._sent: list[Write] = []
        self._last: Write | None = None
        self.began = time.monotonic()
        """When the first request was sent, by the monotonic clock."""

    async def send_all(self, eyes: tuple[Eye, ...]) -> Reply:
        """Send the plan, and return the last answer.

        Args:
            eyes: What watches the verb's own object, and that of the proof; what they saw before the first
                request is forgotten.

        Raises:
            PortError: what stopped it; ``report`` says it in words.
        """
        reply, last = Reply(status=0), time.monotonic()
        for write in self._act.plan.writes:
            await asyncio.sleep(max(last + write.after - time.monotonic(), 0.0))
            await eyes[0].rest(self._patience.settle, self._patience.settled)
            if not self._sent:
                self.began = time.monotonic()
                for eye in eyes:
                    eye.forget()
            reply = await self.send(renewed(write, self._act, eyes[0].now))
            last = time.monotonic()
            self._sent.append(write)
        return reply

    async def send(self, write: Write) -> Reply:
        """Note it, send it once, and note the answer.

        Raises:
            PortError: as ``Cluster.send`` does; Refused also where it can't be noted.
        """
        self._last = write
        await self._ledger.intent(write)
        try:
            reply = await self._cluster.send(write)
        except PortError as error:
            await self._ledger.reply(write, error.code, _words(error))
            if isinstance(error, Missing | NotInstalled) and write.instead is not None:
                return await self.send(write.instead)
            if isinstance(error, Missing) and write.gone_is_done:
                return Reply(status=404)
            raise
        await self._ledger.reply(write, reply.status)
        return reply

    async def report(self, error: PortError) -> Report:
        """Say what stopped it; of a request without an answer, that it is not known."""
        if isinstance(error, Unreachable) and error.sent:
            text = f"no answer that tells whether it was done: {error}"
            return self._said(Outcome.UNKNOWN, text, error)
        stale = error.code == HTTPStatus.UNPROCESSABLE_ENTITY and _tests(self._last)
        if isinstance(error, Conflict) or stale:
            news = await self._news()
            if news or isinstance(error, Conflict):
                text = f"changed meanwhile: {news or error}; look again, then decide anew"
                return self._said(Outcome.CONFLICT, text, error)
        return self._said(
            Outcome.REFUSED, f"{_words(error)}; nothing was sent" if _unsent(error) else _words(error), error
        )

    def _said(self, outcome: Outcome, text: str, error: PortError) -> Report:
        if self._sent:
            titles = ", ".join(write.title or f"{write.method} {write.path}" for write in self._sent)
            text = f"{text}. Sent before that, and not taken back: {titles}"
        seconds = time.monotonic() - self.began
        return Report(outcome=outcome, text=text, seconds=seconds, reply=error.code)

    async def _news(self) -> str:
        """Say what of the object is another than when the plan was made; nothing if nothing is."""
        act = self._act
        try:
            now = await self._cluster.whole(act.verb.kind, act.ref.namespace, act.ref.name)
        except Missing:
            return f"{act.ref} is gone"
        except PortError:
            return ""
        return news(act.whole, now)


def renewed(write: Write, act: Act, now: Whole | None) -> Write:
    """Return a request with the resourceVersion of a newer state, where all that it hangs on is the same."""
    before = act.whole
    own = (write.kind, write.name) == (act.verb.kind, act.ref.name)
    if write.hangs_on is None or now is None or not (own and guard(write)):
        return write
    if (
        older(now, version(before))
        or uid(now) != uid(before)
        or write.hangs_on(now) != write.hangs_on(before)
    ):
        return write
    meta = {**write.body["metadata"], "resourceVersion": version(now)}
    return replace(write, body={**write.body, "metadata": meta})


def guard(write: Write) -> str:
    """Return the resourceVersion without which a request is refused; empty for none."""
    meta = write.body.get("metadata") if isinstance(write.body, Mapping) else None
    return str(meta.get("resourceVersion") or "") if isinstance(meta, Mapping) else ""


def news(before: Whole, now: Whole) -> str:
    """Say what of an object is another than it was; nothing if nothing is."""
    if version(before) == version(now):
        return ""
    lines = [line for line in differences(before, now) if not line.startswith(_CONDITIONS)]
    telling = [line for line in lines if line.partition(":")[0].rpartition(".")[2] in _TELLING]
    shown = (telling or lines)[:_SHOWN]
    return ", ".join((*shown, f"resourceVersion {version(before)} → {version(now)}"))


def _tests(write: Write | None) -> bool:
    """Say whether a patch is refused when the object is another (``op: test``)."""
    steps = write.body if write and write.content == JSON_PATCH and isinstance(write.body, list) else []
    return any(isinstance(step, dict) and step.get("op") == "test" for step in steps)


def _unsent(error: PortError) -> bool:
    return isinstance(error, Unreachable) and not error.sent


def _words(error: PortError) -> str:
    """Return what happened, with the server's own words for a denial."""
    if isinstance(error, Denied) and error.message:
        return f"{error}: {error.message}"
    return str(error)
