"""What is left off by hand is in every snapshot, and a way back is worked out from what is watched."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hand import HandCluster, listed, stage, watching

from trombone_tui.core.objects.apps import REPLICA_SET, ReplicaSet
from trombone_tui.core.objects.argo_rollouts import ROLLOUT, Rollout
from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.ports import Batch, Refused
from trombone_tui.core.rollback import State
from trombone_tui.core.stage import Around, Fields, Item, Source
from trombone_tui.pipeline import PIPELINE


def read(_: Any, ref: Ref, __: Around) -> tuple[Item, ...]:
    joins = (f"Rollout/{ref.namespace}/{ref.name}",)
    return (Item(ref=ref, health=Health.HEALTHY, why="Read.", fields=Fields(), joins=joins),)


ONE, TWO = (stage(name, Source(kind=ROLLOUT, read=read)) for name in ("one", "two"))


def rollout(*, paused: bool = False, abort: bool = False) -> Rollout:
    meta = {"name": "api", "namespace": "shop", "uid": "u", "creationTimestamp": "2026-11-23T10:00:00Z"}
    status = {
        "phase": "Degraded" if abort else "Healthy",
        "abort": abort,
        "currentPodHash": "b",
        "stableRS": "a",
    }
    spec = {"paused": paused, "strategy": {"canary": {}}}
    return msgspec.convert({"metadata": meta, "spec": spec, "status": status}, Rollout)


def replica_set(name: str, image: str, revision: int) -> ReplicaSet:
    meta = {
        "name": f"api-{name}", "namespace": "shop", "uid": name,
        "labels": {"rollouts-pod-template-hash": name},
        "annotations": {"rollout.argoproj.io/revision": str(revision)},
        "ownerReferences": [{"kind": "Rollout", "name": "api", "uid": "u", "controller": True}],
    }  # fmt: skip
    template = {"spec": {"containers": [{"name": "api", "image": image}]}}
    made = {
        "metadata": meta,
        "spec": {"replicas": 1, "template": template},
        "status": {"availableReplicas": 1},
    }
    return msgspec.convert(made, ReplicaSet)


async def test_what_is_left_off_is_told_once_and_no_longer_than_it_is() -> None:
    cluster = HandCluster()
    async with watching([ONE, TWO], cluster) as seen:
        cluster.say(ROLLOUT, *listed(rollout()))
        await seen.until(lambda s: s.now.stages["two"].items)
        assert seen.now.reminders == ()
        cluster.say(ROLLOUT, Batch(put=(rollout(paused=True),)))
        await seen.until(lambda s: s.now.reminders)
        (reminder,) = seen.now.reminders
        assert (reminder.ref.name, reminder.verb) == ("api", "resume")
        cluster.say(ROLLOUT, Batch(put=(rollout(),)))
        await seen.until(lambda s: not s.now.reminders)


async def test_what_is_gone_is_not_reminded_of() -> None:
    cluster = HandCluster()
    async with watching([ONE], cluster) as seen:
        cluster.say(ROLLOUT, *listed(rollout(paused=True)))
        await seen.until(lambda s: s.now.reminders)
        cluster.say(ROLLOUT, Batch(gone=(rollout(),)))
        await seen.until(lambda s: not s.now.reminders)


async def test_a_way_back_is_worked_out_and_its_rights_are_asked() -> None:
    cluster = HandCluster()
    stages = [one for one in PIPELINE if one.name == "rollout"]
    async with watching(stages, cluster) as seen:
        for source in stages[0].sources:
            if source.kind is ROLLOUT:
                cluster.say(ROLLOUT, *listed(rollout(abort=True)))
            elif source.kind is REPLICA_SET:
                sets = (replica_set("a", "shop/api:1", 1), replica_set("b", "shop/api:2", 2))
                cluster.say(REPLICA_SET, *listed(*sets))
            else:
                cluster.say(source.kind, *listed())
        await seen.until(lambda s: s.now.services and s.now.settled)
        (key,) = seen.now.services
        plan = seen.live.rollback(key)
        assert (plan.bad, plan.good) == ("api:2", "api:1")
        assert plan.steps[0].state is State.DONE
        assert cluster.sent == []
        with pytest.raises(Refused, match="that service is gone"):
            seen.live.rollback("nothing")
