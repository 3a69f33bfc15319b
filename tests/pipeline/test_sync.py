"""Applications: what is in sync, what waits for whom, and whose trouble it is."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime

import pytest
from any_json import wild
from changing import changed
from hypothesis import given
from hypothesis import strategies as st
from recordings import documents, play
from stage_readers import decoded, facts, read, row

from trombone_tui.core.objects.argo_cd import APPLICATION
from trombone_tui.core.objects.basics import Health
from trombone_tui.pipeline.sync import STAGE

SHA = "40addcb223cc5c39ba4c36e9c888d169c4b71fbf"
OLD = "1db68d2a5b2b8d11e05228b197bd102d38c064a4"


def application(sync="Synced", health="Healthy", operation=None, automated=None, **changes):
    made = {
        "kind": "Application",
        "metadata": {"name": "a", "namespace": "argocd", "uid": "u"},
        "spec": {
            "project": "default",
            "destination": {"server": "https://kubernetes.default.svc", "namespace": "shop"},
            "source": {"repoURL": "https://git.example/a.git", "targetRevision": "main", "path": "."},
            "syncPolicy": {"automated": automated},
        },
        "status": {
            "sync": {"status": sync, "revision": SHA},
            "health": {"status": health},
            "operationState": operation,
            "resources": [{"kind": "ConfigMap", "name": "one", "namespace": "shop", "status": sync}],
            "reconciledAt": "2026-11-23T13:00:00Z",
        },
    }
    return changed(made, **changes)


def rollout(phase, name="web"):
    return {
        "kind": "Rollout",
        "metadata": {"name": name, "namespace": "shop", "uid": name},
        "status": {"phase": phase},
    }


def with_rollouts(*names, **kwargs):
    of = [
        {"group": "argoproj.io", "kind": "Rollout", "namespace": "shop", "name": name, "status": "Synced"}
        for name in names
    ]
    return application(status__resources=of, **kwargs)


def operation(phase, message="", finished=None, revision=SHA, **more):
    made = {
        "phase": phase,
        "message": message,
        "startedAt": "2026-11-23T13:00:00Z",
        "operation": {"sync": {"revision": revision}},
        **more,
    }
    return made if finished is None else {**made, "finishedAt": finished}


def only(*objects, **kwargs):
    return row(read(STAGE, *objects, **kwargs), "Application")


STATES = [
    pytest.param(
        "no-such-repo",
        Health.DEGRADED,
        "can't compare",
        "Can't be compared with its source: failed to list refs: repository not found; "
        "Argo CD still calls it Healthy; once mended, refresh reads it again.",
        {
            "sync": "Unknown",
            "revision": "main",
            "operation": None,
            "condition": "ComparisonError",
            "app_health": "Healthy",
            "out_of_sync": None,
            "message": "Failed to load target state: failed to generate manifest for source 1 of 1: "
            "rpc error: code = Unknown desc = failed to list refs: repository not found",
        },
        id="a repository that can't be read is a trouble although its health is Healthy",
    ),
    pytest.param(
        "no-such-path",
        Health.DEGRADED,
        "can't compare",
        "Can't be compared with its source: overlays/none: app path does not exist; "
        "Argo CD still calls it Healthy; once mended, refresh reads it again.",
        {"sync": "Unknown", "condition": "ComparisonError"},
        id="a path that is not there",
    ),
    pytest.param(
        "not-allowed",
        Health.DEGRADED,
        "spec refused",
        "The spec is refused: Application referencing project none which does not exist; "
        "nothing is synced until spec or project is mended.",
        {"sync": "Unknown", "revision": None, "condition": "InvalidSpecError", "project": "none"},
        id="a project that is not there",
    ),
    pytest.param(
        "no-namespace",
        Health.DEGRADED,
        "sync failed",
        'The sync to 40addcb failed (5 resources): namespaces "not-created" not found (retried 2 times); '
        "auto-sync tries a revision once, so only sync or a new commit tries again.",
        {
            "sync": "OutOfSync",
            "revision": SHA,
            "commit": "40addcb",
            "operation": "Failed",
            "condition": "SyncError",
            "retries": 2,
            "retry_limit": 2,
            "out_of_sync": 5,
            "app_health": "Missing",
            "auto_sync": True,
        },
        id="a namespace that is not there",
    ),
    pytest.param(
        "hook-failed",
        Health.DEGRADED,
        "sync failed",
        "The sync to b0edd09 failed (1 resource): Sync hook Job migrate: "
        "Job has reached the specified backoff limit; "
        "auto-sync tries a revision once, so only sync or a new commit tries again.",
        {
            "sync": "Synced",
            "operation": "Failed",
            "condition": None,
            "app_health": "Healthy",
            "message": "one or more synchronization tasks completed unsuccessfully",
        },
        id="a hook that failed, with everything else in sync",
    ),
    pytest.param(
        "out-of-sync",
        Health.DEGRADED,
        "OutOfSync",
        "5 of 5 resources differ from 40addcb (Service demo-canary, Service demo-stable and 3 more); "
        "auto-sync is off, so somebody has to sync it; 5 resources also in other Applications.",
        {"sync": "OutOfSync", "auto_sync": False, "out_of_sync": 5, "resources": 5, "warnings": 5},
        id="out of sync without auto-sync",
    ),
    pytest.param(
        "synced-degraded",
        Health.DEGRADED,
        "40addcb",
        "Synced to 40addcb, deployed 23 Nov 13:07Z, but Argo CD calls it Degraded; "
        "rollback goes to 1db68d2, with auto-sync off.",
        {
            "sync": "Synced",
            "operation": "Succeeded",
            "message": "successfully synced (all tasks run)",
            "self_heal": True,
            "prune": True,
            "target": "main",
            "repository": "https://git.example/shop/demo.git",
            "path": "overlays/prod",
            "destination_namespace": "shop",
            "deployed_at": datetime(2026, 11, 23, 13, 7, 56, tzinfo=UTC),
        },
        id="in sync, but Degraded for a reason that can't be seen",
    ),
]


@pytest.mark.parametrize(("name", "health", "brief", "why", "fields"), STATES)
def test_a_state_is_read_as_it_is_and_calls_for_somebody(name, health, brief, why, fields):
    item = only(*documents("sync", name))
    assert (item.health, item.needs_human, item.brief, item.why) == (health, True, brief, why)
    assert {key: getattr(item.fields, key) for key in fields} == fields


def test_a_source_that_holds_nothing_is_said_to():
    item = only(*documents("sync", "no-resources"))
    assert (item.health, item.needs_human) == (Health.HEALTHY, False)
    assert item.why == "Synced to b0edd09; Healthy, but its source holds no resources."


def test_a_journey_is_told_and_the_sync_is_done_before_the_rollout_is():
    said = []
    for _, reader in play(STAGE, "journey-bad"):
        if not reader.items:
            continue
        item = row(reader, "Application")
        if not said or said[-1] != (item.health, item.why):
            said.append((item.health, item.why))
    assert said == [
        (
            Health.PROGRESSING,
            "Synced to 1db68d2, deployed 23 Nov 13:06Z, but Argo CD calls it Progressing.",
        ),
        (Health.PROGRESSING, "A sync was asked for by auto-sync; Argo CD has not started it."),
        (Health.PROGRESSING, "Syncing to 40addcb since 23 Nov 13:07Z."),
        (
            Health.PROGRESSING,
            "Synced to 40addcb, deployed 23 Nov 13:07Z, but Argo CD calls it Progressing.",
        ),
        (Health.HEALTHY, "Synced to 40addcb, deployed 23 Nov 13:07Z; Progressing through Rollout demo."),
        (Health.HEALTHY, "Synced to 40addcb, deployed 23 Nov 13:07Z; Degraded through Rollout demo."),
    ]


@pytest.mark.parametrize(
    ("health", "phases", "own", "cause"),
    [
        ("Degraded", {"web": "Degraded"}, Health.HEALTHY, "web"),
        ("Suspended", {"web": "Paused"}, Health.HEALTHY, "web"),
        ("Progressing", {"web": "Progressing"}, Health.HEALTHY, "web"),
        ("Degraded", {"api": "Healthy", "web": "Degraded"}, Health.HEALTHY, "web"),
        ("Degraded", {"web": "Paused"}, Health.DEGRADED, ""),
        ("Degraded", {"web": "Healthy"}, Health.DEGRADED, ""),
        ("Degraded", {"web": "Dreaming"}, Health.DEGRADED, ""),
        ("Missing", {"web": "Paused"}, Health.MISSING, ""),
        ("Unknown", {"web": "Degraded"}, Health.UNKNOWN, ""),
        ("Odd", {"web": "Degraded"}, Health.UNKNOWN, ""),
        ("Healthy", {"web": "Degraded"}, Health.HEALTHY, ""),
    ],
)
def test_a_state_of_its_own_rollout_is_that_rollouts_trouble_and_not_the_syncs(health, phases, own, cause):
    of = with_rollouts(*phases, health=health)
    item = only(of, *(rollout(phase, name) for name, phase in phases.items()))
    assert item.health is own
    assert (f"through Rollout {cause}" in item.why) is bool(cause)
    assert item.fields.app_health in (health, "Unknown")


def test_without_sight_of_its_rollouts_the_health_of_an_application_counts():
    assert only(with_rollouts("web", health="Degraded"), hidden=["Rollout"]).needs_human is True


def test_a_change_of_the_rollout_reads_the_application_again():
    reader = read(STAGE, with_rollouts("web", health="Suspended"), rollout("Progressing"))
    assert row(reader, "Application").health is Health.HEALTHY
    (of,) = [source.kind for source in STAGE.sources if source.kind.name == "Rollout"]
    (ref,) = reader.refs(of)
    reader.put(of, ref, decoded(of, rollout("Healthy")))
    reader.refresh()
    assert row(reader, "Application").health is Health.SUSPENDED


SELF_HEAL = {"prune": True, "selfHeal": True}
DONE = operation("Succeeded", finished="2026-11-23T13:00:05Z", syncResult={"revision": SHA})
PRUNE = [{"kind": "ConfigMap", "name": "one", "status": "OutOfSync", "requiresPruning": True}]
OUT = [
    pytest.param(
        application("OutOfSync", automated={}),
        Health.PROGRESSING,
        "1 of 1 resource differs from 40addcb (ConfigMap one); auto-sync is on.",
        id="auto-sync will take it up",
    ),
    pytest.param(
        application("OutOfSync", automated={"enabled": False, "selfHeal": True}),
        Health.SUSPENDED,
        "1 of 1 resource differs from 40addcb (ConfigMap one); auto-sync is off, so somebody has to sync it.",
        id="auto-sync is written but switched off",
    ),
    pytest.param(
        application("OutOfSync", automated={}, operation=DONE),
        Health.SUSPENDED,
        "1 of 1 resource differs from 40addcb (ConfigMap one), which was synced before; self-heal is off, "
        "so somebody has to sync it.",
        id="changed in the cluster and nothing heals it",
    ),
    pytest.param(
        application("OutOfSync", automated=SELF_HEAL, operation=DONE),
        Health.PROGRESSING,
        "1 of 1 resource differs from 40addcb (ConfigMap one); auto-sync is on.",
        id="changed in the cluster and self-heal is on",
    ),
    pytest.param(
        application("OutOfSync", automated={}, status__resources=PRUNE),
        Health.SUSPENDED,
        "1 of 1 resource differs from 40addcb (ConfigMap one): 1 resource to delete, but auto-sync does not "
        "prune; sync with prune does.",
        id="only pruning is left and nothing prunes",
    ),
    pytest.param(
        application("OutOfSync", status__resources=None),
        Health.SUSPENDED,
        "It differs from 40addcb; auto-sync is off, so somebody has to sync it.",
        id="what differs is not told",
    ),
]


@pytest.mark.parametrize(("of", "health", "why"), OUT)
def test_out_of_sync_says_who_ends_it_and_waits_for_somebody_only_if_nobody_does(of, health, why):
    item = only(of)
    assert (item.health, item.needs_human, item.why) == (health, health is Health.SUSPENDED, why)


def test_config_maps_that_do_not_exist_are_out_of_sync_though_healthy():
    """Kinds without a health check don't count in Argo CD's health."""
    item = only(application("OutOfSync", "Healthy"))
    assert (item.health, item.fields.app_health) == (Health.SUSPENDED, "Healthy")


RETRY = (
    'one or more objects failed to apply, reason: namespaces "x" not found. Retrying attempt #1 at 1:55PM.'
)
MOVING = [
    pytest.param(
        application("OutOfSync", "Missing", operation("Running", RETRY, "2026-11-23T13:00:05Z"), {}),
        (Health.MISSING, True, "retrying"),
        "The sync to 40addcb failed and is tried again, retry 1 about 23 Nov 13:00Z: "
        'namespaces "x" not found; terminate-op ends it.',
        id="running with an end waits for a retry",
    ),
    pytest.param(
        application("OutOfSync", operation=operation("Running", "applying"), automated={}),
        (Health.PROGRESSING, False, "syncing"),
        "Syncing to 40addcb since 23 Nov 13:00Z: applying; terminate-op ends it.",
        id="running",
    ),
    pytest.param(
        application(operation=operation("Terminating")),
        (Health.PROGRESSING, False, "syncing"),
        "Its operation is being ended; if that takes long, terminate-op again.",
        id="being ended",
    ),
    pytest.param(
        application(operation=operation("Running", "Sync operation blocked by sync window")),
        (Health.SUSPENDED, False, "sync window"),
        "A sync since 23 Nov 13:00Z is held by a sync window of project default; "
        "it goes on when that lets it through, terminate-op gives it up.",
        id="held by a sync window, which opens by itself",
    ),
    pytest.param(
        application(operation=DONE) | {"operation": {"sync": {}}},
        (Health.PROGRESSING, False, "sync asked for"),
        "A sync was asked for; Argo CD has not started it.",
        id="asked for while the last one is still shown",
    ),
    pytest.param(
        application(operation=operation("Failed", "Operation terminated", "2026-11-23T13:00:05Z")),
        (Health.DEGRADED, True, "sync failed"),
        "The sync to 40addcb failed: Operation terminated; sync starts it anew.",
        id="failed although in sync",
    ),
    pytest.param(
        application(operation=operation("Error", "", "2026-11-23T13:00:05Z", syncResult={"revision": OLD})),
        (Health.HEALTHY, False, "40addcb"),
        "Synced to 40addcb; Healthy.",
        id="a failure of an older revision is history once in sync",
    ),
    pytest.param(
        application(
            operation=operation(
                "Failed",
                "hook failed",
                syncResult={
                    "revision": SHA,
                    "resources": [
                        {"kind": "Job", "name": "migrate", "hookType": "PreSync", "hookPhase": "Failed"},
                        {"kind": "Service", "name": "web", "status": "Synced", "hookPhase": "Failed"},
                    ],
                },
            )
        ),
        (Health.DEGRADED, True, "sync failed"),
        "The sync to 40addcb failed (1 resource): hook failed; sync tries again.",
        id="a hook that failed counts, the phase of an ordinary resource does not",
    ),
    pytest.param(
        application(metadata__annotations={"argocd.argoproj.io/skip-reconcile": "true"}),
        (Health.SUSPENDED, True, "not reconciled"),
        "Argo CD leaves it alone: its annotation skip-reconcile is true; "
        "sync and refresh wait until it is gone.",
        id="left alone on request",
    ),
    pytest.param(
        application(metadata__deletionTimestamp="2026-11-23T12:00:00Z"),
        (Health.PROGRESSING, False, "deleting"),
        "Being deleted since 23 Nov 12:00Z.",
        id="being deleted",
    ),
    pytest.param(
        application("Unknown", "Healthy"),
        (Health.UNKNOWN, False, "Unknown"),
        "Argo CD can't tell whether it is in sync and gives no reason; it calls it Healthy; "
        "refresh compares it again.",
        id="unknown without a reason is no pass",
    ),
    pytest.param(
        application(status=None),
        (Health.UNKNOWN, False, "Unknown"),
        "Argo CD has not compared it yet.",
        id="no status yet",
    ),
    pytest.param(
        application(status__health=None),
        (Health.UNKNOWN, False, "40addcb"),
        "Synced to 40addcb, but Argo CD calls it nothing.",
        id="no health told is no pass",
    ),
    pytest.param(
        application(status__health=None, operation=operation("Running")),
        (Health.PROGRESSING, False, "syncing"),
        "Syncing to 40addcb since 23 Nov 13:00Z.",
        id="a first sync before any health is told",
    ),
]


@pytest.mark.parametrize(("of", "state", "why"), MOVING)
def test_an_operation_is_said_with_what_it_waits_for(of, state, why):
    item = only(of)
    assert (item.health, item.needs_human, item.brief) == state
    assert item.why == why


CONDITIONS = [
    (
        "InvalidSpecError",
        "application destination server 'https://x' and namespace 'kube-system' do not match any of the "
        "allowed destinations in project 'shop'",
        "The spec is refused: application destination server 'https://x' and namespace 'kube-system' do not "
        "match any of the allowed destinations in project 'shop'; nothing is synced until spec or project is "
        "mended.",
    ),
    ("DeletionError", "finalizer stuck", "It can't be deleted: finalizer stuck."),
    ("UnknownError", "panic", "UnknownError: panic."),
    (
        "SyncError",
        f"Failed last sync attempt to [{SHA}]: no such kind",
        "The sync failed: no such kind; sync tries again.",
    ),
]


@pytest.mark.parametrize(("kind", "message", "why"), CONDITIONS)
def test_every_error_condition_is_degraded_and_said_whatever_sync_and_health_are(kind, message, why):
    at = "2026-11-23T12:30:00Z"
    conditions = [
        {"type": "OrphanedResourceWarning", "message": "3 orphans"},
        {"type": kind, "message": message, "lastTransitionTime": at},
    ]
    item = only(application(status__conditions=conditions))
    assert (item.health, item.needs_human, item.why) == (Health.DEGRADED, True, why)
    assert (item.fields.condition, item.fields.message, item.fields.warnings) == (kind, message, 1)
    assert item.since == datetime(2026, 11, 23, 12, 30, tzinfo=UTC)


def test_the_error_that_explains_the_others_is_the_one_that_is_said():
    conditions = [
        {"type": "SyncError", "message": "last"},
        {"type": "ComparisonError", "message": "second"},
        {"type": "InvalidSpecError", "message": "first"},
    ]
    assert only(application(status__conditions=conditions)).fields.condition == "InvalidSpecError"


def test_a_warning_is_counted_and_shown_but_no_trouble():
    reader = read(
        STAGE, application(status__conditions=[{"type": "OrphanedResourceWarning", "message": "x"}])
    )
    item = row(reader, "Application")
    assert (item.health, item.fields.warnings, item.fields.condition) == (Health.HEALTHY, 1, None)
    (told,) = [detail for detail in reader.details(item.ref) if detail.title == "Conditions"]
    assert [line.text for line in told.lines] == ["No Application has it (OrphanedResourceWarning): x"]


def test_several_sources_have_several_revisions():
    sources = [{"repoURL": "https://git.example/a"}, {"repoURL": "https://git.example/b", "chart": "web"}]
    of = application(spec__sources=sources, status__sync={"status": "Synced", "revisions": [SHA, "1.2.3"]})
    reader = read(STAGE, of)
    item = row(reader, "Application")
    assert item.fields.revision == f"{SHA}, 1.2.3"
    assert item.fields.commit == "40addcb, 1.2.3"
    first, second = (facts(reader, item, f"Source {number} of 2") for number in (1, 2))
    assert (first["Repository"], first["Revision"]) == ("https://git.example/a", SHA)
    assert (second["Chart"], second["Revision"]) == ("web", "1.2.3")


def test_it_joins_its_rollouts_and_images_but_no_rollout_of_another_cluster():
    images = ["ghcr.io/shop/web:1", "ghcr.io/shop/web:2", "nginx:1"]
    here = with_rollouts("web", status__summary={"images": images})
    assert only(here).joins == (
        "Application/argocd/a",
        "Rollout/shop/web",
        "image/ghcr.io/shop/web",
        "image/nginx",
    )
    for where in ({"server": "https://10.0.0.1", "namespace": "shop"}, {"name": "prod-us"}):
        assert only(changed(here, spec__destination=where)).joins == (
            "Application/argocd/a",
            "image/ghcr.io/shop/web",
            "image/nginx",
        )
    assert "Rollout/shop/web" in only(changed(here, spec__destination={"name": "in-cluster"})).joins


def test_a_rollout_without_a_namespace_of_its_own_is_in_the_destinations():
    of = application(status__resources=[{"group": "argoproj.io", "kind": "Rollout", "name": "web"}])
    assert "Rollout/shop/web" in only(of).joins
    assert only(application(status__resources=[{"kind": "Rollout", "name": "x"}])).joins == (
        "Application/argocd/a",
    )


def test_only_what_failed_is_kept_of_a_large_operation():
    results = [{"kind": "ConfigMap", "name": f"c{n}", "status": "Synced"} for n in range(500)]
    results.append({"kind": "ConfigMap", "name": "bad", "status": "SyncFailed"})
    kept = decoded(APPLICATION, application(operation=operation("Failed", syncResult={"resources": results})))
    assert [one.name for one in kept.status.operation_state.sync_result.resources] == ["bad"]


def test_a_rollouts_details_title_names_where_health_comes_from():
    reader = read(STAGE, with_rollouts("web", health="Degraded"), rollout("Degraded"))
    assert facts(reader, row(reader, "Application"), "Application")["Health comes from"] == "Rollout web"


WHOLE = documents("sync", "no-namespace")[0]
PLACES = [(top, key) for top in ("spec", "status") for key in sorted(WHOLE[top])]


@given(place=st.sampled_from(PLACES), value=wild)
def test_any_value_anywhere_makes_a_row_and_details_and_never_an_error(place, value):
    of = copy.deepcopy(WHOLE)
    of[place[0]][place[1]] = json.loads(json.dumps(value))
    reader = read(STAGE, of)
    item = row(reader, "Application")
    assert item.why
    reader.details(item.ref)
