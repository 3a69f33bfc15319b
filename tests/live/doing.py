"""Verbs on a thing that a test plays by hand: what is planned, what is answered, what is seen after it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from hand import ROW, HandCluster, Watched, listed, read, stage, thing, watching

from trombone_tui.core.audit import Entry
from trombone_tui.core.objects.basics import Meta, Ref
from trombone_tui.core.objects.plain import Plain, plain
from trombone_tui.core.ports import Batch, Refused
from trombone_tui.core.stage import Source, Stage, Workings
from trombone_tui.core.verbs import (
    Act,
    Option,
    Outcome,
    Plan,
    Proof,
    Reply,
    Report,
    Scene,
    Seen,
    Sight,
    Sort,
    Verb,
    Whole,
    Write,
)
from trombone_tui.live.caution import Caution
from trombone_tui.live.sending import Patience

HASTE = Patience(begin=1.0, settle=0.03, settled=0.2, taken_up=0.05, look=0.1)
ABORT = Write(
    method="PATCH", kind=ROW, namespace="ns", name="a", subresource="status",
    body={"status": {"abort": True}}, title="set abort",
)  # fmt: skip


class Notes:
    """The ``Audit`` port, kept in a list; ``full`` makes it refuse from so many entries on."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.full: int | None = None

    @property
    def events(self) -> list[str]:
        return [entry.event for entry in self.entries]

    async def write(self, entry: Entry) -> None:
        if self.full is not None and len(self.entries) >= self.full:
            raise Refused("can't note it in the test: full")
        self.entries.append(entry)


def whole(phase: str, version: int, *, uid: str = "ns-a", name: str = "a", **status: Any) -> dict[str, Any]:
    meta = {"name": name, "namespace": "ns", "uid": uid, "resourceVersion": str(version)}
    return {"kind": "Row", "metadata": meta, "status": {"phase": phase, **status}}


TAKEN = Reply(status=200, body=whole("Running", 6, abort=True))


def judge(obj: Whole | None) -> Sight:
    """See the abort when the phase says so; requested while only the field stands there."""
    if obj is None:
        return Sight(Seen.FAILED, "it is gone")
    status = obj.get("status") or {}
    ends = {"Aborted": Seen.DONE, "Broken": Seen.FAILED, "Healed": Seen.OVERWRITTEN}
    seen = ends.get(str(status.get("phase")))
    return Sight(
        seen or (Seen.REQUESTED if status.get("abort") else Seen.NOT_YET), f"is {status.get('phase')}"
    )


def proof(**more: Any) -> Proof:
    about = {
        "kind": ROW,
        "namespace": "ns",
        "name": "a",
        "waits_for": "the abort",
        "judge": judge,
        "within": 0.4,
    }
    return Proof(**{**about, **more})


def plan(*writes: Write, proof: Proof | None = None, **more: Any) -> Plan:
    return Plan(before="running", after="aborted", writes=writes, proof=proof, **more)


def planned(what: Plan) -> Callable[[Scene], Awaitable[Plan]]:
    async def plan(_: Scene) -> Plan:
        return what

    return plan


def verb(of: Callable[[Scene], Awaitable[Plan]], **more: Any) -> Verb:
    about = {
        "name": "abort",
        "kind": ROW,
        "about": "Abort it.",
        "plan": of,
        "blocked": lambda obj, *_: "it is done" if obj.status.phase == "Done" else "",
        "rights": (("patch", "status"),),
        "options": (Option(name="full", about="All."), Option(name="to", about="Where.", sort=Sort.NUMBER)),
    }
    return Verb(**{**about, **more})


class At:
    """A cluster by hand with one row, its verb, and who does it."""

    def __init__(self, cluster: HandCluster, seen: Watched, notes: Notes, verb: Verb) -> None:
        self.cluster, self.seen, self.notes, self.verb = cluster, seen, notes, verb
        self.ref: Ref = next(iter(seen.now.stages["one"].items))
        self.acts = seen.live.acts
        self.reports: list[Report] = []

    async def prepared(self, given: Mapping[str, Any] | None = None) -> Act:
        return await self.acts.prepare(self.ref, self.verb, given or {})

    def say(self, *states: Whole, name: str = "a") -> None:
        """Have the watch of the whole object bring states, one by one."""
        for state in states:
            self.cluster.say(plain(ROW, name), Batch(put=(_plain(state),)), namespace="ns")

    def gone(self, state: Whole) -> None:
        self.cluster.say(plain(ROW, "a"), Batch(gone=(_plain(state),)), namespace="ns")

    def list(self, *states: Whole, name: str = "a") -> None:
        self.cluster.say(plain(ROW, name), *listed(*map(_plain, states)), namespace="ns")

    def then(self, reply: Any, *states: Whole) -> None:
        """Answer what is sent; the states come right after."""

        def answer(_: Write) -> Any:
            self.say(*states)
            return reply

        self.cluster.answer = answer

    async def done(self, act: Act | None = None) -> Report:
        """Do it to its end; return the last report."""
        act = act or await self.prepared()
        async for report in self.acts.perform(act):
            self.reports.append(report)
        return self.reports[-1]

    @property
    def outcomes(self) -> list[Outcome]:
        return [report.outcome for report in self.reports]

    @property
    def sent(self) -> list[Write]:
        return [write for write, dry in self.cluster.sent if not dry]


def _plain(state: Whole) -> Plain:
    meta = state["metadata"]
    about = Meta(
        name=meta["name"],
        namespace=meta["namespace"],
        uid=meta["uid"],
        resource_version=meta["resourceVersion"],
    )
    return Plain(metadata=about, whole=dict(state))


def acted(*verbs: Verb, source: Source | None = None) -> Stage:
    one = stage("one", source or Source(kind=ROW, read=read))
    return replace(one, workings=Workings(sources=one.sources, fields=one.fields, verbs=verbs))


@asynccontextmanager
async def doing(
    what: Plan | Verb, *others: Verb, patience: Patience = HASTE, protected: tuple[str, ...] = ()
) -> AsyncIterator[At]:
    """Follow one row ``a`` that is Running, version 5, and offer a verb that does what is planned."""
    first = verb(planned(what)) if isinstance(what, Plan) else what
    cluster, notes = HandCluster(), Notes()
    cluster.wholes[("Row", "ns", "a")] = whole("Running", 5)
    cluster.say(ROW, *listed(thing("a", "Running")))
    caution = Caution(audit=notes, protected=protected, patience=patience)
    async with watching([acted(first, *others)], cluster, caution=caution) as seen:
        await seen.until(lambda s: s.names("one") == ["a"])
        at = At(cluster, seen, notes, first)
        at.list(whole("Running", 5))
        yield at


async def all_of(reports: AsyncGenerator[Any, None]) -> list[Any]:
    async with asyncio.timeout(5):
        return [report async for report in reports]
