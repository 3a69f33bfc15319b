"""Installs without a screen: says what would be done, asks, does it, waits, and takes it back if asked to."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import click
import msgspec

from trombone_tui.cli.asking import typed, yes
from trombone_tui.cli.doing import Code
from trombone_tui.cli.embedded import embedded
from trombone_tui.cli.flags import Demo
from trombone_tui.cli.install_texts import document, plan_lines, progress_line, said
from trombone_tui.cli.reach import Reached, reached
from trombone_tui.config import Settings, folder
from trombone_tui.core.installing import Came, Deed, InstallPlan, Order, Progress
from trombone_tui.core.manifest import manifest
from trombone_tui.core.ports import Refused
from trombone_tui.core.text import clean
from trombone_tui.installer.manifests import to_apply
from trombone_tui.installer.rendering import for_git
from trombone_tui.installer.values import (
    Given,
    placeholders,
    read_defaults,
    read_file,
    read_settings,
    settle,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the command line says of installing."""

    service: str | None = None
    file: Path | None = None
    settings: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    force_conflicts: bool = False
    undo: bool = False
    wait: bool = True
    timeout: float = 120.0
    config_to: str | None = None
    yes: bool = False
    dry_run: str | None = None
    output: str = "text"


def install(settings: Settings, demo: Demo | None, wish: Wish) -> Code:
    """Install one pipeline, or print or write what belongs to it.

    Raises:
        Refused: a value or flag is wrong, nobody said yes, or it can't be done.
        PortError: the cluster can't be asked.
    """
    given = _given(settings, wish)
    if wish.config_to is not None:
        return _write_config(Path(wish.config_to), given)
    if wish.output == "yaml":
        return _print_yaml(given, wish)
    if not (wish.yes or wish.dry_run or sys.stdin.isatty()):
        raise Refused(
            "install asks before it does anything, and there is no terminal to ask on",
            advice="say --yes, or --dry-run to see what would be done",
        )
    return asyncio.run(_install(settings, demo, wish, given))


def _given(settings: Settings, wish: Wish) -> dict[str, Given]:
    """Return the values that were given, later ones over earlier: file, --set, -n, the service's name."""
    given = read_file(wish.file) if wish.file else {}
    given |= read_settings(wish.settings)
    if len(settings.namespaces) > 1:
        raise Refused("install takes one namespace", advice="name the others with --set app_namespace=…")
    if settings.namespaces:
        given["namespace"] = Given(settings.namespaces[0], "-n")
    if wish.service is not None:
        given["service"] = Given(wish.service, "SERVICE")
    if len(settings.contexts) > 1:
        raise Refused("install works on one cluster at a time", advice="name one --context")
    return given


def _values(given: Mapping[str, Given]) -> dict[str, Any]:
    return settle(read_defaults(folder("manifests")), given)


async def _install(settings: Settings, demo: Demo | None, wish: Wish, given: Mapping[str, Given]) -> Code:
    values = _values(given)
    places = tuple(dict.fromkeys(str(values[f"{one}namespace"]) for one in ("", "app_", "argocd_")))
    looked = msgspec.structs.replace(settings, namespaces=places)
    async with embedded(demo) as serving:
        served = await serving()
        kubeconfig = served.kubeconfig or settings.kubeconfig
        async with reached(looked, kubeconfig, served.registries, served.clock) as there:
            order = Order(
                cluster=there.clusters[0],
                values={name: one.value for name, one in given.items()},
                origins={name: one.origin for name, one in given.items()},
                stages=wish.only,
                force=wish.force_conflicts,
                rehearse=wish.dry_run != "client",
            )
            return await _Run(there, wish).go(await there.installer.plan(order))


@dataclass(slots=True)
class _Run:
    there: Reached
    wish: Wish
    deeds: list[Deed] = field(default_factory=list)
    told: list[Progress] = field(default_factory=list)

    async def go(self, plan: InstallPlan) -> Code:
        """Show a plan, ask, and do it."""
        wish, installer = self.wish, self.there.installer
        if wish.output == "text":
            said(*plan_lines(plan))
        if wish.dry_run or plan.hindrance:
            if not wish.dry_run and wish.output == "text":
                raise Refused(plan.hindrance, advice="nothing was changed")
            code = Code.REFUSED if plan.hindrance else Code.DONE
            return self._end(plan, "refused" if plan.hindrance else "dry-run", plan.hindrance, code)
        if not plan.noop and not wish.yes:
            _ask(plan)
        last = await self._follow(installer.apply(plan))
        if last.came is not Came.DONE:
            return await self._stopped(plan, last)
        if wish.wait:
            last = await self._follow(installer.wait(plan, wish.timeout))
        code = Code.DONE if last.came is Came.DONE else Code.UNPROVED
        return self._end(plan, "done" if code is Code.DONE else "not ready", last.text, code)

    async def _stopped(self, plan: InstallPlan, last: Progress) -> Code:
        sent = bool(self.deeds) or any(one.came is Came.UNKNOWN for one in self.told)
        text = last.text
        if self.deeds and (self.wish.undo or self._wants_undo()):
            undone = await self._follow(self.there.installer.undo(plan, tuple(self.deeds)))
            text = f"{text}; {undone.text}"
            sent = undone.came is not Came.DONE or any(one.came is Came.UNKNOWN for one in self.told)
        elif self.deeds:
            text = f"{text}; run it again to go on, or `uninstall` to take it off"
        return self._end(plan, "stopped", text, Code.UNPROVED if sent else Code.REFUSED)

    def _wants_undo(self) -> bool:
        if self.wish.yes or self.wish.output != "text" or not sys.stdin.isatty():
            return False
        return yes("take back what was done?")

    async def _follow(self, steps: AsyncGenerator[Progress, None]) -> Progress:
        last = Progress(came=Came.STOPPED, text="nothing was reported")
        try:
            async with aclosing(steps):
                async for last in steps:
                    self.told.append(replace(last, deed=None))
                    if last.deed is not None:
                        self.deeds.append(last.deed)
                    if last.came in (Came.DELETED, Came.PUT_BACK):
                        self.deeds = [deed for deed in self.deeds if deed.ref != last.ref]
                    if self.wish.output == "text" and (line := progress_line(last)):
                        said(line)
        except asyncio.CancelledError:
            self._interrupted()
            raise
        return last

    def _interrupted(self) -> None:
        """Say what is left behind; what was being sent has been sent to its end."""
        done = ", ".join(str(deed.ref) for deed in self.deeds) or "nothing that is known"
        text = f"interrupted; applied are {done}; `trombone-tui audit` has what was sent last"
        click.echo(clean(text), err=True)

    def _end(self, plan: InstallPlan, outcome: str, text: str, code: Code) -> Code:
        if self.wish.output == "json":
            told = document(plan, self.told, outcome=outcome, text=text)
            click.echo(json.dumps(told, indent=2, ensure_ascii=False))
        elif text and code is not Code.DONE:
            click.echo(clean(text), err=True)
        return code


def _ask(plan: InstallPlan) -> None:
    """Return when somebody says yes.

    Raises:
        Refused: they don't.
    """
    confirm("install", plan.order.cluster, plan.service, protected=plan.protected)


def confirm(verb: str, cluster: str, service: str, *, protected: bool) -> None:
    """Return when somebody says yes, in a protected cluster by typing the service's name.

    Raises:
        Refused: they don't.
    """
    if protected:
        if typed(f"{cluster} is protected; type {service} to go on") != service:
            raise Refused("that is not its name", advice="nothing was sent")
    elif not yes(f"{verb} {service}?"):
        raise Refused(f"{verb} was not confirmed", advice="nothing was sent")


def _print_yaml(given: Mapping[str, Given], wish: Wish) -> Code:
    """Print the objects for kubectl or git; no cluster is asked."""
    if wish.dry_run != "client":
        raise Refused("-o yaml prints what would be applied", advice="say --dry-run=client -o yaml")
    values = placeholders(_values(given))
    for one in to_apply(folder("manifests"), values, wish.only):
        click.echo(f"---\n# {one.file}")
        if one.kind == "Secret":
            click.echo(f"# Secret {one.namespace}/{one.name} is left out: it is made with a random key.")
        else:
            click.echo("\n".join(manifest(one.body)))
    return Code.DONE


def _write_config(where: Path, given: Mapping[str, Given]) -> Code:
    """Write what belongs into the config repository, into a folder that is not there yet.

    Raises:
        Refused: it is there, or can't be written.
    """
    files = for_git(folder("manifests"), placeholders(_values(given)))
    try:
        where.mkdir(parents=True)
        for name, text in files.items():
            (where / name).write_text(text, encoding="utf-8")
    except FileExistsError:
        raise Refused(f"{where} is there already", advice="name a folder that is not there") from None
    except OSError as error:
        raise Refused(f"{where}: {(error.strerror or str(error)).lower()}") from None
    click.echo(f"{where}: {', '.join(files)}; commit them to the config repository")
    return Code.DONE
