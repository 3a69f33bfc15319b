"""Situations in which somebody presses ``R``, each by a small change of objects that controllers wrote."""

from __future__ import annotations

import json
from typing import Any

from changing import changed
from deliveries import BAD, IMAGE, Obj, World, documents, objects

from trombone_tui.core.objects.image_updater import IMAGE_UPDATER
from trombone_tui.core.objects.marks import HELD
from trombone_tui.core.rollback.plan import May

BEFORE = "1db68d2a5b2b8d11e05228b197bd102d38c064a4"
AFTER = "ab" * 20
LEFT = objects()
NGINX = changed(LEFT["rollout"], status__abort=None, status__abortedAt=None, status__phase="Paused")


def yes(_: Any) -> bool:
    return True


def no(_: Any) -> bool:
    return False


def perhaps(_: Any) -> None:
    return None


def world(*without: str, hidden: tuple[str, ...] = (), more: tuple[Obj, ...] = (), **others: Any) -> World:
    """Return the world with some objects replaced, some left out, some kinds hidden, some objects more."""
    kept = {**LEFT, **others}
    return World(*(obj for name, obj in kept.items() if name not in without), *more, hidden=hidden)


def automated(app: Obj, value: Any) -> Obj:
    return changed(app, spec__syncPolicy__automated=value)


def holding(obj: Obj, tag: str = "1.0.5", at: str = "2026-11-23T13:10:00Z", image: str = "app") -> Obj:
    """Return the ImageUpdater as ``hold`` leaves it."""
    mark = [{"tag": tag, "image": image, "by": "alice", "at": at, "made": "ignoreTags"}]
    made = changed(obj, metadata__annotations={HELD: json.dumps(mark)})
    made["spec"]["applicationRefs"][0]["images"][0]["commonUpdateSettings"]["ignoreTags"] = [tag]
    return made


def rolled_back() -> dict[str, Any]:
    """Return the service after a rollback to sync 4 with auto-sync off; git asks for 1.0.5 still."""
    found = returned()
    app = automated(found["app"], {"enabled": False, "prune": True, "selfHeal": True})
    entry = {"id": 6, "revision": BEFORE, "deployedAt": "2026-11-23T13:11:00Z"}
    app["status"]["history"].append({**entry, "deployStartedAt": "2026-11-23T13:10:59Z"})
    app["status"]["sync"] |= {"status": "OutOfSync", "revision": BAD}
    return {**found, "app": app}


def managed() -> tuple[Obj, Obj]:
    """Return the ImageUpdater and the Application that keeps it as git says."""
    tracking = f"platform:{IMAGE_UPDATER.group}/ImageUpdater:argocd/demo"
    updater = changed(LEFT["updater"], metadata__annotations={"argocd.argoproj.io/tracking-id": tracking})
    parent = changed(
        LEFT["app"],
        metadata__name="platform",
        metadata__uid="p",
        spec__source={
            "repoURL": "https://git.example/platform.git",
            "path": "updaters",
            "targetRevision": "main",
        },
        status__resources=[
            {"group": IMAGE_UPDATER.group, "kind": "ImageUpdater", "namespace": "argocd", "name": "demo"}
        ],
        status__summary=None,
    )
    return updater, parent


def ahead() -> dict[str, Any]:
    """Return what the bad version is promoted everywhere is made of."""
    good_hash, bad_hash = LEFT["rollout"]["status"]["stableRS"], LEFT["rollout"]["status"]["currentPodHash"]
    assert good_hash != bad_hash
    rollout = changed(NGINX, status__stableRS=bad_hash, status__phase="Healthy", status__message=None)
    return {"rollout": rollout, "stable": LEFT["stable"], "canary": LEFT["canary"]}


def returned(**changes: Any) -> dict[str, Any]:
    """Return what the lab left after a revert and a sync: the stable version has a new number."""
    good = LEFT["rollout"]["status"]["stableRS"]
    rollout = changed(
        NGINX,
        status__currentPodHash=good,
        status__phase="Healthy",
        status__message=None,
        metadata__annotations={"rollout.argoproj.io/revision": "7"},
    )
    rollout["spec"]["template"]["spec"]["containers"][0]["image"] = f"{IMAGE}:1.0.4"
    notes = {"rollout.argoproj.io/revision": "7", "rollout.argoproj.io/revision-history": "5"}
    stable = changed(LEFT["stable"], metadata__annotations=notes)
    app = changed(LEFT["app"], status__sync__revision=AFTER, **changes)
    return {"rollout": rollout, "stable": stable, "app": app}


def second() -> tuple[Obj, ...]:
    """Return another Application that deploys the same Rollout, and one of its own that is in mid-update."""
    app = changed(LEFT["app"], metadata__name="demo-eu", metadata__uid="a2")
    own = {"group": "argoproj.io", "kind": "Rollout", "namespace": "shop", "name": "demo-eu"}
    app["status"]["resources"].append({**own, "status": "Synced"})
    rollout = changed(NGINX, metadata__name="demo-eu", metadata__uid="r2")
    sets = [
        changed(LEFT[name], metadata__name=f"demo-eu-{name}", metadata__uid=name)
        for name in ("stable", "canary")
    ]
    for one in sets:
        one["metadata"]["ownerReferences"][0] |= {"uid": "r2", "name": "demo-eu"}
    return (app, rollout, *sets)


def blue_green() -> World:
    """Return a blue-green update that waits for its switch, deployed by an Application."""
    found = documents("rollout/bluegreen.yaml")
    listed = {"group": "argoproj.io", "kind": "Rollout", "namespace": "states", "name": "bluegreen"}
    app = changed(
        LEFT["app"],
        spec__destination__namespace="states",
        status__resources=[{**listed, "status": "Synced"}],
        status__summary={"images": ["shop/web:1"]},
    )
    updater = changed(LEFT["updater"])
    updater["spec"]["applicationRefs"][0]["images"][0]["imageName"] = "shop/web"
    return World(app, updater, *found)


def written_into_spec() -> Obj:
    app = changed(LEFT["app"])
    app["spec"]["source"]["kustomize"] = {"images": [f"{IMAGE}:1.0.5"]}
    return app


def with_image(obj: Obj, image: str) -> Obj:
    made = changed(obj)
    made["spec"]["template"]["spec"]["containers"][0]["image"] = image
    return made


def refused_before() -> dict[str, Any]:
    """Return a promoted 1.0.5 (revision 6) after 1.0.4 (5), whose analysis failed, and 1.0.3 (4)."""
    oldest = changed(
        with_image(LEFT["stable"], f"{IMAGE}:1.0.3"),
        metadata__name="demo-old",
        metadata__uid="old",
        metadata__creationTimestamp="2026-11-23T13:05:45Z",
        metadata__annotations={"rollout.argoproj.io/revision": "4"},
        metadata__labels={"app": "demo", "rollouts-pod-template-hash": "old"},
    )
    run = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AnalysisRun",
        "metadata": {
            "name": "demo-5957f674b8-5-2",
            "namespace": "shop",
            "uid": "run",
            "labels": {"rollouts-pod-template-hash": "5957f674b8"},
            "annotations": {"rollout.argoproj.io/revision": "5"},
            "ownerReferences": LEFT["stable"]["metadata"]["ownerReferences"],
        },
        "status": {"phase": "Failed"},
    }
    return {**ahead(), "oldest": oldest, "run": run}


def legacy() -> Obj:
    prefix = "argocd-image-updater.argoproj.io/"
    notes = {f"{prefix}image-list": f"app={IMAGE}:1.x", f"{prefix}app.update-strategy": "semver"}
    return changed(LEFT["app"], metadata__annotations=notes)


def owned() -> Obj:
    owner = {"apiVersion": "argoproj.io/v1alpha1", "kind": "ApplicationSet", "name": "all", "uid": "s"}
    return changed(LEFT["app"], metadata__ownerReferences=[owner])


def child() -> Obj:
    """Return the Application as one that another Application keeps as git says."""
    return changed(
        LEFT["app"],
        metadata__annotations={"argocd.argoproj.io/tracking-id": "apps:argoproj.io/Application:argocd/demo"},
    )


def parent() -> Obj:
    """Return the Application that makes Applications."""
    return changed(
        LEFT["app"],
        metadata__name="apps",
        metadata__uid="apps",
        spec__source__path="apps",
        status__sourceType="Directory",
        status__resources=[
            {"group": "argoproj.io", "kind": "Application", "namespace": "argocd", "name": "demo"}
        ],
        status__summary=None,
    )


def reverted() -> Obj:
    """Return the Application as it is just after the commit was reverted, before it is synced."""
    app = changed(
        automated(LEFT["app"], None), status__sync__status="OutOfSync", status__sync__revision=AFTER
    )
    for one in app["status"]["resources"]:
        if one["kind"] == "Rollout":
            one["status"] = "OutOfSync"
    return app


def checked(updater: Obj) -> Obj:
    return changed(updater, status__lastCheckedAt="2026-11-23T13:11:05Z", status__observedGeneration=1)


_UPDATER, _PARENT = managed()
SITUATIONS: list[tuple[str, World, May]] = [
    ("aborted, with self-heal", world(), yes),
    ("auto-sync without self-heal", world(app=automated(LEFT["app"], {"prune": True})), yes),
    ("never auto-sync", world(app=automated(LEFT["app"], None)), yes),
    ("auto-sync was left off and a sync rolled back", world(**rolled_back()), yes),
    (
        "auto-sync is off, nothing rolled back yet",
        world(app=automated(LEFT["app"], {"enabled": False, "prune": True})),
        yes,
    ),
    ("no ImageUpdater", world("updater"), yes),
    ("ImageUpdaters can't be seen", world(hidden=("ImageUpdater",)), yes),
    ("the ImageUpdater is kept by git", world(updater=_UPDATER, more=(_PARENT,)), yes),
    (
        "the ImageUpdater is kept by git, without self-heal",
        world(updater=_UPDATER, more=(automated(_PARENT, {}),)),
        yes,
    ),
    ("the ImageUpdater is kept by git that can't be seen", world(updater=_UPDATER), yes),
    ("no rights at all, in mid-update", world(rollout=NGINX), no),
    ("rights are not known yet", world(rollout=NGINX), perhaps),
    ("in mid-update", world(rollout=NGINX), yes),
    ("the tag is held already", world(updater=holding(LEFT["updater"])), yes),
    ("fully promoted", world(**ahead()), yes),
    ("fully promoted, the version before was refused", world(**refused_before()), yes),
    ("taken back", world(**returned(), updater=checked(holding(LEFT["updater"]))), yes),
    (
        "taken back, not checked since",
        world(**returned(), updater=holding(LEFT["updater"], at="2026-11-23T13:11:30Z")),
        yes,
    ),
    ("taken back, not held", world(**returned()), yes),
    ("blue-green before its switch", blue_green(), yes),
    ("two Applications", world(more=second()), yes),
    ("no Application", world("app"), yes),
    ("Applications can't be seen", world(hidden=("Application",)), yes),
    ("ReplicaSets can't be seen", world(hidden=("ReplicaSet",)), yes),
    ("the Application is made by a set", world(app=owned()), yes),
    ("the Application is kept by git", world(app=child(), more=(parent(),)), yes),
    ("git is reverted, not synced", world(app=reverted()), yes),
    (
        "git is reverted, an operation runs",
        world(app=changed(reverted(), operation={"sync": {"revision": BAD}})),
        yes,
    ),
    ("only the settings differ", world(canary=with_image(LEFT["canary"], f"{IMAGE}:1.0.4")), yes),
    ("the tag stands in the Application's spec", world(app=written_into_spec()), yes),
    (
        "an image by its digest",
        world(canary=with_image(LEFT["canary"], f"{IMAGE}@sha256:{'a' * 64}")),
        yes,
    ),
    ("annotations, read by nobody who is seen", world("updater", app=legacy()), yes),
]
REFUSED = [
    ("the first version", world("canary", rollout=changed(NGINX, status__currentPodHash="5957f674b8"))),
    ("no status", world(rollout=changed(LEFT["rollout"], status=None))),
    ("Rollouts can't be seen", world(hidden=("Rollout",))),
    ("no Rollout", world("rollout", "stable", "canary")),
    ("promoted, ReplicaSets can't be seen", world(hidden=("ReplicaSet",), rollout=ahead()["rollout"])),
]
