"""YAML that reads as the object it was made from, in the order people know."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from trombone_tui.core.manifest import manifest

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\ud800"), max_size=30)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(TEXT, JSON, max_size=5))
def test_it_reads_as_what_it_was_made_from(whole: dict[str, Any]) -> None:
    whole.pop("metadata", None)
    assert yaml.safe_load("\n".join(manifest(whole))) == whole


def test_the_parts_come_in_the_order_of_kubectl_and_managed_fields_on_request() -> None:
    whole = {
        "status": {"b": 1, "a": [{"d": 1, "c": 2}]},
        "data": {"x": "z"},
        "metadata": {"name": "api", "managedFields": [{"manager": "m"}]},
        "kind": "K",
        "spec": {},
        "apiVersion": "v1",
    }
    assert manifest(whole) == [
        "apiVersion: v1",
        "kind: K",
        "metadata:",
        "  name: api",
        "spec: {}",
        "status:",
        "  a:",
        "  - c: 2",
        "    d: 1",
        "  b: 1",
        "data:",
        "  x: z",
    ]
    assert "  - manager: m" in manifest(whole, managed=True)
    assert whole["metadata"] == {"name": "api", "managedFields": [{"manager": "m"}]}


def test_lines_of_a_text_stay_lines_and_long_ones_are_not_broken() -> None:
    assert manifest({"run": "one\ntwo\n"}) == ["run: |", "  one", "  two"]
    assert manifest({"long": "word " * 100 + "end"}) == [f"long: {'word ' * 100}end"]


def test_what_readers_in_go_take_for_numbers_or_booleans_is_quoted() -> None:
    assert manifest({"a": ["1e5", "12e3456", "y", "0x1f", "1.0", "v1.2"]})[1:] == [
        "- '1e5'",
        "- '12e3456'",
        "- 'y'",
        "- '0x1f'",
        "- '1.0'",
        "- v1.2",
    ]


def test_control_characters_are_written_as_escapes() -> None:
    assert manifest({"a": "\x1b[31mred"}) == ['a: "\\e[31mred"']
