"""The containers whose logs tell of a Workflow: failed steps first, then those that run, then the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from trombone_tui.core.objects.argo_workflows import Workflow
from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.objects.phrases import shortened
from trombone_tui.core.objects.pods import Pod
from trombone_tui.core.objects.workflow_compressed import Unreadable
from trombone_tui.core.objects.workflow_tree import WHOLE_WORKFLOW, TreeNode, WholeWorkflow
from trombone_tui.core.questions import LogSource, LogTail, Objects, only
from trombone_tui.core.stage import Around, Detail, Line, Lines
from trombone_tui.pipeline.workflows.circumstances import place
from trombone_tui.pipeline.workflows.run_pods import RunPods, pods_of

MOST = 200
"""Steps whose logs are offered."""
_AUXILIARY = ("wait", "supervisor")
"""Containers that Argo adds beside the step's own."""
_LINES = 12
"""Of the log of what failed, those that its details show."""
_NODE_NAME = "workflows.argoproj.io/node-name"


def workflow_logs(obj: Workflow, ref: Ref, around: Around) -> tuple[LogSource, ...]:
    """Name the containers of its pods, those that Argo added last; where nodes are unknown, by the pods.

    The step that the Workflow failed by comes before others that failed and were let pass.
    """
    found = around.ask(pods_of(ref.namespace, ref.name))
    whole = only(around.ask(Objects.named(WHOLE_WORKFLOW, ref.namespace, ref.name)))
    nodes = _nodes(whole) if isinstance(whole, WholeWorkflow) else None
    if not nodes or not isinstance(whole, WholeWorkflow):
        return _by_pods(found.value or ())
    pods = RunPods(whole, nodes, found)
    blamed = obj.digest.failed.name if obj.digest.failed else ""
    steps = sorted(
        (node for node in nodes.values() if node.type in ("Pod", "Container")),
        key=lambda node: (not _blames(blamed, node), *_order(node)),
    )
    inner = {node.boundary_id for node in steps if node.type == "Container"}
    own = [node for node in steps if node.id not in inner or node.type == "Container"][:MOST]
    main = [
        (_rank(node) - _blames(blamed, node), source) for node in own for source in _main(whole, node, pods)
    ]
    main.sort(key=lambda ranked: (ranked[0], ranked[1].gone != ""))
    added = [source for node in own for source in _added(node, pods)]
    return (
        *(source for source in added if source.failed),
        *(source for _, source in main),
        *(source for source in added if not source.failed),
    )


def failing_log(obj: Workflow, ref: Ref, around: Around) -> Iterator[Detail]:
    """Show the end of the log of the first step that failed, while its pod is there."""
    failed = (one for one in workflow_logs(obj, ref, around) if one.failed and not one.gone)
    source = next(failed, None)
    if source is None:
        return
    tail = around.ask(
        LogTail(namespace=source.namespace, pod=source.pod, container=source.container, lines=_LINES)
    )
    title = f"End of the log of {source.label}"
    if tail.trouble is not None:
        yield Lines(title, (Line(text=f"can't be shown: {tail.trouble}", health=Health.UNKNOWN),))
    elif tail.value:
        yield Lines(title, tuple(Line(text=line.text, at=line.at) for line in tail.value[-_LINES:]))


def _nodes(whole: WholeWorkflow) -> Mapping[str, TreeNode] | None:
    try:
        return whole.nodes
    except Unreadable:
        return None


def _blames(name: str, node: TreeNode) -> bool:
    """Say whether a name, as a sentence has it, is that of a failed node or of what it is an attempt of."""
    return bool(name) and node.failed and (node.title == name or node.title.startswith(f"{name}("))


def _order(node: TreeNode) -> tuple[int, str, str]:
    return (_rank(node), str(node.started_at or "~"), node.title)


def _rank(node: TreeNode) -> int:
    rank = _RANK.get(node.phase or "", 3)
    return 2 if rank == 0 and node.hooked and not node.name.endswith(".onExit") else rank


_RANK = {"Failed": 0, "Error": 0, "Running": 1, "Pending": 2}


def _main(whole: WholeWorkflow, node: TreeNode, pods: RunPods) -> Iterator[LogSource]:
    pod, name = pods.pod(node), pods.name(node)
    gone = _gone(whole, node) if pod is None and pods.known and node.phase != "Pending" else ""
    if node.type == "Container":
        containers: Sequence[str] = (node.title,)
    else:
        containers = [one for one in (pod.containers if pod else ()) if one not in _AUXILIARY] or ("main",)
    for container in sorted(containers, key=lambda one: one != "main"):
        yield LogSource(
            label=_label(node.title, "" if len(containers) == 1 else container),
            namespace=whole.metadata.namespace,
            pod=name,
            container=container,
            failed=node.failed,
            restarts=pod.restarts_of(container) if pod else 0,
            gone=gone,
        )


def _added(node: TreeNode, pods: RunPods) -> Iterator[LogSource]:
    """Name what Argo added to a pod that is there: what prepares it, and what waits beside it."""
    pod = pods.pod(node)
    if pod is None or node.type == "Container":
        return
    prepare = (pod.spec.init_containers if pod.spec else None) or ()
    names = [one.name for one in prepare if one.name]
    for container in [*names, *(one for one in pod.containers if one in _AUXILIARY)]:
        yield LogSource(
            label=_label(node.title, container),
            namespace=pod.metadata.namespace,
            pod=pod.metadata.name,
            container=container,
            failed=container in names and _broke(pod, container),
            restarts=pod.restarts_of(container),
        )


def _broke(pod: Pod, container: str) -> bool:
    """Say whether what prepares a pod failed, so that the step itself never began."""
    ended = next((one.ended for one in pod.statuses if one.name == container), None)
    return ended is not None and ended.exit_code not in (None, 0)


def _by_pods(pods: Sequence[Pod]) -> tuple[LogSource, ...]:
    ordered = sorted(pods, key=lambda pod: (not _failed(pod), pod.metadata.name))[:MOST]
    return tuple(source for pod in ordered for source in _of_pod(pod))


def _of_pod(pod: Pod) -> Iterator[LogSource]:
    name = pod.metadata.annotation(_NODE_NAME) or pod.metadata.name
    for container in [one for one in pod.containers if one not in _AUXILIARY] or [""]:
        yield LogSource(
            label=_label(name, container if container not in ("", "main") else ""),
            namespace=pod.metadata.namespace,
            pod=pod.metadata.name,
            container=container,
            failed=_failed(pod),
            restarts=pod.restarts_of(container),
        )


def _failed(pod: Pod) -> bool:
    return pod.status is not None and pod.status.phase == "Failed"


def _gone(whole: WholeWorkflow, node: TreeNode) -> str:
    """Say where the log of a pod that is gone went: archived as an artifact, or nowhere."""
    kept = (node.outputs.artifacts if node.outputs else None) or ()
    ours = f"{node.title}-logs" if node.type == "Container" else "main-logs"
    log = next((one for one in kept if one.name == ours), None)
    if log is None:
        return "gone with its pod; nothing archived it"
    where = place(log, whole)
    return f"its pod is gone; archived{f' at {where}' if where else ''}, argo-server shows it"


def _label(title: str, container: str) -> str:
    short = shortened(title, 40)
    return f"{short} {container}" if container else short
