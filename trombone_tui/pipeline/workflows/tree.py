"""The tree of a Workflow's steps: failed ones first, loops and steps of one template folded, bounded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from trombone_tui.core.objects.basics import Health
from trombone_tui.core.objects.workflow_graph import Graph, item
from trombone_tui.core.objects.workflow_tree import TreeNode, WholeWorkflow
from trombone_tui.core.stage import Branch
from trombone_tui.pipeline.workflows.node_words import NodeWords, node_health
from trombone_tui.pipeline.workflows.recognition import told
from trombone_tui.pipeline.workflows.run_pods import RunPods

MOST = 400
"""Branches that are made at most, so that thousands of nodes stay quick."""
_LOOP, _ALIKE = 3, 8
"""How many of a loop, and how many others of one template, are put together."""
_DEEPEST = 40
_SHOWN = 50
"""Of what is put together, those that are listed of each sort."""
_GROUPS = ("StepGroup",)


class StepTree:
    """Draws the nodes of one Workflow."""

    def __init__(self, obj: WholeWorkflow, nodes: Mapping[str, TreeNode], pods: RunPods) -> None:
        self._nodes = nodes
        self._graph = Graph(nodes)
        self._words = NodeWords(obj, pods)
        self._name = obj.metadata.name
        self._left = MOST

    def branches(self) -> tuple[Branch, ...]:
        """Return what hangs on the Workflow itself, then its exit handler and hooks."""
        roots = list(self._graph.roots)
        main = next((key for key in roots if self._nodes[key].name == self._name), None)
        inside = self._inside(main) if main is not None else ()
        if main is None or not inside:
            return tuple(self._several(roots, 0))
        roots.remove(main)
        forgiven = self._nodes[main].phase == "Succeeded"
        return (*self._several(inside, 0, forgiven=forgiven), *self._several(roots, 0))

    def _inside(self, key: str) -> Sequence[str]:
        """Return what a node contains; groups of steps that only stand for an order are passed through."""
        found: list[str] = []
        left = list(reversed(self._graph.inside(key)))
        while left:
            one = left.pop()
            inner = self._graph.inside(one) if self._nodes[one].type in _GROUPS else ()
            if inner:
                left += reversed(inner)
            else:
                found.append(one)
        return found

    def _several(self, keys: Sequence[str], depth: int, *, forgiven: bool = False) -> Iterator[Branch]:
        """Draw siblings: what failed, then what goes on, then the rest, each in order of time."""
        groups = self._groups(keys)
        ranked = sorted(groups, key=lambda group: min(self._rank(key, forgiven) for key in group[1]))
        for number, (name, members) in enumerate(ranked):
            if self._left <= 0:
                rest = [key for _, group in ranked[number:] for key in group]
                yield Branch(text=f"… {len(rest)} more", note=self._counts(rest))
                return
            if len(members) == 1:
                yield self._one(members[0], depth, forgiven=forgiven)
            else:
                yield self._group(name, members, depth, forgiven)

    def _groups(self, keys: Sequence[str]) -> Sequence[tuple[str, Sequence[str]]]:
        """Put together what a loop made, and many steps of one template."""
        loops: dict[tuple[str, str], list[str]] = {}
        alike: Counter[str] = Counter()
        for key in keys:
            node = self._nodes[key]
            base, index = item(node.title)
            if index is not None:
                loops.setdefault((base, node.template), []).append(key)
            elif node.template:
                alike[node.template] += 1
        made: dict[tuple[str, str, str], list[str]] = {}
        for key in keys:
            node = self._nodes[key]
            base, index = item(node.title)
            own = ("", "", key)
            if index is not None and len(loops[base, node.template]) >= _LOOP:
                own = (base, node.template, "")
            elif index is None and alike[node.template] >= _ALIKE:
                own = ("", node.template, "")
            made.setdefault(own, []).append(key)
        return [
            (told(base, template) if base else template, group) for (base, template, _), group in made.items()
        ]

    def _group(self, name: str, members: Sequence[str], depth: int, forgiven: bool) -> Branch:
        """Draw what was put together: what needs a look open, the rest behind its number."""
        self._left -= 1
        telling = [key for key in members if self._rank(key, forgiven) < 2]
        rest = [key for key in members if self._rank(key, forgiven) >= 2]
        telling.sort(key=lambda key: self._rank(key, forgiven))
        branches = list(self._listed(telling, depth + 1, forgiven))
        if telling and rest:
            self._left -= 1
            inner = tuple(self._listed(rest, depth + 2, forgiven))
            branches.append(
                Branch(text=f"{len(rest)} others", note=self._counts(rest), branches=inner, folded=True)
            )
        elif rest:
            branches = list(self._listed(rest, depth + 1, forgiven))
        healths = (node_health(self._nodes[key], forgiven=self._pardoned(key, forgiven)) for key in members)
        return Branch(
            text=name,
            note=self._counts(members),
            health=_worst(healths),
            branches=tuple(branches),
            folded=not telling,
        )

    def _listed(
        self, keys: Sequence[str], depth: int, forgiven: bool, *, attempts: bool = False
    ) -> Iterator[Branch]:
        for number, key in enumerate(keys):
            if number >= _SHOWN or self._left <= 0:
                yield Branch(text=f"… {len(keys) - number} more", note=self._counts(keys[number:]))
                return
            index = item(self._nodes[key].title)[1] if attempts else None
            title = f"attempt {index + 1}" if index is not None else ""
            yield self._one(key, depth, forgiven=forgiven, title=title)

    def _one(self, key: str, depth: int, *, forgiven: bool, title: str = "") -> Branch:
        """Draw a node and what it contains; a step that needed one attempt only is that attempt."""
        node, inside = self._nodes[key], self._inside(key)
        forgiven = self._pardoned(key, forgiven)
        text = title or self._title(node)
        if node.type == "Retry" and len(inside) == 1 and depth < _DEEPEST:
            return self._one(inside[0], depth + 1, forgiven=forgiven or not node.failed, title=text)
        self._left -= 1
        health = node_health(node, forgiven=forgiven)
        note = self._words.note(node, forgiven=forgiven)
        if node.type == "TaskGroup" and inside:
            note = f"{self._counts(inside)}; {note}"
        elif node.type == "Retry" and inside:
            note = f"{self._words.attempts(node, len(inside))}; {note}"
        return Branch(
            text=text,
            note=note,
            health=health,
            branches=self._below(node, inside, depth, forgiven),
            folded=bool(inside) and node.phase in ("Succeeded", "Skipped", "Omitted"),
        )

    def _below(self, node: TreeNode, inside: Sequence[str], depth: int, forgiven: bool) -> tuple[Branch, ...]:
        if not inside:
            return ()
        if depth >= _DEEPEST or self._left <= 0:
            return (Branch(text=f"… {len(inside)} inside it", note=self._counts(inside)),)
        passed = forgiven or node.phase == "Succeeded" or (node.type == "Retry" and not node.failed)
        if node.type == "TaskGroup":
            return self._group("", inside, depth, passed).branches
        if node.type == "Retry":
            return tuple(self._listed(inside, depth + 1, passed, attempts=True))
        return tuple(self._several(inside, depth + 1, forgiven=passed))

    def _title(self, node: TreeNode) -> str:
        return "exit handler" if self._final(node) else self._words.title(node)

    def _final(self, node: TreeNode) -> bool:
        """Say whether it is the Workflow's exit handler, the only hook whose failure fails it."""
        return node.name == f"{self._name}.onExit"

    def _pardoned(self, key: str, forgiven: bool) -> bool:
        """Say whether a failure of it counts for nothing: a hook's, or one that was let pass."""
        node = self._nodes[key]
        return forgiven or self._graph.passed(key) or (node.hooked and not self._final(node))

    def _rank(self, key: str, forgiven: bool) -> int:
        node = self._nodes[key]
        if node.failed and not self._pardoned(key, forgiven):
            return 0
        return 1 if node.phase in ("Running", "Pending") else 2

    def _counts(self, keys: Sequence[str]) -> str:
        """Say how many are how: ``12 of 14 succeeded, 1 failed, 1 running``."""
        phases = Counter((self._nodes[key].phase or "without a phase").lower() for key in keys)
        well = phases.pop("succeeded", 0)
        rest = [f"{number} {_AS_SAID.get(phase, phase)}" for phase, number in phases.most_common(5)]
        return ", ".join([f"{well} of {len(keys)} succeeded", *rest])


_AS_SAID = {"error": "ended with an error"}


def _worst(healths: Iterable[Health | None]) -> Health | None:
    return max((one for one in healths if one is not None), key=lambda one: one.badness, default=None)
