"""CronWorkflows in every state that the lab can bring them into, and what is to be said of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workflow_build import DATE, Build, Held, flow, phase, pod

OFTEN = "@every 3s"


def cron(**more: Any) -> dict[str, Any]:
    """Return the spec of a CronWorkflow that starts one pod every few seconds."""
    return {"schedules": [OFTEN], "concurrencyPolicy": "Allow", "workflowSpec": flow(pod()), **more}


def counted(**least: int) -> Callable[[Held], bool]:
    """Wait for counters of a status to have come so far."""
    return lambda held: all((held.get("status", {}).get(key) or 0) >= value for key, value in least.items())


def conditioned(of_type: str) -> Callable[[Held], bool]:
    """Wait for a condition of that type."""
    return lambda held: any(one["type"] == of_type for one in held.get("status", {}).get("conditions", ()))


CRONS = [
    Build(
        kind="CronWorkflow",
        state="active, its Workflows succeed",
        name="often",
        spec=cron(),
        ready=counted(succeeded=1),
        health="Healthy",
        why=rf"Runs at @every 3s; last on {DATE};( \d+ Workflows? active;)? \d+ succeeded, 0 failed\.",
        fields={"phase": "Active", "message": None},
    ),
    Build(
        kind="CronWorkflow",
        state="active, its Workflows fail",
        name="in-vain",
        spec=cron(workflowSpec=flow(pod(lab={"exit-code": "1"}))),
        ready=counted(failed=1),
        health="Healthy",
        why=rf"Runs at @every 3s; last on {DATE};( \d+ Workflows? active;)? 0 succeeded, \d+ failed\.",
        fields={"phase": "Active"},
    ),
    Build(
        kind="CronWorkflow",
        state="suspended",
        name="asleep",
        spec=cron(suspend=True),
        ready=lambda held: "status" in held,
        health="Suspended",
        why=r"Suspended by spec\.suspend, so it starts nothing; not run yet; 0 succeeded, 0 failed; resume\.",
        fields={"active": 0, "last_scheduled": None},
    ),
    Build(
        kind="CronWorkflow",
        state="stopped for good",
        name="once",
        spec=cron(stopStrategy={"expression": "cronworkflow.succeeded >= 1"}),
        ready=phase("Stopped"),
        health="Suspended",
        why=rf"Stopped for good by its stopStrategy; last on {DATE};.* [1-9]\d* succeeded, 0 failed\.",
        fields={"phase": "Stopped"},
    ),
    Build(
        kind="CronWorkflow",
        state="unable to start its Workflow",
        name="bad-when",
        spec=cron(when="{{= cronworkflow.nope.nope() }} == true"),
        ready=conditioned("SubmissionError"),
        health="Degraded",
        why=r"Can't start its Workflow: run policy error: .*cronworkflow\.nope is missing; not run yet; .*",
    ),
    Build(
        kind="CronWorkflow",
        state="with a stop strategy that can't be read",
        name="bad-stop",
        spec=cron(stopStrategy={"expression": "cronworkflow.nope >"}),
        ready=conditioned("SpecError"),
        health="Degraded",
        why=r"Its spec can't be used: failed to check CronWorkflow 'bad-stop' stopping condition: .*",
    ),
    Build(
        kind="CronWorkflow",
        state="refused for its schedule, which nobody wrote down",
        name="bad-schedule",
        spec=cron(schedules=["every now and then"]),
        ready=lambda held: "status" not in held,
        health="Unknown",
        why=r"Should run at every now and then, but no controller has taken it up, or one refused its spec.*",
        fields={"phase": None, "active": None},
    ),
]
