"""What contains what among the nodes of a Workflow, as ``argo get`` draws it.

``boundaryID`` contains, ``children`` come next, except those of StepGroup, TaskGroup and Retry nodes, which
contain them. Rules: ``argo-workflows@v4.1.2:cmd/argo/commands/common/get.go``; loops and container
sets, which that leaves out, are drawn too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from trombone_tui.core.objects.basics import LATEST
from trombone_tui.core.objects.workflow_nodes import HOLDERS
from trombone_tui.core.objects.workflow_pardons import let_pass
from trombone_tui.core.objects.workflow_tree import TreeNode

_ITEM = re.compile(r"\((\d+)(?::.*)?\)$", re.DOTALL)


def item(title: str) -> tuple[str, int | None]:
    """Take a name of a loop or of a retry apart: ``build(2:arm64)`` is ``build``, 2."""
    found = _ITEM.search(title)
    return (title[: found.start()], int(found[1])) if found and len(found[1]) < 9 else (title, None)


class Graph:
    """The nodes of one Workflow, each with what it contains; each node is reached once."""

    def __init__(self, nodes: Mapping[str, TreeNode]) -> None:
        self._nodes = nodes
        self._inside: dict[str, list[str]] = {}
        above = _above(nodes)
        self._passed = let_pass(nodes, above)
        for key, holder in above.items():
            self._inside.setdefault(holder, []).append(key)
        tops = [key for key in nodes if key not in above]
        reached = self._reached(tops)
        lost = [key for key in nodes if key not in reached]
        while lost:  # nodes that contain each other: one of them has to be first
            tops.append(lost[0])
            reached |= self._reached(lost[:1], reached)
            lost = [key for key in lost if key not in reached]
        self._roots = tops

    @property
    def roots(self) -> Sequence[str]:
        """What nothing contains: the Workflow itself, its exit handler and hooks, in order."""
        return sorted(self._roots, key=self._when)

    def inside(self, key: str) -> Sequence[str]:
        """Return what a node contains, in order of time."""
        return sorted(self._inside.get(key, ()), key=self._when)

    def passed(self, key: str) -> bool:
        """Say whether a node failed and held nothing up."""
        return key in self._passed

    def _reached(self, tops: Sequence[str], known: set[str] | None = None) -> set[str]:
        """Walk down, and cut whatever would be reached a second time."""
        seen = known if known is not None else set()
        left = [key for key in tops if key not in seen]
        seen.update(left)
        while left:
            key = left.pop()
            kept = [one for one in self._inside.get(key, ()) if one not in seen]
            if kept:
                self._inside[key] = kept
            else:
                self._inside.pop(key, None)
            seen.update(kept)
            left += kept
        return seen

    def _when(self, key: str) -> tuple[datetime, int, str]:
        node = self._nodes[key]
        index = item(node.title)[1]
        return (node.started_at or LATEST, -1 if index is None else index, node.title)


def _above(nodes: Mapping[str, TreeNode]) -> dict[str, str]:
    """Say what contains each node that is contained."""
    above: dict[str, str] = {}
    for key, node in nodes.items():
        if node.type in HOLDERS:
            for child in node.children or ():
                if child in nodes and _holds(node, nodes[child]):
                    above.setdefault(child, key)
    for key, node in nodes.items():
        boundary = node.boundary_id
        if key not in above and boundary and boundary != key and boundary in nodes:
            above[key] = boundary
    return above


def _holds(holder: TreeNode, child: TreeNode) -> bool:
    """Say whether a child is contained; an empty group's child is what comes next."""
    if holder.type == "StepGroup":
        return child.type != "StepGroup"
    return child.name.startswith(holder.name)
