"""A Workflow as a verb has just read it: typed, as it is stored, and its nodes wherever they are kept."""

from __future__ import annotations

import base64
import gzip
import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

from trombone_tui.core.objects.argo_workflows import WORKFLOW
from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.objects.durations import rfc3339
from trombone_tui.core.objects.phrases import one_line
from trombone_tui.core.objects.raw import mapping, merged
from trombone_tui.core.objects.workflow_compressed import Unreadable, unpacked
from trombone_tui.core.objects.workflow_tree import RunStatus, TreeNode, WholeWorkflow
from trombone_tui.core.ports import Refused
from trombone_tui.core.verbs import Scene, Write
from trombone_tui.core.wholes import patch, typed

FINAL = ("Succeeded", "Failed", "Error")
OFFLOADED = "its nodes are offloaded to a database: only argo-server can"
DELETED = "it is being deleted already"


class RunNode(TreeNode):
    """A node with what a retry has to put in order, too."""

    outbound_nodes: list[str] | None = None

    @property
    def waits(self) -> bool:
        """Whether it is a gate that waits (``argo-workflows@v4.1.2:IsActiveSuspendNode``)."""
        return self.type == "Suspend" and self.phase == "Running"


@dataclass(frozen=True)
class Run:
    """The Workflow that a verb is for."""

    scene: Scene
    obj: WholeWorkflow

    @classmethod
    def read(cls, scene: Scene) -> Run:
        """Take the Workflow of a scene.

        Raises:
            Refused: it can't be read, or is being deleted.
        """
        obj = typed(scene.whole, WholeWorkflow)
        if obj.metadata.deletion_timestamp is not None:
            raise Refused(DELETED)
        return cls(scene, obj)

    @classmethod
    def going(cls, scene: Scene) -> Run:
        """Take the Workflow of a scene that has not ended.

        Raises:
            Refused: it has ended, can't be read, or is being deleted.
        """
        run = cls.read(scene)
        if run.ended:
            raise Refused(f"it has ended: {run.phase}")
        return run

    @property
    def ref(self) -> Ref:
        """Who it is."""
        return self.scene.ref

    @property
    def status(self) -> RunStatus:
        """``status``, an empty one where there is none."""
        return self.obj.status or RunStatus()

    @property
    def raw(self) -> Mapping[str, Any]:
        """``status`` as it is stored."""
        return mapping(self.scene.whole, "status")

    @property
    def spec(self) -> Mapping[str, Any]:
        """``spec`` as it is stored."""
        return mapping(self.scene.whole, "spec")

    @property
    def phase(self) -> str:
        """The phase, ``new`` where no controller has written one."""
        return self.status.phase or "new"

    @property
    def standing(self) -> str:
        """Where it stands, in words."""
        suspended = " (suspended)" if self.spec.get("suspend") is True and not self.ended else ""
        message = one_line(self.status.message)
        return f"{self.phase}{suspended}" + (f": {message}" if message else "")

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return self.status.phase in FINAL

    @property
    def on_exit(self) -> str:
        """The template of its exit handler, empty where it has none."""
        return self.obj.ran.on_exit or ""

    @property
    def guard(self) -> dict[str, Any]:
        """What keeps a change from being made to another state than the one that was read."""
        return {"metadata": {"resourceVersion": self.obj.metadata.resource_version}}

    @property
    def stamp(self) -> str:
        """The time as Argo writes it."""
        return rfc3339(self.scene.now)

    @property
    def offloaded(self) -> bool:
        """Whether its nodes are in the controller's database."""
        return bool(self.status.offload_node_status_version)

    @cached_property
    def raw_nodes(self) -> Mapping[str, Any]:
        """Its nodes as they are stored, unpacked where they are packed.

        Raises:
            Refused: they are out of reach.
        """
        if self.offloaded:
            raise Refused(OFFLOADED, advice="use the argo command with --argo-server")
        if self.packed:
            try:
                return unpacked(self.status.compressed_nodes or "", dict)
            except Unreadable as problem:
                raise Refused(f"its nodes can't be read: {problem}", advice="use the argo command") from None
        return mapping(self.raw, "nodes")

    @cached_property
    def nodes(self) -> Mapping[str, RunNode]:
        """Its nodes, typed.

        Raises:
            Refused: they are out of reach, or one does not fit.
        """
        try:
            return msgspec.convert(self.raw_nodes, type=dict[str, RunNode])
        except msgspec.ValidationError as error:
            raise Refused(f"a node can't be read: {error}", advice="look at it as YAML") from error

    @property
    def packed(self) -> bool:
        """Whether its nodes are kept compressed."""
        return bool(self.status.compressed_nodes) and not self.status.nodes

    def changed_nodes(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Return the part of ``status`` that changes nodes, the way they are kept; None removes."""
        if not self.packed:
            return {"nodes": dict(changes)}
        text = json.dumps(merged(self.raw_nodes, changes), separators=(",", ":"))
        made = gzip.compress(text.encode(), mtime=0)
        return {"compressedNodes": base64.b64encode(made).decode()}

    def patch(self, body: Mapping[str, Any], title: str, *, after: float = 0.0) -> Write:
        """Change this Workflow."""
        return patch(WORKFLOW, self.ref, body, title, after=after)

    def command(self, verb: str, *more: str) -> str:
        """Write the ``argo`` command that does the same."""
        return command(verb, self.ref, self.ref.name, *more)


def command(verb: str, ref: Ref, *words: str) -> str:
    """Write a command of the ``argo`` tool."""
    place = ("-n", ref.namespace) if ref.namespace else ()
    return shlex.join(("argo", *verb.split(), *place, *words))


def pairs(written: object) -> dict[str, str]:
    """Read ``NAME=VALUE`` as often as it was given.

    Raises:
        Refused: one has no name or no ``=``.
    """
    found: dict[str, str] = {}
    for one in (written,) if isinstance(written, str) else tuple(written or ()):  # type: ignore[arg-type]  # what an option gave
        name, equals, value = str(one).partition("=")
        if not equals or not name:
            raise Refused(f"{one!r} is not of the form NAME=VALUE")
        found[name] = value
    return found
