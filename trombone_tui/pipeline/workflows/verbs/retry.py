"""``argo retry`` with the API alone: pods of what failed away, nodes in order, and it runs on.

Tried out on Steps, DAG and ``retryStrategy``, each with an exit handler (Argo Workflows 3.7.18). A pod that
is still there when the controller looks again is adopted, and its node stays Pending for good: so pods go
first, and a touch wakes the controller once they are gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trombone_tui.core.objects.argo_workflows import Workflow
from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.objects.phrases import counted, listed
from trombone_tui.core.objects.pods import POD
from trombone_tui.core.objects.raw import text
from trombone_tui.core.objects.workflow_graph import item
from trombone_tui.core.ports import Refused
from trombone_tui.core.stage import Around
from trombone_tui.core.verbs import Plan, Scene, Whole, Write
from trombone_tui.pipeline.workflows.run_pods import NODE_ID, OF_WORKFLOW
from trombone_tui.pipeline.workflows.verbs.effects import proof, runs_again
from trombone_tui.pipeline.workflows.verbs.restart import Pruned, Restart, restart
from trombone_tui.pipeline.workflows.verbs.run import DELETED, FINAL, OFFLOADED, Run, RunNode

PODS_LEAVE = 1.0
"""Seconds that pods which have ended get to be gone."""
_LABELS = ("workflows.argoproj.io/completed", "workflows.argoproj.io/workflow-archiving-status")
_INSTEAD = "resubmit runs all of it again as a new Workflow"


def not_retried(obj: Workflow, _: Ref, __: Around) -> str:
    """Say why a watched Workflow can't be retried."""
    phase = obj.status.phase if obj.status else None
    if obj.metadata.deletion_timestamp is not None:
        return DELETED
    if phase == "Succeeded":
        return "it has ended: Succeeded"
    if phase not in FINAL:
        return f"it has not ended: {phase or 'new'}"
    return f"{OFFLOADED} retry it" if obj.status and obj.status.offload_node_status_version else ""


async def retry(scene: Scene) -> Plan:
    """Run again what failed and what came after it; what succeeded stays."""
    run = Run.read(scene)
    if run.phase not in ("Failed", "Error"):
        why = "it has ended: Succeeded" if run.ended else f"it has not ended: {run.phase}"
        raise Refused(why, advice=_INSTEAD if run.ended else "stop it first, or wait")
    found = _worked_out(run)
    pods = await _pods(run, found)
    return Plan(
        before=run.standing,
        after=_after(run, found),
        writes=(*(_away(run, pod) for pod in pods), _again(run, found, after=PODS_LEAVE if pods else 0.0)),
        proof=proof(run, "a failed step runs again", runs_again(run.status, found.gone)),
        warnings=tuple(_warnings(run, found, pods)),
        command=run.command("retry"),
    )


def _worked_out(run: Run) -> Restart:
    found = restart(run.obj.metadata.name, run.nodes)
    if found.stays_failed:
        gates = ", ".join(_titles(run, found.stays_failed))
        raise Refused(
            f"gate {gates} was declined or stopped, and a retry asks no gate again", advice=_INSTEAD
        )
    if not found.again and not any(run.nodes[key].failed for key in found.handler):
        raise Refused("no step of it failed that could run again", advice=_INSTEAD)
    return found


def _titles(run: Run, keys: Sequence[str]) -> Sequence[str]:
    """Name nodes as they ran; the attempts of one step by the step."""
    nodes = sorted((run.nodes[key] for key in keys), key=lambda node: (str(node.started_at), node.title))
    return list(dict.fromkeys(item(node.title)[0] if _attempt(node) else node.title for node in nodes))


def _attempt(node: RunNode) -> bool:
    return node.node_flag is not None and bool(node.node_flag.retried)


def _after(run: Run, found: Restart) -> str:
    runs = (
        f"runs again: {listed(_titles(run, found.again), 6)}"
        if found.again
        else "the exit handler runs again"
    )
    kept = [node for key, node in run.nodes.items() if key not in found.gone]
    stay = sum(node.type == "Pod" and node.phase == "Succeeded" for node in kept)
    return (
        f"{runs}; {counted(stay, 'step')} that succeeded {'stays' if stay == 1 else 'stay'}" if stay else runs
    )


async def _pods(run: Run, found: Restart) -> Sequence[Whole]:
    """Return the pods of what goes, by what they say of themselves."""
    kind = POD.narrowed(selector=f"{OF_WORKFLOW}={run.ref.name}")
    pods = await run.scene.list(kind, run.ref.namespace)
    gone = set(found.gone)
    return [pod for pod in pods if text(pod, "metadata", "name") and _node(pod) in gone]


def _node(pod: Whole) -> str:
    return text(pod, "metadata", "annotations", NODE_ID)


def _away(run: Run, pod: Whole) -> Write:
    name, uid = text(pod, "metadata", "name"), text(pod, "metadata", "uid")
    return Write(
        method="DELETE",
        kind=POD,
        namespace=run.ref.namespace,
        name=name,
        body={"preconditions": {"uid": uid}} if uid else None,
        title=f"delete the pod {name}",
        gone_is_done=True,
    )


def _again(run: Run, found: Restart, *, after: float) -> Write:
    body = {
        "metadata": {**run.guard["metadata"], "labels": dict.fromkeys(_LABELS)},
        "spec": _spec(run),
        "status": {
            "phase": "",
            "message": "",
            "startedAt": run.stamp,
            "finishedAt": None,
            "conditions": _conditions(run),
            **({"persistentVolumeClaims": []} if run.raw.get("persistentVolumeClaims") else {}),
            **_stored(run),
            **run.changed_nodes(_nodes(run, found)),
        },
    }
    return run.patch(body, "take failed nodes away and start their groups anew", after=after)


def _spec(run: Run) -> dict[str, Any]:
    deadline = run.spec.get("activeDeadlineSeconds")
    return {"shutdown": None, **({"activeDeadlineSeconds": None} if deadline == 0 else {})}


def _stored(run: Run) -> dict[str, Any]:
    """Take the shutdown back in the stored copy as well; the patch must not create one."""
    stored = run.status.stored_workflow_template_spec
    return {"storedWorkflowTemplateSpec": {"shutdown": None}} if stored and stored.shutdown else {}


def _conditions(run: Run) -> list[Any]:
    others = [one for one in run.raw.get("conditions") or () if one.get("type") != "Completed"]
    return [*others, {"type": "Completed", "status": "False"}]


def _nodes(run: Run, found: Restart) -> dict[str, Any]:
    changes: dict[str, Any] = dict.fromkeys(found.gone)
    for key in found.reset:
        changes[key] = {"phase": "Running", "message": None, "finishedAt": None, "startedAt": run.stamp}
    for key, links in found.pruned.items():
        changes[key] = {**changes.get(key, {}), **_links(links)}
    return changes


def _links(links: Pruned) -> dict[str, list[str]]:
    both = {"children": links.children, "outboundNodes": links.outbound}
    return {name: list(left) for name, left in both.items() if left is not None}


def _warnings(run: Run, found: Restart, pods: Sequence[Whole]) -> list[str]:
    told = []
    if found.again:
        names = _titles(run, found.again)
        told.append(
            f"{listed(names, 6)} really {'run' if len(names) > 1 else 'runs'} again: "
            "what was half done, a push too, is done again"
        )
    if pods:
        told.append(f"the logs of {counted(len(pods), 'pod')} are gone with them")
    ref = run.obj.spec.workflow_template_ref if run.obj.spec else None
    if ref is not None:
        told.append(
            f"it runs its stored copy: a corrected template {ref.name or '?'} is not picked up, "
            "resubmit picks it up"
        )
    if run.on_exit:
        told.append(f"its exit handler {run.on_exit} runs again at the end")
    if run.spec.get("volumeClaimTemplates"):
        told.append("volumes that it made may be gone: what earlier steps left on them is missing then")
    return told
