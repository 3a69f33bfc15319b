"""What the API server writes, and what becomes of it when it is not what it should be."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from following import THING, Thing, ThingStatus
from hypothesis import given, settings
from hypothesis import strategies as st

from trombone_tui.adapters.connection import Status
from trombone_tui.adapters.decode import Decoder, Garbled, read_page
from trombone_tui.core.objects.basics import Malformed, Meta

DECODER = Decoder(THING)


def event(obj: Any, kind: str = "ADDED") -> bytes:
    return json.dumps({"type": kind, "object": obj}).encode()


def test_only_the_fields_a_kind_declares_are_taken() -> None:
    meta = {"name": "a", "uid": "u", "creationTimestamp": "2026-01-02T03:04:05Z", "managedFields": [{"a": 1}]}
    found = DECODER.event(
        event({"metadata": meta, "spec": {"x": 1}, "status": {"phase": "Running", "more": []}})
    )
    created = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert found.type == "ADDED"
    assert found.object == Thing(
        metadata=Meta(name="a", uid="u", creation_timestamp=created), status=ThingStatus(phase="Running")
    )


@pytest.mark.parametrize(
    ("obj", "path", "problem"),
    [
        ({"metadata": {"name": "a"}, "status": {"phase": 3}}, "$.status.phase", "Expected `str | null`, got"),
        ({"metadata": {"name": "a"}, "status": []}, "$.status", "Expected `object | null`, got `array`"),
        ({"metadata": {"name": "a", "labels": {"x": 1}}}, "$.metadata.labels[...]", "Expected `str`, got"),
        ({"metadata": {"name": "a", "creationTimestamp": "x"}}, "$.metadata.creationTimestamp", "Invalid"),
        ({"status": {}}, "$", "Object missing required field `metadata`"),
        (["a"], "$", "Expected `object`, got `array`"),
        (None, "$", "Expected `object`, got `null`"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named_by_its_path_in_the_object(obj: Any, path: str, problem: str) -> None:
    found = DECODER.event(event(obj)).object
    assert isinstance(found, Malformed)
    assert found.path == path
    assert found.problem.startswith(problem)
    (listed,) = DECODER.items(read_page(json.dumps({"metadata": {}, "items": [obj]}).encode()).items or ())
    assert isinstance(listed, Malformed)
    assert (listed.path, listed.metadata) == (path, found.metadata)


def test_a_malformed_object_keeps_all_its_metadata_that_fits() -> None:
    meta = {"name": "a", "namespace": "ns", "uid": "u", "resourceVersion": "7", "labels": {"x": "y"}}
    found = DECODER.event(event({"metadata": meta, "status": 1})).object
    assert found.metadata == Meta(name="a", namespace="ns", uid="u", resource_version="7", labels={"x": "y"})


def test_of_metadata_that_does_not_fit_the_names_are_saved() -> None:
    meta = {"name": "a", "namespace": 3, "uid": "u", "resourceVersion": "7", "labels": "none"}
    assert DECODER.event(event({"metadata": meta})).object.metadata == Meta(
        name="a", uid="u", resource_version="7"
    )
    assert DECODER.event(event({"metadata": "none"})).object.metadata == Meta()


def test_bytes_that_are_no_text_in_metadata_leave_an_object_without_a_name() -> None:
    found = DECODER.event(b'{"type":"ADDED","object":{"status":3,"metadata":{"name":"\xff"}}}').object
    assert found == Malformed(metadata=Meta(), path="$.status", problem="Expected `object | null`, got `int`")


def test_an_error_event_is_a_status_whether_or_not_it_would_fit_the_kind() -> None:
    body = {"kind": "Status", "metadata": {}, "message": "gone", "reason": "Expired", "code": 410}
    for status in (body, {**body, "status": "Failure"}):
        found = DECODER.event(event(status, "ERROR")).object
        assert isinstance(found, Status)
        assert (found.code, found.message) == (410, "gone")


def test_an_error_event_that_is_no_status_is_still_an_error() -> None:
    found = DECODER.event(event({"code": "many"}, "ERROR")).object
    assert isinstance(found, Status)
    assert "can't be read" in (found.message or "")


@pytest.mark.parametrize(
    "line",
    [b"<html>", b'{"type":"ADDED","obj', b'{"items":[]}', b"[]", b'{"type":"ADDED"}',
     b'{"type":"A","object":{"metadata":{"name":"\xff"}}}'],
)  # fmt: skip
def test_what_is_no_event_is_no_object(line: bytes) -> None:
    with pytest.raises(Garbled):
        DECODER.event(line)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"items":[]}', b'{"metadata":{},"items":3}'])
def test_what_is_no_list_is_no_page(body: bytes) -> None:
    with pytest.raises(Garbled):
        read_page(body)


def test_bytes_that_are_no_text_spoil_the_page() -> None:
    page = read_page(b'{"metadata":{"continue":"c"},"items":[{"metadata":{"name":"\xff"}}]}')
    assert page.metadata.continue_ == "c"
    with pytest.raises(Garbled):
        list(DECODER.items(page.items or ()))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["metadata", "name", "status", "phase", "labels", "uid"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(JSON)
def test_any_json_object_of_an_event_becomes_something(obj: Any) -> None:
    found = DECODER.event(event(obj)).object
    assert isinstance(found, Thing | Malformed)
    assert isinstance(found.metadata.name, str)
