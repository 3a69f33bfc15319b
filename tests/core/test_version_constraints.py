"""Versions, constraints, patterns and expressions against what the libraries of Image Updater say of them.

``tests/data/images/choice/masterminds.json`` was written by these libraries: ``masterminds.go`` beside it.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trombone_tui.core.objects.constraints import Constraint
from trombone_tui.core.objects.expressions import Expression
from trombone_tui.core.objects.globs import Glob, exact, matched
from trombone_tui.core.objects.versions import Version

SAID: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "data/images/choice/masterminds.json").read_text(encoding="utf-8")
)


def version(text: str) -> Version:
    made = Version.parse(text)
    assert made is not None
    return made


@pytest.mark.parametrize(("text", "parts"), SAID["versions"])
def test_a_tag_is_read_as_masterminds_reads_it(text: str, parts: list[Any] | None) -> None:
    made = Version.parse(text)
    assert (made and [made.major, made.minor, made.patch, made.prerelease]) == parts


def test_versions_are_ordered_as_image_updater_orders_them() -> None:
    shuffled = sorted(SAID["order"], key=lambda text: text[::-1])
    assert sorted(shuffled, key=lambda text: (version(text).order, text)) == SAID["order"]


@pytest.mark.parametrize(("text", "fitting"), [case for case in SAID["constraints"] if case[0]])
def test_a_constraint_fits_what_masterminds_fits(text: str, fitting: list[str] | None) -> None:
    made = Constraint.parse(text)
    assert (made and [one for one in SAID["tried"] if made.fits(version(one))]) == fitting


def test_no_constraint_takes_every_release() -> None:
    made, any_release = Constraint.parse(""), Constraint.parse("*")
    assert made == any_release
    assert made is not None
    assert not made.takes_prereleases


@pytest.mark.parametrize(("text", "taken"), [("~1.4", False), ("1.x-0", True), ("1.x || 2.x-0", True)])
def test_a_constraint_says_whether_it_takes_prereleases(text: str, taken: bool) -> None:
    made = Constraint.parse(text)
    assert made is not None
    assert made.takes_prereleases is taken


@pytest.mark.parametrize(("pattern", "name", "fits"), SAID["globs"])
def test_a_pattern_fits_what_go_fits(pattern: str, name: str, fits: bool | None) -> None:
    made = Glob.parse(pattern)
    assert (made and made.fits(name)) == fits


def test_the_first_pattern_that_fits_is_named_and_a_broken_one_fits_nothing() -> None:
    assert matched(("[", "*-rc*", "*"), "1.5.0-rc1") == "*-rc*"
    assert matched(("[", "dev"), "[") is None
    assert [exact(one) for one in ("1.5.0", "1.5.*", "1.5.?", "a]")] == [True, False, False, False]


@pytest.mark.parametrize(("text", "tag", "found"), SAID["expressions"])
def test_an_expression_is_found_where_go_finds_it(text: str, tag: str, found: bool | None) -> None:
    made = Expression.parse(text)
    assert (made and made.found_in(tag)) == found


@pytest.mark.parametrize("text", ["(a+)+$", "^(a|a)*$", "^(a*)*c$", "a.*a.*a.*a.*a.*a.*a.*c"])
def test_no_expression_makes_anybody_wait(text: str) -> None:
    made, begun = Expression.parse(text), time.process_time()
    assert made is not None
    assert not made.found_in("a" * 127 + "b")
    assert time.process_time() - begun < 1


def test_what_is_too_large_is_not_tried() -> None:
    assert Constraint.parse(">=1 " * 65) is None
    assert Expression.parse("a" * 1001) is None
    assert Expression.parse("(" * 60 + ")" * 60) is None
    assert Expression.parse("((a{100}){10}){1}" * 6) is None


@given(st.text(alphabet=r"01x*.-+v~^><=!|, abrc", max_size=24), st.text(alphabet="01.-+vrc", max_size=12))
def test_any_constraint_is_read_or_refused(text: str, tag: str) -> None:
    made, tagged = Constraint.parse(text), Version.parse(tag)
    assert made is None or tagged is None or made.fits(tagged) in (True, False)


@given(st.text(alphabet=r"ab1.^$|()[]{}*+?\dwQE:-=i,", max_size=24), st.text(max_size=12))
def test_any_expression_and_pattern_is_read_or_refused(text: str, tag: str) -> None:
    made, glob = Expression.parse(text), Glob.parse(text)
    assert made is None or made.found_in(tag) in (True, False)
    assert glob is None or glob.fits(tag) in (True, False)
