"""Every end of an analysis reads as its object says, and as the official tool marks it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from analysis_states import ANALYSES, Truth
from lab.running import Lab
from looking import Look, staged

pytestmark = [pytest.mark.needs("rollouts", "prometheus"), pytest.mark.timeout(180)]

HEALTH = {
    "Successful": "Healthy",
    "Failed": "Degraded",
    "Error": "Degraded",
    "Inconclusive": "Suspended",
    "Running": "Progressing",
}
COUNTED = {"✔": "successful", "✖": "failures", "?": "inconclusive", "⚠": "errors"}
"""The marks before the numbers that the official tool adds up over all metrics of a run."""
AS_COUNTED = {
    "failures": "failed",
    "errors": "error",
    "consecutive_errors": "consecutiveError",
    "inconclusive": "inconclusive",
    "successful": "successful",
    "measured": "count",
}


@pytest.fixture(scope="module")
def stage(lab: Lab) -> Iterator[dict[str, Look]]:
    """All analyses of the table, run and looked at."""
    with staged([truth.scene for truth in ANALYSES], lab) as seen:
        yield seen


@pytest.mark.parametrize("truth", ANALYSES, ids=[truth.state for truth in ANALYSES])
def test_an_analysis_reads_as_its_object_says_and_as_the_official_tool_marks_it(
    truth: Truth, stage: dict[str, Look]
) -> None:
    name = truth.scene.name
    assert name in stage, "it changed all the time"
    look = stage[name]
    (run,) = look.of("AnalysisRun")
    (marked,) = look.official.nodes("AnalysisRun")
    ours = {item["fields"]["metric"]: item for item in look.items("metrics", run["metadata"]["name"])}
    assert set(ours) == set(truth.rows) == {one["name"] for one in run["spec"]["metrics"]}

    assert (marked.name, marked.status, run["status"]["phase"]) == (
        run["metadata"]["name"],
        truth.run,
        truth.run,
    )
    sums = {mark: sum(item["fields"][key] for item in ours.values()) for mark, key in COUNTED.items()}
    assert [f"{mark} {number}" for mark, number in sums.items() if number] == list(marked.info)

    results = {one["name"]: one for one in run["status"]["metricResults"]}
    for spec in run["spec"]["metrics"]:
        item, known = ours[spec["name"]], truth.rows[spec["name"]]
        assert {key: item["fields"][key] for key in known} == known
        _as_the_object_says(item, run, spec, results[spec["name"]])
        assert item["fields"]["origin"] == truth.origin
        assert item["fields"]["owner"] == name
    assert truth.says in ours[next(iter(truth.rows))]["why"]


def _as_the_object_says(
    item: dict[str, Any], run: dict[str, Any], spec: dict[str, Any], result: dict[str, Any]
) -> None:
    fields, status = item["fields"], run["status"]
    assert (fields["phase"], fields["run_phase"]) == (result["phase"], status["phase"])
    assert fields["message"] == (status.get("message") or None)
    assert {key: fields[key] for key in AS_COUNTED} == {
        key: result.get(of, 0) for key, of in AS_COUNTED.items()
    }
    assert fields["failure_limit"] == spec.get("failureLimit", 0)
    assert fields["dry_run"] is bool(result.get("dryRun"))
    dry = fields["dry_run"] and result["phase"] != "Successful"
    assert item["health"] == ("Unknown" if dry else HEALTH[result["phase"]])

    written = result["measurements"][-1].get("value", "[]").strip("[]")
    if isinstance(fields["value"], float | int):
        assert fields["value"] == float(written)
    else:
        assert (fields["value"] or "") == written
    for condition in (spec.get("successCondition"), spec.get("failureCondition")):
        assert condition is None or condition in fields["condition"]

    moments = {"started_at": status["startedAt"], "completed_at": status.get("completedAt")}
    moments["last_measured"] = result["measurements"][-1]["finishedAt"]
    assert {key: _moment(fields[key]) for key in moments} == {key: _moment(at) for key, at in moments.items()}


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
