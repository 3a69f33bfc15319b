"""What stands around deliveries: shared templates, projects, sets, autoscalers, drift, annotations."""

from __future__ import annotations

import json

import pytest
from theatre import APPLICATIONS, ROLLOUTS, RUNS, UPDATERS, WORKFLOWS, Theatre, plan, pushed

from trombone_tui.core.objects.analysis_templates import CLUSTER_ANALYSIS_TEMPLATE
from trombone_tui.core.objects.argo_cd_projects import APP_PROJECT, APPLICATION_SET
from trombone_tui.core.objects.basics import Kind
from trombone_tui.core.objects.scaling import AUTOSCALER, DISRUPTION_BUDGET
from trombone_tui.core.objects.workflow_templates import CLUSTER_WORKFLOW_TEMPLATE, WORKFLOW_TEMPLATE
from trombone_tui.demo.resources import RESOURCES
from trombone_tui.demo.story.services import Outcome
from trombone_tui.pipeline.sync.difference import applied, differences

PAY = plan(name="pay-api", namespace="pay")
AUTOSCALERS, BUDGETS = "horizontalpodautoscalers.autoscaling", "poddisruptionbudgets.policy"


@pytest.mark.parametrize(
    "kind",
    [
        APP_PROJECT, APPLICATION_SET, AUTOSCALER, CLUSTER_ANALYSIS_TEMPLATE, CLUSTER_WORKFLOW_TEMPLATE,
        DISRUPTION_BUDGET, WORKFLOW_TEMPLATE,
    ],
    ids=lambda kind: kind.name,
)  # fmt: skip
def test_what_details_ask_for_is_served_under_its_group_and_version(kind: Kind) -> None:
    found = next(one for one in RESOURCES if (one.group, one.plural) == (kind.group, kind.plural))
    assert (found.version, found.kind, found.namespaced) == (kind.version, kind.name, kind.namespaced)


@pytest.mark.parametrize(
    ("outcome", "phase"), [(Outcome.GOOD, "Successful"), (Outcome.CANARY_FAILS, "Failed")]
)
def test_an_analysis_takes_a_shared_template_with_the_services_name(outcome: Outcome, phase: str) -> None:
    theatre = pushed(outcome, latency_checked=True)
    step = theatre.rollout()["spec"]["strategy"]["canary"]["steps"][2]["analysis"]
    assert step["templates"][1] == {"templateName": "p95-latency", "clusterScope": True}
    theatre.run_until(lambda: any(run["status"]["phase"] == phase for run in theatre.store.list(RUNS)))
    run = theatre.store.list(RUNS)[0]
    assert run["spec"]["args"] == [{"name": "service", "value": "shop-api"}]
    assert [one["name"] for one in run["spec"]["metrics"]] == ["success-rate", "p95-latency"]
    assert "{{args.service}}" in run["spec"]["metrics"][1]["provider"]["prometheus"]["query"]
    latency = run["status"]["metricResults"][1]
    assert 'service="shop-api"' in latency["metadata"]["ResolvedPrometheusQuery"]
    values = [json.loads(one["value"])[0] for one in latency["measurements"]]
    assert all(0.05 < value < 1.0 for value in values)


def test_the_scheduled_scan_runs_a_template_of_the_whole_cluster() -> None:
    theatre = Theatre(plan(), cron="*/2 * * * *")
    theatre.run_until(lambda: bool(theatre.store.list(WORKFLOWS)))
    theatre.run(20)
    found = theatre.store.list(WORKFLOWS)[0]
    assert found["spec"]["workflowTemplateRef"] == {"name": "scan", "clusterScope": True}
    assert list(found["status"]["storedTemplates"]) == ["cluster/scan/scan"]
    assert found["status"]["phase"] == "Succeeded"
    assert theatre.get("clusterworkflowtemplates.argoproj.io", "", "scan")["spec"]["entrypoint"] == "scan"


def test_the_event_bus_has_the_pod_that_it_counts() -> None:
    theatre = Theatre(plan())
    labelled = [
        one for one in theatre.store.list("pods", "ci") if "eventbus-name" in one["metadata"]["labels"]
    ]
    (pod,) = labelled
    assert pod["metadata"]["name"] == "eventbus-default-js-0"
    assert [one["name"] for one in pod["status"]["containerStatuses"]] == ["main", "reloader", "metrics"]
    assert all(one["ready"] for one in pod["status"]["containerStatuses"])


def test_applications_name_what_made_them() -> None:
    theatre = Theatre(plan(), PAY)
    (owner,) = theatre.app()["metadata"]["ownerReferences"]
    made = theatre.get("applicationsets.argoproj.io", "argocd", "shop")
    assert (owner["kind"], owner["name"], owner["uid"]) == ("ApplicationSet", "shop", made["metadata"]["uid"])
    assert made["spec"]["generators"] == [{"list": {"elements": [{"name": "shop-api"}]}}]
    child = theatre.app("pay-api")
    tracked = child["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"]
    assert tracked == "payments:argoproj.io/Application:argocd/pay-api"
    parent = theatre.app("payments")
    assert [(one["kind"], one["name"]) for one in parent["status"]["resources"]] == [
        ("Application", "pay-api")
    ]
    assert (parent["status"]["sync"]["status"], parent["status"]["health"]["status"]) == ("Synced", "Healthy")


def test_a_project_lets_its_applications_do_what_they_do() -> None:
    theatre = Theatre(PAY)
    app = theatre.app("pay-api")
    assert app["spec"]["project"] == "payments"
    spec = theatre.get("appprojects.argoproj.io", "argocd", "payments")["spec"]
    assert spec["destinations"] == [{k: app["spec"]["destination"][k] for k in ("namespace", "server")}]
    assert app["spec"]["source"]["repoURL"].startswith(spec["sourceRepos"][0].rstrip("*"))
    assert spec["syncWindows"][0]["kind"] == "deny"
    assert spec["syncWindows"][0]["schedule"] == "0 18 28 5 *"
    assert theatre.get("appprojects.argoproj.io", "argocd", "default")["spec"]["sourceRepos"] == ["*"]


def test_the_parent_does_what_a_user_asks_for() -> None:
    theatre = Theatre(PAY)
    theatre.patch(APPLICATIONS, "argocd", "payments", {"operation": {"sync": {}}})
    theatre.run_until(lambda: "operation" not in theatre.app("payments"), within=5)
    assert len(theatre.app("payments")["status"]["history"]) == 2
    notes = {"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}}
    theatre.patch(APPLICATIONS, "argocd", "payments", notes)
    theatre.run(1)
    assert not theatre.app("payments")["metadata"].get("annotations")


def test_autoscaler_and_budget_count_the_rollouts_pods() -> None:
    theatre = pushed(Outcome.GOOD, scaled=True)
    theatre.run_until(lambda: theatre.get(AUTOSCALERS, "shop", "shop-api")["status"]["currentReplicas"] == 6)
    theatre.run_until(theatre.healthy)
    theatre.run(60)
    scaler = theatre.get(AUTOSCALERS, "shop", "shop-api")
    assert scaler["spec"]["scaleTargetRef"]["kind"] == "Rollout"
    assert (scaler["status"]["currentReplicas"], scaler["status"]["desiredReplicas"]) == (5, 5)
    budget = theatre.get(BUDGETS, "shop", "shop-api")["status"]
    assert (budget["currentHealthy"], budget["expectedPods"], budget["disruptionsAllowed"]) == (5, 5, 1)


def test_a_change_by_hand_shows_against_what_was_applied_until_a_sync() -> None:
    theatre = Theatre(plan(auto_sync=False, touched=0.0))
    theatre.run_until(lambda: theatre.app()["status"]["sync"]["status"] == "OutOfSync", within=120)
    out = [one["name"] for one in theatre.app()["status"]["resources"] if one["status"] == "OutOfSync"]
    assert out == ["shop-api-stable"]
    live = theatre.get("services", "shop", "shop-api-stable")
    desired = applied(live)
    assert desired is not None
    found = [one.words for one in differences(live, desired)]
    assert found == ["spec.sessionAffinity: ClientIP live, None desired"]
    theatre.patch(APPLICATIONS, "argocd", "shop-api", {"operation": {"sync": {}}})
    theatre.run_until(lambda: theatre.app()["status"]["sync"]["status"] == "Synced", within=10)
    live = theatre.get("services", "shop", "shop-api-stable")
    assert live["spec"]["sessionAffinity"] == "None"
    assert live["spec"]["selector"]["rollouts-pod-template-hash"]


def test_everything_applied_carries_what_was_applied() -> None:
    theatre = pushed(Outcome.GOOD)
    rollout = theatre.rollout()
    desired = applied(rollout)
    assert desired is not None
    assert desired["spec"]["template"]["spec"]["containers"][0]["image"].endswith(
        theatre.story.world.config.wanted("shop-api")
    )
    assert not differences(rollout, desired)
    assert applied(theatre.get("ingresses.networking.k8s.io", "shop", "shop-api"))


def test_annotations_of_old_are_not_read_so_a_new_image_stays_in_the_registry() -> None:
    theatre = Theatre(plan(annotated=True))
    theatre.run_until(theatre.healthy)
    change = theatre.story._pushes.push(theatre.story._plans[0], Outcome.GOOD)
    theatre.run(300)
    assert change.tag in [one.tag for one in theatre.story.world.images.images("shop/api")]
    assert not theatre.store.list(UPDATERS)
    notes = theatre.app()["metadata"]["annotations"]
    assert notes["argocd-image-updater.argoproj.io/image-list"] == "app=registry.example/shop/api"
    image = theatre.store.list(ROLLOUTS)[0]["spec"]["template"]["spec"]["containers"][0]["image"]
    assert not image.endswith(change.tag)


def test_a_store_without_projects_and_sets_still_delivers() -> None:
    missing = ("appprojects.argoproj.io", "applicationsets.argoproj.io", AUTOSCALERS)
    theatre = Theatre(plan(scaled=True), missing=missing)
    theatre.run_until(theatre.healthy)
    assert "ownerReferences" not in theatre.app()["metadata"]
