"""Experiments as rows: their words, whose they are, their details, the logs of their pods.

Shapes: ``two-versions`` of the lab's controller, with small changes that name the code that writes them
(``argo-rollouts@v1.9.1``).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from any_json import odd, places
from changing import changed
from experiments import (
    ALONE,
    NAME,
    PODS,
    ROLLOUT,
    SETS,
    analyses,
    of_rollout,
    run,
    sides,
    told,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from stage_readers import NOW, answering, decoded, facts, kinds, read, reference, row

from trombone_tui.core.asking import Ask
from trombone_tui.core.details import Branch, Tree
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.ports import Denied
from trombone_tui.core.questions import Answer, Objects
from trombone_tui.core.reader import StageReader
from trombone_tui.core.stage import Item
from trombone_tui.core.text import words
from trombone_tui.pipeline.metrics import STAGE
from trombone_tui.ui.columns import arrange

Held = dict[str, Any]
FAILED = 'Metric "success-rate" assessed Failed due to failed (1) > failureLimit (0)'
ERROR = "AnalysisTemplate verification failed for analysis 'rates': analysistemplate not found"
LATE = "Template 'candidate' exceeded its progressDeadlineSeconds (600)"
ENDED = sides(("Successful", 0, ""), ("Successful", 0, ""))
ABORTED = changed(ROLLOUT, status__abort=True)
REQUIRED = {"spec__analyses": analyses("rates", "speed", required=True)}
COUNTS = "which counts as passed"
AFTER_ABORT = "the update is aborted: retry the Rollout once that is mended, or undo it"


def refused() -> Held:
    """What syncing an invalid one writes: a condition and no phase (experiments/controller.go)."""
    message = "Experiment two-versions has repeated template name 'baseline' in templates"
    condition = {"type": "InvalidSpec", "status": "True", "reason": "InvalidSpec", "message": message}
    return changed(ALONE, status={"conditions": [condition]})


SITUATIONS = [
    pytest.param(
        [ALONE],
        Health.PROGRESSING,
        "2/2 available",
        "Runs 2 of 2 templates until 23 Nov 14:09Z, 1 h in all.",
        id="running for a time (lab)",
    ),
    pytest.param(
        [changed(ALONE, spec__duration=None)],
        Health.PROGRESSING,
        "2/2 available",
        f"Runs 2 of 2 templates until it is ended, for it has no duration; terminate ends it, {COUNTS}.",
        id="running without end (PassedDurations)",
    ),
    pytest.param(
        [changed(ALONE, spec__duration="soon")],
        Health.PROGRESSING,
        "2/2 available",
        "Runs 2 of 2 templates until it is ended, for its duration soon can't be read; terminate ends it, "
        f"{COUNTS}.",
        id="a duration that can't be read (PassedDurations)",
    ),
    pytest.param(
        [changed(ALONE, status=None)],
        Health.PROGRESSING,
        "not started",
        f"Has not begun with its 2 templates; terminate ends it, {COUNTS}.",
        id="no status yet",
    ),
    pytest.param(
        [refused()],
        Health.DEGRADED,
        "refused",
        "The controller refuses its spec: Experiment two-versions has repeated template name 'baseline' in "
        "templates; nothing runs until that is mended.",
        id="an invalid spec (VerifyExperimentSpec)",
    ),
    pytest.param(
        [
            changed(
                ALONE,
                status__phase="Pending",
                status__availableAt=None,
                status__templateStatuses=sides(("Running", 1, ""), ("Progressing", 0, "")),
            )
        ],
        Health.PROGRESSING,
        "1/2 available",
        "Waits for 1 of 2 templates: candidate has 0 of 1 available; without progress it fails at 23 Nov "
        f"13:20Z, after 10 min; terminate ends it, {COUNTS}.",
        id="pods that are not there yet (reconcileTemplate)",
    ),
    pytest.param(
        [
            of_rollout(
                spec__duration=None,
                **REQUIRED,
                status__analysisRuns=told(rates="Running", speed="Successful"),
            ),
            ROLLOUT,
        ],
        Health.PROGRESSING,
        "2/2 available",
        "Runs 2 of 2 templates until rates, speed have passed; analyses: 1 Running, 1 Successful.",
        id="until required analyses pass (RequiredAnalysisRunsSuccessful)",
    ),
    pytest.param(
        [of_rollout(**REQUIRED, spec__terminate=True, status__analysisRuns=told(rates="Running")), ROLLOUT],
        Health.PROGRESSING,
        "2/2 available",
        "Runs 2 of 2 templates until 23 Nov 14:09Z, 1 h in all, or until rates, speed have passed; "
        "analyses: 1 Running, 1 not started; told to end before rates, speed passed, which no longer counts: "
        "it may stay so.",
        id="told to end before required analyses (reconcileAnalysisRun)",
    ),
    pytest.param(
        [
            of_rollout(
                spec__analyses=analyses("rates"),
                status__phase="Failed",
                status__message=FAILED,
                status__analysisRuns=told(rates=("Failed", FAILED)),
                status__templateStatuses=ENDED,
            ),
            ABORTED,
        ],
        Health.DEGRADED,
        "failed",
        f"Failed: analysis rates failed: {FAILED}; analyses: 1 Failed; {AFTER_ABORT}.",
        id="an analysis failed and aborted the update (calculateStatus)",
    ),
    pytest.param(
        [
            of_rollout(
                spec__analyses=analyses("rates"),
                status__phase="Error",
                status__analysisRuns=told(rates=("Error", ERROR)),
            ),
            ROLLOUT,
        ],
        Health.DEGRADED,
        "error",
        f"Ended with an error: analysis rates could not be judged: {ERROR}; analyses: 1 Error.",
        id="a template of an analysis that is not there (verifyAnalysisTemplate)",
    ),
    pytest.param(
        [
            changed(
                ALONE,
                status__phase="Failed",
                status__message=LATE,
                status__templateStatuses=sides(("Successful", 0, ""), ("Failed", 0, LATE)),
            )
        ],
        Health.DEGRADED,
        "failed",
        f"Failed: template candidate failed: {LATE}; once that is mended, retry runs it again.",
        id="pods that never came (progressDeadlineSeconds)",
    ),
    pytest.param(
        [
            of_rollout(
                spec__analyses=analyses("rates"),
                status__phase="Inconclusive",
                status__analysisRuns=told(rates=("Inconclusive", "2 inconclusive, 1 allowed")),
            ),
            ROLLOUT,
        ],
        Health.SUSPENDED,
        "inconclusive",
        "Is inconclusive: analysis rates is inconclusive: 2 inconclusive, 1 allowed; analyses: 1 "
        "Inconclusive; somebody has to decide: promote or abort the Rollout.",
        id="nobody can tell (assessAnalysisRuns)",
    ),
    pytest.param(
        [changed(ALONE, status__phase="Inconclusive", status__message="no telling")],
        Health.SUSPENDED,
        "inconclusive",
        "Is inconclusive: no telling; retry runs it again.",
        id="nobody can tell, without a Rollout",
    ),
    pytest.param(
        [
            changed(
                ALONE,
                spec__analyses=analyses("rates"),
                status__phase="Successful",
                status__analysisRuns=told(rates="Successful"),
            )
        ],
        Health.HEALTHY,
        "successful",
        "Passed: its 2 templates ran 1 h; analyses: 1 Successful.",
        id="passed (PassedDurations)",
    ),
    pytest.param(
        [changed(ALONE, status__phase="Successful", spec__terminate=True)],
        Health.HEALTHY,
        "successful",
        f"Passed: its 2 templates ran until it was told to end early, {COUNTS}; nothing was measured.",
        id="told to end (verified.md, end experiment)",
    ),
    pytest.param(
        [changed(ALONE, status__phase="Pending", spec__terminate=True)],
        Health.PROGRESSING,
        "2/2 available",
        "All 2 templates are available, and it is about to run; told to end.",
        id="told to end before it ran",
    ),
    pytest.param(
        [changed(ALONE, status=None, spec__terminate=True)],
        Health.PROGRESSING,
        "not started",
        "Has not begun with its 2 templates; told to end already.",
        id="told to end before it began",
    ),
    pytest.param(
        [
            changed(
                ALONE,
                spec__terminate=True,
                status__templateStatuses=sides(("Running", 1, ""), ("Running", 0, "")),
            )
        ],
        Health.PROGRESSING,
        "1/2 available",
        "Runs 1 of 2 templates until 23 Nov 14:09Z, 1 h in all; candidate has 0 of 1 available; told to end.",
        id="pods that went while it ran",
    ),
    pytest.param(
        [
            of_rollout(
                **REQUIRED,
                status__phase="Successful",
                status__analysisRuns=told(rates="Successful", speed="Successful"),
            ),
            ROLLOUT,
        ],
        Health.HEALTHY,
        "successful",
        "Passed: its 2 templates ran until the required analyses had passed; analyses: 2 Successful.",
        id="passed by its required analyses (RequiredAnalysisRunsSuccessful)",
    ),
    pytest.param(
        [changed(ALONE, status__phase="Melted")],
        Health.UNKNOWN,
        "melted",
        "Is in phase Melted, which this program does not know.",
        id="a phase of a later version",
    ),
    pytest.param(
        [of_rollout(), changed(ROLLOUT, status__currentPodHash="new")],
        Health.PROGRESSING,
        "2/2 available",
        "Runs 2 of 2 templates until 23 Nov 14:09Z, 1 h in all; the Rollout wants another version by now.",
        id="a version that is no longer wanted",
    ),
]


def only(*objects: Held) -> Item:
    return row(read(STAGE, *objects), "Experiment")


@pytest.mark.parametrize(("objects", "health", "brief", "why"), SITUATIONS)
def test_a_situation_has_its_health_and_its_sentence(
    objects: list[Held], health: Health, brief: str, why: str
) -> None:
    item = only(*objects)
    assert (item.health, item.brief, item.why) == (health, brief, why)


def test_the_fields_of_an_experiment_of_a_rollout() -> None:
    made = of_rollout(spec__analyses=analyses("rates"), status__analysisRuns=told(rates="Running"))
    fields = only(made, ROLLOUT).fields
    shown = {key: item for key in fields.__struct_fields__ if (item := getattr(fields, key)) is not None}
    assert shown.pop("ends_at") - shown.pop("started_at") == timedelta(hours=1)
    assert shown == {
        "phase": "Running",
        "reading": "2/2 available",
        "outdated": False,
        "origin": "step",
        "step_index": 1,
        "owner": "api",
        "rollout": "api",
        "experiment": NAME,
        "subject": "exp baseline, candidate",
        "templates": 2,
        "templates_available": 2,
        "analyses": "1 Running",
        "duration": "1h",
        "revision": 2,
    }


def test_in_80_columns_one_is_told_from_another() -> None:
    shown = arrange(STAGE.columns, 78, 1)
    item = only(ALONE)
    assert {one.key: words(one.key, item.value(one.key), NOW, width) for one, width in shown} == {
        "subject": "exp two-versions",
        "reading": "2/2 available",
        "budget": "-",
        "phase": "Running",
        "rollout": "-",
    }
    owned = only(of_rollout(), ROLLOUT)
    assert [owned.value(column.key) for column, _ in shown][:2] == [
        "exp baseline, candidate",
        "2/2 available",
    ]


@pytest.mark.parametrize(
    ("name", "step"), [(NAME, 1), (f"{NAME}-3", 1), ("api-abc-2-x", None), ("other", None)]
)
def test_the_step_is_read_from_the_name_that_a_rollout_gives(name: str, step: int | None) -> None:
    assert only(of_rollout(name), ROLLOUT).value("step_index") == step


def test_one_of_a_version_that_is_not_wanted_asks_for_nobody_and_belongs_to_no_service() -> None:
    failed = of_rollout(status__phase="Failed")
    item = only(failed, ROLLOUT)
    assert (item.needs_human, item.joins) == (True, ("Rollout/states/api",))
    item = only(failed, changed(ROLLOUT, status__currentPodHash="new"))
    assert (item.needs_human, item.joins, item.fields.outdated) == (False, (), True)  # type: ignore[attr-defined]  # MetricFields
    assert only(changed(ALONE, status__phase="Failed")).needs_human


def test_a_newer_one_of_the_same_rollout_replaces_an_older_one() -> None:
    old = of_rollout("api-abc-2-1", status__phase="Failed")
    new = of_rollout("api-abc-2-1-1", metadata__uid="e2", metadata__creationTimestamp="2026-11-23T13:12:00Z")
    reader = read(STAGE, old, new, ROLLOUT)
    assert {item.series for item in reader.items.values()} == {"lab/states/Rollout/api/experiment"}
    assert not reader.attention
    assert read(STAGE, old, ROLLOUT).attention


def test_a_run_of_an_experiment_joins_the_rollout_through_it() -> None:
    item = row(read(STAGE, run(), of_rollout(), ROLLOUT), "AnalysisRun")
    assert item.joins == ("Rollout/states/api",)
    assert item.series == "lab/states/Rollout/api/experiment/rates/success-rate"
    assert item.why.endswith(f"; of experiment {NAME}.")
    keys = ("origin", "rollout", "experiment", "owner", "revision")
    assert [item.value(key) for key in keys] == ["experiment", "api", NAME, NAME, 2]


def test_a_run_of_an_experiment_says_what_helps_and_is_outdated_with_it() -> None:
    aborted = row(read(STAGE, run(), of_rollout(), ABORTED), "AnalysisRun")
    assert aborted.why.endswith(
        f"; of experiment {NAME}; the update is aborted: retry it once that is mended, or undo it."
    )
    moved = changed(ROLLOUT, status__currentPodHash="new")
    item = row(read(STAGE, run(), of_rollout(), moved), "AnalysisRun")
    assert (item.needs_human, item.joins) == (False, ())


@pytest.mark.parametrize("beside", [[], [of_rollout(metadata__uid="another")]])
def test_a_run_whose_experiment_is_not_seen_joins_nothing(beside: list[Held]) -> None:
    item = row(read(STAGE, run(), ROLLOUT, *beside), "AnalysisRun")
    assert (item.joins, item.value("rollout"), item.value("experiment")) == ((), None, NAME)
    assert item.needs_human


def test_a_run_joins_when_its_experiment_comes_later() -> None:
    reader = read(STAGE, run(), ROLLOUT)
    kind = kinds(STAGE)["Experiment"]
    made = decoded(kind, of_rollout())
    reader.put(kind, reference(kind, made.metadata), made)
    reader.refresh()
    assert row(reader, "AnalysisRun").joins == ("Rollout/states/api",)


def test_a_runs_row_is_read_again_only_when_its_experiment_judges_another_version() -> None:
    reader = read(STAGE, run(), of_rollout(), ROLLOUT)
    kind = kinds(STAGE)["Experiment"]

    def put(obj: Held) -> frozenset[str]:
        made = decoded(kind, obj)
        reader.put(kind, reference(kind, made.metadata), made)
        return frozenset(ref.kind for ref in reader.refresh())

    assert put(of_rollout(status__phase="Failed")) == {"Experiment"}
    moved = {"rollouts-pod-template-hash": "old"}
    assert put(of_rollout(metadata__labels=moved)) == {"Experiment", "AnalysisRun"}
    assert row(reader, "AnalysisRun").joins == ()


@pytest.mark.parametrize(
    ("changes", "since"),
    [
        ({}, "13:09:43"),
        ({"status": None}, "13:09:42"),
        ({"status__phase": "Failed", "status__templateStatuses": ENDED}, "13:10:43"),
        (
            {
                "status__phase": "Successful",
                "status__conditions": [
                    {"type": "Progressing", "status": "False", "lastTransitionTime": "2026-11-23T14:09:44Z"}
                ],
            },
            "14:09:44",
        ),
    ],
    ids=["available", "made", "ended badly", "ended well"],
)
def test_since_when_it_is_so(changes: Held, since: str) -> None:
    moment = only(changed(ALONE, **changes)).since
    assert moment is not None
    assert f"{moment:%H:%M:%S}" == since


def test_analyses_that_measure_the_same_do_not_replace_each_other() -> None:
    reader = read(STAGE, run("old"), run("new"), run("new.1"), of_rollout(), ROLLOUT)
    found = {ref.name.removeprefix(f"{NAME}-"): item.series for ref, item in reader.items.items()}
    assert found["old"] != found["new"] == found["new.1"]


def asked(*sets: Held, pods: list[Held] | Denied | None = None) -> Ask:
    """Answer for ReplicaSets by name and for pods by the hash label, as the API server does."""

    def found(question: Objects) -> Answer[Any]:
        return answering(**{question.kind.name: fitting(question)})(question)

    def fitting(question: Objects) -> Any:
        if question.kind.name == "Pod":
            wanted = question.kind.selector.removeprefix("rollouts-pod-template-hash=")
            if not isinstance(pods, list):
                return pods
            return [one for one in pods if one["metadata"]["labels"]["rollouts-pod-template-hash"] == wanted]
        name = question.kind.fields.removeprefix("metadata.name=")
        return [one for one in sets if one["metadata"]["name"] == name]

    return found


def drawn(reader: StageReader, title: str, ask: Ask | None = None) -> list[str]:
    (tree,) = (one for one in reader.details(row(reader, "Experiment").ref, ask) if one.title == title)
    assert isinstance(tree, Tree)
    return [line for branch in tree.branches for line in lines(branch)]


def lines(branch: Branch, indent: str = "") -> list[str]:
    return [
        f"{indent}{branch.text} | {branch.note}",
        *(line for one in branch.branches for line in lines(one, f"{indent}  ")),
    ]


def test_templates_show_their_replica_sets_and_pods() -> None:
    assert drawn(read(STAGE, ALONE), "Templates", asked(*SETS, pods=PODS)) == [
        "template baseline | Running, shop/web:1",
        "  ReplicaSet two-versions-baseline | 1 of 1 available, 1 ready",
        "    pod two-versions-baseline-vcvpt | Running, 1/1 ready",
        "template candidate | Running, shop/web:2",
        "  ReplicaSet two-versions-candidate | 1 of 1 available, 1 ready",
        "    pod two-versions-candidate-jl75j | Running, 1/1 ready",
    ]


DENIED = Denied("list", "replicasets", namespace="states")


@pytest.mark.parametrize(
    ("ask", "note"),
    [
        (None, "1 of 1 available, says the Experiment, asking for it"),
        (asked(), "1 of 1 available, says the Experiment, not there"),
        (
            answering(ReplicaSet=DENIED),
            f"1 of 1 available, says the Experiment, {DENIED}",
        ),
        (asked(*SETS, pods=DENIED), f"1 of 1 available, 1 ready, pods: {DENIED}"),
        (asked(*(changed(one, spec__replicas=0) for one in SETS)), "scaled down"),
    ],
)
def test_what_is_not_known_of_a_replica_set_is_said(ask: Ask | None, note: str) -> None:
    told_of = drawn(read(STAGE, ALONE), "Templates", ask)
    assert f"  ReplicaSet two-versions-baseline | {note}" in told_of


def test_a_replica_set_or_pod_of_somebody_else_is_not_shown() -> None:
    owner = [{"kind": "Experiment", "name": "two-versions", "uid": "before"}]
    former = [changed(one, metadata__ownerReferences=owner) for one in SETS]
    assert "not there" in drawn(read(STAGE, ALONE), "Templates", asked(*former, pods=PODS))[1]
    owner = [{"kind": "ReplicaSet", "name": "api-abc", "uid": "the Rollout's, with the same hash"}]
    strange = [changed(one, metadata__ownerReferences=owner) for one in PODS]
    assert len(drawn(read(STAGE, ALONE), "Templates", asked(*SETS, pods=strange))) == 4


def test_analyses_show_their_runs_with_phase_and_budget() -> None:
    asks = analyses("rates", "speed", required=True)
    made = of_rollout(spec__analyses=asks, status__analysisRuns=told(rates="Failed", speed="Pending"))
    assert drawn(read(STAGE, made, run(), ROLLOUT), "Analyses") == [
        "analysis rates | Failed, required for completion, from AnalysisTemplate success-rate",
        f"  AnalysisRun {NAME}-rates | Failed",
        "    success-rate 0.80 < 0.95 | Failed, failures 1 of 0 allowed: too many",
        "analysis speed | Pending, required for completion, from AnalysisTemplate success-rate",
        f"  AnalysisRun {NAME}-speed | not there",
    ]
    hidden = read(STAGE, made, ROLLOUT, hidden=["AnalysisRun"])
    assert f"  AnalysisRun {NAME}-rates | may not be seen" in drawn(hidden, "Analyses")


def test_a_metric_that_is_only_watched_and_one_that_is_not_measured_are_said_so() -> None:
    made = of_rollout(spec__analyses=analyses("rates"), status__analysisRuns=told(rates="Running"))
    watched = [{"name": "success-rate", "phase": "Failed", "failed": 1, "dryRun": True}]
    one = run(status__metricResults=watched)
    assert drawn(read(STAGE, made, one, ROLLOUT), "Analyses")[-1] == (
        "    success-rate | Failed, failures 1 of 0 allowed: too many, only watched (dry run)"
    )
    new = drawn(read(STAGE, made, run(status=None), ROLLOUT), "Analyses")
    assert new[1:] == [
        f"  AnalysisRun {NAME}-rates | not started",
        "    success-rate | not started, not measured yet",
    ]


def test_a_pod_that_crashes_says_how_often_and_marks_its_replica_set() -> None:
    state = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s"}}
    containers = [{"name": "app", "state": state, "restartCount": 3}]
    broken = [changed(PODS[0], status__containerStatuses=containers)]
    reader = read(STAGE, ALONE)
    shown = drawn(reader, "Templates", asked(*SETS, pods=broken))
    assert shown[2] == (
        "    pod two-versions-baseline-vcvpt | CrashLoopBackOff, 0/1 ready, 3 restarts, container app: "
        "CrashLoopBackOff: back-off 10s"
    )
    details = reader.details(row(reader, "Experiment").ref, asked(*SETS, pods=broken))
    (tree,) = (one for one in details if isinstance(one, Tree))
    assert [one.branches[0].health for one in tree.branches] == [Health.DEGRADED, Health.HEALTHY]


def test_details_of_a_refused_and_of_an_outdated_one_say_so() -> None:
    reader = read(STAGE, refused())
    shown = facts(reader, row(reader, "Experiment"), "Experiment")
    assert shown["Phase"] == "not started"
    assert shown["Spec refused"].startswith("Experiment two-versions has repeated template name")
    reader = read(STAGE, of_rollout(), changed(ROLLOUT, status__currentPodHash="new"))
    shown = facts(reader, row(reader, "Experiment"), "Experiment")
    assert shown["Outdated"] == "the Rollout wants another version by now"
    assert (shown["Rollout"], shown["Revision"], shown["Steps before it"]) == ("api", 2, 1)


def test_details_say_what_is_left_and_what_limits_it() -> None:
    reader = read(STAGE, ALONE)
    shown = facts(reader, row(reader, "Experiment"), "Experiment")
    assert shown["Duration"] == "1 h"
    assert shown["Left"] == "49 min 43 s, until 23 Nov 14:09Z"
    assert shown["Told to end"] is False
    assert shown["Fails without progress"] == "after 10 min (the default)"
    assert shown["Scale-down after the end"] == "after 30 s (the default)"
    assert shown["Analyses"] == "none: nothing is measured"
    assert shown["Rollout"] == "none: it stands alone"
    conditions = facts(reader, row(reader, "Experiment"), "Conditions")
    assert conditions == {
        "Progressing": 'True, NewReplicaSetAvailable: Experiment "two-versions" is running.'
    }


@pytest.mark.parametrize(
    ("changes", "name", "value"),
    [
        ({"spec__duration": "5m"}, "Left", "over since 23 Nov 13:14Z: the controller is about to end it"),
        ({"spec__terminate": True}, "Left", "told to end"),
        ({"spec__duration": None}, "Duration", "until it is ended"),
        ({"spec__duration": "soon"}, "Duration", "soon, which can't be read: until it is ended"),
        ({"spec__scaleDownDelaySeconds": 90}, "Scale-down after the end", "after 1 min 30 s"),
        ({"spec__progressDeadlineSeconds": 60}, "Fails without progress", "after 1 min"),
    ],
)
def test_details_of_other_experiments(changes: Held, name: str, value: str) -> None:
    reader = read(STAGE, changed(ALONE, **changes))
    assert facts(reader, row(reader, "Experiment"), "Experiment")[name] == value


def logs(*objects: Held, ask: Ask | None) -> list[tuple[str, str, str, bool, str]]:
    reader = read(STAGE, *objects)
    found = reader.logs(row(reader, "Experiment").ref, ask)
    return [(one.label, one.pod, one.container, one.failed, one.gone) for one in found]


def test_the_logs_are_those_of_its_templates_pods_and_what_is_broken_comes_first() -> None:
    state = {"waiting": {"reason": "CrashLoopBackOff"}}
    broken = changed(PODS[1], status__containerStatuses=[{"name": "app", "state": state}])
    assert logs(ALONE, ask=asked(*SETS, pods=[PODS[0], broken])) == [
        ("candidate jl75j", "two-versions-candidate-jl75j", "app", True, ""),
        ("baseline vcvpt", "two-versions-baseline-vcvpt", "app", False, ""),
    ]


def test_where_there_is_no_log_it_is_said_why() -> None:
    assert logs(ALONE, ask=None) == []
    why = {one[-1] for one in logs(ALONE, ask=answering(ReplicaSet=DENIED))}
    assert why == {f"ReplicaSet two-versions-{name}: {DENIED}" for name in ("baseline", "candidate")}
    assert {one[-1] for one in logs(ALONE, ask=asked(*SETS, pods=DENIED))} == {f"pods: {DENIED}"}
    ended = changed(ALONE, status__phase="Successful")
    assert all(one[-1].startswith("gone with its pods") for one in logs(ended, ask=asked(*SETS, pods=[])))


FAMILY = [
    of_rollout(**REQUIRED, status__analysisRuns=told(rates="Running", speed="Failed")),
    run(),
    ROLLOUT,
    *(changed(one, metadata__name=one["metadata"]["name"].replace("two-versions", NAME)) for one in SETS),
    *PODS,
]
PLACES = sorted(
    ((n, place) for n, one in enumerate(FAMILY) for place in places(one) if len(place) > 1), key=str
)


@settings(deadline=None, max_examples=150)
@given(place=st.sampled_from(PLACES), value=odd)
def test_any_value_anywhere_is_explained_and_never_an_error(
    place: tuple[int, tuple[Any, ...]], value: Any
) -> None:
    objects = [changed(one) for one in FAMILY]
    where: Any = objects[place[0]]
    for step in place[1][:-1]:
        where = where[step]
    where[place[1][-1]] = value
    ask = answering(ReplicaSet=objects[3:5], Pod=objects[5:])
    kept = [one for one in objects[:3] if isinstance(one.get("metadata"), dict)]
    reader = read(STAGE, *(one for one in kept if one["metadata"].get("name")))
    for item in reader.items.values():
        reader.details(item.ref, ask)
        reader.logs(item.ref, ask)
        assert item.why
        assert item.health in Health
