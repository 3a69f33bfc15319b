"""Does several things with one confirmation: in order, and not on after the first that is not taken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence

from trombone_tui.core.verbs import Act, Outcome, Report

_STOPS = frozenset({Outcome.REFUSED, Outcome.CONFLICT, Outcome.UNKNOWN})


async def in_order(
    acts: Sequence[Act], perform: Callable[[Act], AsyncGenerator[Report, None]]
) -> AsyncGenerator[tuple[Act, Report], None]:
    """Yield what becomes of each act; the next one is sent when the one before it was taken."""
    told: asyncio.Queue[tuple[Act, Report] | None] = asyncio.Queue()

    async def listen(act: Act, taken: asyncio.Future[bool]) -> None:
        try:
            async for report in perform(act):
                told.put_nowait((act, report))
                if report.outcome is not Outcome.SENDING and not taken.done():
                    taken.set_result(report.outcome not in _STOPS)
        finally:
            if not taken.done():
                taken.set_result(False)

    async def all_of_them() -> None:
        try:
            async with asyncio.TaskGroup() as group:
                stopped = ""
                for act in acts:
                    if stopped:
                        text = f"not sent: it was stopped at {stopped}"
                        told.put_nowait((act, Report(outcome=Outcome.NOT_SENT, text=text)))
                        continue
                    taken: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
                    group.create_task(listen(act, taken))
                    if not await taken:
                        stopped = str(act.ref)
        finally:
            told.put_nowait(None)

    running = asyncio.create_task(all_of_them(), name="several acts")
    try:
        while (news := await told.get()) is not None:
            yield news
        await running
    finally:
        running.cancel()
        await asyncio.wait((running,))
