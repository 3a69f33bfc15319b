"""Which nodes of a failed Workflow a retry takes away, starts anew and leaves, as pure graph work.

Rules: ``argo-workflows@v4.1.2:workflow/util/util.go`` (FormulateRetryWorkflow), tried out with the API alone.
``children`` is the order in which nodes ran, so all that came after a failed one goes with it; what contains
it starts anew, also where it had let the failure pass. All attempts of a failed Retry node go together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from trombone_tui.core.objects.workflow_graph import Graph
from trombone_tui.core.objects.workflow_nodes import CONTAINERS
from trombone_tui.pipeline.workflows.verbs.run import RunNode

_EXECUTED = ("Pod", "Container", "HTTP", "Plugin")
_PASSED_OVER = ("Skipped", "Omitted")

Nodes = Mapping[str, RunNode]


@dataclass(frozen=True, slots=True)
class Pruned:
    """What is left of a node's links, None where nothing was taken from them."""

    children: tuple[str, ...] | None
    outbound: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Restart:
    """What becomes of the nodes; each in the order of the ids."""

    gone: tuple[str, ...]
    reset: tuple[str, ...]
    pruned: Mapping[str, Pruned]
    """Nodes that stay and were linked to what goes."""
    again: tuple[str, ...]
    """Of what goes, the pods and requests that really run again."""
    handler: tuple[str, ...]
    """Of what goes, the exit handler and all that came after it."""
    stays_failed: tuple[str, ...]
    """Gates that failed: nothing starts them anew, so what contains them fails again at once."""


def restart(workflow: str, nodes: Nodes) -> Restart:
    """Work out a retry of the Workflow of that name."""
    reached = _after(nodes, (workflow,) if workflow in nodes else ())
    on_exit = f"{workflow}.onExit"
    handler = _after(nodes, (key for key, node in nodes.items() if node.name.startswith(on_exit)))
    above = _above(nodes)
    failed = {
        _pod_of(key, nodes) for key in reached - handler if nodes[key].failed and nodes[key].type in _EXECUTED
    }
    starts = {key for key in failed if not _went_on(_whole(key, nodes, above), nodes)}
    gone = _with_attempts(_after(nodes, starts), nodes, above)
    reset = {up for key in gone for up in _containers(key, above)} | ({workflow} & nodes.keys())
    reset = {key for key in reset - gone - handler if _restartable(nodes[key])}
    gates = {key for key in reached - gone - handler if nodes[key].type == "Suspend" and nodes[key].failed}
    gone |= handler
    return Restart(
        gone=tuple(sorted(gone)),
        reset=tuple(sorted(reset)),
        pruned=_pruned(nodes, gone),
        again=tuple(sorted(key for key in gone - handler if _ran(nodes[key]))),
        handler=tuple(sorted(handler)),
        stays_failed=tuple(sorted(key for key in gates if _holds_up(key, nodes, above))),
    )


def _after(nodes: Nodes, starts: Iterable[str]) -> set[str]:
    """Return nodes with all that came after them."""
    seen = set(starts)
    left = list(seen)
    while left:
        found = {key for key in nodes[left.pop()].children or () if key in nodes} - seen
        seen |= found
        left += found
    return seen


def _above(nodes: Nodes) -> Mapping[str, str]:
    """Say what contains each node."""
    graph = Graph(nodes)
    return {inner: key for key in nodes for inner in graph.inside(key)}


def _containers(key: str, above: Mapping[str, str]) -> Iterable[str]:
    seen: set[str] = set()
    while key in above and above[key] not in seen:
        key = above[key]
        seen.add(key)
        yield key


def _pod_of(key: str, nodes: Nodes) -> str:
    """Return the pod of a container set's container; anything else is itself."""
    pod = nodes[key].boundary_id or ""
    return pod if nodes[key].type == "Container" and pod in nodes else key


def _whole(key: str, nodes: Nodes, above: Mapping[str, str]) -> str:
    """Return the Retry node of an attempt, since another attempt may have made it good."""
    flag, holder = nodes[key].node_flag, above.get(key, "")
    attempt = flag is not None and bool(flag.retried) and holder in nodes and nodes[holder].type == "Retry"
    return holder if attempt else key


def _went_on(key: str, nodes: Nodes) -> bool:
    """Say whether something after it succeeded: then its failure was let pass, and its followers stay."""
    later = _after(nodes, (key,)) - {key}
    return any(nodes[one].phase == "Succeeded" and nodes[one].type != "Container" for one in later)


def _with_attempts(gone: set[str], nodes: Nodes, above: Mapping[str, str]) -> set[str]:
    """Add the other attempts of each failed Retry node that loses one, or a part of one."""
    retries = {up for key in gone for up in _containers(key, above) if nodes[up].type == "Retry"}
    return gone | {
        key
        for retry in retries
        if nodes[retry].failed
        for key in _after(nodes, (one for one in nodes[retry].children or () if one in nodes))
    }


def _restartable(node: RunNode) -> bool:
    return node.type in CONTAINERS and node.phase not in _PASSED_OVER


def _ran(node: RunNode) -> bool:
    return node.type in ("Pod", "HTTP", "Plugin") and node.phase not in _PASSED_OVER


def _holds_up(key: str, nodes: Nodes, above: Mapping[str, str]) -> bool:
    """Say whether a failed gate fails what contains it."""
    return not _went_on(key, nodes) and (key not in above or nodes[above[key]].phase != "Succeeded")


def _pruned(nodes: Nodes, gone: set[str]) -> Mapping[str, Pruned]:
    found = {
        key: Pruned(_left(node.children, gone), _left(node.outbound_nodes, gone))
        for key, node in sorted(nodes.items())
        if key not in gone
    }
    return {key: one for key, one in found.items() if one != Pruned(None, None)}


def _left(links: Iterable[str] | None, gone: set[str]) -> tuple[str, ...] | None:
    before = tuple(links or ())
    after = tuple(key for key in before if key not in gone)
    return after if after != before else None
