"""Requests that hang on the object: of several all are sent, or none is; and on how much of it they hang."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from doing import ABORT, doing, plan, proof, whole
from hand import HELP, ROW

from trombone_tui.core.objects.plain import plain as plain_kind
from trombone_tui.core.verbs import Outcome, Reply, Whole, Write
from trombone_tui.live.sending import renewed

FIRST = Write(method="DELETE", kind=HELP, namespace="ns", name="helper", title="delete the helper")


def guarded(version: str) -> Write:
    return replace(ABORT, body={"metadata": {"resourceVersion": version}, "status": {"abort": True}})


async def seen_as(at: Any, state: dict[str, Any]) -> None:
    """Have the watch begin with an object as it is by now."""
    queue = at.cluster._queue(plain_kind(ROW, "a"), "ns")
    while not queue.empty():
        queue.get_nowait()
    at.list(state)


async def test_what_changed_stops_also_what_would_be_sent_before_the_request_that_hangs_on_it() -> None:
    async with doing(plan(FIRST, guarded("5"))) as at:
        act = await at.prepared()
        await seen_as(at, whole("Paused", 9))
        last = await at.done(act)
        assert (last.outcome, at.sent) == (Outcome.CONFLICT, [])
        assert last.text == (
            "changed meanwhile: status.phase: Running → Paused, resourceVersion 5 → 9; nothing was sent; "
            "look again, then decide anew"
        )


@pytest.mark.parametrize("writes", [(FIRST, ABORT), (FIRST, guarded("9")), (guarded("5"), FIRST)])
async def test_what_does_not_hang_on_it_is_sent(writes: tuple[Write, ...]) -> None:
    async with doing(plan(*writes)) as at:
        act = await at.prepared()
        await seen_as(at, whole("Paused", 9))
        at.then(Reply(status=200))
        assert (await at.done(act)).outcome is Outcome.DONE
        assert at.sent == list(writes)


def phase_of(state: Whole) -> object:
    return state["status"]["phase"]


HANGING = replace(guarded("5"), hangs_on=phase_of)


async def test_what_it_does_not_hang_on_may_change_until_it_is_sent() -> None:
    async with doing(plan(HANGING, proof=proof())) as at:
        act = await at.prepared()
        await seen_as(at, whole("Running", 9, note="x"))
        at.then(Reply(status=200, body=whole("Aborted", 10)))
        assert (await at.done(act)).outcome is Outcome.DONE
        assert [write.body for write in at.sent] == [guarded("9").body]
        assert act.plan.writes == (HANGING,)


@pytest.mark.parametrize(
    "state",
    [whole("Paused", 9), whole("Running", 4), whole("Running", 9, uid="another")],
    ids=["what it hangs on changed", "the watch lags behind", "another object"],
)
async def test_anything_else_leaves_it_hanging_on_what_was_read(state: dict[str, Any]) -> None:
    async with doing(plan(replace(HANGING, name="a"))) as at:
        act = await at.prepared()
        assert [renewed(write, act, state) for write in act.plan.writes] == [HANGING]


async def test_without_sight_it_hangs_on_what_was_read() -> None:
    async with doing(plan(HANGING)) as at:
        act = await at.prepared()
        assert renewed(HANGING, act, None) == HANGING


async def test_a_later_request_that_hangs_on_less_stops_nothing() -> None:
    async with doing(plan(FIRST, HANGING)) as at:
        act = await at.prepared()
        await seen_as(at, whole("Running", 9, note="x"))
        at.then(Reply(status=200))
        assert (await at.done(act)).outcome is Outcome.DONE
        assert [write.body for write in at.sent] == [None, guarded("9").body]
