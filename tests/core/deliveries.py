"""Services as controllers left them, read by all stages: what a rollback plan and reminders are made from.

``objects`` are the Application, Rollout and ReplicaSets of an update that its analysis aborted (Argo CD 3.2.6
and Argo Rollouts 1.9.1) and the ImageUpdater that brought it (Argo CD Image Updater 1.3.0).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from parsed import parsed

from trombone_tui.core.objects.basics import Kind, Malformed, Meta, Object, Ref
from trombone_tui.core.reader import StageReader
from trombone_tui.core.rollback import RollbackPlan
from trombone_tui.core.rollback.known import Readers
from trombone_tui.core.rollback.plan import May
from trombone_tui.core.rollback.planning import plan_rollback
from trombone_tui.core.service import Grouping, Service
from trombone_tui.pipeline import PIPELINE

DATA = Path(__file__).parents[1] / "data"
NOW = datetime(2026, 11, 23, 13, 12, tzinfo=UTC)
IMAGE = "127.0.0.1:5000/demo/app"
BAD = "40addcb223cc5c39ba4c36e9c888d169c4b71fbf"

Obj = dict[str, Any]


def documents(path: str) -> list[Obj]:
    return [one for one in parsed(DATA / path) if one]


def objects() -> dict[str, Obj]:
    """Return them by a short name each: app, rollout, stable, canary, updater."""
    app, rollout, stable, canary = documents("sync/aborted.yaml")
    (updater,) = documents("images/image-updater.yaml")
    updater["spec"]["applicationRefs"][0]["images"][0]["imageName"] = f"{IMAGE}:1.x"
    return {"app": app, "rollout": rollout, "stable": stable, "canary": canary, "updater": updater}


def typed(kind: Kind, obj: Obj) -> Object | Malformed:
    """Decode as the adapters do; what does not fit is Malformed."""
    try:
        made: Object = msgspec.convert(obj, kind.shape)
    except msgspec.ValidationError as error:
        meta = obj.get("metadata")
        names = {k: v for k, v in (meta if isinstance(meta, dict) else {}).items() if isinstance(v, str)}
        named = Meta(name=names.get("name", ""), namespace=names.get("namespace", ""))
        return Malformed(metadata=named, path="$", problem=str(error))
    return made.reduced()


class World:
    """Readers of all stages with some objects in them."""

    def __init__(self, *found: Obj, hidden: Iterable[str] = (), now: datetime = NOW) -> None:
        self.readers = {stage.name: StageReader(stage, "lab", lambda: now) for stage in PIPELINE}
        hidden = set(hidden)
        for reader in self.readers.values():
            for source in reader.stage.sources:
                kind = source.kind
                reader.see(kind, kind.name not in hidden)
                for obj in found:
                    if obj["kind"] == kind.name and kind.name not in hidden:
                        made = typed(kind, obj)
                        meta = made.metadata
                        reader.put(kind, Ref("lab", kind.name, meta.namespace, meta.name, meta.uid), made)
        for reader in self.readers.values():
            reader.refresh()

    @property
    def known(self) -> Readers:
        return Readers(self.readers)

    @property
    def services(self) -> list[Service]:
        stages = {name: reader.items for name, reader in self.readers.items()}
        grouping = Grouping(tuple(stages))
        return list(grouping.update(stages, {name: tuple(items) for name, items in stages.items()}).values())

    def objects(self, reader: StageReader) -> list[tuple[Ref, Object]]:
        """Return the objects that a reader holds of kinds that are rows."""
        kinds = [source.kind for source in reader.stage.sources]
        refs = [ref for kind in kinds for ref in reader.refs(kind)]
        return [(ref, obj) for ref in refs if (obj := reader.watched(ref)) is not None]

    def plan(self, may: May = lambda _: True) -> RollbackPlan:
        (service,) = [one for one in self.services if "rollout" in one.hops] or self.services
        return plan_rollback(service, self.known, may)


def lines(plan: RollbackPlan) -> list[str]:
    """Write the steps of a plan, each with how far it is; those instead of a step behind it."""
    steps = [
        (mark, one)
        for step in plan.steps
        for mark, one in (("", step), *(("  or ", o) for o in step.instead))
    ]
    return [
        f"{mark}{one.title} | {one.state}{f': {one.reason}' if one.reason else ''}" for mark, one in steps
    ]
