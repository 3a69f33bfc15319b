"""The tree of a Workflow's steps: what contains what, failed first, folded and bounded."""

from __future__ import annotations

import time

import pytest
from changing import changed
from stage_readers import answering, read, row, stored
from test_workflows_why import packed

from trombone_tui.core.details import Branch, Tree
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.ports import Denied
from trombone_tui.pipeline.workflows import STAGE
from trombone_tui.pipeline.workflows.tree import MOST


def tree(obj, *pods, **answers):
    reader = read(STAGE, obj)
    ask = answering(**({"Workflow": [obj], "Pod": list(pods)} | answers))
    found = [part for part in reader.details(row(reader, "Workflow").ref, ask) if isinstance(part, Tree)]
    assert [part.title for part in found] == ["Steps"]
    return found[0].branches


def drawn(branches, depth=0):
    """Write a tree as lines, so that it can be compared at a glance."""
    lines = []
    for one in branches:
        mark = {None: " ", Health.DEGRADED: "!", Health.HEALTHY: "+", Health.SUSPENDED: "="}.get(
            one.health, "."
        )
        lines.append(f"{'  ' * depth}{mark}{'>' if one.folded else ' '}{one.text}: {one.note}")
        lines += drawn(one.branches, depth + 1)
    return lines


def node(name, of_type="Pod", phase="Succeeded", **more):
    return {"id": name, "name": f"w.{name}", "displayName": name, "type": of_type, "phase": phase, **more}


def workflow(nodes, phase="Running", **changes):
    root = {"id": "w", "name": "w", "displayName": "w", "type": "DAG", "phase": phase}
    status = {"phase": phase, "nodes": {"w": root, **{one["id"]: one for one in nodes}}}
    base = {"kind": "Workflow", "metadata": {"name": "w", "namespace": "ci"}, "status": status}
    return changed(base, **changes)


REAL = {
    "failed-after-retries": [
        "! unit test (unit-test): 3 of at most 3 attempts; failed after 10s: No more retries left; "
        "exit code 2",
        "  ! attempt 1: failed after 2s: main: Error (exit code 2); pod broken-build-bad-1992640881 (gone)",
        "  ! attempt 2: failed after 2s: main: Error (exit code 2); pod broken-build-bad-2596782260 (gone)",
        "  ! attempt 3: failed after 2s: main: Error (exit code 2); pod broken-build-bad-448805743 (gone)",
        "  docker build (docker-build): omitted: depends condition not met",
    ],
    "lab/workflow-running-steps-suspend": [
        "= approve: waits to be resumed since 26 Nov 02:41Z",
        "+ build(0:a): took 2s; pod gate-step-1561764186 (gone)",
        "+ build(1:b): took 2s; pod gate-step-2790856512 (gone)",
    ],
    "waits-for-approval": [
        "= approve: waits to be resumed since 23 Nov 13:09Z",
        "+>build: 3 of 3 succeeded",
        "  + build(0:a): took 2s; pod waits-for-approval-step-783011393 (gone)",
        "  + build(1:b): took 2s; pod waits-for-approval-step-3257650019 (gone)",
        "  + build(2:c): took 3s; pod waits-for-approval-step-2747391985 (gone)",
    ],
    "lab/workflow-succeeded-skipped-steps": [
        "+ build: took 2s; pod skipped-step-1528169005 (gone)",
        "  deploy: skipped: when 'no == yes' evaluated false",
    ],
    "lab/workflow-running-dag-podfailed": [
        "! build: failed after 2s: main: Error (exit code 2); pod leaving-bad-2097646853 (gone)",
        ". exit handler: runs since 26 Nov 02:41Z; pod leaving-bye-2987484610 (gone)",
    ],
    "lab/workflow-failed-steps-podfailed": [
        "! build: failed after 2s: main: Error (exit code 7); pod two-fail-worse-3600507825 (gone)",
        "  lint: failed after 2s: main: Error (exit code 2); which was let pass or made good; "
        "pod two-fail-bad-2263918081 (gone)",
    ],
    "let-pass-in-a-graph": [
        "! build: failed after 1s: main: Error (exit code 7); pod retry-worse-4199942291 (gone)",
        "  lint: 2 of at most 2 attempts; failed after 9s: No more retries left; which was let pass or made "
        "good; exit code 2",
        "    attempt 1: failed after 2s: main: Error (exit code 2); which was let pass or made good; "
        "pod retry-again-2339613471 (gone)",
        "    attempt 2: failed after 3s: main: Error (exit code 2); which was let pass or made good; "
        "pod retry-again-2943754850 (gone)",
    ],
    "lab/workflow-running-dag": [
        ". one: runs since 26 Nov 02:41Z; pod step-waits-alone-2091837386 (gone)",
        ". two: waits for the mutex lab/step, held by step one of this run",
    ],
    "gate-at-root": ["= holds-the-lock: waits to be resumed since 23 Nov 13:09Z"],
    "hooks-failed": [
        "+ build: took 5s; pod hook-fails-step-3932989534 (gone)",
        "  build.hooks.running: hook; failed after 2s: main: Error (exit code 9); which fails nothing else; "
        "pod hook-fails-bye-1831510669 (gone)",
        "+ deploy: took 4s; pod hook-fails-step-509522790 (gone)",
        "  hook-fails.hooks.running: hook; failed after 3s: main: Error (exit code 9); which fails nothing "
        "else; pod hook-fails-bye-859280833 (gone)",
    ],
}


@pytest.mark.parametrize("name", REAL)
def test_the_steps_of_a_real_workflow_are_drawn(name):
    assert drawn(tree(stored("workflows", name))) == REAL[name]


@pytest.mark.parametrize("name", REAL)
def test_packed_nodes_are_drawn_as_plain_ones(name):
    assert drawn(tree(packed(stored("workflows", name)))) == REAL[name]


TASKS = {
    "a pod": [node("lint", phase="Failed", boundaryID="w", children=["build"])],
    "attempts": [
        node("lint", "Retry", "Failed", boundaryID="w", children=["lint(0)", "lint(1)"]),
        node("lint(0)", phase="Failed", boundaryID="w", nodeFlag={"retried": True}),
        node("lint(1)", phase="Failed", boundaryID="w", nodeFlag={"retried": True}, children=["build"]),
    ],
    "a loop": [
        node("lint", "TaskGroup", "Failed", boundaryID="w", children=["lint(0:a)", "lint(1:b)"]),
        node("lint(0:a)", phase="Failed", boundaryID="w", children=["build"]),
        node("lint(1:b)", boundaryID="w", children=["build"]),
    ],
    "steps": [
        node("lint", "Steps", "Failed", boundaryID="w", children=["group"]),
        node("group", "StepGroup", "Failed", boundaryID="lint", children=["inner"]),
        node("inner", phase="Failed", boundaryID="lint", children=["build"]),
    ],
}


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
@pytest.mark.parametrize("after", ["Succeeded", "Running", "Skipped", "Failed"])
def test_a_task_that_failed_was_let_pass_where_what_comes_after_it_came_to_pass(task, after):
    branches = tree(workflow([*task, node("build", phase=after, boundaryID="w")]))
    lint = next(one for one in branches if one.text == "lint")
    assert lint.health is None
    assert "let pass" in lint.note
    assert not [line for line in drawn(lint.branches) if "!" in line]


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
@pytest.mark.parametrize(
    "after", [{"phase": "Omitted"}, {"nodeFlag": {"hooked": True}}, {"boundaryID": "elsewhere"}]
)
def test_it_was_not_where_that_is_omitted_a_hook_or_elsewhere(task, after):
    branches = tree(workflow([*task, node("build", **{"boundaryID": "w"} | after)]))
    lint = next(one for one in branches if one.text == "lint")
    assert lint.health is Health.DEGRADED
    assert "let pass" not in lint.note


def test_a_pod_that_is_there_is_not_called_gone_and_says_what_keeps_it():
    (only,) = tree(stored("workflows", "cannot-pull"), stored("workflows", "pod-cannot-pull"))
    assert only.health is Health.DEGRADED
    assert only.note.startswith("can't start: ImagePullBackOff: Back-off pulling image; its pod: ")
    assert only.note.endswith("; pod cannot-pull")


def test_nothing_is_called_gone_while_pods_are_not_known():
    lines = drawn(tree(stored("workflows", "failed-after-retries"), Pod=None))
    assert not [line for line in lines if "gone" in line]


def loop(count, failed=(), phase="Running"):
    """Make what ``withItems`` of a DAG makes: a TaskGroup that contains a pod for each item."""
    items = [
        node(f"test({i}:x{i})", phase="Failed" if i in failed else "Succeeded", boundaryID="w",
             templateName="test", startedAt="2026-11-23T13:00:00Z", finishedAt="2026-11-23T13:00:10Z")
        for i in range(count)
    ]  # fmt: skip
    group = node("test", "TaskGroup", phase, boundaryID="w", children=[one["id"] for one in items])
    return workflow([group, *items])


def test_a_loop_is_one_line_that_counts_with_what_failed_open_and_the_rest_folded():
    (group,) = tree(loop(14, failed=(3,)))
    assert (group.text, group.note) == ("test", "13 of 14 succeeded, 1 failed; runs")
    failed, rest = group.branches
    assert (failed.text, failed.health) == ("test(3:x3)", Health.DEGRADED)
    assert (rest.text, rest.note, rest.folded, len(rest.branches)) == (
        "13 others",
        "13 of 13 succeeded",
        True,
        13,
    )


def test_thousands_of_steps_stay_quick_and_few():
    obj = loop(5000, failed=range(0, 5000, 2))
    reader = read(STAGE, obj)
    ref, ask = row(reader, "Workflow").ref, answering(Workflow=[obj], Pod=[])
    began = time.process_time()
    details = reader.details(ref, ask)
    assert time.process_time() - began < 3
    found = next(part for part in details if isinstance(part, Tree))
    lines = drawn(found.branches)
    assert len(lines) <= MOST + 50
    assert "2500 of 5000 succeeded, 2500 failed" in lines[0]
    assert "… 2450 more" in "\n".join(lines)


def test_many_tasks_of_one_template_are_put_together():
    nodes = [node(f"check-{name}", boundaryID="w", templateName="check") for name in "abcdefgh"]
    (group,) = tree(workflow(nodes))
    assert (group.text, group.note, group.folded) == ("check", "8 of 8 succeeded", True)
    assert [one.text for one in group.branches] == [f"check-{name}" for name in "abcdefgh"]


def test_failed_comes_first_then_what_goes_on_then_the_rest():
    nodes = [
        node("a", boundaryID="w", startedAt="2026-11-23T13:00:00Z"),
        node("b", phase="Running", boundaryID="w", startedAt="2026-11-23T13:01:00Z"),
        node("c", phase="Omitted", of_type="Skipped", boundaryID="w"),
        node("d", phase="Failed", boundaryID="w", startedAt="2026-11-23T13:02:00Z"),
    ]
    assert [one.text for one in tree(workflow(nodes))] == ["d", "b", "a", "c"]


def test_one_attempt_is_the_step_itself_and_one_made_good_is_no_failure():
    once = [
        node("flaky", "Retry", boundaryID="w", children=["flaky(0)"]),
        node("flaky(0)", boundaryID="w", nodeFlag={"retried": True}),
    ]
    (only,) = tree(workflow(once))
    assert (only.text, only.branches) == ("flaky", ())
    twice = [
        node("flaky", "Retry", boundaryID="w", children=["flaky(0)", "flaky(1)"]),
        node("flaky(0)", phase="Failed", boundaryID="w"),
        node("flaky(1)", boundaryID="w"),
    ]
    (retry,) = tree(workflow(twice))
    assert (retry.health, retry.folded, retry.note) == (Health.HEALTHY, True, "2 attempts; succeeded")
    assert [(one.text, one.health) for one in retry.branches] == [
        ("attempt 1", None),
        ("attempt 2", Health.HEALTHY),
    ]
    assert "made good" in retry.branches[0].note


def test_the_containers_of_a_container_set_hang_on_their_pod():
    nodes = [
        node("set", phase="Failed", boundaryID="w", templateName="set"),
        node("one", "Container", boundaryID="set"),
        node("two", "Container", phase="Failed", boundaryID="set", message="exit 3"),
    ]
    (pod,) = tree(workflow(nodes))
    assert [one.text for one in pod.branches] == ["two", "one"]


def test_an_empty_group_of_steps_does_not_contain_what_comes_next():
    nodes = [
        node("[0]", "StepGroup", boundaryID="w", children=["[1]"]),
        node("[1]", "StepGroup", boundaryID="w", children=["build"]),
        node("build", boundaryID="w"),
    ]
    assert [one.text for one in tree(workflow(nodes))] == ["[0]", "build"]


GATES = [
    pytest.param(
        {"duration": "600"},
        {},
        "waits since 23 Nov 13:10Z, goes on by itself at 23 Nov 13:20Z, or when it is resumed",
        id="a number of seconds",
    ),
    pytest.param(
        {"duration": "1h30m"},
        {},
        "waits since 23 Nov 13:10Z, goes on by itself at 23 Nov 14:40Z, or when it is resumed",
        id="a duration",
    ),
    pytest.param(
        {"duration": "{{inputs.parameters.t}}"},
        {},
        "waits since 23 Nov 13:10Z, goes on by itself after {{inputs.parameters.t}}, or when it is resumed",
        id="a duration that is worked out later",
    ),
    pytest.param(
        {},
        {
            "inputs": {"parameters": [{"name": "ok", "enum": ["YES", "NO"], "default": "NO"}]},
            "outputs": {"parameters": [{"name": "ok", "valueFrom": {"supplied": {}}}]},
        },
        "waits to be resumed since 23 Nov 13:10Z; asks for ok: YES or NO (else NO)",
        id="a value that somebody has to give",
    ),
    pytest.param(
        None,
        {},
        "waits since 23 Nov 13:10Z, until it is resumed or its time is over: which is not written down",
        id="a template that is not written down",
    ),
]


@pytest.mark.parametrize(("suspend", "more", "note"), GATES)
def test_a_gate_says_what_it_waits_for(suspend, more, note):
    gate = node(
        "approve", "Suspend", "Running", boundaryID="w", templateName="gate",
        startedAt="2026-11-23T13:10:00Z", **more,
    )  # fmt: skip
    templates = [{"name": "gate", "suspend": suspend}] if suspend is not None else []
    (only,) = tree(workflow([gate], spec__templates=templates))
    assert (only.note, only.health) == (note, Health.SUSPENDED)


NOTES = [
    ({"daemoned": True, "phase": "Running"}, "daemon; runs; pod w-205987851 (gone)"),
    (
        {"phase": "Failed", "outputs": {"exitCode": "137"}, "message": "OOMKilled"},
        "failed: OOMKilled; exit code 137; pod w-205987851 (gone)",
    ),
    ({"phase": "Error", "message": "boom"}, "ended with an error: boom; pod w-205987851 (gone)"),
    (
        {"memoizationStatus": {"hit": True, "cacheName": "deps"}},
        "succeeded; taken from the cache deps; pod w-205987851 (gone)",
    ),
    (
        {"phase": "Running", "progress": "3/10"},
        "runs; 3/10 by its own count; pod w-205987851 (gone)",
    ),
    ({"phase": "Melted"}, "phase Melted is not one this program knows; pod w-205987851 (gone)"),
    (
        {"phase": "Pending", "synchronizationStatus": {"waiting": "ci/ConfigMap/limits/builds"}},
        "waits for the semaphore ci/limits/builds",
    ),
]


@pytest.mark.parametrize(("more", "note"), NOTES)
def test_a_step_says_what_there_is_to_say(more, note):
    (only,) = tree(workflow([node("a", boundaryID="w", **more)]))
    assert only.note == note


def test_nodes_that_contain_each_other_or_lie_very_deep_are_all_counted():
    ring = [node("a", "DAG", boundaryID="b"), node("b", "DAG", boundaryID="a"), node("c", boundaryID="zzz")]
    assert {line.split(":")[0].strip(" .+>") for line in drawn(tree(workflow(ring)))} >= {"a", "b", "c"}
    deep = [node("n0", "DAG", "Running", boundaryID="w")]
    deep += [node(f"n{i}", "DAG", "Running", boundaryID=f"n{i - 1}") for i in range(1, 500)]
    lines = drawn(tree(workflow(deep)))
    assert len(lines) < 60
    assert "inside it" in lines[-1]


def test_until_the_whole_is_there_the_steps_are_what_the_row_knows():
    obj = stored("workflows", "failed-after-retries")
    reader = read(STAGE, obj)
    ref = row(reader, "Workflow").ref
    waiting = {part.title: part for part in reader.details(ref, answering())}
    assert [(fact.name, fact.value) for fact in waiting["Steps"].facts] == [
        ("failed first", "unit test (unit-test), 3 attempts: main: Error (exit code 2)")
    ]
    denied = answering(Workflow=Denied("watch", "workflows.argoproj.io", namespace="ci"))
    steps = {part.title: part for part in reader.details(ref, denied)}["Steps"]
    assert steps.facts[-1].value == ("can't be shown: may not watch workflows.argoproj.io in namespace ci")
    assert steps.facts[-1].health is Health.UNKNOWN


def test_offloaded_nodes_say_where_they_are():
    obj = changed(
        stored("workflows", "failed-after-retries"),
        status__nodes=None,
        status__offloadNodeStatusVersion="fnv:1796343520",
    )
    reader = read(STAGE, obj)
    item = row(reader, "Workflow")
    parts = {part.title: part for part in reader.details(item.ref, answering(Workflow=[obj]))}
    assert parts["Steps"].facts[-1].value == (
        "can't be read: they are offloaded to the controller's database, which only argo-server reads"
    )
    assert "database that only argo-server reads" in item.why


def test_a_branch_hides_nothing_that_failed():
    def failing(branch: Branch, hidden: bool) -> bool:
        own = branch.health is Health.DEGRADED and hidden
        return own or any(failing(one, hidden or branch.folded) for one in branch.branches)

    for name in REAL:
        assert not [one for one in tree(stored("workflows", name)) if failing(one, hidden=False)]
