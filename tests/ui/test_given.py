"""Options as they are typed."""

from __future__ import annotations

from typing import Any

import pytest
from deliveries_in_hand import FULL, IMAGE, PROMOTE, REVISION, SET, UNDO

from trombone_tui.core.ports import Refused
from trombone_tui.core.verbs import Verb
from trombone_tui.ui.given import missing, read, typed, written


@pytest.mark.parametrize(
    ("verb", "words", "given"),
    [
        (PROMOTE, [], {}),
        (PROMOTE, ["--full"], {"full": True}),
        (PROMOTE, ["--full=false"], {"full": False}),
        (UNDO, ["--to-revision", "3"], {"to-revision": 3}),
        (UNDO, ["--to-revision=3"], {"to-revision": 3}),
        (UNDO, ["3"], {"to-revision": 3}),
        (SET, ["app=a:1", "--image", "side=b:2"], {"image": ("app=a:1", "side=b:2")}),
    ],
)
def test_words_become_what_a_verb_is_given(verb: Verb, words: list[str], given: dict[str, Any]) -> None:
    assert read(verb, words) == given


@pytest.mark.parametrize(
    ("verb", "words", "said"),
    [
        (PROMOTE, ["--ful"], "no option --ful"),
        (PROMOTE, ["--full=3"], "takes no value"),
        (PROMOTE, ["now"], "no use for now"),
        (UNDO, ["--to-revision"], "needs a value"),
        (UNDO, ["--to-revision", "two"], "two is none"),
        (UNDO, ["3", "4"], "no use for 4"),
        (UNDO, ["--to-revision", "--full"], "--full is none"),
    ],
)
def test_words_that_mean_nothing_are_refused_with_what_there_is(
    verb: Verb, words: list[str], said: str
) -> None:
    with pytest.raises(Refused, match=said):
        read(verb, words)


def test_a_typed_line_is_divided_as_a_shell_does() -> None:
    assert typed(IMAGE, "app=a:1 'side=b c'") == ("app=a:1", "side=b c")
    assert typed(REVISION, " 3 ") == 3
    with pytest.raises(Refused, match="quote"):
        typed(IMAGE, "'app")


def test_what_is_needed_and_not_given_is_found() -> None:
    assert missing(SET, {}) is IMAGE
    assert missing(SET, {"image": ()}) is IMAGE
    assert missing(SET, {"image": ("a=b",)}) is None
    assert missing(PROMOTE, {}) is None


def test_options_are_written_as_they_would_be_typed() -> None:
    given = {FULL.name: True, REVISION.name: 3, IMAGE.name: ("a=b", "c=d e")}
    assert written(given) == "--full --to-revision 3 --image a=b --image 'c=d e'"
