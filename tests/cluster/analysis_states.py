"""The truth table of analyses: every end of an AnalysisRun, and what is known beforehand of each metric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rollout_states import update
from rollouts import (
    ENDLESS,
    NOBODY_LISTENS,
    Made,
    analysis,
    blue_green,
    canary,
    metric,
    rollout,
    template,
    weight,
)
from staging import Act, Held, Scene

AT_LEAST = "result[0] >= 0.95"
SERVED = 'sum(rate(http_requests_total{track="stable",code="200"}[10s]))'
ALL = 'sum(rate(http_requests_total{track="stable"}[10s]))'
EMPTY = "vector(1) > 2"
NAN = "vector(0) / vector(0)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """An analysis, and what is known to come of it."""

    scene: Scene
    run: str
    """The run's phase."""
    rows: dict[str, dict[str, Any]]
    """By metric: fields that are known beforehand."""
    says: str
    """A part of what the first metric's sentence says."""
    origin: str = "step"

    @property
    def state(self) -> str:
        return self.scene.state


def _at_a_step(
    state: str,
    name: str,
    *metrics: Made,
    run: str,
    rows: dict[str, dict[str, Any]],
    says: str,
    watched: tuple[str, ...] = (),
    acts: tuple[Act, ...] = (),
) -> Truth:
    """Make a canary whose first step is an analysis."""
    phase, message = {
        "Successful": ("Paused", "CanaryPauseStep"),
        "Inconclusive": ("Paused", "InconclusiveAnalysisRun"),
        "Running": ("Progressing", "more replicas need to be updated"),
    }.get(run, ("Degraded", "RolloutAborted: "))
    scene = Scene(
        state=state,
        objects=(
            rollout(name, canary(analysis(name), ENDLESS), replicas=1),
            template(name, *metrics, only_watched=watched),
        ),
        acts=(update(name), *acts),
        phase=phase,
        message=message,
    )
    return Truth(scene=scene, run=run, rows=rows, says=says)


def _measures(held: Held) -> bool:
    """Whether the step's analysis has begun."""
    run = held["status"].get("canary", {}).get("currentStepAnalysisRunStatus") or {}
    return run.get("status") == "Running"


ENDED = (
    _at_a_step(
        "good",
        "good",
        metric("success-rate", "vector(0.97)", AT_LEAST),
        run="Successful",
        rows={
            "success-rate": {
                "phase": "Successful",
                "value": 0.97,
                "reading": "0.97 >= 0.95",
                "condition": AT_LEAST,
                "failures": 0,
                "failure_limit": 0,
            }
        },
        says="success-rate passed at 0.97 >= 0.95: 1 of 1 measured",
    ),
    _at_a_step(
        "good, of what a service counts",
        "served",
        metric("success-rate", f"{SERVED} / {ALL}", AT_LEAST, count=2, interval="1s"),
        run="Successful",
        rows={"success-rate": {"phase": "Successful", "condition": AT_LEAST, "measured": 2, "wanted": 2}},
        says=">= 0.95: 2 of 2 measured",
    ),
    _at_a_step(
        "bad",
        "bad",
        metric("success-rate", "vector(0.8)", AT_LEAST),
        run="Failed",
        rows={
            "success-rate": {
                "phase": "Failed",
                "value": 0.8,
                "reading": "0.80 < 0.95",
                "condition": AT_LEAST,
                "failures": 1,
                "failure_limit": 0,
                "budget": "1/0",
            }
        },
        says="success-rate failed at 0.80 < 0.95: 1 failed measurement, 0 allowed",
    ),
    _at_a_step(
        "bad for the third time, two were allowed",
        "thrice",
        metric(
            "errors", "vector(7)", failureCondition="result[0] > 5", failureLimit=2, count=5, interval="1s"
        ),
        run="Failed",
        rows={
            "errors": {
                "phase": "Failed",
                "value": 7,
                "reading": "7 > 5",
                "condition": "fails if result[0] > 5",
                "failures": 3,
                "failure_limit": 2,
                "measured": 3,
                "wanted": 5,
            }
        },
        says="errors failed at 7 > 5: 3 failed measurements, 2 allowed",
    ),
    _at_a_step(
        "one metric good, one bad",
        "mixed",
        metric("success-rate", "vector(1)", AT_LEAST),
        metric("latency", "vector(900)", "result[0] < 500"),
        run="Failed",
        rows={
            "success-rate": {"phase": "Successful", "value": 1, "failures": 0},
            "latency": {"phase": "Failed", "value": 900, "reading": "900 >= 500", "failures": 1},
        },
        says="success-rate passed at 1.00 >= 0.95",
    ),
    _at_a_step(
        "inconclusive",
        "neither",
        metric("neither", "vector(1)", "result[0] > 2", failureCondition="result[0] < 0"),
        run="Inconclusive",
        rows={
            "neither": {
                "phase": "Inconclusive",
                "value": 1,
                "condition": "result[0] > 2; fails if result[0] < 0",
                "failures": 0,
                "inconclusive": 1,
                "inconclusive_limit": 0,
            }
        },
        says="neither is inconclusive at 1 <= 2: 1 such measurement, 0 allowed; passes if result[0] > 2",
    ),
    _at_a_step(
        "error: Prometheus is down",
        "down",
        metric("unreachable", "up", AT_LEAST, address=NOBODY_LISTENS, consecutiveErrorLimit=0),
        run="Error",
        rows={
            "unreachable": {
                "phase": "Error",
                "value": None,
                "reading": None,
                "condition": AT_LEAST,
                "failures": 0,
                "errors": 1,
                "consecutive_errors": 1,
                "error_limit": 0,
            }
        },
        says="unreachable could not be measured 1 time in a row, 0 allowed: ",
    ),
    _at_a_step(
        "error: an empty result",
        "empty",
        metric("nothing", EMPTY, AT_LEAST, consecutiveErrorLimit=0),
        run="Error",
        rows={
            "nothing": {"phase": "Error", "value": None, "failures": 0, "errors": 1, "consecutive_errors": 1}
        },
        says="nothing could not be measured 1 time in a row, 0 allowed: the query found nothing",
    ),
    _at_a_step(
        "NaN fails what it is not at least",
        "nan",
        metric("ratio", NAN, AT_LEAST),
        run="Failed",
        rows={"ratio": {"phase": "Failed", "value": "NaN", "condition": AT_LEAST, "failures": 1}},
        says="ratio failed at NaN: 1 failed measurement, 0 allowed",
    ),
    _at_a_step(
        "NaN that is allowed",
        "nanok",
        metric("ratio", NAN, f"isNaN(result[0]) || {AT_LEAST}"),
        run="Successful",
        rows={"ratio": {"phase": "Successful", "value": "NaN", "failures": 0}},
        says="ratio passed at NaN: 1 of 1 measured",
    ),
    _at_a_step(
        "dry run: what is only watched fails and decides nothing",
        "dry",
        metric("watched", "vector(0.8)", AT_LEAST),
        metric("decides", "vector(1)", AT_LEAST),
        watched=("watched",),
        run="Successful",
        rows={
            "watched": {"phase": "Failed", "value": 0.8, "failures": 1, "dry_run": True},
            "decides": {"phase": "Successful", "value": 1, "failures": 0, "dry_run": False},
        },
        says="only watched (dry run), it decides nothing",
    ),
    _at_a_step(
        "running, one of two measured",
        "running",
        metric("success-rate", "vector(1)", AT_LEAST, count=2, interval="1h"),
        run="Running",
        rows={"success-rate": {"phase": "Running", "value": 1, "measured": 1, "wanted": 2, "failures": 0}},
        says="success-rate stands at 1.00 >= 0.95: 1 of 2 measured, 0 failed, 0 allowed",
    ),
    _at_a_step(
        "ended by hand",
        "skipped",
        metric("success-rate", "vector(1)", AT_LEAST, count=2, interval="1h"),
        acts=(Act(words=("promote", "skipped"), after="Progressing", when=_measures),),
        run="Successful",
        rows={"success-rate": {"phase": "Successful", "value": 1, "message": "Run Terminated"}},
        says="the run was ended by hand, which counts as passed",
    ),
)

STARTED_OTHERWISE = (
    Truth(
        scene=Scene(
            state="in the background of a canary",
            objects=(
                rollout("behind", canary(weight(50), ENDLESS, **analysis("behind"))),
                template("behind", metric("success-rate", "vector(1)", AT_LEAST, interval="1h")),
            ),
            acts=(update("behind"),),
            phase="Paused",
        ),
        run="Running",
        origin="background",
        rows={"success-rate": {"phase": "Running", "value": 1, "wanted": None}},
        says="success-rate stands at 1.00 >= 0.95: 1 measurement so far",
    ),
    Truth(
        scene=Scene(
            state="before a promotion of blue-green",
            objects=(
                *blue_green(
                    "pre", autoPromotionEnabled=False, prePromotionAnalysis=analysis("pre")["analysis"]
                ),
                template("pre", metric("success-rate", "vector(1)", AT_LEAST)),
            ),
            acts=(update("pre"),),
            phase="Paused",
        ),
        run="Successful",
        origin="pre-promotion",
        rows={"success-rate": {"phase": "Successful", "value": 1}},
        says="success-rate passed at 1.00 >= 0.95",
    ),
    Truth(
        scene=Scene(
            state="after a promotion of blue-green",
            objects=(
                *blue_green("post", postPromotionAnalysis=analysis("post")["analysis"]),
                template("post", metric("success-rate", "vector(0.5)", AT_LEAST)),
            ),
            acts=(update("post"),),
            phase="Degraded",
            message="RolloutAborted: ",
        ),
        run="Failed",
        origin="post-promotion",
        rows={"success-rate": {"phase": "Failed", "value": 0.5, "failures": 1}},
        says="success-rate failed at 0.50 < 0.95",
    ),
)

ANALYSES = (*ENDED, *STARTED_OTHERWISE)
