"""The Rollouts controller: a new template becomes a ReplicaSet, and its strategy takes it on from there."""

from __future__ import annotations

from typing import Any

from trombone_tui.demo.story import bluegreen, canary
from trombone_tui.demo.story.analysis import RESOURCE as ANALYSIS_RUNS
from trombone_tui.demo.story.analysis import terminate
from trombone_tui.demo.story.conditions import describe, note_pause, settle
from trombone_tui.demo.story.hashes import template_hash
from trombone_tui.demo.story.queue import Key, Queue, owner_key
from trombone_tui.demo.story.turn import REPLICA_SETS, REVISION, ROLLOUTS, Known, Turn, new_replica_set
from trombone_tui.demo.story.world import Actor, World

Object = dict[str, Any]

HISTORY = "rollout.argoproj.io/revision-history"


class Rollouts:
    """Looks at a Rollout whenever it, its ReplicaSets or its AnalysisRuns change.

    Users' writes (pause, promote, abort, retry, another image) are changes like any other.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._api = Actor(world, "rollouts-controller")
        self._names: dict[Key, dict[str, str]] = {}
        self._known = Known()
        self._queue = Queue(world, self._reconcile, delay=0.06)
        self._queue.follow(ROLLOUTS)
        self._queue.follow(REPLICA_SETS, owner_key("Rollout"))
        self._queue.follow(ANALYSIS_RUNS, owner_key("Rollout"))

    def _reconcile(self, key: Key) -> None:
        rollout = self._api.get(ROLLOUTS, *key)
        if rollout is None:
            self._names.pop(key, None)
            return
        turn = Turn(self._world, self._api, rollout, self._names.setdefault(key, {}), self._known)
        if turn.hash not in turn.sets:
            self._adopt(turn, key)
        elif turn.status.get("currentPodHash") != turn.hash:
            self._begin(turn)
        elif not self._note_pause(turn):
            (canary if "canary" in rollout["spec"]["strategy"] else bluegreen).advance(turn)
        if turn.wake is not None:
            self._queue.add(key, turn.wake)

    def _adopt(self, turn: Turn, key: Key) -> None:
        """Make the ReplicaSet of a template that has none."""
        revision = turn.revision + 1
        made = self._api.create(REPLICA_SETS, new_replica_set(turn, revision))
        if made is None:
            return
        self._names[key][turn.hash] = made["metadata"]["name"]
        if revision == 1:
            place = f"{turn.namespace}/{turn.name}"
            turn.event("RolloutAddedToInformer", f"Rollout resource added to informer: {place}")
        self._number(turn, revision)
        turn.event(
            "NewReplicaSetCreated", f"Created ReplicaSet {made['metadata']['name']} (revision {revision})"
        )
        status = turn.status
        message = f'Created new replica set "{made["metadata"]["name"]}"'
        settle(status, "Progressing", "True", "NewReplicaSetCreated", message, turn.now, renew=True)
        self._api.edit_status(ROLLOUTS, turn.namespace, turn.name, lambda obj: obj.update({"status": status}))

    def _begin(self, turn: Turn) -> None:
        """Start over with the newest template: pauses, an abort and analyses of the one before are gone."""
        if turn.sets[turn.hash]["metadata"]["annotations"][REVISION] != str(turn.revision):
            self._reuse(turn)
        status, steps = turn.status, turn.rollout["spec"]["strategy"].get("canary", {}).get("steps", [])
        stale = ("pauseConditions", "controllerPause", "abort", "abortedAt", "promoteFull", "updatedReplicas")
        for key in stale:
            status.pop(key, None)
        terminate(turn)
        status.get("canary", {}).pop("currentStepAnalysisRunStatus", None)
        status["currentPodHash"] = turn.hash
        if "canary" in turn.rollout["spec"]["strategy"]:
            first = not status.get("stableRS")
            skip = first or status["stableRS"] == turn.hash
            if skip and not first:
                turn.event("SkipSteps", f"Rollback to stable ReplicaSets: skipped {len(steps)} steps")
            status["currentStepIndex"] = len(steps) if skip else 0
            status["currentStepHash"] = template_hash({"steps": steps})
        status["observedGeneration"] = str(turn.rollout["metadata"]["generation"])
        labels = turn.rollout["spec"]["selector"]["matchLabels"]
        selector = ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
        if "blueGreen" not in turn.rollout["spec"]["strategy"] or "selector" not in status:
            status["selector"] = selector
        status.setdefault("blueGreen", {})
        status.setdefault("canary", {})
        self._world.traffic.release(turn.name, self._world.now, self._world.quality(turn.image))
        turn.event(
            "RolloutNotCompleted",
            f"Rollout not completed, started update to revision {turn.revision} ({turn.hash})",
        )
        turn.write()

    def _reuse(self, turn: Turn) -> None:
        """Give a ReplicaSet that existed before a new number, as going back to an older template does."""
        name = turn.sets[turn.hash]["metadata"]["name"]
        before = turn.sets[turn.hash]["metadata"]["annotations"]
        revision = max(int(one["metadata"]["annotations"][REVISION]) for one in turn.sets.values()) + 1
        was = [number for number in (before.get(HISTORY), before[REVISION]) if number]
        change = {REVISION: str(revision), HISTORY: ",".join(was)}
        edited = self._api.edit(
            REPLICA_SETS,
            turn.namespace,
            name,
            lambda obj: obj["metadata"]["annotations"].update(change),
        )
        if edited:
            turn.sets[turn.hash] = edited.object()
        self._number(turn, revision)

    def _number(self, turn: Turn, revision: int) -> None:
        def edit(obj: Object) -> None:
            obj["metadata"].setdefault("annotations", {})[REVISION] = str(revision)
            for container in obj["spec"]["template"]["spec"]["containers"]:
                container.setdefault("resources", {})

        if edited := self._api.edit(ROLLOUTS, turn.namespace, turn.name, edit):
            turn.rollout["metadata"] = edited.section("metadata")
        turn.event("RolloutUpdated", f"Rollout updated to revision {revision}")

    def _note_pause(self, turn: Turn) -> bool:
        """Bring the conditions in line with a pause that began or ended; return whether they were not."""
        note_pause(turn.rollout, turn.status, turn.now)
        if turn.status == turn.old:
            return False
        describe(turn.rollout, turn.status)
        status = turn.status
        self._api.edit_status(ROLLOUTS, turn.namespace, turn.name, lambda obj: obj.update({"status": status}))
        return True
