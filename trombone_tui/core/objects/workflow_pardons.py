"""Which nodes of a Workflow failed and held nothing up, because of ``continueOn`` or ``depends``.

What comes after a task is omitted where its failure counts, and a group of steps fails then
(``argo-workflows@v4.1.2:workflow/controller/steps.go`` and ``dag.go``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol


class Placed(Protocol):
    """A node, as far as it stands among others."""

    @property
    def children(self) -> Sequence[str] | None:
        """What comes next, or what it contains."""

    @property
    def phase(self) -> str | None:
        """How it is."""

    @property
    def type(self) -> str | None:
        """What it is."""

    @property
    def failed(self) -> bool:
        """Whether it failed or ended with an error."""

    @property
    def hooked(self) -> bool:
        """Whether a lifecycle hook or an exit handler started it."""


def let_pass(nodes: Mapping[str, Placed], above: Mapping[str, str]) -> frozenset[str]:
    """Return what failed though its group of steps went well, or a task after it came to pass.

    ``above`` says what contains each node that is contained.
    """
    found = set[str]()
    for key, node in nodes.items():
        holder = nodes.get(above.get(key, ""))
        if holder is not None and (holder.type, holder.phase) == ("StepGroup", "Succeeded"):
            found.add(key)
        for after in node.children or ():
            found.add(_task_before(key, after, nodes, above))
    return frozenset(key for key in found if key in nodes and nodes[key].failed)


def _task_before(key: str, after: str, nodes: Mapping[str, Placed], above: Mapping[str, str]) -> str:
    """Return the task of a DAG that a node is, or is in, if what comes after the node is a task beside it."""
    one, graph = nodes.get(after), above.get(after, "")
    if (
        one is None
        or one.hooked
        or one.phase == "Omitted"
        or graph not in nodes
        or nodes[graph].type != "DAG"
    ):
        return ""
    seen: set[str] = set()
    while above.get(key, graph) != graph and key not in seen:
        seen.add(key)
        key = above[key]
    return key if above.get(key) == graph else ""
