"""YAML is coloured by its parts, broken where it is too long, and made only where it is seen."""

from __future__ import annotations

import pytest

from trombone_tui.ui.cells import Cell
from trombone_tui.ui.scroll import Document, Scroll
from trombone_tui.ui.search import Plain, Search

YAML = [
    "kind: Workflow",
    "spec:",
    "  steps:",
    "  - name: build",
    "    run: |",
    "      set -e",
    "",
    "      image: not a key",
    "    url: https://example.org:8443/x",
    "  - |",
    "    text: block",
    "  - plain",
    "  'a: b': null",
    "  password: •••• (8 bytes)",
    f"  long: {'0123456789' * 7}",
    "  last: 1",
]


def scroll(width: int = 40, ascii_only: bool = False) -> Scroll:
    return Scroll(Document(YAML, ascii_only=ascii_only), width, "••••")


def head(key: str) -> list[Cell]:
    return [Cell("  ", ("dim",)), Cell(key, ("key",)), Cell(":", ("dim",))]


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        (0, [Cell("", ("dim",)), Cell("kind", ("key",)), Cell(":", ("dim",)), Cell(" Workflow")]),
        (3, [Cell("  - ", ("dim",)), Cell("name", ("key",)), Cell(":", ("dim",)), Cell(" build")]),
        (7, [Cell("      image: not a key")]),
        (8, [Cell("    ", ("dim",)), Cell("url", ("key",)), Cell(":", ("dim",)), Cell(" https://example.org:8443/x")]),
        (10, [Cell("    text: block")]),
        (11, [Cell("  - plain")]),
        (12, [*head("'a: b'"), Cell(" null", ("dim",))]),
        (13, [*head("password"), Cell(" •••• (8 bytes)", ("held",))]),
    ],
)  # fmt: skip
def test_keys_values_and_texts_are_told_apart(row: int, cells: list[Cell]) -> None:
    assert list(scroll()[row]) == cells


@pytest.mark.parametrize("width", [8, 20, 40, 78])
def test_nothing_is_lost_at_any_width(width: int) -> None:
    rows = scroll(width)
    texts = ["".join(cell.text for cell in line) for line in rows]
    assert "".join(texts) == "".join(YAML)
    assert max(map(len, texts)) <= width
    assert texts == [text for text, _ in rows.plain()]
    assert texts[-1].endswith("1")
    assert rows[len(rows) - 1] == rows[-1]
    with pytest.raises(IndexError):
        rows[len(rows)]


def test_what_is_broken_over_two_rows_is_found() -> None:
    assert len(Search("0123456789" * 7, Plain(scroll(20).plain()))) == 1
    assert len(Search("last: 1", Plain(scroll(20).plain()))) == 1


def test_wide_characters_are_broken_by_the_cells_they_take() -> None:
    rows = Scroll(Document(["a: " + "漢" * 30], ascii_only=False), 20, "••••")
    assert ["".join(c.text for c in row) for row in rows] == [
        "a: " + "漢" * 8,
        "漢" * 10,
        "漢" * 10,
        "漢" * 2,
    ]


def test_in_ascii_every_character_is_ascii_while_the_copied_lines_are_whole() -> None:
    document = Document(["a: é•"], ascii_only=True)
    assert document.shown == ["a: e?"]
    assert document.lines == ["a: é•"]
