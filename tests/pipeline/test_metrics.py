"""AnalysisRuns: each metric's value against its condition, its budget, and which run still counts."""

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
from stage_readers import facts, read, row

from trombone_tui.core.objects.basics import Health
from trombone_tui.core.stage import Steps
from trombone_tui.pipeline.metrics import STAGE
from trombone_tui.pipeline.metrics.threshold import threshold
from trombone_tui.pipeline.metrics.value import digits, reading

FIRST = "success-rate"


def run(metric=None, result=None, status=None, **changes):
    """A run of one metric; ``result`` is what the controller says of it."""
    made = {
        "kind": "AnalysisRun",
        "metadata": {
            "name": "a-n-2-1",
            "namespace": "shop",
            "uid": "r",
            "creationTimestamp": "2026-11-23T13:00:00Z",
        },
        "spec": {"metrics": [{"name": "m", "successCondition": "result[0] >= 0.95", **(metric or {})}]},
        "status": {"phase": "Running", **(status or {})},
    }
    if result is not None:
        made["status"]["metricResults"] = [{"name": "m", "phase": "Running", **result}]
    return changed(made, **changes)


def measured(value, phase="Successful", **more):
    return {"value": value, "phase": phase, "finishedAt": "2026-11-23T13:00:00Z", **more}


def only(*objects):
    return row(read(STAGE, *objects), "AnalysisRun")


STATES = [
    pytest.param(
        "empty-series",
        "no-such-series",
        Health.DEGRADED,
        True,
        "error",
        "no-such-series could not be measured 5 times in a row, 4 allowed: the query found nothing.",
        {
            "phase": "Error",
            "value": None,
            "reading": None,
            "condition": "result[0] >= 0.95",
            "failures": 0,
            "failure_limit": 0,
            "errors": 5,
            "consecutive_errors": 5,
            "error_limit": 4,
        },
        id="a query without result",
    ),
    pytest.param(
        "prometheus-down",
        "unreachable",
        Health.DEGRADED,
        True,
        "error",
        "unreachable could not be measured 5 times in a row, 4 allowed: "
        'Post "http://127.0.0.1:9999/api/v1/query": dial tcp 127.0.0.1:9999: connect: connection refused.',
        {"phase": "Error", "value": None, "measured": 0, "wanted": 2},
        id="a Prometheus that does not answer",
    ),
    pytest.param(
        "inconclusive",
        "neither",
        Health.SUSPENDED,
        True,
        "1 <= 2",
        "neither is inconclusive at 1 <= 2: 1 such measurement, 0 allowed; "
        "passes if result[0] > 2; fails if result[0] < 0.",
        {"phase": "Inconclusive", "value": 1.0, "inconclusive": 1, "inconclusive_limit": 0, "dry_run": False},
        id="neither passed nor failed",
    ),
    pytest.param(
        "inconclusive",
        "only-watched",
        Health.UNKNOWN,
        False,
        "1 <= 2",
        "only-watched failed at 1 <= 2: 1 failed measurement, 0 allowed; "
        "only watched (dry run), it decides nothing.",
        {"phase": "Failed", "failures": 1, "dry_run": True, "run_phase": "Inconclusive"},
        id="a failure that is only watched",
    ),
    pytest.param(
        "background",
        "neither",
        Health.PROGRESSING,
        False,
        "0.999",
        "neither stands at 0.999 <= 0.999999: 13 measurements so far, 0 failed, 0 allowed; "
        "13 inconclusive, 1000 allowed.",
        {
            "phase": "Running",
            "origin": "background",
            "step_index": None,
            "owner": "background",
            "revision": 2,
            "interval": "5s",
            "wanted": None,
        },
        id="in the background, without end",
    ),
]


@pytest.mark.parametrize(("name", "part", "health", "human", "brief", "why", "fields"), STATES)
def test_a_state_is_read_as_it_is(name, part, health, human, brief, why, fields):
    item = row(read(STAGE, *documents("metrics", name)), "AnalysisRun", part=part)
    assert (item.health, item.needs_human, item.brief, item.why) == (health, human, brief, why)
    assert item.fields.metric == part
    assert {key: getattr(item.fields, key) for key in fields} == fields


def test_a_run_makes_a_row_for_each_metric():
    reader = read(STAGE, *documents("metrics", "inconclusive"))
    assert [ref.part for ref in reader.items] == ["neither", "only-watched"]


def told(name, of):
    """What the newest run says along a journey, each sentence once."""
    said = []
    for _, reader in play(STAGE, name):
        for ref, item in reader.items.items():
            if ref.name == of and (item.health, item.brief, item.why) not in said:
                said.append((item.health, item.brief, item.why))
    return said


def test_a_passing_analysis_is_told_measurement_by_measurement():
    assert told("journey-good", "demo-5957f674b8-5-2") == [
        (Health.PROGRESSING, "not started", "success-rate has not been measured yet."),
        (
            Health.PROGRESSING,
            "0.999 >= 0.95",
            "success-rate stands at 0.999 >= 0.95: 1 of 3 measured, 0 failed, 0 allowed.",
        ),
        (
            Health.PROGRESSING,
            "0.999 >= 0.95",
            "success-rate stands at 0.999 >= 0.95: 2 of 3 measured, 0 failed, 0 allowed.",
        ),
        (Health.HEALTHY, "0.999 >= 0.95", "success-rate passed at 0.999 >= 0.95: 3 of 3 measured."),
    ]


def test_a_failing_analysis_is_told_with_value_threshold_and_budget():
    assert told("journey-bad", "demo-64cd7cc9bc-6-2") == [
        (Health.PROGRESSING, "not started", "success-rate has not been measured yet."),
        (
            Health.DEGRADED,
            "0.80 < 0.95",
            "success-rate failed at 0.80 < 0.95: 1 failed measurement, 0 allowed.",
        ),
    ]


def test_the_fields_of_a_failed_step_analysis():
    for _, reader in play(STAGE, "journey-bad"):
        last = reader
    item = row(last, "AnalysisRun", "demo-64cd7cc9bc-6-2")
    fields = item.fields
    assert (fields.phase, fields.metric, fields.value) == ("Failed", FIRST, 0.7999911117036604)
    assert fields.condition == "len(result) > 0 && result[0] >= 0.95"
    assert (fields.failures, fields.failure_limit, fields.budget) == (1, 0, "1/0")
    assert (fields.origin, fields.step_index, fields.owner, fields.revision) == ("step", 2, "demo", 6)
    assert fields.message == 'Metric "success-rate" assessed Failed due to failed (1) > failureLimit (0)'
    assert item.since == datetime(2026, 11, 23, 13, 8, 1, tzinfo=UTC)
    assert item.joins == ("Rollout/shop/demo",)


def test_runs_of_versions_that_are_no_longer_wanted_ask_for_nobody_and_speak_for_no_service():
    for _, reader in play(STAGE, "journey-bad"):
        last = reader
    old = {ref.name: item for ref, item in last.items.items() if item.fields.outdated}
    assert set(old) == {
        "demo-7b6db48f59-2-2",
        "demo-7d7588c654-3-2",
        "demo-7f947fdd8f-4-2",
        "demo-5957f674b8-5-2",
    }
    assert not any(item.needs_human or item.joins for item in old.values())
    assert old["demo-7f947fdd8f-4-2"].health is Health.DEGRADED
    assert old["demo-7f947fdd8f-4-2"].why.endswith("; the Rollout wants another version by now.")


def test_runs_of_one_rollout_origin_and_metric_replace_each_other_by_age():
    for _, reader in play(STAGE, "journey-bad"):
        last = reader
    assert {item.series for item in last.items.values()} == {"lab/shop/Rollout/demo/Step/success-rate"}
    ages = {ref.name: item.created for ref, item in last.items.items()}
    assert max(ages, key=ages.get) == "demo-64cd7cc9bc-6-2"
    assert only(run()).series == ""


def test_a_run_of_an_experiment_that_can_not_be_seen_joins_no_rollout():
    of = [{"kind": "Experiment", "name": "a-n-2-1", "uid": "e", "controller": True}]
    item = only(run(metadata__ownerReferences=of))
    assert item.joins == ()
    assert item.fields.owner == "a-n-2-1"
    assert item.series == "lab/shop/Experiment/a-n-2-1/a-n-2-1/m"


VALUES = [
    ("[0.79]", 0.79),
    ("0.79", 0.79),
    ("[1]", 1.0),
    (" [ 1e-3 ] ", 0.001),
    ("[0.5,0.25]", "0.50, 0.25"),
    ("[]", None),
    ("", None),
    (None, None),
    ("[NaN]", "NaN"),
    ("NaN", "NaN"),
    ("[+Inf]", "+Inf"),
    ("-Inf", "-Inf"),
    ("[1e999]", "+Inf"),
    ('{"ok":true}', '{"ok":true}'),
    ("[ok]", "[ok]"),
    ("1_000", "1_000"),
    ("two\n words", "two words"),
    ("x" * 70, "x" * 59 + "…"),
]


@pytest.mark.parametrize(("written", "value"), VALUES)
def test_a_measurement_is_a_number_only_where_it_is_exactly_one(written, value):
    item = only(run(result={"measurements": [measured(written)], "count": 1}))
    assert item.fields.value == value


def test_no_result_is_said_and_not_taken_for_a_value():
    item = only(run(result={"measurements": [measured("[]")], "count": 1}))
    assert (item.fields.value, item.fields.reading, item.brief) == (None, "no result", "no result")


@pytest.mark.parametrize(
    ("number", "against", "written"),
    [
        (0.7999911, 0.95, "0.80"),
        (0.7999911, 0.8, "0.79999"),
        (0.9499999, 0.95, "0.9499999"),
        (0.949999999999, 0.95, "0.949999999999"),
        (0.94999, 0.95, "0.94999"),
        (0.95, 0.95, "0.95"),
        (0.9989999, 0.95, "0.999"),
        (0.9999999, None, "0.9999999"),
        (0.25, None, "0.25"),
        (3.0, None, "3"),
        (3.0, 0.5, "3.00"),
        (12.345, None, "12.3"),
        (1234.5678, None, "1235"),
        (1234.5678, 1234.6, "1234.57"),
        (0.00000012, None, "1.2e-07"),
        (1e20, None, "1e+20"),
        (-0.5, None, "-0.50"),
    ],
)
def test_a_number_is_written_short_but_never_wrong_beside_its_threshold(number, against, written):
    assert digits(number, against) == written


THRESHOLDS = [
    ("result[0] >= 0.95", "[0.91]", "0.91 < 0.95"),
    ("result[0] >= 0.95", "[0.95]", "0.95 >= 0.95"),
    ("result[0]>0.95", "[0.95]", "0.95 <= 0.95"),
    ("result < 5", "7", "7 >= 5"),
    ("result <= 500", "[499.6]", "499.6 <= 500"),
    ("result == 0", "0", "0 == 0"),
    ("result != 0", "0", "0 == 0"),
    ("0.95 <= result[0]", "[0.5]", "0.50 < 0.95"),
    ("len(result) > 0 && result[0] >= 0.95", "[0.5]", "0.50 < 0.95"),
    ("result[0] >= 0.95 and len(result) > 0", "[0.5]", "0.50 < 0.95"),
    ("!isNaN(result[0]) && (result[0] >= 0.95)", "[0.5]", "0.50 < 0.95"),
    ("asFloat(result[1]) < 1", "[5, 0.25]", "0.25 < 1"),
    ("result[0] > -1.5e2", "[-200]", "-200 <= -150"),
    ("result[0] >= 0.95", "[NaN]", None),
    ("result[3] >= 0.95", "[0.91]", None),
    ("result[0] >= 0.95", "[]", None),
    ("result[0] >= 0.95 || result[1] < 2", "[0.91]", None),
    ("result[0] >= 0.9 && result[0] < 2", "[0.91]", None),
    ("result[0] >= {{args.limit}}", "[0.91]", None),
    ("result.ok == 1", "[0.91]", None),
    ("-result[0] < 3", "[0.91]", None),
    ("result[0] > 1e999", "[0.91]", None),
    ("len(result) > 0", "[0.91]", None),
    ("", "[0.91]", None),
    (None, "[0.91]", None),
]


@pytest.mark.parametrize(("condition", "value", "standing"), THRESHOLDS)
def test_a_value_is_set_against_a_threshold_only_where_the_condition_is_one_plain_comparison(
    condition, value, standing
):
    found = threshold(condition)
    assert (found.against(reading(value)) if found else None) == standing


@pytest.mark.parametrize(
    ("metric", "phase", "value", "condition", "standing"),
    [
        ({"failureCondition": "result[0] < 0.5"}, "Failed", "[0.4]", None, "0.40 < 0.5"),
        ({"failureCondition": "result[0] < 0.5"}, "Successful", "[0.97]", None, "0.97 >= 0.95"),
        ({"failureCondition": "result[0] < 0.5"}, "Inconclusive", "[0.7]", None, "0.70 < 0.95"),
        (
            {"successCondition": None, "failureCondition": "result[0] < 0.5"},
            "Successful",
            "[0.7]",
            "fails if result[0] < 0.5",
            "0.70 >= 0.5",
        ),
        ({"successCondition": "isOk(result)"}, "Failed", "[0.7]", "isOk(result)", "0.70"),
        ({"successCondition": "  result[0]\n  > 1 "}, "Failed", "[0.7]", "result[0] > 1", "0.70 <= 1"),
        ({"successCondition": None}, "Successful", "[0.7]", "", "0.70"),
    ],
)
def test_the_condition_that_decided_is_the_one_that_is_shown(metric, phase, value, condition, standing):
    fields = only(run(metric, {"measurements": [measured(value, phase)]})).fields
    assert fields.reading == standing
    if condition is not None:
        assert (fields.condition or "") == condition


@pytest.mark.parametrize(
    ("metric", "limit", "wanted"),
    [
        ({}, 0, 1),
        ({"failureLimit": 2, "interval": "5s"}, 2, None),
        ({"failureLimit": "3", "count": "4"}, 3, 4),
        ({"failureLimit": "{{args.x}}", "count": "{{args.y}}"}, None, None),
        ({"failureLimit": None, "count": 0}, 0, 0),
    ],
)
def test_limits_have_argos_defaults_and_are_unknown_where_they_are_no_number(metric, limit, wanted):
    fields = only(run(metric)).fields
    assert (fields.failure_limit, fields.wanted) == (limit, wanted)


def test_a_budget_is_told_before_it_is_used_up():
    item = only(run({"failureLimit": 2, "count": 5}, {"failed": 1, "count": 3}))
    assert item.fields.budget == "1/2"
    assert item.why == "m runs: 3 of 5 measured, 1 failed, 2 allowed."


SENTENCES = [
    (run(status={"phase": ""}), Health.PROGRESSING, "m has not been measured yet."),
    (run(status={"phase": "Pending"}), Health.PROGRESSING, "m has not been measured yet."),
    (
        run(status={"phase": "Error", "message": "secret not found"}),
        Health.DEGRADED,
        "m could not be measured: secret not found.",
    ),
    (run(status={"phase": "Failed"}), Health.DEGRADED, "m failed: no reason given."),
    (
        run(status={"phase": "Inconclusive", "message": "x"}),
        Health.SUSPENDED,
        "m is inconclusive: x.",
    ),
    (
        run(status={"phase": "Dreaming"}),
        Health.UNKNOWN,
        "m is in phase Dreaming, which this program does not know.",
    ),
    (
        run({"interval": "5s"}, {"count": 2, "consecutiveError": 1, "message": "timeout"}),
        Health.PROGRESSING,
        "m runs: 2 measurements so far, 0 failed, 0 allowed; 1 error in a row: timeout.",
    ),
    (
        run(
            {"interval": "5s"},
            {"phase": "Successful", "count": 2, "measurements": [measured("[1]")]},
            {"phase": "Successful", "message": "Run Terminated"},
        ),
        Health.HEALTHY,
        "m passed at 1.00 >= 0.95: 2 measurements so far; the run was ended by hand, which counts as passed.",
    ),
    (
        run({"failureLimit": "{{x}}"}, {"phase": "Failed", "failed": 3}),
        Health.DEGRADED,
        "m failed: 3 failed measurements, an unknown number allowed.",
    ),
]


@pytest.mark.parametrize(("of", "health", "why"), SENTENCES)
def test_every_phase_has_its_sentence(of, health, why):
    item = only(of)
    assert (item.health, item.why) == (health, why)


def test_a_run_that_names_no_metric_yet_is_one_row_without_part():
    item = only(run(spec={}, status={"phase": "Error", "message": "no template"}))
    assert (item.ref.part, item.fields.metric) == ("", None)
    assert item.why == "The run could not be measured: no template."
    bare = run()
    del bare["spec"], bare["status"]
    fields = only(bare).fields
    assert (fields.phase, fields.failures, fields.measured, fields.budget) == (None,) * 4


def test_two_metrics_of_one_name_and_a_result_nobody_asked_for_are_rows_of_their_own():
    of = run(result={"name": "stray", "phase": "Failed"})
    of["spec"]["metrics"] *= 2
    assert {ref.part for ref in read(STAGE, of).items} == {"m", "m#2", "stray"}


def test_details_show_limits_query_and_measurements():
    reader = read(STAGE, *documents("metrics", "empty-series"))
    item = row(reader, "AnalysisRun")
    told = facts(reader, item, "Metric")
    assert facts(reader, item, "Asked")["Query"] == "sum(rate(nothing_total[1m]))"
    assert told["Errors in a row"] == "5 of 4 allowed: too many"
    assert told["Next measurement"] is None
    assert facts(reader, item, "Run")["Run phase"] == "Error"
    (steps,) = [d for d in reader.details(item.ref) if isinstance(d, Steps)]
    assert steps.steps[0].text == "23 Nov 13:09Z no result Error"
    assert {step.note for step in steps.steps} == {"reflect: slice index out of range"}


@pytest.mark.parametrize(("phase", "due"), [("Successful", "13:01:00"), ("Error", "13:00:10")])
def test_the_next_measurement_is_due_after_the_interval_or_ten_seconds_after_an_error(phase, due):
    of = run({"interval": "1m"}, {"measurements": [measured("[1]", phase)]})
    reader = read(STAGE, of)
    told = facts(reader, row(reader, "AnalysisRun"), "Metric")
    assert f"{told['Next measurement']:%H:%M:%S}" == due


def test_logins_in_addresses_and_resolved_queries_are_never_shown():
    of = run(
        {
            "provider": {
                "prometheus": {"address": "http://me:secret@prom:9090", "query": "up{k='{{args.k}}'}"}
            }
        },
        {"metadata": {"ResolvedPrometheusQuery": "up{k='hunter2'}"}, "measurements": [measured("[1]")]},
    )
    reader = read(STAGE, of)
    item = row(reader, "AnalysisRun")
    assert facts(reader, item, "Asked")["Address"] == "http://…@prom:9090"
    everything = f"{item}{reader.details(item.ref)}"
    assert "secret" not in everything
    assert "hunter2" not in everything


def test_details_of_a_metric_that_is_gone_are_empty():
    reader = read(STAGE, run())
    item = row(reader, "AnalysisRun")
    assert reader.details(changed_part(item.ref, "other")) == ()


def changed_part(ref, part):
    return type(ref)(ref.cluster, ref.kind, ref.namespace, ref.name, ref.uid, part)


def test_an_outdated_run_is_said_so_in_its_details():
    of = [{"kind": "Rollout", "name": "a", "uid": "u", "controller": True}]
    judged = run(metadata__ownerReferences=of, metadata__labels={"rollouts-pod-template-hash": "old"})
    rollout = {
        "kind": "Rollout",
        "metadata": {"name": "a", "namespace": "shop", "uid": "u"},
        "status": {"currentPodHash": "new"},
    }
    reader = read(STAGE, judged, rollout)
    item = row(reader, "AnalysisRun")
    assert facts(reader, item, "Run")["Outdated"] == "the Rollout wants another version by now"
    assert only(judged).fields.outdated is False  # nothing is claimed where the Rollout can't be seen


@given(
    field=st.sampled_from(["name", "count", "interval", "successCondition", "failureLimit", "provider"]),
    of=st.sampled_from(["name", "phase", "count", "failed", "measurements", "dryRun", "message"]),
    asked=wild,
    answered=wild,
)
def test_any_value_anywhere_makes_rows_and_details_and_never_an_error(field, of, asked, answered):
    made = copy.deepcopy(run({field: asked}, {of: answered}))
    reader = read(STAGE, json.loads(json.dumps(made)))
    assert reader.items
    for ref, item in reader.items.items():
        assert item.why
        reader.details(ref)


@given(st.text(max_size=30) | st.from_regex(r"\[?[-+0-9.eEinfa, ]*\]?", fullmatch=True))
def test_any_text_is_a_reading_that_can_be_shown(text):
    found = reading(text)
    if found is not None:
        assert found.value is None or isinstance(found.value, float | str)
        threshold("result[0] >= 0.95").against(found)


def test_every_column_shows_something_of_its_own():
    item = row(read(STAGE, *documents("metrics", "background")), "AnalysisRun")
    shown = {column.key: item.value(column.key) for column in STAGE.columns}
    assert shown["origin"] == "background"
    assert {key for key, value in shown.items() if value is None} == set()
