"""What installing and uninstalling would do, object by object."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.writes import Right, Whole, Write


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """Something that the manifests take: a line of a form, ``--set NAME=…``, a key of a values file."""

    name: str
    """``image_repository``."""
    about: str
    """What it is, from the comment above it."""
    default: str | int | bool | None
    """None where there is none: then it has to be given."""
    example: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be installed, and where."""

    cluster: str
    values: Mapping[str, Any]
    """By name; what is not named has its default. Texts are read as what the default is."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """Where values were given, by name, for what is said of a wrong one: ``mine.yaml:3``."""
    stages: Collection[str] = ()
    """Only these of the pipeline's stages; none named means all."""
    force: bool = False
    """Whether fields are taken from other managers (``--force-conflicts``)."""
    rehearse: bool = True
    """Whether the API server is asked what would change (``dryRun=All``); else only what is there is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Controller:
    """A part that somebody else makes and the pipeline stands on; it is named, never installed by us."""

    name: str
    """``Argo Events``."""
    stage: str
    kinds: tuple[str, ...]
    """What the API server serves once it is there: ``sensors.argoproj.io``. None for Prometheus."""
    commands: tuple[str, ...]
    """The official way to install it, line by line."""
    docs: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """A controller, and what of it was found."""

    controller: Controller
    there: bool | None
    """Whether all its kinds are served; None where that can't be told."""
    lacking: tuple[str, ...] = ()
    """The kinds that are not served."""
    text: str = ""
    """One sentence."""


class Standing(StrEnum):
    """How one planned object stands before anything is done."""

    MISSING = "missing"
    """It will be created."""
    SAME = "same"
    """Nothing has to be sent."""
    DIFFERS = "differs"
    """It will be changed as the lines say."""
    KEPT = "kept"
    """It is there, and is never changed: a namespace, the webhook's Secret."""
    CONFLICT = "conflict"
    """Somebody else manages fields that would be changed."""
    NOT_SERVED = "not served"
    """The API server does not know its kind: the controller is missing."""
    DENIED = "denied"
    REFUSED = "refused"
    """The API server finds it wrong."""
    UNKNOWN = "not known"
    """It could not be read."""

    @property
    def hinders(self) -> bool:
        """Whether nothing is applied while an object stands like this."""
        return self not in (Standing.MISSING, Standing.SAME, Standing.DIFFERS, Standing.KEPT)

    @property
    def sends(self) -> bool:
        """Whether something will be sent for it."""
        return self in (Standing.MISSING, Standing.DIFFERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """Fields of an object that another manager holds with other values."""

    manager: str
    """As it calls itself in ``managedFields``: ``argocd-controller``, ``kubectl-edit``."""
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One object of the manifests, and how it stands."""

    stage: str
    file: str
    """``sync/2-application.yaml``."""
    ref: Ref
    """Without a uid where it is not there yet."""
    standing: Standing
    text: str = ""
    """One sentence where there is more to say than the standing."""
    lines: tuple[str, ...] = ()
    """What would change, a field each: ``spec.replicas: 1 → 2``; secrets are masked."""
    clashes: tuple[Clash, ...] = ()
    """Also with ``force``, then they are taken over."""
    controller: Controller | None = None
    """Which one brings its kind; None for Kubernetes' own."""
    write: Write | None = None
    """What is sent for it."""
    body: Whole = field(default_factory=dict)
    """The object as the manifests and values make it; of a Secret without its data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prerequisite:
    """What has to be brought along, because it holds a secret of yours: a login for a registry or for git."""

    ref: Ref
    there: bool | None
    """None where it may not be looked for."""
    about: str
    command: str
    """How it is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallPlan:
    """What ``apply`` would do, worked out from the cluster as it is now."""

    order: Order
    service: str
    values: Mapping[str, Any]
    """All of them, as they count."""
    objects: tuple[Planned, ...]
    """In the order in which they are applied."""
    controllers: tuple[Presence, ...]
    prerequisites: tuple[Prerequisite, ...] = ()
    missing: tuple[Right, ...] = ()
    """Rights it takes that the user has not."""
    notes: tuple[str, ...] = ()
    """What is good to know before, and what is left to do by hand."""
    protected: bool = False
    """Whether the cluster is one in which the service's name has to be typed."""
    hindrance: str = ""
    """Why it can't be applied; an empty text when it can."""

    @property
    def noop(self) -> bool:
        """Whether nothing would be sent."""
        return not any(one.standing.sends for one in self.objects)


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """One object that carries our labels, and what uninstalling does with it."""

    stage: str
    ref: Ref
    """With its uid: another of that name is never deleted."""
    deletes: bool
    """Whether it goes; else it is kept."""
    text: str = ""
    """Why it is kept, or what goes with it."""
    writes: tuple[Write, ...] = ()
    """What is sent for it, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """The services of which something was found, and where there may be more."""

    services: tuple[str, ...]
    unseen: tuple[str, ...] = ()
    """What may not be looked at: ``may not list secrets, rolebindings… in namespace ci``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalPlan:
    """What ``remove`` would do, worked out from what is found on the cluster."""

    cluster: str
    service: str
    objects: tuple[Removal, ...]
    """In the order in which they are deleted: the way of the change, backwards."""
    unseen: tuple[str, ...] = ()
    """What may not be looked for, and stays: ``may not list sensors.argoproj.io in namespace ci``."""
    missing: tuple[Right, ...] = ()
    notes: tuple[str, ...] = ()
    protected: bool = False
    hindrance: str = ""
    """Why nothing can be deleted; an empty text when it can."""

    @property
    def left(self) -> tuple[str, ...]:
        """What may not be looked for, what becomes of it, and what to do."""
        fate = "what is there of them stays, what it needs may go; ask for that, or choose namespaces with -n"
        return tuple(f"{one}; {fate}" for one in self.unseen)

    @property
    def noop(self) -> bool:
        """Whether nothing would be deleted."""
        return not any(one.deletes for one in self.objects)
