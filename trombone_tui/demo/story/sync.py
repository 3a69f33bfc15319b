"""Argo CD's application controller: compares with git at intervals, syncs, says how well things are.

Sources: ``argo-cd@v3.2.6:controller/appcontroller.go``, ``controller/sync.go``,
``resource_customizations/argoproj.io/Rollout/health.lua``.
"""

from __future__ import annotations

from typing import Any

from trombone_tui.demo.records import Record
from trombone_tui.demo.story.application import automated_operation, health_of, remember
from trombone_tui.demo.story.applying import apply, differing, resources_of
from trombone_tui.demo.story.queue import Key, Queue, owner_key
from trombone_tui.demo.story.services import ARGO_CD, ServicePlan
from trombone_tui.demo.story.targets import ROLLOUTS, targets
from trombone_tui.demo.story.world import Actor, World

Object = dict[str, Any]

RESOURCE = "applications.argoproj.io"
REPLICA_SETS = "replicasets.apps"
REFRESH = "argocd.argoproj.io/refresh"
INTERVAL = 45.0
HEALING = 1.0
"""Seconds from a change by hand to the sync that reverts it."""
APPLYING = 1.3
"""Seconds a sync takes until the objects are applied."""


class Applications:
    """Keeps the Applications of the planned services."""

    def __init__(self, world: World, plans: tuple[ServicePlan, ...]) -> None:
        self._world = world
        self._api = Actor(world, "argocd-application-controller")
        self._plans = {plan.name: plan for plan in plans}
        self._running: dict[str, dict[str, str]] = {}
        """Images of ReplicaSets that have pods, by Application and ReplicaSet."""
        self._syncing: set[str] = set()
        self._polled: dict[str, str] = {}
        self._random = world.random("sync")
        world.follow(REPLICA_SETS, self._replica_set)
        self._health = Queue(world, self._look, delay=0.4)
        self._health.follow(ROLLOUTS)
        self._asked = Queue(world, self._obey, delay=0.1)
        self._asked.follow(RESOURCE)

    def begin(self, name: str, offset: float) -> None:
        """Compare an Application with git from now on."""
        self._world.after(offset, lambda: self._poll(name))

    def _poll(self, name: str) -> None:
        self._world.after(INTERVAL + self._random.uniform(0, 10), lambda: self._poll(name))
        head = self._world.config.head(name)
        if self._world.lively or self._polled.get(name) != head:
            self._polled[name] = head
            self.refresh(name)

    def refresh(self, name: str) -> None:
        """Compare an Application with the newest commit; sync it if it differs and may be synced."""
        app = self._api.get(RESOURCE, ARGO_CD, name)
        if app is None or name in self._syncing:
            return
        head, plan = self._world.config.head(name), self._plans[name]
        differs = differing(self._api, plan, self._world.config.wanted(name))
        status = app.get("status", {}).get("sync", {}).get("status", "")
        if not differs:
            refreshed = REFRESH in (app["metadata"].get("annotations") or {})
            if self._world.lively or refreshed or status != "Synced":
                self._edit(name, lambda obj: self._compared(obj, head, "Synced"))
            return
        automated = app["spec"].get("syncPolicy", {}).get("automated")
        if automated is not None and automated.get("enabled", True):
            self._start(app, plan, automated_operation(app, head))
        else:
            self._tell_sync(app, status, "OutOfSync")
            self._edit(name, lambda obj: self._compared(obj, head, "OutOfSync"))
            self._world.end(name)

    def _start(self, app: Object, plan: ServicePlan, operation: Object) -> None:
        """Begin an automated sync."""
        self._syncing.add(plan.name)
        revision = operation["sync"]["revision"]

        def begin(obj: Object) -> None:
            obj["operation"] = operation
            obj.setdefault("status", {}).pop("operationState", None)

        self._edit(plan.name, begin)
        self._tell(app, "OperationStarted", f"Initiated automated sync to [{revision}]")
        before = app.get("status", {}).get("sync", {}).get("status", "")
        self._tell_sync(app, before, "OutOfSync")
        self._world.after(
            0.03, lambda: self._edit(plan.name, lambda obj: self._compared(obj, revision, "OutOfSync"))
        )
        self._world.after(0.06, lambda: self._run(plan, operation))

    def _run(self, plan: ServicePlan, operation: Object) -> None:
        """Show the operation as running, then apply the objects."""
        self._syncing.add(plan.name)
        state = {"operation": operation, "phase": "Running", "startedAt": self._world.stamp}
        self._edit(plan.name, lambda obj: obj.setdefault("status", {}).update({"operationState": state}))
        self._world.after(APPLYING, lambda: self._apply(plan, state))

    def _apply(self, plan: ServicePlan, state: Object) -> None:
        sync = state["operation"]["sync"]
        revision = sync.get("revision") or self._world.config.head(plan.name)
        tag = self._world.config.wanted(plan.name, revision) or self._world.config.wanted(plan.name)
        wanted = targets(plan, tag, self._world.places.prometheus)
        results = [apply(self._api, plan, *one) for one in wanted]
        self._world.after(0.35, lambda: self._applied(plan, revision))
        self._world.after(0.65, lambda: self._finish(plan, state, revision, results))

    def _applied(self, plan: ServicePlan, revision: str) -> None:
        """Compare again: what was applied is in sync now."""
        app = self._edit(plan.name, lambda obj: self._compared(obj, revision, "Synced", reconciled=False))
        if app is not None:
            self._tell_sync(app.object(), "OutOfSync", "Synced")
            self._look((plan.namespace, plan.name))

    def _finish(self, plan: ServicePlan, state: Object, revision: str, results: list[Object]) -> None:
        now = self._world.stamp
        if "resources" not in state["operation"]["sync"]:
            self._edit(plan.name, lambda obj: remember(obj, state, revision, now))
        done = {
            **state,
            "finishedAt": now,
            "message": "successfully synced (all tasks run)",
            "phase": "Succeeded",
            "syncResult": {"resources": results, "revision": revision},
        }

        def end(obj: Object) -> None:
            obj.pop("operation", None)
            done["syncResult"]["source"] = obj["spec"]["source"]
            obj["status"]["operationState"] = done

        app = self._edit(plan.name, end)
        self._syncing.discard(plan.name)
        if app is not None:
            what = "Partial sync" if "resources" in state["operation"]["sync"] else "Sync"
            self._tell(app.object(), "OperationCompleted", f"{what} operation to {revision} succeeded")
            self._edit(plan.name, lambda obj: self._compared(obj, revision, "Synced"))

    def _compared(self, obj: Object, revision: str, word: str, *, reconciled: bool = True) -> None:
        """Write the outcome of a comparison."""
        plan, spec = self._plans[obj["metadata"]["name"]], obj["spec"]
        wanted = self._world.config.wanted(plan.name, revision)
        differs = differing(self._api, plan, wanted) if word == "OutOfSync" else set()
        (obj["metadata"].get("annotations") or {}).pop(REFRESH, None)
        status = obj.setdefault("status", {})
        status.setdefault("health", {"lastTransitionTime": self._world.stamp, "status": "Missing"})
        status |= {
            "controllerNamespace": ARGO_CD,
            "resourceHealthSource": "appTree",
            "resources": resources_of(plan, differs),
            "sourceHydrator": {},
            "sourceType": "Kustomize",
            "sync": {
                "comparedTo": {"destination": spec["destination"], "source": spec["source"]},
                "revision": revision,
                "status": word,
            },
        }
        status.setdefault("summary", {"externalURLs": [f"http://{plan.name}.example/"]})
        if reconciled:
            status["reconciledAt"] = self._world.stamp

    def _look(self, key: Key) -> None:
        """Bring an Application's health and images in line with its Rollout."""
        name = key[1]
        rollout = self._api.get(ROLLOUTS, *key)
        if rollout is None or name not in self._plans:
            return
        health, images = health_of(rollout), sorted(set(self._running.get(name, {}).values()))
        app = self._api.get(RESOURCE, ARGO_CD, name)
        old = (app or {}).get("status", {})
        if app is None or "summary" not in old:
            return
        self._heal(app, rollout)
        if (old["health"]["status"], old["summary"].get("images", [])) == (health, images):
            return
        if old["health"]["status"] != health:
            was = old["health"]["status"]
            self._tell(app, "ResourceUpdated", f"Updated health status: {was} -> {health}")

        def edit(obj: Object) -> None:
            if obj["status"]["health"]["status"] != health:
                obj["status"]["health"] = {"lastTransitionTime": self._world.stamp, "status": health}
            if images:
                obj["status"]["summary"]["images"] = images

        self._edit(name, edit)

    def _heal(self, app: Object, rollout: Object) -> None:
        """Revert what somebody changed by hand, by a partial sync that leaves no history."""
        name, revision = app["metadata"]["name"], app["status"]["sync"]["revision"]
        automated = app["spec"].get("syncPolicy", {}).get("automated") or {}
        wanted = f"{self._plans[name].image}:{self._world.config.wanted(name, revision)}"
        live = rollout["spec"]["template"]["spec"]["containers"][0]["image"]
        if live == wanted or name in self._syncing or not automated.get("selfHeal"):
            return
        operation = automated_operation(app, revision)
        resource = {"group": "argoproj.io", "kind": "Rollout", "name": name}
        operation["sync"] |= {"resources": [resource], "autoHealAttemptsCount": 1}
        self._syncing.add(name)
        self._world.after(HEALING, lambda: self._start(app, self._plans[name], operation))

    def _obey(self, key: Key) -> None:
        """Do what a user asked an Application for: a refresh, a sync."""
        name = key[1]
        app = self._api.get(RESOURCE, *key)
        if app is None or name not in self._plans or name in self._syncing:
            return
        if app.get("operation", {}).get("sync") is not None:
            self._run(self._plans[name], app["operation"])
        elif REFRESH in (app["metadata"].get("annotations") or {}):
            self.refresh(name)

    def _replica_set(self, change: str, record: Record) -> None:
        for namespace, name in owner_key("Rollout")(record):
            found = self._running.setdefault(name, {})
            if change == "DELETED" or not (record.section("status") or {}).get("replicas"):
                found.pop(record.name, None)
            else:
                containers = record.section("spec")["template"]["spec"]["containers"]
                found[record.name] = containers[0]["image"]
            self._health.add((namespace, name))

    def _edit(self, name: str, edit: Any) -> Record | None:
        return self._api.edit(RESOURCE, ARGO_CD, name, edit)

    def _tell_sync(self, app: Object, before: str, after: str) -> None:
        if before != after:
            self._tell(app, "ResourceUpdated", f"Updated sync status: {before} -> {after}")

    def _tell(self, app: Object, reason: str, message: str) -> None:
        place = app["spec"]["destination"]
        notes = {"dest-namespace": place["namespace"], "dest-server": place["server"]}
        self._api.event(app, reason, message, annotations=notes)
