"""Flags of the whole command line, taken before a subcommand as well as after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import click

from trombone_tui.config import Effective, place, settle
from trombone_tui.core.ports import Refused

SCENARIOS = ("day", "bad-canary", "broken-build", "few-rights", "not-installed", "big", "stormy")
"""What the embedded cluster can play."""

POSITIVE = click.FloatRange(min=0, min_open=True)

AnyCommand = TypeVar("AnyCommand", bound=Callable[..., Any])


@dataclass(slots=True)
class Demo:
    """The embedded cluster as it was asked for."""

    scenario: str
    speed: float = 1.0
    seed: int = 1


@dataclass(slots=True)
class Given:
    """The flags that were really given, by parameter name, with how they were spelt."""

    values: dict[str, Any] = field(default_factory=dict)
    spelt: dict[str, str] = field(default_factory=dict)

    def take(self, parameter: click.Parameter, value: Any) -> Any:
        """Note a flag; a repeatable one adds up over both places it may stand in."""
        name = parameter.name or ""
        if value is None or value is False or value == ():
            return value
        self.values[name] = (*self.values.get(name, ()), *value) if isinstance(value, tuple) else value
        self.spelt[name] = parameter.opts[-1]
        return value

    @property
    def demo(self) -> Demo | None:
        """The embedded cluster, if it was asked for.

        Raises:
            click.UsageError: flags for it stand without it, or flags that only a real cluster knows with it.
        """
        scenario = self.values.get("demo")
        tuned = [self.spelt[name] for name in ("demo_speed", "demo_seed") if name in self.values]
        if scenario is None:
            if tuned:
                raise click.UsageError(f"{tuned[0]} says how --demo plays; add --demo")
            return None
        for name in ("kubeconfig", "contexts", "as", "as_groups", "as_uid"):
            if name in self.values:
                raise click.UsageError(f"--demo brings its own cluster; leave out {self.spelt[name]}")
        return Demo(scenario, self.values.get("demo_speed", 1.0), self.values.get("demo_seed", 1))

    def settle(self, environ: Mapping[str, str]) -> Effective:
        """Put the settings together; with --demo the user's file and variables don't count.

        Raises:
            Refused: a setting is wrong.
            click.UsageError: flags exclude each other.
        """
        flags = {name: (value, self.spelt[name]) for name, value in self.values.items() if name in _SETTINGS}
        if "everywhere" in self.values:
            if "namespaces" in flags:
                raise click.UsageError("-n and -A exclude each other: name namespaces, or take all")
            flags["namespaces"] = ((), "-A")
        if self.demo is not None:
            return settle(Path("/dev/null"), {}, flags)
        effective = settle(place(environ), environ, flags)
        settings = effective.settings
        if not settings.as_user and (name := _first(("as_groups", "as_uid"), effective)):
            raise Refused(
                f"{effective.origins[name]}: impersonating needs a user too",
                advice="add --as, also to kubectl",
            )
        return effective

    def refuse_all(self, command: str) -> None:
        """Say that a command has no use for any of these flags, instead of leaving them unheard.

        Raises:
            click.UsageError: there is one.
        """
        if self.spelt:
            raise click.UsageError(f"{command} has no use for {next(iter(self.spelt.values()))}")


_SETTINGS = frozenset(
    {"kubeconfig", "contexts", "namespaces", "as", "as_groups", "as_uid", "read_only", "request_timeout"}
)


def _first(names: tuple[str, ...], effective: Effective) -> str:
    """Return the first of these settings that is set."""
    return next((name for name in names if getattr(effective.settings, name)), "")


def given(context: click.Context) -> Given:
    """Return the flags given so far, the subcommand's and those before it."""
    return context.ensure_object(Given)


def _take(context: click.Context, parameter: click.Parameter, value: Any) -> Any:
    return given(context).take(parameter, value)


def _flag(*names: str, **attributes: Any) -> Callable[[AnyCommand], AnyCommand]:
    return click.option(*names, callback=_take, expose_value=False, **attributes)


def access_flags(command: AnyCommand) -> AnyCommand:
    """Add kubectl's flags for what to look at, and as whom."""
    for option in reversed(
        (
            _flag(
                "contexts", "--context", multiple=True, metavar="NAME", help="Kubeconfig context; repeatable."
            ),
            _flag("--kubeconfig", metavar="FILE", help="Kubeconfig file to use instead of $KUBECONFIG."),
            _flag(
                "namespaces",
                "-n",
                "--namespace",
                multiple=True,
                metavar="NAME",
                help="Namespace; repeatable.",
            ),
            _flag(
                "everywhere", "-A", "--all-namespaces", is_flag=True, help="All you can see (the default)."
            ),
            _flag("as", "--as", metavar="USER", help="User to impersonate."),
            _flag(
                "as_groups",
                "--as-group",
                multiple=True,
                metavar="GROUP",
                help="Group to impersonate; repeatable.",
            ),
            _flag("as_uid", "--as-uid", metavar="UID", help="UID to impersonate."),
            _flag("read_only", "--read-only", is_flag=True, help="Let nothing be changed."),
            _flag("request_timeout", "--request-timeout", metavar="TIME", help="10, 10s, 1m; 0 is for ever."),
        )
    ):
        command = option(command)
    return command


def demo_flags(command: AnyCommand) -> AnyCommand:
    """Add the flags for looking at the embedded cluster instead."""
    scenarios = click.Choice(SCENARIOS)
    for option in reversed(
        (
            _flag(
                "--demo", type=scenarios, is_flag=False, flag_value="day", help="Use the embedded cluster."
            ),
            _flag(
                "--demo-speed",
                type=POSITIVE,
                metavar="N",
                help="Times as fast.",
            ),
            _flag("--demo-seed", type=int, metavar="N", help="Another seed, another story."),
        )
    ):
        command = option(command)
    return command
