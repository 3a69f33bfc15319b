"""What proves that a verb had its effect on a Rollout, read from the object as it is now.

A status that the controller swallowed stands in the object for good, so a field that we wrote proves
nothing by itself: something that only the controller writes must have moved, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from trombone_tui.core.objects.argo_rollouts import ROLLOUT, Rollout
from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.verbs import Judge, Proof, Seen, Sight
from trombone_tui.core.wholes import judging, touch
from trombone_tui.pipeline.rollout.failure import DEADLINE
from trombone_tui.pipeline.rollout.verbs.view import View, shortly

ABORTED = "RolloutAborted"
BY_HAND = "manually paused"
_PATIENCE = 600
_ALIVE = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "HPAReplicas", "conditions")
"""What moves as pods come and go, whatever was asked."""


def proof(
    before: View,
    now: datetime,
    waits_for: str,
    seen: Callable[[View], Sight],
    *,
    within: float = 30.0,
    stays: float = 0.0,
) -> Proof:
    """Make a proof of what a look at the Rollout says."""
    ref = before.ref
    return Proof(
        kind=ROLLOUT,
        namespace=ref.namespace,
        name=ref.name,
        waits_for=waits_for,
        judge=judge(ref, seen),
        within=within,
        stays=stays,
        touch=touch(ROLLOUT, ref, now),
    )


def judge(ref: Ref, seen: Callable[[View], Sight]) -> Judge:
    """Have the Rollout looked at."""
    return judging(ROLLOUT, Rollout, lambda found, whole: seen(View(ref, found, whole)))


def patience(of: View) -> float:
    """How long it may take until new pods run: the Rollout's own progress deadline, in seconds."""
    written = of.spec.progress_deadline_seconds
    return float(min(max(DEADLINE if written is None else written, 30), _PATIENCE))


def asked(before: View, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the status with our request in it, and nothing else changed."""
    return _told({**before.raw_status, **body})


def untouched(now: View, expected: Mapping[str, Any]) -> bool:
    """Whether nothing but the request has moved since."""
    return _told(now.raw_status) == expected


def _told(status: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in status.items() if value is not None and key not in _ALIVE}


def _overtaken(before: View, now: View) -> Sight | None:
    if now.status.current_pod_hash != before.status.current_pod_hash:
        return Sight(Seen.FAILED, f"another version is wanted by now: {now.image}")
    if now.status.abort and not before.status.abort:
        return Sight(Seen.FAILED, f"the update was aborted: {now.message or 'no reason given'}")
    return None


def past(before: View, target: int, expected: Mapping[str, Any] | None) -> Callable[[View], Sight]:
    """See the update get to a step; ``expected`` is the status with an index that we write ourselves."""

    def seen(now: View) -> Sight:
        if (lost := _overtaken(before, now)) is not None:
            return lost
        if now.promoted:
            return Sight(Seen.DONE, "fully promoted")
        if now.index >= target:
            if expected is not None and untouched(now, expected):
                return Sight(Seen.REQUESTED, "the step is written, and nothing else has moved")
            return Sight(Seen.DONE, f"{now.where}")
        if not now.by_hand and not now.pauses and before.pauses:
            return Sight(Seen.REQUESTED, "the pause is cleared, and the step has not moved")
        return Sight(Seen.NOT_YET, now.where)

    return seen


def released(before: View) -> Callable[[View], Sight]:
    """See a pause of the controller's end that no step stands for."""

    def seen(now: View) -> Sight:
        if (lost := _overtaken(before, now)) is not None:
            return lost
        if now.promoted or now.index > before.index:
            return Sight(Seen.DONE, now.where)
        if now.pauses or now.by_hand:
            return Sight(Seen.NOT_YET, now.where)
        if now.status.controller_pause or now.status.phase == "Paused":
            return Sight(Seen.REQUESTED, "the pause is cleared, and the controller has not reacted")
        return Sight(Seen.DONE, now.where)

    return seen


def switched(before: View) -> Callable[[View], Sight]:
    """See a blue-green switch: the active service selects the new version."""
    freed = released(before)

    def seen(now: View) -> Sight:
        sight = freed(now)
        active = now.status.blue_green.active_selector if now.status.blue_green else None
        if sight.seen is not Seen.DONE or now.promoted:
            return sight
        if active and active == now.status.current_pod_hash:
            return Sight(Seen.DONE, "the active service selects the new version")
        return Sight(Seen.NOT_YET, f"released, and not switched yet: {now.where}")

    return seen


def promoted_fully(before: View, expected: Mapping[str, Any]) -> Callable[[View], Sight]:
    """See a full promotion through; the flag is gone at the end."""

    def seen(now: View) -> Sight:
        if (lost := _overtaken(before, now)) is not None:
            return lost
        if untouched(now, expected):
            return Sight(Seen.REQUESTED, "promoteFull is set, and nothing else has moved")
        if now.promoted and now.phase == "Healthy" and not now.status.promote_full:
            return Sight(Seen.DONE, f"{now.image} is fully promoted and Healthy")
        if now.phase == "Degraded" and now.message != before.message:
            return Sight(Seen.FAILED, now.message or "Degraded")
        return Sight(Seen.NOT_YET, now.where)

    return seen


def paused(now: View) -> Sight:
    """See a pause by hand taken up."""
    if not now.by_hand:
        return Sight(Seen.NOT_YET, "spec.paused is not set")
    if now.seen and now.message == BY_HAND:
        return Sight(Seen.DONE, BY_HAND)
    if now.seen and now.phase == "Degraded":
        return Sight(Seen.DONE, f"paused by hand; it stays Degraded: {now.message}")
    return Sight(Seen.REQUESTED, f"spec.paused is set, and the controller says {now.message or 'nothing'}")


def unpaused(now: View) -> Sight:
    """See a pause by hand taken back."""
    if now.by_hand:
        return Sight(Seen.NOT_YET, "spec.paused is set")
    if now.seen and now.message != BY_HAND:
        return Sight(Seen.DONE, now.where)
    return Sight(Seen.REQUESTED, "spec.paused is off, and the controller has not reacted")


def measured_again(before: View) -> Callable[[View], Sight]:
    """See a new AnalysisRun take the place of the one that could not decide."""

    def name(of: View) -> str:
        run = of.status.canary.current_step_analysis_run_status if of.status.canary else None
        return (run.name if run else None) or ""

    def seen(now: View) -> Sight:
        if (lost := _overtaken(before, now)) is not None:
            return lost
        if name(now) and name(now) != name(before):
            return Sight(Seen.DONE, f"{name(now)} measures")
        if now.index > before.index:
            return Sight(Seen.FAILED, f"it went on without measuring again: {now.where}")
        if now.pauses:
            return Sight(Seen.NOT_YET, now.where)
        return Sight(Seen.REQUESTED, "the pause is cleared, and no new analysis has started")

    return seen


def aborted(before: View) -> Callable[[View], Sight]:
    """See an abort taken up, and all traffic back on the stable version."""

    def seen(now: View) -> Sight:
        status = now.status
        if not status.abort:
            if now.promoted:
                return Sight(Seen.FAILED, "it was fully promoted before the abort took hold")
            return Sight(Seen.NOT_YET, now.where)
        new = now.message.startswith(ABORTED) or status.aborted_at != before.status.aborted_at
        if now.phase != "Degraded" or status.aborted_at is None or not new:
            return Sight(Seen.REQUESTED, f"abort is set, and it is still {now.where}")
        weights = status.canary.weights if status.canary else None
        weight = (weights.canary.weight if weights and weights.canary else 0) or 0
        if weight:
            return Sight(Seen.NOT_YET, f"aborted; the router still has {weight} for the canary")
        active = status.blue_green.active_selector if status.blue_green else None
        if before.blue_green and active and active != status.stable_rs:
            return Sight(Seen.NOT_YET, "aborted; the active service still selects the new version")
        return Sight(Seen.DONE, f"{now.message}; the stable version serves")

    return seen


def retried(before: View) -> Callable[[View], Sight]:
    """See an aborted update start again."""

    def seen(now: View) -> Sight:
        if now.status.current_pod_hash != before.status.current_pod_hash:
            return Sight(Seen.DONE, f"another version is wanted by now, and is not aborted: {now.image}")
        if now.status.abort:
            if now.status.aborted_at != before.status.aborted_at:
                return Sight(Seen.FAILED, f"aborted again: {now.message}")
            return Sight(Seen.NOT_YET, "still aborted")
        if now.phase == "Degraded" and now.message == before.message:
            return Sight(Seen.REQUESTED, "abort is off, and it is still Degraded")
        return Sight(Seen.DONE, now.where)

    return seen


def restarted(before: View, at: str) -> Callable[[View], Sight]:
    """See all pods replaced that are older than a moment."""

    def seen(now: View) -> Sight:
        wanted, done = now.spec.restart_at, now.status.restarted_at
        if wanted is None or wanted < datetime.fromisoformat(at):
            return Sight(Seen.NOT_YET, "spec.restartAt is not set")
        if not now.seen:
            return Sight(Seen.REQUESTED, "the controller has not seen the newest spec")
        if done == wanted and now.phase in ("Healthy", before.phase):
            return Sight(Seen.DONE, f"all pods are newer than {at}")
        return Sight(Seen.NOT_YET, now.message or now.where)

    return seen


def renewed(
    before: View, sent: tuple[str, ...] | None, *, to_stable: bool = False
) -> Callable[[View], Sight]:
    """See another template taken up as a new revision.

    ``sent`` are the images in the template that was sent; None where it went to another workload.
    """
    written = False

    def seen(now: View) -> Sight:
        nonlocal written
        images = now.rollout.images
        if sent is not None:
            as_before = _plain(now.raw_template) == _plain(before.raw_template)
            if as_before or images != sent:
                said = "as before" if as_before else "another by now"
                missing = Seen.OVERWRITTEN if written else Seen.NOT_YET if as_before else Seen.FAILED
                return Sight(missing, f"the template is {said}: {now.image}")
            written = True
        if not now.seen or now.status.current_pod_hash == before.status.current_pod_hash:
            word = Seen.REQUESTED if sent is not None else Seen.NOT_YET
            return Sight(word, "the controller has not taken up the template")
        if now.revision <= before.revision:
            return Sight(Seen.REQUESTED, f"still revision {now.revision}")
        if to_stable and now.phase != "Healthy":
            return Sight(Seen.NOT_YET, f"revision {now.revision}: {now.where}")
        wanted = f" {shortly(images)}" if images else ""
        return Sight(Seen.DONE, f"revision {now.revision}{wanted}: {now.where}")

    return seen


def _plain(value: Any) -> Any:
    """Leave out what is empty: the controller writes ``resources: {}`` into every container."""
    if isinstance(value, dict):
        made = {key: _plain(one) for key, one in value.items()}
        return {key: one for key, one in made.items() if one not in (None, {}, [])}
    return [_plain(one) for one in value] if isinstance(value, list) else value
