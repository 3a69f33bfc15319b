"""What is said of one node of a Workflow: its state, how long, why, its exit code, its pod."""

from __future__ import annotations

from collections.abc import Iterator

from trombone_tui.core.objects.basics import Health
from trombone_tui.core.objects.durations import between, go_duration, later, stamp
from trombone_tui.core.objects.phrases import counted, one_line, shortened
from trombone_tui.core.objects.workflow_nodes import CONTAINERS, cannot_start
from trombone_tui.core.objects.workflow_tree import Given, TreeNode, WholeWorkflow
from trombone_tui.core.text import duration
from trombone_tui.pipeline.workflows.locks import waited_for
from trombone_tui.pipeline.workflows.recognition import told
from trombone_tui.pipeline.workflows.run_pods import RunPods

_LONGEST = 300


def node_health(node: TreeNode, *, forgiven: bool) -> Health | None:
    """Say how well a node is; what was skipped, left out or made good again is neither well nor ill."""
    if node.failed:
        return None if forgiven else Health.DEGRADED
    if node.phase == "Running":
        return Health.SUSPENDED if node.type == "Suspend" else Health.PROGRESSING
    if node.phase == "Pending":
        return Health.DEGRADED if cannot_start(node.message or "") else Health.PROGRESSING
    return _HEALTH.get(node.phase or "", Health.UNKNOWN)


_HEALTH = {"Succeeded": Health.HEALTHY, "Skipped": None, "Omitted": None}


class NodeWords:
    """Writes the nodes of one Workflow."""

    def __init__(self, obj: WholeWorkflow, pods: RunPods) -> None:
        self._obj, self._pods = obj, pods

    def title(self, node: TreeNode) -> str:
        """Return its name as people see it."""
        metadata = self._obj.template(node).metadata
        return shortened(told(node.title, node.template, metadata.labels if metadata else None), 120)

    def note(self, node: TreeNode, *, forgiven: bool = False) -> str:
        """Return all that is said after its name."""
        said = (part for part in self._parts(node, forgiven) if part)
        return shortened("; ".join(one_line(part) for part in said), _LONGEST)

    def attempts(self, node: TreeNode, made: int) -> str:
        """Say how many attempts a step that is tried again has had, and how many it may have."""
        strategy = self._obj.template(node).retry_strategy
        limit = str(strategy.limit) if strategy is not None and strategy.limit is not None else ""
        known = limit.isascii() and limit.isdigit() and len(limit) < 7
        return f"{made} of at most {int(limit) + 1} attempts" if known else counted(made, "attempt")

    def _parts(self, node: TreeNode, forgiven: bool) -> Iterator[str]:
        yield self._role(node)
        yield self._state(node)
        if forgiven and node.failed:
            yield "which fails nothing else" if node.hooked else "which was let pass or made good"
        outputs, message = node.outputs, node.message or ""
        code = outputs.exit_code if outputs else None
        if code and code != "0" and f"exit code {code}" not in message:
            yield f"exit code {code}"
        if node.memoization_status is not None and node.memoization_status.hit:
            yield f"taken from the cache {node.memoization_status.cache_name or '?'}"
        if node.type == "Pod" and node.progress not in (None, "", "0/1", "1/1"):
            yield f"{node.progress} by its own count"
        if node.type == "Pod":
            yield from self._pod(node)

    def _pod(self, node: TreeNode) -> Iterator[str]:
        pod = self._pods.pod(node)
        if pod is not None and node.phase in ("Pending", "Running") and pod.why:
            yield f"its pod: {pod.why}"
        name = self._pods.name(node)
        if not name or (pod is None and self._pods.known and node.phase == "Pending"):
            return
        yield f"pod {name}" + (" (gone)" if pod is None and self._pods.known else "")

    def _role(self, node: TreeNode) -> str:
        if not node.hooked:
            return "daemon" if node.daemoned else ""
        if node.name == f"{self._obj.metadata.name}.onExit":
            return ""  # its title says so
        return "exit handler" if node.name.endswith(".onExit") else "hook"

    def _state(self, node: TreeNode) -> str:
        took, message = between(node.started_at, node.finished_at), _message(node)
        if node.phase == "Succeeded":
            rest = f": {message}" if message else ""
            return f"took {duration(took.total_seconds())}{rest}" if took is not None else f"succeeded{rest}"
        if node.failed:
            how = "failed" if node.phase == "Failed" else "ended with an error"
            after = f" after {duration(took.total_seconds())}" if took is not None else ""
            return f"{how}{after}" + (f": {message}" if message else "")
        if node.phase in ("Skipped", "Omitted"):
            word = node.phase.lower()
            return message if message.startswith(word) else f"{word}: {message or 'no reason is given'}"
        if node.phase == "Running":
            return self._gate(node) if node.type == "Suspend" else self._running(node, message)
        if node.phase == "Pending":
            return self._waiting(node, message)
        return (
            f"phase {shortened(node.phase, 40)} is not one this program knows"
            if node.phase
            else "no phase yet"
        )

    def _running(self, node: TreeNode, message: str) -> str:
        since = f" since {stamp(node.started_at)}" if node.started_at else ""
        return f"runs{since}" + (f": {message}" if message else "")

    def _waiting(self, node: TreeNode, message: str) -> str:
        lock = node.synchronization_status.waiting if node.synchronization_status else None
        if lock:
            locks = self._obj.status.synchronization if self._obj.status else None
            return waited_for(lock, locks, self._pods.holder)
        if cannot_start(message):
            return f"can't start: {message}"
        return f"waits: {message}" if message else "is about to start"

    def _gate(self, node: TreeNode) -> str:
        suspend = self._obj.template(node).suspend
        since = f" since {stamp(node.started_at)}" if node.started_at else ""
        said = [f"waits to be resumed{since}"]
        if suspend is None:
            said = [f"waits{since}, until it is resumed or its time is over: which is not written down"]
        elif suspend.duration:
            end = later(node.started_at, go_duration(suspend.duration))
            by = f"at {stamp(end)}" if end else f"after {shortened(suspend.duration, 40)}"
            said = [f"waits{since}, goes on by itself {by}, or when it is resumed"]
        return "; ".join([*said, *_asked(node), *filter(None, [_message(node)])])


def _asked(node: TreeNode) -> Iterator[str]:
    """Say which values a gate wants of whoever resumes it, and which it lets them choose from."""
    inputs = (node.inputs.parameters if node.inputs else None) or ()
    choices = {one.name: one for one in inputs}
    for one in (node.outputs.parameters if node.outputs else None) or ():
        if one.value_from is not None and one.value_from.supplied is not None:
            asked = choices.get(one.name, one)
            enum = " or ".join(shortened(str(value), 40) for value in (asked.enum or ())[:8])
            default = one.value_from.default if one.value_from.default is not None else _default(asked)
            otherwise = f" (else {shortened(str(default), 40)})" if default is not None else ""
            yield f"asks for {one.name or '?'}" + (f": {enum}" if enum else "") + otherwise


def _default(given: Given) -> object:
    return given.default if given.default is not None else given.value


def _message(node: TreeNode) -> str:
    """Return its message, unless that only says that something inside it failed."""
    message = node.message or ""
    inner = node.type in CONTAINERS and message.startswith("child ") and message.endswith(" failed")
    return "" if inner else message
