"""An Application in full: what each part of its detail says, and what it says of what it can't see."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from changing import changed
from hypothesis import given
from hypothesis import strategies as st
from lab_objects import lab_application as app
from recordings import documents
from stage_readers import answering, facts, read, row

from trombone_tui.core.details import Branch
from trombone_tui.core.masking import LAST_APPLIED
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.ports import Candidate, Denied, Missing
from trombone_tui.core.questions import Thing
from trombone_tui.pipeline.sync import STAGE

SHA = "b2a0ae367382d47f364d1cd174a8974e6441c5cb"
OLD = "398f6cea92b39a7181139b238cd03a4535c14186"


def told(*objects: dict[str, Any], ask: Any = None, title: str, **kwargs: Any) -> dict[str, Any]:
    reader = read(STAGE, *objects, **kwargs)
    name = objects[0]["metadata"]["name"]
    return facts(reader, row(reader, "Application", name), title, ask)


def tree(*objects: dict[str, Any], ask: Any = None, title: str, **kwargs: Any) -> tuple[Branch, ...]:
    reader = read(STAGE, *objects, **kwargs)
    ref = row(reader, "Application", objects[0]["metadata"]["name"]).ref
    found = {detail.title: detail for detail in reader.details(ref, ask)}
    return found[title].branches if title in found else ()


def said(branches: tuple[Branch, ...]) -> list[tuple[str, str]]:
    return [(one.text, one.note) for one in branches]


# --- operation


def test_the_whole_operation_is_asked_for_and_failures_come_first():
    of = app("synced-healthy-failed")
    branches = tree(of, ask=answering(Application=[of]), title="What the operation did")
    assert said(branches) == [
        ("Sync hook Job t-9f3a1e/hook-fails", "Failed: Job has reached the specified backoff limit"),
        ("1 resource without trouble", ""),
    ]
    assert said(branches[1].branches) == [
        ("ConfigMap t-9f3a1e/hook-fails", "Synced: configmap/hook-fails created")
    ]
    assert said(tree(of, title="What the operation did"))[1:] == [
        ("what went without trouble is being read", "")
    ]


def test_many_resources_without_trouble_are_folded():
    of = app("synced-degraded-succeeded")
    results = of["status"]["operationState"]["syncResult"]["resources"]
    results += [results[0] | {"name": f"s{n}"} for n in range(60)]
    (only,) = tree(of, ask=answering(Application=[of]), title="What the operation did")
    assert (only.text, only.folded, only.branches[-1].text) == (
        "65 resources without trouble",
        True,
        "25 more",
    )


def test_an_operation_tells_who_how_long_and_the_next_attempt():
    state = app("outofsync-healthy-failed-syncerror")["status"]["operationState"]
    state |= {"phase": "Running", "retryCount": 2}
    state["operation"] |= {
        "initiatedBy": {"username": "ann"},
        "retry": {"limit": 5, "backoff": {"duration": "30s", "factor": 3, "maxDuration": "10m"}},
        "info": [{"name": "Reason", "value": "a hotfix"}],
    }
    of = told(app("outofsync-healthy-failed-syncerror", status__operationState=state), title="Operation")
    assert (of["Started by"], of["Reason"], of["Took"]) == ("ann", "a hotfix", "5 s")
    assert (of["Retries"], of["Options"]) == ("2 of 5", "none")
    assert of["Next attempt"] == datetime(2026, 11, 26, 2, 45, 28, tzinfo=UTC)
    assert of["Waits"] == "30s, then 3 times as long each time, at most 10m"


def test_an_operation_that_runs_tells_since_when_by_the_clock():
    now = datetime(2026, 11, 26, 2, 44, 51, tzinfo=UTC)
    of = told(app("synced-healthy-running"), title="Operation", now=now)
    assert (of["Takes"], of["Started by"], of["Phase"]) == ("4 min", "auto-sync", "Running")


def test_an_operation_that_is_asked_for_and_not_begun_is_said():
    of = app("synced-healthy", operation={"initiatedBy": {"username": "ann"}, "sync": {}})
    assert told(of, title="Operation")["Asked for"] == "a sync by ann, not begun"


def test_an_operation_tells_what_it_was_asked_to_do():
    sync = {
        "dryRun": True,
        "prune": True,
        "syncOptions": ["ServerSideApply=true"],
        "resources": [{"kind": "ConfigMap", "name": f"c{n}"} for n in range(7)],
        "autoHealAttemptsCount": 2,
    }
    of = told(app("synced-healthy-failed", status__operationState__operation__sync=sync), title="Operation")
    assert (of["Options"], of["Dry run"]) == ("ServerSideApply=true, prune", "nothing is applied")
    assert of["Only"] == "ConfigMap c0, ConfigMap c1, ConfigMap c2, ConfigMap c3, ConfigMap c4 and 2 more"
    assert of["Self-heal attempts"] == 2


def test_many_failures_are_counted_and_what_was_not_pruned_is_marked():
    failed = [{"kind": "ConfigMap", "name": f"c{n}", "status": "SyncFailed"} for n in range(45)]
    skipped = [
        {"kind": "Secret", "name": "s", "status": "PruneSkipped", "message": "ignored (requires pruning)"}
    ]
    of = app("synced-healthy-failed", status__operationState__syncResult={"resources": [*skipped, *failed]})
    branches = tree(of, ask=answering(Application=[of]), title="What the operation did")
    assert branches[40].text == "5 more that failed, or hooks"
    (only,) = branches[41].branches
    assert (only.note, only.health) == ("PruneSkipped: ignored (requires pruning)", Health.SUSPENDED)


# --- resources and health


def deployment(**status: Any) -> dict[str, Any]:
    """A Deployment as ``kube-controller-manager`` leaves it after its progress deadline."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": "idle",
            "namespace": "t-fbeb2f",
            "generation": 1,
            "creationTimestamp": "2026-11-26T02:40:57Z",
        },
        "spec": {"replicas": 2},
        "status": {
            "observedGeneration": 1,
            "replicas": 2,
            "updatedReplicas": 2,
            "conditions": [
                {
                    "type": "Progressing",
                    "status": "False",
                    "reason": "ProgressDeadlineExceeded",
                    "message": "m",
                }
            ],
            **status,
        },
    }


def degraded(**changes: Any) -> dict[str, Any]:
    return app("outofsync-missing-succeeded", status__health={"status": "Degraded"}, **changes)


def test_the_resource_that_the_health_comes_from_is_found_by_looking_at_it():
    ask = answering(Thing_Deployment=deployment())
    of = told(degraded(), ask=ask, title="Application")
    assert (
        of["Health comes from"] == "Deployment idle: no progress within its deadline, 0 of 2 pods available"
    )
    branches = tree(degraded(), ask=ask, title="Resources")
    assert said(branches) == [
        (
            "Argo CD keeps the health of single resources out of the object",
            "what is said of it is worked out from the objects that can be seen",
        ),
        (
            "Deployment t-fbeb2f/idle",
            "OutOfSync, Degraded: no progress within its deadline, 0 of 2 pods available",
        ),
    ]


def test_what_can_not_be_looked_at_is_said_and_never_reads_as_well():
    for trouble, note in (
        (
            Denied("get", "deployments.apps", namespace="t-fbeb2f"),
            "Unknown: may not get deployments.apps in namespace t-fbeb2f",
        ),
        (Missing("gone"), "Missing: is not there"),
    ):
        branches = tree(degraded(), ask=answering(Thing_Deployment=trouble), title="Resources")
        assert branches[-1].note == f"OutOfSync, {note}"
    of = told(degraded(), title="Application")
    assert of["Health comes from"] == "not told by the object, nor by what of its resources can be seen"


def test_objects_of_another_cluster_are_not_looked_at():
    def refuse(question: Thing) -> Any:
        raise AssertionError(question)

    of = degraded(spec__destination={"server": "https://10.0.0.1", "namespace": "t"})
    ask = answering(Thing_Deployment=refuse)
    assert said(tree(of, ask=ask, title="Resources"))[1] == ("Deployment t-fbeb2f/idle", "OutOfSync")
    assert said(tree(of, ask=ask, title="Differs from the source")) == [
        ("Deployment t-fbeb2f/idle", "differs; it is in another cluster and not looked at")
    ]


def test_a_healthy_application_has_nothing_looked_at():
    def refuse(question: Thing) -> Any:
        raise AssertionError(question)

    assert tree(
        app("outofsync-healthy"), ask=answering(Thing_ConfigMap=None, Thing_Service=refuse), title="Resources"
    )


def test_rollouts_tell_their_own_health_and_causes_come_first():
    branches = tree(*documents("sync", "aborted"), title="Resources")
    assert said(branches)[1] == ("Rollout shop/demo", "Synced, Degraded")
    assert branches[2].text == "4 resources in sync"


def test_many_causes_and_many_conditions_are_counted():
    many = [
        {"kind": "Pod", "name": f"p{n}", "status": "Synced", "health": {"status": "Odd"}} for n in range(150)
    ]
    conditions = [{"type": "Own", "message": f"m{n}"} for n in range(45)]
    of = app("synced-degraded-succeeded", status__health={"status": "Unknown"}, status__resources=many)
    reader = read(STAGE, changed(of, status__conditions=conditions))
    parts = {one.title: one for one in reader.details(row(reader, "Application").ref)}
    causes = [fact.value for fact in parts["Application"].facts if fact.name == "Health comes from"]
    assert causes == [*(f"Pod p{n}" for n in range(5)), "145 more"]
    assert parts["Conditions"].lines[0].text == "Own: m0"
    assert parts["Conditions"].lines[-1].text == "5 more"
    assert parts["Resources"].branches[-1].text == "50 more not in sync or not well"


def test_a_rollout_without_a_status_tells_nothing_of_what_is_live():
    application, rollout, *_ = documents("sync", "aborted")
    del rollout["status"]
    reader = read(STAGE, application, rollout)
    assert "Live" not in [one.title for one in reader.details(row(reader, "Application").ref)]
    assert row(reader, "Application").fields.live is None


def test_resources_tell_waves_hooks_and_deletions():
    resources = [
        {"kind": "Job", "name": "a", "namespace": "n", "hook": True, "requiresPruning": True},
        {"kind": "Secret", "name": "b", "namespace": "n", "status": "OutOfSync", "requiresPruning": True,
         "requiresDeletionConfirmation": True, "syncWave": 3},
    ]  # fmt: skip
    assert said(tree(app("outofsync-healthy", status__resources=resources), title="Resources"))[1:] == [
        ("Job n/a", "hook"),
        ("Secret n/b", "OutOfSync, to be deleted, waits for somebody to confirm its deletion, wave 3"),
    ]


# --- drift


WANTED = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "idle", "namespace": "t-fbeb2f"},
    "spec": {"replicas": 5},
}


def with_applied(live: dict[str, Any]) -> dict[str, Any]:
    made = copy.deepcopy(live)
    made["metadata"]["annotations"] = {LAST_APPLIED: json.dumps(WANTED)}
    return made


def drift(of: dict[str, Any], thing: Any) -> tuple[Branch, ...]:
    return tree(of, ask=answering(Thing_Deployment=thing), title="Differs from the source")


def test_what_was_changed_in_the_cluster_is_shown_field_by_field():
    (only,) = drift(app("outofsync-missing-succeeded"), with_applied(deployment()))
    assert (only.text, only.note) == (
        "Deployment t-fbeb2f/idle",
        "changed in the cluster since it was applied",
    )
    assert [line.text for line in only.branches] == ["spec.replicas: 2 live, 5 desired"]


@pytest.mark.parametrize(
    ("thing", "note"),
    [
        (deployment(), "differs; the object doesn't carry what is desired"),
        (Missing("gone"), "is not there, so a sync creates it"),
        (
            Denied("get", "deployments.apps", namespace="t-fbeb2f"),
            "differs; what differs is not known: may not get deployments.apps in namespace t-fbeb2f",
        ),
        (None, "differs"),
    ],
    ids=["applied by the server", "not there", "may not be read", "not answered yet"],
)
def test_what_differs_and_is_not_known_says_why(thing, note):
    assert said(drift(app("outofsync-missing-succeeded"), thing)) == [("Deployment t-fbeb2f/idle", note)]


def test_an_object_that_is_as_it_was_applied_leaves_the_source_as_what_has_changed():
    live = with_applied(deployment())
    live["spec"]["replicas"] = 5
    (only,) = drift(app("outofsync-missing-succeeded", status__sync__revision=SHA), live)
    assert only.note == "is as it was applied from 1389c3b; b2a0ae3 asks for something else"
    (only,) = drift(app("outofsync-missing-succeeded", status__history=None), live)
    assert only.note == "is as it was applied; the source asks for something else"


def test_what_is_to_be_deleted_is_not_looked_at():
    assert said(tree(app("outofsync-healthy-succeeded"), title="Differs from the source")) == [
        ("ConfigMap t-9f3a1e/unpruned-extra", "to be deleted: it is not in the source any more")
    ]


def test_twenty_resources_are_looked_at_and_the_rest_is_named():
    many = [
        {"kind": "Deployment", "name": f"d{n}", "status": "OutOfSync", "group": "apps"} for n in range(25)
    ]
    looked: list[str] = []

    def look(question: Thing) -> Any:
        looked.append(question.name)

    branches = drift(app("outofsync-healthy-succeeded", status__resources=many), look)
    assert looked == [f"d{n}" for n in range(20)]
    assert [one.folded for one in branches] == [False] * 3 + [True] * 18
    assert branches[-1].text == "5 more, not looked at"
    assert said(branches[-1].branches)[0] == ("Deployment d20", "differs")


# --- what is live


def test_what_is_live_and_what_was_asked_for_are_both_said_with_the_images_commit():
    images = {"1.0.4": Candidate(tag="1.0.4", revision="abc1234")}
    of = told(*documents("sync", "aborted"), ask=answering(Candidates=images), title="Live")
    assert of == {
        "Live of demo": "127.0.0.1:5000/demo/app:1.0.4 (revision 5)",
        "Asked of demo": "127.0.0.1:5000/demo/app:1.0.5: aborted, not live",
        "Commit of 127.0.0.1:5000/demo/app:1.0.4": "abc1234",
    }


def test_an_image_without_a_commit_or_a_registry_that_refuses_is_said():
    image = "Commit of 127.0.0.1:5000/demo/app:1.0.4"
    nameless = answering(Candidates={"1.0.4": Candidate(tag="1.0.4")})
    assert told(*documents("sync", "aborted"), ask=nameless, title="Live")[image] == "not named by the image"
    refused = answering(Candidates=Denied("read", "repository demo/app"))
    assert told(*documents("sync", "aborted"), ask=refused, title="Live")[image].startswith(
        "not known: may not read"
    )


def test_what_is_live_is_not_known_without_rollouts_or_replica_sets():
    application, rollout, *_ = documents("sync", "aborted")
    assert told(application, title="Live", hidden=["Rollout"]) == {
        "Live": "not known: Rollouts can't be seen"
    }
    of = told(application, rollout, title="Live", hidden=["ReplicaSet"])
    assert of["Live of demo"] == "not known: ReplicaSets can't be seen"


# --- sources and policy


def test_each_source_has_its_own_revision_and_its_renderer_in_words():
    sources = [
        {
            "repoURL": "https://charts.example",
            "chart": "web",
            "targetRevision": "1.2.*",
            "helm": {
                "releaseName": "shop",
                "valueFiles": ["$config/values.yaml"],
                "parameters": [{"name": "image.tag", "value": "1"}],
                "valuesObject": {"a": 1},
            },
        },
        {
            "repoURL": "https://git.example/config.git",
            "ref": "config",
            "path": "web",
            "directory": {"recurse": True, "exclude": "*.md"},
        },
        {
            "repoURL": "https://git.example/k.git",
            "path": ".",
            "kustomize": {"images": ["web=web:2"], "patches": [{}, {}]},
        },
        {
            "repoURL": "https://git.example/p.git",
            "path": ".",
            "plugin": {"name": "cdk", "env": [{"name": "TOKEN", "value": "s"}]},
        },
    ]
    of = app(
        "synced-healthy-succeeded",
        spec__sources=sources,
        status__sync={"status": "Synced", "revisions": ["1.2.7", OLD, SHA]},
        status__sourceTypes=["Helm", "Directory", "Kustomize", "Plugin"],
    )
    ask = answering(Application=[of])
    first, second, third, fourth = (told(of, ask=ask, title=f"Source {n} of 4") for n in (1, 2, 3, 4))
    assert (first["Chart"], first["Target"], first["Revision"]) == ("web", "1.2.*", "1.2.7")
    assert first["Rendered by"] == (
        "Helm: release shop; values from $config/values.yaml; values written in the Application; "
        "1 parameter: image.tag"
    )
    assert (second["Others call it"], second["Target"], second["Revision"]) == ("$config", "HEAD", OLD)
    assert second["Rendered by"] == "Directory: with folders below; without *.md"
    assert third["Rendered by"] == "Kustomize: images web=web:2; patched in 2 places"
    assert (fourth["Rendered by"], fourth["Revision"]) == ("Plugin: plugin cdk; 1 variable", None)


def test_a_hydrator_tells_its_branches_and_its_last_run():
    of = app(
        "synced-healthy-succeeded",
        spec__source=None,
        spec__sourceHydrator={
            "drySource": {"repoURL": "https://git.example/dry", "path": "web", "targetRevision": "main"},
            "syncSource": {"targetBranch": "env/prod", "path": "web"},
            "hydrateTo": {"targetBranch": "env/prod-next"},
        },
        status__sourceHydrator={"currentOperation": {"phase": "Hydrated", "drySHA": SHA, "hydratedSHA": OLD}},
    )
    assert told(of, title="Hydrator") == {
        "Dry source": "https://git.example/dry web main",
        "Written to": "env/prod-next",
        "Synced from": "env/prod web",
        "Hydration": "Hydrated",
        "Dry commit": SHA,
        "Hydrated commit": OLD,
        "Finished": None,
    }


def test_the_policy_says_what_happens_by_itself():
    of = told(app("synced-degraded-succeeded"), title="Policy")
    assert (of["Auto-sync"], of["Self-heal"], of["Prune"], of["Allow empty"]) == ("on", "on", "on", "off")
    assert of["Options"] == "CreateNamespace=true"
    assert of["Retries"].startswith("5 times after auto-sync")
    policy = {
        "automated": {"enabled": False, "selfHeal": True},
        "retry": {"limit": -1, "backoff": {"duration": "1m", "factor": 1, "maxDuration": "1m"}},
    }
    rules = [
        {
            "group": "apps",
            "kind": "Deployment",
            "jsonPointers": ["/spec/replicas"],
            "managedFieldsManagers": ["hpa"],
        }
    ]
    of = told(
        app("synced-degraded-succeeded", spec__syncPolicy=policy, spec__ignoreDifferences=rules),
        title="Policy",
    )
    assert of["Auto-sync"] == "off; its settings are kept for auto-sync on"
    assert of["Retries"] == "without end; waits 1m, then 1 times as long each time, at most 1m"
    assert of["Not compared in Deployment"] == "/spec/replicas, what hpa manages"
    assert told(app("new"), title="Policy") == {
        "Auto-sync": "off", "Self-heal": "off", "Prune": "off", "Allow empty": "off"
    }  # fmt: skip


def test_the_next_comparison_is_an_estimate_and_a_refresh_that_waits_is_said():
    at = datetime(2026, 11, 26, 2, 41, 37, tzinfo=UTC)
    of = app("synced-degraded-succeeded", metadata__annotations={"argocd.argoproj.io/refresh": "hard"})
    soon = told(of, title="Application", now=at)
    assert soon["Next comparison"].startswith("between 02:43Z and 02:44Z: an estimate")
    assert soon["Refresh"] == "asked for (hard), not taken up yet"
    late = told(app("synced-degraded-succeeded"), title="Application", now=at.replace(hour=4))
    assert (
        late["Next comparison"]
        == "was due by 26 Nov 02:44Z, by Argo CD's default interval; refresh asks for it"
    )
    assert "Next comparison" not in told(app("new"), title="Application")


def test_the_history_is_newest_first_and_says_where_rollback_goes():
    of = told(*documents("sync", "aborted"), title="History")
    assert list(of)[:2] == ["Sync 5", "Sync 4"]
    assert of["Sync 5"] == "40addcb 23 Nov 13:07Z, took 2 s by auto-sync"
    assert of["Sync 4"] == "1db68d2 23 Nov 13:06Z, took 2 s by auto-sync; rollback goes here"


def test_conditions_are_said_in_words_with_their_time():
    reader = read(STAGE, *documents("sync", "out-of-sync"))
    (found,) = [one for one in reader.details(row(reader, "Application").ref) if one.title == "Conditions"]
    assert len(found.lines) == 5
    assert found.lines[0].text.startswith("Another Application has it, too (SharedResourceWarning): ")
    assert found.lines[0].at is not None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=6), inner, max_size=2),
    max_leaves=5,
)
PARTS = st.dictionaries(st.sampled_from(["metadata", "spec", "status", "kind"]), JSON)


@given(thing=PARTS, desired=JSON, revision=st.text(max_size=5))
def test_any_answer_makes_details_and_never_an_error(thing, desired, revision):
    live = thing | {"metadata": {"annotations": {LAST_APPLIED: json.dumps(desired)}}}
    candidates = {"1.0.4": Candidate(tag="1.0.4", revision=revision)}
    for answer in (thing, live):
        ask = answering(
            Thing_Deployment=answer, Application=[thing], ApplicationSet=[thing], Candidates=candidates
        )
        for of in (app("outofsync-missing-succeeded"), *documents("sync", "aborted")[:1]):
            reader = read(STAGE, of)
            assert reader.details(row(reader, "Application").ref, ask)


# --- lineage


CHILD = {"group": "argoproj.io", "kind": "Application", "namespace": "argocd", "status": "Synced"}
PARENT = {
    "kind": "Application",
    "metadata": {"name": "apps", "namespace": "argocd", "uid": "p"},
    "status": {
        "sync": {"status": "Synced", "revision": SHA},
        "health": {"status": "Healthy"},
        "resources": [CHILD | {"name": "t-9f3a1e-hook-runs"}, CHILD | {"name": "gone"}],
    },
}
TRACKED = {"argocd.argoproj.io/tracking-id": "apps:argoproj.io/Application:argocd/t-9f3a1e-hook-runs"}


def test_a_parent_and_its_children_name_each_other():
    child = app("synced-healthy-running", metadata__annotations=TRACKED)
    of = told(child, PARENT, title="Made by")
    assert of["Application"] == "apps (Synced, Healthy); it undoes changes of the spec when it syncs"
    branches = tree(PARENT, child, title="Applications it makes")
    assert said(branches) == [("t-9f3a1e-hook-runs", "Synced, Healthy 82f615b"), ("gone", "not to be seen")]
    assert told(child, title="Made by")["Application"].startswith("apps, which is not to be seen;")


def test_a_label_names_a_parent_only_where_there_is_such_an_application():
    labelled = app("synced-healthy-running", metadata__labels={"app.kubernetes.io/instance": "apps"})
    assert told(labelled, PARENT, title="Made by")["Application"].startswith(
        "apps (Synced, Healthy), by the label"
    )
    reader = read(STAGE, labelled)
    assert "Made by" not in [one.title for one in reader.details(row(reader, "Application").ref)]


def test_an_application_of_another_namespace_is_found_by_its_tracking_id():
    elsewhere = PARENT | {"metadata": {"name": "apps", "namespace": "team", "uid": "q"}}
    tracking = {
        "argocd.argoproj.io/tracking-id": "team_apps:argoproj.io/Application:argocd/t-9f3a1e-hook-runs"
    }
    of = told(app("synced-healthy-running", metadata__annotations=tracking), elsewhere, title="Made by")
    assert of["Application"].startswith("team_apps (Synced, Healthy)")


OWNED = [{"kind": "ApplicationSet", "name": "fleet", "uid": "x", "controller": True}]
SET = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "ApplicationSet",
    "metadata": {"name": "fleet", "namespace": "argocd"},
    "spec": {"strategy": {"type": "RollingSync"}, "generators": [], "template": {}},
    "status": {
        "conditions": [
            {"type": "ErrorOccurred", "status": "True", "message": "repository not found", "reason": "E"},
            {"type": "ResourcesUpToDate", "status": "False", "message": "x"},
        ],
        "applicationStatus": [
            {
                "application": "t-9f3a1e-hook-runs",
                "status": "Waiting",
                "step": "2",
                "message": "Application is out of date",
            }
        ],
    },
}


def test_an_application_set_tells_where_its_application_stands():
    of = told(
        app("synced-healthy-running", metadata__ownerReferences=OWNED),
        ask=answering(ApplicationSet=[SET]),
        title="Made by",
    )
    assert of == {
        "ApplicationSet": "fleet; it undoes changes of the spec, auto-sync on or off among them",
        "Strategy": "RollingSync: the set syncs its Applications step by step",
        "In its set": "Waiting, step 2: Application is out of date",
        "Set's error": "repository not found",
    }


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"syncPolicy": {"applicationsSync": "create-only"}}, "it leaves changes of the spec alone"),
        (
            {"ignoreApplicationDifferences": [{"jsonPointers": ["/spec/syncPolicy"]}]},
            "it undoes changes of the spec but for those it is told to ignore",
        ),
    ],
)
def test_an_application_set_may_leave_changes_alone(spec, words):
    of = app("synced-healthy-running", metadata__ownerReferences=OWNED)
    ask = answering(ApplicationSet=[SET | {"spec": spec}])
    assert told(of, ask=ask, title="Made by")["ApplicationSet"] == f"fleet; {words}"


def test_an_application_set_that_may_not_be_read_is_named_with_the_reason():
    of = app("synced-healthy-running", metadata__ownerReferences=OWNED)
    denied = answering(ApplicationSet=Denied("list", "applicationsets.argoproj.io", namespace="argocd"))
    assert told(of, ask=denied, title="Made by")["ApplicationSet"] == (
        "fleet; may not list applicationsets.argoproj.io in namespace argocd"
    )
    assert told(of, title="Made by") == {"ApplicationSet": "fleet"}
