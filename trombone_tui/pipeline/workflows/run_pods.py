"""The pods of one Workflow: which pod is which node's, found by what it says of itself, else by its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trombone_tui.core.objects.pods import POD, Pod
from trombone_tui.core.objects.workflow_tree import TreeNode, WholeWorkflow
from trombone_tui.core.questions import Answer, Objects

OF_WORKFLOW = "workflows.argoproj.io/workflow"
"""Label of a pod: the Workflow's name."""
NODE_ID = "workflows.argoproj.io/node-id"
_NAME_FORMAT = "workflows.argoproj.io/pod-name-format"
_LONGEST = 242
_FNV_START, _FNV_PRIME, _32_BITS = 0x811C9DC5, 0x01000193, 0xFFFFFFFF


def pods_of(namespace: str, workflow: str) -> Objects:
    """Ask for the pods of one Workflow."""
    return Objects(kind=POD.narrowed(selector=f"{OF_WORKFLOW}={workflow}"), namespace=namespace)


class RunPods:
    """The pods of one Workflow, as far as they are known."""

    def __init__(
        self, obj: WholeWorkflow, nodes: Mapping[str, TreeNode], found: Answer[Sequence[Pod]]
    ) -> None:
        self.found = found
        self._obj, self._nodes = obj, nodes
        pods = found.value or ()
        self._by_node = {pod.metadata.annotation(NODE_ID): pod for pod in pods}
        self._by_name = {pod.metadata.name: pod for pod in pods}

    @property
    def known(self) -> bool:
        """Whether it is known which pods there are."""
        return self.found.value is not None

    def pod(self, node: TreeNode) -> Pod | None:
        """Return the pod of a node, if it is there."""
        owner = self._owner(node)
        if owner is None:
            return None
        return (self._by_node.get(owner.id) if owner.id else None) or self._by_name.get(self.name(node))

    def name(self, node: TreeNode) -> str:
        """Return the name of a node's pod, whether it is there or not; empty for what has none."""
        owner = self._owner(node)
        if owner is None:
            return ""
        if (pod := self._by_node.get(owner.id)) is not None and owner.id:
            return pod.metadata.name
        return pod_name(self._obj, owner)

    def holder(self, written: str) -> str:
        """Name who holds a lock: ``ns/workflow/node-id`` of this run as ``step x of this run``."""
        meta = self._obj.metadata
        whose, _, node = written.rpartition("/")
        ours = self._nodes.get(node) if whose == f"{meta.namespace}/{meta.name}" else None
        return written if ours is None else f"step {ours.title} of this run"

    def _owner(self, node: TreeNode) -> TreeNode | None:
        """Return the node whose pod it is: of a container set's container, the node that contains it."""
        if node.type == "Pod":
            return node
        above = self._nodes.get(node.boundary_id or "") if node.type == "Container" else None
        return above if above is not None and above.type == "Pod" else None


def pod_name(obj: WholeWorkflow, node: TreeNode) -> str:
    """Work out the name of a node's pod (``argo-workflows@v3.7.18:workflow/util/pod_name.go``)."""
    if obj.metadata.annotation(_NAME_FORMAT) == "v1":
        return node.id
    workflow = obj.metadata.name
    if node.name == workflow:
        return workflow
    prefix = f"{workflow}-{node.template}" if node.template else workflow
    return f"{prefix[:_LONGEST]}-{_fnv(node.name)}"


def _fnv(text: str) -> int:
    """Return the FNV-1a hash of 32 bits."""
    made = _FNV_START
    for byte in text.encode("utf-8", "surrogatepass"):
        made = ((made ^ byte) * _FNV_PRIME) & _32_BITS
    return made
