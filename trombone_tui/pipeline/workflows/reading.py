"""How a Workflow is: its health in Argo CD's words, and why.

Health by phase: ``argo-cd@v3.5.1:gitops-engine/pkg/health/health_argo.go``. Beyond it, a Workflow that
waits to be resumed is Suspended, as ``argo get`` prints it, and one whose pod can't start is Degraded,
as that pod is. What would help is named as ``argo`` calls it: retry, resubmit, resume, stop, terminate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from trombone_tui.core.objects.argo_workflows import Workflow, WorkflowStatus
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.objects.durations import spoken, stamp
from trombone_tui.core.objects.phrases import clauses, counted, shortened
from trombone_tui.core.objects.workflow_nodes import Digest, Leaf, cannot_start
from trombone_tui.core.text import duration
from trombone_tui.pipeline.workflows.locks import free, holders, lock_words
from trombone_tui.pipeline.workflows.recognition import known_as, plainly

BRIEF = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a Workflow is."""

    health: Health
    why: str
    brief: str
    since: datetime | None = None
    message: str | None = None
    node: str | None = None
    failed_node: str | None = None
    step: str | None = None
    """The node as people see it: ``unit test (test)``."""


def reading(obj: Workflow, built: str | None) -> Reading:
    """Say how a Workflow is; ``built`` is the tag it gave out, if that is known."""
    status = obj.status or WorkflowStatus()
    if not status.phase:
        return Reading(
            health=Health.UNKNOWN,
            why="No phase yet: the workflow controller has not taken it up.",
            brief="not started",
            since=obj.metadata.creation_timestamp,
            message=status.message,
        )
    if status.phase == "Succeeded":
        return _succeeded(status, built)
    read = _BY_PHASE.get(status.phase, _unknown)
    return read(obj, status, obj.digest)


def _succeeded(status: WorkflowStatus, built: str | None) -> Reading:
    took = status.duration
    return Reading(
        health=Health.HEALTHY,
        why=clauses(
            f"Succeeded{f' in {spoken(took)}' if took is not None else ''}{_done(status)}",
            f"built {built}" if built else "",
        ),
        brief="succeeded" if took is None else duration(took.total_seconds()),
        since=status.finished_at,
        message=status.message,
    )


def _failed(obj: Workflow, status: WorkflowStatus, digest: Digest) -> Reading:
    stopped = f"told to {obj.spec.shutdown}" if obj.spec and obj.spec.shutdown else ""
    leaf, phase = digest.failed, "Ended with an error" if status.phase == "Error" else "Failed"
    if leaf is None:
        reason = status.message or ("" if _hidden(status) else "the controller gives no reason")
        why = clauses(f"{phase}: {reason}" if reason else phase, stopped, _hidden(status), "resubmit")
    else:
        extra = status.message if status.message and status.message != leaf.message else ""
        why = clauses(_failure(leaf), stopped, extra or "", "resubmit" if stopped else "retry or resubmit")
    return Reading(
        health=Health.DEGRADED,
        why=why,
        brief=shortened(_short(leaf) if leaf else (status.phase or "").lower(), BRIEF),
        since=status.finished_at,
        message=(leaf.message if leaf else None) or status.message,
        node=leaf.name if leaf else None,
        failed_node=leaf.name if leaf else None,
        step=_short(leaf) if leaf else None,
    )


def _failure(leaf: Leaf) -> str:
    tries = f" after {counted(leaf.attempts, 'attempt')}" if leaf.attempts > 1 else ""
    return f"{_capital_step(leaf)} failed{tries}: {leaf.message or 'its pod gives no reason'}"


def _pending(obj: Workflow, status: WorkflowStatus, _: Digest) -> Reading:
    lock = obj.lock
    if lock is None:
        why = clauses(f"Pending: {status.message}" if status.message else "Pending: no reason is given")
    else:
        place = ", ".join(part for part in (lock_words(lock.name), free(status.message)) if part)
        why = clauses(f"Waits for the {place}", holders(lock), "stop ends the wait")
    return Reading(
        health=Health.PROGRESSING,
        why=why,
        brief="waits for lock" if lock else "pending",
        since=status.started_at or obj.metadata.creation_timestamp,
        message=status.message,
    )


def _running(obj: Workflow, status: WorkflowStatus, digest: Digest) -> Reading:
    stuck, gate, now = digest.stuck, digest.gate, digest.running
    rest = (
        _so_far(status),
        *_stopping(obj),
        f"{_step(digest.failed)} has failed" if digest.failed else "",
    )
    if stuck is not None and cannot_start(stuck.message):
        why = clauses(f"{_capital_step(stuck)} can't start: {stuck.message}", *rest, "stop ends it")
        return _at(stuck, Health.DEGRADED, why, _short(stuck))
    if obj.spec is not None and obj.spec.suspend:
        why = clauses("Suspended as a whole by spec.suspend, so no new step starts", *rest, "resume")
        return Reading(
            health=Health.SUSPENDED,
            why=why,
            brief="suspended",
            since=status.started_at,
            message=status.message,
        )
    if gate is not None:
        return _waiting(gate, rest)
    if stuck is not None and stuck.message:
        return _at(
            stuck,
            Health.PROGRESSING,
            clauses(f"{_capital_step(stuck)} waits: {stuck.message}", *rest),
            _short(stuck),
        )
    if now is not None:
        began = f" since {stamp(now.since)}" if now.since else ""
        return _at(now, Health.PROGRESSING, clauses(f"{_capital_step(now)} runs{began}", *rest), _short(now))
    if stuck is not None:
        why = clauses(f"{_capital_step(stuck)} is about to start", *rest)
        return _at(stuck, Health.PROGRESSING, why, _short(stuck))
    return Reading(
        health=Health.PROGRESSING,
        why=clauses("Running", *rest, status.message or "", _hidden(status)),
        brief=status.progress or "running",
        since=status.started_at,
        message=status.message,
    )


def _waiting(gate: Leaf, rest: Sequence[str]) -> Reading:
    """Say that it waits at a gate; one that goes on by itself needs nobody."""
    if gate.until is not None:
        why = clauses(
            f"Waits at {_step(gate)} until {stamp(gate.until)}", gate.message, *rest, "resume ends the wait"
        )
        return _at(gate, Health.PROGRESSING, why, f"at {_short(gate)}")
    began = f" since {stamp(gate.since)}" if gate.since else ""
    why = clauses(f"Waits at {_step(gate)} to be resumed{began}", gate.message, *rest, "resume or stop")
    return _at(gate, Health.SUSPENDED, why, f"at {_short(gate)}")


def _stopping(obj: Workflow) -> tuple[str, ...]:
    told_to = obj.spec.shutdown if obj.spec else None
    if not told_to:
        return ()
    more = ("terminate ends its exit handler, too",) if told_to == "Stop" else ()
    return (f"it was told to {told_to}", *more)


def _at(leaf: Leaf, health: Health, why: str, brief: str) -> Reading:
    return Reading(
        health=health,
        why=why,
        brief=shortened(brief, BRIEF),
        since=leaf.since,
        message=leaf.message or None,
        node=leaf.name,
        step=_short(leaf),
    )


def _unknown(_: Workflow, status: WorkflowStatus, __: Digest) -> Reading:
    phase = shortened(status.phase or "", 40)
    return Reading(
        health=Health.UNKNOWN,
        why=clauses(f"Phase {phase} is not one this program knows", status.message or ""),
        brief=shortened(phase, BRIEF),
        message=status.message,
    )


_BY_PHASE = {
    "Failed": _failed,
    "Error": _failed,
    "Pending": _pending,
    "Running": _running,
}


def _base(leaf: Leaf) -> str:
    """Return its name, without the number that an attempt has."""
    return leaf.name.rpartition("(")[0] if leaf.attempt else leaf.name


def _short(leaf: Leaf) -> str:
    """Name a step in a few cells: what it is known as, else its own name."""
    return known_as(leaf.name, leaf.template) or _base(leaf)


def _step(leaf: Leaf) -> str:
    if not leaf.name:
        return "a step without a name"
    again = f", attempt {leaf.attempt}," if leaf.attempt > 1 else ""
    return f"step {plainly(_base(leaf), leaf.template)}{again}"


def _capital_step(leaf: Leaf) -> str:
    step = _step(leaf)
    return step[:1].upper() + step[1:]


def _done(status: WorkflowStatus) -> str:
    return f", {status.progress} done" if status.progress else ""


def _so_far(status: WorkflowStatus) -> str:
    return f"{status.progress} done" if status.progress else ""


def _hidden(status: WorkflowStatus) -> str:
    """Say why nothing is known of the nodes, where that is so."""
    if status.offload_node_status_version:
        return "node details are in a database that only argo-server reads"
    return f"node details are packed and can't be read: {status.unread}" if status.unread else ""
