"""What the pipeline stands on in a cluster, what was installed there, and where both begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from trombone_tui.core.installing import Came, Installer, InstallPlan, Presence
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.ports import PortError, Refused
from trombone_tui.ui.cells import Cell, Text
from trombone_tui.ui.desk import Desk
from trombone_tui.ui.installing.adding import InstallPlanView
from trombone_tui.ui.installing.progress import ProgressView, set_going
from trombone_tui.ui.installing.removal import RemovalPlanView
from trombone_tui.ui.installing.signs import Sign, of_presence, of_progress, presences
from trombone_tui.ui.installing.split import Row, SplitView
from trombone_tui.ui.installing.telling import presence_rows
from trombone_tui.ui.installing.values import ValuesForm
from trombone_tui.ui.menu import Entry, Menu
from trombone_tui.ui.works import Course, Work

_WORK, _CONTROLLER, _SERVICE = range(3)
"""The parts of the table, in order."""


@dataclass(slots=True, kw_only=True)
class _Known:
    """What was heard of a cluster."""

    controllers: tuple[Presence, ...] = ()
    services: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    heard: bool = False
    troubles: dict[str, PortError] = field(default_factory=dict)
    """What could not be asked, by what it was."""


class RoadmapView(SplitView):
    """One cluster: the six controllers in travel order, and the services that were installed by us."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "I", "values", "install", tooltip="install a service: first its values", id="roadmap.install"
        ),
        Binding("X", "removal", "uninstall", tooltip="plan to take the service off", id="roadmap.uninstall"),
        Binding("tab", "other", "other cluster", tooltip="look at another cluster", id="roadmap.other"),
        Binding("r", "again", "refresh", tooltip="look again", id="roadmap.again"),
    ]

    about = "the roadmap, to install and uninstall"
    column = "WHAT"

    def __init__(self, desk: Desk, cluster: str, *, service: bool = False) -> None:
        super().__init__(desk)
        self.cluster = cluster
        self.busy = False
        self._installer: Installer | None = None
        self._known = _Known()
        self._to_service = service
        self._begun = False

    @property
    def works(self) -> dict[int, Work]:
        """What was set going on the cluster, by numbers of which the last has the least."""
        return {-n: work for n, work in enumerate(self.desk.works.all) if work.cluster == self.cluster}

    @property
    def service_here(self) -> str:
        """The service the cursor is on; empty where it is on something else."""
        cursor = self.table.cursor
        if cursor is None or cursor[0] != _SERVICE or cursor[1] >= len(self._known.services):
            return ""
        return self._known.services[cursor[1]]

    @property
    def presence(self) -> Presence | None:
        """The controller the cursor is on."""
        cursor = self.table.cursor
        if cursor is None or cursor[0] != _CONTROLLER or cursor[1] >= len(self._known.controllers):
            return None
        return self._known.controllers[cursor[1]]

    @property
    def work(self) -> Work | None:
        """The work the cursor is on."""
        cursor = self.table.cursor
        return self.works.get(cursor[1]) if cursor is not None and cursor[0] == _WORK else None

    def on_mount(self) -> None:
        """Load what installs once the screen is painted."""
        waiting = f"looking{self.desk.glyphs.more}"
        self.table.say_empty([Cell(waiting, ("dim",))])

    def on_screen_resume(self) -> None:
        """Look again, for much may have been done meanwhile."""
        self.call_after_refresh(self.action_again)

    @property
    def opens(self) -> bool:
        """Whether enter opens a work or the plan to take a service off."""
        return self.work is not None or bool(self.service_here)

    def rows(self) -> Sequence[Row]:
        """Return what was set going, the controllers, the services."""
        glyphs = self.desk.glyphs
        rows = []
        for number, work in self.works.items():
            last = work.verdicts[-1][1].came if work.verdicts and not work.running else Came.SENDING
            sign = of_progress(last, glyphs)
            word = "running" if work.running else work.said
            rows.append(
                Row(key=(_WORK, number), name=work.title, stage="", sign=Sign(sign.sign, word, sign.mark),
                    text=work.said)
            )  # fmt: skip
        rows += [
            Row(
                key=(_CONTROLLER, number),
                name=one.controller.name,
                stage=one.controller.stage,
                sign=of_presence(one, glyphs),
                text=one.text,
            )
            for number, one in enumerate(self._known.controllers)
        ]
        here = Sign(glyphs.health[Health.HEALTHY], "installed", "ok")
        rows += [
            Row(key=(_SERVICE, number), name=f"service {name}", stage="", sign=here, text="by trombone-tui")
            for number, name in enumerate(self._known.services)
        ]
        return rows

    @property
    def signs(self) -> Sequence[tuple[str, Cell]]:
        """What help says of the signs of controllers."""
        return presences(self.desk.glyphs)

    def heading(self) -> tuple[Sequence[Cell], Sequence[Cell]]:
        """Return the cluster, and how much of what it takes is there."""
        left = [Cell(" Roadmap ", ("strong",)), Cell(f"of {self.cluster} ", ("dim",))]
        if self.busy:
            return left, [Cell(f" looking{self.desk.glyphs.more} ", ("accent",))]
        if not self._known.controllers:
            return left, []
        all_ = self._known.controllers
        there = sum(bool(one.there) for one in all_)
        services = len(self._known.services)
        said = f" {there} of {len(all_)} there, {services} service{'s' * (services != 1)} installed "
        return left, [Cell(said, ("ok",) if there == len(all_) else ("held",))]

    def write(self, width: int) -> list[Text]:
        """Write how a controller is installed, or what can be done to a service."""
        lines: list[Text] = []
        key = self.desk.keyboard.key("install.copy", "c")
        if (presence := self.presence) is not None:
            lines += self.section(
                presence.controller.name, presence_rows(presence, key, self.desk.glyphs), width
            )
        elif service := self.service_here:
            lines += self.section(f"service {service}", self._removable(), width)
        elif (work := self.work) is not None:
            lines += self.section(
                work.title, [("state", Cell(work.said)), ("enter", Cell("shows it"))], width
            )
        for what, error in self._known.troubles.items():
            told = [("problem", Cell(str(error), ("bad",)))]
            told += [("what to do", Cell(error.advice))] if error.advice else []
            lines += [[], *self.section(what, told, width)]
        if self._known.heard and not self._known.services and "Services" not in self._known.troubles:
            seen = "that can be seen " if self._known.unseen else ""
            lines += self.passages(
                "Services", [f"none {seen}was installed here by trombone-tui"], width, "dim"
            )
        unseen = [f"{one}; ask for that, or choose namespaces with -n" for one in self._known.unseen]
        return lines + self.passages("Not looked at for services", unseen, width, "held")

    def copied(self) -> str:
        """Return how the controller is installed: for a shell, so its documentation is a comment."""
        if self.presence is None:
            return ""
        one = self.presence.controller
        return "\n".join([f"# {one.name}: {one.docs}", *one.commands])

    def tell(self) -> None:
        """Say how what is missing comes, or what installing begins with."""
        key = self.desk.keyboard.key
        said = (
            f"{key('roadmap.install', 'I')} installs a service: first its values, then a plan;"
            " you are asked before anything is sent."
        )
        if self.presence is not None and self.presence.there is False:
            name = self.presence.controller.name
            said = f"{name} is missing: {key('install.copy', 'c')} copies how its makers have it installed."
        self.why.say(Cell(said))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be done with what the cursor is on."""
        if action == "removal":
            return bool(self.service_here)
        if action == "values":
            return self._installer is not None
        if action == "other":
            return len(self.desk.clusters) > 1
        return super().check_action(action, parameters)

    def action_again(self) -> None:
        """Look again."""
        if not self.busy:
            self.busy = True
            self.update()
            self.run_worker(self._look(self.cluster), group="look", exclusive=True)

    def action_values(self) -> None:
        """Ask for the values of a service."""
        if self._installer is None:
            return
        given = self.desk.works.given.setdefault(self.cluster, {})
        try:
            form = ValuesForm(self.desk, self._installer, self.cluster, given, self._planned)
        except PortError as error:
            self.refused(f"{error}; {error.advice}")
            return
        self.app.push_screen(form)

    def action_removal(self) -> None:
        """Plan to take the service off."""
        if self._installer is not None and (service := self.service_here):
            view = RemovalPlanView(
                self.desk, self._installer, self._begin, cluster=self.cluster, service=service
            )
            self.app.push_screen(view)

    def action_other(self) -> None:
        """Choose another cluster."""
        entries = [
            Entry(name=name, about="", choose=partial(self._go_to, name))
            for name in self.desk.clusters
            if name != self.cluster
        ]
        self.app.push_screen(Menu(self.desk, "roadmap of which cluster?", lambda: entries))

    def open_row(self, _table: Widget, _key: Any) -> None:
        """Show what goes on, or plan to take a service off."""
        if (work := self.work) is not None:
            self.app.push_screen(ProgressView(self.desk, work))
        else:
            self.action_removal()

    def _removable(self) -> list[tuple[str, Cell]]:
        key = self.desk.keyboard.key("roadmap.uninstall", "X")
        said = f"{key} shows what uninstalling would delete; nothing is changed before you say yes"
        return [("state", Cell("installed by trombone-tui", ("ok",))), ("uninstall", Cell(said))]

    def _go_to(self, cluster: str) -> None:
        self.cluster, self._known = cluster, _Known()
        self.busy = False
        self.action_again()

    async def _look(self, cluster: str) -> None:
        known = _Known(heard=True)
        try:
            if self._installer is None:
                self._installer = self._loaded()
            try:
                known.controllers = await self._installer.controllers(cluster)
            except PortError as error:
                known.troubles["Controllers"] = error
            try:
                installed = await self._installer.services(cluster, self.desk.scope)
                known.services, known.unseen = installed.services, installed.unseen
            except PortError as error:
                known.troubles["Services"] = error
        except PortError as error:
            known.troubles["Installing"] = error
        self.busy, self._known = False, known
        self.table.say_empty([Cell("nothing can be said", ("dim",))])
        self.show()
        self._point()

    def _loaded(self) -> Installer:
        installer = self.desk.installer()
        if installer is None:
            raise Refused("no cluster is reached yet", advice="wait for the connection")
        return installer

    def _point(self) -> None:
        """Begin where who asked for this screen wants to be: at a service, at what goes on, or is missing."""
        if self._begun:
            return
        self._begun = True
        missing = [n for n, one in enumerate(self._known.controllers) if one.there is False]
        if self._to_service and self._known.services:
            self.table.point((_SERVICE, 0))
        elif missing and not self.works:
            self.table.point((_CONTROLLER, missing[0]))

    def _planned(self, plan: InstallPlan) -> None:
        if self._installer is not None:
            self.app.push_screen(InstallPlanView(self.desk, self._installer, plan, self._begin))

    def _begin(self, work: Work, course: Course) -> None:
        """Set a work going and show it in place of its plan."""
        while self.app.screen is not self and len(self.app.screen_stack) > 1:
            self.app.pop_screen()
        set_going(self.app, self.desk, work, course)
        self.app.push_screen(ProgressView(self.desk, work))
