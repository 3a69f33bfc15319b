"""Everything a Rollout's row and details are made of, worked out once from the objects."""

from __future__ import annotations

from dataclasses import dataclass

from trombone_tui.core.objects.argo_rollouts import Canary, Rollout, RolloutSpec, Strategy
from trombone_tui.core.objects.image_names import ImageName
from trombone_tui.core.objects.rollout_status import BlueGreenStatus, CanaryStatus, RolloutStatus
from trombone_tui.core.stage import Around
from trombone_tui.pipeline.rollout.family import Family
from trombone_tui.pipeline.rollout.pause import Pause, pause_of
from trombone_tui.pipeline.rollout.phase import Standing, observed, promoted, standing
from trombone_tui.pipeline.rollout.weights import CanaryWeights, canary_weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of a Rollout's templates and its pods; None is what can't be seen."""

    hash: str
    images: tuple[str, ...] | None = None
    wanted: int | None = None
    available: int | None = None

    @property
    def image(self) -> str | None:
        """The images of all containers, in their order."""
        return ", ".join(self.images) if self.images else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a Rollout is."""

    rollout: Rollout
    spec: RolloutSpec
    status: RolloutStatus
    standing: Standing
    strategy: str | None
    """``canary`` or ``blue-green``."""
    weights: CanaryWeights | None
    """Of a canary only."""
    pause: Pause | None
    stable: Side | None
    """The template that was fully promoted last."""
    new: Side | None
    """The template that is on its way; None when the newest one is the stable one."""
    active: Side | None
    """Blue-green: what users get."""
    preview: Side | None
    """Blue-green: what waits."""
    family: Family
    """What belongs to it."""

    @property
    def seen(self) -> bool:
        """Whether the ReplicaSets can be seen."""
        return self.family.seen

    @property
    def live(self) -> Side | None:
        """What users get, all or most of them: blue-green's active template, else the stable one."""
        return self.active or self.stable

    @property
    def desired(self) -> int:
        """Wanted pods."""
        return 1 if self.spec.replicas is None else self.spec.replicas

    @property
    def canary(self) -> CanaryStatus:
        """``status.canary``, never None."""
        return self.status.canary or CanaryStatus()

    @property
    def routed(self) -> bool:
        """Whether a traffic router splits the traffic, and not just the number of pods."""
        canary = self.spec.strategy.canary if self.spec.strategy else None
        return canary is not None and canary.traffic_routing is not None

    @property
    def changed(self) -> tuple[ImageName | None, ImageName | None]:
        """The image that changes, from and to; outside an update the first image, twice."""
        old = _parsed(self.stable)
        if self.new is None:
            return (old[0], old[0]) if old else (None, None)
        new = _parsed(self.new)
        pairs = [pair for pair in zip(old, new, strict=False) if pair[0] != pair[1]]
        if pairs:
            return pairs[0]
        return (old[0] if old else None, new[0] if new else None)


def _parsed(side: Side | None) -> tuple[ImageName, ...]:
    return tuple(ImageName.parse(image) for image in side.images or ()) if side else ()


def progress(rollout: Rollout, around: Around) -> Progress:
    """Work out how far a Rollout is, with its ReplicaSets where they can be seen."""
    spec, status = rollout.spec or RolloutSpec(), rollout.status or RolloutStatus()
    strategy = spec.strategy or Strategy()
    family = Family(rollout, around)
    sides = _Sides(rollout, status, family)
    new = None if promoted(status) else sides.side(status.current_pod_hash)
    weights = None
    if strategy.canary is not None:
        weights = canary_weights(strategy.canary, status, sides.canary_pods(new))
    of = status.blue_green or BlueGreenStatus()
    blue_green = strategy.blue_green is not None
    waits = of.preview_selector if of.preview_selector != of.active_selector else None
    return Progress(
        rollout=rollout,
        spec=spec,
        status=status,
        standing=standing(rollout),
        strategy=_name(strategy.canary, blue_green),
        weights=weights,
        pause=pause_of(rollout, weights.current if weights else None),
        stable=sides.side(status.stable_rs),
        new=new,
        active=sides.side(of.active_selector) if blue_green else None,
        preview=sides.side(waits) if blue_green else None,
        family=family,
    )


def _name(canary: Canary | None, blue_green: bool) -> str | None:
    if canary is not None:
        return "canary"
    return "blue-green" if blue_green else None


class _Sides:
    """A Rollout's templates, found by their hash."""

    def __init__(self, rollout: Rollout, status: RolloutStatus, family: Family) -> None:
        self._rollout, self._family = rollout, family
        self._current = status.current_pod_hash

    def side(self, of_hash: str | None) -> Side | None:
        """Return what is known of the template with this hash."""
        if not of_hash:
            return None
        found = self._family.of_hash(of_hash)
        if found is None:
            return Side(hash=of_hash, images=self._template(of_hash))
        status, spec = found.status, found.spec
        return Side(
            hash=of_hash,
            images=found.images or self._template(of_hash),
            wanted=spec.replicas if spec else None,
            available=(status.available_replicas or 0) if status else None,
        )

    def canary_pods(self, new: Side | None) -> int | None:
        """Count the canary's available pods as the official tool does: none without a ReplicaSet."""
        if new is not None and new.available is not None:
            return new.available
        return 0 if self._family.seen else None

    def _template(self, of_hash: str) -> tuple[str, ...] | None:
        """Take the images from the Rollout's own template, if that is the one with this hash."""
        spec = self._rollout.spec
        if of_hash != self._current or spec is None or spec.template is None or not observed(self._rollout):
            return None
        return spec.template.images or None
