"""The program on the screen: paints first, connects then, and shows what the feed says at a humane pace."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, ClassVar

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.types import CSSPathType
from textual.widget import AwaitMount

from trombone_tui.config import folder
from trombone_tui.core.installing import Installer
from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.ports import PortError
from trombone_tui.core.snapshot import Feed, Snapshot
from trombone_tui.core.stage import Stage
from trombone_tui.ui.commanding import CommandingApp
from trombone_tui.ui.dashboard import Dashboard
from trombone_tui.ui.desk import Desk
from trombone_tui.ui.help import HelpView
from trombone_tui.ui.hops import logging, speaking
from trombone_tui.ui.keyboard import Keyboard, written
from trombone_tui.ui.keystrokes import Typed
from trombone_tui.ui.logs import LogsView
from trombone_tui.ui.manifest import ManifestView
from trombone_tui.ui.station import StationView
from trombone_tui.ui.terminal import Impatient, backlog, when_gone
from trombone_tui.ui.theme import NIGHT, PLAIN, few_colours, glyphs_for
from trombone_tui.ui.trouble import TroubleView
from trombone_tui.ui.view import View

FRAME = 1 / 8
"""Seconds between two snapshots at least."""

BLIND_FRAME = 1 / 4
"""The same where it can't be known whether the terminal keeps up."""

HUNG_UP = 129
"""The exit code when the terminal is gone, as of a program that SIGHUP has ended."""

_CATCHING_UP = 0.02
"""Seconds between two looks at a terminal that is behind."""


REST = 10.0
"""Seconds without a key after which screens that were closed are freed: it stops all for up to 0.5 s."""


class TromboneApp(CommandingApp):
    """All screens over one feed. `connect` is called after the first paint and may raise `PortError`."""

    CSS_PATH: ClassVar[CSSPathType | None] = [*sorted(folder("styles").glob("*.tcss"))]
    TITLE = "trombone"
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "quit", "quit at once", show=False, priority=True, id="app.quit"),
    ]

    def __init__(
        self,
        stages: Sequence[Stage],
        connect: Callable[[], Awaitable[Feed]],
        *,
        contexts: str = "",
        namespaces: str = "",
        keys: Mapping[str, str] | None = None,
        installer: Callable[[], Installer | None] = lambda: None,
        scope: Sequence[str] = (),
    ) -> None:
        plain = few_colours(os.environ)
        super().__init__(ansi_color=plain)
        self.register_theme(NIGHT)
        self.register_theme(PLAIN)
        self.theme = (PLAIN if plain else NIGHT).name
        glyphs = glyphs_for(os.environ)
        self.set_class(glyphs.ascii_only, "ascii")
        self.desk = Desk(
            stages=stages,
            glyphs=glyphs,
            contexts=contexts,
            namespaces=namespaces,
            keyboard=Keyboard(keys or {}),
            installer=installer,
            scope=scope,
        )
        self.set_keymap(self.desk.keyboard.own)
        self._connect_feed = connect
        self._tidying: asyncio.TimerHandle | None = None

    def get_default_screen(self) -> Screen[Any]:
        """Begin with the dashboard."""
        return Dashboard(self.desk)

    def on_mount(self) -> None:
        """Connect once the first screen has been painted."""
        asyncio.get_running_loop().set_default_executor(Impatient())
        if sys.stdin.isatty():
            when_gone(sys.stdin.fileno(), self._leave)
        self.call_after_refresh(self.run_worker, self._follow, name="feed")

    async def on_event(self, event: events.Event) -> None:
        """Do all that a key does before the next one is looked at; leave all other events to Textual.

        Textual queues a letter for the widget that has the focus, and does what a key is bound to once it has
        come up through the queues of all widgets above: of keys that come at once some would overtake others.
        So widgets are sent no keys here: they bind them, or are `Typed`.
        """
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        self._tidy_later()
        if not self.screen.is_mounted:
            await AwaitMount(self.screen, [self.screen])
        at = self.focused or self.screen
        if isinstance(at, Typed) and at.take(event):
            return
        if isinstance(event, events.Key):
            self.app_focus = True
            _ = await self._check_bindings(event.key, priority=True) or await self._check_bindings(event.key)

    def get_key_display(self, binding: Binding) -> str:
        """Write a key in the key bar; the stages' keys as one range."""
        if binding.action.startswith("app.stage("):
            return self.desk.keyboard.stages(len(self.desk.stages))
        return binding.key_display or written(binding.key)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the keys of stages that there are."""
        if action in ("stage", "help") and isinstance(self.screen, View) and self.screen.typing:
            return False
        if action == "stage":
            return 0 < int(str(parameters[0])) <= len(self.desk.stages)
        if action == "help":
            return isinstance(self.screen, View) and not isinstance(self.screen, HelpView)
        if action == "logs" and isinstance(self.screen, LogsView):
            return False
        if action in ("yaml", "logs"):
            return self._read(action) is not None
        return super().check_action(action, parameters)

    def action_stage(self, number: int) -> None:
        """Open a stage over the whole screen; the way back leads to the dashboard."""
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self.push_screen(StationView(self.desk, self.desk.stages[number - 1]))

    def action_help(self) -> None:
        """Explain the keys and signs of the screen in front."""
        if isinstance(self.screen, View):
            self.push_screen(HelpView(self.screen))

    def action_yaml(self) -> None:
        """Show the whole object of the row the cursor is on; of a service, of what explains it."""
        if (ref := self._read("yaml")) is not None:
            self.push_screen(ManifestView(self.desk, ref))

    def action_logs(self) -> None:
        """Show the logs of the row the cursor is on; of a service, those that tell of it."""
        if (ref := self._read("logs")) is not None:
            self.push_screen(LogsView(self.desk, ref))

    def _read(self, action: str) -> Ref | None:
        """Return the item that ``logs`` or ``yaml`` is for."""
        if not isinstance(view := self.screen, View):
            return None
        if view.chosen is not None or view.service is None:
            return view.chosen
        return logging(self.desk, view.service) if action == "logs" else speaking(view.service)

    def _tidy_later(self) -> None:
        """Look for garbage when no key has been pressed for a while, so that none has to wait for it."""
        if self._tidying is not None:
            self._tidying.cancel()
        self._tidying = asyncio.get_running_loop().call_later(REST, gc.collect)

    def _leave(self) -> None:
        """End without a word: nobody can read it, and writing to a terminal that is gone blocks."""
        os._exit(HUNG_UP)

    def _fatal_error(self) -> None:
        """Print a bug's traceback without the values of its variables: secrets may be among them."""
        self.panic(Text(traceback.format_exc()))

    async def _follow(self) -> None:
        try:
            feed = await self._connect_feed()
        except PortError as error:
            await self.push_screen(TroubleView(error, self.desk.glyphs))
            return
        self.desk.feed = feed
        async for snapshot in feed.snapshots():
            self._show(snapshot)
            await self._breathe()

    def _show(self, snapshot: Snapshot) -> None:
        self.desk.take(snapshot)
        for screen in reversed(self.screen_stack):
            if isinstance(screen, View):
                screen.show()
                break
        self.show_dialog()
        self.ask_pending()

    async def _breathe(self) -> None:
        """Wait a frame, and longer while the terminal is behind: then the newest snapshot comes next."""
        await asyncio.sleep(BLIND_FRAME if backlog(self) is None else FRAME)
        while backlog(self):  # noqa: ASYNC110 - the driver's queue has no event to wait for
            await asyncio.sleep(_CATCHING_UP)
