"""The Applications that deploy a service, and the rows of what follows its images."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from trombone_tui.core.objects.apps import ReplicaSet
from trombone_tui.core.objects.argo_cd import APPLICATION, Application, Deployed, SourceSpec, SyncStatus
from trombone_tui.core.objects.argo_rollouts import ROLLOUT
from trombone_tui.core.objects.basics import Kind, Meta, Ref
from trombone_tui.core.objects.durations import later, spoken, stamp
from trombone_tui.core.objects.globs import Glob
from trombone_tui.core.objects.image_updater import INTERVAL, GitConfig, ImageUpdater
from trombone_tui.core.objects.managing import (
    Keeper,
    auto_sync_settings,
    automated,
    claimed_by,
    heals,
    keeper,
    lists,
    named,
)
from trombone_tui.core.objects.marks import HELD, Held, Unreadable, read_held
from trombone_tui.core.objects.phrases import short_revision
from trombone_tui.core.rollback.known import Known
from trombone_tui.core.rollback.moves import Move
from trombone_tui.core.service import Service
from trombone_tui.core.stage import Item

_SOON = timedelta(seconds=90)
"""How long after a sync its ReplicaSet may appear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """What chooses tags of one image: a row of the images stage and its object."""

    ref: Ref
    item: Item
    obj: ImageUpdater | Application
    held: Mapping[str, Held | None]
    """The tags that are kept back, each with its mark where ``hold`` did it."""

    @property
    def annotated(self) -> bool:
        """Whether an ImageUpdater reads the image from an Application's annotations, so they are written."""
        if not isinstance(self.obj, ImageUpdater):
            return False
        aliases = {image.alias for one in self.obj.application_refs for image in one.images or ()}
        return (
            "/" in self.ref.part
            and self.ref.part not in aliases
            and any(one.annotated for one in self.obj.application_refs)
        )

    def follows(self, join: str) -> bool:
        """Say whether it is about a repository."""
        return join in self.item.joins

    def due(self, now: datetime) -> str:
        """Say when it looks next: ``in 40 s``."""
        status = self.obj.status if isinstance(self.obj, ImageUpdater) else None
        last = status.last_checked_at if status is not None else None
        if last is None or not timedelta() <= now - last < INTERVAL:
            return "within 2 min, by its default interval"
        return f"in {spoken(last + INTERVAL - now)}, by its default interval"


def followers(service: Service, known: Known) -> list[Follower]:
    """Return what chooses the service's tags."""
    hop = service.hops.get("images")
    found = []
    for ref in sorted(hop.refs) if hop else ():
        item, obj = known.item(ref), known.watched(ref)
        if item is not None and isinstance(obj, ImageUpdater | Application):
            found.append(Follower(ref=ref, item=item, obj=obj, held=_held(item, ref, obj, known)))
    return found


def _held(item: Item, ref: Ref, obj: ImageUpdater | Application, known: Known) -> dict[str, Held | None]:
    written = item.value("held")
    found: dict[str, Held | None] = dict.fromkeys(
        tag for tag in (written.split(", ") if isinstance(written, str) else ()) if tag
    )
    marks = [(obj.metadata, ref.part)]
    name, slash, image = ref.part.partition("/")
    if slash:  # an ImageUpdater that reads the annotations of an Application
        apps = known.linked(APPLICATION, ("Application", ref.namespace, name))
        marks += [(app.metadata, image) for app in apps]
    for meta, part in marks:
        for mark in _marks(meta):
            if mark.image == part and mark.tag in found:
                found[mark.tag] = mark
    return found


def _marks(meta: Meta) -> tuple[Held, ...]:
    try:
        return read_held(meta.annotation(HELD))
    except Unreadable:
        return ()


def held_tags(found: Iterable[Follower]) -> dict[str, set[str]]:
    """Return the tags that are kept back, by repository as images are joined."""
    tags: dict[str, set[str]] = {}
    for one in found:
        for join in one.item.joins:
            if join.startswith("image/"):
                tags.setdefault(join, set()).update(one.held)
    return tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An Application that deploys a Rollout which is to go back."""

    ref: Ref
    app: Application
    moves: tuple[Move, ...]

    @property
    def name(self) -> str:
        """The Application's name."""
        return self.app.metadata.name

    @property
    def auto_sync(self) -> bool:
        """Whether it syncs by itself."""
        return automated(self.app) is not None

    @property
    def left_off(self) -> bool:
        """Whether auto-sync was switched off: its settings are kept then."""
        return auto_sync_settings(self.app) is not None and not self.auto_sync

    @property
    def heals(self) -> bool:
        """Whether it puts back what was changed in the cluster."""
        return heals(self.app)

    @property
    def revision(self) -> str:
        """The revision that it was compared with last."""
        sync = self.app.status.sync if self.app.status else None
        return revision_of(sync) if sync else ""

    @property
    def synced(self) -> bool:
        """Whether it is what its source says."""
        sync = self.app.status.sync if self.app.status else None
        return sync is not None and sync.status == "Synced"

    @property
    def history(self) -> Sequence[Deployed]:
        """What was deployed, the oldest first."""
        return (self.app.status.history if self.app.status else None) or ()

    @property
    def source(self) -> SourceSpec | None:
        """The source that images are written to: of several the first that says how it is rendered."""
        rendered = (one for one in self.app.sources if one.helm is not None or one.kustomize is not None)
        return next(rendered, next(iter(self.app.sources), None))

    @property
    def brought(self) -> Deployed | None:
        """The sync that brought the bad version, by the time at which its ReplicaSet appeared: likely."""
        return self.deployed((one.bad_set for one in self.moves), self.history)

    def deployed(self, sets: Iterable[ReplicaSet | None], entries: Sequence[Deployed]) -> Deployed | None:
        """Return the newest of some syncs at which one of some ReplicaSets appeared."""
        created = [one.metadata.creation_timestamp for one in sets if one is not None]
        for entry in reversed(entries):
            start, end = entry.deploy_started_at, later(entry.deployed_at, _SOON)
            if any(at and start and end and start <= at <= end for at in created):
                return entry
        return None

    @property
    def brought_by(self) -> str:
        """The commit that brought the bad version; empty where that can't be told."""
        entry = self.brought
        return revision_of(entry) if entry is not None else ""

    def differs(self) -> bool:
        """Say whether it names one of the Rollouts as not what its source says."""
        wanted = {(one.ref.namespace, one.ref.name) for one in self.moves}
        return any(
            one.kind == "Rollout" and one.status == "OutOfSync" and (one.namespace, one.name) in wanted
            for one in self.app.resources
        )


def revision_of(entry: Deployed | SyncStatus) -> str:
    """Return the commit of an earlier sync, or of what was compared; of several sources all of them."""
    return entry.revision or ",".join(entry.revisions or ())


def told(entry: Deployed) -> str:
    """Name an earlier sync: ``4 (1db68d2 of 23 Nov 13:06Z)``."""
    when = f" of {stamp(entry.deployed_at)}" if entry.deployed_at else ""
    return f"{'?' if entry.id is None else entry.id} ({short_revision(revision_of(entry)) or '?'}{when})"


def places(service: Service, moves: Sequence[Move], known: Known) -> list[Place]:
    """Return the Applications of the service that deploy one of the Rollouts."""
    hop = service.hops.get("sync")
    found = []
    for ref in sorted(hop.refs) if hop else ():
        app = known.watched(ref)
        if not isinstance(app, Application):
            continue
        mine = tuple(one for one in moves if lists(app, ROLLOUT, one.rollout.metadata))
        if mine:
            found.append(Place(ref=ref, app=app, moves=mine))
    return found


def kept_by(kind: Kind, meta: Meta, known: Known) -> Keeper | None:
    """Find the Application that keeps an object as git says; None where none is seen to."""
    where = named(claimed_by(kind, meta), meta.namespace)
    apps = (app for key in where for app in known.linked(APPLICATION, ("Application", *key)))
    return keeper(kind, meta, next(apps, None))


def git_config(of: Iterable[Follower], app: Application) -> GitConfig | None:
    """Return where Image Updater writes for an Application, from the first ImageUpdater that says it."""
    for one in of:
        if not isinstance(one.obj, ImageUpdater):
            continue
        for ref in one.obj.application_refs:
            glob = Glob.parse(ref.name_pattern or "")
            if glob is None or not glob.fits(app.metadata.name):
                continue
            spec = one.obj.spec
            backs = (ref.write_back_config, spec.write_back_config if spec else None)
            configs = [back.git_config for back in backs if back is not None and back.git_config is not None]
            if configs:
                return configs[0]
    return None
