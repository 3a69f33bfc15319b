"""The command ``status``: every stage once, for people and programs, without a screen."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from math import inf

import msgspec
import yaml

from trombone_tui.cli.document import as_json, document
from trombone_tui.cli.embedded import embedded
from trombone_tui.cli.flags import Demo
from trombone_tui.cli.reach import feed
from trombone_tui.cli.table import lines
from trombone_tui.cli.verdict import Outcome, outcome
from trombone_tui.config import Settings
from trombone_tui.core.ports import State, Unreachable
from trombone_tui.core.snapshot import Feed, Snapshot
from trombone_tui.pipeline import PIPELINE

_GRACE = 3.0
"""Seconds that ``status`` goes on waiting for what could not be reached at first."""


def status(settings: Settings, demo: Demo | None, output: str, *, colour: bool) -> Outcome:
    """Print every stage as ``table``, ``json`` or ``yaml`` and say how it stands.

    Raises:
        Refused: a kubeconfig or flag can't be honoured.
        Unreachable: no cluster gave an answer to anything; that much has been printed.
    """
    snapshot = asyncio.run(_look(settings, demo))
    if output == "table":
        sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # it is a real file
        text = "\n".join(lines(snapshot, PIPELINE, colour=colour))
    elif output == "json":
        text = as_json(document(snapshot, PIPELINE))
    else:
        plain = msgspec.to_builtins(document(snapshot, PIPELINE))
        text = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=110).rstrip("\n")
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
    judged = outcome(snapshot)
    if judged is Outcome.ERROR:
        reasons = [
            panel.reason for stage in snapshot.stages.values() for panel in stage.panel if panel.reason
        ]
        raise Unreachable("no cluster could be reached", advice=reasons[0] if reasons else "")
    return judged


async def _look(settings: Settings, demo: Demo | None) -> Snapshot:
    async with embedded(demo) as serving:
        served = await serving()
        kubeconfig = served.kubeconfig or settings.kubeconfig
        async with feed(settings, kubeconfig, served.registries, served.clock) as live:
            return await settled(live, settings.timeout)


async def settled(source: Feed, patience: float | None) -> Snapshot:
    """Return the first snapshot in which every panel has its list or a reason, or the last before time is up.

    A panel whose first list failed is waited for a little longer: a busy API server asks to come again.

    Args:
        source: Where snapshots come from.
        patience: Seconds in all; None waits as long as it takes.
    """
    newest, grace = None, _GRACE
    with suppress(TimeoutError):
        async with asyncio.timeout(patience) as limit:
            async for newest in source.snapshots():
                if not newest.settled:
                    continue
                if all(p.state is not State.UNREACHABLE for s in newest.stages.values() for p in s.panel):
                    break
                limit.reschedule(min(limit.when() or inf, asyncio.get_running_loop().time() + grace))
                grace = inf
    if newest is None:
        newest = await anext(aiter(source.snapshots()))
    return newest
