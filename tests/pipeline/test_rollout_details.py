"""A Rollout in full: its revisions, what is live, its limits, its logs; and what can't be seen is said."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from any_json import odd, places
from changing import changed
from hypothesis import given, settings
from hypothesis import strategies as st
from recordings import documents
from stage_readers import answering, decoded, facts, kinds, read, reference, row, stored

from trombone_tui.core.asking import Ask
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.ports import Candidate, Denied, Missing
from trombone_tui.core.questions import Answer, Candidates
from trombone_tui.core.reader import StageReader
from trombone_tui.core.stage import Branch, Steps, Tree
from trombone_tui.pipeline.rollout import STAGE

FAMILY = documents("rollout", "aborted-family")
SHORTLY = datetime(2026, 11, 23, 13, 8, 11, tzinfo=UTC)
"""Ten seconds after the abort of the bad journey."""
Held = dict[str, Any]


def tree(reader: StageReader, ask: Ask | None = None) -> list[str]:
    """Write the tree of revisions as lines, with what is folded in brackets."""
    item = row(reader, "Rollout")
    (found,) = [d for d in reader.details(item.ref, ask) if isinstance(d, Tree)]
    return [line for branch in found.branches for line in lines(branch, 0)]


def lines(branch: Branch, depth: int) -> list[str]:
    text = f"{'  ' * depth}{branch.text}{f' | {branch.note}' if branch.note else ''}"
    text = f"[{text}]" if branch.folded else text
    return [text, *(line for one in branch.branches for line in lines(one, depth + 1))]


def told(objects: list[Held], title: str, ask: Ask | None = None, **kwargs: Any) -> dict[str, Any]:
    reader = read(STAGE, *objects, **kwargs)
    return facts(reader, row(reader, "Rollout"), title, ask)


def test_revisions_are_drawn_newest_first_with_all_that_belongs_to_them_and_old_ones_folded() -> None:
    drawn = tree(read(STAGE, *FAMILY))
    measured = "success-rate 0.8 against result[0] >= 0.95, 1 failed, 0 allowed | Failed"
    assert drawn[:7] == [
        "revision 6 | canary, 127.0.0.1:5000/demo/app:1.0.5",
        "  ReplicaSet demo-64cd7cc9bc | canary, scaled down",
        "  AnalysisRun demo-64cd7cc9bc-6-2 | in step 3, Failed, ✖ 1",
        f"    {measured}",
        "revision 5 | stable, 127.0.0.1:5000/demo/app:1.0.4",
        "  ReplicaSet demo-5957f674b8 | stable, 5 of 5 available",
        "    pod demo-5957f674b8-4c262 | Running, 1/1 ready, 12 min 53 s old",
    ]
    assert [line for line in drawn if "revision" in line] == [
        "revision 6 | canary, 127.0.0.1:5000/demo/app:1.0.5",
        "revision 5 | stable, 127.0.0.1:5000/demo/app:1.0.4",
        *(f"[revision {n} | 127.0.0.1:5000/demo/app:1.0.{n - 1}]" for n in (4, 3, 2, 1)),
    ]


def test_a_pod_in_a_crash_loop_shows_its_restarts_and_its_last_end() -> None:
    reader = read(STAGE, *documents("rollout", "crashing"), *documents("rollout", "crashing-pods"))
    assert [line.strip() for line in tree(reader) if "pod crashing-7f8ffd9d5f-hd7vr" in line] == [
        "pod crashing-7f8ffd9d5f-hd7vr | CrashLoopBackOff, 0/1 ready, 18 restarts, 10 min 19 s old, "
        "app last ended 8 min 49 s ago with Error, exit code 1"
    ]


def test_a_replica_set_says_how_long_it_is_kept_up() -> None:
    objects = [
        changed(one, spec__replicas=1) if one["metadata"]["name"] == "demo-64cd7cc9bc" else one
        for one in FAMILY
    ]
    reader = read(STAGE, *objects, now=SHORTLY)
    assert "  ReplicaSet demo-64cd7cc9bc | canary, 0 of 1 available, scaled down in 20 s" in tree(reader)
    assert facts(reader, row(reader, "Rollout"), "Limits")["Scale-down of demo-64cd7cc9bc"] == "in 20 s"
    late = read(STAGE, *objects)
    assert "  ReplicaSet demo-64cd7cc9bc | canary, 0 of 1 available, scale-down is due" in tree(late)


def experiment(**changes: Any) -> list[Held]:
    """The lab's Experiment, as if a step of the bad journey's Rollout had made it (rollout/experiment.go)."""
    made = documents("rollout", "experiment")
    owner = changed(FAMILY[1])["metadata"]["ownerReferences"]
    made[0] = changed(
        made[0],
        metadata__namespace="shop",
        metadata__ownerReferences=owner,
        metadata__annotations={"rollout.argoproj.io/revision": "6"},
        **changes,
    )
    return [made[0], *(changed(one, metadata__namespace="shop") for one in made[1:])]


def test_an_experiment_shows_its_templates_with_their_replica_sets_and_pods() -> None:
    drawn = tree(read(STAGE, *FAMILY, *experiment()))
    at = drawn.index("  Experiment two-versions | Running, 49 min 43 s left of 1 h, until 23 Nov 14:09Z")
    assert drawn[at + 1 : at + 4] == [
        "    template baseline | Running",
        "      ReplicaSet two-versions-baseline | 1 of 1 available",
        "        pod two-versions-baseline-vcvpt | Running, 1/1 ready, 10 min 18 s old",
    ]


def test_an_experiment_names_its_analyses_and_that_it_was_told_to_end() -> None:
    made = experiment(spec__terminate=True)
    run = stored("metrics/lab", "analysisrun-step-error-error")
    meta = made[0]["metadata"]
    owner = {"kind": "Experiment", "name": meta["name"], "uid": meta["uid"]}
    run["metadata"] |= {"namespace": "shop", "ownerReferences": [owner], "labels": {}}
    drawn = tree(read(STAGE, *FAMILY, *made, run))
    assert "  Experiment two-versions | Running, told to end" in drawn
    (found,) = [line.strip() for line in drawn if run["metadata"]["name"] in line]
    assert found.startswith(f"AnalysisRun {run['metadata']['name']} | Error, ⚠ 1")


def test_an_experiment_that_failed_is_what_aborted_the_update() -> None:
    failed = experiment(status__phase="Failed", status__message="template baseline failed")
    rollout = changed(FAMILY[0], status__canary__currentStepAnalysisRunStatus=None)
    item = row(read(STAGE, rollout, *FAMILY[1:], *failed), "Rollout")
    assert item.why.startswith(
        "Aborted the update to revision 6 by experiment two-versions: template baseline failed; app:1.0.4"
    )


def test_kinds_that_are_hidden_are_named_and_pods_are_asked_for() -> None:
    pods = [one for one in FAMILY if one["kind"] == "Pod"]
    rest = [one for one in FAMILY if one["kind"] != "Pod"]
    hidden = read(STAGE, *rest, hidden=["Pod", "AnalysisRun", "Experiment"])
    no = Denied("list", "pods", namespace="shop")
    assert "    pods: may not list pods in namespace shop" in tree(hidden, answering(Pod=no))
    assert "    pods: asking for them" in tree(hidden, answering())
    assert "AnalysisRuns, Experiments: not visible to you | 2 kinds" in tree(hidden)
    asked = tree(hidden, answering(Pod=pods))
    assert "    pod demo-5957f674b8-4c262 | Running, 1/1 ready, 12 min 53 s old" in asked
    item = row(hidden, "Rollout")
    state = facts(hidden, item, "Rollout", answering(Pod=no))
    assert state["Pods one by one"] == "unknown: may not list pods in namespace shop"
    assert facts(hidden, item, "Rollout")["Pods one by one"] == "unknown yet: asking for them"
    assert "Pods one by one" not in facts(hidden, item, "Rollout", answering(Pod=pods))


def candidates(revision: str = "81aa0c2" + "0" * 33) -> Ask:
    return answering(Candidates={"1.0.4": Candidate(tag="1.0.4", revision=revision)})


def test_after_an_abort_what_is_live_and_what_argo_cd_believes_are_both_said() -> None:
    assert told(FAMILY, "Rollout", candidates())["Live"] == (
        "Argo CD says Synced to 40addcb; live is app:1.0.4 (commit 81aa0c2): the update was aborted"
    )
    live = told(FAMILY, "Live", candidates())
    assert live["Live image"] == "127.0.0.1:5000/demo/app:1.0.4"
    assert live["Live commit"] == "81aa0c2" + "0" * 33
    assert live["Argo CD says"] == "Synced to 40addcb, of its config repository"
    assert live["Beside it"] == "app:1.0.5 with 0 %"
    assert (live["Live traffic"], live["Live pods"]) == ("100 %", "5 of 5 available")
    item = row(read(STAGE, *FAMILY), "Rollout")
    assert item.value("live_image") == "127.0.0.1:5000/demo/app:1.0.4"
    assert item.value("live_since") is None


def test_what_is_promoted_has_been_live_since_the_update_was_completed() -> None:
    (healthy,) = [stored("rollout/lab", "rollout-canary-healthy")]
    item = row(read(STAGE, healthy), "Rollout")
    since = item.value("live_since")
    assert isinstance(since, datetime)
    (done,) = [one for one in healthy["status"]["conditions"] if one["type"] == "Completed"]
    assert f"{since:%Y-%m-%dT%H:%M:%SZ}" == done["lastTransitionTime"]


COMMITS = [
    (answering(), "asking the registry"),
    (answering(Candidates={}), "unknown: the registry has no tag 1.0.4 any more"),
    (candidates(revision=""), "unknown: the image has no label org.opencontainers.image.revision"),
    (answering(Candidates=Missing("no such repository demo/app")), "unknown: no such repository demo/app"),
]


@pytest.mark.parametrize(("ask", "said"), COMMITS, ids=[said for _, said in COMMITS])
def test_a_commit_that_is_not_known_is_said_to_be_so(ask: Ask, said: str) -> None:
    assert told(FAMILY, "Live", ask)["Live commit"] == said
    assert told(FAMILY, "Rollout", ask)["Live"].startswith(
        "Argo CD says Synced to 40addcb; live is app:1.0.4:"
    )


def test_a_registry_that_wants_a_login_is_asked_again_with_the_pods_pull_secret() -> None:
    def registry(question: Any) -> Any:
        return {"1.0.4": Candidate(tag="1.0.4", revision=question.credentials.source)}

    def ask(question: Any) -> Answer[Any]:
        if not isinstance(question, Candidates):
            return Answer()
        if question.credentials is None:
            return Answer(trouble=Denied("read", "demo/app"))
        return Answer(registry(question))

    objects = [changed(one) for one in FAMILY]
    for one in objects:
        if one["kind"] == "ReplicaSet":
            one["spec"]["template"]["spec"]["imagePullSecrets"] = [{"name": "registry"}]
    assert told(objects, "Live", ask)["Live commit"] == "pullsecret:shop/registry"
    assert told(FAMILY, "Live", ask)["Live commit"] == "unknown: may not read demo/app in all namespaces"


def test_after_a_blue_green_switch_the_active_version_is_live_while_another_is_still_the_stable_one() -> None:
    rollout, *rest = documents("rollout", "bluegreen")
    blue = rollout["status"]["blueGreen"]
    rollout = changed(rollout, status__blueGreen=blue | {"activeSelector": blue["previewSelector"]})
    application = changed(FAMILY[-1], metadata__namespace="argocd")
    application["status"]["resources"] = [
        {"group": "argoproj.io", "kind": "Rollout", "namespace": "states", "name": "bluegreen"}
    ]
    ask = answering(Candidates={"2": Candidate(tag="2", revision="b" * 40)})
    objects = [rollout, *rest, application]
    live = told(objects, "Live", ask)
    assert (live["Live image"], live["Live commit"]) == ("shop/web:2", "b" * 40)
    assert row(read(STAGE, *objects), "Rollout").value("stable_image") == "shop/web:1"
    assert told(objects, "Rollout", ask)["Live"] == (
        "Argo CD says Synced to 40addcb; live is web:2 (commit bbbbbbb): an update is on its way"
    )


def test_an_application_that_is_hidden_or_not_there_is_told_apart() -> None:
    rest = [one for one in FAMILY if one["kind"] != "Application"]
    assert told(rest, "Live")["Argo CD says"] == "no Application manages it"
    hidden = told(rest, "Live", hidden=["Application"])
    assert hidden["Argo CD says"] == "Applications are not visible to you"


AUTOSCALER = {
    "kind": "HorizontalPodAutoscaler",
    "metadata": {"name": "demo", "namespace": "shop"},
    "spec": {
        "scaleTargetRef": {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "name": "demo"},
        "minReplicas": 3,
        "maxReplicas": 5,
    },
    "status": {
        "currentReplicas": 5,
        "desiredReplicas": 5,
        "conditions": [
            {"type": "AbleToScale", "status": "True", "reason": "ReadyForNewScale"},
            {
                "type": "ScalingActive",
                "status": "False",
                "reason": "FailedGetResourceMetric",
                "message": "the HPA was unable to compute the replica count",
            },
            {
                "type": "ScalingLimited",
                "status": "True",
                "reason": "TooManyReplicas",
                "message": "the desired replica count is more than the maximum replica count",
            },
        ],
    },
}
BUDGET = {
    "kind": "PodDisruptionBudget",
    "metadata": {"name": "demo", "namespace": "shop"},
    "spec": {"minAvailable": 5, "selector": {"matchLabels": {"app": "demo"}}},
    "status": {"disruptionsAllowed": 0, "currentHealthy": 5, "desiredHealthy": 5, "expectedPods": 5},
}


def test_the_autoscaler_and_the_budget_of_a_rollout_are_told_and_others_are_not() -> None:
    other = changed(AUTOSCALER, metadata__name="other", spec__scaleTargetRef__name="other")
    foreign = changed(BUDGET, metadata__name="foreign", spec__selector={"matchLabels": {"app": "web"}})
    ask = answering(
        HorizontalPodAutoscaler=[other, AUTOSCALER],
        PodDisruptionBudget=[foreign, BUDGET],
    )
    limits = told(FAMILY, "Limits", ask)
    assert limits["Autoscaler"] == "demo: 3 to 5 pods, has 5, wants 5"
    assert limits["Autoscaler ScalingActive"] == "the HPA was unable to compute the replica count"
    assert limits["Autoscaler ScalingLimited"].startswith("the desired replica count is more than")
    assert "Autoscaler AbleToScale" not in limits
    assert limits["Disruption budget"] == (
        "demo: at least 5 available; 0 may be evicted now, 5 of 5 healthy, 5 needed"
    )
    none = told(FAMILY, "Limits", answering(HorizontalPodAutoscaler=[other], PodDisruptionBudget=[foreign]))
    assert (none["Autoscaler"], none["Disruption budget"]) == ("none", "none")


def test_an_autoscaler_and_a_budget_that_may_not_be_read_are_unknown_not_none() -> None:
    ask = answering(
        HorizontalPodAutoscaler=Denied("list", "horizontalpodautoscalers.autoscaling", namespace="shop"),
    )
    limits = told(FAMILY, "Limits", ask)
    assert limits["Autoscaler"] == (
        "unknown: may not list horizontalpodautoscalers.autoscaling in namespace shop"
    )
    assert limits["Disruption budget"] == "asking for it"


SELECTORS = [
    ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["demo"]}]}, True),
    ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["demo"]}]}, False),
    ({"matchExpressions": [{"key": "app", "operator": "Exists"}]}, True),
    ({"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}, False),
    ({"matchExpressions": [{"key": "app", "operator": "Likes", "values": ["demo"]}]}, False),
    ({"matchLabels": {"rollouts-pod-template-hash": "5957f674b8"}}, True),
    ({}, True),
    (None, False),
]


@pytest.mark.parametrize(("selector", "matches"), SELECTORS)
def test_a_budget_is_matched_by_its_whole_selector(selector: Held | None, matches: bool) -> None:
    ask = answering(PodDisruptionBudget=[changed(BUDGET, spec__selector=selector)])
    assert (told(FAMILY, "Limits", ask)["Disruption budget"] != "none") is matches


DEADLINES = [
    ("canary-healthy", "10 min (the default)"),
    ("canary-paused-manually-paused", "10 min (the default), not counted while it is paused"),
    ("canary-degraded-progressdeadlineexceeded", "3 s, exceeded"),
    ("canary-degraded-rolloutaborted-aborted", "10 min (the default), over: aborted"),
]


@pytest.mark.parametrize(("name", "said"), DEADLINES)
def test_the_progress_deadline_is_told_with_what_became_of_it(name: str, said: str) -> None:
    assert told([stored("rollout/lab", f"rollout-{name}")], "Limits")["Progress deadline"] == said


def test_the_progress_deadline_counts_from_the_last_progress() -> None:
    rollout = stored(
        "rollout/lab",
        "rollout-canary-progressing-updated-replicas-are-still-becoming-available",
        status__stableRS="another",
    )
    (moving,) = [one for one in rollout["status"]["conditions"] if one["type"] == "Progressing"]
    moving["lastUpdateTime"] = "2026-11-23T13:18:00Z"
    assert told([rollout], "Limits")["Progress deadline"] == "10 min (the default), 8 min left"
    moving["lastUpdateTime"] = "2026-11-23T12:18:00Z"
    assert told([rollout], "Limits")["Progress deadline"] == "10 min (the default), over"


def test_limits_that_are_set_are_told_and_defaults_are_called_so() -> None:
    rollout = changed(
        FAMILY[0],
        spec__progressDeadlineAbort=True,
        spec__minReadySeconds=10,
        spec__rollbackWindow={"revisions": 3},
        spec__restartAt="2026-11-23T13:00:00Z",
        spec__strategy__canary__abortScaleDownDelaySeconds=0,
        spec__strategy__canary__maxSurge="50%",
        spec__strategy__canary__maxUnavailable=0,
    )
    limits = told([rollout], "Limits")
    assert limits["When it passes"] == "the update is aborted"
    assert limits["Scale-down delay"] == "30 s (the default)"
    assert limits["Scale-down after an abort"] == "never"
    assert (limits["Surge at most"], limits["Unavailable at most"]) == ("50%", 0)
    assert limits["Ready before it counts"] == "10 s"
    assert limits["Revisions kept"] == 5
    assert limits["Rollback window"].startswith("the last 3 revisions")
    assert "Restart asked for" in limits


def test_a_blue_green_update_tells_its_services_its_promotion_and_its_analyses() -> None:
    strategy = {
        "activeService": "web",
        "previewService": "web-preview",
        "autoPromotionSeconds": 300,
        "previewReplicaCount": 1,
        "prePromotionAnalysis": {"templates": [{"templateName": "smoke"}]},
        "postPromotionAnalysis": {"templates": [{"templateName": "success-rate"}]},
    }
    rollout, *rest = documents("rollout", "bluegreen")
    rollout = changed(
        rollout,
        spec__strategy__blueGreen=strategy,
        status__blueGreen__prePromotionAnalysisRunStatus={"name": "bluegreen-pre", "status": "Running"},
    )
    now = datetime(2026, 11, 23, 13, 10, 30, tzinfo=UTC)
    reader = read(STAGE, rollout, *rest, now=now)
    shown = facts(reader, row(reader, "Rollout"), "Promotion")
    assert (shown["Active service"], shown["Preview service"]) == ("web", "web-preview")
    assert shown["Promoted by itself"] == "yes (the default), 300 s after it is ready"
    assert shown["Switches"].startswith("4 min ")
    assert " left of 5 min, until 23 Nov 13:14Z" in shown["Switches"]
    assert shown["Before the switch"] == "bluegreen-pre: Running"
    assert shown["After the switch"] == "analysis success-rate: not started"
    assert shown["Preview pods before the switch"] == "1 of 2"
    assert "pre-promotion analysis bluegreen-pre is Running" in row(reader, "Rollout").why


def test_without_automatic_promotion_a_blue_green_update_waits_for_somebody() -> None:
    shown = told(documents("rollout", "bluegreen"), "Promotion")
    assert shown["Promoted by itself"] == "no: it waits for promote"


ROUTERS = [
    ({"nginx": {"stableIngress": "demo"}}, "nginx", ("Ingress", "demo")),
    ({"nginx": {"stableIngresses": ["a", "b"]}}, "nginx", ("Ingress", "a, b")),
    ({"alb": {"ingress": "demo", "servicePort": 80}}, "alb", ("Ingress", "demo")),
    (
        {"istio": {"virtualService": {"name": "demo"}, "destinationRule": {"name": "rule"}}},
        "istio",
        ("Istio", "rule, demo"),
    ),
    ({"smi": {"trafficSplitName": "split"}}, "smi", ("TrafficSplit", "split")),
    ({"traefik": {"weightedTraefikServiceName": "w"}}, "traefik", ("TraefikService", "w")),
    ({"ambassador": {"mappings": ["m"]}}, "ambassador", ("Mapping", "m")),
    ({"apisix": {"route": {"name": "r"}}}, "apisix", ("ApisixRoute", "r")),
    ({"appMesh": {"virtualService": {"name": "v"}}}, "appMesh", ("App Mesh", "v")),
    ({"plugins": {"argoproj-labs/gatewayAPI": {}}}, "plugin argoproj-labs/gatewayAPI", None),
    ({"managedRoutes": [{"name": "r"}]}, "none: traffic follows the number of pods", None),
]


@pytest.mark.parametrize(("routing", "router", "named"), ROUTERS, ids=[router for _, router, _ in ROUTERS])
def test_the_traffic_router_is_named_with_what_it_changes(
    routing: Held, router: str, named: tuple[str, str] | None
) -> None:
    rollout = changed(FAMILY[0], spec__strategy__canary__trafficRouting=routing)
    traffic = told([rollout], "Traffic")
    assert traffic["Router"] == router
    if named is not None:
        assert traffic[named[0]] == named[1]
    assert traffic["Router's stable weight"] == "100 % to demo-stable"


def test_of_ping_and_pong_the_stable_one_is_named() -> None:
    rollout = changed(
        FAMILY[0],
        spec__strategy__canary__pingPong={"pingService": "a", "pongService": "b"},
        status__canary__stablePingPong="pong",
    )
    assert told([rollout], "Traffic")["Stable of ping and pong"] == "pong: b"


def test_a_missing_workload_is_named_where_the_template_comes_from() -> None:
    workload = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "scaleDown": "onsuccess"}
    rollout = changed(FAMILY[0], spec__workloadRef=workload, spec__template=None)
    shown = told([rollout], "Versions", answering(Thing_Deployment=Missing("Deployment web is gone")))
    assert shown["Template from"] == "Deployment web"
    assert shown["Deployment web"] == "Deployment web is gone"
    no = answering(Thing_Deployment=Denied("get", "deployments.apps", namespace="shop"))
    assert told([rollout], "Versions", no)["Deployment web"] == (
        "unknown: may not get deployments.apps in namespace shop"
    )
    assert shown["Its own pods"] == "are scaled to 0 when the Rollout is healthy"


NOTES = [
    (documents("rollout", "background"), ["held for 10 min 3 s"]),
    (
        [stored("rollout/lab", "rollout-canary-paused-manually-paused")],
        ["until somebody resumes it, held for 0 s"],
    ),
    ([stored("rollout/lab", "rollout-canary-progressing-waiting-for-all-steps-to-complete")], []),
]


@pytest.mark.parametrize(("objects", "notes"), NOTES)
def test_the_current_step_says_what_it_waits_for(objects: list[Held], notes: list[str]) -> None:
    reader = read(STAGE, *objects)
    details = reader.details(row(reader, "Rollout").ref)
    steps = [step for one in details if isinstance(one, Steps) for step in one.steps]
    assert [step.note for step in steps if step.current] == notes


def test_the_step_of_a_plugin_says_how_far_the_plugin_is() -> None:
    status = {"index": 0, "name": "org/wait", "phase": "Running", "message": "1 of 2"}
    rollout = changed(
        FAMILY[0],
        spec__strategy__canary__steps=[{"plugin": {"name": "org/wait"}}],
        status__canary__stepPluginStatuses=[status],
        status__abort=None,
        status__phase="Progressing",
        status__message="waiting for all steps to complete",
    )
    reader = read(STAGE, rollout)
    (steps,) = [d for d in reader.details(row(reader, "Rollout").ref) if isinstance(d, Steps)]
    assert steps.steps[0].note == "Running: 1 of 2"


def test_a_pause_that_is_over_says_that_the_controller_has_to_act() -> None:
    now = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
    reader = read(STAGE, *documents("rollout", "timed"), now=now)
    (steps,) = [d for d in reader.details(row(reader, "Rollout").ref) if isinstance(d, Steps)]
    assert steps.steps[1].note == "1 h are over since 23 Nov 14:09Z: the controller is about to go on"


def logs(reader: StageReader, ask: Ask | None = None) -> list[tuple[str, str, bool, int]]:
    found = reader.logs(row(reader, "Rollout").ref, ask)
    return [(one.label, one.container, one.failed, one.restarts) for one in found]


def test_logs_are_of_the_canary_first_then_of_the_stable_pods_those_that_crash_first() -> None:
    objects = [*documents("rollout", "crashing"), *documents("rollout", "crashing-pods")]
    assert logs(read(STAGE, *objects)) == [
        ("canary hzm29", "app", False, 0),
        ("stable hd7vr", "app", True, 18),
        ("stable rvmn8", "app", True, 18),
    ]
    blue = documents("rollout", "bluegreen")
    assert logs(read(STAGE, *blue)) == []


def test_containers_that_somebody_injected_come_last_and_one_that_prepares_is_there_while_it_fails() -> None:
    objects = [*documents("rollout", "crashing"), *documents("rollout", "crashing-pods")]
    for pod in objects:
        if pod["kind"] == "Pod":
            pod["spec"]["containers"].insert(0, {"name": "istio-proxy"})
            pod["spec"]["initContainers"] = [{"name": "migrate"}]
            crashed = {"terminated": {"exitCode": 1, "reason": "Error"}}
            waits = {"waiting": {"reason": "CrashLoopBackOff"}}
            first = {"name": "migrate", "state": waits, "lastState": crashed, "restartCount": 2}
            pod["status"]["initContainerStatuses"] = [first]
    found = logs(read(STAGE, *objects))
    assert found[0] == ("canary hzm29", "migrate", True, 2)
    assert [container for _, container, _, _ in found[-3:]] == ["istio-proxy"] * 3
    assert [failed for _, _, failed, _ in found[-3:]] == [False] * 3


def test_logs_ask_for_pods_that_are_not_watched_and_say_why_there_are_none() -> None:
    pods, rest = documents("rollout", "crashing-pods"), documents("rollout", "crashing")
    hidden = read(STAGE, *rest, hidden=["Pod"])
    assert logs(hidden, answering(Pod=pods))[0][0] == "canary hzm29"
    (gone,) = hidden.logs(
        row(hidden, "Rollout").ref, answering(Pod=Denied("list", "pods", namespace="states"))
    )
    assert gone.gone == "may not list pods in namespace states"
    assert hidden.logs(row(hidden, "Rollout").ref) == ()


def test_a_row_follows_its_pods_and_is_left_alone_by_what_it_does_not_read() -> None:
    objects = [*documents("rollout", "unpullable"), *documents("rollout", "unpullable-pods")]
    reader = read(STAGE, *objects)
    kind = kinds(STAGE)["Pod"]
    pod = next(one for one in objects if one["metadata"]["name"].endswith("9jcxr"))

    def put(obj: Held) -> None:
        made = decoded(kind, obj)
        reader.put(kind, reference(kind, made.metadata), made)

    put(changed(pod, metadata__resourceVersion="2", status__hostIP="127.0.0.2"))
    assert reader.pending == 0
    state = {"waiting": {"reason": "ErrImagePull", "message": "not found"}}
    put(changed(pod, status__containerStatuses=[{"name": "app", "state": state}]))
    reader.refresh()
    assert "pod 9jcxr and 1 more: container app: ErrImagePull: not found" in row(reader, "Rollout").why
    put(changed(pod, status={"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}))
    reader.refresh()
    assert "pod 4klmb: container app: ImagePullBackOff" in row(reader, "Rollout").why


def test_a_row_follows_the_run_that_aborted_it_and_not_one_that_still_runs() -> None:
    reader = read(STAGE, *FAMILY)
    kind = kinds(STAGE)["AnalysisRun"]
    run = next(one for one in FAMILY if one["metadata"]["name"] == "demo-64cd7cc9bc-6-2")
    other = next(one for one in FAMILY if one["metadata"]["name"] == "demo-5957f674b8-5-2")
    for obj, pending in ((changed(other, status__phase="Running"), 0), (run, 0)):
        made = decoded(kind, obj)
        reader.put(kind, reference(kind, made.metadata), made)
        assert reader.pending == pending
    results = [{"name": "latency", "phase": "Failed", "failed": 2, "measurements": []}]
    made = decoded(kind, changed(run, status__metricResults=results))
    reader.put(kind, reference(kind, made.metadata), made)
    reader.refresh()
    assert "latency, 2 failed, limit not told" in row(reader, "Rollout").why


def test_an_application_of_another_cluster_does_not_tell_of_a_rollout_here() -> None:
    application = changed(FAMILY[-1], spec__destination={"server": "https://other", "namespace": "shop"})
    assert told([*FAMILY[:-1], application], "Live")["Argo CD says"] == "no Application manages it"


EVERYTHING = [*FAMILY, *experiment(), AUTOSCALER, BUDGET]
PLACES = sorted(
    ((n, place) for n, one in enumerate(EVERYTHING) for place in places(one) if len(place) > 1), key=str
)


@settings(deadline=None, max_examples=200)
@given(place=st.sampled_from(PLACES), value=odd)
def test_any_value_anywhere_in_the_family_is_explained_and_never_an_error(
    place: tuple[int, tuple[Any, ...]], value: Any
) -> None:
    objects = [changed(one) for one in EVERYTHING]
    where: Any = objects[place[0]]
    for step in place[1][:-1]:
        where = where[step]
    where[place[1][-1]] = value
    answers = {"HorizontalPodAutoscaler": [objects[-2]], "PodDisruptionBudget": [objects[-1]]}
    kept = [one for one in objects[:-2] if isinstance(one.get("metadata"), dict)]
    reader = read(STAGE, *(one for one in kept if one["metadata"].get("name")))
    for item in reader.items.values():
        reader.details(item.ref, answering(**answers))
        reader.logs(item.ref, answering(**answers))
        assert item.why
        assert item.health in Health
