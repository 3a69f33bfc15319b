"""A Rollout as a row."""

from __future__ import annotations

from datetime import datetime

from trombone_tui.core.objects.argo_rollouts import Rollout, revision
from trombone_tui.core.objects.basics import Health, Ref, condition
from trombone_tui.core.objects.image_names import ImageName
from trombone_tui.core.objects.phrases import shortened
from trombone_tui.core.stage import Around, Fields, Item
from trombone_tui.pipeline.rollout.failure import abort_reason
from trombone_tui.pipeline.rollout.phase import UNOBSERVED, WORKLOAD_UNOBSERVED, promoted
from trombone_tui.pipeline.rollout.progress import Progress, progress
from trombone_tui.pipeline.rollout.reason import stuck_by, why
from trombone_tui.pipeline.rollout.weights import FULL

BRIEF = 16
_HEALTH = {
    "Healthy": Health.HEALTHY,
    "Progressing": Health.PROGRESSING,
    "Paused": Health.SUSPENDED,
    "Degraded": Health.DEGRADED,
}


class RolloutFields(Fields, frozen=True, kw_only=True):
    """What ``status`` says of a Rollout."""

    phase: str | None = None
    """As the official tool derives it: Healthy, Degraded, Progressing or Paused."""
    message: str | None = None
    """As the official tool derives it; empty when there is none."""
    step: int | None = None
    """Completed steps, the official tool's number before the slash: 3 of 8 means that the fourth runs."""
    steps: int | None = None
    set_weight: int | None = None
    """What the steps ask for."""
    actual_weight: int | None = None
    """What the router was told, or the share of available pods; not measured."""
    stable_image: str | None = None
    canary_image: str | None = None
    """The image on its way, also of a blue-green Rollout; null when none is."""
    versions: str | None = None
    """The tag that runs, or both tags of an update: ``1.0.4 → 1.0.5``."""
    strategy: str | None = None
    revision: int | None = None
    ready: int | None = None
    desired: int | None = None
    updated: int | None = None
    available: int | None = None
    pause: str | None = None
    paused_since: datetime | None = None
    paused_until: datetime | None = None
    """When a pause ends by itself; null when it does not."""
    aborted: bool | None = None
    abort_reason: str | None = None
    analysis: str | None = None
    """The AnalysisRun of the current step, else the background's, else that of a promotion."""
    analysis_phase: str | None = None
    active_image: str | None = None
    preview_image: str | None = None
    live_image: str | None = None
    """What users get: the stable ReplicaSet's image, of a blue-green Rollout the active one's."""
    live_since: datetime | None = None
    """Since when it is the promoted one; null while an update is on its way or was aborted."""


def read_rollout(rollout: Rollout, ref: Ref, around: Around) -> tuple[Item, ...]:
    """Make the row of a Rollout.

    A pause that ends only by hand needs a human, as does a Rollout that is Degraded or can't go on.
    """
    of = progress(rollout, around)
    health = _HEALTH.get(of.standing.phase or "", Health.UNKNOWN)
    item = Item(
        ref=ref,
        health=health,
        why=why(of),
        fields=_fields(of),
        since=_since(of, health),
        brief=shortened(_brief(of, health), BRIEF),
        attention=_attention(of, health),
        joins=_joins(of, ref),
    )
    return (item,)


def _fields(of: Progress) -> RolloutFields:
    status, weights = of.status, of.weights
    told = of.rollout.status is not None
    run = analysis(of)
    return RolloutFields(
        phase=of.standing.phase,
        message=of.standing.message,
        step=weights.index if weights else None,
        steps=weights.steps if weights else None,
        set_weight=weights.set if weights and told else None,
        actual_weight=weights.actual if weights and told else None,
        stable_image=of.stable.image if of.stable else None,
        canary_image=of.new.image if of.new else None,
        versions=versions(of),
        strategy=of.strategy,
        revision=revision(of.rollout.metadata) or None,
        ready=status.ready_replicas or 0 if told else None,
        desired=of.desired if of.rollout.spec else None,
        updated=status.updated_replicas or 0 if told else None,
        available=status.available_replicas or 0 if told else None,
        pause=of.pause.kind if of.pause else None,
        paused_since=of.pause.since if of.pause else None,
        paused_until=of.pause.until if of.pause else None,
        aborted=bool(status.abort) if told else None,
        abort_reason=abort_reason(of),
        analysis=run[0],
        analysis_phase=run[1],
        active_image=of.active.image if of.active else None,
        preview_image=of.preview.image if of.preview else None,
        live_image=of.live.image if of.live else None,
        live_since=live_since(of),
    )


def analysis(of: Progress) -> tuple[str | None, str | None]:
    """Name the AnalysisRun that decides now, and its phase."""
    blue = of.status.blue_green
    for run in (
        of.canary.current_step_analysis_run_status,
        of.canary.current_background_analysis_run_status,
        blue.post_promotion_analysis_run_status if blue else None,
        blue.pre_promotion_analysis_run_status if blue else None,
    ):
        if run is not None and run.name:
            return run.name, run.status or None
    return None, None


def live_since(of: Progress) -> datetime | None:
    """Return when what is live was fully promoted, as far as the conditions tell."""
    done = condition(of.status.conditions, "Completed")
    if done is None or done.status != "True" or not promoted(of.status):
        return None
    return done.last_transition_time


def versions(of: Progress) -> str | None:
    """Write the tag that runs, or both tags of an update."""
    old, new = of.changed
    if of.new is None:
        return _version(new)
    return f"{_version(old) or '?'} → {_version(new) or '?'}" if of.stable else _version(new)


def _version(image: ImageName | None) -> str | None:
    return (image.version or image.repository) if image else None


def _brief(of: Progress, health: Health) -> str:
    if of.standing.message in (UNOBSERVED, WORKLOAD_UNOBSERVED):
        return "not seen yet"
    if of.status.abort or abort_reason(of) is not None:
        return "aborted"
    if health is Health.HEALTHY:
        return versions(of) or "promoted"
    if health is Health.DEGRADED:
        kind = (of.standing.message or "").partition(":")[0]
        return {"InvalidSpec": "invalid spec", "ProgressDeadlineExceeded": "no progress"}.get(
            kind, "degraded"
        )
    return _under_way(of, health)


def _under_way(of: Progress, health: Health) -> str:
    weights = of.weights
    if weights and weights.steps and weights.index is not None and not promoted(of.status):
        percent = "%" if weights.top == FULL else f"/{weights.top}"
        return f"{'?' if weights.set is None else weights.set}{percent} {weights.index}/{weights.steps}"
    if of.strategy == "blue-green" and of.pause is not None:
        return f"{_version(of.changed[1]) or 'preview'} waits"
    if of.preview is not None and of.preview.available is not None:
        return f"{of.preview.available}/{of.desired} preview"
    if health is Health.PROGRESSING and of.rollout.status is not None:
        return f"{of.status.available_replicas or 0}/{of.desired} pods"
    return (of.standing.phase or "").lower()


def _attention(of: Progress, health: Health) -> bool | None:
    if health is Health.SUSPENDED and of.pause is not None:
        return not of.pause.timed or bool(stuck_by(of))
    if health is Health.PROGRESSING:
        return bool(stuck_by(of))
    return None


def _since(of: Progress, health: Health) -> datetime | None:
    status = of.status
    if health is Health.SUSPENDED and of.pause is not None:
        return of.pause.since
    if health is Health.DEGRADED:
        if status.abort and status.aborted_at is not None:
            return status.aborted_at
        broken = condition(status.conditions, "InvalidSpec") or condition(status.conditions, "Progressing")
        return broken.last_transition_time if broken else None
    healthy = condition(status.conditions, "Healthy")
    if health is not Health.HEALTHY or healthy is None or healthy.status != "True":
        healthy = condition(status.conditions, "Progressing")
    return healthy.last_transition_time if healthy else None


def _joins(of: Progress, ref: Ref) -> tuple[str, ...]:
    images = [image for side in (of.stable, of.new) if side for image in side.images or ()]
    names = dict.fromkeys(ImageName.parse(image).join for image in images)
    return (f"Rollout/{ref.namespace}/{ref.name}", *names)
