"""What every screen has before it: the stages, the newest snapshot, and where details come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.ports import State
from trombone_tui.core.snapshot import Feed, Look, PanelState, Snapshot, StageSnapshot
from trombone_tui.core.stage import Item, Stage
from trombone_tui.ui.services import ServiceRow, ServiceRows
from trombone_tui.ui.theme import Glyphs

_NEVER = datetime.fromtimestamp(0, UTC)


def before_contact(stages: Sequence[Stage]) -> Snapshot:
    """Return what is known before anything was heard: every stage connecting."""
    panel = (PanelState(cluster="", state=State.CONNECTING),)
    return Snapshot(
        taken=_NEVER,
        stages={stage.name: StageSnapshot(items={}, panel=panel) for stage in stages},
        services={},
    )


@dataclass(slots=True, kw_only=True)
class Desk:
    """The newest of everything; written by the app alone, read by all screens."""

    stages: Sequence[Stage]
    glyphs: Glyphs
    contexts: str = ""
    namespaces: str = ""
    feed: Feed | None = None
    snapshot: Snapshot = field(init=False)
    services: Mapping[str, ServiceRow] = field(init=False, default_factory=dict)
    _rows: ServiceRows = field(init=False)

    def __post_init__(self) -> None:
        """Begin before contact."""
        self.snapshot = before_contact(self.stages)
        self._rows = ServiceRows(self.stages)

    @property
    def heard(self) -> bool:
        """Whether anything was heard from a cluster yet."""
        return self.snapshot.taken is not _NEVER

    @property
    def place(self) -> str:
        """The contexts that are looked at, as told or as heard."""
        if self.contexts:
            return self.contexts
        heard = {panel.cluster for stage in self.snapshot.stages.values() for panel in stage.panel}
        return ", ".join(sorted(heard - {""}))

    def take(self, snapshot: Snapshot) -> None:
        """Make a snapshot the newest."""
        self.snapshot = snapshot
        self.services = self._rows.read(snapshot)

    def item(self, stage: str, ref: Ref) -> Item | None:
        """Return an item as it is now; None if it is gone."""
        return self.snapshot.stages[stage].items.get(ref)

    def look(self, ref: Ref) -> Look | None:
        """Begin to look at one item, None before there is a feed; who looked closes it."""
        return self.feed.look(ref) if self.feed else None
