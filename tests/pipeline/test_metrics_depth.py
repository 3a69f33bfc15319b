"""Analysis in depth: arguments without secrets, budgets that are left, verbs that help, templates, Jobs.

Shapes: runs of the lab's controller under ``tests/data/metrics``, with small changes; templates as the
controller's own documentation has them (``argo-rollouts@v1.9.1:docs/features/analysis.md``).
"""

from __future__ import annotations

import pytest
from changing import changed
from stage_readers import answering, decoded, facts, kinds, read, reference, row, stored

from trombone_tui.core.objects.basics import Health
from trombone_tui.core.ports import Denied
from trombone_tui.pipeline.metrics import STAGE

ROLLOUT = {
    "kind": "Rollout",
    "metadata": {"name": "api", "namespace": "shop", "uid": "ro"},
    "spec": {
        "strategy": {
            "canary": {
                "analysis": {"templates": [{"templateName": "success-rate"}]},
                "steps": [
                    {"setWeight": 20},
                    {"analysis": {"templates": [{"templateName": "latency", "clusterScope": True}]}},
                    {"experiment": {"analyses": [{"name": "e", "templateName": "success-rate"}]}},
                ],
            }
        }
    },
    "status": {"currentPodHash": "abc"},
}
OWNER = [{"kind": "Rollout", "name": "api", "uid": "ro", "controller": True}]


def run(metric=None, result=None, spec=None, **changes):
    """A run of the Rollout ``api`` with one metric."""
    made = {
        "kind": "AnalysisRun",
        "metadata": {
            "name": "api-abc-2",
            "namespace": "shop",
            "uid": "run",
            "labels": {"rollouts-pod-template-hash": "abc", "rollout-type": "Background"},
            "ownerReferences": OWNER,
        },
        "spec": {
            "metrics": [{"name": "m", "successCondition": "result[0] >= 0.95", **(metric or {})}],
            **(spec or {}),
        },
        "status": {"phase": "Running", "startedAt": "2026-11-23T13:00:00Z"},
    }
    if result is not None:
        made["status"]["metricResults"] = [{"name": "m", "phase": "Running", **result}]
        made["status"]["phase"] = result.get("phase", "Running")
    return changed(made, **changes)


def template(kind="AnalysisTemplate", name="success-rate", *, templates=None, **metric):
    namespace = {"namespace": "shop"} if kind == "AnalysisTemplate" else {}
    rule = {
        "name": "rate",
        "successCondition": "result[0] >= 0.95",
        "interval": "1m",
        "count": 5,
        "failureLimit": 2,
    }
    spec = {"metrics": [rule | metric]}
    if templates:
        spec["templates"] = templates
    return {"kind": kind, "metadata": {"name": name, "uid": name, **namespace}, "spec": spec}


def only(*objects, **how):
    return row(read(STAGE, *objects, **how), "AnalysisRun")


WHYS = [
    pytest.param(
        run(
            {"failureLimit": 2, "interval": "1m"},
            {"failed": 2, "count": 5, "measurements": [{"value": "[0.91]", "phase": "Failed"}]},
        ),
        "m stands at 0.91 < 0.95: 5 measurements so far, 2 failed, 2 allowed; "
        "one more failure aborts the update.",
        id="the budget is used up",
    ),
    pytest.param(
        run({"failureLimit": 2, "interval": "1m"}, {"failed": 1, "count": 5}),
        "m runs: 5 measurements so far, 1 failed, 2 allowed.",
        id="some of the budget is left",
    ),
    pytest.param(
        run({}, {"phase": "Failed", "failed": 1, "measurements": [{"value": "[0.8]", "phase": "Failed"}]}),
        "m failed at 0.80 < 0.95: 1 failed measurement, 0 allowed.",
        id="failed, and the Rollout is not aborted yet",
    ),
    pytest.param(
        run({}, {"phase": "Inconclusive", "inconclusive": 1}),
        "m is inconclusive: 1 such measurement, 0 allowed; passes if result[0] >= 0.95; "
        "somebody has to decide: promote or abort.",
        id="inconclusive waits for somebody",
    ),
    pytest.param(
        run({"failureLimit": -1, "consecutiveSuccessLimit": 3}, {"failed": 7, "count": 9}),
        "m runs: 9 of 1 measured, 7 failed, any number allowed.",
        id="a limit that is switched off",
    ),
    pytest.param(
        run(
            {},
            {"phase": "Successful", "count": 1, "measurements": [{"value": "[0.99]", "phase": "Successful"}]},
        ),
        "m passed at 0.99 >= 0.95: 1 of 1 measured.",
        id="passed",
    ),
    pytest.param(
        run({}, {"phase": "Failed", "failed": 1, "dryRun": True}),
        "m failed: 1 failed measurement, 0 allowed; only watched (dry run), it decides nothing.",
        id="a dry run never names a verb",
    ),
]


@pytest.mark.parametrize(("of", "why"), WHYS)
def test_a_sentence_has_numbers_and_what_comes_next(of, why):
    assert only(of, ROLLOUT).why == why


@pytest.mark.parametrize("phase", ["Failed", "Error"])
def test_after_an_abort_the_verbs_that_help_are_named(phase):
    of = run({}, {"phase": phase, "failed": 1, "consecutiveError": 5})
    why = only(of, changed(ROLLOUT, status__abort=True)).why
    assert why.endswith("; the update is aborted: retry it once that is mended, or undo it.")


def test_an_abort_of_another_version_is_not_this_runs():
    of = run({}, {"phase": "Failed", "failed": 1})
    why = only(of, changed(ROLLOUT, status__abort=True, status__currentPodHash="other")).why
    assert why.endswith("; the Rollout wants another version by now.")


@pytest.mark.parametrize(
    ("metric", "result", "told"),
    [
        ({"failureLimit": 2}, {"failed": 1}, "1 of 2 allowed, 1 left"),
        ({}, {"failed": 0}, "0 of 0 allowed, 0 left"),
        ({"failureLimit": -1}, {"failed": 3}, "3, any number allowed"),
        ({"failureLimit": "{{args.limit}}"}, {"failed": 1}, "1 of ? allowed"),
    ],
    ids=["written", "the default", "switched off", "an argument"],
)
def test_what_is_left_of_the_failure_budget(metric, result, told):
    reader = read(STAGE, run(metric, result))
    assert facts(reader, row(reader, "AnalysisRun"), "Metric")["Failures"] == told


def test_successes_in_a_row_are_counted_where_they_decide():
    reader = read(STAGE, run({"consecutiveSuccessLimit": 3}, {"consecutiveSuccess": 2}))
    told = facts(reader, row(reader, "AnalysisRun"), "Metric")
    assert told["Passes after"] == "2 of 3 successes in a row"


QUERY = "sum(rate(errors{service='{{ args.service }}',token='{{args.token}}'}[{{args.window}}]))"
ARGUMENTS = [
    {"name": "service", "value": "api"},
    {"name": "window", "value": "5m"},
    {"name": "token", "valueFrom": {"secretKeyRef": {"name": "prom", "key": "token"}}},
    {"name": "hash", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['x']"}}},
    {"name": "api-key", "value": "hunter2"},
]


def test_a_query_is_resolved_with_what_is_written_down_and_no_secret():
    of = run(
        {"provider": {"prometheus": {"query": QUERY}}},
        {"metadata": {"ResolvedPrometheusQuery": "token='from-the-secret'"}},
        {"args": ARGUMENTS},
    )
    reader = read(STAGE, of)
    item = row(reader, "AnalysisRun")
    asked = facts(reader, item, "Asked")
    assert asked["Query"] == "sum(rate(errors{service='api',token='{{args.token}}'}[5m]))"
    assert asked["Query as written"] == QUERY
    assert asked["Address"] == "the controller's default, not seen from here"
    assert facts(reader, item, "Arguments") == {
        "service": "api",
        "window": "5m",
        "token": "from Secret prom, key token; not shown",
        "hash": "from the Rollout's field metadata.labels['x']",
        "api-key": "not shown, 7 characters",
    }
    everything = f"{item}{reader.details(item.ref)}"
    assert "hunter2" not in everything
    assert "from-the-secret" not in everything


@pytest.mark.parametrize(
    ("result", "due"),
    [
        (None, "2026-11-23 13:02:00+00:00"),
        (
            {"measurements": [{"finishedAt": "2026-11-23T13:02:00Z", "phase": "Successful"}]},
            "2026-11-23 13:03:00+00:00",
        ),
        (
            {"measurements": [{"phase": "Running", "resumeAt": "2026-11-23T13:02:30Z"}]},
            "2026-11-23 13:02:30+00:00",
        ),
        ({"phase": "Successful"}, "None"),
    ],
    ids=["the first one after its delay", "an interval later", "one that takes its time", "none to come"],
)
def test_when_the_next_measurement_is_due(result, due):
    reader = read(STAGE, run({"interval": "1m", "initialDelay": "2m"}, result))
    told = facts(reader, row(reader, "AnalysisRun"), "Metric")
    assert str(told["Next measurement"]) == due


@pytest.mark.parametrize(
    ("rules", "kept"),
    [([], 10), ([{"metricName": "m", "limit": 50}], 50), ([{"metricName": "(", "limit": 50}], 10)],
)
def test_how_many_measurements_are_kept_is_said(rules, kept):
    reader = read(STAGE, run({}, {}, {"measurementRetention": rules}))
    told = facts(reader, row(reader, "AnalysisRun"), "Run")
    assert told["Kept"] == f"the newest {kept} measurements of each metric like this"


@pytest.mark.parametrize(
    ("labels", "owner", "origin"),
    [
        ({"rollout-type": "Step", "step-index": "2"}, "Rollout", "step"),
        ({"rollout-type": "Background"}, "Rollout", "background"),
        ({"rollout-type": "PrePromotion"}, "Rollout", "pre-promotion"),
        ({"rollout-type": "PostPromotion"}, "Rollout", "post-promotion"),
        ({}, "Experiment", "experiment"),
        ({}, "Rollout", None),
    ],
)
def test_what_started_a_run_is_told_apart(labels, owner, origin):
    owners = [{"kind": owner, "name": "api", "controller": True}]
    of = run({}, {}, metadata__labels=labels, metadata__ownerReferences=owners)
    assert only(of).fields.origin == origin


def test_a_template_says_its_rule_and_who_uses_it():
    reader = read(STAGE, template(), ROLLOUT)
    item = row(reader, "AnalysisTemplate")
    assert item.why == (
        "Defines rate: passes if result[0] >= 0.95, measured 5 times every 1m, 2 failures allowed; "
        "used by Rollout api in the background, in step 3."
    )
    assert (item.health, item.needs_human, item.fields.phase) == (Health.HEALTHY, False, None)
    assert facts(reader, item, "Used by") == {"Rollout api": "in the background, in step 3"}
    assert facts(reader, item, "Metric rate")["Errors in a row allowed"] == 4


def test_a_cluster_template_is_found_from_every_namespace():
    reader = read(STAGE, template("ClusterAnalysisTemplate", "latency"), ROLLOUT)
    assert row(reader, "ClusterAnalysisTemplate").why.endswith("used by Rollout api in step 2.")


def test_a_template_of_another_namespace_is_not_the_one_that_is_meant():
    other = changed(template(), metadata__namespace="other")
    assert row(read(STAGE, other, ROLLOUT), "AnalysisTemplate").why.endswith("no Rollout uses it.")


@pytest.mark.parametrize("how", [{"hidden": ["Rollout"]}, {"narrowed": ["Rollout"]}])
def test_what_cannot_be_seen_is_not_called_unused(how):
    why = row(read(STAGE, template(), **how), "AnalysisTemplate").why
    assert why.endswith("no Rollout that can be seen uses it.")


def test_a_template_that_takes_in_one_that_is_not_there_can_make_no_run():
    broken = template(templates=[{"templateName": "gone"}])
    reader = read(STAGE, broken, ROLLOUT)
    item = row(reader, "AnalysisTemplate")
    assert item.health is Health.DEGRADED
    assert item.needs_human
    assert item.why.startswith(
        "Takes in AnalysisTemplate gone, which is not there: no run can be made from it;"
    )
    unseen = row(read(STAGE, broken, ROLLOUT, hidden=["AnalysisTemplate"]), "AnalysisTemplate")
    assert unseen.health is Health.HEALTHY


def test_a_template_is_read_again_when_a_rollout_begins_to_use_it():
    reader = read(STAGE, template())
    assert "no Rollout uses it" in row(reader, "AnalysisTemplate").why
    kind = kinds(STAGE)["Rollout"]
    made = decoded(kind, ROLLOUT)
    reader.put(kind, reference(kind, made.metadata), made)
    reader.refresh()
    assert "used by Rollout api" in row(reader, "AnalysisTemplate").why


JOB = {
    "measurements": [
        {"phase": "Failed", "metadata": {"job-name": "run.m.1", "job-namespace": "shop"}, "finishedAt": None}
    ],
    "phase": "Failed",
}


def pod(name):
    containers = [{"name": "check", "image": "i"}]
    return {
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"containers": containers},
    }


def test_the_pods_of_a_jobs_measurement_have_logs():
    reader = read(STAGE, run({"provider": {"job": {}}}, JOB))
    item = row(reader, "AnalysisRun")
    (source,) = reader.logs(item.ref, answering(Pod=[pod("run.m.1-x")]))
    assert (source.pod, source.container, source.failed, source.gone) == ("run.m.1-x", "check", True, "")
    assert facts(reader, item, "Asked")["Job"] == "shop/run.m.1"


def test_each_container_of_a_jobs_pod_has_restarts_of_its_own():
    held = pod("run.m.1-x")
    held["spec"]["containers"].append({"name": "proxy", "image": "i"})
    counts = {"check": 3, "proxy": 1}
    held["status"] = {
        "containerStatuses": [{"name": name, "restartCount": count} for name, count in counts.items()]
    }
    reader = read(STAGE, run({"provider": {"job": {}}}, JOB))
    sources = reader.logs(row(reader, "AnalysisRun").ref, answering(Pod=[held]))
    assert {source.container: source.restarts for source in sources} == counts


def test_a_job_whose_pod_is_gone_says_so():
    reader = read(STAGE, run({"provider": {"job": {}}}, JOB))
    item = row(reader, "AnalysisRun")
    (source,) = reader.logs(item.ref, answering(Pod=[]))
    assert source.gone.startswith("gone with its pod")
    denied = Denied("list", "pods", namespace="shop")
    assert reader.logs(item.ref, answering(Pod=denied)) == ()


def test_a_recorded_run_has_its_default_limits_written_out():
    reader = read(STAGE, stored("metrics", "background"))
    item = next(iter(reader.items.values()))
    told = facts(reader, item, "Metric")
    assert "allowed" in told["Failures"]
    assert "left" in told["Failures"]
