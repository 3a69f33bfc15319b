"""Around the Applications: projects that bound them, a set and a parent that made them.

Sources: ``argo-cd@v3.2.6:pkg/apis/application/v1alpha1/{types,applicationset_types}.go``,
``applicationset/controllers``; tracking: ``util/argo/resource_tracking.go``.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from trombone_tui.demo.clock import stamp
from trombone_tui.demo.story.application import remember
from trombone_tui.demo.story.hashes import sha
from trombone_tui.demo.story.queue import Key, Queue
from trombone_tui.demo.story.services import ARGO_CD, SERVER, ServicePlan
from trombone_tui.demo.story.world import Actor, World, owner

Object = dict[str, Any]

APPLICATIONS = "applications.argoproj.io"
PROJECTS, SETS = "appprojects.argoproj.io", "applicationsets.argoproj.io"
REFRESH = "argocd.argoproj.io/refresh"
BOUND, SET = "pay", "shop"
"""The namespace whose Applications a parent makes, in a project of their own; and the one with a set."""
PARENT = "payments"
_COMPARES = 180.0
_SYNCS = 1.0


def project_of(plan: ServicePlan) -> str:
    """Name the project of a service's Application."""
    return PARENT if plan.namespace == BOUND else "default"


class Projects:
    """Creates what is around the Applications, and keeps the parent."""

    def __init__(self, world: World, plans: tuple[ServicePlan, ...]) -> None:
        self._world = world
        self._plans = plans
        self._api = Actor(world, "kubectl-client-side-apply")
        self._controller = Actor(world, "argocd-application-controller")
        self._revision = sha(world.random("projects"))
        self._asked = Queue(world, self._obey, delay=0.1)
        self._asked.follow(APPLICATIONS, lambda record: {record.key} & {(ARGO_CD, PARENT)})

    def begin(self) -> None:
        """Create them."""
        for name, spec in (("default", _anything()), (PARENT, self._bounds())):
            self._api.create(PROJECTS, {"metadata": {"name": name, "namespace": ARGO_CD}, "spec": spec})
        self._set()
        if self._children:
            self._api.create(APPLICATIONS, _parent())
            self._finish(self._operation)
            self._compare()

    def made(self, plan: ServicePlan) -> Object:
        """Return what the metadata of a service's Application says of what made it."""
        if plan.namespace == BOUND:
            tracked = f"{PARENT}:argoproj.io/Application:{ARGO_CD}/{plan.name}"
            return {"annotations": {"argocd.argoproj.io/tracking-id": tracked}}
        found = self._api.get(SETS, ARGO_CD, SET) if plan.namespace == SET else None
        return {"ownerReferences": [owner(found)]} if found else {}

    @property
    def _children(self) -> list[str]:
        return [plan.name for plan in self._plans if plan.namespace == BOUND]

    @property
    def _operation(self) -> Object:
        return {"initiatedBy": {"automated": True}, "sync": {"prune": True, "revision": self._revision}}

    def _bounds(self) -> Object:
        """Return a project that allows little; its deny window is half a year away."""
        month = (self._world.now + timedelta(days=183)).month
        return {
            "description": "Everything that moves money",
            "sourceRepos": ["https://github.com/acme/*"],
            "destinations": [{"namespace": BOUND, "server": SERVER}],
            "clusterResourceWhitelist": [],
            "namespaceResourceBlacklist": [
                {"group": "", "kind": "ResourceQuota"},
                {"group": "networking.k8s.io", "kind": "NetworkPolicy"},
            ],
            "syncWindows": [
                {
                    "kind": "deny",
                    "schedule": f"0 18 28 {month} *",
                    "duration": "12h",
                    "applications": ["*"],
                    "manualSync": True,
                    "timeZone": "Europe/Vienna",
                    "description": "Closing of the books",
                }
            ],
        }

    def _set(self) -> None:
        names = [plan.name for plan in self._plans if plan.namespace == SET]
        made = self._api.create(SETS, _application_set(names)) if names else None
        if made is None:
            return
        now = self._world.stamp
        good, all_made = "ApplicationSetUpToDate", "All applications have been generated successfully"
        given = "Successfully generated parameters for all Applications"
        said = (
            ("ErrorOccurred", "False", good, all_made),
            ("ParametersGenerated", "True", "ParametersGenerated", given),
            ("ResourcesUpToDate", "True", good, all_made),
        )
        conditions = [
            {"type": kind, "status": status, "reason": reason, "message": message, "lastTransitionTime": now}
            for kind, status, reason, message in said
        ]
        status = {"conditions": conditions, "resources": [_child(name) for name in names]}
        self._api.edit_status(SETS, ARGO_CD, SET, lambda obj: obj.update({"status": status}))

    def _compare(self) -> None:
        """Compare the parent with its source now and then; nothing has changed there."""
        self._world.after(_COMPARES, self._compare)
        if self._world.lively:
            self._edit(self._compared)

    def _compared(self, obj: Object) -> None:
        (obj["metadata"].get("annotations") or {}).pop(REFRESH, None)
        obj["status"]["reconciledAt"] = self._world.stamp

    def _obey(self, key: Key) -> None:
        """Do what a user asks the parent for: a sync, a refresh."""
        parent = self._controller.get(APPLICATIONS, *key)
        if parent is None:
            return
        operation = parent.get("operation") or {}
        if operation.get("sync") is not None:
            self._world.after(_SYNCS, lambda: self._finish(operation))
        elif REFRESH in (parent["metadata"].get("annotations") or {}):
            self._edit(self._compared)

    def _finish(self, operation: Object) -> None:
        """Write the end of a sync that found everything as it was."""
        now, revision = self._world.now, self._revision
        state = {"operation": operation, "startedAt": stamp(now - timedelta(seconds=_SYNCS))}
        results = [
            {**_child(name), "message": f"application.argoproj.io/{name} unchanged", "syncPhase": "Sync"}
            for name in self._children
        ]

        def edit(obj: Object) -> None:
            obj.pop("operation", None)
            source = obj["spec"]["source"]
            obj.setdefault("status", {}).update(self._state(obj))
            obj["status"]["operationState"] = state | {
                "finishedAt": stamp(now),
                "message": "successfully synced (all tasks run)",
                "phase": "Succeeded",
                "syncResult": {"resources": results, "revision": revision, "source": source},
            }
            remember(obj, state, revision, stamp(now))

        self._edit(edit)

    def _state(self, obj: Object) -> Object:
        spec, now = obj["spec"], self._world.stamp
        return {
            "controllerNamespace": ARGO_CD,
            "health": {"lastTransitionTime": now, "status": "Healthy"},
            "reconciledAt": now,
            "resourceHealthSource": "appTree",
            "resources": [_child(name) for name in self._children],
            "sourceHydrator": {},
            "sourceType": "Directory",
            "summary": {},
            "sync": {
                "comparedTo": {"destination": spec["destination"], "source": spec["source"]},
                "revision": self._revision,
                "status": "Synced",
            },
        }

    def _edit(self, edit: Any) -> None:
        self._controller.edit(APPLICATIONS, ARGO_CD, PARENT, edit)


def _anything() -> Object:
    """Return the project that Argo CD creates itself."""
    anything = [{"group": "*", "kind": "*"}]
    return {
        "sourceRepos": ["*"],
        "destinations": [{"namespace": "*", "server": "*"}],
        "clusterResourceWhitelist": anything,
    }


def _child(name: str) -> Object:
    return {
        "group": "argoproj.io",
        "kind": "Application",
        "name": name,
        "namespace": ARGO_CD,
        "status": "Synced",
        "version": "v1alpha1",
    }


def _parent() -> Object:
    """Return the Application that makes Applications."""
    return {
        "metadata": {"name": PARENT, "namespace": ARGO_CD},
        "spec": {
            "project": "default",
            "destination": {"namespace": ARGO_CD, "server": SERVER},
            "source": {
                "repoURL": "https://github.com/acme/payments-apps.git",
                "path": "apps",
                "targetRevision": "main",
            },
            "syncPolicy": {"automated": {"prune": True}},
        },
    }


def _application_set(names: list[str]) -> Object:
    """Return the set of a namespace's Applications; it creates them and leaves changes alone."""
    template = {
        "metadata": {"name": "{{.name}}", "labels": {"trombone.dev/app": "{{.name}}"}},
        "spec": {
            "project": "default",
            "destination": {"namespace": SET, "server": SERVER},
            "source": {
                "repoURL": "https://github.com/acme/{{.name}}-config.git",
                "path": "overlays/prod",
                "targetRevision": "main",
            },
        },
    }
    return {
        "metadata": {"name": SET, "namespace": ARGO_CD},
        "spec": {
            "goTemplate": True,
            "generators": [{"list": {"elements": [{"name": name} for name in names]}}],
            "syncPolicy": {"applicationsSync": "create-only"},
            "template": template,
        },
    }
