"""What is wrong with a Rollout's pods, in one clause."""

from __future__ import annotations

from collections.abc import Iterable

from trombone_tui.core.objects.apps import ReplicaSet
from trombone_tui.core.objects.basics import Health, condition
from trombone_tui.core.objects.phrases import counted, one_line, shortened
from trombone_tui.core.objects.pods import ContainerStatus, Pod
from trombone_tui.pipeline.rollout.progress import Progress

_LONGEST = 120


def pod_trouble(of: Progress, *, waiting: bool = False) -> str:
    """Name the worst pod and what it has; empty when none has anything, or they can't be seen.

    The new template's pods come first. With ``waiting`` also those that only are not ready yet are told.
    """
    for word, found in _concerned(of):
        pods = [one for one in of.family.pods(found) if one.health is Health.DEGRADED or unscheduled(one)]
        if not pods and waiting:
            pods = [one for one in of.family.pods(found) if one.why]
        if pods:
            worst = max(pods, key=lambda one: (one.health.badness, one.restarts, one.metadata.name))
            more = f" and {len(pods) - 1} more" if len(pods) > 1 else ""
            return f"{word} {short_name(worst)}{more}: {pod_words(worst)}"
    return ""


def short_name(pod: Pod) -> str:
    """Name a pod by what tells it from its siblings: ``x2f8k``."""
    owner = pod.metadata.owner("ReplicaSet")
    return pod.metadata.name.removeprefix(f"{owner.name}-" if owner else "") or pod.metadata.name


def pod_words(pod: Pod) -> str:
    """Say what a pod has, with its restarts and its last end: ``CrashLoopBackOff, 18 restarts, …``."""
    for one in pod.statuses:
        if one.waiting is not None and (one.waiting.reason or "").endswith("BackOff"):
            if one.restart_count:
                return _restarted(one, one.waiting.reason or "")
            break
    text = shortened(one_line(pod.why).rstrip("."), _LONGEST)
    return f"{text}, {counted(pod.restarts, 'restart')}" if pod.restarts else text


def unscheduled(pod: Pod) -> bool:
    """Whether no node takes the pod."""
    found = condition(pod.status.conditions if pod.status else None, "PodScheduled")
    return found is not None and found.status == "False"


def _restarted(one: ContainerStatus, reason: str) -> str:
    last = f", last ended with {one.ended.words}" if one.ended else ""
    return f"container {one.name}: {reason}, {counted(one.restart_count or 0, 'restart')}{last}"


def _concerned(of: Progress) -> Iterable[tuple[str, ReplicaSet]]:
    """Name the ReplicaSets that matter, the new template's first, and what their pods are called."""
    new = "preview pod" if of.strategy == "blue-green" else "canary pod"
    sides = ((new, of.new), (new, of.preview), ("active pod", of.active), ("stable pod", of.stable))
    for word, side in sides:
        found = of.family.of_hash(side.hash) if side is not None else None
        if found is not None:
            yield ("pod" if of.new is None else word), found
