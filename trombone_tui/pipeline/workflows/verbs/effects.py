"""What proves that a verb had its effect on a Workflow, read from the object as it is now."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from trombone_tui.core.objects.argo_workflows import WORKFLOW
from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.objects.phrases import counted, one_line, shortened
from trombone_tui.core.objects.workflow_compressed import Unreadable
from trombone_tui.core.objects.workflow_nodes import CONTAINERS
from trombone_tui.core.objects.workflow_tree import RunSpec, RunStatus, TreeNode, WholeWorkflow
from trombone_tui.core.verbs import Judge, Proof, Seen, Sight, Whole
from trombone_tui.core.wholes import judging
from trombone_tui.pipeline.workflows.verbs.run import FINAL, Run

Look = Callable[[WholeWorkflow], Sight]
_AT_WORK = ("Running", *FINAL)


def proof(run: Run, waits_for: str, look: Look, *, within: float = 30.0) -> Proof:
    """Watch the Workflow itself."""
    return Proof(
        kind=WORKFLOW,
        namespace=run.ref.namespace,
        name=run.ref.name,
        waits_for=waits_for,
        judge=judge(look),
        within=within,
    )


def started(namespace: str) -> Proof:
    """Watch the Workflow that is created: its name is in the API server's answer."""
    return Proof(
        kind=WORKFLOW,
        namespace=namespace,
        name="",
        waits_for="the new Workflow runs",
        judge=judge(_started),
    )


def deleted(run: Run) -> Proof:
    """Watch it until it is gone."""
    return Proof(
        kind=WORKFLOW,
        namespace=run.ref.namespace,
        name=run.ref.name,
        waits_for="it is gone",
        judge=gone(run.ref),
    )


def judge(look: Look) -> Judge:
    """Have the Workflow looked at."""
    return judging(WORKFLOW, WholeWorkflow, lambda obj, _: look(obj))


def gone(ref: Ref) -> Judge:
    """See whether the object that was deleted is gone, or another of its name is there."""

    def of(whole: Whole | None) -> Sight:
        meta = whole.get("metadata") if whole is not None else None
        if not isinstance(meta, Mapping) or (ref.uid and meta.get("uid") != ref.uid):
            return Sight(Seen.DONE, "it is gone")
        if meta.get("deletionTimestamp") is None:
            return Sight(Seen.NOT_YET, "it is still there")
        holding = meta.get("finalizers")
        held = ", ".join(str(one) for one in holding) if isinstance(holding, list) else ""
        return Sight(Seen.NOT_YET, f"it goes when finalizer {held} is done" if held else "it goes")

    return of


def shut_down(strategy: str) -> Look:
    """See whether it ended by a shutdown (``Stopped with strategy 'Stop'``)."""

    def look(obj: WholeWorkflow) -> Sight:
        status, spec = obj.status or RunStatus(), obj.spec or RunSpec()
        words = ended(status)
        if status.phase == "Succeeded":
            return Sight(Seen.FAILED, "it succeeded before it could be ended")
        if status.phase in FINAL:
            told = (status.message or "", *_messages(obj))
            ours = any("strategy" in one for one in told)
            return Sight(Seen.DONE, words if ours else f"it ended by itself meanwhile: {words}")
        if spec.shutdown != strategy:
            return Sight(Seen.NOT_YET, f"spec.shutdown is {spec.shutdown or 'not set'}")
        if any("strategy" in one for one in _messages(obj)):
            return Sight(Seen.NOT_YET, "its steps are being ended")
        return Sight(Seen.REQUESTED, f"spec.shutdown is {strategy}, nothing was ended yet")

    return look


def suspended(obj: WholeWorkflow) -> Sight:
    """See whether nothing new starts: there is no other sign than ``spec.suspend``."""
    status = obj.status or RunStatus()
    if status.phase in FINAL:
        return Sight(Seen.FAILED, f"it ended before: {ended(status)}")
    if obj.spec is not None and obj.spec.suspend:
        return Sight(Seen.DONE, "suspended, nothing new starts")
    return Sight(Seen.NOT_YET, "spec.suspend is not set")


def went_on(before: Collection[str], gates: Collection[str]) -> Look:
    """See whether something new started after gates were passed or a suspension was taken back."""

    def look(obj: WholeWorkflow) -> Sight:
        status, nodes = obj.status or RunStatus(), nodes_of(obj)
        if status.phase in FINAL:
            return Sight(Seen.DONE, f"it went on and ended: {ended(status)}")
        waiting = [nodes[key].title for key in gates if key in nodes and nodes[key].phase == "Running"]
        if waiting:
            return Sight(Seen.NOT_YET, f"{', '.join(waiting)} waits still")
        if obj.spec is not None and obj.spec.suspend:
            passed = Sight(Seen.DONE, "it is passed; what follows waits until the whole is resumed")
            return passed if gates else Sight(Seen.NOT_YET, "spec.suspend is still set")
        if not gates and status.offload_node_status_version:
            return Sight(Seen.DONE, "not suspended any more; its nodes can't be seen")
        new = [node.title for key, node in nodes.items() if key not in before and node.type not in CONTAINERS]
        if new:
            return Sight(Seen.DONE, f"{shortened(', '.join(sorted(new)), 120)} started")
        busy = [one for one in nodes.values() if _busy(one)]
        if not gates and busy:
            return Sight(Seen.DONE, f"not suspended any more, {counted(len(busy), 'step')} at work")
        if busy:  # nothing may come after a gate, or only once these have ended
            return Sight(Seen.DONE, _beside([nodes[key] for key in gates if key in nodes], busy))
        return Sight(Seen.REQUESTED, "nothing new has started yet")

    return look


def runs_again(before: RunStatus, taken: Collection[str]) -> Look:
    """See whether a retry was taken up: a node that was taken away is there again, and past Pending."""

    def look(obj: WholeWorkflow) -> Sight:
        status = obj.status or RunStatus()
        if status.started_at == before.started_at and status.phase in FINAL:
            return Sight(Seen.NOT_YET, f"still {ended(status)}")
        if status.phase in ("Failed", "Error"):
            return Sight(Seen.FAILED, f"it ran and failed again: {ended(status)}")
        if status.phase == "Succeeded":
            return Sight(Seen.DONE, "it ran and succeeded")
        if not status.phase:
            return Sight(Seen.REQUESTED, "it is put in order, and no controller has taken it up")
        nodes = nodes_of(obj)
        again = [nodes[key] for key in taken if key in nodes]
        at_work = [node.title for node in again if node.phase in _AT_WORK]
        if at_work:
            return Sight(Seen.DONE, f"{', '.join(sorted(at_work))} started again")
        if again:
            told = next((node.message for node in again if node.message), "")
            waits = f"{', '.join(sorted(node.title for node in again))} not started yet"
            return Sight(Seen.NOT_YET, f"{waits}: {told}") if told else Sight(Seen.REQUESTED, waits)
        return Sight(Seen.NOT_YET, f"{status.phase}, nothing was started again yet")

    return look


def ended(status: RunStatus) -> str:
    """Say how it ended, with the controller's message."""
    message = one_line(status.message)
    return f"{status.phase}: {message}" if message else status.phase or ""


def nodes_of(obj: WholeWorkflow) -> Mapping[str, TreeNode]:
    """Return its nodes, none where they are out of reach."""
    try:
        return obj.nodes
    except Unreadable:
        return {}


def _started(obj: WholeWorkflow) -> Sight:
    status = obj.status or RunStatus()
    if status.phase in ("Failed", "Error"):
        return Sight(Seen.FAILED, ended(status))
    if not status.phase:
        return Sight(Seen.REQUESTED, "created, and no controller has taken it up")
    return Sight(Seen.DONE, f"{obj.metadata.name}: {ended(status)}")


def _messages(obj: WholeWorkflow) -> list[str]:
    return [node.message for node in nodes_of(obj).values() if node.message]


def _beside(gates: Collection[TreeNode], busy: Collection[TreeNode]) -> str:
    """Say what became of gates, and what else of the Workflow is under way."""
    told = [f"{one.title} is {'passed' if one.phase == 'Succeeded' else one.phase}" for one in gates]
    others = shortened(", ".join(sorted(one.title for one in busy)), 120)
    return f"{', '.join(sorted(told))}; still at work: {others}"


def _busy(node: TreeNode) -> bool:
    return node.type not in CONTAINERS and node.phase in ("Running", "Pending")
