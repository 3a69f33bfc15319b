"""Where a Rollout's pod template is written: in itself, or in the workload that it refers to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from trombone_tui.core.objects.apps import DEPLOYMENT, REPLICA_SET
from trombone_tui.core.objects.argo_rollouts import ROLLOUT
from trombone_tui.core.objects.basics import Kind, Object
from trombone_tui.core.objects.raw import mapping
from trombone_tui.core.ports import PortError, Refused
from trombone_tui.core.verbs import JSON_PATCH, Scene, Whole, Write
from trombone_tui.pipeline.rollout.verbs.view import View

POD_TEMPLATE = Kind(name="PodTemplate", plural="podtemplates", group="", version="v1", shape=Object)
_WORKLOADS = {
    "Deployment": (DEPLOYMENT.narrowed(selector=""), "/spec/template"),
    "ReplicaSet": (REPLICA_SET.narrowed(selector=""), "/spec/template"),
    "PodTemplate": (POD_TEMPLATE, "/template"),
}
WITHOUT_PODS = "It is paused by hand: the new version gets a ReplicaSet without pods until resume."


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The object that has the template, and where in it."""

    kind: Kind
    namespace: str
    name: str
    path: str

    @property
    def own(self) -> bool:
        """Whether it is the Rollout itself."""
        return self.kind == ROLLOUT

    def __str__(self) -> str:
        """Name it: ``Deployment web``."""
        return f"{self.kind.name} {self.name}"

    def patch(self, steps: Sequence[dict[str, Any]], title: str) -> Write:
        """Change it by a JSON patch."""
        return Write(
            method="PATCH",
            kind=self.kind,
            namespace=self.namespace,
            name=self.name,
            content=JSON_PATCH,
            body=list(steps),
            title=title,
        )


def place(of: View) -> Place:
    """Find where the template is written.

    Raises:
        Refused: in a kind of workload that nobody can change by a patch.
    """
    ref = of.spec.workload_ref
    if ref is None:
        return Place(kind=ROLLOUT, namespace=of.ref.namespace, name=of.ref.name, path="/spec/template")
    if ref.kind not in _WORKLOADS or not ref.name:
        raise Refused(
            f"its template comes from {ref.kind or 'a workload'} {ref.name or 'without a name'}",
            advice="change the template there; Deployment, ReplicaSet and PodTemplate can be changed here",
        )
    kind, path = _WORKLOADS[ref.kind]
    return Place(kind=kind, namespace=of.ref.namespace, name=ref.name, path=path)


async def template(scene: Scene, of: View, where: Place) -> dict[str, Any]:
    """Return the template as it is stored.

    Raises:
        Refused: the workload can't be read, or has none.
    """
    if where.own:
        found = of.raw_template
    else:
        try:
            whole: Whole = await scene.fetch(where.kind, where.namespace, where.name)
        except PortError as error:
            raise Refused(f"{where} can't be read: {error}", advice=error.advice) from error
        found = mapping(whole, *where.path.split("/")[1:])
    if not found:
        raise Refused(f"{where} has no pod template", advice="look at its YAML")
    return found
