"""The part of the program that offers what can be done: keys, action menu, palette, command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from textual.notifications import Notification

from trombone_tui.core.ports import Refused
from trombone_tui.core.reminders import Reminder
from trombone_tui.core.rollback import Does
from trombone_tui.core.verbs import Given
from trombone_tui.ui.acting import ActingApp
from trombone_tui.ui.choices import Choice, place_of
from trombone_tui.ui.command_line import CommandLine
from trombone_tui.ui.commands import Command
from trombone_tui.ui.dialog import Dialog
from trombone_tui.ui.entries import command, commands_of_service, entry, of_service, one_of
from trombone_tui.ui.hops import by_need
from trombone_tui.ui.installing.roadmap import RoadmapView
from trombone_tui.ui.journey import JourneyView
from trombone_tui.ui.menu import Entry, Menu
from trombone_tui.ui.rollback import RollbackView
from trombone_tui.ui.view import View

_SCREENS = (
    ("logs", "the logs that tell of it", "app.logs", "view.logs", "l"),
    ("yaml", "the whole object as YAML", "app.yaml", "view.yaml", "y"),
    ("actions", "what can be done, and why not", "app.actions", "view.actions", "a"),
    ("rollback-plan", "a way back that stays; it writes nothing", "app.rollback", "view.rollback", "R"),
    ("install", "what is missing, and how a service is installed", "app.install", "view.install", "i"),
    ("uninstall", "take off what was installed", "app.uninstall", "view.uninstall", ""),
    ("turn-on", "turn on again what was left off by hand", "app.remind", "view.remind", "T"),
    (
        "read-only",
        "keep every write from leaving, or allow them again",
        "app.read_only",
        "view.read-only",
        "ctrl+t",
    ),
    ("help", "the keys and signs of this screen", "app.help", "view.help", "?"),
    ("quit", "leave the program", "app.quit", "app.quit", "ctrl+c"),
)
"""What is no verb and no stage: name, what it does, action, key-map id and key."""

_USELESS = {
    "app.remind": "nothing is left off by hand",
    "app.help": "this is the help",
    "app.rollback": "no service is chosen",
    "app.install": "go back to the roadmap",
    "app.uninstall": "go back to the roadmap, and choose a service there",
}


class CommandingApp(ActingApp):
    """Offers verbs of the chosen items, stages and screens by key and by name."""

    _switched: Notification | None = None
    """What was said when read-only was switched last."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer a verb's key only where an item is chosen that has the verb."""
        view = self.screen
        if action in ("install", "uninstall"):
            there = isinstance(view, View) and not view.typing and self.desk.heard
            return there and not any(isinstance(screen, RoadmapView) for screen in self.screen_stack)
        if action in ("verb", "actions", "command", "palette", "read_only", "remind", "rollback"):
            if not isinstance(view, View) or view.typing or not self.desk.heard:
                return False
            if action == "verb":
                return any(choice.name == parameters[0] for choice in view.keyed)
            if action == "actions":
                return bool(view.targets) or view.service is not None
            if action == "rollback":
                return not isinstance(view, RollbackView) and bool(view.service_keys)
            return action != "remind" or bool(self.desk.snapshot.reminders)
        return super().check_action(action, parameters)

    def action_verb(self, name: str) -> None:
        """Do a verb to the chosen items, or say why it can't be done; of several of a service choose one."""
        if isinstance(view := self.screen, View):
            view.pin()
            found = [choice for choice in view.keyed if choice.name == name]
            if found:
                self._among(found)

    def action_actions(self) -> None:
        """Show all that can be done to the chosen items, or to those of the selected service."""
        if not isinstance(view := self.screen, View):
            return
        view.pin()
        if (row := view.service) is not None:
            journey = partial(self._journey, row.service.key)
            hops = by_need(self.desk, row)
            title, nothing = _title(view), "nothing can be done to its items"
            self._menu(title, nothing, partial(of_service, self.desk, hops, self.begin, journey))
        elif refs := view.targets:
            title = str(refs[0]) if len(refs) == 1 else f"{len(refs)} marked"
            nothing = "nothing can be done to it" if len(refs) == 1 else "nothing can be done to all of them"
            self._menu(title, nothing, lambda: [entry(one, self.begin) for one in self.desk.choices(refs)])

    def _among(self, found: Sequence[Choice], given: Given | None = None, *, ask: bool = False) -> None:
        """Do a verb to the one item that has it; of several one is chosen."""
        if len(found) == 1:
            self.begin(found[0], given, ask=ask)
            return
        name, refs = found[0].name, [choice.on[0][0] for choice in found]
        begin = partial(self.begin, given=given, ask=ask)
        self.push_screen(
            Menu(self.desk, f"{name} which of them?", partial(one_of, self.desk, name, refs, begin))
        )

    def _menu(self, title: str, nothing: str, entries: Callable[[], Sequence[Entry]]) -> None:
        self.push_screen(Menu(self.desk, title, entries, nothing=nothing))

    def _journey(self, key: str) -> None:
        self.push_screen(JourneyView(self.desk, key))

    def action_command(self) -> None:
        """Type a command."""
        if isinstance(view := self.screen, View):
            self.push_screen(CommandLine(self.desk, _title(view), [*self._commands(view)]))

    def action_palette(self) -> None:
        """Show all commands."""
        if isinstance(view := self.screen, View):
            title = f"commands for {_title(view)}" if _title(view) else "commands"
            entries = [
                Entry(
                    name=one.name, about=one.about, key=one.key, reason=one.reason, known=one.known,
                    choose=one.choose, group=one.group,
                )
                for one in self._commands(view)
            ]  # fmt: skip
            self.push_screen(Menu(self.desk, title, lambda: entries))

    def action_read_only(self) -> None:
        """Keep every write from leaving, or allow them where nothing else forbids them."""
        desk = self.desk
        if desk.acts is None:
            return
        on = len(desk.read_only) < len(desk.clusters)
        key = desk.keyboard.key("view.read-only", "ctrl+t") or ":read-only"
        desk.acts.set_read_only(on, key=key)
        desk.forget()
        if self._switched is not None:
            self._switched.timeout = 0  # it is taken off as the next one is shown
        if on:
            self._switched = self.tell(f"read-only: nothing can be changed until {key} is pressed again")
        elif left := desk.read_only:
            reasons = "; ".join(dict.fromkeys(left.values()))
            self._switched = self.tell(f"{reasons}; {key} does not switch that off", "warning")
        else:
            self._switched = self.tell("no longer read-only: what is confirmed is sent")
        if isinstance(self.screen, View):
            self.screen.show()

    def action_rollback(self) -> None:
        """Show how the chosen service goes back; of several, one is chosen first."""
        if not isinstance(view := self.screen, View):
            return
        show = [
            partial(self.push_screen, RollbackView(self.desk, key, self.do_step)) for key in view.service_keys
        ]
        if len(show) == 1:
            show[0]()
        elif show:
            rows = [self.desk.services[key] for key in view.service_keys]
            entries = [
                Entry(name=f"{row.label} {row.service.cluster}", about=row.why, choose=choose)
                for row, choose in zip(rows, show, strict=True)
            ]
            self.push_screen(Menu(self.desk, "rollback plan of which service?", lambda: entries))

    def action_install(self) -> None:
        """Show what the pipeline stands on, and what was installed."""
        self._roadmap(service=False)

    def action_uninstall(self) -> None:
        """Show what was installed."""
        self._roadmap(service=True)

    def _roadmap(self, *, service: bool) -> None:
        """Show the roadmap of the chosen item's cluster; where none is chosen, of one out of several."""
        if not isinstance(view := self.screen, View):
            return
        row = view.service
        cluster = view.chosen.cluster if view.chosen is not None else row.service.cluster if row else ""
        clusters = [cluster] if cluster else self.desk.clusters
        show = {
            name: partial(self.push_screen, RoadmapView(self.desk, name, service=service))
            for name in clusters
        }
        if len(show) == 1:
            show[clusters[0]]()
        elif show:
            entries = [Entry(name=name, about="", choose=choose) for name, choose in show.items()]
            self.push_screen(Menu(self.desk, "roadmap of which cluster?", lambda: entries))

    def do_step(self, does: Does) -> None:
        """Do the verb that a step of a plan names, after it was confirmed."""
        for choice in self.desk.choices((does.ref,)):
            if does.name in (choice.name, choice.verb.name):
                self.begin(choice, does.given)
                return
        self.tell(f"{does.name} is not offered for {does.ref}", "warning")

    def action_remind(self) -> None:
        """Show what turns on again that which was left off."""
        entries = [*self._turning_on()]
        self.push_screen(Menu(self.desk, "left off by hand", lambda: entries))

    def show_dialog(self) -> None:
        """Show the newest snapshot in the dialog that is open."""
        if isinstance(self.screen, Dialog):
            self.screen.show()

    def _commands(self, view: View) -> Iterator[Command]:
        if (row := view.service) is not None:
            yield from commands_of_service(self.desk, by_need(self.desk, row), self._among)
        else:
            yield from (command(choice, self.begin) for choice in view.choices)
        for number, stage in enumerate(self.desk.stages, 1):
            kinds = [name for s in stage.sources for name in (s.kind.plural, s.kind.name.lower())]
            yield self._plain(
                stage.name,
                stage.about,
                f"app.stage({number})",
                self.desk.keyboard.stage(number),
                (f"stage {stage.name}", *kinds),
            )
        for name, about, action, ident, key in _SCREENS:
            others = ("q",) if name == "quit" else ()
            yield self._plain(name, about, action, self.desk.keyboard.key(ident, key), others)

    def _plain(self, name: str, about: str, action: str, key: str, others: Sequence[str]) -> Command:
        do = partial(self.call_next, self.run_action, action)

        def read_nothing(words: Sequence[str]) -> Callable[[], object]:
            if words:
                raise Refused(f"{name} stands alone; {words[0]} means nothing to it")
            return do

        usable = self._usable(action)
        return Command(
            name=name, about=about, key=key, others=tuple(dict.fromkeys(others)),
            reason="" if usable else _USELESS.get(action, "no item is chosen"), read=read_nothing, choose=do,
        )  # fmt: skip

    def _usable(self, action: str) -> bool:
        name, _, rest = action.removeprefix("app.").partition("(")
        return self.check_action(name, (int(rest.rstrip(")")),) if rest else ()) is not False

    def _turning_on(self) -> Iterator[Entry]:
        for one in self.desk.snapshot.reminders:
            found = {choice.name: choice for choice in self.desk.choices((one.ref,))}
            for number, name in enumerate((one.verb, *one.others)):
                yield self._turn_on(one, name, found.get(name), told=number == 0)

    def _turn_on(self, one: Reminder, name: str, choice: Choice | None, *, told: bool) -> Entry:
        title = f"{name} {place_of(one.ref)}"
        if choice is None:
            return Entry(
                name=title, about=one.text, reason=f"{name} is not offered here", choose=lambda: None
            )
        given = one.given if told else {}
        return replace(
            entry(choice, self.begin), name=title, key="", about=one.text if told else choice.verb.about,
            choose=partial(self.begin, choice, given),
        )  # fmt: skip


def _title(view: View) -> str:
    refs = view.targets
    if not refs:
        return f"{view.service.label} ({view.service.service.cluster})" if view.service is not None else ""
    return str(refs[0]) if len(refs) == 1 else f"{len(refs)} marked"
