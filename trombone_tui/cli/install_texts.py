"""What installing and uninstalling say: lines for people, a document for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import click

from trombone_tui.core.installing import (
    Came,
    InstallPlan,
    Planned,
    Prerequisite,
    Presence,
    Progress,
    RemovalPlan,
)
from trombone_tui.core.masking import masked
from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.text import clean
from trombone_tui.core.writes import Write

VERSION = 1
"""Of what ``-o json`` says; counted up when something is taken away or changes its meaning."""
_SILENT = (Came.SENDING, Came.SAME)


def said(*lines: str) -> None:
    """Print lines in which nothing is obeyed."""
    for line in lines:
        click.echo(clean(line))


def plan_lines(plan: InstallPlan) -> Iterator[str]:
    """Say what installing would do."""
    yield f"install {plan.service} on {plan.order.cluster}"
    for one in plan.controllers:
        if not plan.order.stages or one.controller.stage in plan.order.stages:
            yield from _presence(one)
    for planned in plan.objects:
        yield from _planned(planned)
    for wanted in plan.prerequisites:
        yield from _prerequisite(wanted)
    yield from (f"  note       {note}" for note in plan.notes)
    if plan.noop and not plan.hindrance:
        yield "  nothing to do: all of it is there"


def _presence(one: Presence) -> Iterator[str]:
    mark = {True: "there", False: "absent", None: "unknown"}[one.there]
    yield f"  {mark:<10} {one.controller.name}: {one.text}"
    if one.there is False:
        yield from (f"               {command}" for command in one.controller.commands)
        yield f"               {one.controller.docs}"


def _planned(one: Planned) -> Iterator[str]:
    text = f": {one.text}" if one.text else ""
    yield f"  {one.standing:<10} {one.file}  {_named(one.ref)}{text}"
    yield from (f"               {line}" for line in one.lines)


def _prerequisite(one: Prerequisite) -> Iterator[str]:
    mark = {True: "there", False: "bring", None: "bring?"}[one.there]
    yield f"  {mark:<10} {_named(one.ref)}: {one.about}"
    if one.there is not True:
        yield f"               {one.command}"


def removal_lines(plan: RemovalPlan) -> Iterator[str]:
    """Say what uninstalling would do."""
    yield f"uninstall {plan.service} from {plan.cluster}"
    for one in plan.objects:
        text = f": {one.text}" if one.text else ""
        yield f"  {'delete' if one.deletes else 'keep':<10} {_named(one.ref)}{text}"
    yield from (f"  {'not seen':<10} {left}" for left in plan.left)
    yield from (f"  note       {note}" for note in plan.notes)


def progress_line(step: Progress) -> str:
    """Say how far it has come; nothing of what says nothing new."""
    if step.came in _SILENT:
        return ""
    about = f" {_named(step.ref)}" if step.ref else ""
    text = f": {step.text}" if step.text else ""
    return f"{step.seconds:5.1f} s  {step.came}{about}{text}"


def document(plan: InstallPlan, steps: Sequence[Progress], *, outcome: str, text: str) -> dict[str, Any]:
    """Return all of an installation for programs."""
    return {
        "version": VERSION,
        "verb": "install",
        "cluster": plan.order.cluster,
        "service": plan.service,
        "values": dict(plan.values),
        "controllers": [
            {
                "name": one.controller.name,
                "stage": one.controller.stage,
                "there": one.there,
                "lacking": list(one.lacking),
                "commands": list(one.controller.commands),
                "docs": one.controller.docs,
                "text": one.text,
            }
            for one in plan.controllers
        ],
        "objects": [_object(one) for one in plan.objects],
        "prerequisites": [
            {"target": target(one.ref), "there": one.there, "about": one.about, "command": one.command}
            for one in plan.prerequisites
        ],
        "missing": [str(right) for right in plan.missing],
        "notes": list(plan.notes),
        "steps": steps_of(steps),
        "outcome": outcome,
        "text": text,
    }


def _object(one: Planned) -> dict[str, Any]:
    return {
        "stage": one.stage,
        "file": one.file,
        "target": target(one.ref),
        "standing": str(one.standing),
        "text": one.text,
        "changes": list(one.lines),
        "conflicts": [{"manager": clash.manager, "fields": list(clash.fields)} for clash in one.clashes],
        "request": request(one.write) if one.write else None,
    }


def removal_document(
    plan: RemovalPlan, steps: Sequence[Progress], *, outcome: str, text: str
) -> dict[str, Any]:
    """Return all of an uninstallation for programs."""
    return {
        "version": VERSION,
        "verb": "uninstall",
        "cluster": plan.cluster,
        "service": plan.service,
        "objects": [
            {
                "stage": one.stage,
                "target": target(one.ref),
                "deletes": one.deletes,
                "text": one.text,
                "requests": [request(write) for write in one.writes],
            }
            for one in plan.objects
        ],
        "unseen": list(plan.unseen),
        "missing": [str(right) for right in plan.missing],
        "notes": list(plan.notes),
        "steps": steps_of(steps),
        "outcome": outcome,
        "text": text,
    }


def steps_of(steps: Sequence[Progress]) -> list[dict[str, Any]]:
    """Return what became of each object, in order; what was only being sent is left out."""
    return [
        {
            "target": target(one.ref) if one.ref else None,
            "came": str(one.came),
            "text": one.text,
            "seconds": round(one.seconds, 3),
            "reply": one.reply,
        }
        for one in steps
        if one.came is not Came.SENDING
    ]


def target(ref: Ref) -> dict[str, str]:
    """Return who an object is, without what is empty."""
    names = ("cluster", "kind", "namespace", "name", "uid")
    return {name: value for name in names if (value := getattr(ref, name))}


def request(write: Write) -> dict[str, Any]:
    """Return a request as it may be shown."""
    body = write.body if write.body is None else json.loads(json.dumps(masked(write.body, "****")))
    return {"method": write.method, "path": write.path, "content_type": write.media, "body": body}


def _named(ref: Ref) -> str:
    return f"{ref.kind} {ref.namespace}/{ref.name}" if ref.namespace else f"{ref.kind} {ref.name}"
