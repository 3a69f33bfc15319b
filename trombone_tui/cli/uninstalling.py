"""Uninstalls without a screen: finds what carries our labels, says what would go, asks, and deletes it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterable
from contextlib import aclosing
from dataclasses import dataclass

import click

from trombone_tui.cli.doing import Code
from trombone_tui.cli.embedded import embedded
from trombone_tui.cli.flags import Demo
from trombone_tui.cli.install_texts import progress_line, removal_document, removal_lines, said
from trombone_tui.cli.installing import confirm
from trombone_tui.cli.reach import Reached, reached
from trombone_tui.config import Settings
from trombone_tui.core.installing import Came, Progress, RemovalPlan
from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.ports import Refused
from trombone_tui.core.text import clean


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the command line says of uninstalling."""

    service: str
    secrets: bool = False
    workloads: bool = False
    yes: bool = False
    dry_run: str | None = None
    output: str = "text"


def uninstall(settings: Settings, demo: Demo | None, wish: Wish) -> Code:
    """Delete what was installed for a service.

    Raises:
        Refused: there is nothing of it, nobody said yes, or it can't be done.
        PortError: the cluster can't be asked.
    """
    if not (wish.yes or wish.dry_run or sys.stdin.isatty()):
        raise Refused(
            "uninstall asks before it does anything, and there is no terminal to ask on",
            advice="say --yes, or --dry-run to see what would be deleted",
        )
    if len(settings.contexts) > 1:
        raise Refused("uninstall works on one cluster at a time", advice="name one --context")
    return asyncio.run(_uninstall(settings, demo, wish))


async def _uninstall(settings: Settings, demo: Demo | None, wish: Wish) -> Code:
    async with embedded(demo) as serving:
        served = await serving()
        kubeconfig = served.kubeconfig or settings.kubeconfig
        async with reached(settings, kubeconfig, served.registries, served.clock) as there:
            plan = await there.installer.plan_removal(
                there.clusters[0],
                wish.service,
                namespaces=settings.namespaces,
                secrets=wish.secrets,
                workloads=wish.workloads,
            )
            return await _go(there, plan, wish)


async def _go(there: Reached, plan: RemovalPlan, wish: Wish) -> Code:
    text = wish.output == "text"
    if text:
        said(*removal_lines(plan))
    if plan.hindrance:
        if text and not wish.dry_run:
            raise Refused(plan.hindrance, advice="nothing was changed")
        return _end(plan, [], wish, "refused", plan.hindrance, Code.REFUSED)
    if wish.dry_run:
        return _end(plan, [], wish, "dry-run", "", Code.DONE)
    if not (plan.noop or wish.yes):
        confirm("uninstall", plan.cluster, plan.service, protected=plan.protected)
    told: list[Progress] = []
    try:
        async with aclosing(there.installer.remove(plan)) as steps:
            async for step in steps:
                told.append(step)
                if text and (line := progress_line(step)):
                    said(line)
    except asyncio.CancelledError:
        click.echo(clean(_interrupted(plan, told)), err=True)
        raise
    last = told[-1]
    if last.came is Came.DONE and plan.unseen:
        return _end(plan, told, wish, "in part", last.text, Code.UNPROVED)
    outcome = "done" if last.came is Came.DONE else "stopped"
    return _end(plan, told, wish, outcome, last.text, _code(told, last))


def _interrupted(plan: RemovalPlan, told: list[Progress]) -> str:
    """Say what is deleted and what is not; what was being sent has been sent to its end."""
    came = {one.ref: one.came for one in told if one.ref}
    gone = [one.ref for one in plan.objects if one.deletes]
    deleted = [ref for ref in gone if came.get(ref) is Came.DELETED]
    sent = [ref for ref in gone if came.get(ref) is Came.SENDING]
    left = [ref for ref in gone if ref not in (*deleted, *sent)]
    said = f"interrupted; deleted are {_named(deleted) or 'none that is known'}"
    said += f"; sent last was {_named(sent)}" if sent else ""
    said += f"; not deleted are {_named(left)}" if left else ""
    return f"{said}; `trombone-tui audit` has what became of what was sent last"


def _named(refs: Iterable[Ref]) -> str:
    return ", ".join(map(str, refs))


def _end(plan: RemovalPlan, told: list[Progress], wish: Wish, outcome: str, text: str, code: Code) -> Code:
    if wish.output == "json":
        document = removal_document(plan, told, outcome=outcome, text=text)
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    elif code is not Code.DONE:
        click.echo(clean(text), err=True)
    return code


def _code(told: list[Progress], last: Progress) -> Code:
    if last.came is Came.DONE:
        return Code.DONE
    sent = any(one.came in (Came.DELETED, Came.UNKNOWN, Came.NOT_READY) for one in told)
    return Code.UNPROVED if sent else Code.REFUSED
