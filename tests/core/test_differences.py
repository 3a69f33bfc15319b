"""What differs between two states of an object, and who made it so."""

from __future__ import annotations

from typing import Any

import pytest

from trombone_tui.core.differences import differences
from trombone_tui.live.culprits import culprits


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ({"spec": {"paused": True}}, {"spec": {}}, ["spec.paused: true → nothing"]),
        ({}, {"status": {"abort": True}}, ["status.abort: nothing → true"]),
        ({"status": {"phase": "Paused"}}, {}, ['status: {"phase": "Paused"} → nothing']),
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}, ["a.1.b: 2 → 3"]),
        ({"a": [1]}, {"a": [1, 2]}, ["a: [1] → [1, 2]"]),
        ({"a": None, "b": ""}, {"a": "", "b": None}, ['a: null → ""', 'b: "" → null']),
        ({"a": {}}, {"a": 1}, ["a: {} → 1"]),
        ({"metadata": {"resourceVersion": "1", "generation": 1, "managedFields": []}}, {"metadata": {}}, []),
        ({"a": 1}, {"a": 1}, []),
    ],
)
def test_each_field_that_differs_is_a_line(before: Any, after: Any, lines: list[str]) -> None:
    assert list(differences(before, after)) == lines


def test_secrets_are_not_told() -> None:
    (line,) = differences(
        {"kind": "X", "spec": {"password": "one"}}, {"kind": "X", "spec": {"password": "two"}}
    )
    assert line.startswith("spec.password: ")
    assert "one" not in line
    assert "two" not in line


def test_what_is_long_is_cut() -> None:
    (line,) = differences({"a": "x" * 500}, {"a": "y"})
    assert len(line) < 140


def whole(*entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"metadata": {"managedFields": list(entries)}, **more}


def entry(manager: str, fields: Any = None, time: str = "12:00:00", **more: Any) -> dict[str, Any]:
    return {"manager": manager, "operation": "Update", "time": time, "fieldsV1": fields or {}, **more}


PAUSED = {"f:spec": {"f:paused": {}}}


@pytest.mark.parametrize(
    ("before", "after", "names"),
    [
        (whole(entry("us")), whole(entry("us"), entry("argocd")), ("argocd",)),
        (whole(entry("argocd")), whole(entry("argocd", time="12:00:01")), ("argocd",)),
        (whole(entry("a")), whole(entry("a", subresource="status")), ("a",)),
        (whole(entry("us")), whole(entry("us", time="12:00:09")), ()),
        (whole(entry("a", PAUSED), spec={}), whole(entry("a", PAUSED), spec={"paused": True}), ("a",)),
        (
            whole(entry("a", {"f:spec": {}}), spec={}),
            whole(entry("a", {"f:spec": {}}), spec={"x": 1}),
            ("a",),
        ),
        (whole(entry("a", {}), spec={}), whole(entry("a", {}), spec={"paused": True}), ()),
        ({}, {}, ()),
        ({"metadata": {"managedFields": 3}}, {"metadata": {"managedFields": ["x", {}]}}, ()),
    ],
    ids=["new", "later", "elsewhere", "ourselves", "owner", "owner of all", "nobody", "none", "anything"],
)
def test_who_changed_it_is_read_from_the_object(before: Any, after: Any, names: tuple[str, ...]) -> None:
    assert culprits(before, after, ours="us") == names
