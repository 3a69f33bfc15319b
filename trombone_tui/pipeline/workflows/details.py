"""The details of a Workflow: what a row knows of it at once, and all of it when that has been fetched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from trombone_tui.core.objects.argo_workflows import Workflow, WorkflowStatus
from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.objects.phrases import shortened
from trombone_tui.core.objects.pods import Pod
from trombone_tui.core.objects.workflow_compressed import Unreadable
from trombone_tui.core.objects.workflow_nodes import Leaf, cannot_start
from trombone_tui.core.objects.workflow_tree import WHOLE_WORKFLOW, WholeWorkflow
from trombone_tui.core.questions import Answer, Objects, only
from trombone_tui.core.stage import Around, Detail, Fact, Facts, Tree
from trombone_tui.pipeline.workflows.circumstances import circumstances
from trombone_tui.pipeline.workflows.history import compared, past
from trombone_tui.pipeline.workflows.logs import failing_log
from trombone_tui.pipeline.workflows.origin import origin
from trombone_tui.pipeline.workflows.reading import Reading
from trombone_tui.pipeline.workflows.recognition import told
from trombone_tui.pipeline.workflows.run_pods import RunPods, pods_of
from trombone_tui.pipeline.workflows.tree import StepTree

_MOST = 30
"""Pods that are listed."""
_LONGEST = 200


def workflow_details(obj: Workflow, ref: Ref, around: Around, found: Reading) -> tuple[Detail, ...]:
    """Tell what is known of it: more once its nodes and pods are there."""
    answer = around.ask(Objects.named(WHOLE_WORKFLOW, ref.namespace, ref.name))
    pods = around.ask(pods_of(ref.namespace, ref.name))
    whole = only(answer)
    sections = [_about(obj, around, found)]
    if isinstance(whole, WholeWorkflow):
        sections += [
            *_steps(whole, obj, pods),
            *failing_log(obj, ref, around),
            *_pods(pods),
            *circumstances(whole),
        ]
    else:
        sections += [*_known_steps(obj, _missing(answer)), *_pods(pods)]
    return (*sections, *_from(obj), *_conditions(obj.status or WorkflowStatus()))


def _about(obj: Workflow, around: Around, found: Reading) -> Detail:
    status = obj.status or WorkflowStatus()
    return Facts(
        "Workflow",
        (
            Fact("phase", status.phase or None, found.health),
            Fact("message", found.message),
            Fact("progress", status.progress or None),
            Fact("started", status.started_at),
            Fact("finished", status.finished_at),
            Fact("duration", _duration(obj, status, around)),
        ),
    )


def _duration(obj: Workflow, status: WorkflowStatus, around: Around) -> str | None:
    if status.duration is not None:
        return compared(status.duration, past(obj, around), running=False)
    if status.phase == "Running" and status.started_at and status.started_at <= around.now:
        return compared(around.now - status.started_at, past(obj, around), running=True)
    return None


def _missing(answer: Answer[Sequence[Any]]) -> str:
    """Say why there is no tree, empty while it is still on its way."""
    if answer.trouble is not None:
        return f"can't be shown: {answer.trouble}"
    return "" if answer.waiting else "can't be shown: the Workflow is gone, or a part of it can't be read"


def _steps(whole: WholeWorkflow, obj: Workflow, pods: Answer[Sequence[Pod]]) -> Iterator[Detail]:
    try:
        nodes = whole.nodes
    except Unreadable as problem:
        yield from _known_steps(obj, f"can't be read: {problem}")
        return
    if nodes:
        yield Tree("Steps", StepTree(whole, nodes, RunPods(whole, nodes, pods)).branches())


def _known_steps(obj: Workflow, problem: str) -> Iterator[Detail]:
    """Tell of the steps what the row knows, while or where there is no more."""
    digest = obj.digest
    broken = digest.stuck is not None and cannot_start(digest.stuck.message)
    leaves = (
        ("failed first", digest.failed, Health.DEGRADED),
        ("can't start" if broken else "waits", digest.stuck, _STUCK[broken]),
        ("waits to be resumed", None if digest.gate and digest.gate.until else digest.gate, Health.SUSPENDED),
        (
            "waits for its time",
            digest.gate if digest.gate and digest.gate.until else None,
            Health.PROGRESSING,
        ),
        ("runs", digest.running, Health.PROGRESSING),
    )
    facts = [Fact(name, _in_words(leaf), health) for name, leaf, health in leaves if leaf]
    if problem:
        facts.append(Fact("all steps", problem, Health.UNKNOWN))
    if facts:
        yield Facts("Steps", tuple(facts))


_STUCK = {True: Health.DEGRADED, False: Health.PROGRESSING}


def _in_words(leaf: Leaf) -> str:
    tries = f", {leaf.attempts} attempts" if leaf.attempts > 1 else ""
    name = told(leaf.name)
    return f"{name}{tries}: {leaf.message}" if leaf.message else f"{name}{tries}"


def _pods(pods: Answer[Sequence[Pod]]) -> Iterator[Detail]:
    """Name the pods that something keeps from running, and what."""
    if pods.trouble is not None:
        yield Facts("Pods", (Fact("pods", f"can't be shown: {pods.trouble}", Health.UNKNOWN),))
        return
    held = [
        Fact(pod.metadata.name or "?", shortened(pod.why, _LONGEST), pod.health)
        for pod in pods.value or ()
        if pod.why and pod.status is not None and pod.status.phase not in ("Succeeded", "Failed")
    ]
    if held:
        more = (Fact("and more", len(held) - _MOST),) if len(held) > _MOST else ()
        yield Facts("Pods", (*held[:_MOST], *more))


def _from(obj: Workflow) -> tuple[Detail, ...]:
    known: list[Fact] = []
    for name, value in origin(obj):
        if value:
            known.append(Fact(name, value if isinstance(value, datetime) else str(value)))
    return (Facts("From and to", tuple(known)),) if known else ()


def _conditions(status: WorkflowStatus) -> tuple[Detail, ...]:
    """Show SpecWarning, SpecError, MetricsError and ArtifactGCError, which all say what went wrong."""
    facts = tuple(
        Fact(c.type or "?", c.message or "no message", Health.DEGRADED)
        for c in status.conditions or ()
        if c.status == "True" and c.type not in ("Completed", "PodRunning")
    )
    return (Facts("Conditions", facts),) if facts else ()
