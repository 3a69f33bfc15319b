"""What is said before an Application's verbs are done: who may undo it, what it deletes, what will hold it.

Sync windows: ``argo-cd@v3.5.1:pkg/apis/application/v1alpha1/types.go`` (SyncWindow.active, CanSync).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec.inspect as inspect
import pytest
from any_json import anything, fitting, places
from changing import changed
from hypothesis import given, note, settings
from hypothesis import strategies as st
from lab_objects import lab_application as lab
from scenes import Staged, verb
from stage_readers import stored

from trombone_tui.core.objects.argo_cd import APPLICATION
from trombone_tui.core.objects.argo_cd_projects import SyncWindow
from trombone_tui.core.ports import Denied, NotInstalled, Refused
from trombone_tui.core.verbs import Plan, Seen
from trombone_tui.pipeline.sync import STAGE
from trombone_tui.pipeline.sync.schedule import held_by, is_active

GOES_BACK = (
    "The spec still asks for main, so it is OutOfSync afterwards; auto-sync-on or the next sync goes forward "
    "again: revert the commit in git."
)


def project(*windows: dict[str, Any]) -> dict[str, Any]:
    spec = {"syncWindows": list(windows)} if windows else {}
    return {"kind": "AppProject", "metadata": {"name": "default", "namespace": "argocd"}, "spec": spec}


def healthy(**changes: Any) -> dict[str, Any]:
    return lab("synced-suspended-succeeded", status__health__status="Healthy", **changes)


def by_hand(**changes: Any) -> dict[str, Any]:
    return healthy(spec__syncPolicy__automated__enabled=False, **changes)


def owned(of: dict[str, Any]) -> dict[str, Any]:
    owner = {"kind": "ApplicationSet", "name": "shops", "uid": "s", "controller": True}
    return changed(of, metadata__ownerReferences=[owner])


def application_set(**spec: Any) -> dict[str, Any]:
    return {"kind": "ApplicationSet", "metadata": {"name": "shops", "namespace": "argocd"}, "spec": spec}


def tracked(of: dict[str, Any], parent: str = "root") -> dict[str, Any]:
    name = of["metadata"]["name"]
    told = f"{parent}:argoproj.io/Application:argocd/{name}"
    return changed(of, metadata__annotations={"argocd.argoproj.io/tracking-id": told})


def root(**automated: Any) -> dict[str, Any]:
    return {
        "kind": "Application",
        "metadata": {"name": "root", "namespace": "argocd"},
        "spec": {"syncPolicy": {"automated": automated}} if automated else {},
    }


def updater(pattern: str, **ref: Any) -> dict[str, Any]:
    return {
        "kind": "ImageUpdater",
        "metadata": {"name": "images", "namespace": "argocd"},
        "spec": {"applicationRefs": [{"namePattern": pattern, **ref}]},
    }


def rollout(phase: str) -> dict[str, Any]:
    return {
        "kind": "Rollout",
        "metadata": {"name": "demo", "namespace": "shop"},
        "status": {"phase": phase},
    }


async def planned(name: str, of: dict[str, Any], *others: dict[str, Any], **scene: Any) -> Plan:
    beside = others if any(one["kind"] == "AppProject" for one in others) else (project(), *others)
    return await verb(STAGE, name).plan(Staged(STAGE, of, *beside, **scene))


UNPRUNED = lab("outofsync-healthy-succeeded")
WARNINGS = [
    pytest.param("sync", healthy(), (), {}, (), id="nothing to warn of"),
    pytest.param(
        "sync",
        UNPRUNED,
        (),
        {"prune": True},
        ("Prune deletes 1 resource: ConfigMap unpruned-extra.",),
        id="what prune deletes, by name",
    ),
    pytest.param(
        "sync",
        UNPRUNED,
        (),
        {},
        ("Not in the source any more, and kept without --prune: 1 resource: ConfigMap unpruned-extra.",),
        id="what stays without prune",
    ),
    pytest.param(
        "sync",
        UNPRUNED,
        (),
        {"prune": True, "resource": (":ConfigMap:unpruned",)},
        (
            "Prune deletes what is no longer in the source: nothing when it was last compared.",
            "A sync of single resources runs no hooks and leaves no entry in the history.",
        ),
        id="prune deletes only what is chosen",
    ),
    pytest.param(
        "sync",
        lab("synced-healthy-failed"),
        (),
        {"prune": True},
        ("Prune deletes what is no longer in the source: nothing when it was last compared.",),
        id="hooks are not pruned though they are marked so",
    ),
    pytest.param("sync", UNPRUNED, (), {"prune": True, "dry-run": True}, (), id="a dry run deletes nothing"),
    pytest.param(
        "sync",
        healthy(),
        (),
        {"force": True},
        ("Force deletes and recreates what can't be patched: its pods end meanwhile.",),
        id="force",
    ),
    pytest.param(
        "sync",
        healthy(),
        (rollout("Paused"),),
        {},
        ("Rollout demo waits at a pause, so it stays Suspended: Healthy is not waited for.",),
        id="a Rollout at a pause",
    ),
    pytest.param("sync", healthy(), (rollout("Healthy"),), {}, (), id="a Rollout that is done"),
    pytest.param(
        "sync",
        by_hand(),
        (updater("demo"),),
        {"revision": "v1"},
        (
            "The spec still asks for main: the next sync goes there.",
            "ImageUpdater images looks after its images: its next commit is what that sync brings.",
        ),
        id="another revision, and the Image Updater",
    ),
    pytest.param(
        "sync", by_hand(), (updater("demo"),), {"revision": "main"}, (), id="the spec's own revision"
    ),
    pytest.param(
        "sync",
        lab(
            "unknown-healthy-comparisonerror",
            status__conditions=[{"type": "ComparisonError", "message": "no"}],
        ),
        (),
        {},
        ("While it has ComparisonError, the operation ends in an error: no.",),
        id="a condition that ends every operation",
    ),
    pytest.param(
        "refresh",
        healthy(metadata__annotations={"argocd.argoproj.io/skip-reconcile": "true"}),
        (),
        {},
        ("Argo CD leaves it alone: the request waits until the annotation skip-reconcile is gone.",),
        id="skip-reconcile",
    ),
    pytest.param(
        "terminate-op",
        lab("synced-healthy-running"),
        (),
        {},
        (
            "What was applied stays (2 resources so far); hooks that run are ended.",
            "Auto-sync does not try this revision again by itself: sync does, and so does the next commit.",
        ),
        id="terminate-op",
    ),
    pytest.param(
        "rollback",
        by_hand(),
        (updater("d*"),),
        {"id": 2},
        (
            "That is what was deployed last.",
            "What only the newer version has stays without --prune.",
            GOES_BACK,
            "Hooks are not run.",
            "ImageUpdater images looks after its images: it may commit the newer version again, "
            "hold the tag.",
        ),
        id="rollback",
    ),
    pytest.param(
        "rollback",
        owned(by_hand()),
        (application_set(),),
        {"prune": True},
        (
            "Prune deletes what that version does not have; what that is, is known only then.",
            GOES_BACK,
            "Hooks are not run.",
            "Should it turn auto-sync on: ApplicationSet shops made it and puts this back: "
            "change its template instead.",
        ),
        id="rollback of one that a set made",
    ),
    pytest.param(
        "auto-sync-off",
        owned(healthy()),
        (application_set(syncPolicy={"applicationsSync": "create-only"}),),
        {},
        ("New commits on main wait, and nothing is healed, until auto-sync-on.",),
        id="a set that leaves changes alone",
    ),
    pytest.param(
        "auto-sync-on",
        owned(by_hand()),
        (application_set(ignoreApplicationDifferences=[{"jsonPointers": ["/spec/syncPolicy"]}]),),
        {},
        ("ApplicationSet shops made it and puts this back unless it is told to ignore it.",),
        id="a set that ignores some changes",
    ),
    pytest.param(
        "auto-sync-on",
        tracked(by_hand()),
        (root(selfHeal=True),),
        {},
        (
            "Application root heals itself, so it puts this back at once where git says otherwise: "
            "change it in git.",
        ),
        id="a parent that heals itself",
    ),
    pytest.param(
        "auto-sync-on",
        tracked(by_hand()),
        (root(prune=True),),
        {},
        (
            "Application root syncs by itself, so it puts this back with the next commit where git says "
            "otherwise: change it in git.",
        ),
        id="a parent that syncs by itself",
    ),
    pytest.param(
        "auto-sync-on",
        tracked(by_hand(), "argocd_root"),
        (root(),),
        {},
        (
            "Application argocd_root puts this back when somebody syncs it where git says otherwise: "
            "change it in git.",
        ),
        id="a parent that is synced by hand, named with its namespace",
    ),
    pytest.param(
        "auto-sync-on",
        tracked(by_hand()),
        (),
        {},
        ("Application root may put this back when it syncs; it can't be seen.",),
        id="a parent that can't be seen",
    ),
    pytest.param(
        "auto-sync-on",
        lab("outofsync-healthy-succeeded", spec__syncPolicy__automated={"enabled": False, "prune": True}),
        (updater("*-unpruned", labelSelectors={"matchLabels": {"a": "b"}}),),
        {},
        ("What is not in the source any more is deleted: 1 resource: ConfigMap unpruned-extra.",),
        id="auto-sync on, with what it deletes",
    ),
    pytest.param(
        "auto-sync-on",
        stored(
            "sync", "out-of-sync", metadata__annotations={"argocd-image-updater.argoproj.io/image-list": "a"}
        ),
        (),
        {},
        (
            "It is OutOfSync, so Argo CD deploys 40addcb at once: 5 resources: Service demo-canary, "
            "Service demo-stable, AnalysisTemplate success-rate, Rollout demo, Ingress demo.",
            "The Image Updater looks after its images: what it commits is deployed by itself again.",
        ),
        id="auto-sync on, with what it deploys",
    ),
    pytest.param(
        "auto-sync-on",
        lab("new", spec__syncPolicy=None),
        (),
        {},
        (
            "It is not compared yet: the next difference is deployed at once.",
            "Argo CD leaves it alone: the request waits until the annotation skip-reconcile is gone.",
        ),
        id="auto-sync on, not known what it deploys",
    ),
]


@pytest.mark.parametrize(("name", "of", "others", "given", "warnings"), WARNINGS)
async def test_it_is_said_before(
    name: str, of: dict[str, Any], others: Any, given: dict[str, Any], warnings: tuple[str, ...]
):
    assert (await planned(name, of, *others, given=given)).warnings == warnings


async def test_what_may_not_be_read_is_not_taken_for_absent():
    denied = {
        "AppProject": Denied("get", "appprojects.argoproj.io", namespace="argocd"),
        "ImageUpdater": Denied("list", "imageupdaters", namespace="argocd"),
        "ApplicationSet": Denied("get", "applicationsets.argoproj.io", namespace="argocd"),
    }
    told = (await planned("rollback", owned(by_hand()), troubles=denied)).warnings
    assert told[0] == (
        "The sync windows of project default are not known: "
        "may not get appprojects.argoproj.io in namespace argocd."
    )
    assert "Whether an Image Updater looks after it is not known: may not list imageupdaters" in told[-2]
    assert "ApplicationSet shops made it and may put this back; how it is set is not known" in told[-1]


async def test_without_an_image_updater_installed_none_is_warned_of():
    absent = {"ImageUpdater": NotInstalled("imageupdaters.argocd-image-updater.argoproj.io")}
    assert (await planned("auto-sync-on", by_hand(), troubles=absent)).warnings == ()


@pytest.mark.parametrize(("of", "seconds"), [(owned(healthy()), 10.0), (healthy(), 0.0)])
async def test_where_somebody_may_put_it_back_it_is_watched_on(of: dict[str, Any], seconds: float):
    plan = await planned("auto-sync-off", of, application_set())
    assert plan.proof is not None
    assert plan.proof.stays == seconds


def window(kind: str, schedule: str, duration: str = "1h", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "schedule": schedule, "duration": duration, "applications": ["*"], **more}


HELD = (
    "Sync windows of project default are closed ({}): Argo CD holds it until they let it through, "
    "terminate-op gives it up."
)
NOW_DENIED = window("deny", "0 13 * * *")
WINDOWS = [
    pytest.param((NOW_DENIED,), (HELD.format("deny 0 13 * * * for 1h"),), id="a deny window that is on"),
    pytest.param((window("deny", "0 22 * * *"),), (), id="a deny window that is over"),
    pytest.param((window("allow", "0 13 * * *"),), (), id="an allow window that is on"),
    pytest.param(
        (window("allow", "0 22 * * *", "8h"),),
        (HELD.format("allow 0 22 * * * for 8h"),),
        id="an allow window that is not on",
    ),
    pytest.param((window("allow", "0 22 * * *", manualSync=True),), (), id="which a sync by hand passes"),
    pytest.param((window("deny", "0 13 * * *", manualSync=True),), (), id="a deny window for auto-sync only"),
    pytest.param(
        (NOW_DENIED, window("allow", "0 13 * * *")),
        (HELD.format("deny 0 13 * * * for 1h"),),
        id="deny counts before allow",
    ),
    pytest.param(
        (window("allow", "0 22 * * *"), window("allow", "0 13 * * *")), (), id="one allow window is enough"
    ),
    pytest.param((window("deny", "0 13 * * *", applications=["web"]),), (), id="for another Application"),
    pytest.param(
        (window("deny", "0 13 * * *", "soon"),),
        (
            "Sync windows of project default may hold it, they are not understood here: "
            "deny 0 13 * * * for soon.",
        ),
        id="a window that is not understood",
    ),
]


@pytest.mark.parametrize("name", ["sync", "rollback"])
@pytest.mark.parametrize(("windows", "told"), WINDOWS)
async def test_a_closed_sync_window_will_hold_it(name: str, windows: Any, told: tuple[str, ...]):
    """It is 13:20 on a Monday."""
    plan = await planned(name, by_hand(), project(*windows))
    assert tuple(one for one in plan.warnings if "indow" in one) == told


async def test_a_project_that_is_not_there_is_said():
    plan = await verb(STAGE, "sync").plan(Staged(STAGE, healthy()))
    assert plan.warnings == ("There is no project default: Argo CD syncs nothing until there is one.",)


ACTIVE = [
    ("0 22 * * *", "8h", "2026-11-23T23:00:00", True),
    ("0 22 * * *", "8h", "2026-11-24T05:59:59", True),
    ("0 22 * * *", "8h", "2026-11-24T06:00:00", False),
    ("0 22 * * *", "8h", "2026-11-23T22:00:00", False),
    ("0 22 * * *", "8h", "2026-11-23T22:00:01", True),
    ("*/20 * * * *", "5m", "2026-11-23T13:24:00", True),
    ("*/20 * * * *", "5m", "2026-11-23T13:26:00", False),
    ("30/10 13 * * *", "5m", "2026-11-23T13:52:00", True),
    ("0 9-17 * * MON-FRI", "30m", "2026-11-23T13:20:00", True),
    ("0 9-17 * * 1-5", "30m", "2026-11-22T13:20:00", False),
    ("0 0 * Nov *", "24h", "2026-11-23T13:20:00", True),
    ("0 0 * 10,12 *", "24h", "2026-11-23T13:20:00", False),
    ("0 13 1 * 1", "1h", "2026-11-23T13:20:00", True),
    ("0 13 1 * *", "1h", "2026-11-23T13:20:00", False),
    ("0 13 */2 * 2", "1h", "2026-11-23T13:20:00", True),
    ("0 13 ? * 0", "1h", "2026-11-23T13:20:00", False),
    ("0 0 1 1 *", "8760h", "2026-11-23T13:20:00", True),
    ("@daily", "1h", "2026-11-23T13:20:00", None),
    ("0 25 * * *", "1h", "2026-11-23T13:20:00", None),
    ("0 13 * * 7", "1h", "2026-11-23T13:20:00", None),
    ("0 13 * * 5-1", "1h", "2026-11-23T13:20:00", None),
    ("*/0 * * * *", "1h", "2026-11-23T13:20:00", None),
    (", * * * *", "1h", "2026-11-23T13:20:00", None),
    ("0 13 * *", "1h", "2026-11-23T13:20:00", None),
    ("0 13 * * *", "-1h", "2026-11-23T13:20:00", None),
]


@pytest.mark.parametrize(("schedule", "duration", "moment", "active"), ACTIVE)
def test_a_window_is_on_from_each_moment_of_its_schedule(
    schedule: str, duration: str, moment: str, active: bool | None
):
    of = SyncWindow(kind="deny", schedule=schedule, duration=duration)
    assert is_active(of, datetime.fromisoformat(moment).replace(tzinfo=UTC)) is active


@pytest.mark.parametrize(
    ("zone", "active"), [("", False), ("UTC", False), ("Europe/Berlin", True), ("Mars/Olympus", None)]
)
def test_a_window_counts_in_its_own_time_zone(zone: str, active: bool | None):
    of = SyncWindow(kind="deny", schedule="0 14 * * *", duration="1h", time_zone=zone)
    assert is_active(of, datetime(2026, 11, 23, 13, 20, tzinfo=UTC)) is active


@given(schedule=st.text(max_size=12) | st.from_regex(r"[0-9*/,\-? ]{5,15}", fullmatch=True))
def test_any_schedule_is_read_or_not_understood(schedule: str):
    at = datetime(2026, 11, 23, 13, 20, tzinfo=UTC)
    assert is_active(SyncWindow(kind="deny", schedule=schedule, duration="13h"), at) in (True, False, None)
    held_by([SyncWindow(kind="allow", schedule=schedule, duration=schedule)], at)


FITTING = fitting(inspect.type_info(APPLICATION.shape))
META = {"name": "a", "namespace": "n", "uid": "u", "resourceVersion": "7"}


def replaced(of: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    made = of.copy()
    made[path[0]] = replaced(of[path[0]], path[1:], value)
    return made


REAL = [
    by_hand(),
    UNPRUNED,
    lab("synced-healthy-running"),
    lab("outofsync-healthy-running"),
]
PLACES = [(of, path) for of in REAL for path in places(of) if path]
spoiled = st.builds(lambda place, value: replaced(*place, value), st.sampled_from(PLACES), anything)
objects: st.SearchStrategy[Any] = st.one_of(
    FITTING.map(lambda of: {**of, "kind": "Application", "metadata": {**of.get("metadata", {}), **META}}),
    anything.map(lambda of: of if isinstance(of, dict) else {"metadata": META, "spec": of, "status": of}),
    spoiled,
)
options = st.fixed_dictionaries(
    {},
    optional={
        "hard": st.booleans(),
        "prune": st.booleans(),
        "dry-run": st.booleans(),
        "force": st.booleans(),
        "revision": st.sampled_from(["v1", "main"]),
        "resource": st.sampled_from([(), (":a:b",), ("a",)]),
        "id": st.sampled_from([0, 1, 2]),
    },
)


@settings(deadline=None, max_examples=100)
@given(whole=objects, later=objects, chosen=options)
async def test_any_object_gives_a_plan_or_a_reason_and_any_later_one_a_verdict(
    whole: Any, later: Any, chosen: dict[str, Any]
):
    for of in STAGE.verbs:
        note(of.name)
        try:
            plan = await of.plan(Staged(STAGE, whole, given=chosen))
        except Refused:
            continue
        assert bool(plan.noop) != bool(plan.writes)
        if plan.proof is not None:
            assert plan.proof.judge(later).seen in Seen
            assert plan.proof.judge(None).seen is Seen.FAILED
