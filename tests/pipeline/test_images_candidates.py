"""What the details say of the tags that a registry has, and of one that can't be asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from any_json import objects
from changing import changed
from hypothesis import given, settings
from hypothesis import strategies as st
from image_updaters import IMAGE, following
from stage_readers import answering, facts, read, row, stored

from trombone_tui.core.asking import Ask
from trombone_tui.core.objects.argo_cd import APPLICATION
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.objects.image_updater import IMAGE_UPDATER
from trombone_tui.core.ports import Candidate, Denied, Missing, Unreachable
from trombone_tui.core.questions import Candidates, Question, Tags
from trombone_tui.core.reader import StageReader
from trombone_tui.core.stage import Branch, Facts, Item, Tree
from trombone_tui.pipeline.images import STAGE

TAGS = ["latest", "1.0.4", "1.0.5", "1.1.0-rc1", "2.0.0", "v0.9"]
BUILT = datetime(2026, 11, 23, 12, tzinfo=UTC)
DIGEST = "sha256:0123456789abcdef"
Described = Callable[[Candidates], dict[str, Candidate]]


def described(question: Candidates) -> dict[str, Candidate]:
    """Describe the tags in the order of their letters, each built a minute after the one before."""
    return {
        tag: Candidate(tag=tag, digest=DIGEST, created=BUILT + timedelta(minutes=minute), revision="c" * 40)
        for minute, tag in enumerate(sorted(question.tags))
    }


def asked(updater: dict[str, Any], *others: dict[str, Any]) -> tuple[StageReader, Item]:
    apps = others or (stored("images", "application-one-version"),)
    reader = read(STAGE, updater, *apps)
    return reader, row(reader, "ImageUpdater", part="app")


def listed(reader: StageReader, item: Item, ask: Ask) -> tuple[str, tuple[Branch, ...]]:
    (tree,) = [one for one in reader.details(item.ref, ask) if isinstance(one, Tree)]
    return tree.title, tree.branches


def test_every_tag_is_listed_with_what_refuses_it_and_the_picked_one_first() -> None:
    reader, item = asked(following())
    title, branches = listed(reader, item, answering(Tags=TAGS, Candidates=described))
    assert title == "Candidates (6)"
    assert [(one.text, one.note) for one in branches] == [
        ("1.0.5", "picked, built on 23 Nov 12:01Z, 0123456789ab, commit ccccccc"),
        ("1.0.4", "runs, older than 1.0.5, built on 23 Nov 12:00Z, 0123456789ab, commit ccccccc"),
        ("2.0.0", "outside 1.x"),
        ("1.1.0-rc1", "a prerelease, and the constraint 1.x names none"),
        ("v0.9", "outside 1.x"),
        ("latest", "not a semantic version"),
    ]
    assert branches[0].health is Health.HEALTHY


def test_a_candidate_that_does_not_run_yet_says_when_it_is_written() -> None:
    reader, item = asked(following())
    config = {"data": {"interval": "10m"}}
    ask = answering(Tags=TAGS, Candidates=described, Thing_ConfigMap=config)
    shown = facts(reader, item, "Image", ask)
    assert shown["candidate"] == "1.0.5"
    assert shown["differs"] == (
        "1.0.5 does not run yet, built on 23 Nov 12:01Z; next by 23 Nov 13:21Z (interval 10 min) "
        "(hold keeps it away)"
    )
    assert facts(reader, item, "Checks", ask)["next check"] == "next by 23 Nov 13:21Z (interval 10 min)"


@pytest.mark.parametrize("config", [{}, {"data": None}, {"data": {"interval": "soon"}}, {"data": []}, None])
def test_an_interval_that_is_not_told_is_guessed_and_said_to_be(config: Any) -> None:
    reader, item = asked(following())
    ask = answering(Tags=TAGS, Thing_ConfigMap=config)
    assert "if the interval is the default 2 min" in facts(reader, item, "Checks", ask)["next check"]


def test_a_candidate_that_runs_is_no_difference() -> None:
    reader, item = asked(following())
    ask = answering(Tags=["1.0.4", "1.0.3"], Candidates=described)
    shown = facts(reader, item, "Image", ask)
    assert shown["candidate"] == "1.0.4"
    assert not {"differs", "not allowed"} & shown.keys()


def test_a_tag_that_runs_and_is_not_allowed_is_said_to_be_perhaps_set_by_hand() -> None:
    reader, item = asked(following("2.x"))
    shown = facts(reader, item, "Image", answering(Tags=TAGS, Candidates=described))
    assert shown["not allowed"] == (
        "the rule refuses 1.0.4 (outside 2.x), so the next check may replace it; was it set by hand?"
    )
    assert shown["differs"].startswith("2.0.0 does not run yet")


def test_during_a_canary_all_that_run_are_marked() -> None:
    reader, item = asked(following(), stored("images", "application-in-canary"))
    ask = answering(Tags=["1.0.2", "1.0.4"], Candidates=described)
    _, branches = listed(reader, item, ask)
    assert all(one.note.startswith("runs, ") for one in branches)
    shown = facts(reader, item, "Image", ask)
    assert shown["runs"] == "1.0.2, 1.0.4"
    assert "several run" in shown
    assert "differs" not in shown


def test_while_the_registry_is_asked_that_is_said_and_nothing_else() -> None:
    reader, item = asked(following())
    found = {one.title: one for one in reader.details(item.ref, answering())}
    assert isinstance(found["Candidates"], Facts)
    assert [fact.value for fact in found["Candidates"].facts] == ["asking the registry…"]
    assert facts(reader, item, "Image", answering())["candidate"] == "asking the registry…"


REFUSALS = [
    (Denied("pull", IMAGE), f"may not pull {IMAGE} in all namespaces; ask for"),
    (Missing(f"{IMAGE} is not there"), f"{IMAGE} is not there; "),
    (Unreachable("no answer from registry.example"), "no answer from registry.example; check the network"),
]


@pytest.mark.parametrize(("trouble", "words"), REFUSALS)
def test_what_keeps_the_registry_from_being_asked_is_said(trouble: Exception, words: str) -> None:
    reader, item = asked(following())
    ask = answering(Tags=trouble)
    assert facts(reader, item, "Candidates", ask)["registry"].startswith(words)
    assert facts(reader, item, "Image", ask)["candidate"].startswith(words)
    assert "differs" not in facts(reader, item, "Image", ask)


def test_the_registry_is_asked_with_the_pull_secret_of_the_image_and_its_content_is_never_shown() -> None:
    reader, item = asked(following(pullSecret="secret:argocd/registry#token"))
    questions: list[Question[Any]] = []
    answers = answering(Tags=TAGS, Candidates=described)

    def ask(question: Question[Any]) -> Any:
        questions.append(question)
        return answers(question)

    assert facts(reader, item, "Image", ask)["pull secret"] == "secret:argocd/registry#token"
    tags = [one for one in questions if isinstance(one, Tags)]
    more = [one for one in questions if isinstance(one, Candidates)]
    assert [one.repository for one in (*tags, *more)] == [IMAGE, IMAGE]
    assert {one.credentials.source for one in (*tags, *more) if one.credentials} == {
        "secret:argocd/registry#token"
    }


def test_a_pull_secret_of_another_namespace_is_never_used() -> None:
    reader, item = asked(following(pullSecret="pullsecret:shop/registry"))
    questions: list[str] = []

    def ask(question: Question[Any]) -> Any:
        questions.append(type(question).__name__)
        return answering(Tags=TAGS)(question)

    assert facts(reader, item, "Candidates", ask)["registry"] == (
        "not asked: the pull secret is in namespace shop, which Image Updater refuses"
    )
    assert set(questions) == {"Thing"}


def newest(**settings: Any) -> dict[str, Any]:
    return following("", updateStrategy="newest-build", **settings)


def test_of_newest_build_only_the_tags_that_are_allowed_are_asked_about() -> None:
    reader, item = asked(newest(ignoreTags=["latest", "v*"]))
    about: list[tuple[str, ...]] = []

    def seen(question: Candidates) -> dict[str, Candidate]:
        about.append(question.tags)
        return described(question)

    ask = answering(Tags=TAGS, Candidates=seen)
    _, branches = listed(reader, item, ask)
    assert about == [("1.0.4", "1.0.5", "1.1.0-rc1", "2.0.0")]
    assert [(one.text, one.note.partition(", built on")[0]) for one in branches] == [
        ("2.0.0", "picked"),
        ("1.1.0-rc1", "built before 2.0.0"),
        ("1.0.5", "built before 2.0.0"),
        ("1.0.4", "runs, built before 2.0.0"),
        ("v0.9", "ignored by pattern v*"),
        ("latest", "held: ignored by its name until release"),
    ]
    assert facts(reader, item, "Image", ask)["held tags"] == "latest"


def test_while_ages_are_not_known_no_tag_is_picked() -> None:
    reader, item = asked(newest())
    ask = answering(Tags=["1.0.4", "1.0.5"])
    _, branches = listed(reader, item, ask)
    assert [(one.text, one.note) for one in branches] == [
        ("asking the registry…", ""),
        ("1.0.5", "allowed, its age is not known yet"),
        ("1.0.4", "runs, allowed, its age is not known yet"),
    ]
    assert facts(reader, item, "Image", ask)["candidate"] == "asking the registry…"


def test_ages_that_can_not_be_had_are_said_and_not_guessed() -> None:
    reader, item = asked(newest())
    ask = answering(Tags=["1.0.4"], Candidates=Unreachable("no answer"))
    assert facts(reader, item, "Image", ask)["candidate"].startswith(
        "when they were built is not known: no answer; "
    )


def test_of_too_many_tags_the_pick_is_called_a_guess() -> None:
    reader, item = asked(newest())
    many = [f"1.0.{number}" for number in range(100)]
    ask = answering(Tags=many, Candidates=described)
    title, branches = listed(reader, item, ask)
    assert title == "Candidates (100)"
    assert branches[0].text == (
        "a guess: only 60 of the tags were asked when they were built, 40 other tags may be newer"
    )
    assert branches[1].note.startswith("picked, if nothing newer is found")
    assert branches[-1].text.endswith(" more")
    assert any(one.text == "1.0.4" and one.note.startswith("runs") for one in branches)


def test_the_platform_that_decides_is_named_or_said_to_be_unknown() -> None:
    unknown = "that of the updater's own pod, which is not known here"
    for updater, words in (
        (newest(), unknown),
        (newest(platforms=["linux/arm64"]), "linux/arm64"),
        (following(), "do not count for semver"),
    ):
        reader, item = asked(updater)
        assert facts(reader, item, "Image")["platforms"] == words


DIGESTS = [
    (f"{IMAGE}:main@{DIGEST}", None),
    (f"{IMAGE}@{DIGEST}", None),
    (f"{IMAGE}:main@sha256:feed", "not all run digest sha256:0123456789ab, built on 23 Nov 12:00Z"),
    (f"{IMAGE}:main", "not all run digest sha256:0123456789ab, built on 23 Nov 12:00Z"),
]


@pytest.mark.parametrize(("live", "differs"), DIGESTS)
def test_a_digest_that_is_followed_is_compared_with_what_runs(live: str, differs: str | None) -> None:
    app = stored("images", "application-one-version", status__summary__images=[live])
    reader, item = asked(following("main", updateStrategy="digest"), app)
    ask = answering(Tags=["main", "dev"], Candidates=described)
    _, branches = listed(reader, item, ask)
    assert [one.text for one in branches] == ["main", "dev"]
    assert branches[1].note == "not main, whose digest is followed"
    said = facts(reader, item, "Image", ask).get("differs")
    assert (said is None) if differs is None else said.startswith(differs)


EMPTY = [
    (following("9.x"), TAGS, "none of 6 tags is allowed", ""),
    (following("9.x"), [], "no tags at all", ""),
    (
        following("x.y.z.1"),
        TAGS,
        "none of 6 tags is allowed",
        "x.y.z.1 is no constraint on versions, so nothing is picked",
    ),
]


@pytest.mark.parametrize(("updater", "tags", "text", "note"), EMPTY)
def test_where_no_tag_is_allowed_that_comes_first(
    updater: dict[str, Any], tags: list[str], text: str, note: str
) -> None:
    reader, item = asked(updater)
    _, branches = listed(reader, item, answering(Tags=tags, Candidates=described))
    assert (branches[0].text, branches[0].note, branches[0].health) == (text, note, Health.MISSING)


def test_of_hundreds_of_tags_the_best_are_listed_and_the_rest_counted() -> None:
    reader, item = asked(following())
    many = [f"1.0.{number}" for number in range(1, 301)]
    title, branches = listed(reader, item, answering(Tags=many, Candidates=described))
    assert title == "Candidates (300)"
    assert [one.text for one in branches[:2]] == ["1.0.300", "1.0.299"]
    assert [one.text for one in branches[50:]] == ["1.0.4", "249 more"]


def test_an_image_that_only_annotations_name_has_candidates_too() -> None:
    note = {"argocd-image-updater.argoproj.io/image-list": f"app={IMAGE}:1.x"}
    app = stored("images", "application-one-version", metadata__annotations=note)
    reader = read(STAGE, app)
    item = row(reader, "Application")
    ask = answering(Tags=TAGS, Candidates=described)
    assert facts(reader, item, "Image", ask)["candidate"] == "1.0.5"
    assert listed(reader, item, ask)[1][0].text == "1.0.5"
    assert facts(reader, item, "Annotations", ask)["image-list"] == f"app={IMAGE}:1.x"


def test_where_a_chosen_tag_goes_is_told_for_each_way_of_writing() -> None:
    git = {"method": "git:secret:argocd/creds", "gitConfig": {"pullRequest": {"github": {}}}}
    for back, told in (
        ({"method": "argocd"}, {"target": "the Application's own spec (Kustomize image {})"}),
        (
            git,
            {
                "credentials": "secret:argocd/creds",
                "repository": "https://git.example/demo.git",
                "branch": "main",
                "path": "overlays/prod",
                "target": ".argocd-source-demo.yaml",
                "pull request": "GitHub",
                "sets": "Kustomize image {}",
            },
        ),
    ):
        reader, item = asked(following(back=back))
        written = facts(reader, item, "Write-back")
        assert {name: written[name] for name in told} == {
            name: text.replace("{}", IMAGE) for name, text in told.items()
        }


HELM = {"repoURL": "https://me:secret@git.example/charts.git", "path": "charts", "helm": {}}
VALUES = {"repoURL": "https://git.example/values.git", "path": "values"}
SOURCES = [
    ({"sources": [VALUES, HELM]}, "https://git.example/charts.git", "charts"),
    ({"sources": [VALUES]}, "https://git.example/values.git", "values"),
    ({"source": None, "sourceHydrator": {"drySource": VALUES}}, "https://git.example/values.git", "values"),
    (None, None, None),
]


@pytest.mark.parametrize(("spec", "repository", "path"), SOURCES)
def test_the_source_that_is_written_to_is_told_without_its_password(
    spec: Any, repository: str | None, path: str | None
) -> None:
    app = stored("images", "application-one-version", spec=spec)
    reader, item = asked(following(back={"method": "git"}), app)
    written = facts(reader, item, "Write-back")
    assert (written["repository"], written["path"]) == (repository, path)


LEFT_ALONE = [
    ({"spec__sources": [{}, {}], "status__sourceTypes": ["Directory", "Directory"]}, None, True),
    ({"spec__sources": [{}, {}], "status__sourceTypes": ["Directory", "Helm"]}, None, False),
    ({"spec__sources": [{}, {}], "status__sourceTypes": None}, None, False),
    ({"status__sourceType": "Directory"}, {"method": "git"}, True),
    (
        {"status__sourceType": "Directory"},
        {"method": "git", "gitConfig": {"writeBackTarget": "my/values.yaml"}},
        False,
    ),
    (
        {"status__sourceType": "Directory"},
        {"method": "git", "gitConfig": {"writeBackTarget": "x/.argocd-source-a.yaml"}},
        True,
    ),
    (
        {"status__sourceType": "Directory"},
        {"method": "git", "gitConfig": {"writeBackTarget": "kustomization:/a"}},
        False,
    ),
]


@pytest.mark.parametrize(("changes", "back", "alone"), LEFT_ALONE)
def test_types_that_image_updater_does_not_write_are_known(
    changes: dict[str, Any], back: Any, alone: bool
) -> None:
    app = stored("images", "application-one-version", **changes)
    _, item = asked(following(back=back or {"method": "argocd"}), app)
    assert ("leaves it alone" in item.why) is alone
    assert (item.health is Health.MISSING) is alone


def test_more_than_one_target_is_refused() -> None:
    made = following()
    made["spec"]["applicationRefs"][0]["images"][0]["manifestTargets"] = {"helm": {}, "kustomize": {}}
    _, item = asked(made)
    assert item.health is Health.DEGRADED
    assert item.why.startswith(
        "More than one of helm, kustomize and plugin is to be written, so it is left out;"
    )


TARGETS = [
    ({"helm": {"name": "a.name", "tag": "a.tag"}}, "Helm a.name, a.tag"),
    ({"helm": {"spec": "a.image"}}, "Helm a.image"),
    ({"helm": {}}, "Helm image.name, image.tag"),
    ({"plugin": {"tag": "TAG"}}, "plugin TAG"),
    ({"kustomize": {}}, "Kustomize image of the same name"),
    ({}, "Kustomize image of the same name, or Helm image.name, image.tag"),
]


@pytest.mark.parametrize(("targets", "words"), TARGETS)
def test_what_is_set_is_told(targets: dict[str, Any], words: str) -> None:
    made = following()
    made["spec"]["applicationRefs"][0]["images"][0]["manifestTargets"] = targets
    reader, item = asked(made)
    assert facts(reader, item, "Write-back")["sets"] == words


VERIFIED = [
    ({"enabled": True}, Health.DEGRADED, None),
    ({"cosignKey": {"secretName": "keys", "key": "pub"}}, Health.HEALTHY, "secret argocd/keys"),
    ({"enabled": False}, Health.HEALTHY, None),
]


@pytest.mark.parametrize(("check", "health", "words"), VERIFIED)
def test_signatures_need_a_key(check: dict[str, Any], health: Health, words: str | None) -> None:
    reader, item = asked(changed(following(), spec__imagesVerification=check))
    assert item.health is health
    assert facts(reader, item, "Write-back").get("signature checked with") == words


def test_conditions_are_told_and_bad_ones_marked() -> None:
    made = stored("images", "lab/imageupdater-ready-reconcilingfalse-error")
    reader = read(STAGE, made)
    item = row(reader, "ImageUpdater")
    (checks,) = [one for one in reader.details(item.ref) if one.title == "Checks"]
    assert isinstance(checks, Facts)
    bad = {fact.name: fact.value for fact in checks.facts if fact.health is Health.DEGRADED}
    assert bad["condition Error"] == "True, PartialErrors, 1 errors"
    assert "condition Ready" not in bad


tags = st.lists(st.sampled_from([*TAGS, "", "a/b", "1.2", "é", "x" * 200, "[red]"]), max_size=6)
moments = st.none() | st.datetimes(timezones=st.just(UTC))
config = st.none() | st.dictionaries(st.just("data"), st.none() | st.dictionaries(st.just("interval"), tags))


@settings(deadline=None, max_examples=150)
@given(
    objects(IMAGE_UPDATER),
    objects(APPLICATION),
    tags,
    st.dictionaries(st.sampled_from(TAGS), moments),
    config,
)
def test_whatever_is_answered_the_details_never_raise(
    updater: Any, app: Any, found: list[str], built: dict[str, datetime | None], told: Any
) -> None:
    reader = read(STAGE, {"kind": "ImageUpdater", **updater}, {"kind": "Application", **app})
    answers = {tag: Candidate(tag=tag, created=moment) for tag, moment in built.items()}
    for ask in (
        answering(Tags=found, Candidates=answers, Thing_ConfigMap=told),
        answering(Tags=found, Candidates=Unreachable("no answer"), Thing_ConfigMap=Missing("gone")),
        answering(Tags=Unreachable("no answer")),
    ):
        assert all(reader.details(ref, ask) or "Can't read" in item.why for ref, item in reader.items.items())
