"""The ReplicaSet controller and the kubelet: as many pods as wanted, ready after a while."""

from __future__ import annotations

from typing import Any

from trombone_tui.demo.story import kubelet, pods
from trombone_tui.demo.story.arrivals import first_words
from trombone_tui.demo.story.crashes import Crashes
from trombone_tui.demo.story.hashes import suffix
from trombone_tui.demo.story.queue import Key, Queue, own_key
from trombone_tui.demo.story.world import Actor, Serving, World, owner

RESOURCE = "replicasets.apps"


class ReplicaSets:
    """Makes and removes pods as ``spec.replicas`` says, and counts them in ``status``."""

    def __init__(self, world: World, *, start: tuple[float, float] = (1.0, 3.0)) -> None:
        self._world = world
        self._api = Actor(world, "kube-controller-manager")
        self._events = Actor(world, "replicaset-controller")
        self._kubelet = Actor(world, "kubelet")
        self._crashing = Crashes(world)
        self._random = world.random("pods")
        self._start = start
        self._pods: dict[Key, dict[str, bool]] = {}
        self._addresses = 1
        self._queue = Queue(world, self._reconcile, delay=0.01)
        self._queue.follow(RESOURCE)

    def _reconcile(self, key: Key) -> None:
        replica_set = self._api.get(RESOURCE, *key)
        if replica_set is None:
            self._pods.pop(key, None)
            return
        have, want = self._pods.setdefault(key, {}), replica_set["spec"].get("replicas", 1)
        while len(have) > want:
            name = min(have, key=lambda pod: have[pod])
            del have[name]
            self._api.delete("pods", key[0], name)
            self._world.logs.forget(key[0], name)
            self._world.serving.pop((key[0], name), None)
            self._events.event(replica_set, "SuccessfulDelete", f"Deleted pod: {name}")
        for _ in range(want - len(have)):
            self._add(replica_set, have)
        self._api.edit_status(RESOURCE, *key, lambda obj: _count(obj, have))

    def _add(self, replica_set: dict[str, Any], have: dict[str, bool]) -> None:
        namespace, parent = own_key(replica_set)
        name = f"{parent}-{suffix(self._random)}"
        have[name] = False
        pod = pods.service_pod(name, replica_set, owner(replica_set))
        pods.schedule(pod, self._world.stamp)
        kubelet.scheduled(self._world, self._api.create("pods", pod))
        self._events.event(replica_set, "SuccessfulCreate", f"Created pod: {name}")
        self._world.after(self._random.uniform(*self._start), lambda: self._ready((namespace, parent), name))

    def _ready(self, key: Key, name: str) -> None:
        have = self._pods.get(key, {})
        if name not in have:
            return
        self._addresses += 1
        address = f"10.244.{self._addresses // 250 % 250}.{self._addresses % 250 + 1}"
        if self._crashes(key):
            self._crashing.begin(key[0], name, address)
            return
        have[name] = True
        now = self._world.stamp
        stored = self._kubelet.edit_status("pods", key[0], name, lambda obj: pods.run(obj, now, address))
        if stored is not None:
            pod = stored.object()
            container = pod["spec"]["containers"][0]["name"]
            kubelet.started(self._world, pod, container)
            self._greet(pod, container)
        self._api.edit_status(RESOURCE, *key, lambda obj: _count(obj, have))

    def _crashes(self, key: Key) -> bool:
        replica_set = self._api.get(RESOURCE, *key)
        containers = replica_set["spec"]["template"]["spec"]["containers"] if replica_set else ()
        return any(one["image"] in self._world.crashing for one in containers)

    def _greet(self, pod: dict[str, Any], container: str) -> None:
        """Let a container write its first words; what serves requests goes on writing."""
        namespace, name = own_key(pod)
        words = tuple(first_words(pod["metadata"]["labels"], self._world.now))
        if not words:
            image = pod["spec"]["containers"][0]["image"]
            words = (f"starting, version {image.rpartition(':')[2]}", "listening on :8080")
            self._world.serving[namespace, name] = Serving(container, image)
        for line in words:
            self._kubelet.log(namespace, name, container, line)


def _count(obj: dict[str, Any], have: dict[str, bool]) -> None:
    ready = sum(have.values())
    counts = {"fullyLabeledReplicas": len(have), "readyReplicas": ready, "availableReplicas": ready}
    obj["status"] = {
        "replicas": len(have),
        **{key: value for key, value in counts.items() if value},
        "terminatingReplicas": 0,
        "observedGeneration": obj["metadata"]["generation"],
    }
