"""The Rollouts of an Application: whose state its health is, and what of them is live.

After an abort an Application stays Synced to a revision whose image is not what runs: what is live is
the stable ReplicaSet's (``argo-rollouts@v1.9.1:pkg/apis/rollouts/v1alpha1/types.go``, stableRS).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from trombone_tui.core.objects.apps import REPLICA_SET, ReplicaSet
from trombone_tui.core.objects.argo_cd import Application
from trombone_tui.core.objects.argo_rollouts import HASH_LABEL, REVISION_ANNOTATION, ROLLOUT, Rollout
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.objects.image_names import ImageName
from trombone_tui.core.objects.managing import rollout_keys
from trombone_tui.core.stage import Around

_RANK = (
    Health.HEALTHY,
    Health.SUSPENDED,
    Health.PROGRESSING,
    Health.MISSING,
    Health.DEGRADED,
    Health.UNKNOWN,
)
"""Argo CD's order from well to bad; an Application has the worst health of its resources."""
_PHASES = {
    "Healthy": Health.HEALTHY,
    "Paused": Health.SUSPENDED,
    "Progressing": Health.PROGRESSING,
    "Degraded": Health.DEGRADED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """What of a Rollout serves, and what it was asked to serve."""

    rollout: str
    namespace: str
    images: tuple[str, ...]
    """Of the ReplicaSet that serves; empty when it can't be seen."""
    revision: str
    """The Rollout's own count of that ReplicaSet."""
    asked: tuple[str, ...]
    """Of the newest template."""
    same: bool
    """Whether the newest template is what serves."""
    aborted: bool

    @property
    def words(self) -> str:
        """What is live and what is not, for a sentence."""
        here = _told(self.images, self.asked)
        there = _told(self.asked, self.images)
        live = f"live is {here}" if here else "live is the stable version"
        if self.aborted:
            return f"aborted, so {live}, not {there or 'the newest'}"
        return f"{live} still, {there or 'the newest'} is on its way"


def short_image(image: str) -> str:
    """Write an image without registry and folders: ``app:1.0.1``."""
    of = ImageName.parse(image)
    return of.short if of.version else of.repository


def _told(images: tuple[str, ...], others: tuple[str, ...]) -> str:
    """Name the images that are not the same on both sides; all when none differs."""
    differing = [image for image in images if image not in others] or images
    return ", ".join(map(short_image, differing))


def found(application: Application, around: Around) -> Iterator[Rollout]:
    """Yield the Application's Rollouts as far as they can be seen."""
    for key in rollout_keys(application):
        yield from around.linked(ROLLOUT, key)


def unseen(application: Application, around: Around) -> str:
    """Name a Rollout of the Application that can't be seen; empty where all can, or where it is not there."""
    if around.everywhere(ROLLOUT):
        return ""
    missing = (key[2] for key in rollout_keys(application) if not around.linked(ROLLOUT, key))
    return next(missing, "")


def phase(rollout: Rollout) -> Health:
    """Return what Argo CD makes of a Rollout's phase."""
    return _PHASES.get((rollout.status.phase if rollout.status else None) or "", Health.UNKNOWN)


def cause(application: Application, health: Health | None, around: Around) -> str:
    """Name the Rollout that makes the Application's health what it is; empty when none does."""
    if health is None or health is Health.HEALTHY:
        return ""
    for rollout in found(application, around):
        of = phase(rollout)
        if _RANK.index(of) >= _RANK.index(health) and of is not Health.UNKNOWN:
            return rollout.metadata.name
    return ""


def live(rollout: Rollout, around: Around) -> Live | None:
    """Say what of a Rollout is live; None before anything is, or where its status does not tell."""
    status = rollout.status
    if status is None or not status.current_pod_hash:
        return None
    serving = status.stable_rs
    if status.blue_green is not None and status.blue_green.active_selector:
        serving = status.blue_green.active_selector
    if not serving:
        return None
    same = serving == status.current_pod_hash
    newest = rollout.images
    holder = _replica_set(rollout, serving, around)
    images = holder.images if holder else ()
    wanted = _replica_set(rollout, status.current_pod_hash, around)
    return Live(
        rollout=rollout.metadata.name,
        namespace=rollout.metadata.namespace,
        images=images or (newest if same else ()),
        revision=holder.metadata.annotation(REVISION_ANNOTATION) if holder else "",
        asked=newest or (wanted.images if wanted else ()),
        same=same,
        aborted=bool(status.abort),
    )


def not_live(application: Application, around: Around) -> tuple[Live, ...]:
    """Say what is live of those Rollouts that do not serve what was synced."""
    told = (live(rollout, around) for rollout in found(application, around) if _moves(rollout))
    return tuple(one for one in told if one is not None and not one.same)


def _moves(rollout: Rollout) -> bool:
    """Whether a Rollout's newest template may not be live, told without its ReplicaSets."""
    status = rollout.status
    return status is not None and (
        status.stable_rs != status.current_pod_hash
        or (status.blue_green is not None and status.blue_green.active_selector != status.current_pod_hash)
    )


def _replica_set(rollout: Rollout, hashed: str, around: Around) -> ReplicaSet | None:
    key = ("Rollout", rollout.metadata.namespace, rollout.metadata.name)
    for one in around.linked(REPLICA_SET, key):
        if one.metadata.label(HASH_LABEL) == hashed:
            return one  # type: ignore[no-any-return]  # plain JSON
    return None
