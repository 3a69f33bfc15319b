"""Does a verb without a screen: finds the object, says what would be done, asks, does it and proves it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import click

from trombone_tui.cli.asking import typed, yes
from trombone_tui.cli.embedded import embedded
from trombone_tui.cli.flags import Demo
from trombone_tui.cli.reach import feed
from trombone_tui.cli.requests import request_lines, requests
from trombone_tui.cli.status import settled
from trombone_tui.cli.words import Wanted, found, read_words
from trombone_tui.config import Settings
from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.ports import Refused
from trombone_tui.core.snapshot import Snapshot
from trombone_tui.core.text import clean
from trombone_tui.core.verbs import Act, Acts, Outcome, Report, Verb
from trombone_tui.live import Live
from trombone_tui.pipeline import PIPELINE

VERSION = 1
"""Of what ``-o json`` says; counted up when something is taken away or changes its meaning."""
_PATIENCE = 30.0
"""Seconds that are waited for the first lists, where no time-out is given."""
_RIGHTS = 5.0
"""Seconds that are waited for the API server to say what the user may do."""
_LEFT = "; it is never sent again by itself"
"""Said of a conflict where nobody can be asked again."""


class Code(IntEnum):
    """How a verb's command ends."""

    DONE = 0
    """Its effect was seen, or there was nothing to do."""
    UNPROVED = 1
    """It was sent, and its effect was not seen, came out badly or was undone."""
    REFUSED = 2
    """Nothing was changed, as far as is known."""


_CODES = {
    Outcome.DONE: Code.DONE,
    Outcome.ACCEPTED: Code.DONE,
    Outcome.REFUSED: Code.REFUSED,
    Outcome.CONFLICT: Code.REFUSED,
    Outcome.NOT_SENT: Code.REFUSED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a verb is done without a screen."""

    yes: bool = False
    dry_run: str = ""
    """``client`` shows what would be sent; ``server`` has the API server say what would change."""
    wait: bool = True
    """Whether it ends when the effect is seen, not when the request is taken."""
    as_json: bool = False

    def asks(self, verb: Verb) -> bool:
        """Say whether somebody is asked before it is done."""
        return not (self.yes or self.dry_run or verb.harmless)


def do(
    settings: Settings,
    demo: Demo | None,
    verbs: Sequence[Verb],
    words: Sequence[str],
    given: Mapping[str, Any],
    manner: Manner,
) -> Code:
    """Do one of these verbs to the object that the words name.

    Raises:
        Refused: the words mean nothing, nobody said yes, or it can't be done.
        PortError: the object can't be read.
    """
    wanted = read_words(verbs, words, given)
    if manner.asks(wanted.verbs[0]) and not sys.stdin.isatty():
        raise Refused(
            f"{wanted.verbs[0].name} asks before it does anything, and there is no terminal to ask on",
            advice="say --yes, or --dry-run to see what would be sent",
        )
    return asyncio.run(_do(settings, demo, wanted, manner))


async def _do(settings: Settings, demo: Demo | None, wanted: Wanted, manner: Manner) -> Code:
    async with embedded(demo) as serving:
        served = await serving()
        kubeconfig = served.kubeconfig or settings.kubeconfig
        async with feed(settings, kubeconfig, served.registries, served.clock) as live:
            snapshot = await settled(live, settings.timeout or _PATIENCE)
            verb, ref = _choose(snapshot, wanted, settings, manner)
            await _allowed(live, ref, verb)
            given = {
                name: one for name, one in wanted.given.items() if name != "namespace" or verb.option(name)
            }
            act = await live.acts.prepare(ref, verb, given)
            return await _go(live.acts, act, manner)


async def _go(acts: Acts, act: Act, manner: Manner) -> Code:
    """Show it, ask, and do it; where the object changed meanwhile, ask anew whom can be asked."""
    asks, earlier = manner.asks(act.verb), ""
    while True:
        if not manner.as_json or asks:
            _say(*_lines(act, earlier), err=manner.as_json)
        told = {"version": VERSION, "verb": act.verb.name, "target": _target(act.ref), **_planned(act)}
        if act.missing:
            raise Refused(f"may not {', '.join(map(str, act.missing))}", advice="ask for these rights")
        if act.plan.noop or manner.dry_run:
            return await _unsent(acts, act, told, manner)
        if asks:
            _ask(act, again=bool(earlier))
        last = await _performed(acts, act, manner)
        if not (asks and last.outcome is Outcome.CONFLICT):
            break
        earlier, act = act.plan.before, await acts.prepare(act.ref, act.verb, act.given)
    text = f"{last.text}{_LEFT}" if last.outcome is Outcome.CONFLICT else last.text
    told |= {"seconds": round(last.seconds, 3), "reply": last.reply}
    return _end(told, manner, str(last.outcome), text, _CODES.get(last.outcome, Code.UNPROVED))


async def _unsent(acts: Acts, act: Act, told: dict[str, Any], manner: Manner) -> Code:
    """End where nothing is to be sent, or only to be tried."""
    if manner.dry_run == "server":
        told["changes"] = list(await acts.rehearse(act))
        if not manner.as_json:
            _say(*(told["changes"] or ["the API server says that nothing would change"]))
    return _end(told, manner, "noop" if act.plan.noop else "dry-run", act.plan.noop)


async def _performed(acts: Acts, act: Act, manner: Manner) -> Report:
    """Do it, say how far it has come, and return the last report."""
    asks, last = manner.asks(act.verb), Report(outcome=Outcome.UNKNOWN, text="nothing was reported")
    async with aclosing(acts.perform(act)) as reports:
        async for last in reports:
            conflict = last.outcome is Outcome.CONFLICT
            if not manner.as_json or (asks and conflict):
                _say(_reported(last, left=conflict and not asks), err=manner.as_json)
            if last.outcome is Outcome.ACCEPTED and not manner.wait:
                break
    return last


def _reported(report: Report, *, left: bool) -> str:
    """Write how far it has come, where the text does not begin with that anyway."""
    named = report.text.startswith(report.outcome)
    text = report.text if named else f"{report.outcome}: {report.text}"
    return f"{report.seconds:4.1f} s  {text}{_LEFT if left else ''}"


def _choose(snapshot: Snapshot, wanted: Wanted, settings: Settings, manner: Manner) -> tuple[Verb, Ref]:
    """Return the one object that is meant.

    Raises:
        Refused: there is none, or more than one.
    """
    candidates = list(found(snapshot, wanted, PIPELINE))
    name = wanted.verbs[0].name
    if not candidates:
        kinds = " or ".join(sorted({one.kind.name for one in wanted.verbs}))
        where = f" in namespace {', '.join(settings.namespaces)}" if settings.namespaces else ""
        unseen = {panel.reason for stage in snapshot.stages.values() for panel in stage.panel if panel.reason}
        hint = "; ".join(sorted(unseen)) or "look with `trombone-tui status`"
        raise Refused(f"there is no {kinds} {wanted.name}{where} to {name}", advice=hint)
    if len(candidates) > 1:
        raise Refused(
            f"{name} {wanted.name} may mean {', '.join(str(ref) for _, ref in candidates)}",
            advice="name the kind before it, the namespace with -n, the cluster with --context",
        )
    verb, ref = candidates[0]
    if manner.yes and verb.kind.namespaced and not settings.namespaces and ref.kind != "Application":
        raise Refused(
            f"{name} --yes needs the namespace: {ref} was found by its name alone",
            advice=f"say -n {ref.namespace}",
        )
    return verb, ref


async def _allowed(live: Live, ref: Ref, verb: Verb) -> None:
    """Return when the verb may be done.

    Raises:
        Refused: why it can't be.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + _RIGHTS
    async for _ in live.snapshots():
        offer = next((one for one in live.acts.offers(ref) if one.verb is verb), None)
        if offer is None:
            raise Refused(f"{ref} is gone")
        if offer.reason:
            raise Refused(f"can't {verb.name} {ref}: {offer.reason}")
        if offer.known or loop.time() > until:
            return


def _ask(act: Act, *, again: bool) -> None:
    """Return when somebody says yes.

    Raises:
        Refused: they don't.
    """
    nothing = "nothing more was sent" if again else "nothing was sent"
    if act.protected:
        if typed(f"{act.ref.cluster} is protected; type {act.ref.name} to go on") != act.ref.name:
            raise Refused("that is not its name", advice=nothing)
    elif not yes(f"{act.verb.name}?", default=not act.dangerous):
        raise Refused(f"{act.verb.name} was not confirmed", advice=nothing)


def _lines(act: Act, earlier: str) -> list[str]:
    """Write the plan, and what it was worked out from before, if it was."""
    plan = act.plan
    lines = [f"{act.verb.name} {act.ref}"]
    lines += [f"  was    {earlier}"] if earlier else []
    lines += [f"  now    {plan.before}", f"  then   {plan.after}"]
    lines += [f"  note   {warning}" for warning in plan.warnings]
    if plan.command:
        lines.append(f"  like   {plan.command}")
    lines += [f"  sends  {line}" for line in request_lines(act)]
    return [*lines, f"  nothing to do: {plan.noop}"] if plan.noop else lines


def _planned(act: Act) -> dict[str, Any]:
    plan = act.plan
    return {
        "before": plan.before,
        "after": plan.after,
        "warnings": list(plan.warnings),
        "command": plan.command,
        "requests": requests(act),
    }


def _target(ref: Ref) -> dict[str, str]:
    names = ("cluster", "kind", "namespace", "name", "uid", "part")
    return {name: value for name in names if (value := getattr(ref, name))}


def _say(*lines: str, err: bool = False) -> None:
    for line in lines:
        click.echo(clean(line), err=err)


def _end(told: dict[str, Any], manner: Manner, outcome: str, text: str, code: Code = Code.DONE) -> Code:
    if manner.as_json:
        click.echo(json.dumps(told | {"outcome": outcome, "text": text}, indent=2, ensure_ascii=False))
    return code
