"""The logs that tell of a Rollout: the canary's or preview's pods first, then those that are live."""

from __future__ import annotations

from collections.abc import Iterator

from trombone_tui.core.objects.apps import ReplicaSet
from trombone_tui.core.objects.argo_rollouts import Rollout
from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.objects.pods import Pod
from trombone_tui.core.questions import LogSource
from trombone_tui.core.stage import Around
from trombone_tui.pipeline.rollout.progress import Progress, progress
from trombone_tui.pipeline.rollout.trouble import short_name

_INJECTED = ("istio-proxy", "linkerd-proxy", "envoy", "envoy-sidecar", "daprd", "vault-agent", "kuma-sidecar")
"""Containers that a mesh or an injector adds; so is any that the template does not have."""


def rollout_logs(rollout: Rollout, ref: Ref, around: Around) -> tuple[LogSource, ...]:
    """Name the containers of a Rollout's pods, those that crash first and injected ones last."""
    of = progress(rollout, around)
    found = [source for word, one in _sides(of) for source in _sources(of, word, one)]
    if not found and (trouble := of.family.pods_asked.trouble) and not of.family.pods_seen:
        return (LogSource(label="pods", namespace=ref.namespace, pod="", gone=str(trouble)),)
    return tuple(source for _, source in sorted(found, key=lambda pair: pair[0]))


def _sides(of: Progress) -> Iterator[tuple[str, ReplicaSet]]:
    """Name the ReplicaSets that matter, what is on its way first, and what each is called."""
    named: dict[str, str] = {}
    for word, side in (
        ("preview", of.preview),
        ("new" if of.strategy == "blue-green" else "canary", of.new),
        ("active", of.active),
        ("stable", of.stable),
    ):
        if side is not None:
            named.setdefault(side.hash, word)
    for of_hash, word in named.items():
        found = of.family.of_hash(of_hash)
        if found is not None:
            yield word, found


_Rank = tuple[bool, bool, bool, int, str, int]


def _sources(of: Progress, word: str, found: ReplicaSet) -> Iterator[tuple[_Rank, LogSource]]:
    template = found.spec.template.spec if found.spec and found.spec.template else None
    own = {one.name for one in (template.containers if template else None) or ()}
    for pod in of.family.pods(found):
        bad = pod.health is Health.DEGRADED
        live = word in ("active", "stable")
        for at, name in enumerate(_containers(pod)):
            injected = name in _INJECTED or (bool(own) and name in pod.containers and name not in own)
            restarts = pod.restarts_of(name)
            source = LogSource(
                label=f"{word} {short_name(pod)}{f' {name}' if at else ''}",
                namespace=pod.metadata.namespace,
                pod=pod.metadata.name,
                container=name,
                failed=bad and not injected,
                restarts=restarts,
            )
            yield (injected, live, not bad, -restarts, pod.metadata.name, at), source


def _containers(pod: Pod) -> tuple[str, ...]:
    """Name a pod's containers, and before them the one that prepares while it is not through."""
    first = pod.preparing
    began = first is not None and first.state is not None and first.state.waiting is None
    again = first is not None and bool(first.restart_count)
    prepares = (first.name,) if first is not None and first.name and (began or again) else ()
    return (*prepares, *pod.containers)
