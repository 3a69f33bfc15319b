"""Why an Application is as it is, told of objects as Argo CD writes them, with the verb that would help."""

from __future__ import annotations

from typing import Any

import pytest
from changing import changed
from lab_objects import lab_application as app
from recordings import documents
from stage_readers import decoded, read, reference, row

from trombone_tui.core.objects.basics import Health
from trombone_tui.pipeline.sync import STAGE

ONCE = "auto-sync tries a revision once, so only sync or a new commit tries again"
DENY = {"kind": "deny", "schedule": "0 22 * * *", "duration": "8h", "namespaces": ["t-*"], "timeZone": "UTC"}


def project(name: str, *windows: dict[str, Any]) -> dict[str, Any]:
    """The AppProject that the lab's tests make, as ``kubectl`` shows it."""
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": name, "namespace": "argocd", "uid": name},
        "spec": {
            "sourceRepos": ["*"],
            "destinations": [{"namespace": "*", "server": "*"}],
            "syncWindows": list(windows),
        },
    }


def blue_green(images: dict[str, str], *, active: str) -> list[dict[str, Any]]:
    """The aborted update's objects, as a blue-green Rollout's controller writes the same."""
    application, rollout, *sets = documents("sync", "aborted")
    rollout["spec"]["strategy"] = {"blueGreen": {"activeService": "a", "previewService": "b"}}
    rollout["status"] |= {"blueGreen": {"activeSelector": active}, "abort": None, "phase": "Paused"}
    application["status"]["health"] = {"status": "Suspended"}
    for one in sets:
        hashed = one["metadata"]["labels"]["rollouts-pod-template-hash"]
        one["spec"]["template"]["spec"]["containers"][0]["image"] = images[hashed]
    return [application, rollout, *sets]


OLD, NEW = "5957f674b8", "64cd7cc9bc"
RETRIED = app("outofsync-healthy-failed-syncerror")["status"]["operationState"]
WAITS = RETRIED | {
    "phase": "Running",
    "message": 'one or more objects failed to apply, reason: namespaces "t-9f3a1e-not-there" not found. '
    "Retrying attempt #2 at 2:40AM.",
    "retryCount": 2,
    "operation": RETRIED["operation"] | {"retry": {"limit": 5, "backoff": {"duration": "30s", "factor": 2}}},
}
HISTORY = [
    {"id": 0, "revision": "398f6cea92b39a7181139b238cd03a4535c14186", "deployedAt": "2026-11-26T02:30:51Z"},
    {"id": 1, "revision": "b2a0ae367382d47f364d1cd174a8974e6441c5cb", "deployedAt": "2026-11-26T02:40:51Z"},
]
FORBIDDEN = "application repo https://git.example/other.git is not permitted in project 't-9f3a1e-own'"
SITUATIONS = [
    pytest.param(
        [app("outofsync-healthy-running"), project("t-9f3a1e-closed", DENY)],
        Health.SUSPENDED,
        "A sync since 26 Nov 02:40Z is held by a sync window of project t-9f3a1e-closed: "
        "deny 0 22 * * * for 8h; it goes on when that lets it through, terminate-op gives it up.",
        id="a sync that a window holds, with the window (lab)",
    ),
    pytest.param(
        [
            app(
                "outofsync-healthy-succeeded",
                spec__syncPolicy={"automated": {"selfHeal": True, "prune": True}},
            ),
            project("default", DENY | {"manualSync": True}),
        ],
        Health.PROGRESSING,
        "1 of 2 resources differs from b2a0ae3 (ConfigMap unpruned-extra); auto-sync is on, but "
        "sync windows of "
        "project default may hold it (deny 0 22 * * * for 8h); then a sync by hand passes.",
        id="auto-sync that a window may hold, which leaves no condition (argo-cd@v3.5.1:appcontroller.go)",
    ),
    pytest.param(
        [
            app(
                "outofsync-healthy-succeeded",
                spec__syncPolicy={"automated": {"selfHeal": True, "prune": True}},
            ),
            project("default", DENY | {"namespaces": ["other-*"]}),
        ],
        Health.PROGRESSING,
        "1 of 2 resources differs from b2a0ae3 (ConfigMap unpruned-extra); auto-sync is on.",
        id="a window that is for others",
    ),
    pytest.param(
        [app("outofsync-healthy-running", spec__project="default", status__operationState=WAITS)],
        Health.PROGRESSING,
        "The sync to 82f615b failed and is tried again, retry 2 of 5 about 26 Nov 02:42Z: "
        'namespaces "t-9f3a1e-not-there" not found; terminate-op ends it.',
        id="a retry that waits, by the back-off (lab, before its last retry)",
    ),
    pytest.param(
        [app("outofsync-healthy-failed-syncerror")],
        Health.DEGRADED,
        'The sync to 82f615b failed (1 resource): namespaces "t-9f3a1e-not-there" not found '
        "(retried 1 times); "
        f"{ONCE}.",
        id="auto-sync that gave up (lab)",
    ),
    pytest.param(
        [app("outofsync-missing-failed", spec__syncPolicy=None)],
        Health.DEGRADED,
        'The sync to 82f615b failed (1 resource): Service "refused" is invalid: [spec.ports[0].port: Invalid '
        "value: 99999: must be between 1 and 65535, inclusive, spec.ports[0].targetPort: Invalid "
        "value: 99999: "
        "must be between 1 and 65535, inclusive]; sync tries again.",
        id="an object that the API server refused, without auto-sync (lab)",
    ),
    pytest.param(
        [app("synced-healthy-failed")],
        Health.DEGRADED,
        "The sync to 82f615b failed (1 resource): Sync hook Job hook-fails: Job has reached the specified "
        f"backoff limit; {ONCE}.",
        id="a hook that failed (lab)",
    ),
    pytest.param(
        [app("synced-healthy-running")],
        Health.PROGRESSING,
        "Syncing to 82f615b since 26 Nov 02:40Z: waiting for completion of hook batch/Job/hook-runs; "
        "terminate-op ends it.",
        id="an operation that waits for a hook (lab)",
    ),
    pytest.param(
        [app("synced-healthy-terminating")],
        Health.PROGRESSING,
        "Its operation is being ended; if that takes long, terminate-op again.",
        id="an operation that is being ended (lab)",
    ),
    pytest.param(
        [
            app(
                "synced-healthy-running",
                status__operationState__operation__sync__resources=[
                    {"kind": "ConfigMap", "name": "hook-runs"}
                ],
            )
        ],
        Health.PROGRESSING,
        "Syncing 1 resource to 82f615b since 26 Nov 02:40Z: waiting for completion of hook "
        "batch/Job/hook-runs; "
        "terminate-op ends it.",
        id="a sync of some resources only",
    ),
    pytest.param(
        [app("synced-healthy-running", status__operationState__operation__sync__dryRun=True)],
        Health.PROGRESSING,
        "Trying a sync without applying it to 82f615b since 26 Nov 02:40Z: waiting for completion of hook "
        "batch/Job/hook-runs; terminate-op ends it.",
        id="a dry run",
    ),
    pytest.param(
        [app("outofsync-healthy-succeeded")],
        Health.SUSPENDED,
        "1 of 2 resources differs from b2a0ae3 (ConfigMap unpruned-extra): 1 resource to delete, "
        "but auto-sync "
        "does not prune; sync with prune does.",
        id="what only pruning ends (lab)",
    ),
    pytest.param(
        [app("outofsync-missing-succeeded")],
        Health.MISSING,
        "1 of 1 resource differs from 1389c3b (Deployment idle), which was synced before; self-heal is off, "
        "so somebody has to sync it.",
        id="deleted by hand, and nothing heals it (lab)",
    ),
    pytest.param(
        documents("sync", "out-of-sync"),
        Health.DEGRADED,
        "5 of 5 resources differ from 40addcb (Service demo-canary, Service demo-stable and 3 more); "
        "auto-sync is off, so somebody has to sync it; 5 resources also in other Applications.",
        id="two Applications that manage the same (controller)",
    ),
    pytest.param(
        documents("sync", "aborted"),
        Health.HEALTHY,
        "Synced to 40addcb, deployed 23 Nov 13:07Z; Degraded through Rollout demo: aborted, so live is "
        "app:1.0.4, not app:1.0.5.",
        id="Synced, but the update was aborted: live is the stable image (controllers)",
    ),
    pytest.param(
        documents("sync", "aborted")[:2],
        Health.HEALTHY,
        "Synced to 40addcb, deployed 23 Nov 13:07Z; Degraded through Rollout demo: aborted, so live is the "
        "stable version, not app:1.0.5.",
        id="aborted, and its ReplicaSets can't be seen",
    ),
    pytest.param(
        [
            changed(
                documents("sync", "aborted")[0], status__sync={"status": "OutOfSync", "revision": OLD * 4}
            ),
            *documents("sync", "aborted")[1:],
        ],
        Health.PROGRESSING,
        "It differs from 5957f67; auto-sync is on; Rollout demo: aborted, so live is app:1.0.4, "
        "not app:1.0.5.",
        id="aborted, and the source has moved on",
    ),
    pytest.param(
        documents("sync", "mid-update"),
        Health.HEALTHY,
        "Synced to 40addcb, deployed 23 Nov 13:07Z; Progressing through Rollout demo: live is "
        "app:1.0.4 still, "
        "app:1.0.5 is on its way.",
        id="Synced, and the canary is on its way (controllers)",
    ),
    pytest.param(
        blue_green({OLD: "127.0.0.1:5000/demo/app:1.0.4", NEW: "127.0.0.1:5000/demo/app:1.0.5"}, active=OLD),
        Health.HEALTHY,
        "Synced to 40addcb, deployed 23 Nov 13:07Z; Suspended through Rollout demo: live is app:1.0.4 still, "
        "app:1.0.5 is on its way.",
        id="a blue-green update before it is promoted",
    ),
    pytest.param(
        blue_green({OLD: "127.0.0.1:5000/demo/app:1.0.4", NEW: "127.0.0.1:5000/demo/app:1.0.5"}, active=NEW),
        Health.HEALTHY,
        "Synced to 40addcb, deployed 23 Nov 13:07Z; Suspended through Rollout demo.",
        id="a blue-green update after its switch, while the old one is still called stable",
    ),
    pytest.param(
        [
            app(
                "synced-progressing-succeeded",
                status__health={"status": "Degraded"},
                status__history=HISTORY,
                status__resourceHealthSource=None,
                status__resources=[
                    {
                        "group": "apps",
                        "kind": "Deployment",
                        "name": "web",
                        "namespace": "t",
                        "status": "Synced",
                        "health": {
                            "status": "Degraded",
                            "message": 'Deployment "web" exceeded its progress deadline',
                        },
                    }
                ],
            )
        ],
        Health.DEGRADED,
        "Synced to f9efa77, deployed 26 Nov 02:40Z, but Argo CD calls it Degraded through Deployment web: "
        'Deployment "web" exceeded its progress deadline; rollback goes to 398f6ce, with auto-sync off.',
        id="the resource that causes the health, where Argo CD writes it into the object (before 3.0)",
    ),
    pytest.param(
        [app("unknown-healthy-comparisonerror")],
        Health.DEGRADED,
        "Can't be compared with its source: failed to list refs: repository not found; Argo CD "
        "still calls it "
        "Healthy; once mended, refresh reads it again.",
        id="a repository that is not there (lab)",
    ),
    pytest.param(
        [
            app(
                "unknown-unknown-invalidspecerror",
                status__conditions=[{"type": "InvalidSpecError", "message": FORBIDDEN}],
            )
        ],
        Health.DEGRADED,
        f"The spec is refused: {FORBIDDEN}; nothing is synced until spec or project is mended.",
        id="a repository that its project forbids",
    ),
    pytest.param(
        [app("new")],
        Health.SUSPENDED,
        "Argo CD leaves it alone: its annotation skip-reconcile is true; sync and refresh wait "
        "until it is gone.",
        id="skip-reconcile (lab)",
    ),
    pytest.param(
        [app("synced-healthy")],
        Health.PROGRESSING,
        "A sync was asked for by auto-sync; Argo CD has not started it.",
        id="asked for and not begun (lab)",
    ),
    pytest.param(
        [
            app(
                "synced-healthy-succeeded",
                metadata__deletionTimestamp="2026-11-26T03:00:00Z",
                metadata__finalizers=["resources-finalizer.argocd.argoproj.io"],
            )
        ],
        Health.PROGRESSING,
        "Being deleted since 26 Nov 03:00Z, after its 1 resource.",
        id="being deleted with what it manages",
    ),
    pytest.param(
        [
            app(
                "synced-healthy-succeeded",
                status__sourceHydrator={
                    "currentOperation": {
                        "phase": "Failed",
                        "message": "failed to push hydrated manifests: denied",
                        "startedAt": "2026-11-26T02:50:00Z",
                        "finishedAt": "2026-11-26T02:50:02Z",
                        "drySHA": "b2a0ae367382d47f364d1cd174a8974e6441c5cb",
                    },
                    "lastSuccessfulOperation": {"drySHA": "398f6cea92b39a7181139b238cd03a4535c14186"},
                },
            )
        ],
        Health.DEGRADED,
        "Its manifests could not be rendered 26 Nov 02:50Z: failed to push hydrated manifests: denied; "
        "398f6ce is still what is synced; refresh tries again.",
        id="a hydration that failed (argo-cd@v3.5.1:types.go, HydrateOperation)",
    ),
]


@pytest.mark.parametrize(("objects", "health", "why"), SITUATIONS)
def test_a_situation_is_said_with_its_numbers_and_what_would_help(objects, health, why):
    item = row(read(STAGE, *objects), "Application")
    assert item.why == why
    assert item.health is health


def test_a_refusal_of_auto_sync_is_no_word_of_the_operation_that_went_well_before():
    refused = {
        "type": "SyncError",
        "message": "Skipping sync attempt to [b2a0ae3]: auto-sync will wipe out all resources",
    }
    changes = {"status__conditions": [refused], "spec__syncPolicy": {"automated": {"prune": True}}}
    item = row(read(STAGE, app("outofsync-healthy-succeeded", **changes)), "Application")
    assert item.why == (
        "Auto-sync does not delete all of its 2 resources unless allowEmpty is set; sync with prune does."
    )
    refused = refused | {"message": "Failed last sync attempt to [b2a0ae3]: denied"}
    item = row(read(STAGE, app("outofsync-healthy-succeeded", status__conditions=[refused])), "Application")
    assert item.why == "The sync failed: denied; sync tries again."


def test_there_are_situations_enough():
    assert len(SITUATIONS) >= 12


def test_what_is_live_is_a_field_where_it_is_not_what_was_synced():
    fields = row(read(STAGE, *documents("sync", "aborted")), "Application").fields
    assert (fields.live, fields.cause) == ("127.0.0.1:5000/demo/app:1.0.4", "Rollout demo")
    assert row(read(STAGE, app("synced-healthy-succeeded")), "Application").fields.live is None


def test_a_change_of_the_stable_replica_set_reads_the_application_again():
    application, rollout, old, new = documents("sync", "aborted")
    reader = read(STAGE, application, rollout, new)
    assert "live is the stable version" in row(reader, "Application").why
    (kind,) = [source.kind for source in STAGE.sources if source.kind.name == "ReplicaSet"]
    made = decoded(kind, old)
    reader.put(kind, reference(kind, made.metadata), made)
    reader.refresh()
    assert "live is app:1.0.4, not app:1.0.5" in row(reader, "Application").why


def test_what_no_application_reads_of_others_leaves_it_as_it_is():
    application, rollout, old, new = documents("sync", "aborted")
    reader = read(STAGE, application, rollout, old, new)
    of = {source.kind.name: source.kind for source in STAGE.sources}
    old["spec"]["replicas"] = 3
    rollout["status"]["message"] = "another"
    for obj in (old, rollout):
        kind = of[obj["kind"]]
        made = decoded(kind, obj)
        reader.put(kind, reference(kind, made.metadata), made)
    assert reader.pending == 0


@pytest.mark.parametrize("hiding", [{"hidden": ["Rollout"]}, {"narrowed": ["Rollout"]}])
def test_a_rollout_that_cant_be_seen_is_said_to_be_where_the_health_may_come_from(hiding):
    (application, *_) = documents("sync", "aborted")
    item = row(read(STAGE, application, **hiding), "Application")
    assert "calls it Degraded; its Rollout demo can't be seen; rollback goes to 1db68d2" in item.why


def test_the_next_attempt_is_a_field_and_never_later_than_the_longest_wait():
    def due(count: int, **backoff: Any) -> str:
        state = WAITS | {"retryCount": count}
        state["operation"] = state["operation"] | {"retry": {"limit": -1, "backoff": backoff}}
        fields = row(
            read(STAGE, app("outofsync-healthy-running", status__operationState=state)), "Application"
        ).fields
        return f"{fields.retry_at:%H:%M:%S}" if fields.retry_at else "unknown"

    assert due(1, duration="5", factor=3) == "02:41:13"
    assert due(90) == "02:43:58"
    assert due(5000, factor=9) == "02:43:58"
    assert due(3, duration="1000000h", maxDuration="0", factor=99999999) == "unknown"
    assert due(9, duration="1m", maxDuration="90s") == "02:42:28"
    assert due(1, duration="soon") == "unknown"


def test_an_owner_and_a_parent_are_fields():
    tracked = {"argocd.argoproj.io/tracking-id": "apps:argoproj.io/Application:argocd/t-9f3a1e-hook-runs"}
    owners = [{"kind": "ApplicationSet", "name": "fleet", "uid": "x", "controller": True}]
    fields = row(
        read(
            STAGE,
            app("synced-healthy-running", metadata__annotations=tracked, metadata__ownerReferences=owners),
        ),
        "Application",
    ).fields
    assert (fields.parent, fields.application_set) == ("apps", "fleet")
    copied = {"argocd.argoproj.io/tracking-id": "apps:argoproj.io/Application:argocd/another"}
    fields = row(
        read(STAGE, app("synced-healthy-running", metadata__annotations=copied)), "Application"
    ).fields
    assert (fields.parent, fields.application_set) == (None, None)
