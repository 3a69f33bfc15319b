"""Opens the screen. This loads Textual; what opens a socket is loaded in a thread after the first paint."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import datetime
from typing import Protocol

from trombone_tui.cli.embedded import embedded
from trombone_tui.cli.flags import Demo
from trombone_tui.config import Effective, Settings
from trombone_tui.core.installing import Installer
from trombone_tui.core.snapshot import Feed
from trombone_tui.core.text import clean
from trombone_tui.pipeline import PIPELINE
from trombone_tui.ui.app import TromboneApp
from trombone_tui.ui.keymap import keymap

TERMINATED = 143
"""As if ended by SIGTERM, but with the terminal as it was before."""

_SELDOM = 1_000
"""Lesser searches for garbage between two full ones, ten by default; the screen asks for one at rest."""


class Reached(Protocol):
    """What the screen takes of ``reach.Reached``, named here because that module is loaded later."""

    @property
    def live(self) -> Feed:
        """What is followed."""

    @property
    def installer(self) -> Installer:
        """What installs, on the same connections."""


Clock = Callable[[], datetime]
Reach = Callable[[Settings, str | None, Mapping[str, str], Clock], AbstractAsyncContextManager[Reached]]


def dashboard(effective: Effective, demo: Demo | None) -> int:
    """Show the dashboard until the user leaves it; return the exit code.

    Raises:
        Refused: the settings' keys can't be used.
    """
    return asyncio.run(_show(effective.settings, demo, _keys(effective)))


def screen(
    settings: Settings,
    demo: Demo | None,
    connect: Callable[[], Awaitable[Feed]],
    keys: Mapping[str, str] | None = None,
    installer: Callable[[], Installer | None] = lambda: None,
) -> TromboneApp:
    """Make the program on the screen, which calls ``connect`` after its first paint.

    ``installer`` hands out what installs, once ``connect`` is through.
    """
    return TromboneApp(
        PIPELINE,
        connect,
        contexts=f"demo: {demo.scenario}" if demo else ", ".join(settings.contexts),
        namespaces=", ".join(settings.namespaces) or "all namespaces",
        keys=keys,
        installer=installer,
        scope=settings.namespaces,
    )


async def _show(settings: Settings, demo: Demo | None, keys: Mapping[str, str]) -> int:
    async with AsyncExitStack() as stack:
        opened: list[Reached] = []

        async def connect() -> Feed:
            serving = await stack.enter_async_context(embedded(demo))
            reached = await asyncio.to_thread(_reach)
            served = await serving()
            kubeconfig = served.kubeconfig or settings.kubeconfig
            there = reached(settings, kubeconfig, served.registries, served.clock)
            opened.append(await stack.enter_async_context(there))
            return opened[0].live

        app = screen(settings, demo, connect, keys, lambda: opened[0].installer if opened else None)
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, lambda: app.exit(return_code=TERMINATED))
        await app.run_async()
        for left in await app.desk.works.cut_off():
            sys.stderr.write(f"{clean(left)}\n")
    return app.return_code or 0


def _keys(effective: Effective) -> Mapping[str, str]:
    """Return the user's own keys, checked against the stages' verbs: only then are these loaded so early."""
    if not (own := effective.settings.keymap):
        return own
    for stage in PIPELINE:
        stage.load()
    return keymap(own, effective.origins, PIPELINE)


def _reach() -> Reach:
    from trombone_tui.cli.reach import reached  # noqa: PLC0415 - 0.5 s of imports, after the first paint

    for stage in PIPELINE:
        stage.load()
    _spare_collector()
    return reached


def _spare_collector() -> None:
    """Have garbage looked for seldom, and not in what is loaded: a full search stops all for up to 0.5 s."""
    gc.freeze()
    often, now_and_then, _ = gc.get_threshold()
    gc.set_threshold(often, now_and_then, _SELDOM)
