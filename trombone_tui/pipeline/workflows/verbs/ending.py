"""Ending a Workflow, holding it, and taking it away.

Stop and terminate: ``argo-workflows@v4.1.2:workflow/util/util.go``, ``workflow/controller/operator.go``.
"""

from __future__ import annotations

from collections.abc import Iterator

from trombone_tui.core.objects.argo_workflows import WORKFLOW, Workflow
from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.objects.phrases import counted
from trombone_tui.core.ports import Refused
from trombone_tui.core.stage import Around
from trombone_tui.core.verbs import Blocked, Plan, Planned, Scene, Write
from trombone_tui.pipeline.workflows.verbs.effects import deleted, proof, shut_down, suspended
from trombone_tui.pipeline.workflows.verbs.gates import decline
from trombone_tui.pipeline.workflows.verbs.run import DELETED, FINAL, Run

STOP, TERMINATE = "Stop", "Terminate"
_ARCHIVED = "workflows.argoproj.io/workflow-archiving-status"


def going(obj: Workflow, _: Ref, __: Around) -> str:
    """Say why a watched Workflow can't be ended or held: it has ended."""
    if obj.metadata.deletion_timestamp is not None:
        return DELETED
    phase = obj.status.phase if obj.status else None
    return f"it has ended: {phase}" if phase in FINAL else ""


def _already(strategy: str) -> Blocked:
    def why(obj: Workflow, ref: Ref, around: Around) -> str:
        wanted = obj.spec.shutdown if obj.spec else None
        return going(obj, ref, around) or _standing(wanted or "", strategy)

    return why


not_stopped, not_terminated = _already(STOP), _already(TERMINATE)


def not_suspended(obj: Workflow, ref: Ref, around: Around) -> str:
    """Say why a watched Workflow can't be suspended."""
    held = obj.spec is not None and obj.spec.suspend
    return going(obj, ref, around) or ("it is suspended already" if held else "")


def not_deleted(obj: Workflow, _: Ref, __: Around) -> str:
    """Say why a watched Workflow can't be deleted."""
    return DELETED if obj.metadata.deletion_timestamp is not None else ""


def _standing(wanted: str, strategy: str) -> str:
    """Say that a shutdown stands which this one would not change; stop does not soften terminate."""
    if wanted == strategy or (wanted, strategy) == (TERMINATE, STOP):
        return f"it is being ended already: spec.shutdown is {wanted}"
    return ""


async def stop(scene: Scene) -> Plan:
    """End it, exit handlers still run; with a node: decline a gate."""
    return await (decline(scene) if scene.given.get("node") else _stop(scene))


def _ended_by(strategy: str, within: float) -> Planned:
    async def plan(scene: Scene) -> Plan:
        run = Run.going(scene)
        word = strategy.lower()
        if standing := _standing(str(run.spec.get("shutdown") or ""), strategy):
            return Plan(before=run.standing, after=run.standing, writes=(), noop=standing)
        return Plan(
            before=run.standing,
            after=f"Failed: Stopped with strategy '{strategy}'",
            writes=(run.patch({"spec": {"shutdown": strategy}}, f"{word} it"),),
            proof=proof(run, f"Stopped with strategy '{strategy}'", shut_down(strategy), within=within),
            warnings=tuple(_ending(run, strategy)),
            command=run.command(word),
        )

    return plan


_stop = _ended_by(STOP, 60.0)
terminate = _ended_by(TERMINATE, 30.0)


def _busy(run: Run) -> int | None:
    """Count the pods that run; None where nodes are out of reach."""
    try:
        return sum(node.type == "Pod" and node.phase in ("Running", "Pending") for node in run.nodes.values())
    except Refused:
        return None


def _pods(run: Run) -> str:
    busy = _busy(run)
    return "pods that run" if busy is None else counted(busy, "pod") + " that run" + "s" * (busy == 1)


def _ending(run: Run, strategy: str) -> Iterator[str]:
    if _busy(run) != 0:
        are = "is" if _busy(run) == 1 else "are"
        yield f"{_pods(run)} {are} killed: what is half done, a push too, stays half done"
    if run.on_exit and strategy == STOP:
        yield f"its exit handler {run.on_exit} runs"
    if run.on_exit and strategy == TERMINATE:
        yield f"its exit handler {run.on_exit} does not run: what it cleans up or reports stays undone"
    yield "it can't be taken back; retry or resubmit runs it again"


async def suspend(scene: Scene) -> Plan:
    """Start nothing new."""
    run = Run.going(scene)
    if run.spec.get("suspend") is True:
        return Plan(before=run.standing, after=run.standing, writes=(), noop="it is suspended already")
    busy = _busy(run)
    goes = "goes" if busy == 1 else "go"
    going_on = () if busy == 0 else (f"{_pods(run)} {goes} on to the end: only new steps wait",)
    return Plan(
        before=run.standing,
        after=f"{run.phase} (suspended)",
        writes=(run.patch({"spec": {"suspend": True}}, "start nothing new"),),
        proof=proof(run, "spec.suspend is set", suspended),
        warnings=going_on,
        command=run.command("suspend"),
    )


async def delete(scene: Scene) -> Plan:
    """Take it away with its pods."""
    run = Run.read(scene)
    body = {"propagationPolicy": "Background"}
    guard = {"preconditions": {"uid": run.ref.uid}} if run.ref.uid else {}
    return Plan(
        before=run.standing,
        after="gone",
        writes=(
            Write(
                method="DELETE",
                kind=WORKFLOW,
                namespace=run.ref.namespace,
                name=run.ref.name,
                body={**body, **guard},
                title="delete it with its pods",
            ),
        ),
        proof=deleted(run),
        warnings=tuple(_deleting(run)),
        command=run.command("delete"),
    )


def _deleting(run: Run) -> Iterator[str]:
    if not run.ended:
        yield "it has not ended: its pods are killed, and its exit handler does not run"
    yield "its pods and their logs go with it"
    label = run.obj.metadata.label(_ARCHIVED)
    if label in ("Archived", "Persisted"):
        yield "a copy is in the archive, which argo-server reads; logs only where archiveLogs kept them"
    else:
        yield "it is not archived: what it did can't be looked up any more"
    finalizers = run.scene.whole["metadata"].get("finalizers")
    if isinstance(finalizers, list) and finalizers:
        yield f"it stays until finalizers are done: {', '.join(map(str, finalizers))}"
