"""Which tag is picked and what refuses the others, by rule and tags of a registry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trombone_tui.core.objects.tag_choice import Choice, Rule, Strategy, choose, refusal, sift

RELEASES = ["1.3.9", "1.4.0", "1.4.2", "1.4.10", "1.5.0", "1.5.1-rc1", "2.0.0", "latest", "main-abc1234"]
BUILDS = ["v1.0.0-sha1111111", "v1.0.0-sha2222222", "dev-3", "latest"]
MORNING = datetime(2026, 11, 23, 8, tzinfo=UTC)


def rule(strategy: str = "", constraint: str = "", allow: str = "", *ignore: str) -> Rule:
    return Rule(written=strategy, constraint=constraint, allow=allow, ignore=ignore)


PICKED = [
    # the constraint alone
    (rule(), RELEASES, "2.0.0"),
    (rule("semver"), RELEASES, "2.0.0"),
    (rule("semver", "*"), RELEASES, "2.0.0"),
    (rule("semver", "1.x"), RELEASES, "1.5.0"),
    (rule("semver", "1.x-0"), RELEASES, "1.5.1-rc1"),
    (rule("semver", "~1.4"), RELEASES, "1.4.10"),
    (rule("semver", "~1.4.0"), RELEASES, "1.4.10"),
    (rule("semver", "^1.4"), RELEASES, "1.5.0"),
    (rule("semver", "<1.4.10"), RELEASES, "1.4.2"),
    (rule("semver", "1.4.2"), RELEASES, "1.4.2"),
    (rule("semver", "1.3 - 1.4"), RELEASES, "1.4.10"),
    (rule("semver", "1.3.x || 1.4.0"), RELEASES, "1.4.0"),
    (rule("semver", "!=2.0.0"), RELEASES, "1.5.0"),
    (rule("semver", ">=3"), RELEASES, None),
    (rule("semver", "nonsense"), RELEASES, None),
    (rule("semver", "1.x"), [], None),
    (rule("semver", "1.x"), ["latest"], None),
    (rule("semver"), ["1.4", "v1.4.0", "1.4.0"], "v1.4.0"),
    (rule("semver"), ["1.4.0+a", "1.4.0+b"], "1.4.0+b"),
    (rule("semver"), ["20240101", "1.2.3"], "20240101"),
    (rule("semver", "1.x-0"), BUILDS, "v1.0.0-sha2222222"),
    (rule("semver"), BUILDS, None),
    # semver: filters before the constraint
    (rule("semver", "1.x", "", "1.5.*"), RELEASES, "1.4.10"),
    (rule("semver", "1.x", "", "1.5.0"), RELEASES, "1.4.10"),
    (rule("semver", "1.x", "", "1.4.*", "1.5.*"), RELEASES, "1.3.9"),
    (rule("semver", "1.x", "", "[!1]*"), RELEASES, None),
    (rule("semver", "1.x", "", "[^1]*"), RELEASES, "1.5.0"),
    (rule("semver", "", r"regexp:^1\.4\."), RELEASES, "1.4.10"),
    (rule("semver", "", r"REGEXP:^1\.4\."), RELEASES, "1.4.10"),
    (rule("semver", "", "any"), RELEASES, "2.0.0"),
    (rule("semver", "", "ANY"), RELEASES, "2.0.0"),
    (rule("semver", "", "^1"), RELEASES, None),
    (rule("semver", "", "glob:1*"), RELEASES, None),
    (rule("semver", "", "regexp:("), RELEASES, None),
    (rule("semver", "", "regexp:(?!2)"), RELEASES, None),
    (rule("semver", "", r"regexp:\d$", "2.*"), RELEASES, "1.5.0"),
    # alphabetical and digest
    (rule("alphabetical"), RELEASES, "main-abc1234"),
    (rule("name"), RELEASES, "main-abc1234"),
    (rule("alphabetical", "1.x"), RELEASES, "main-abc1234"),
    (rule("alphabetical", "", "regexp:^1"), RELEASES, "1.5.1-rc1"),
    (rule("alphabetical", "", r"regexp:^1\.4"), RELEASES, "1.4.2"),
    (rule("digest", "latest"), RELEASES, "latest"),
    (rule("digest", "stable"), RELEASES, None),
    (rule("digest"), RELEASES, None),
    (rule("digest", "latest", "", "lat*"), RELEASES, None),
    (rule("digest", "latest", "regexp:^v"), RELEASES, None),
    # a strategy that nobody knows is semver
    (rule("newest", "1.x"), RELEASES, "1.5.0"),
    (rule("SemVer", "1.x"), RELEASES, "1.5.0"),
]


@pytest.mark.parametrize(("of", "tags", "picked"), PICKED)
def test_the_tag_that_would_be_picked(of: Rule, tags: list[str], picked: str | None) -> None:
    choice = choose(of, tags)
    assert choice.picked == picked
    assert set(choice.refused) == set(tags) - {picked}
    assert choice.open == ()


BUILT = {tag: MORNING + timedelta(hours=hour) for hour, tag in enumerate(reversed(BUILDS))}
TWINS = dict.fromkeys(BUILDS, MORNING)

NEWEST = [
    (rule("newest-build"), BUILT, "v1.0.0-sha1111111"),
    (rule("latest"), BUILT, "v1.0.0-sha1111111"),
    (rule("newest-build", "9.x"), BUILT, "v1.0.0-sha1111111"),
    (rule("newest-build", "", "", "*1111111"), BUILT, "v1.0.0-sha2222222"),
    (rule("newest-build", "", "regexp:^dev-"), BUILT, "dev-3"),
    (rule("newest-build"), TWINS, "v1.0.0-sha2222222"),
    (rule("newest-build"), {**BUILT, "v1.0.0-sha1111111": None}, "v1.0.0-sha2222222"),
    (rule("newest-build"), {"dev-3": MORNING}, "dev-3"),
    (rule("newest-build"), {}, None),
    (rule("newest-build", "", "regexp:^rel-"), BUILT, None),
]


@pytest.mark.parametrize(("of", "built", "picked"), NEWEST)
def test_the_newest_build_is_picked(of: Rule, built: dict[str, datetime | None], picked: str | None) -> None:
    choice = choose(of, BUILDS, built)
    assert choice.picked == picked
    assert set(choice.refused) == set(BUILDS) - {picked}


def test_while_no_build_is_known_every_tag_that_passes_is_open() -> None:
    choice = choose(rule("newest-build", "", "", "latest"), BUILDS)
    assert choice.picked is None
    assert set(choice.open) == {"v1.0.0-sha1111111", "v1.0.0-sha2222222", "dev-3"}
    assert choice.refused == {"latest": "held: ignored by its name until release"}


def test_tags_that_were_not_asked_about_stay_open() -> None:
    choice = choose(rule("newest-build"), BUILDS, {"dev-3": MORNING}, asked=["dev-3", "latest"])
    assert choice.picked == "dev-3"
    assert set(choice.open) == {"v1.0.0-sha1111111", "v1.0.0-sha2222222"}
    assert set(choice.refused) == {"latest"}


REFUSED = [
    (rule("semver", "~1.4"), "1.5.0-rc1", "a prerelease, and the constraint ~1.4 names none"),
    (
        rule("semver"),
        "1.5.0-rc1",
        "a prerelease, and no constraint names one (Image Updater before 1.3 takes it)",
    ),
    (rule("semver", "~1.4-0"), "1.5.0-rc1", "outside ~1.4-0"),
    (rule("semver", "~1.4"), "1.3.9", "outside ~1.4"),
    (rule("semver", "~1.4"), "latest", "not a semantic version"),
    (rule("semver", "~1.4"), "1.4.0-01", "not a semantic version"),
    (rule("semver", "what"), "1.3.9", "what is no constraint on versions, so nothing is picked"),
    (rule("semver", "", "regexp:^v"), "dev-1", "not matched by allow-tags ^v"),
    (rule("semver", "", "regexp:("), "dev-1", "allow-tags ( can't be read, so no tag is allowed"),
    (rule("semver", "", "", "*-rc*"), "1.5.0-rc1", "ignored by pattern *-rc*"),
    (rule("semver", "", "regexp:^v", "*"), "1.5.0", "not matched by allow-tags ^v"),
    (rule("semver", "", "", "1.5.0"), "1.5.0", "held: ignored by its name until release"),
    (rule("digest", "main"), "dev", "not main, whose digest is followed"),
    (rule("digest"), "dev", "no tag is named whose digest is followed"),
    (rule("alphabetical", "1.x"), "dev", ""),
    (rule("newest-build", "1.x"), "dev", ""),
    (rule("semver", "1.x"), "1.2.3", ""),
]


@pytest.mark.parametrize(("of", "tag", "words"), REFUSED)
def test_the_first_rule_that_refuses_a_tag_is_named(of: Rule, tag: str, words: str) -> None:
    assert refusal(of, tag) == words


WORSE = [
    (rule("semver"), ["1.3.9", "1.4.2"], "1.3.9", "older than 1.4.2"),
    (rule("semver"), ["1.4", "1.4.0"], "1.4", "the same version as 1.4.0, and before it by its letters"),
    (rule("alphabetical"), ["b", "a"], "a", "before b by its letters"),
]


@pytest.mark.parametrize(("of", "tags", "tag", "words"), WORSE)
def test_what_is_allowed_but_not_the_best_says_what_is_better(
    of: Rule, tags: list[str], tag: str, words: str
) -> None:
    assert choose(of, tags).refused[tag] == words


def test_a_build_says_whether_it_is_older_the_same_gone_or_without_a_time() -> None:
    built = {"a": MORNING, "b": MORNING, "c": MORNING - timedelta(1), "d": None}
    choice = choose(rule("newest-build"), "abcde", built)
    assert choice.picked == "b"
    assert choice.refused == {
        "a": "built at the same time as b, and before it by its letters",
        "c": "built before b",
        "d": "its image says no time of its build, so it is left out",
        "e": "the registry does not have it any more, or not for the platform asked for",
    }


def test_the_best_comes_first() -> None:
    choice = choose(rule("semver", "1.x"), RELEASES)
    order = [choice.picked, *choice.refused]
    assert order == [
        "1.5.0",
        "1.4.10",
        "1.4.2",
        "1.4.0",
        "1.3.9",
        "2.0.0",
        "1.5.1-rc1",
        "main-abc1234",
        "latest",
    ]


BROKEN = [
    (rule("semver", "1.x"), ""),
    (rule("semver"), ""),
    (rule("newest-build", "what"), ""),
    (rule("semver", "what"), "what is no constraint on versions, so nothing is picked"),
    (rule("digest"), "digest is followed but no tag is named, so nothing is picked"),
    (rule("semver", "", "regexp:["), "allow-tags regexp:[ can't be read, so no tag is allowed"),
    (rule("semver", "", "^v"), "allow-tags ^v can't be read, so no tag is allowed"),
]


@pytest.mark.parametrize(("of", "words"), BROKEN)
def test_a_rule_that_can_never_pick_says_why(of: Rule, words: str) -> None:
    assert of.broken == words
    assert not words or choose(of, RELEASES, dict.fromkeys(RELEASES, MORNING)).picked is None


def test_old_names_of_strategies_are_known_and_unknown_ones_are_said() -> None:
    assert [rule(name).strategy for name in ("latest", "name", "", "Digest")] == [
        Strategy.NEWEST,
        Strategy.ALPHABETICAL,
        Strategy.SEMVER,
        Strategy.DIGEST,
    ]
    assert [rule(name).unknown for name in ("latest", "", "semver", "newest")] == [False, False, False, True]


def test_tags_that_are_held_are_those_ignored_by_their_names() -> None:
    assert rule("", "", "", "1.5.0", "*-rc*", "", "[a]", r"\a").held == ("1.5.0",)


words = st.text(alphabet="01.-xvrc*^~[]()\\:?+ab", max_size=10)


@given(
    st.builds(
        Rule,
        written=st.sampled_from(["", "semver", "digest", "newest-build", "name", "?"]),
        constraint=words,
        allow=words | words.map("regexp:{}".format),
        ignore=st.lists(words, max_size=2).map(tuple),
    ),
    st.lists(words, max_size=6),
)
def test_any_rule_and_tags_make_a_choice(of: Rule, tags: list[str]) -> None:
    kept, refused = sift(of, tags)
    assert {*kept, *refused} == set(tags)
    choice: Choice = choose(of, tags, dict.fromkeys(tags, MORNING))
    assert {*choice.refused, *({choice.picked} - {None})} == set(tags)
    assert (choice.picked is None) == (not kept)
    assert all(choice.refused.values())
