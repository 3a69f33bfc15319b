"""A command for every verb that a stage declares, and what was done with them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from typing import Any

import click
import msgspec

from trombone_tui.adapters.audit import audit_file, read_audit
from trombone_tui.cli.flags import access_flags, demo_flags, given
from trombone_tui.cli.words import options_of, usage, verbs_by_name
from trombone_tui.core.text import clean
from trombone_tui.core.verbs import Option, Sort, Verb
from trombone_tui.pipeline import PIPELINE

_TYPES = {Sort.NUMBER: click.IntRange(min=0), Sort.TEXT: click.STRING}


def verb_commands() -> dict[str, click.Command]:
    """Return the commands by name."""
    return {name: _command(name, verbs) for name, verbs in verbs_by_name(PIPELINE).items()}


def _command(name: str, verbs: Sequence[Verb]) -> click.Command:
    options = [one for one in options_of(verbs) if one.name != "namespace"]
    own = {one.name for one in options}

    def run(context: click.Context, words: tuple[str, ...], **values: Any) -> int:
        effective = given(context).settle(os.environ)
        from trombone_tui.cli.doing import Manner, do  # noqa: PLC0415 - half a second, when a verb is done

        dry_run = values.pop("dry_run_mode")
        if dry_run == "own":
            values["dry_run"] = True
        manner = Manner(
            yes=values.pop("yes"),
            wait=values.pop("wait"),
            as_json=values.pop("output") == "json",
            dry_run="" if dry_run == "own" else dry_run or "",
        )
        told = {one.name: values[_parameter(one)] for one in options if values.get(_parameter(one))}
        if any(one.name == "namespace" for one in options_of(verbs)) and effective.settings.namespaces:
            told["namespace"] = effective.settings.namespaces[0]
        return do(effective.settings, given(context).demo, verbs, words, told, manner)

    command: Callable[..., Any] = click.pass_context(run)
    bare = "own" if "dry-run" in own else "client"
    for decorate in (
        demo_flags,
        access_flags,
        click.option(
            "-o", "--output", type=click.Choice(["text", "json"]), default="text", show_default=True
        ),
        click.option("--wait/--no-wait", default=True, help="End when its effect is seen (the default)."),
        click.option(
            "dry_run_mode",
            "--dry-run",
            type=click.Choice(["client", "server"] if bare == "client" else ["own", "client", "server"]),
            is_flag=False,
            flag_value=bare,
            help="Only show what would be sent (client), or would change (server)."
            + (" Without a word the verb's own, which is sent." if bare == "own" else ""),
        ),
        click.option("-y", "--yes", is_flag=True, help="Do it without asking."),
        *(_option(one) for one in reversed(options) if one.name != "dry-run"),
        click.argument("words", nargs=-1, metavar=usage(verbs)),
    ):
        command = decorate(command)
    about = " ".join(dict.fromkeys(verb.about for verb in verbs))
    return click.command(name, help=about, short_help=verbs[0].about)(command)


def _option(option: Option) -> Callable[..., Any]:
    help_text = option.about[:1].upper() + option.about[1:]
    if option.sort is Sort.FLAG:
        return click.option(f"--{option.name}", is_flag=True, help=help_text)
    return click.option(
        f"--{option.name}",
        type=_TYPES[option.sort],
        multiple=option.several,
        metavar="N" if option.sort is Sort.NUMBER else option.name.upper(),
        help=help_text,
    )


def _parameter(option: Option) -> str:
    return option.name.replace("-", "_")


@click.command("rollback-plan")
@click.argument("service")
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@access_flags
@demo_flags
@click.pass_context
def rollback_plan_command(context: click.Context, service: str, output: str) -> int:
    """Print how a service goes back so that it stays; nothing is written.

    Exits with 0 when every step is done already, 1 when some are left, 2 when there is no way back.
    """
    effective = given(context).settle(os.environ)
    from trombone_tui.cli.way_back import way_back  # noqa: PLC0415 - half a second, for this command alone

    return way_back(effective.settings, given(context).demo, service, output)


@click.command("audit")
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--last", type=click.IntRange(min=1), metavar="N", help="Only the newest N entries.")
@click.pass_context
def audit_command(context: click.Context, output: str, last: int | None) -> int:
    """Print what was done from this machine: when, by whom, to what, and what became of it."""
    given(context).refuse_all("audit")
    entries, broken = read_audit(audit_file(os.environ))
    for entry in entries[-(last or 0) :]:
        if output == "json":
            click.echo(json.dumps(msgspec.to_builtins(entry), ensure_ascii=False))
            continue
        place = f"{entry.namespace}/{entry.name}" if entry.namespace else entry.name
        code = f"{entry.code} " if entry.code is not None else ""
        said = " ".join(filter(None, [entry.outcome, entry.text])) or f"{entry.method} {entry.path}"
        head = f"{entry.time:%Y-%m-%d %H:%M:%SZ}  {entry.event:<7}  {entry.os_user} as {entry.user or '?'}"
        click.echo(clean(f"{head}  {entry.cluster}  {entry.verb} {entry.kind} {place}  {code}{said}"))
    if broken:
        click.echo(f"{broken} line{'s' * (broken != 1)} could not be read", err=True)
    return 0
