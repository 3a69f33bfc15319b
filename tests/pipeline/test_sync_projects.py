"""What a project lets an Application do, which sync windows are for it, and Argo CD's health checks."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab_objects import lab_application
from stage_readers import decoded, facts, read, row

from trombone_tui.core.objects.argo_cd import APPLICATION
from trombone_tui.core.objects.argo_cd_health import CHECKED_KINDS, checked
from trombone_tui.core.objects.argo_cd_projects import APP_PROJECT
from trombone_tui.core.objects.basics import Health
from trombone_tui.pipeline.sync import STAGE
from trombone_tui.pipeline.sync.project import windows

HERE = {"server": "https://kubernetes.default.svc", "namespace": "shop"}


def app(**changes: Any) -> dict[str, Any]:
    return lab_application("synced-suspended-succeeded", **changes)


def project(**spec: Any) -> dict[str, Any]:
    return {
        "kind": "AppProject",
        "metadata": {"name": "default", "namespace": "argocd", "uid": "p"},
        "spec": {"sourceRepos": ["*"], "destinations": [{"namespace": "*", "server": "*"}], **spec},
    }


def told(
    of: dict[str, Any], *projects: dict[str, Any], title: str = "Project", **kwargs: Any
) -> dict[str, Any]:
    reader = read(STAGE, of, *projects, **kwargs)
    return facts(reader, row(reader, "Application"), title)


def test_the_default_project_allows_what_argo_cd_writes_into_it():
    everything = [{"group": "*", "kind": "*"}]
    assert told(app(), project(clusterResourceWhitelist=everything)) == {
        "Project": "default",
        "About": None,
        "Sources": "any repository",
        "Destinations": "any namespace of any cluster",
        "Cluster-wide kinds": "all",
        "Namespaced kinds": "all",
    }


def test_restrictions_are_said_with_what_lets_this_application_in():
    of = told(
        app(),
        project(
            description="the shop",
            sourceRepos=["https://git.example/*", "file:///srv/lab/git/*"],
            destinations=[
                {"namespace": "other", "server": "https://kubernetes.default.svc"},
                {"namespace": "sho?", "server": "https://kubernetes.default.svc"},
            ],
            namespaceResourceBlacklist=[{"group": "", "kind": "Secret"}],
            clusterResourceWhitelist=[{"group": "", "kind": "Namespace", "name": "shop"}],
            signatureKeys=[{"keyID": "4AEE18F83AFDEB23"}],
            permitOnlyProjectScopedClusters=True,
            destinationServiceAccounts=[
                {"server": "*", "namespace": "other", "defaultServiceAccount": "no"},
                {"server": "https://kubernetes.*", "namespace": "shop", "defaultServiceAccount": "deployer"},
            ],
        ),
    )
    assert of == {
        "Project": "default",
        "About": "the shop",
        "Sources": "https://git.example/*, file:///srv/lab/git/*",
        "Destinations": "namespace sho? of https://kubernetes.default.svc; 1 other",
        "Cluster-wide kinds": "Namespace shop",
        "Namespaced kinds": "all but Secret",
        "Commits": "must be signed",
        "Clusters": "only those that belong to the project",
        "Syncs as": "deployer",
    }


def test_what_nothing_in_the_project_allows_is_said_with_its_name():
    of = told(
        app(),
        project(
            sourceRepos=["https://git.example/*"],
            destinations=[{"namespace": "other", "name": "in-cluster"}],
            namespaceResourceWhitelist=[{"group": "", "kind": "Service"}, {"group": "*.k8s.io", "kind": "*"}],
        ),
    )
    assert of["Sources"] == "https://git.example/*; nothing found that allows file:///srv/lab/git/demo.git"
    assert of["Destinations"] == "namespace other of in-cluster; nothing found that allows this one"
    assert of["Namespaced kinds"] == "Service, *.*.k8s.io"
    assert of["Not permitted"] == "AnalysisTemplate success-rate, Rollout demo"


def test_a_project_that_can_not_be_seen_is_not_taken_for_one_without_restrictions():
    assert told(app(), hidden=["AppProject"])["Restrictions"] == "not known: AppProjects can't be seen"
    assert told(app())["Restrictions"] == (
        "not known: there is no AppProject default to be seen in namespace argocd"
    )


def test_a_pattern_that_denies_keeps_any_repository_from_being_said():
    of = told(
        app(),
        project(
            sourceRepos=["*", "!https://git.example/secret*"],
            destinations=[{"namespace": "!kube-system", "server": "*"}],
        ),
    )
    assert of["Sources"] == "*, !https://git.example/secret*"
    assert of["Destinations"] == "namespace !kube-system of any cluster"


def test_the_project_is_where_the_controller_is():
    elsewhere = app(metadata__namespace="team")
    of = told(elsewhere, project(sourceNamespaces=["team", "crew-*"]))
    assert of["Applications may be in"] == "team, crew-*"


WINDOW = {"kind": "deny", "schedule": "0 22 * * *", "duration": "8h"}


@pytest.mark.parametrize(
    ("window", "applies"),
    [
        ({"applications": ["de*"]}, True),
        ({"applications": ["other"]}, False),
        ({"namespaces": ["shop"]}, True),
        ({"clusters": ["https://kubernetes.*"]}, True),
        ({"clusters": ["in-cluster"]}, False),
        ({"applications": ["other"], "namespaces": ["shop"]}, True),
        ({"applications": ["other"], "namespaces": ["shop"], "andOperator": True}, False),
        ({"applications": ["*"], "namespaces": ["shop"], "andOperator": True}, True),
        ({"applications": ["*"], "clusters": ["https://elsewhere"], "andOperator": True}, False),
        ({"applications": []}, False),
        ({}, False),
    ],
)
def test_a_window_is_for_those_it_names(window, applies):
    of = decoded(APPLICATION, app())
    found = windows(of, decoded(APP_PROJECT, project(syncWindows=[WINDOW | window])))
    assert bool(found) is applies


def test_a_cluster_is_named_as_the_destination_names_it():
    of = decoded(APPLICATION, app(spec__destination={"name": "prod-us", "namespace": "shop"}))
    assert windows(of, decoded(APP_PROJECT, project(syncWindows=[WINDOW | {"clusters": ["prod-*"]}])))
    assert windows(of, None) == ()


def test_windows_tell_their_schedule_and_whether_they_are_open():
    more = {
        "timeZone": "Europe/Berlin",
        "manualSync": True,
        "applications": ["demo"],
        "description": "nights",
    }
    allow = {"kind": "allow", "schedule": "0 6 * * 1-5", "duration": "8h", "namespaces": ["shop"]}
    allow |= {"clusters": ["*"], "andOperator": True, "syncOverrun": True, "timeZone": "UTC"}
    odd = {"kind": "allow", "schedule": "@daily", "duration": "1h", "applications": ["demo"]}
    assert told(app(), project(syncWindows=[WINDOW | more, allow, odd]), title="Sync windows") == {
        "deny 0 22 * * * for 8h (Europe/Berlin)": "not open now; nights; for application demo; "
        "a sync by hand passes",
        "allow 0 6 * * 1-5 for 8h": "open now; for cluster * and namespace shop; holds a sync by hand, too; "
        "a running sync may end",
        "allow @daily for 1h": "its schedule is not understood here; for application demo; "
        "holds a sync by hand, too",
    }


def thing(kind: str, spec: Any = None, status: Any = None, **meta: Any) -> dict[str, Any]:
    metadata = {"name": "a", "generation": 2, "creationTimestamp": "2026-11-23T13:00:00Z", **meta}
    return {"kind": kind, "metadata": metadata, "spec": spec or {}, "status": status or {}}


SEEN = {"observedGeneration": 2}
CHECKS = [
    ("Deployment", {"replicas": 2, "paused": True}, SEEN, Health.SUSPENDED, "paused"),
    ("Deployment", {}, {"observedGeneration": 1}, Health.PROGRESSING, "its newest spec is not taken up yet"),
    ("Deployment", {"replicas": 3}, SEEN | {"updatedReplicas": 1}, Health.PROGRESSING, "1 of 3 pods updated"),
    (
        "Deployment",
        {"replicas": 2},
        SEEN | {"updatedReplicas": 2, "replicas": 3, "availableReplicas": 2},
        Health.PROGRESSING,
        "1 old pod still to end",
    ),
    (
        "Deployment",
        {"replicas": 2},
        SEEN | {"updatedReplicas": 2, "replicas": 2, "availableReplicas": 1},
        Health.PROGRESSING,
        "1 of 2 pods available",
    ),
    (
        "Deployment",
        {},
        SEEN | {"updatedReplicas": 1, "availableReplicas": 1, "replicas": 1},
        Health.HEALTHY,
        "",
    ),
    ("Deployment", {"replicas": 0}, SEEN, Health.HEALTHY, ""),
    ("StatefulSet", {"replicas": 3}, SEEN | {"readyReplicas": 1}, Health.PROGRESSING, "1 of 3 pods ready"),
    ("StatefulSet", {}, {}, Health.PROGRESSING, "its newest spec is not taken up yet"),
    (
        "StatefulSet",
        {"replicas": 1},
        SEEN | {"readyReplicas": 1, "currentRevision": "a", "updateRevision": "b"},
        Health.PROGRESSING,
        "0 of 1 pods updated",
    ),
    ("StatefulSet", {"replicas": 1}, SEEN | {"readyReplicas": 1}, Health.HEALTHY, ""),
    ("DaemonSet", {}, SEEN | {"desiredNumberScheduled": 3}, Health.PROGRESSING, "0 of 3 pods updated"),
    (
        "DaemonSet",
        {},
        SEEN | {"desiredNumberScheduled": 3, "updatedNumberScheduled": 3, "numberAvailable": 2},
        Health.PROGRESSING,
        "2 of 3 pods available",
    ),
    ("DaemonSet", {}, {}, Health.PROGRESSING, "its newest spec is not taken up yet"),
    ("DaemonSet", {}, SEEN, Health.HEALTHY, ""),
    (
        "Job",
        {},
        {
            "conditions": [
                {"type": "Failed", "status": "True", "message": "Job has reached the specified backoff limit"}
            ]
        },
        Health.DEGRADED,
        "Job has reached the specified backoff limit",
    ),
    ("Job", {}, {"conditions": [{"type": "Complete", "status": "True"}]}, Health.HEALTHY, ""),
    ("Job", {}, {"conditions": [{"type": "Suspended", "status": "True"}]}, Health.SUSPENDED, "Suspended"),
    ("Job", {}, {}, Health.PROGRESSING, "runs"),
    ("PersistentVolumeClaim", {}, {"phase": "Pending"}, Health.PROGRESSING, "its volume is pending"),
    ("PersistentVolumeClaim", {}, {"phase": "Bound"}, Health.HEALTHY, ""),
    ("PersistentVolumeClaim", {}, {}, Health.UNKNOWN, "its volume is unknown"),
    ("Service", {"type": "LoadBalancer"}, {}, Health.PROGRESSING, "no address yet"),
    ("Service", {"type": "ClusterIP"}, {}, Health.HEALTHY, ""),
    ("Ingress", {}, {"loadBalancer": {"ingress": [{"ip": "10.0.0.1"}]}}, Health.HEALTHY, ""),
    ("Ingress", {}, {"loadBalancer": {}}, Health.PROGRESSING, "no address yet"),
    ("Pod", {}, {"phase": "Failed", "reason": "Evicted"}, Health.DEGRADED, "Evicted"),
]


@pytest.mark.parametrize(("kind", "spec", "status", "health", "why"), CHECKS)
def test_an_object_is_checked_as_argo_cd_checks_it(kind, spec, status, health, why):
    assert checked(kind, thing(kind, spec, status)) == (health, why)


def test_a_kind_without_a_check_and_an_object_that_does_not_fit_are_not_judged():
    assert checked("ConfigMap", thing("ConfigMap")) is None
    assert checked("Deployment", {"spec": {"replicas": "three"}}) is None
    assert checked("Pod", {"metadata": 3}) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["conditions", "phase", "replicas"]), inner)
    ),
    max_leaves=5,
)


@given(
    kind=st.sampled_from(sorted(CHECKED_KINDS)),
    of=st.dictionaries(st.sampled_from(["metadata", "spec", "status"]), JSON),
)
def test_any_object_is_checked_and_never_an_error(kind, of):
    verdict = checked(kind, {"metadata": {}, **of})
    assert verdict is None or isinstance(verdict[0], Health)
