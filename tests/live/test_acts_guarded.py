"""A plan of several requests, one of which hangs on the object: it is all sent, or nothing is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from doing import ABORT, doing, plan, whole
from hand import HELP, ROW

from trombone_tui.core.objects.plain import plain as plain_kind
from trombone_tui.core.verbs import Outcome, Reply, Write

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
