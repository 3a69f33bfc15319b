"""The commands and their flags. What a command needs is imported when it runs: nobody waits for the rest."""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
from click.shell_completion import get_completion_class

from trombone_tui import __version__
from trombone_tui.cli.flags import POSITIVE, SCENARIOS, access_flags, demo_flags, given
from trombone_tui.cli.shown import shown
from trombone_tui.config import place

PROGRAM = "trombone-tui"


class ReaderGoneError(Exception):
    """Whoever was reading our output has gone away."""


class Front(click.Group):
    """The program itself: a command of its own kind, ``--demo`` may stand before a subcommand."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, and tell a closed pipe from other ends: click would make it exit code 1."""
        try:
            code = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            raise ReaderGoneError from None
        return code

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command; those of verbs are made when one is asked for that is not here."""
        return super().get_command(ctx, cmd_name) or _verbs().get(cmd_name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the program's own commands, then the verbs."""
        return [*super().list_commands(ctx), *_verbs()]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep ``--demo`` from taking a subcommand's name for its scenario."""
        for index, (flag, value) in enumerate(pairwise(args)):
            if flag == "--demo" and value not in SCENARIOS and self.get_command(ctx, value):
                args = [*args[:index], f"--demo={SCENARIOS[0]}", *args[index + 1 :]]
                break
        return super().parse_args(ctx, args)


@lru_cache
def _verbs() -> dict[str, click.Command]:
    from trombone_tui.cli import install_commands  # noqa: PLC0415 - when they are asked for
    from trombone_tui.cli import verb_commands as made  # noqa: PLC0415 - the stages, when they are asked for

    return {
        "install": install_commands.install_command,
        "uninstall": install_commands.uninstall_command,
        "audit": made.audit_command,
        "rollback-plan": made.rollback_plan_command,
        **made.verb_commands(),
    }


@click.group(
    name=PROGRAM,
    cls=Front,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Flags may stand before or after a command. Settings: see `trombone-tui config path`.",
)
@click.version_option(__version__, "--version", prog_name=PROGRAM, message="%(prog)s %(version)s")
@access_flags
@demo_flags
@click.pass_context
def trombone(context: click.Context) -> int:
    """Follow a change from push to promoted canary. Without a command: the dashboard."""
    if context.invoked_subcommand is not None:
        return 0
    effective = given(context).settle(os.environ)
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr and sys.stderr.isatty()):
        raise click.UsageError("the dashboard needs a terminal; `trombone-tui status` needs none")
    from trombone_tui.cli.dashboard import dashboard  # noqa: PLC0415 - Textual, for this command alone

    return dashboard(effective, given(context).demo)


@trombone.command("status")
@click.option(
    "-o", "--output", type=click.Choice(["table", "json", "yaml"]), default="table", show_default=True
)
@access_flags
@demo_flags
@click.pass_context
def status_command(context: click.Context, output: str) -> int:
    """Print every stage once, for people or programs.

    Exits with 0 when all is healthy, 1 when something needs a human or can't be seen in full,
    2 on an error. It waits until every stage has its first full list, at most --request-timeout.
    """
    effective = given(context).settle(os.environ)
    from trombone_tui.cli.status import status  # noqa: PLC0415 - half a second, for this command alone

    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return status(effective.settings, given(context).demo, output, colour=colour)


@trombone.command("demo-server")
@click.argument("scenario", type=click.Choice(SCENARIOS), default=SCENARIOS[0])
@click.option("--speed", type=POSITIVE, default=1.0, show_default=True, metavar="N", help="Times as fast.")
@click.option(
    "--seed", type=int, default=1, show_default=True, metavar="N", help="Another seed, another story."
)
@click.option("--rate", type=POSITIVE, metavar="N", help="Changes a second in the scenario big.")
@click.option("--kubeconfig", type=click.Path(dir_okay=False), metavar="FILE", help="Write it here.")
@click.option("--with-parent", is_flag=True, help="Print one line of JSON; end when standard input ends.")
@click.pass_context
def demo_server_command(
    context: click.Context,
    scenario: str,
    speed: float,
    seed: int,
    rate: float | None,
    kubeconfig: str | None,
    with_parent: bool,
) -> int:
    """Run the embedded cluster alone and print the path of its kubeconfig.

    It answers on 127.0.0.1 to whoever has the token in that file. Scenarios: see --demo.
    """
    given(context).refuse_all("demo-server")
    from trombone_tui.cli.demo_server import demo_server  # noqa: PLC0415 - a server, for this command alone

    file = Path(kubeconfig) if kubeconfig else None
    return demo_server(scenario, speed=speed, seed=seed, rate=rate, kubeconfig=file, with_parent=with_parent)


@trombone.group("config")
def config_group() -> None:
    """Show the settings and where they come from."""


@config_group.command("path")
@click.pass_context
def config_path(context: click.Context) -> int:
    """Print where the settings file belongs, whether it is there or not."""
    given(context).refuse_all("config path")
    click.echo(place(os.environ))
    return 0


@config_group.command("show")
@access_flags
@click.pass_context
def config_show(context: click.Context) -> int:
    """Print the settings in force as TOML, each with where it comes from."""
    effective = given(context).settle(os.environ)
    for line in shown(effective):
        click.echo(line)
    return 0


@trombone.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> int:
    """Print the script that makes a shell complete commands and flags.

    bash: source <(trombone-tui completion bash)
    """
    given(context).refuse_all("completion")
    kind = get_completion_class(shell)
    assert kind is not None  # the choices are click's own
    click.echo(kind(trombone, {}, PROGRAM, "_TROMBONE_TUI_COMPLETE").source())
    return 0
