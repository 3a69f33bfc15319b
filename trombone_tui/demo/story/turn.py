"""One look of the Rollouts controller at one Rollout: what is stored, what will be written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from trombone_tui.demo.clock import stamp
from trombone_tui.demo.story.conditions import conclude, describe
from trombone_tui.demo.story.hashes import template_hash
from trombone_tui.demo.story.world import Actor, World, owner

Object = dict[str, Any]

ROLLOUTS = "rollouts.argoproj.io"
REPLICA_SETS = "replicasets.apps"
HASH = "rollouts-pod-template-hash"
REVISION = "rollout.argoproj.io/revision"
DEADLINE = "scale-down-deadline"
SCALE_DOWN_SECONDS = 30.0


class Known:
    """ReplicaSets as they were read last: one that has not changed is not read again."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], tuple[int, Object]] = {}

    def get(self, api: Actor, namespace: str, name: str) -> Object | None:
        """Return a ReplicaSet, which must not be changed; None if it is gone."""
        version, key = api.version(REPLICA_SETS, namespace, name), (namespace, name)
        if version is None:
            self._found.pop(key, None)
            return None
        before = self._found.get(key)
        if before is not None and before[0] == version:
            return before[1]
        found = api.get(REPLICA_SETS, namespace, name)
        if found is not None:
            self._found[key] = (version, found)
        return found


class Turn:
    """A Rollout as stored, its ReplicaSets by hash, and a status that is written at the end if it differs."""

    def __init__(
        self, world: World, api: Actor, rollout: Object, names: Mapping[str, str], known: Known
    ) -> None:
        self.world, self.api, self.rollout = world, api, rollout
        self.old: Object = rollout.get("status") or {}
        self.status: Object = copied(self.old)
        self.now = world.stamp
        self.hash = hash_of(rollout)
        self.wake: float | None = None
        """Seconds until the Rollout must be looked at again even if nothing changes."""
        found = {pod_hash: known.get(api, self.namespace, name) for pod_hash, name in names.items()}
        self.sets = {pod_hash: one for pod_hash, one in found.items() if one is not None}

    @property
    def namespace(self) -> str:
        """The Rollout's namespace."""
        return str(self.rollout["metadata"]["namespace"])

    @property
    def name(self) -> str:
        """The Rollout's name, which is the service's."""
        return str(self.rollout["metadata"]["name"])

    @property
    def revision(self) -> int:
        """The revision in the Rollout's annotation; 0 if there is none yet."""
        return int((self.rollout["metadata"].get("annotations") or {}).get(REVISION, "0"))

    @property
    def wanted(self) -> int:
        """``spec.replicas``."""
        return int(self.rollout["spec"].get("replicas", 1))

    @property
    def promoted(self) -> bool:
        """Whether the newest template is the stable one."""
        return bool(self.status.get("stableRS") == self.hash)

    @property
    def image(self) -> str:
        """The image of the newest template's first container."""
        return str(self.rollout["spec"]["template"]["spec"]["containers"][0]["image"])

    def event(self, reason: str, message: str, *, warning: bool = False) -> None:
        """Record an Event about the Rollout."""
        self.api.event(self.rollout, reason, message, warning=warning)

    def available(self, pod_hash: str) -> int:
        """Return how many pods of a ReplicaSet are available."""
        return int((self.sets.get(pod_hash, {}).get("status") or {}).get("availableReplicas", 0))

    def scale(self, pod_hash: str, replicas: int) -> bool:
        """Have a ReplicaSet scaled; return whether it was not so already."""
        replica_set = self.sets.get(pod_hash)
        if replica_set is None or replica_set["spec"].get("replicas") == replicas:
            return False
        before, name = replica_set["spec"].get("replicas", 0), replica_set["metadata"]["name"]

        def edit(obj: Object) -> None:
            obj["spec"]["replicas"] = replicas
            obj["metadata"]["annotations"].pop(DEADLINE, None)

        if edited := self.api.edit(REPLICA_SETS, self.namespace, name, edit):
            self.sets[pod_hash] = edited.object()
        way = "up" if replicas > before else "down"
        revision = replica_set["metadata"]["annotations"][REVISION]
        self.event(
            "ScalingReplicaSet",
            f"Scaled {way} ReplicaSet {name} (revision {revision}) from {before} to {replicas}",
        )
        return True

    def scale_down_later(self, pod_hash: str) -> None:
        """Mark a ReplicaSet for removal of its pods; remove them when the deadline has passed."""
        replica_set = self.sets.get(pod_hash)
        if replica_set is None or not replica_set["spec"].get("replicas"):
            return
        deadline = replica_set["metadata"]["annotations"].get(DEADLINE)
        if deadline is None:
            until = stamp(self.world.now + timedelta(seconds=SCALE_DOWN_SECONDS))
            name = replica_set["metadata"]["name"]
            self.api.edit(
                REPLICA_SETS,
                self.namespace,
                name,
                lambda obj: obj["metadata"]["annotations"].update({DEADLINE: until}),
            )
            self.wake = SCALE_DOWN_SECONDS + 1
        elif (left := self.seconds_until(deadline)) > 0:
            self.wake = left + 0.5
        else:
            self.scale(pod_hash, 0)

    def keep(self, pod_hash: str) -> None:
        """Take back the mark for removal."""
        replica_set = self.sets.get(pod_hash)
        if replica_set and DEADLINE in replica_set["metadata"]["annotations"]:
            self.api.edit(
                REPLICA_SETS,
                self.namespace,
                replica_set["metadata"]["name"],
                lambda obj: obj["metadata"]["annotations"].pop(DEADLINE, None),
            )

    def seconds_until(self, moment: str) -> float:
        """Return the seconds until a moment as Kubernetes writes it."""
        return (parse(moment) - self.world.now).total_seconds()

    def count(self) -> None:
        """Bring the status' counts in line with the ReplicaSets."""
        totals = dict.fromkeys(("replicas", "readyReplicas", "availableReplicas"), 0)
        for one in self.sets.values():
            for key in totals:
                totals[key] += (one.get("status") or {}).get(key, 0)
        updated = (self.sets.get(self.hash, {}).get("status") or {}).get("replicas", 0)
        for key, value in {**totals, "updatedReplicas": updated, "HPAReplicas": totals["replicas"]}.items():
            self.status.pop(key, None)
            if value:
                self.status[key] = value

    def switch(self, service: str, pod_hash: str) -> None:
        """Point a Service at a ReplicaSet's pods."""
        stored = self.api.get("services", self.namespace, service)
        if stored is None or (before := stored["spec"]["selector"].get(HASH, "")) == pod_hash:
            return

        def edit(obj: Object) -> None:
            obj["spec"]["selector"][HASH] = pod_hash
            obj["metadata"].setdefault("annotations", {})["argo-rollouts.argoproj.io/managed-by-rollouts"] = (
                self.name
            )

        self.api.edit("services", self.namespace, service, edit)
        self.event(
            "SwitchService", f"Switched selector for service '{service}' from '{before}' to '{pod_hash}'"
        )

    def write(self, *, concluded: bool = True) -> None:
        """Write the status if it differs; ``concluded`` also settles the conditions that follow from it."""
        if concluded:
            conclude(self.rollout, self.status, old=self.old, now=self.now)
        describe(self.rollout, self.status)
        status = self.status
        if status != self.old:
            self.api.edit_status(
                ROLLOUTS, self.namespace, self.name, lambda obj: obj.update({"status": status})
            )


def new_replica_set(turn: Turn, revision: int) -> Object:
    """Return the ReplicaSet of a Rollout's newest template, without pods yet."""
    rollout = turn.rollout
    template = copied(rollout["spec"]["template"])
    labels = {**template["metadata"]["labels"], HASH: turn.hash}
    template["metadata"]["labels"] = labels
    template["spec"] |= {
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "securityContext": {},
        "schedulerName": "default-scheduler",
    }
    selector = {**rollout["spec"]["selector"]["matchLabels"], HASH: turn.hash}
    notes = {
        key: value
        for key, value in (rollout["metadata"].get("annotations") or {}).items()
        if not key.startswith("rollout.argoproj.io/")
    }
    return {
        "metadata": {
            "name": f"{turn.name}-{turn.hash}",
            "namespace": turn.namespace,
            "labels": labels,
            "annotations": notes
            | {"rollout.argoproj.io/desired-replicas": str(turn.wanted), REVISION: str(revision)},
            "ownerReferences": [owner(rollout)],
        },
        "spec": {"replicas": 0, "selector": {"matchLabels": selector}, "template": template},
        "status": {"replicas": 0},
    }


def hash_of(rollout: Mapping[str, Any]) -> str:
    """Return the hash of a Rollout's template, whether the controller has filled in its defaults or not."""
    template = rollout["spec"]["template"]
    containers = [{"resources": {}, **one} for one in template["spec"]["containers"]]
    return template_hash({**template, "spec": {**template["spec"], "containers": containers}})


def copied(obj: Any) -> Any:
    """Return a deep copy of something that is JSON."""
    return msgspec.json.decode(msgspec.json.encode(obj))


def parse(moment: str) -> datetime:
    """Read a time as Kubernetes writes it."""
    return datetime.strptime(moment, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
