"""WorkflowTemplates as quiet rows, and what is told of the runs of a template or a CronWorkflow."""

from __future__ import annotations

import pytest
from stage_readers import facts, read, row, stored
from test_workflows_details import run

from trombone_tui.core.objects.basics import Health
from trombone_tui.pipeline.workflows import STAGE


def template(kind="WorkflowTemplate", **changes):
    name = "lab/workflowtemplate" if kind == "WorkflowTemplate" else "lab/clusterworkflowtemplate"
    return stored("workflows", name, **changes)


def cron(name, reference, namespace="ci"):
    return {
        "kind": "CronWorkflow",
        "metadata": {"name": name, "namespace": namespace, "uid": name},
        "spec": {"schedules": ["@daily"], "workflowSpec": {"workflowTemplateRef": reference}},
    }


NAMES = [{"name": "main"}, {"name": "test"}]
ROWS = [
    ({}, Health.HEALTHY, "Runs main, 1 template."),
    (
        {"spec__templates": NAMES, "spec__arguments": {"parameters": [{"name": "a"}, {"name": "b"}]}},
        Health.HEALTHY,
        "Runs main, 2 templates; takes 2 parameters.",
    ),
    ({"spec__entrypoint": None}, Health.HEALTHY, "Holds 1 template for others to use, no entrypoint."),
    (
        {"spec__entrypoint": "mian"},
        Health.DEGRADED,
        "Its entrypoint mian is none of its 1 template.",
    ),
    ({"spec__entrypoint": "{{workflow.parameters.e}}"}, Health.HEALTHY, "Runs {{workflow.parameters.e}}, 1"),
    ({"spec__templates": []}, Health.UNKNOWN, "It holds no templates, or none that can be read."),
]


@pytest.mark.parametrize("kind", ["WorkflowTemplate", "ClusterWorkflowTemplate"])
@pytest.mark.parametrize(("changes", "health", "why"), ROWS)
def test_a_template_says_what_it_holds_and_needs_nobody(kind, changes, health, why):
    item = row(read(STAGE, template(kind, **changes)), kind)
    assert item.health is health
    assert item.why.startswith(why)
    assert not item.needs_human
    assert (item.created, item.since, item.joins) == (None, None, ()), "it has to stand after all runs"


def test_a_template_names_the_cron_workflows_that_start_it():
    ref = {"name": "nightly"}
    crons = [cron(name, ref) for name in ("d", "b", "a", "c")]
    elsewhere = [cron("e", ref, namespace="cd"), cron("f", {"name": "nightly", "clusterScope": True})]
    reader = read(STAGE, template(), template("ClusterWorkflowTemplate"), *crons, *elsewhere)
    assert row(reader, "WorkflowTemplate").why.endswith("started by CronWorkflow a, b, c and 1 more.")
    assert row(reader, "ClusterWorkflowTemplate").why.endswith("started by CronWorkflow ci/f.")


def test_the_details_of_a_template_tell_of_its_runs_and_who_starts_them():
    sensor = {"events.argoproj.io/sensor": "github"}
    runs = [run(f"past-{i}", 60 + i, template="nightly") for i in range(3)]
    runs += [
        run("newest", 5, "Failed", template="nightly", metadata__labels=sensor,
            metadata__creationTimestamp="2026-11-23T13:15:00Z"),
        run("old", phase="Error", template="nightly", metadata__creationTimestamp="2026-11-01T00:00:00Z"),
        run("another", 60),
    ]  # fmt: skip
    reader = read(STAGE, template(), *runs, cron("daily", {"name": "nightly"}))
    item = row(reader, "WorkflowTemplate")
    told = facts(reader, item, "Runs")
    assert told["runs still there"] == "3 Succeeded, 1 Error, 1 Failed"
    assert told["begun within a day"] == 4
    assert told["newest run"] == "newest: Failed"
    assert told["usual duration"] == "1m01s (median of 3)"
    assert facts(reader, item, "Started by") == {
        "CronWorkflows": "daily",
        "Sensors, by its runs": "github (1)",
    }
    assert not item.needs_human


def test_runs_that_may_not_be_seen_are_not_said_to_be_none():
    reader = read(STAGE, template(), hidden=("Workflow", "CronWorkflow"))
    item = row(reader, "WorkflowTemplate")
    assert facts(reader, item, "Runs") == {"runs": None}
    assert facts(reader, item, "Started by")["CronWorkflows"] is None
    seen = read(STAGE, template())
    assert facts(seen, row(seen, "WorkflowTemplate"), "Runs") == {"runs still there": 0}


def test_the_parameters_of_a_template_say_what_has_to_be_given():
    given = [
        {"name": "revision"},
        {"name": "where", "value": "prod", "enum": ["prod", "stage"], "description": "the cluster"},
    ]
    reader = read(STAGE, template(spec__arguments={"parameters": given}))
    assert facts(reader, row(reader, "WorkflowTemplate"), "Parameters") == {
        "revision": "has to be given",
        "where": "prod, if nothing else is given; one of prod or stage; the cluster",
    }


def test_the_details_of_a_cron_workflow_tell_its_limits_and_its_runs():
    label = {"workflows.argoproj.io/cron-workflow": "minutely"}
    obj = stored(
        "workflows",
        "cron-active",
        spec__stopStrategy={"expression": "cronworkflow.failed >= 3"},
        spec__when="{{= true }}",
        spec__startingDeadlineSeconds=90,
        spec__successfulJobsHistoryLimit=3,
        spec__concurrencyPolicy="Replace",
    )
    runs = [run(f"past-{i}", 60, metadata__labels=label) for i in range(4)]
    reader = read(STAGE, obj, *runs)
    item = row(reader, "CronWorkflow")
    told = facts(reader, item, "Cron workflow")
    assert told["stops for good when"] == "cronworkflow.failed >= 3"
    assert told["only when"] == "{{= true }}"
    assert told["started late up to"] == "1m30s"
    assert told["keeps succeeded"] == 3
    assert told["when one still runs"] == "ends the old one (Replace)"
    assert facts(reader, item, "Runs")["runs still there"] == "4 Succeeded"
