"""What the nodes of a Workflow say in short: which leaf failed first, what is waited for, what runs.

A Workflow's nodes can be hundreds of kilobytes; only this is kept of them. ``boundaryID`` says which node
contains another, ``children`` what comes next, except under StepGroup, TaskGroup and Retry nodes, which
contain their children. Rules: ``argo-workflows@v4.1.2:pkg/apis/workflow/v1alpha1/workflow_types.go``
(NodeStatus, NodeType) and ``cmd/argo/commands/common/get.go``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from trombone_tui.core.objects.basics import EARLIEST, LATEST, Partial, Time
from trombone_tui.core.objects.phrases import shortened
from trombone_tui.core.objects.workflow_pardons import let_pass

FAILED = ("Failed", "Error")
CONTAINERS = ("DAG", "Steps", "StepGroup", "TaskGroup", "Retry")
"""The types of nodes that are done when what is in them is."""
HOLDERS = ("StepGroup", "TaskGroup", "Retry")
"""Those of them whose ``children`` are what is in them: steps that run side by side, or attempts."""
LONGEST_MESSAGE = 400
"""Characters that are kept of a message."""
_TRIED = re.compile(r"\((\d{1,6})\)$", re.ASCII)
_MOST = 8
"""Parameters that are kept."""


class Parameter(Partial):
    """A named value; the API server does not insist that it is text."""

    name: str | None = None
    value: Any = None


class Outputs(Partial):
    """What a node or a whole Workflow gave out."""

    parameters: list[Parameter] | None = None


class NodeFlag(Partial):
    """What a node is besides its type."""

    hooked: bool | None = None
    retried: bool | None = None


class Node(Partial):
    """One entry of ``status.nodes``, its fields in the order in which the API server writes them."""

    boundary_id: str | None = msgspec.field(default=None, name="boundaryID")
    children: list[str] | None = None
    display_name: str | None = None
    finished_at: Time | None = None
    message: str | None = None
    name: str | None = None
    node_flag: NodeFlag | None = None
    outputs: Outputs | None = None
    phase: str | None = None
    started_at: Time | None = None
    template_name: str | None = None
    type: str | None = None

    @property
    def failed(self) -> bool:
        """Whether it failed or ended with an error."""
        return self.phase in FAILED

    @property
    def hooked(self) -> bool:
        """Whether a lifecycle hook or an exit handler started it."""
        return self.node_flag is not None and bool(self.node_flag.hooked)


class Leaf(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A node that does something itself, as a sentence needs it."""

    name: str = ""
    message: str = ""
    since: Time | None = None
    """When it failed, or began to wait or run."""
    attempts: int = 1
    attempt: int = 0
    """Which attempt it is of a step that may be tried again; 0 for any other."""
    until: Time | None = None
    """When a gate goes on by itself."""
    template: str = ""
    """The name of the template that it runs, where it is one of the Workflow's own."""


class Digest(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """All that is kept of a Workflow's nodes."""

    failed: Leaf | None = None
    """The first leaf that failed and was not made good by a retry or let pass by its steps."""
    gate: Leaf | None = None
    """The suspend node that waits, for the longest time if there are several."""
    gates: int = 0
    """How many suspend nodes wait."""
    stuck: Leaf | None = None
    """A node that can't start; else one that says why it is not started; else the newest not started."""
    running: Leaf | None = None
    """The newest leaf that runs."""
    outputs: tuple[Parameter, ...] = ()
    """Parameters given out whose name speaks of an image."""


NOTHING = Digest()


def digest(nodes: Mapping[str, Node]) -> Digest:
    """Return what is worth keeping of a Workflow's nodes."""
    outputs: list[Parameter] = []
    gates: list[Node] = []
    pending: list[Node] = []
    running: list[Node] = []
    failed = False
    for node in nodes.values():
        given, phase = node.outputs, node.phase
        if given is not None and given.parameters:
            outputs += speaking_of_images(given.parameters)
        if phase == "Succeeded":
            continue
        if phase in FAILED:
            failed = True
        elif node.type in CONTAINERS:
            continue
        elif phase == "Running":
            (gates if node.type == "Suspend" else running).append(node)
        elif phase == "Pending":
            pending.append(node)
    if not (failed or gates or pending or running):
        return Digest(outputs=tuple(outputs[:_MOST])) if outputs else NOTHING
    return Digest(
        failed=_failed(nodes) if failed else None,
        gate=_leaf(_oldest(gates)) if gates else None,
        gates=len(gates),
        stuck=_leaf(_stuck(pending)) if pending else None,
        running=_leaf(_newest(running)) if running else None,
        outputs=tuple(outputs[:_MOST]),
    )


def cannot_start(message: str) -> bool:
    """Say whether a waiting node's message names what Argo CD calls Degraded in a pod.

    The reason stands before the colon; ``gitops-engine@v0.7:pkg/health/health_pod.go`` has the endings.
    """
    reason = message.partition(":")[0].strip()
    return reason.startswith("Err") or reason.endswith(("Error", "BackOff", "InvalidImageName"))


def speaking_of_images(parameters: Iterable[Parameter] | None) -> list[Parameter]:
    """Pick the first eight parameters named ``image`` or ``image-…`` that have a short text as value."""
    found: list[Parameter] = []
    for one in parameters or ():
        name, value = one.name, one.value
        if (
            name
            and (name == "image" or name.startswith("image-"))
            and isinstance(value, str)
            and len(found) < _MOST
            and 0 < len(value) <= LONGEST_MESSAGE
        ):
            found.append(one)
    return found


def _failed(nodes: Mapping[str, Node]) -> Leaf | None:
    leaves = {key: node for key, node in nodes.items() if node.type not in CONTAINERS}
    holders = {
        child: key for key, node in nodes.items() if node.type in HOLDERS for child in node.children or ()
    }
    passed = let_pass(nodes, {k: n.boundary_id for k, n in nodes.items() if n.boundary_id} | holders)
    failed: list[tuple[Node, Node | None]] = []
    for key, node in leaves.items():
        if node.failed and not node.hooked and not _made_good(key, nodes, holders, passed):
            holder = nodes.get(holders.get(key, ""))
            failed.append((node, holder if holder is not None and holder.type == "Retry" else None))
    if not failed:
        handlers = (n for n in leaves.values() if n.phase in FAILED and _exit_handler(n))
        broken = (key for key, node in nodes.items() if _inner_failure(key, node))
        inner = (nodes[key] for key in broken if not _made_good(key, nodes, holders, passed))
        return _leaf(_oldest((*handlers, *inner)))
    first, retry = min(failed, key=lambda pair: _ended(pair[1] or pair[0]))
    if retry is None:
        return _leaf(first, first.finished_at or first.started_at)
    attempts = [leaves[key] for key in dict.fromkeys(retry.children or ()) if _attempt(leaves.get(key))]
    last = max(attempts, key=_ended)
    return Leaf(
        name=retry.display_name or retry.name or last.display_name or "",
        message=shortened(last.message or retry.message or "", LONGEST_MESSAGE),
        since=retry.finished_at or last.finished_at,
        attempts=len(attempts),
        template=retry.template_name or last.template_name or "",
    )


def _exit_handler(node: Node) -> bool:
    """Say whether it is the Workflow's exit handler, the only hook whose failure fails the Workflow."""
    return node.hooked and not node.boundary_id and (node.name or "").endswith(".onExit")


def _made_good(
    key: str, nodes: Mapping[str, Node], holders: Mapping[str, str], passed: frozenset[str]
) -> bool:
    """Say whether it, or what contains it, was let pass or went well, or a retry still goes on."""
    seen: set[str] = set()
    while key not in seen:
        if key in passed:
            return True
        seen.add(key)
        node = nodes.get(key)
        above = holders.get(key) or (node.boundary_id if node else None)
        container = nodes.get(above or "")
        if above is None or container is None:
            return False
        if container.phase == "Succeeded" or (container.type == "Retry" and container.phase not in FAILED):
            return True
        key = above
    return False


def _inner_failure(key: str, node: Node) -> bool:
    """Say whether a container other than the Workflow itself failed and says why."""
    told = node.type in CONTAINERS and node.phase in FAILED and bool(node.message)
    return told and node.name != key and node.boundary_id is not None


def _attempt(node: Node | None) -> bool:
    return node is not None and node.failed


def _stuck(waiting: Sequence[Node]) -> Node | None:
    telling = [node for node in waiting if node.message]
    broken = [node for node in telling if cannot_start(node.message or "")]
    return _oldest(broken or telling) or _newest(waiting)


def _ended(node: Node) -> tuple[datetime, str]:
    return (node.finished_at or node.started_at or LATEST, node.name or "")


def _oldest(nodes: Sequence[Node]) -> Node | None:
    if len(nodes) == 1:
        return nodes[0]
    return min(nodes, key=lambda n: (n.started_at or LATEST, n.name or ""), default=None)


def _newest(nodes: Sequence[Node]) -> Node | None:
    if len(nodes) == 1:
        return nodes[0]
    return max(nodes, key=lambda n: (n.started_at or EARLIEST, n.name or ""), default=None)


def _leaf(node: Node | None, since: datetime | None = None) -> Leaf | None:
    if node is None:
        return None
    name, flag = node.display_name or node.name or "", node.node_flag
    tried = _TRIED.search(name) if flag is not None and flag.retried else None
    return Leaf(
        name=name,
        message=shortened(node.message or "", LONGEST_MESSAGE),
        since=since or node.started_at,
        attempt=int(tried[1]) + 1 if tried else 0,
        template=node.template_name or "",
    )
