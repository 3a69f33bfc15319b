"""The pods that run an EventSource, Sensor or EventBus: what keeps one from running, and its logs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from trombone_tui.core.objects.apps import Deployment, StatefulSet
from trombone_tui.core.objects.basics import EARLIEST, Health, Kind
from trombone_tui.core.objects.durations import stamp
from trombone_tui.core.objects.event_pods import EVENT_POD, MAIN, EventPod
from trombone_tui.core.objects.phrases import counted, shortened
from trombone_tui.core.objects.pods import ContainerStatus
from trombone_tui.core.questions import LogSource
from trombone_tui.core.stage import Around, Branch, Key, Source, Tree

_LONGEST = 160


def pod_keys(pod: EventPod) -> tuple[Key, ...]:
    """Name what a pod runs."""
    runs = pod.runs
    return ((runs[0], pod.metadata.namespace, runs[1]),) if runs else ()


def pod_facts(pod: EventPod) -> object:
    """Return what rows read of a pod."""
    ended = pod.last_ended
    return (pod.ready, pod.health, pod.why, pod.restarts, ended and (ended[1].words, ended[1].finished_at))


def holding(pods: Sequence[EventPod]) -> EventPod | None:
    """Return the pod that says best what is wrong: the worst, of equals the newest; not one that goes."""
    told = [pod for pod in pods if pod.why and pod.metadata.deletion_timestamp is None]
    return max(told, key=lambda pod: (pod.health.badness, _age(pod)), default=None)


def restarts(pods: Iterable[EventPod]) -> str:
    """Say how often pods that run now were started anew, and how it last ended."""
    most = max(pods, key=lambda pod: pod.restarts, default=None)
    if most is None or not most.restarts:
        return ""
    ended = most.last_ended
    how = f", last {ended[1].words}" if ended else ""
    when = f" on {stamp(ended[1].finished_at)}" if ended and ended[1].finished_at else ""
    return f", started anew {counted(most.restarts, 'time')}{how}{when}: its log says why"


def short_name(pod: EventPod) -> str:
    """Write a pod's name by its last part: ``pod x2f8k``."""
    return f"pod {pod.metadata.name.rpartition('-')[2] or '?'}"


def runs_tree(kind: Kind, key: Key, around: Around) -> tuple[Tree, ...]:
    """Show what runs it: Deployment or StatefulSet, pods, containers."""
    workloads = around.linked(kind, key)
    pods: list[EventPod] = sorted(around.linked(EVENT_POD, key), key=_age, reverse=True)
    if not pods and not around.visible(EVENT_POD):
        told: tuple[Branch, ...] = (
            Branch(text="its pods are not visible: only the numbers above are known", health=Health.UNKNOWN),
        )
    elif not pods:
        told = (Branch(text="no pod", health=Health.MISSING),)
    else:
        told = tuple(map(_pod, pods))
    if not workloads:
        return (Tree("Runs", told),) if pods else ()
    first, *others = sorted(workloads, key=lambda one: one.metadata.name)
    return (Tree("Runs", (_workload(first, told), *(_workload(one, ()) for one in others))),)


def _workload(one: Deployment | StatefulSet, pods: tuple[Branch, ...]) -> Branch:
    kind = "Deployment" if isinstance(one, Deployment) else "StatefulSet"
    template = one.spec.template if one.spec else None
    images = ", ".join(template.images) if template else ""
    return Branch(text=f"{kind} {one.metadata.name}", note=images, branches=pods)


def _pod(pod: EventPod) -> Branch:
    note = pod.why or ("ready" if pod.ready else "state unknown")
    return Branch(
        text=f"pod {pod.metadata.name}",
        note=shortened(note, 2 * _LONGEST),
        health=pod.health,
        branches=tuple(map(_container, pod.statuses)),
    )


def _container(one: ContainerStatus) -> Branch:
    state = one.state
    if state and state.running:
        words = f"runs since {stamp(state.running.started_at)}" if state.running.started_at else "runs"
    elif one.waiting:
        words = f"waits: {one.waiting.reason or 'no reason given'}"
    else:
        words = f"ended: {one.ended.words}" if one.ended else "not known"
    again = f", started anew {counted(one.restart_count, 'time')}" if one.restart_count else ""
    last = one.last_state.terminated if one.last_state else None
    how = f", before: {last.words}" if last else ""
    health = Health.HEALTHY if one.ready else None
    return Branch(text=f"{one.name or '?'}: {words}{again}{how}", health=health)


def pod_logs(key: Key, around: Around) -> tuple[LogSource, ...]:
    """Name the logs of its pods: those in trouble first, then the newest."""
    kind, namespace, _ = key
    pods: list[EventPod] = list(around.linked(EVENT_POD, key))
    if not pods and not around.visible(EVENT_POD):
        gone = f"its pods are not visible; ask for the right to list pods in namespace {namespace}"
        return (LogSource(label=kind.lower(), namespace=namespace, pod="", container=MAIN, gone=gone),)
    pods.sort(key=_age, reverse=True)
    pods.sort(key=lambda pod: (pod.health.badness, pod.restarts), reverse=True)
    return tuple(
        LogSource(
            label=f"{kind.lower()} {pod.metadata.name.rpartition('-')[2]}",
            namespace=namespace,
            pod=pod.metadata.name,
            container=MAIN,
            failed=pod.health is Health.DEGRADED,
            restarts=pod.restarts_of(MAIN),
        )
        for pod in pods
    )


def _age(pod: EventPod) -> datetime:
    return pod.metadata.creation_timestamp or EARLIEST


EVENT_PODS = Source(kind=EVENT_POD, keys=pod_keys, shared=pod_facts)
