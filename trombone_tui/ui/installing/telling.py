"""What is said of planned objects, of what is needed besides, and of what a confirmation would do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from trombone_tui.core.installing import (
    Deed,
    InstallPlan,
    Planned,
    Prerequisite,
    Presence,
    RemovalPlan,
    Standing,
)
from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.writes import Write
from trombone_tui.ui.cells import Cell
from trombone_tui.ui.choices import place_of
from trombone_tui.ui.installing.consent import Asked
from trombone_tui.ui.installing.signs import of_presence, of_standing
from trombone_tui.ui.theme import Glyphs

_RUNS = {
    "EventBus": "a queue of messages",
    "EventSource": "a receiver of pushes",
    "Sensor": "what begins builds",
    "CronWorkflow": "runs by the clock",
    "ImageUpdater": "commits of new tags to the config repository",
    "Application": "syncs from the config repository",
    "Rollout": "the service itself",
}
"""What an object of a kind sets going once it is there; other kinds only lie there."""


def counted(number: int, what: str) -> str:
    """Write a number of things."""
    return f"{number} {what}{'s' * (number != 1)}"


def tally(plan: InstallPlan) -> str:
    """Count the objects by standing, in the order of the plan: ``9 new, 2 same``."""
    found = Counter("new" if one.standing is Standing.MISSING else str(one.standing) for one in plan.objects)
    return ", ".join(f"{number} {word}" for word, number in found.items())


def stages_left_out(plan: InstallPlan) -> list[str]:
    """Name the stages that were left out of a plan, in travel order."""
    stages = [one.controller.stage for one in plan.controllers]
    return [one for one in stages if plan.order.stages and one not in plan.order.stages]


def request_of(write: Write) -> Cell:
    """Write a request without its body."""
    return Cell(f"{write.where}{' (fields are taken over)' if write.force else ''}", ("dim",))


def planned_rows(one: Planned, glyphs: Glyphs) -> list[tuple[str, Cell]]:
    """Say how an object stands, what would change in it, and who is in the way."""
    sign = of_standing(one.standing, glyphs)
    said = f": {one.text}" if one.text else ""
    rows = [("standing", Cell(f"{sign.sign} {sign.word}{said}", (sign.mark,)))]
    rows += [("changes" if not number else "", Cell(line)) for number, line in enumerate(one.lines)]
    for clash in one.clashes:
        rows.append(("held by", Cell(f"{clash.manager}: {', '.join(clash.fields)}", ("held",))))
    if one.controller is not None and one.standing is Standing.NOT_SERVED:
        rows += [("brought by", Cell(one.controller.name)), ("how", Cell("\n".join(one.controller.commands)))]
        rows.append(("docs", Cell(one.controller.docs)))
    return rows


def presence_rows(presence: Presence, key: str, glyphs: Glyphs) -> list[tuple[str, Cell]]:
    """Say what a controller serves and how its makers have it installed; ``key`` copies that."""
    one, sign = presence.controller, of_presence(presence, glyphs)
    said = "" if presence.lacking else f": {presence.text}"
    rows = [("state", Cell(f"{sign.sign} {sign.word}{said}", (sign.mark,)))]
    served = [kind for kind in one.kinds if kind not in presence.lacking]
    if served and presence.there is not None:
        rows.append(("served", Cell(", ".join(served))))
    if presence.lacking:
        rows.append(("not served", Cell(", ".join(presence.lacking), ("missing",))))
    return [*rows, (f"install ({key})", Cell("\n".join(one.commands))), ("docs", Cell(one.docs))]


def prerequisite_rows(needed: Iterable[Prerequisite], glyphs: Glyphs) -> list[tuple[str, Cell]]:
    """Say what has to be brought along, and how it is made where it is not there."""
    rows: list[tuple[str, Cell]] = []
    for one in needed:
        name = f"{one.ref.kind} {place_of(one.ref)}"
        if one.there:
            rows.append((f"{glyphs.health[Health.HEALTHY]} there", Cell(name, ("ok",))))
            continue
        sign = glyphs.health[Health.UNKNOWN if one.there is None else Health.MISSING]
        word = "not visible" if one.there is None else "missing"
        rows.append((f"{sign} {word}", Cell(f"{name}: {one.about}", ("held",))))
        rows.append(("", Cell(one.command, ("dim",))))
    return rows


def install_asked(plan: InstallPlan) -> Asked:
    """Say what applying a plan does, and ask."""
    cluster = plan.order.cluster
    sent = [one for one in plan.objects if one.standing.sends]
    new = [one.ref for one in sent if one.standing is Standing.MISSING]
    changed = [one for one in sent if one.standing is Standing.DIFFERS]
    rows = [("cluster", Cell(cluster, ("strong",))), ("service", Cell(plan.service, ("strong",)))]
    if left_out := stages_left_out(plan):
        rows.append(("leaves out", Cell(f"the stages {', '.join(left_out)}", ("held",))))
    if new:
        rows.append(("creates", Cell(f"{counted(len(new), 'object')}: {_kinds(new)}")))
    if changed:
        said = f"{counted(len(changed), 'object')}: {_names(one.ref for one in changed)}"
        rows.append(("changes", Cell(said, ("held",))))
    rows += [
        (
            "takes over",
            Cell(f"from {clash.manager}: {', '.join(clash.fields)} of {_name(one.ref)}", ("held",)),
        )
        for one in sent
        for clash in one.clashes
    ]
    running = [one.ref for one in sent if one.ref.kind in _RUNS]
    rows += [("starts", Cell(f"{_name(ref)}: {_RUNS[ref.kind]}")) for ref in running]
    missing = [one for one in plan.prerequisites if not one.there]
    rows += [("lacks", Cell(f"{_name(one.ref)}: {one.about}", ("held",))) for one in missing]
    rows.append(("if refused", Cell("it stops there; what was applied can be taken back", ("dim",))))
    return Asked(
        title=f"install {plan.service}",
        rows=rows,
        question=f"Send {counted(len(sent), 'object')} to {cluster}?",
        to_type=plan.service if plan.protected else "",
    )


def removal_asked(plan: RemovalPlan) -> Asked:
    """Say what uninstalling deletes and keeps, and ask."""
    gone = [one for one in plan.objects if one.deletes]
    kept = [one.ref for one in plan.objects if not one.deletes]
    rows = [("cluster", Cell(plan.cluster, ("strong",))), ("service", Cell(plan.service, ("strong",)))]
    said = f"{counted(len(gone), 'object')}: {_kinds(one.ref for one in gone)}"
    rows.append(("deletes", Cell(said, ("held",))))
    rows += [("mind", Cell(f"{_name(one.ref)}: {one.text}", ("held",))) for one in gone if one.text]
    if kept:
        rows.append(("keeps", Cell(_names(kept))))
    rows += [("not seen", Cell(f"{one}; what is there of them stays", ("held",))) for one in plan.unseen]
    rows += [("mind", Cell(note)) for note in plan.notes]
    rows.append(("afterwards", Cell("nothing takes it back but installing it again", ("dim",))))
    return Asked(
        title=f"uninstall {plan.service}",
        rows=rows,
        question=f"Delete {counted(len(gone), 'object')} on {plan.cluster}?",
        to_type=plan.service if plan.protected else "",
    )


def undo_asked(service: str, cluster: str, deeds: Sequence[Deed], *, protected: bool) -> Asked:
    """Say what taking back deletes and puts back, and ask."""
    made = [deed.ref for deed in reversed(deeds) if deed.created]
    changed = [deed.ref for deed in reversed(deeds) if not deed.created]
    rows = [("cluster", Cell(cluster, ("strong",))), ("service", Cell(service, ("strong",)))]
    if made:
        said = f"{counted(len(made), 'object')} that were created: {_kinds(made)}"
        rows.append(("deletes", Cell(said, ("held",))))
    if changed:
        rows.append(("puts back", Cell(_names(changed))))
    rows.append(("leaves", Cell("what somebody else has changed since", ("dim",))))
    return Asked(
        title=f"take back: install {service}",
        rows=rows,
        question=f"Take {counted(len(deeds), 'object')} back on {cluster}?",
        to_type=service if protected else "",
    )


def _kinds(refs: Iterable[Ref]) -> str:
    """Count by kind: ``2 Role, 1 Sensor``."""
    return ", ".join(f"{number} {kind}" for kind, number in Counter(ref.kind for ref in refs).items())


def _names(refs: Iterable[Ref]) -> str:
    return ", ".join(_name(ref) for ref in refs)


def _name(ref: Ref) -> str:
    return f"{ref.kind} {place_of(ref)}"
