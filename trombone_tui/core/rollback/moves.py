"""Which version of a Rollout is to go, and which comes back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from trombone_tui.core.objects.apps import REPLICA_SET, ReplicaSet
from trombone_tui.core.objects.argo_rollouts import (
    ANALYSIS_RUN,
    HASH_LABEL,
    AnalysisRun,
    Rollout,
    revision,
)
from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.objects.image_names import ImageName
from trombone_tui.core.rollback.known import Known
from trombone_tui.core.stage import own_key

_HISTORY = "rollout.argoproj.io/revision-history"
"""On a ReplicaSet that was brought back: its former numbers, with commas."""


class Way(Enum):
    """How far the bad version has come."""

    COMING = auto()
    """It is being brought in, step by step."""
    ABORTED = auto()
    EVERYWHERE = auto()
    """It was fully promoted."""
    GONE = auto()
    """It was taken back, and is held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One Rollout on its way back."""

    ref: Ref
    rollout: Rollout
    way: Way
    bad: tuple[ImageName, ...]
    """The images that are to go; empty where they can't be seen, or where both versions have the same."""
    good: tuple[ImageName, ...]
    bad_set: ReplicaSet | None = None
    good_set: ReplicaSet | None = None
    skips: bool = False
    """Whether other versions lie between the two."""

    @property
    def name(self) -> str:
        """The Rollout's name."""
        return self.rollout.metadata.name

    def told(self, images: Sequence[ImageName], of: ReplicaSet | None) -> str:
        """Name a version: its images, or its revision where the images don't tell."""
        if images:
            return ", ".join(f"{one.repository.rpartition('/')[2]}:{one.version or '?'}" for one in images)
        number = revision(of.metadata) if of is not None else None
        return f"revision {number} of {self.name}" if number else ""


def move(ref: Ref, known: Known, held: Mapping[str, Collection[str]]) -> Move | None:
    """Work out which version of a Rollout is to go; None where it has none to go back to.

    Args:
        ref: The Rollout.
        known: What is known.
        held: The tags that hold keeps back, by repository as images are joined.
    """
    rollout = known.watched(ref)
    status = rollout.status if isinstance(rollout, Rollout) else None
    if not isinstance(rollout, Rollout) or status is None or not status.current_pod_hash:
        return None
    sets: Sequence[ReplicaSet] = known.linked(REPLICA_SET, own_key("Rollout", rollout.metadata))
    current, stable = _hashed(sets, status.current_pod_hash), _hashed(sets, status.stable_rs)
    asked = _images(current) or rollout.images
    if not status.stable_rs:
        return None
    if status.stable_rs != status.current_pod_hash:
        bad, good = _differing(asked, _images(stable))
        way = Way.ABORTED if status.abort else Way.COMING
        return Move(ref=ref, rollout=rollout, way=way, bad=bad, good=good, bad_set=current, good_set=stable)
    older = _before(rollout, sets, current)
    if older and (gone := _taken_back(older[0], current, asked, held)):
        bad, good = _differing(_images(older[0]), asked)
        return Move(
            ref=ref,
            rollout=rollout,
            way=Way.GONE,
            bad=gone or bad,
            good=good,
            bad_set=older[0],
            good_set=current,
        )
    refused = _refused(rollout, known)
    back = next((one for one in older if _fit(one, asked, held, refused)), None)
    if back is None:
        return None
    bad, good = _differing(asked, _images(back))
    return Move(
        ref=ref,
        rollout=rollout,
        way=Way.EVERYWHERE,
        bad=bad,
        good=good,
        bad_set=current,
        good_set=back,
        skips=_between(sets, back, current),
    )


def _between(sets: Sequence[ReplicaSet], good: ReplicaSet | None, bad: ReplicaSet | None) -> bool:
    """Say whether another version was tried after the good one and before the bad one."""
    if good is None or bad is None:
        return False
    return any(revision(good.metadata) < revision(one.metadata) < revision(bad.metadata) for one in sets)


def _hashed(sets: Sequence[ReplicaSet], wanted: str | None) -> ReplicaSet | None:
    return next((one for one in sets if wanted and one.metadata.label(HASH_LABEL) == wanted), None)


def _images(of: ReplicaSet | None) -> tuple[str, ...]:
    return of.images if of else ()


def _differing(
    bad: Sequence[str], good: Sequence[str]
) -> tuple[tuple[ImageName, ...], tuple[ImageName, ...]]:
    """Return the images in which two versions differ; one that can't be seen leaves the other whole."""
    gone = tuple(ImageName.parse(one) for one in bad if one not in good)
    back = tuple(ImageName.parse(one) for one in good if one not in bad)
    return gone, back


def _before(rollout: Rollout, sets: Sequence[ReplicaSet], current: ReplicaSet | None) -> list[ReplicaSet]:
    """Return the versions before the one that serves, the newest first."""
    now = revision(current.metadata if current else rollout.metadata)
    before = (one for one in sets if 0 < revision(one.metadata) < now)
    return sorted(before, key=lambda one: -revision(one.metadata))


def _taken_back(
    before: ReplicaSet,
    current: ReplicaSet | None,
    asked: Sequence[str],
    held: Mapping[str, Collection[str]],
) -> tuple[ImageName, ...]:
    """Return what was taken back: the serving version was there before it already, or its tag is held."""
    former = _former(current)
    returned = former is not None and former < revision(before.metadata)
    gone, _ = _differing(_images(before), asked)
    return tuple(one for one in gone if returned or (one.tag and one.tag in held.get(one.join, ())))


def _former(of: ReplicaSet | None) -> int | None:
    """Return the number that a version had before it was brought back; None where it never left."""
    written = of.metadata.annotation(_HISTORY).rpartition(",")[2].strip() if of else ""
    return int(written) if written.isdecimal() and len(written) < 10 else None


def _refused(rollout: Rollout, known: Known) -> set[str]:
    """Return the hashes of versions that an analysis refused."""
    runs: Sequence[AnalysisRun] = known.linked(ANALYSIS_RUN, own_key("Rollout", rollout.metadata))
    bad = (run for run in runs if run.status is not None and run.status.phase in ("Failed", "Error"))
    return {run.metadata.label(HASH_LABEL) for run in bad}


def _fit(
    of: ReplicaSet, asked: Sequence[str], held: Mapping[str, Collection[str]], refused: Collection[str]
) -> bool:
    """Say whether one can go back to a version: another one, not held, not refused."""
    images = _images(of)
    kept = any(one.tag in held.get(one.join, ()) for one in map(ImageName.parse, images) if one.tag)
    return bool(images) and images != asked and not kept and of.metadata.label(HASH_LABEL) not in refused
