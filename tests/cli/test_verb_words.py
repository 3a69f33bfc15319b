"""What the words of a verb's command mean."""

from __future__ import annotations

from typing import Any

import pytest

from trombone_tui.cli.words import read_words, usage, verbs_by_name
from trombone_tui.core.ports import Refused
from trombone_tui.pipeline import PIPELINE

VERBS = verbs_by_name(PIPELINE)


@pytest.mark.parametrize(
    ("verb", "words", "kinds", "name", "given"),
    [
        ("promote", "shop-api", ["Rollout"], "shop-api", {}),
        ("promote", "rollout/shop-api", ["Rollout"], "shop-api", {}),
        ("retry", "shop-api", ["Workflow", "Rollout", "Experiment"], "shop-api", {}),
        ("retry", "rollout shop-api", ["Rollout"], "shop-api", {}),
        ("retry", "rollouts/shop-api", ["Rollout"], "shop-api", {}),
        ("retry", "workflow build-x", ["Workflow"], "build-x", {}),
        ("retry", "rollout", ["Workflow", "Rollout", "Experiment"], "rollout", {}),
        ("retry", "experiment api-abc-2-1", ["Experiment"], "api-abc-2-1", {}),
        ("terminate", "experiment/api-abc-2-1", ["Experiment"], "api-abc-2-1", {}),
        ("terminate", "analysisrun api-abc-2", ["AnalysisRun"], "api-abc-2", {}),
        ("set", "image shop-api api=shop/api:1.2", ["Rollout"], "shop-api", {"image": ("api=shop/api:1.2",)}),
        ("rollback", "shop-api 12", ["Application"], "shop-api", {"id": 12}),
        ("hold", "imageupdater shop v1.4.2", ["ImageUpdater"], "shop", {"tag": "v1.4.2"}),
    ],
)
def test_words_name_kind_object_and_values(
    verb: str, words: str, kinds: list[str], name: str, given: dict[str, Any]
) -> None:
    wanted = read_words(VERBS[verb], words.split(), {})
    assert [one.kind.name for one in wanted.verbs] == kinds
    assert (wanted.name, wanted.part, dict(wanted.given)) == (name, "", given)


def test_a_part_of_an_object_is_named_after_it() -> None:
    wanted = read_words(VERBS["hold"], ["shop/api", "v1.4.2"], {})
    assert (wanted.name, wanted.part) == ("shop", "api")


def test_a_namespace_that_only_some_of_the_kinds_ask_for_goes_to_those_alone() -> None:
    asked = {"namespace": "ci"}
    own = read_words(VERBS["submit"], ["workflowtemplate", "build"], asked)
    shared = read_words(VERBS["submit"], ["clusterworkflowtemplate", "build"], asked)
    assert (dict(own.given), dict(shared.given)) == ({}, asked)


def test_an_option_of_another_kind_is_refused() -> None:
    with pytest.raises(Refused, match="resume cronworkflow has no option --node"):
        read_words(VERBS["resume"], ["cronworkflow", "nightly"], {"node": "approve"})


@pytest.mark.parametrize(
    ("verb", "words", "said"),
    [
        ("promote", "", "promote needs a name"),
        ("promote", "a b", "promote has no use for b"),
        ("set", "shop-api api=x", "set of what"),
        ("rollback", "shop-api newest", "--id is a number, and newest is none"),
    ],
)
def test_words_without_a_meaning_are_refused(verb: str, words: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        read_words(VERBS[verb], words.split(), {})


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        ("promote", "NAME"),
        ("retry", "[workflow|rollout|experiment] NAME"),
        ("set", "image NAME IMAGE"),
    ],
)
def test_usage_says_what_follows(verb: str, said: str) -> None:
    assert usage(VERBS[verb]) == said
