"""Prints how a service goes back so that it stays; writes nothing."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import click
import msgspec

from trombone_tui.cli.embedded import embedded
from trombone_tui.cli.flags import Demo
from trombone_tui.cli.reach import feed
from trombone_tui.cli.status import settled
from trombone_tui.config import Settings
from trombone_tui.core.ports import Refused
from trombone_tui.core.rollback import RollbackPlan, RollbackStep
from trombone_tui.core.text import clean
from trombone_tui.live import Live

VERSION = 1
_PATIENCE = 30.0
_RIGHTS = 5.0
"""Seconds that are waited for the API server to say what the user may do."""


def way_back(settings: Settings, demo: Demo | None, name: str, output: str) -> int:
    """Print the plan for the service of a name; 0 when nothing is left to do, else 1.

    Raises:
        Refused: there is no such service, or no way back of it.
    """
    plan = asyncio.run(_plan(settings, demo, name))
    if output == "json":
        click.echo(json.dumps(_document(plan), indent=2, ensure_ascii=False))
    else:
        for line in _lines(plan):
            click.echo(clean(line))
    return 0 if plan.done else 1


async def _plan(settings: Settings, demo: Demo | None, name: str) -> RollbackPlan:
    async with embedded(demo) as serving:
        served = await serving()
        kubeconfig = served.kubeconfig or settings.kubeconfig
        async with feed(settings, kubeconfig, served.registries, served.clock) as live:
            snapshot = await settled(live, settings.timeout or _PATIENCE)
            found = [key for key, service in snapshot.services.items() if service.name == name]
            if len(found) != 1:
                known = ", ".join(sorted({service.name for service in snapshot.services.values()})) or "none"
                several = "more than one service" if found else "no service"
                raise Refused(
                    f"there is {several} {name}", advice=f"known are {known}; --context names a cluster"
                )
            return await _with_rights(live, found[0])


async def _with_rights(live: Live, key: str) -> RollbackPlan:
    """Return the plan once the API server has said what the user may do, or soon anyway."""
    plan = live.rollback(key)
    with suppress(TimeoutError):
        async with asyncio.timeout(_RIGHTS):
            async for _ in live.snapshots():
                plan = live.rollback(key)
                if live.acts.answered:
                    break
    return plan


def _document(plan: RollbackPlan) -> dict[str, Any]:
    plain = {"service": plan.service, "cluster": plan.cluster, "bad": plan.bad, "good": plan.good}
    return {"version": VERSION, **plain, "steps": [*map(_plain, plan.steps)], "notes": list(plan.notes)}


def _plain(step: RollbackStep) -> dict[str, Any]:
    """Return a step as JSON has it: its right as RBAC writes it."""
    told = {field.name: getattr(step, field.name) for field in dataclasses.fields(step)}
    return {
        **told,
        "does": msgspec.to_builtins(step.does) if step.does else None,
        "right": str(step.right) if step.right else None,
        "instead": [*map(_plain, step.instead)],
        "checks": [{"text": check.text, "holds": check.holds} for check in step.checks],
    }


def _lines(plan: RollbackPlan) -> Iterator[str]:
    yield f"{plan.service}: from {plan.bad or 'what runs'} back to {plan.good or 'what ran before'}"
    for number, step in enumerate(plan.steps, 1):
        yield from _step(str(number), step)
    yield from (f"  note      {note}" for note in plan.notes)


def _step(number: str, step: RollbackStep) -> Iterator[str]:
    yield f"{number}. {step.title}  [{step.state}]{f' {step.reason}' if step.reason else ''}"
    told = [("why", step.why), ("undone by", step.undone_by), ("stop here", step.stop)]
    told += [("like", line) for line in step.command.splitlines()]
    told += [
        ("check", f"{check.text}: {'not known' if check.holds is None else 'yes' if check.holds else 'no'}")
        for check in step.checks
    ]
    yield from (f"   {name:<10} {text}" for name, text in told if text)
    for letter, other in zip("abcdef", step.instead, strict=False):
        yield from _step(f"   instead {number}{letter}", other)
