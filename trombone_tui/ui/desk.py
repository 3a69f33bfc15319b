"""What every screen has before it: the stages, the newest snapshot, and where details come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from trombone_tui.core.installing import Installer
from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.ports import State
from trombone_tui.core.snapshot import Feed, Look, PanelState, Snapshot, StageSnapshot
from trombone_tui.core.stage import Item, Stage
from trombone_tui.core.verbs import Acts, Verb
from trombone_tui.ui.choices import Choice, choices, verb_id
from trombone_tui.ui.deeds import Deeds
from trombone_tui.ui.keyboard import Keyboard
from trombone_tui.ui.services import ServiceRow, ServiceRows
from trombone_tui.ui.theme import Glyphs
from trombone_tui.ui.works import Works

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
    keyboard: Keyboard = field(default_factory=Keyboard)
    feed: Feed | None = None
    installer: Callable[[], Installer | None] = lambda: None
    """Hands out what installs; None before there is a feed."""
    scope: Sequence[str] = ()
    """The namespaces that are looked at; nowhere named means everywhere."""
    snapshot: Snapshot = field(init=False)
    services: Mapping[str, ServiceRow] = field(init=False, default_factory=dict)
    deeds: Deeds = field(init=False, default_factory=Deeds)
    works: Works = field(init=False, default_factory=Works)
    _rows: ServiceRows = field(init=False)
    _choices: dict[tuple[Ref, ...], tuple[Choice, ...]] = field(init=False, default_factory=dict)
    _services_of: dict[Ref, tuple[str, ...]] = field(init=False, default_factory=dict)

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
        return ", ".join(self.clusters)

    @property
    def clusters(self) -> Sequence[str]:
        """The clusters that were heard of."""
        heard = {panel.cluster for stage in self.snapshot.stages.values() for panel in stage.panel}
        return sorted(heard - {""})

    @property
    def acts(self) -> Acts | None:
        """What can be done to items; None before there is a feed."""
        return self.feed.acts if self.feed else None

    @property
    def read_only(self) -> Mapping[str, str]:
        """Why nothing can be written, by the clusters where that is so."""
        if self.acts is None:
            return {}
        reasons = {cluster: self.acts.read_only(cluster) for cluster in self.clusters}
        return {cluster: reason for cluster, reason in reasons.items() if reason}

    def take(self, snapshot: Snapshot) -> None:
        """Make a snapshot the newest."""
        self.snapshot = snapshot
        self.forget()
        self.services = self._rows.read(snapshot)

    def choices(self, refs: tuple[Ref, ...]) -> tuple[Choice, ...]:
        """Return what can be done to all of some items; worked out once a snapshot."""
        if self.acts is None:
            return ()
        found = self._choices.get(refs)
        if found is None:
            offered = choices({ref: self.acts.offers(ref) for ref in refs})
            found = tuple(replace(choice, key=self.key_of(choice.verb)) for choice in offered)
            self._choices[refs] = found
        return found

    def key_of(self, verb: Verb) -> str:
        """Write the key of a verb; empty if it has none."""
        return self.keyboard.key(verb_id(verb), verb.key)

    def services_of(self, ref: Ref) -> tuple[str, ...]:
        """Return the keys of the services that an item is of; looked for once a snapshot."""
        found = self._services_of.get(ref)
        if found is None:
            services = self.snapshot.services.items()
            found = tuple(key for key, one in services if any(ref in hop.refs for hop in one.hops.values()))
            self._services_of[ref] = found
        return found

    def forget(self) -> None:
        """Work out anew what can be done: something was switched."""
        self._choices.clear()
        self._services_of.clear()

    def item(self, stage: str, ref: Ref) -> Item | None:
        """Return an item as it is now; None if it is gone."""
        return self.snapshot.stages[stage].items.get(ref)

    def look(self, ref: Ref) -> Look | None:
        """Begin to look at one item, None before there is a feed; who looked closes it."""
        return self.feed.look(ref) if self.feed else None
