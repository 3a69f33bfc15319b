"""What all screens share: header, filter, why bar, keys, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget

from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.stage import Stage
from trombone_tui.ui.bars import KeyBar, Line, Passage, Why
from trombone_tui.ui.cells import Cell
from trombone_tui.ui.choices import Choice
from trombone_tui.ui.desk import Desk
from trombone_tui.ui.filter import FilterBar
from trombone_tui.ui.heading import heading
from trombone_tui.ui.hops import keyed
from trombone_tui.ui.keyboard import stage_id
from trombone_tui.ui.messages import CursorMoved, InFront, MarksChanged
from trombone_tui.ui.paint import Canvas
from trombone_tui.ui.reminding import reminder_lines
from trombone_tui.ui.services import ServiceRow
from trombone_tui.ui.table import RowTable
from trombone_tui.ui.verb_keys import verb_action, verb_bindings

_NOT_WHILE_TYPING = frozenset({"filter", "back", "leave", "onward", "backward"})


def _key(key: str, action: str, text: str, name: str, *, shown: str | None = None, more: str) -> Binding:
    """Bind a key that changes the screen."""
    return Binding(key, action, text, key_display=shown, tooltip=more, id=name)


class View(Canvas):
    """One screen. Subclasses say what is in the middle and what the why bar says."""

    BINDINGS: ClassVar[list[BindingType]] = [
        _key("question_mark", "app.help", "help", "view.help", shown="?", more="this help"),
        _key("slash", "filter", "filter", "view.filter", shown="/", more="show only rows with these words"),
        *(
            _key(str(n), f"app.stage({n})", "stage", stage_id(n), more="a stage over the whole screen")
            for n in range(1, 10)
        ),
        Binding("a", "app.actions", "actions", tooltip="what can be done, and why not", id="view.actions"),
        Binding("l", "app.logs", "logs", tooltip="the logs that tell of it", id="view.logs"),
        Binding("y", "app.yaml", "YAML", tooltip="the whole object as YAML", id="view.yaml"),
        Binding(
            "R",
            "app.rollback",
            "rollback plan",
            tooltip="plan a way back that stays; it writes nothing",
            id="view.rollback",
        ),
        Binding("i", "app.install", "install", tooltip="controllers, install, uninstall", id="view.install"),
        Binding(
            "T",
            "app.remind",
            "turn on again",
            tooltip="turn on again what was left off by hand",
            id="view.remind",
        ),
        Binding(
            "colon",
            "app.command",
            "command",
            key_display=":",
            show=False,
            tooltip="type a command",
            id="view.command",
        ),
        Binding("ctrl+p", "app.palette", "palette", show=False, tooltip="all commands", id="view.palette"),
        Binding(
            "ctrl+t",
            "app.read_only",
            "read-only",
            show=False,
            tooltip="read-only on and off",
            id="view.read-only",
        ),
        _key("escape", "back", "back", "view.back", shown="esc", more="clear filter or marks, then back"),
        _key("q", "leave", "quit", "view.leave", more="back, then quit"),
    ]

    about = ""
    """What help calls the screen."""
    first: Sequence[str] = ()
    """The actions whose keys are named first, before those of verbs."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.header = Line(desk.glyphs, id="header")
        self.reminders = Passage(desk.glyphs, lead=" ", id="reminders")
        self.deeds = Passage(desk.glyphs, lead=" ", id="deeds")
        self.filter_bar = FilterBar(desk.glyphs, self.filter_typed)
        for seldom in (self.reminders, self.deeds, self.filter_bar):
            seldom.display = False
        self.why = Why(desk.glyphs, lead=" why  ", id="why")
        self.keys = KeyBar(desk.glyphs, id="keys")
        self.target: RowTable[object, object] | None = None
        """The table a filter is for: the one that had the focus last."""
        self._offered: tuple[object, ...] = ()
        self._bound = False

    def compose(self) -> ComposeResult:
        """Put the parts under one another."""
        self.why.fit(self.app.size)
        yield self.header
        yield self.reminders
        yield from self.body()
        yield self.filter_bar
        yield self.why
        yield self.deeds
        yield self.keys

    def body(self) -> ComposeResult:
        """Yield what is in the middle."""
        raise NotImplementedError

    def update(self) -> None:
        """Show the newest snapshot in the middle."""
        raise NotImplementedError

    def tell(self) -> None:
        """Say in the why bar what is to be said of the row the cursor is on."""

    @property
    def subject(self) -> Stage | None:
        """The stage the screen is about, if it is one."""
        return None

    @property
    def chosen(self) -> Ref | None:
        """The item that keys such as ``y`` are for: the one the cursor is on."""
        return None

    @property
    def targets(self) -> tuple[Ref, ...]:
        """The items that verbs are for: those that are marked, else the chosen one."""
        if self.target is not None and (marked := self.target.marked):
            return marked
        return (self.chosen,) if self.chosen is not None else ()

    @property
    def service_keys(self) -> tuple[str, ...]:
        """The services, by their keys, that a rollback plan may be for."""
        return self.desk.services_of(self.chosen) if self.chosen is not None else ()

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What can be done to them."""
        return self.desk.choices(self.targets)

    @property
    def service(self) -> ServiceRow | None:
        """The service that keys are for while no item is chosen."""
        return None

    @property
    def keyed(self) -> tuple[Choice, ...]:
        """What verbs' keys are for: of a selected service one choice for each item that has the verb."""
        if self.service is not None:
            return tuple(keyed(self.desk, self.service))
        return tuple(choice for choice in self.choices if choice.key)

    def pin(self) -> None:
        """Keep the cursor on the row it is on: something is to be done to it."""
        if self.target is not None:
            self.target.pin()

    def quiet(self, action: str) -> bool:
        """Say whether a verb's key would only say why it can't be done."""
        found = [choice.reason for choice in self.keyed if action == verb_action(choice.name)]
        return bool(found) and all(found)

    @property
    def terse(self) -> bool:
        """Whether verbs may be named by their keys alone: those of a service come from several stages."""
        return self.service is not None

    @property
    def signs(self) -> Sequence[tuple[str, Cell]]:
        """What help says of this screen's own signs; where there are none, those of stages are explained."""
        return ()

    @property
    def typing(self) -> bool:
        """Whether a filter is being typed, so that letters are text and no keys."""
        return self.filter_bar.display

    @property
    def selected(self) -> bool:
        """Whether something is selected that ``esc`` gives up before it leaves the screen."""
        return False

    def release(self) -> None:
        """Give up what is selected."""

    def show(self) -> None:
        """Show the newest snapshot everywhere on the screen."""
        self._bind()
        self.header.say(*heading(self.desk))
        self.update()
        self.tell()
        self.show_deeds()
        offered = (self.choices, self.keyed, self.desk.snapshot.reminders)
        if offered != self._offered:
            self._offered = offered
            self.refresh_bindings()

    def _bind(self) -> None:
        """Bind the keys of verbs once there is a feed: until then the stages may not be loaded."""
        if self._bound or self.desk.feed is None:
            return
        self._bound = True
        mine = set(self._bindings.key_to_bindings)
        for binding in verb_bindings(self.desk.stages, self.desk.keyboard.own):
            if binding.key not in mine:
                self._bindings.key_to_bindings.setdefault(binding.key, []).append(binding)
        self.refresh_bindings()

    def show_deeds(self) -> None:
        """Say what is being done, and what was left off by hand."""
        desk = self.desk
        clusters = len(desk.clusters)
        lines = [part.lines(desk.glyphs, clusters=clusters) for part in (desk.deeds, desk.works)]
        _say(self.deeds, [line for part in lines for line in part])
        _say(self.reminders, reminder_lines(desk))

    def on_mount(self) -> None:
        """Show what is known already."""
        self.show()

    def on_resize(self) -> None:
        """Give the why bar its lines anew."""
        self.why.fit(self.app.size)

    def on_screen_resume(self) -> None:
        """Catch up with what was missed while another screen was in front."""
        self.show()
        self.post_message(InFront())

    def watch_focused(self, focused: Widget | None) -> None:
        """Note which table the next filter is for."""
        if isinstance(focused, RowTable):
            self.target = focused
            focused.spoken_of = True

    def on_descendant_focus(self) -> None:
        """Speak of what has the focus now."""
        self.tell()
        self.refresh_bindings()

    def on_cursor_moved(self, event: CursorMoved) -> None:
        """Speak of the row the cursor is on now."""
        event.stop()
        self.tell()
        self.refresh_bindings()

    def on_marks_changed(self, event: MarksChanged) -> None:
        """Say how many rows are marked, and what can be done to them."""
        event.stop()
        self.filtered()
        self.refresh_bindings()

    def filter_typed(self, text: str, *, done: bool = False) -> None:
        """Filter the table as letters come."""
        if self.target is not None:
            self.target.filter(text)
            self.filtered()
            if done:
                self.set_focus(self.target)
        self.refresh_bindings()

    def filtered(self) -> None:
        """Say beside the table that it is filtered."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only the keys that would do something here and now."""
        if self.typing and action in _NOT_WHILE_TYPING:
            return False
        if action == "back":
            return self._needle or self._marks or self.selected or len(self.app.screen_stack) > 1
        if action == "filter":
            return self.target is not None
        return super().check_action(action, parameters)

    async def action_filter(self) -> None:
        """Begin to type a filter for the table that has the focus."""
        if self.target is not None:
            await self.filter_bar.open(self.target.needle)

    def action_back(self) -> None:
        """Clear the filter, or the marks, or the selection, or leave the screen: the first that there is."""
        if self._needle and self.target is not None:
            self.target.filter("")
            self.filtered()
        elif self._marks and self.target is not None:
            self.target.unmark()
        elif self.selected:
            self.release()
        elif len(self.app.screen_stack) > 1:
            self.app.pop_screen()
        self.refresh_bindings()

    def action_leave(self) -> None:
        """Leave the screen; on the first one, leave the program."""
        if len(self.app.screen_stack) > 1:
            self.app.pop_screen()
        else:
            self.app.exit()

    @property
    def _needle(self) -> bool:
        return self.target is not None and bool(self.target.needle)

    @property
    def _marks(self) -> bool:
        return self.target is not None and bool(self.target.marks)


def _say(passage: Passage, lines: Sequence[Cell]) -> None:
    passage.display = bool(lines)
    passage.say(*lines)
