"""Whatever objects hold, there is a plan or a reason why there is none, and nothing unseen counts as done."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from deliveries import Obj, World, documents
from hypothesis import given, settings
from hypothesis import strategies as st
from situations import LEFT, holding, legacy, managed, returned, rolled_back, second

from trombone_tui.core.left_off import left_off
from trombone_tui.core.ports import Refused
from trombone_tui.core.reminders import in_order
from trombone_tui.core.rollback import RollbackPlan, State
from trombone_tui.core.rollback.planning import plan_rollback

KINDS = ("Application", "ImageUpdater", "ReplicaSet", "Rollout", "AnalysisRun")
STARTS: list[list[Obj]] = [
    list(LEFT.values()),
    [*{**LEFT, **returned()}.values()],
    [*{**LEFT, **rolled_back(), "updater": holding(LEFT["updater"])}.values()],
    [*LEFT.values(), *second()],
    [*{**LEFT, "app": legacy()}.values()],
    [*{**LEFT, "updater": managed()[0]}.values(), managed()[1]],
    [LEFT["app"], LEFT["updater"], *documents("rollout/bluegreen.yaml")],
]
VALUES: list[Any] = [
    None,
    "",
    "x",
    "a:b@c/d",
    "[",
    "1,2",
    0,
    -1,
    2**40,
    True,
    False,
    [],
    {},
    [{}],
    {"a": "b"},
    ["x"],
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "2026-11-23T13:11:00Z",
    "Healthy",
    "OutOfSync",
    "\x1b[31m",
]


def paths(of: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Name every place in an object."""
    inner = of.items() if isinstance(of, dict) else enumerate(of) if isinstance(of, list) else ()
    for key, value in inner:
        yield (*above, key)
        yield from paths(value, (*above, key))


def put(of: Obj, path: tuple[Any, ...], value: Any) -> None:
    """Change one place, if it is still there."""
    place: Any = of
    for key in path[:-1]:
        try:
            place = place[key]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(place, dict) or (isinstance(place, list) and path[-1] < len(place)):
        place[path[-1]] = copy.deepcopy(value)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    found = copy.deepcopy(draw(st.sampled_from(STARTS)))
    for _ in range(draw(st.integers(0, 4))):
        one = draw(st.sampled_from(found))
        places = [path for path in paths(one) if path[0] not in ("kind", "apiVersion")]
        put(one, draw(st.sampled_from(places)), draw(st.sampled_from(VALUES)))
    return World(*found, hidden=draw(st.sets(st.sampled_from(KINDS), max_size=2)))


@settings(max_examples=150)
@given(worlds(), st.sampled_from([True, False, None]))
def test_any_objects_give_a_plan_or_a_reason(of: World, may: bool | None) -> None:
    for service in of.services:
        plan, why = plan_or_reason(of, service, may)
        assert (plan is None) is bool(why)
        if plan is None:
            continue
        last = plan.steps[-1]
        assert last.checks
        assert (last.state is State.DONE) is all(check.holds is True for check in last.checks)
        for step in (one for each in plan.steps for one in (each, *each.instead)):
            assert step.title
            assert step.why
            assert step.undone_by
            assert step.state in (State.DONE, State.NOW) or step.reason
            assert may is not False or step.state is not State.NOW or step.right is None


def plan_or_reason(of: World, service: Any, may: bool | None) -> tuple[RollbackPlan | None, str]:
    try:
        return plan_rollback(service, of.known, lambda _: may), ""
    except Refused as refused:
        return None, str(refused)


@settings(max_examples=100)
@given(worlds())
def test_any_objects_give_reminders_of_one_line(of: World) -> None:
    found = in_order(
        one for reader in of.readers.values() for ref, obj in of.objects(reader) for one in left_off(ref, obj)
    )
    assert all("\n" not in one.text and one.text.endswith(".") and one.verb for one in found)
    known = [one.since for one in found if one.since is not None]
    assert known == sorted(known)
