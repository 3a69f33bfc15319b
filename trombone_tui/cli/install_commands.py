"""The commands that put a pipeline on a cluster and take it off again."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from trombone_tui.cli.flags import access_flags, demo_flags, given
from trombone_tui.config import folder, seconds

AnyCommand = TypeVar("AnyCommand", bound=Callable[..., Any])


def _shared(*formats: str) -> Callable[[AnyCommand], AnyCommand]:
    def decorate(command: AnyCommand) -> AnyCommand:
        for option in (
            demo_flags,
            access_flags,
            click.option("-o", "--output", type=click.Choice(formats), default="text", show_default=True),
            click.option(
                "--dry-run",
                type=click.Choice(["client", "server"]),
                is_flag=False,
                flag_value="client",
                help="Only show what would be done, by reading (client) or as the API server says (server).",
            ),
            click.option("-y", "--yes", is_flag=True, help="Do it without asking."),
        ):
            command = option(command)
        return command

    return decorate


def _duration(_: click.Context, __: click.Parameter, value: str) -> float:
    try:
        return seconds(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.command("install")
@click.argument("service", required=False)
@click.option(
    "-f", "--values", "file", metavar="FILE", help="File with values, as `--list-values` prints it."
)
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="One value; repeatable.")
@click.option("--only", metavar="STAGES", help="Only these stages, divided by commas: events,workflows.")
@click.option("--force-conflicts", is_flag=True, help="Take fields over that others manage.")
@click.option("--undo", is_flag=True, help="Take everything back when it is stopped in the middle.")
@click.option("--wait/--no-wait", default=True, help="End when controllers have taken it up (the default).")
@click.option(
    "--timeout",
    default="2m",
    callback=_duration,
    show_default=True,
    metavar="TIME",
    help="How long they are waited for.",
)
@click.option("--list-values", is_flag=True, help="Print all values with their meaning, and do nothing.")
@click.option(
    "--config-to",
    metavar="FOLDER",
    help="Only write what belongs into the config repository into this new folder.",
)
@_shared("text", "json", "yaml")
@click.pass_context
def install_command(context: click.Context, /, file: str | None, **options: Any) -> int:
    """Put the delivery pipeline of one service on a cluster, from push to Application.

    The controllers have to be there; which are not is said, with how their makers have them installed.
    Exits with 0 when all is there and taken up, 1 when it is applied in part or not taken up in time, 2 when
    nothing was changed.
    """
    if options.pop("list_values"):
        given(context).refuse_all("install --list-values")
        click.echo((folder("manifests") / "values.yaml").read_text(encoding="utf-8"), nl=False)
        return 0
    effective = given(context).settle(os.environ)
    from trombone_tui.cli.installing import Wish, install  # noqa: PLC0415 - half a second, for this alone

    only = tuple(name.strip() for name in (options.pop("only") or "").split(",") if name.strip())
    wish = Wish(file=Path(file) if file else None, only=only, **options)
    return install(effective.settings, given(context).demo, wish)


@click.command("uninstall")
@click.argument("service")
@click.option("--secrets", is_flag=True, help="Delete the webhook's Secret too.")
@click.option("--workloads", is_flag=True, help="Have Argo CD delete what it has deployed of the service.")
@_shared("text", "json")
@click.pass_context
def uninstall_command(context: click.Context, /, service: str, **options: Any) -> int:
    """Delete what `install` has put on a cluster for a service, and nothing else.

    It is found by its labels, so the values it was installed with don't matter. Kinds that may not be listed
    are named, and what is there of them stays. Exits with 0 when it is gone, 1 when some of it is or not all
    could be looked at, 2 when nothing was changed.
    """
    effective = given(context).settle(os.environ)
    from trombone_tui.cli.uninstalling import Wish, uninstall  # noqa: PLC0415 - half a second, for this alone

    return uninstall(effective.settings, given(context).demo, Wish(service=service, **options))
