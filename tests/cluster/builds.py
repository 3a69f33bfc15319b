"""Workflows and CronWorkflows in every state that the lab can bring them into, and what is to be said of it.

Pods are kwok's: the annotations ``lab/exit-code``, ``lab/takes`` and ``lab/outputs`` of a template say how
its pod ends. A container whose image is called ``pullfail`` is never pulled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Held = Mapping[str, Any]
"""An object as the API server holds it."""

BUILDER = "127.0.0.1:5000/ci/builder:1"
EVER = "1h"
"""For a pod: longer than any test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """A row of the truth table."""

    state: str
    """In words; the test's name."""
    name: str
    spec: Mapping[str, Any]
    ready: Callable[[Held], object]
    """Whether the controller has written the state into the object."""
    health: str
    why: str
    """A pattern for the whole sentence."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """What is known beforehand beyond what the object says."""
    labels: Mapping[str, str] = field(default_factory=dict)
    then: Mapping[str, Any] | None = None
    """A merge patch for when its gate is reached."""
    kind: str = "Workflow"

    def manifest(self) -> dict[str, Any]:
        return {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": self.kind,
            "metadata": {"name": self.name, "labels": dict(self.labels)},
            "spec": self.spec,
        }


def pod(
    name: str = "main", *, image: str = BUILDER, lab: Mapping[str, str] | None = None, **more: Any
) -> Held:
    """Return a template of one pod; ``lab`` are annotations without their prefix."""
    container = {"image": image, "command": ["/bin/build"]}
    annotations = {f"lab/{key}": value for key, value in (lab or {}).items()}
    made = {"name": name, "container": container, **more}
    return {**made, "metadata": {"annotations": annotations}} if annotations else made


def steps(*groups: Held) -> Held:
    """Return the main template: one step after the other."""
    return {"name": "main", "steps": [[group] for group in groups]}


def dag(*tasks: Held, **more: Any) -> Held:
    """Return the main template as a graph."""
    return {"name": "main", "dag": {"tasks": list(tasks), **more}}


def task(name: str, template: str, *after: str, **more: Any) -> Held:
    """Return a step, or a task that comes after others."""
    made = {"name": name, "template": template, **more}
    return {**made, "dependencies": list(after)} if after else made


def flow(*templates: Held, **more: Any) -> dict[str, Any]:
    """Return a spec that begins at main."""
    return {"entrypoint": "main", "templates": list(templates), **more}


def phase(*names: str) -> Callable[[Held], bool]:
    """Wait for a phase."""
    return lambda held: held.get("status", {}).get("phase") in names


def node(display: str, *phases: str, message: str = "") -> Callable[[Held], bool]:
    """Wait for a node of that display name to be in a phase, and to say something."""

    def reached(held: Held) -> bool:
        nodes = held.get("status", {}).get("nodes", {}).values()
        return any(
            one["displayName"] == display and one.get("phase") in phases and message in one.get("message", "")
            for one in nodes
        )

    return reached


def both(*conditions: Callable[[Held], object]) -> Callable[[Held], bool]:
    """Wait for all of them at once."""
    return lambda held: all(condition(held) for condition in conditions)


def at(state: str) -> Callable[[Held], bool]:
    """Wait for a lock to be held or waited for: ``holding`` or ``waiting``."""
    return lambda held: bool(held.get("status", {}).get("synchronization", {}).get("mutex", {}).get(state))


STEP, SLOW, GATE = pod("step"), pod("slow", lab={"takes": EVER}), {"name": "gate", "suspend": {}}
BAD = pod("bad", lab={"exit-code": "2"})
DATE = r"\d+ \w{3} \d\d:\d\dZ"
TOOK = r"\d+ s"

BUILDS = [
    Build(
        state="succeeded, with an image tag among its outputs",
        name="succeeded",
        spec=flow(
            dag(task("unit-test", "step"), task("push", "push", "unit-test")),
            STEP,
            pod(
                "push",
                lab={"outputs": "1.4.2"},
                outputs={"parameters": [{"name": "image-tag", "valueFrom": {"path": "/tmp/tag"}}]},
            ),
        ),
        ready=phase("Succeeded"),
        health="Healthy",
        why=rf"Succeeded in {TOOK}, 2/2 done; built 1\.4\.2\.",
        fields={"tag": "1.4.2", "failed_node": None},
    ),
    Build(
        state="succeeded, with a step skipped",
        name="skipped",
        spec=flow(steps(task("build", "step"), task("deploy", "step", when="no == yes")), STEP),
        ready=phase("Succeeded"),
        health="Healthy",
        why=rf"Succeeded in {TOOK}, 1/1 done\.",
        fields={"failed_node": None, "node": None},
    ),
    Build(
        state="succeeded, with a failure let pass",
        name="let-pass",
        spec=flow(steps(task("lint", "bad", continueOn={"failed": True}), task("build", "step")), STEP, BAD),
        ready=phase("Succeeded"),
        health="Healthy",
        why=rf"Succeeded in {TOOK}, 1/2 done\.",
        fields={"failed_node": None},
    ),
    Build(
        state="succeeded, although the exit hook of a task failed",
        name="hook-fails",
        spec=flow(dag(task("build", "step", hooks={"exit": {"template": "bad"}})), STEP, BAD),
        ready=phase("Succeeded"),
        health="Healthy",
        why=rf"Succeeded in {TOOK}, 1/2 done\.",
        fields={"failed_node": None},
    ),
    Build(
        state="running, one of three steps done",
        name="runs",
        spec=flow(steps(task("checkout", "step"), task("build", "slow"), task("push", "step")), STEP, SLOW),
        ready=node("build", "Running"),
        health="Progressing",
        why=rf"Step build runs since {DATE}; 1/2 done\.",
        fields={"node": "build", "failed_node": None, "duration_seconds": None},
    ),
    Build(
        state="running on after a step has failed",
        name="fails-late",
        spec=flow(dag(task("test", "bad"), task("build", "slow"), failFast=False), BAD, SLOW),
        ready=both(node("test", "Failed"), node("build", "Running")),
        health="Progressing",
        why=rf"Step build runs since {DATE}; 0/2 done; step test has failed\.",
        fields={"node": "build", "failed_node": None},
    ),
    Build(
        state="failed after all retries",
        name="retries",
        spec=flow(
            dag(task("unit-test", "flaky"), task("build", "step", "unit-test")),
            STEP,
            pod(
                "flaky",
                lab={"exit-code": "2", "takes": "200ms"},
                retryStrategy={"limit": "2", "retryPolicy": "Always"},
            ),
        ),
        ready=phase("Failed"),
        health="Degraded",
        why=r"Step unit-test failed after 3 attempts: main: Error \(exit code 2\)\.",
        fields={"failed_node": "unit-test", "message": "main: Error (exit code 2)"},
    ),
    Build(
        state="failed at a step after another's failure was let pass",
        name="two-fail",
        spec=flow(
            steps(task("lint", "bad", continueOn={"failed": True}), task("build", "worse")),
            BAD,
            pod("worse", lab={"exit-code": "7"}),
        ),
        ready=phase("Failed"),
        health="Degraded",
        why=r"Step build failed: main: Error \(exit code 7\); child 'two-fail-\d+' failed\.",
        fields={"failed_node": "build", "message": "main: Error (exit code 7)"},
    ),
    Build(
        state="failed at one of two side by side, the earlier named",
        name="side-by-side",
        spec=flow(
            dag(task("late", "late"), task("early", "bad"), task("fine", "step"), failFast=False),
            BAD,
            STEP,
            pod("late", lab={"exit-code": "3", "takes": "4s"}),
        ),
        ready=phase("Failed"),
        health="Degraded",
        why=r"Step early failed: main: Error \(exit code 2\)\.",
        fields={"failed_node": "early"},
    ),
    Build(
        state="failed by its deadline",
        name="too-slow",
        spec=flow(steps(task("build", "slow")), SLOW, activeDeadlineSeconds=2),
        ready=phase("Failed"),
        health="Degraded",
        why=r"Step build failed: Step exceeded its deadline.*",
        fields={"failed_node": "build"},
    ),
    Build(
        state="failed, the exit handler done",
        name="handled",
        spec=flow(dag(task("build", "bad")), BAD, pod("bye"), onExit="bye"),
        ready=phase("Failed"),
        health="Degraded",
        why=r"Step build failed: main: Error \(exit code 2\)\.",
        fields={"failed_node": "build"},
    ),
    Build(
        state="failed by its exit handler alone",
        name="bad-handler",
        spec=flow(dag(task("build", "step")), STEP, BAD, onExit="bad"),
        ready=phase("Failed"),
        health="Degraded",
        why=r"Step bad-handler\.onExit failed: main: Error \(exit code 2\)\.",
        fields={"failed_node": "bad-handler.onExit", "progress": "1/2"},
    ),
    Build(
        state="failed, the exit handler still running",
        name="leaving",
        spec=flow(dag(task("build", "bad")), BAD, pod("bye", lab={"takes": EVER}), onExit="bye"),
        ready=node("leaving.onExit", "Running"),
        health="Progressing",
        why=rf"Step leaving\.onExit runs since {DATE}; 0/2 done; step build has failed\.",
        fields={"phase": "Running", "node": "leaving.onExit", "failed_node": None},
    ),
    Build(
        state="suspended at a gate, after steps made from a list",
        name="gate",
        spec=flow(
            steps(
                task("build", "step", withItems=["a", "b"]), task("approve", "gate"), task("deploy", "step")
            ),
            STEP,
            GATE,
        ),
        ready=node("approve", "Running"),
        health="Suspended",
        why=rf"Waits at step approve to be resumed since {DATE}; 2/3 done\.",
        fields={"phase": "Running", "node": "approve"},
    ),
    Build(
        state="suspended as a whole",
        name="suspended",
        spec=flow(pod(), suspend=True),
        ready=phase("Running"),
        health="Suspended",
        why=r"Suspended as a whole by spec\.suspend, so no new step starts; 0/0 done\.",
        fields={"phase": "Running", "node": None},
    ),
    Build(
        state="pending, waiting for a mutex",
        name="b-waits",
        spec=flow({"name": "main", "suspend": {}}, synchronization={"mutexes": [{"name": "deploy"}]}),
        ready=at("waiting"),
        health="Progressing",
        why=r"Waits for the mutex t-\w+/deploy; held by t-\w+/a-holds\.",
        fields={"phase": "Pending", "duration_seconds": None},
    ),
    Build(
        state="holding a mutex, at a gate that is the whole",
        name="a-holds",
        spec=flow({"name": "main", "suspend": {}}, synchronization={"mutexes": [{"name": "deploy"}]}),
        ready=both(at("holding"), node("a-holds", "Running")),
        health="Suspended",
        why=rf"Waits at step a-holds to be resumed since {DATE}; 0/1 done\.",
    ),
    Build(
        state="running, a step waiting for a mutex",
        name="step-waits",
        spec=flow(
            dag(task("one", "alone"), task("two", "alone")),
            pod("alone", lab={"takes": EVER}, synchronization={"mutexes": [{"name": "step"}]}),
        ),
        ready=both(
            node("one", "Running", "Pending"), node("two", "Pending", message="Waiting for"), at("holding")
        ),
        health="Progressing",
        why=r"Step two waits: Waiting for t-\w+/Mutex/step lock\. Lock status: 0/1; 0/2 done\.",
        fields={"node": "two"},
    ),
    Build(
        state="error, its template is not there",
        name="no-template",
        spec={"workflowTemplateRef": {"name": "missing"}},
        ready=phase("Error"),
        health="Degraded",
        why=r"Ended with an error: workflowtemplates\.argoproj\.io \"missing\" not found\.",
        fields={"failed_node": None},
    ),
    Build(
        state="failed, its spec is invalid",
        name="no-entrypoint",
        spec={**flow(pod()), "entrypoint": "nowhere"},
        ready=phase("Failed", "Error"),
        health="Degraded",
        why=r"Failed: invalid spec: template name 'nowhere' undefined\.",
        fields={"failed_node": None},
    ),
    Build(
        state="running, its pod can't be pulled",
        name="cannot-pull",
        spec=flow(pod(image="127.0.0.1:5000/ci/pullfail:1")),
        ready=node("cannot-pull", "Pending", message="ImagePullBackOff"),
        health="Degraded",
        why=r"Step cannot-pull can't start: ImagePullBackOff: Back-off pulling image; 0/1 done\.",
        fields={"phase": "Running", "failed_node": None},
    ),
    Build(
        state="stopped, the exit handler done",
        name="stopped",
        spec=flow(steps(task("gate", "gate")), GATE, pod("bye"), onExit="bye"),
        then={"spec": {"shutdown": "Stop"}},
        ready=both(phase("Failed"), node("stopped.onExit", "Succeeded")),
        health="Degraded",
        why=r"Step gate failed: Stopped with strategy 'Stop'; told to Stop\.",
        fields={"failed_node": "gate", "progress": "1/2"},
    ),
    Build(
        state="terminated, without an exit handler",
        name="terminated",
        spec=flow(steps(task("gate", "gate")), GATE, pod("bye"), onExit="bye"),
        then={"spec": {"shutdown": "Terminate"}},
        ready=phase("Failed"),
        health="Degraded",
        why=r"Step gate failed: Stopped with strategy 'Terminate'; told to Terminate\.",
        fields={"failed_node": "gate", "progress": "0/1"},
    ),
    Build(
        state="meant for another controller",
        name="elsewhere",
        spec=flow(pod()),
        labels={"workflows.argoproj.io/controller-instanceid": "another"},
        ready=lambda held: "status" not in held,
        health="Unknown",
        why=r"No phase yet: the workflow controller has not taken it up\.",
        fields={"phase": None, "progress": None, "message": None},
    ),
]

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
        why=r"Suspended by spec\.suspend, so it starts nothing; not run yet; 0 succeeded, 0 failed\.",
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
