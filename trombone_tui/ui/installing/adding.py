"""The plan of installing a service, object by object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from trombone_tui.core.installing import Installer, InstallPlan, Order, Planned
from trombone_tui.ui.cells import Cell, Text
from trombone_tui.ui.choices import place_of
from trombone_tui.ui.desk import Desk
from trombone_tui.ui.installing.plan import Begin, PlanView
from trombone_tui.ui.installing.signs import of_standing
from trombone_tui.ui.installing.split import Row
from trombone_tui.ui.installing.telling import (
    counted,
    install_asked,
    planned_rows,
    prerequisite_rows,
    request_of,
    stages_left_out,
    tally,
)
from trombone_tui.ui.installing.whole import PlannedView
from trombone_tui.ui.menu import Entry, Menu
from trombone_tui.ui.works import Phase, Step, Work

_PATIENCE = 300.0
"""Seconds for which controllers are given time to take up what was applied."""


class InstallPlanView(PlanView):
    """What installing a service would do."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("I", "confirm", "install", tooltip="install it, after it was confirmed", id="plan.install"),
        Binding("s", "stages", "stages", tooltip="leave a stage out, or take it in again", id="plan.stages"),
        Binding("d", "whole", "object", tooltip="the whole object and what changes in it", id="plan.whole"),
        Binding(
            "f", "force", "take over", tooltip="take fields from other managers, or not", id="plan.force"
        ),
    ]

    about = "the plan to install a service"
    first = ("choose", "confirm", "stages", "force")

    def __init__(self, desk: Desk, installer: Installer, plan: InstallPlan, begin: Begin) -> None:
        super().__init__(desk, installer, begin)
        self.plan = plan
        self._wanted = plan.order
        """What is planned next."""

    @property
    def planned(self) -> Planned | None:
        """The object the cursor is on."""
        cursor, objects = self.table.cursor, self.plan.objects
        return objects[cursor[1]] if cursor is not None and cursor[1] < len(objects) else None

    def rows(self) -> Sequence[Row]:
        """Return an object a row."""
        return [
            Row(
                key=(0, number),
                name=f"{one.ref.kind} {place_of(one.ref)}",
                stage=one.stage,
                sign=of_standing(one.standing, self.desk.glyphs),
                text=one.text or "; ".join(one.lines),
            )
            for number, one in enumerate(self.plan.objects)
        ]

    @property
    def opens(self) -> bool:
        """Whether enter opens an object: each one."""
        return True

    def heading(self) -> tuple[Sequence[Cell], Sequence[Cell]]:
        """Return whose plan it is, where, and how the objects stand."""
        plan = self.plan
        left = [
            Cell(f" Plan: install {plan.service} ", ("strong",)),
            Cell(f"on {plan.order.cluster} ", ("dim",)),
        ]
        if plan.order.force:
            left.append(Cell("taking fields over ", ("held",)))
        if left_out := stages_left_out(plan):
            left.append(Cell(f"without {counted(len(left_out), 'stage')} ", ("held",)))
        return left, [*self.state(), Cell(f" {tally(plan)} ", ("held",) if plan.hindrance else ("dim",))]

    def write(self, width: int) -> list[Text]:
        """Write how the object stands, then what is needed besides and what to mind."""
        lines: list[Text] = []
        if (one := self.planned) is not None:
            rows = planned_rows(one, self.desk.glyphs)
            if one.write is not None:
                rows.append(("sends", request_of(one.write)))
            lines += self.section(f"{one.ref.kind} {place_of(one.ref)}  {one.file}", rows, width)
        lines += self.passages("In the way", [self.reason] if self.reason else [], width, "held")
        left_out = ", ".join(stages_left_out(self.plan))
        lines += self.passages("Stages left out", [left_out] if left_out else [], width)
        lines += self.passages("Rights you lack", [f"{right}" for right in self.plan.missing], width, "bad")
        if self.plan.prerequisites:
            needed = prerequisite_rows(self.plan.prerequisites, self.desk.glyphs)
            lines += [[], *self.section("To be brought along", needed, width)]
        return lines + self.passages("Mind", self.plan.notes, width)

    @property
    def reason(self) -> str:
        """Why it can't be installed; an empty text when it can."""
        plan = self.plan
        if read_only := self.desk.read_only.get(plan.order.cluster):
            return read_only
        if going_on := self.desk.works.going_on(plan.order.cluster, plan.service):
            return going_on
        if plan.hindrance:
            return plan.hindrance
        return "nothing to do: all objects are as the manifests say" if plan.noop else ""

    def invitation(self) -> str:
        """Say which key installs."""
        key = self.desk.keyboard.key("plan.install", "I")
        sent = sum(one.standing.sends for one in self.plan.objects)
        return f"{key} sends {counted(sent, 'object')} to {self.plan.order.cluster}, after it was confirmed."

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to take over only where somebody else holds fields."""
        if action == "force":
            return self.plan.order.force or any(one.clashes for one in self.plan.objects)
        return super().check_action(action, parameters)

    async def work_out(self) -> None:
        """Work the plan out anew; without a dry run where it is read-only. What fails is not wanted any more.

        Raises:
            Refused: what is wanted can't be planned.
            PortError: the API server can't be asked.
        """
        wanted, self._wanted = self._wanted, self.plan.order
        rehearse = not self.desk.read_only.get(wanted.cluster)
        self.plan = await self.installer.plan(replace(wanted, rehearse=rehearse))
        self._wanted = self.plan.order

    def open_row(self, _table: Widget, _key: Any) -> None:
        """Show the whole object."""
        self.action_whole()

    def action_whole(self) -> None:
        """Show the whole object and what changes in it."""
        if (one := self.planned) is not None:
            self.app.push_screen(PlannedView(self.desk, one))

    def action_force(self) -> None:
        """Plan with the fields of other managers, or without them again."""
        self._want(replace(self.plan.order, force=not self.plan.order.force))

    def action_stages(self) -> None:
        """Choose a stage that is left out, or taken in again."""
        self.app.push_screen(Menu(self.desk, "leave out which stage, or take it in?", self._stages))

    def action_confirm(self) -> None:
        """Ask, then install."""
        self.consent(install_asked(self.plan), self._go)

    def _stages(self) -> list[Entry]:
        """Return a line for each stage, which turns it; not all can be left out."""
        out = stages_left_out(self.plan)
        entries = []
        for presence in self.plan.controllers:
            controller, stage = presence.controller, presence.controller.stage
            kept = tuple(
                one.controller.stage
                for one in self.plan.controllers
                if (one.controller.stage in out) is (one is presence)
            )
            state = "left out" if stage in out else "planned"
            entries.append(
                Entry(
                    name=stage,
                    about=f"{state}: {controller.name}{' is missing' if presence.there is False else ''}",
                    choose=partial(self._want, replace(self.plan.order, stages=kept)),
                    reason="" if kept else "one stage has to stay",
                )
            )
        return entries

    def _want(self, order: Order) -> None:
        if not self.busy:
            self._wanted = order
            self.action_again()

    def _go(self) -> None:
        plan, installer = self.plan, self.installer
        objects = [(one.ref, one.stage) for one in plan.objects]
        work = Work(
            verb="install",
            service=plan.service,
            cluster=plan.order.cluster,
            protected=plan.protected,
            steps={n: Step(number=n, ref=ref, stage=stage) for n, (ref, stage) in enumerate(objects)},
            phase=Phase.APPLYING,
            back=partial(installer.undo, plan),
        )
        applying = partial(installer.apply, plan)
        waiting = partial(installer.wait, plan, _PATIENCE)
        self._begin(work, ((Phase.APPLYING, applying), (Phase.WAITING, waiting)))
