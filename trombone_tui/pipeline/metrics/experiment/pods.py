"""The pods of an Experiment's templates, asked for by the hash label of each ReplicaSet.

A ReplicaSet is called ``<experiment>-<template>``: ``argo-rollouts@v1.9.1:experiments/replicaset.go``. Its
hash is looked up there, for the status has it only where the template has a Service.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from trombone_tui.core.objects.apps import REPLICA_SET, ReplicaSet
from trombone_tui.core.objects.argo_rollouts import HASH_LABEL
from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.objects.experiments import Experiment
from trombone_tui.core.objects.pods import POD, Pod
from trombone_tui.core.questions import LogSource, Objects
from trombone_tui.core.stage import Around
from trombone_tui.pipeline.metrics.experiment.trial import Side, Trial, trial

_GONE = "gone with its pods; they are taken away soon after an Experiment has ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a template was made into, as far as it is known."""

    name: str
    """What its ReplicaSet is called."""
    found: ReplicaSet | None = None
    pods: tuple[Pod, ...] = ()
    missing: str = ""
    """Why there is no ReplicaSet, or why its pods can't be seen; empty while that is asked."""


def made(of: Trial, side: Side, around: Around) -> Made:
    """Ask for a template's ReplicaSet and its pods."""
    meta = of.experiment.metadata
    name, namespace = f"{meta.name}-{side.name}", meta.namespace
    answer = around.ask(Objects.named(REPLICA_SET, namespace, name))
    sets = [one for one in answer.value or () if isinstance(one, ReplicaSet) and one.metadata.name == name]
    mine = [one for one in sets if (o := one.metadata.owner("Experiment")) and o.uid in (None, meta.uid)]
    if not mine:
        if answer.trouble is not None:
            return Made(name=name, missing=str(answer.trouble))
        return Made(name=name, missing="" if answer.value is None else "not there")
    found = mine[0]
    asked = around.ask(
        Objects(
            kind=POD.narrowed(selector=f"{HASH_LABEL}={found.metadata.label(HASH_LABEL)}"),
            namespace=namespace,
        )
    )
    pods = [one for one in asked.value or () if isinstance(one, Pod) and _owned(one, found)]
    return Made(
        name=name,
        found=found,
        pods=tuple(sorted(pods, key=lambda one: one.metadata.name)),
        missing=str(asked.trouble) if asked.trouble is not None else "",
    )


def _owned(pod: Pod, by: ReplicaSet) -> bool:
    """Say whether a pod is a ReplicaSet's own: the Rollout's may have the same hash."""
    owner = pod.metadata.owner("ReplicaSet")
    return owner is not None and owner.uid == by.metadata.uid


def experiment_logs(experiment: Experiment, ref: Ref, around: Around) -> tuple[LogSource, ...]:
    """Name the containers of an Experiment's pods, those that are broken first."""
    of = trial(experiment, around)
    found = [source for side in of.sides for source in _sources(of, side, ref, around)]
    return tuple(sorted(found, key=lambda source: not source.failed))


def _sources(of: Trial, side: Side, ref: Ref, around: Around) -> Iterator[LogSource]:
    there = made(of, side, around)
    if there.missing and not there.pods:
        gone = (
            f"ReplicaSet {there.name}: {there.missing}" if there.found is None else f"pods: {there.missing}"
        )
        yield LogSource(label=side.name, namespace=ref.namespace, pod=there.name, gone=gone)
        return
    if of.finished and there.found is not None and not there.pods:
        yield LogSource(label=side.name, namespace=ref.namespace, pod=there.name, gone=_GONE)
    for pod in there.pods:
        short = pod.metadata.name.removeprefix(f"{there.name}-")
        for at, container in enumerate(pod.containers):
            yield LogSource(
                label=f"{side.name} {short}{f' {container}' if at else ''}",
                namespace=ref.namespace,
                pod=pod.metadata.name,
                container=container,
                failed=pod.health is Health.DEGRADED,
                restarts=pod.restarts_of(container),
            )
