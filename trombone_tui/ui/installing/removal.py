"""The plan of uninstalling a service, object by object."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType

from trombone_tui.core.installing import Installer, RemovalPlan
from trombone_tui.ui.cells import Cell, Text
from trombone_tui.ui.choices import place_of
from trombone_tui.ui.desk import Desk
from trombone_tui.ui.installing.plan import Begin, PlanView
from trombone_tui.ui.installing.signs import of_removal
from trombone_tui.ui.installing.split import Row
from trombone_tui.ui.installing.telling import counted, removal_asked, request_of
from trombone_tui.ui.works import Phase, Step, Work


class RemovalPlanView(PlanView):
    """What uninstalling a service would do."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("X", "uninstall", "uninstall", tooltip="delete it, once confirmed", id="plan.uninstall"),
        Binding("s", "secrets", "secrets", tooltip="delete the Secret too, or keep it", id="plan.secrets"),
        Binding(
            "w", "workloads", "workloads", tooltip="have Argo CD delete the service, or let it run on",
            id="plan.workloads",
        ),
    ]  # fmt: skip

    about = "the plan to uninstall a service"
    first = ("uninstall", "secrets", "workloads")

    def __init__(self, desk: Desk, installer: Installer, begin: Begin, *, cluster: str, service: str) -> None:
        super().__init__(desk, installer, begin)
        self.cluster, self.name_of_service = cluster, service
        self.plan: RemovalPlan | None = None
        self.secrets = self.workloads = False

    def on_mount(self) -> None:
        """Look for what is there."""
        self.call_after_refresh(self.action_again)

    def rows(self) -> Sequence[Row]:
        """Return an object a row."""
        return [
            Row(
                key=(0, number),
                name=f"{one.ref.kind} {place_of(one.ref)}",
                stage=one.stage,
                sign=of_removal(one.deletes, self.desk.glyphs),
                text=one.text,
            )
            for number, one in enumerate(self.plan.objects if self.plan is not None else ())
        ]

    def heading(self) -> tuple[Sequence[Cell], Sequence[Cell]]:
        """Return whose plan it is, where, and how much goes."""
        left = [
            Cell(f" Plan: uninstall {self.name_of_service} ", ("strong",)),
            Cell(f"on {self.cluster} ", ("dim",)),
        ]
        if self.plan is None:
            return left, self.state()
        gone = sum(one.deletes for one in self.plan.objects)
        said = f" {gone} to delete, {len(self.plan.objects) - gone} kept "
        unseen = [Cell(" not all can be seen,", ("held",))] if self.plan.unseen else []
        return left, [*self.state(), *unseen, Cell(said, ("dim",))]

    def write(self, width: int) -> list[Text]:
        """Write why the object goes or is kept, then what goes besides and what to mind."""
        if self.plan is None:
            return []
        lines: list[Text] = []
        if self.table.cursor is not None and self.table.cursor[1] < len(self.plan.objects):
            one = self.plan.objects[self.table.cursor[1]]
            sign = of_removal(one.deletes, self.desk.glyphs)
            said = f": {one.text}" if one.text else ""
            rows = [("then", Cell(f"{sign.sign} {sign.word}{said}", (sign.mark,)))]
            rows += [("sends", request_of(write)) for write in one.writes]
            lines += self.section(f"{one.ref.kind} {place_of(one.ref)}", rows, width)
        lines += self.passages("Not looked at", self.plan.left, width, "held")
        lines += [[], *self.section("Choices", self._choices(), width)]
        lines += self.passages("In the way", [self.reason] if self.reason else [], width, "held")
        lines += self.passages("Rights you lack", [f"{right}" for right in self.plan.missing], width, "bad")
        return lines + self.passages("Mind", self.plan.notes, width)

    @property
    def reason(self) -> str:
        """Why it can't be uninstalled; an empty text when it can."""
        if self.plan is None:
            return "" if self.busy else "there is no plan"
        if read_only := self.desk.read_only.get(self.cluster):
            return read_only
        if going_on := self.desk.works.going_on(self.cluster, self.name_of_service):
            return going_on
        if self.plan.hindrance:
            return self.plan.hindrance
        return "nothing to do: nothing would be deleted" if self.plan.noop else ""

    def invitation(self) -> str:
        """Say which key uninstalls."""
        if self.plan is None:
            return ""
        key = self.desk.keyboard.key("plan.uninstall", "X")
        gone = sum(one.deletes for one in self.plan.objects)
        return f"{key} deletes {counted(gone, 'object')} on {self.cluster}, after it was confirmed."

    async def work_out(self) -> None:
        """Find what carries our labels.

        Raises:
            PortError: the API server can't be asked, or there is nothing.
        """
        self.plan = await self.installer.plan_removal(
            self.cluster, self.name_of_service, namespaces=self.desk.scope,
            secrets=self.secrets, workloads=self.workloads,
        )  # fmt: skip

    def action_secrets(self) -> None:
        """Have the webhook's Secret deleted too, or kept."""
        if not self.busy:
            self.secrets = not self.secrets
            self.action_again()

    def action_workloads(self) -> None:
        """Have Argo CD delete what it has deployed, or leave it."""
        if not self.busy:
            self.workloads = not self.workloads
            self.action_again()

    def action_uninstall(self) -> None:
        """Ask, then delete."""
        if self.plan is None:
            self.refused("there is no plan yet")
        else:
            self.consent(removal_asked(self.plan), self._go)

    def _choices(self) -> list[tuple[str, Cell]]:
        key = self.desk.keyboard.key
        secret = "is deleted too: GitHub's webhook needs the new one" if self.secrets else "is kept"
        runs = "is deleted by Argo CD first" if self.workloads else "runs on"
        return [
            (f"{key('plan.secrets', 's')} secrets", Cell(f"the webhook's Secret {secret}")),
            (f"{key('plan.workloads', 'w')} workloads", Cell(f"what Argo CD has deployed {runs}")),
        ]

    def _go(self) -> None:
        plan = self.plan
        if plan is None:
            return
        objects = [(one.ref, one.stage) for one in plan.objects]
        work = Work(
            verb="uninstall",
            service=plan.service,
            cluster=plan.cluster,
            protected=plan.protected,
            steps={n: Step(number=n, ref=ref, stage=stage) for n, (ref, stage) in enumerate(objects)},
            phase=Phase.REMOVING,
        )
        self._begin(work, ((Phase.REMOVING, partial(self.installer.remove, plan)),))
