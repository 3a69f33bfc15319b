"""What a retry takes away, starts anew and leaves, on graphs that controllers wrote and on made ones.

Made graphs have the links that the controller makes (``argo-workflows@v4.1.2:workflow/controller``: steps.go,
dag.go, container_set_template.go: containers lie in their pod, and hang on it by ``children``). What is
expected is what ``workflow/util/util.go`` (FormulateRetryWorkflow) does there, but for attempts: those of a
failed Retry node go together, as tried out with the API alone.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stage_readers import stored

from trombone_tui.pipeline.workflows.verbs.restart import restart
from trombone_tui.pipeline.workflows.verbs.run import RunNode


def typed(nodes: dict[str, Any]) -> dict[str, RunNode]:
    return msgspec.convert(nodes, dict[str, RunNode])


def names(nodes: dict[str, Any], keys: tuple[str, ...]) -> set[str]:
    return {nodes[key]["displayName"] for key in keys}


REAL = {
    "failed-after-retries": (
        {"unit-test(0)", "unit-test(1)", "unit-test(2)", "docker-build"},
        {"broken-build", "unit-test"},
    ),
    "lab/workflow-failed-dag-retry-skipped-podfailed": (
        {"unit-test(0)", "unit-test(1)", "unit-test(2)", "build"},
        {"retries", "unit-test"},
    ),
    "lab/workflow-failed-dag-podfailed": ({"early", "late"}, {"side-by-side"}),
    "lab/workflow-error-dag": ({"one", "two"}, {"step-waits"}),
    "lab/workflow-failed-podfailed": ({"in-vain-1795660892"}, set()),
    "lab/workflow-failed-steps": ({"build"}, {"runs", "[1]"}),
    # lint was let pass by continueOn, and nothing after it succeeded: it runs again, and so does its group
    "lab/workflow-failed-steps-podfailed": ({"lint", "[1]", "build"}, {"two-fail", "[0]"}),
    "exit-handler-failed": ({"exit-fails.onExit"}, {"exit-fails"}),
    "lab/workflow-failed-steps-suspend": (set(), {"terminated"}),
    # what succeeded all the same: a failure that was let pass stays, as what came after it succeeded
    "lab/workflow-succeeded-steps-podfailed": (set(), {"let-pass"}),
}


@pytest.mark.parametrize("name", REAL)
def test_what_failed_goes_with_all_that_came_after_it_and_what_contains_it_starts_anew(name):
    obj = stored("workflows", name)
    nodes = obj["status"]["nodes"]
    found = restart(obj["metadata"]["name"], typed(nodes))
    assert (names(nodes, found.gone), names(nodes, found.reset)) == REAL[name]


@pytest.mark.parametrize("name", REAL)
def test_nothing_that_stays_is_linked_to_what_goes(name):
    obj = stored("workflows", name)
    nodes = obj["status"]["nodes"]
    found = restart(obj["metadata"]["name"], typed(nodes))
    for key in nodes.keys() - set(found.gone):
        links = found.pruned.get(key)
        children = links.children if links and links.children is not None else nodes[key].get("children", ())
        outbound = (
            links.outbound if links and links.outbound is not None else nodes[key].get("outboundNodes", ())
        )
        assert not {*children, *outbound} & set(found.gone)


def node(
    key: str,
    phase: str = "Succeeded",
    of_type: str = "Pod",
    children: str = "",
    *,
    inside: str = "w",
    name: str = "",
    outbound: str = "",
    **flag: bool,
) -> dict[str, Any]:
    return {
        "id": key,
        "name": name or f"w.{key}",
        "displayName": key,
        "type": of_type,
        "phase": phase,
        "boundaryID": inside,
        "children": children.split(),
        "outboundNodes": outbound.split(),
        **({"nodeFlag": flag} if flag else {}),
    }


def graph(*nodes: dict[str, Any], children: str, of_type: str = "DAG", phase: str = "Failed") -> Any:
    root = {"id": "w", "name": "w", "displayName": "w", "type": of_type, "phase": phase}
    return typed({"w": {**root, "children": children.split()}, **{one["id"]: one for one in nodes}})


MADE = {
    "loop in a DAG: one item of three failed": (
        graph(
            node("all", "Failed", "TaskGroup", "all0 all1 all2", name="w.all"),
            node("all0", name="w.all(0:a)", children="after"),
            node("all1", "Failed", name="w.all(1:b)", children="after"),
            node("all2", name="w.all(2:c)", children="after"),
            node("after", "Omitted", "Skipped"),
            children="all",
        ),
        "after all1",
        "all w",
        "all1",
    ),
    "nested DAG: what ran in it before stays, what waits for it outside goes": (
        graph(
            node("in", "Failed", "DAG", "in.a", outbound="in.b"),
            node("in.a", children="in.b", inside="in"),
            node("in.b", "Failed", children="out", inside="in"),
            node("out", "Omitted", "Skipped"),
            node("side", "Succeeded"),
            children="in side",
        ),
        "in.b out",
        "in w",
        "in.b",
    ),
    "nested DAG that succeeded and what failed after it: it stays as it is": (
        graph(
            node("in", "Succeeded", "DAG", "in.a", outbound="in.a"),
            node("in.a", children="out", inside="in"),
            node("out", "Failed"),
            children="in",
        ),
        "out",
        "w",
        "out",
    ),
    "Steps: the group before stays, the group that failed starts anew": (
        graph(
            node("[0]", "Succeeded", "StepGroup", "a", name="w[0]"),
            node("a", children="[1]", name="w[0].a"),
            node("[1]", "Failed", "StepGroup", "b c", name="w[1]"),
            node("b", name="w[1].b"),
            node("c", "Error", name="w[1].c"),
            children="[0]",
            of_type="Steps",
        ),
        "c",
        "[1] w",
        "c",
    ),
    "continueOn and what came after it succeeded: only the later failure goes": (
        graph(
            node("lint", "Failed", children="build"),
            node("build", children="push"),
            node("push", "Failed"),
            children="lint",
        ),
        "push",
        "w",
        "push",
    ),
    "an attempt that a later one made good stays": (
        graph(
            node("r", "Succeeded", "Retry", "r0 r1", name="w.r"),
            node("r0", "Failed", name="w.r(0)", retried=True),
            node("r1", name="w.r(1)", children="push", retried=True),
            node("push", "Failed"),
            children="r",
        ),
        "push",
        "w",
        "push",
    ),
    "attempts that are Steps go as a whole, with what succeeded in them": (
        graph(
            node("r", "Failed", "Retry", "r0 r1", name="w.r"),
            node("r0", "Failed", "Steps", "g0", name="w.r(0)", retried=True),
            node("g0", "Failed", "StepGroup", "p0", inside="r0", name="w.r(0)[0]"),
            node("p0", "Failed", inside="r0", name="w.r(0)[0].p"),
            node("r1", "Failed", "Steps", "g1", name="w.r(1)", retried=True),
            node("g1", "Succeeded", "StepGroup", "p1", inside="r1", name="w.r(1)[0]"),
            node("p1", inside="r1", name="w.r(1)[0].p", children="g2"),
            node("g2", "Failed", "StepGroup", "p2", inside="r1", name="w.r(1)[1]"),
            node("p2", "Failed", inside="r1", name="w.r(1)[1].p"),
            children="r",
        ),
        "g0 g1 g2 p0 p1 p2 r0 r1",
        "r w",
        "p0 p1 p2",
    ),
    "container set: the pod goes with all its containers, also those that succeeded": (
        graph(
            node("set", "Failed", children="one"),
            node("one", "Succeeded", "Container", "two", inside="set"),
            node("two", "Failed", "Container", "next", inside="set"),
            node("next", "Omitted", "Skipped"),
            children="set",
        ),
        "next one set two",
        "w",
        "set",
    ),
    "container set whose pod is not marked: its failed container counts": (
        graph(
            node("set", "Running", children="one two"),
            node("one", "Failed", "Container", inside="set"),
            node("two", "Succeeded", "Container", inside="set"),
            children="set",
        ),
        "one set two",
        "w",
        "set",
    ),
    "exit handler with steps of its own goes as a whole": (
        graph(
            node("build", "Failed"),
            node("exit", "Succeeded", "Steps", "eg", inside="", name="w.onExit", hooked=True),
            node("eg", "Succeeded", "StepGroup", "ep", inside="exit", name="w.onExit[0]"),
            node("ep", inside="exit", name="w.onExit[0].tell"),
            children="build",
        ),
        "build eg ep exit",
        "w",
        "build",
    ),
    "HTTP and plugin nodes run again without a pod": (
        graph(node("call", "Error", "HTTP"), node("plug", "Failed", "Plugin"), children="call plug"),
        "call plug",
        "w",
        "call plug",
    ),
    "a template that is a single pod": (
        typed({"w": {"id": "w", "name": "w", "displayName": "w", "type": "Pod", "phase": "Failed"}}),
        "w",
        "",
        "w",
    ),
    "the Workflow itself is tried again": (
        typed(
            {
                "w": {"id": "w", "name": "w", "type": "Retry", "phase": "Failed", "children": ["w0", "w1"]},
                "w0": node("w0", "Failed", inside="", name="w(0)", retried=True),
                "w1": node("w1", "Failed", inside="", name="w(1)", retried=True),
            }
        ),
        "w0 w1",
        "w",
        "w0 w1",
    ),
}


@pytest.mark.parametrize("name", MADE)
def test_every_shape_of_graph_has_its_rule(name):
    nodes, gone, reset, again = MADE[name]
    found = restart("w", nodes)
    told = (" ".join(found.gone), " ".join(found.reset), " ".join(found.again))
    assert told == (gone, reset, again)


def test_a_declined_gate_that_fails_what_contains_it_is_named():
    nodes = graph(
        node("[0]", "Failed", "StepGroup", "gate", name="w[0]"),
        node("gate", "Failed", "Suspend", name="w[0].gate"),
        children="[0]",
    )
    assert restart("w", nodes).stays_failed == ("gate",)


def test_a_declined_gate_that_was_let_pass_keeps_nothing_from_a_retry():
    nodes = graph(
        node("gate", "Failed", "Suspend", children="ok"),
        node("ok", children="push"),
        node("push", "Failed"),
        children="gate",
    )
    found = restart("w", nodes)
    assert (found.stays_failed, found.gone) == ((), ("push",))


KEYS = ["w", "a", "b", "c", "d"]
TYPES = ["Pod", "Container", "Retry", "DAG", "Steps", "StepGroup", "TaskGroup", "Suspend", "Skipped", "x"]
made = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["w", "w.onExit", "w.a", "w(0)"]),
        "type": st.sampled_from(TYPES),
        "phase": st.sampled_from(["Failed", "Error", "Succeeded", "Running", "Skipped", ""]),
        "children": st.lists(st.sampled_from([*KEYS, "lost"]), max_size=3),
        "boundaryID": st.sampled_from([*KEYS, "lost", ""]),
        "nodeFlag": st.none() | st.just({"retried": True}),
    }
)


@settings(deadline=None, max_examples=300)
@given(st.dictionaries(st.sampled_from(KEYS), made))
def test_any_graph_with_loops_and_lost_links_comes_to_an_end_and_never_resets_what_goes(nodes):
    found = restart("w", typed(nodes))
    gone = set(found.gone)
    assert gone.isdisjoint(found.reset)
    assert gone.isdisjoint(found.pruned)
    assert gone | set(found.reset) | set(found.pruned) <= nodes.keys()
    assert set(found.again) <= gone
    # all that came after what goes, goes: no follower of a removed node is left behind without it
    followers = {child for key in gone for child in nodes[key]["children"] if child in nodes}
    assert followers <= gone
