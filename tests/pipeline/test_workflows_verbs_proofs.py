"""What proves the effect of each verb of Workflows, what it warns of, and that any JSON gets an answer."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from any_json import anything, objects
from changing import changed
from hypothesis import given, note, settings
from hypothesis import strategies as st
from scenes import Staged, blocked, verb
from stage_readers import decoded, stored
from test_workflows_verbs import ASKING, GATE, SHARED, TEMPLATE, asking, gate, lab, planned, pod, supplied
from test_workflows_why import packed

from trombone_tui.core.objects.basics import Kind, Object
from trombone_tui.core.objects.raw import merged
from trombone_tui.core.ports import Refused
from trombone_tui.core.verbs import Plan, Seen, Sort, Verb
from trombone_tui.pipeline.workflows import STAGE

NOT_YET, REQUESTED, DONE, FAILED = Seen.NOT_YET, Seen.REQUESTED, Seen.DONE, Seen.FAILED
ENDED = {"status__finishedAt": "2026-11-23T13:20:05Z"}


def after(plan: Plan, of: dict[str, Any]) -> dict[str, Any]:
    """Return the object as the API server has it once the plan's last write was taken."""
    made: dict[str, Any] = merged(of, plan.writes[-1].body)
    return made


def judged(plan: Plan, *states: dict[str, Any] | None) -> list[tuple[Seen, str]]:
    assert plan.proof is not None
    return [(sight.seen, sight.text) for sight in (plan.proof.judge(state) for state in states)]


def with_node(of: dict[str, Any], key: str, **fields: Any) -> dict[str, Any]:
    made = copy.deepcopy(of)
    node = made["status"]["nodes"].setdefault(key, {"id": key, "name": key, "type": "Pod"})
    node |= fields
    return made


async def test_stop_is_done_when_the_workflow_says_by_what_it_was_stopped():
    of = lab("workflow-running-steps")
    plan = await planned("stop", of)
    asked = after(plan, of)
    ending = with_node(asked, "x", phase="Failed", message="workflow shutdown with strategy:  Stop")
    ended = changed(ending, status__phase="Failed", status__message="Stopped with strategy 'Stop'", **ENDED)
    assert judged(plan, of, asked, ending, ended, None) == [
        (NOT_YET, "spec.shutdown is not set"),
        (REQUESTED, "spec.shutdown is Stop, nothing was ended yet"),
        (NOT_YET, "its steps are being ended"),
        (DONE, "Failed: Stopped with strategy 'Stop'"),
        (FAILED, "the Workflow was deleted"),
    ]


async def test_an_end_that_is_not_ours_is_told_as_such():
    of = lab("workflow-running-steps")
    plan = await planned("terminate", of)
    good = changed(of, status__phase="Succeeded", **ENDED)
    bad = changed(of, status__phase="Failed", status__message="main: Error (exit code 1)", **ENDED)
    assert judged(plan, good, bad) == [
        (FAILED, "it succeeded before it could be ended"),
        (DONE, "it ended by itself meanwhile: Failed: main: Error (exit code 1)"),
    ]


async def test_terminate_is_done_on_the_object_that_a_controller_left_behind():
    left = lab("workflow-failed-steps-suspend")
    running = changed(left, spec__shutdown=None, status__phase="Running", status__message=None)
    plan = await planned("terminate", running)
    assert judged(plan, left) == [(DONE, "Failed: Stopped with strategy 'Terminate'")]


async def test_suspend_is_done_when_the_field_is_set_and_too_late_once_it_has_ended():
    of = lab("workflow-running-steps")
    plan = await planned("suspend", of)
    ended = changed(of, status__phase="Succeeded", **ENDED)
    assert judged(plan, of, after(plan, of), ended) == [
        (NOT_YET, "spec.suspend is not set"),
        (DONE, "suspended, nothing new starts"),
        (FAILED, "it ended before: Succeeded"),
    ]


async def test_a_gate_is_passed_when_what_follows_has_started():
    of = gate()
    plan = await planned("resume", of)
    asked = after(plan, of)
    next_ = with_node(asked, "next", displayName="deploy", phase="Pending")
    group = with_node(asked, "group", displayName="[2]", type="StepGroup", phase="Running")
    ended = changed(asked, status__phase="Succeeded", **ENDED)
    assert judged(plan, of, asked, group, next_, ended) == [
        (NOT_YET, "approve waits still"),
        (REQUESTED, "nothing new has started yet"),
        (REQUESTED, "nothing new has started yet"),
        (DONE, "deploy started"),
        (DONE, "it went on and ended: Succeeded"),
    ]


async def test_a_gate_beside_other_work_is_passed_although_nothing_new_starts():
    of = with_node(gate(), "other", displayName="review", type="Suspend", phase="Running")
    for verb_, given_, told in (
        ("resume", {"node": "approve"}, "approve is passed; still at work: review"),
        ("stop", {"node": "approve"}, "approve is Failed; still at work: review"),
    ):
        plan = await planned(verb_, of, given=given_)
        assert judged(plan, of, after(plan, of)) == [(NOT_YET, "approve waits still"), (DONE, told)]


async def test_a_gate_that_is_declined_ends_the_workflow():
    of = gate()
    plan = await planned("stop", of, given={"node": "approve"})
    asked = after(plan, of)
    ended = changed(asked, status__phase="Failed", status__message=f"child '{GATE}' failed", **ENDED)
    assert judged(plan, of, asked, ended) == [
        (NOT_YET, "approve waits still"),
        (REQUESTED, "nothing new has started yet"),
        (DONE, f"it went on and ended: Failed: child '{GATE}' failed"),
    ]


async def test_a_gate_passed_in_a_suspended_workflow_says_what_holds_what_follows():
    of = gate(spec__suspend=True)
    plan = await planned("resume", of, given={"node": "approve"})
    held = "it is passed; what follows waits until the whole is resumed"
    assert judged(plan, of, after(plan, of)) == [(NOT_YET, "approve waits still"), (DONE, held)]


async def test_packed_nodes_prove_as_plain_ones_do():
    plan = await planned("resume", gate())
    asked = after(plan, gate())
    next_ = with_node(asked, "next", displayName="deploy", phase="Pending")
    assert judged(plan, packed(asked), packed(next_)) == judged(plan, asked, next_)


async def test_a_resumed_workflow_is_seen_to_start_something_or_to_be_at_work():
    of = lab("workflow-running-steps", spec__suspend=True)
    plan = await planned("resume", of)
    idle = copy.deepcopy(after(plan, of))
    for node in idle["status"]["nodes"].values():
        node["phase"] = "Succeeded"
    new = with_node(idle, "new", displayName="push", phase="Running")
    hidden = changed(idle, status__nodes=None, status__offloadNodeStatusVersion="fnv:1")
    assert judged(plan, of, after(plan, of), idle, new, hidden) == [
        (NOT_YET, "spec.suspend is still set"),
        (DONE, "not suspended any more, 1 step at work"),
        (REQUESTED, "nothing new has started yet"),
        (DONE, "push started"),
        (DONE, "not suspended any more; its nodes can't be seen"),
    ]


async def test_a_retry_is_proved_by_a_failed_step_that_runs_again():
    of = lab("workflow-failed-steps")
    plan = await planned("retry", of)
    asked = after(plan, of)
    assert asked["status"]["nodes"]["runs"]["phase"] == "Running"
    taken = changed(asked, status__phase="Running")
    failed = {"displayName": "build", "type": "Pod"}
    # the controller adopted a pod that was still there: Pending for good, without a message
    adopted = with_node(taken, "runs-543633180", phase="Pending", **failed)
    pulling = with_node(taken, "runs-543633180", phase="Pending", message="PodInitializing", **failed)
    again = with_node(taken, "runs-543633180", phase="Running", **failed)
    ended = changed(again, status__phase="Succeeded", **ENDED)
    bad = changed(again, status__phase="Failed", status__message="child failed", **ENDED)
    assert judged(plan, of, asked, taken, adopted, pulling, again, ended, bad) == [
        (NOT_YET, "still Failed: child 'runs-543633180' failed"),
        (REQUESTED, "it is put in order, and no controller has taken it up"),
        (NOT_YET, "Running, nothing was started again yet"),
        (REQUESTED, "build not started yet"),
        (NOT_YET, "build not started yet: PodInitializing"),
        (DONE, "build started again"),
        (DONE, "it ran and succeeded"),
        (FAILED, "it ran and failed again: Failed: child failed"),
    ]


async def test_what_a_retry_leaves_is_a_graph_without_loose_ends():
    for name in ("workflow-failed-steps", "workflow-failed-dag-podfailed", "workflow-failed-steps-podfailed"):
        of = lab(name)
        left = after(await planned("retry", of), of)
        nodes = left["status"]["nodes"]
        linked = {one for node in nodes.values() for one in node.get("children") or ()}
        assert linked <= nodes.keys(), name
        assert {node["phase"] for node in nodes.values()} <= {"Running", "Succeeded"}, name
        assert "workflows.argoproj.io/completed" not in left["metadata"]["labels"]
        assert {"type": "Completed", "status": "False"} in left["status"]["conditions"]
        assert left["metadata"]["name"] == of["metadata"]["name"]


async def test_a_deleted_workflow_is_gone_or_another():
    of = lab("workflow-succeeded")
    plan = await planned("delete", of)
    going = changed(of, metadata__deletionTimestamp="2026-11-23T13:20:00Z")
    held = changed(going, metadata__finalizers=["workflows.argoproj.io/artifact-gc"])
    other = changed(of, metadata__uid="another")
    assert judged(plan, of, going, held, other, None) == [
        (NOT_YET, "it is still there"),
        (NOT_YET, "it goes"),
        (NOT_YET, "it goes when finalizer workflows.argoproj.io/artifact-gc is done"),
        (DONE, "it is gone"),
        (DONE, "it is gone"),
    ]


async def test_a_new_workflow_is_proved_by_what_its_controller_makes_of_it():
    plan = await planned("submit", TEMPLATE)
    assert plan.proof is not None
    assert (plan.proof.name, plan.proof.namespace, plan.proof.kind.name) == ("", "ci", "Workflow")
    new, runs = stored("workflows", "not-taken-up"), stored("workflows", "running")
    wrong = changed(new, status={"phase": "Failed", "message": "invalid spec: spec.entrypoint is required"})
    assert judged(plan, new, runs, stored("workflows", "waits-for-lock"), wrong) == [
        (REQUESTED, "created, and no controller has taken it up"),
        (DONE, "demo-build-sk5ml: Running"),
        (DONE, "waits-for-the-lock: Pending: Waiting for ci/Mutex/deploy lock. Lock status: 0/1"),
        (FAILED, "Failed: invalid spec: spec.entrypoint is required"),
    ]


async def test_a_schedule_is_held_and_watched_on_where_argo_cd_may_put_it_back():
    of = lab("cronworkflow-active")
    plan = await planned("suspend", of)
    assert judged(plan, of, after(plan, of), None) == [
        (NOT_YET, "runs by its schedule"),
        (DONE, "suspended"),
        (FAILED, "the CronWorkflow was deleted"),
    ]
    assert plan.proof is not None
    assert plan.proof.stays == 0
    tracked = {"argocd.argoproj.io/tracking-id": "builds:argoproj.io/CronWorkflow:lab/often"}
    owned = await planned("suspend", changed(of, metadata__annotations=tracked))
    assert owned.proof is not None
    assert owned.proof.stays == 10
    assert owned.warnings[-1].startswith("Argo CD's Application builds owns it: self-heal puts it back")


async def test_a_schedule_that_can_not_be_read_proves_nothing():
    of = lab("cronworkflow-suspended")
    plan = await planned("resume", of)
    broken = changed(of, spec__suspend="perhaps")
    assert judged(plan, of, broken, after(plan, of)) == [
        (NOT_YET, "suspended"),
        (NOT_YET, "the CronWorkflow can't be read"),
        (DONE, "runs by its schedule"),
    ]


@pytest.mark.parametrize("what", ["stop", "suspend", "resume", "retry"])
async def test_what_can_not_be_read_proves_nothing(what):
    of = lab("workflow-failed-steps") if what == "retry" else gate()
    plan = await planned(what, of)
    broken = changed(of, status__phase=["?"])
    assert judged(plan, broken) == [(NOT_YET, "the Workflow can't be read")]


FAILED_STEPS = "what was half done, a push too, is done again"
WARNED = [
    ("retry", lab("workflow-failed-steps"), {}, [f"build really runs again: {FAILED_STEPS}"]),
    (
        "retry",
        lab("workflow-failed-dag-retry-skipped-podfailed"),
        {},
        [f"unit-test really runs again: {FAILED_STEPS}"],
    ),
    (
        "retry",
        lab(
            "workflow-failed-steps",
            spec__workflowTemplateRef={"name": "build"},
            status__storedWorkflowTemplateSpec={"onExit": "tidy"},
            spec__volumeClaimTemplates=[{"metadata": {"name": "work"}}],
        ),
        {},
        [
            f"build really runs again: {FAILED_STEPS}",
            "it runs its stored copy: a corrected template build is not picked up, resubmit picks it up",
            "its exit handler tidy runs again at the end",
            "volumes that it made may be gone: what earlier steps left on them is missing then",
        ],
    ),
    (
        "stop",
        lab("workflow-running-steps", spec__onExit="bye"),
        {},
        [
            "1 pod that runs is killed: what is half done, a push too, stays half done",
            "its exit handler bye runs",
            "it can't be taken back; retry or resubmit runs it again",
        ],
    ),
    (
        "terminate",
        stored("workflows", "waits-for-approval"),
        {},
        [
            "its exit handler bye does not run: what it cleans up or reports stays undone",
            "it can't be taken back; retry or resubmit runs it again",
        ],
    ),
    (
        "terminate",
        lab("workflow-running-steps", status__nodes=None, status__offloadNodeStatusVersion="fnv:1"),
        {},
        [
            "pods that run are killed: what is half done, a push too, stays half done",
            "it can't be taken back; retry or resubmit runs it again",
        ],
    ),
    ("suspend", gate(), {}, []),
    (
        "suspend",
        lab("workflow-running-dag"),
        {},
        ["2 pods that run go on to the end: only new steps wait"],
    ),
    ("resume", gate(), {}, []),
    (
        "resume",
        gate(spec__suspend=True),
        {"node": "approve"},
        ["spec.suspend holds it as well: what follows starts when the whole is resumed"],
    ),
    (
        "resume",
        lab("workflow-running", status__offloadNodeStatusVersion="fnv:1"),
        {},
        ["its nodes are offloaded to a database: only argo-server can pass a gate, should one wait"],
    ),
    (
        "stop",
        stored("workflows", "waits-for-approval"),
        {"node": "approve"},
        [
            "what comes after it does not run, unless its step says continueOn",
            "the exit handler bye runs then",
            "a retry does not ask a declined gate again",
        ],
    ),
    (
        "delete",
        lab("workflow-succeeded"),
        {},
        [
            "its pods and their logs go with it",
            "it is not archived: what it did can't be looked up any more",
        ],
    ),
    (
        "delete",
        lab(
            "workflow-running-steps",
            metadata__labels={"workflows.argoproj.io/workflow-archiving-status": "Archived"},
            metadata__finalizers=["workflows.argoproj.io/artifact-gc"],
        ),
        {},
        [
            "it has not ended: its pods are killed, and its exit handler does not run",
            "its pods and their logs go with it",
            "a copy is in the archive, which argo-server reads; logs only where archiveLogs kept them",
            "it stays until finalizers are done: workflows.argoproj.io/artifact-gc",
        ],
    ),
    (
        "resubmit",
        stored("workflows", "succeeded", metadata__labels={"trombone.dev/commit": "abc"}, spec__suspend=True),
        {},
        [
            "it pushes its image with tag 1.0.1: a tag that is there already becomes another image",
            "all its steps run again, also those that push or deploy",
            "it keeps the labels of commit abc, and says that it is resubmitted",
            "it starts suspended: spec.suspend is copied",
        ],
    ),
    (
        "resubmit",
        stored("workflows", "not-taken-up"),
        {},
        [
            "all its steps run again, also those that push or deploy",
            "it keeps the labels of the event, and says that it is resubmitted",
        ],
    ),
    (
        "resubmit",
        stored("workflows", "succeeded-cron"),
        {},
        [
            "all its steps run again, also those that push or deploy",
            "it runs template nightly as it is now",
        ],
    ),
    ("submit", ASKING, {"parameter": ("sha=1", "ref=main")}, ["the template declares no parameter ref"]),
    (
        "submit",
        lab("cronworkflow-active", spec__concurrencyPolicy="Forbid", spec__suspend=True),
        {},
        [
            "3 runs active, and concurrencyPolicy Forbid does not count for this one",
            "the schedule stays suspended",
        ],
    ),
    ("suspend", lab("cronworkflow-active"), {}, ["3 runs active: what runs already goes on"]),
    (
        "resume",
        lab("cronworkflow-stopped", spec__suspend=True, spec__startingDeadlineSeconds=60),
        {},
        [
            "its stopStrategy has stopped it for good: it starts nothing all the same",
            "a time that was missed by less than 60 s is made up for",
        ],
    ),
]


@pytest.mark.parametrize(("what", "of", "given", "warnings"), WARNED)
async def test_a_plan_warns_of_all_that_it_brings_about(what, of, given, warnings):
    assert list((await planned(what, of, given=given)).warnings) == warnings


COMMANDS = [
    ("retry", lab("workflow-failed-steps"), {}, "argo retry -n lab runs"),
    ("stop", gate(), {}, "argo stop -n lab {}"),
    ("stop", gate(), {"node": "approve", "message": "no go"}, "argo stop -n lab {} --node-field-selector "),
    ("resume", gate(), {}, "argo resume -n lab {}"),
    ("resume", gate(), {"node": "approve"}, f"argo resume -n lab {{}} --node-field-selector id={GATE}"),
    (
        "resume",
        asking(supplied("go")),
        {"set": ("go=on",)},
        f"argo node set -n lab {{}} --node-field-selector id={GATE} --output-parameter go=on && argo resume ",
    ),
    ("submit", SHARED, {"namespace": "ci"}, "argo submit -n ci --from clusterworkflowtemplate/nightly"),
    ("submit", ASKING, {"parameter": ("sha=a b",)}, "-p 'sha=a b'"),
    ("submit", lab("cronworkflow-active"), {}, "argo submit -n lab --from cronwf/often"),
    ("suspend", lab("cronworkflow-active"), {}, "argo cron suspend -n lab often"),
]


@pytest.mark.parametrize(("what", "of", "given", "line"), COMMANDS)
async def test_a_plan_names_the_argo_command_that_does_the_same(what, of, given, line):
    assert line.format(of["metadata"]["name"]) in (await planned(what, of, given=given)).command


def test_the_verbs_are_those_of_the_argo_command_and_what_can_not_be_undone_is_dangerous():
    told = {(one.kind.name, one.name): one for one in STAGE.verbs}
    assert set(told) == {
        *(
            ("Workflow", name)
            for name in ("retry", "resubmit", "stop", "terminate", "suspend", "resume", "delete")
        ),
        *(("CronWorkflow", name) for name in ("suspend", "resume", "submit")),
        ("WorkflowTemplate", "submit"),
        ("ClusterWorkflowTemplate", "submit"),
    }
    assert {name for (_, name), one in told.items() if one.dangerous({})} == {
        *("retry", "stop", "terminate", "delete")
    }
    assert len(told) == len(STAGE.verbs)


def test_options_take_text_and_those_that_are_given_often_say_so():
    for one in STAGE.verbs:
        assert all(option.sort is Sort.TEXT for option in one.options)
        several = {option.name for option in one.options if option.several}
        assert several <= {"parameter", "set"}
    named = verb(STAGE, "submit", "ClusterWorkflowTemplate").option("namespace")
    assert named is not None
    assert named.required


shaped = cache(objects)
KINDS = {one.kind.name: one.kind for one in STAGE.verbs}
OPTIONS: list[dict[str, Any]] = [
    {},
    {"node": "a", "set": ("a=1",), "parameter": ("a=1", "b="), "namespace": "n", "message": "m"},
]


async def answered(kind: Kind, whole: Any, given_: dict[str, Any]) -> None:
    """Have each verb of a kind planned: there is a plan whose own result is judged, or a reason."""
    scene = Staged(STAGE, whole, pod("a", "a", workflow="a", namespace="n"), given=given_)
    for of in verbs_of(kind):
        try:
            plan = await of.plan(scene)
        except Refused:
            continue
        assert bool(plan.writes) is not bool(plan.noop)
        assert plan.before
        assert plan.after
        if plan.proof is not None:
            for state in (whole, merged(whole, plan.writes[-1].body), None):
                assert isinstance(plan.proof.judge(state).seen, Seen)


def verbs_of(kind: Kind) -> Iterator[Verb]:
    for one in STAGE.verbs:
        if one.kind is kind:
            note(one.name)
            yield one


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
async def test_any_object_gets_a_plan_or_a_reason(kind, data):
    whole = {**data.draw(shaped(kind)), "kind": kind.name}
    phase = data.draw(st.sampled_from(["Failed", "Running", "Succeeded", None]))
    if phase and isinstance(whole.get("status", {}), dict):
        whole["status"] = {**whole.get("status", {}), "phase": phase}
    await answered(kind, whole, data.draw(st.sampled_from(OPTIONS)))


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@settings(deadline=None, max_examples=100)
@given(data=st.data())
async def test_any_json_at_any_place_of_a_real_object_gets_a_plan_or_a_reason(kind, data):
    names = {
        "Workflow": (
            "workflow-failed-steps",
            "workflow-running-steps-suspend",
            "workflow-failed-dag-podfailed",
        ),
        "CronWorkflow": ("cronworkflow-active",),
        "WorkflowTemplate": ("workflowtemplate",),
        "ClusterWorkflowTemplate": ("clusterworkflowtemplate",),
    }
    whole = lab(data.draw(st.sampled_from(names[kind.name])))
    place: Any = whole
    for _ in range(data.draw(st.integers(0, 4))):
        inner = [key for key, one in place.items() if isinstance(one, dict)]
        if not inner:
            break
        place = place[data.draw(st.sampled_from(sorted(inner)))]
    if place:
        place[data.draw(st.sampled_from(sorted(place)))] = data.draw(anything)
    await answered(kind, {**whole, "kind": kind.name}, data.draw(st.sampled_from(OPTIONS)))


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_any_object_that_fits_is_greyed_or_not(kind, data):
    whole = {**data.draw(shaped(kind)), "kind": kind.name}
    if isinstance(decoded(kind, whole), Object):  # what does not fit has no verbs
        assert all(isinstance(blocked(STAGE, of, whole), str) for of in verbs_of(kind))
