"""What holds an image, in one sentence; objects as Image Updater 1.3.0 and Argo CD 3.2 write them.

``image-updater.yaml`` and the Applications beside it were written by controllers; a case says what it
changes. Conditions: ``argocd-image-updater@v1.3.0:internal/controller/status.go``.
"""

from __future__ import annotations

from typing import Any

import pytest
from changing import changed
from image_updaters import IMAGE, following
from stage_readers import decoded, facts, read, reference, row, stored

from trombone_tui.core.objects.basics import Health
from trombone_tui.core.objects.image_updater import IMAGE_UPDATER
from trombone_tui.pipeline.images import STAGE

CHECKED = "; checked on 23 Nov 13:11Z, next by 23 Nov 13:13Z if the interval is the default 2 min."
DAMAGED, GONE, WELL, UNSURE, MOVING = (
    Health.DEGRADED,
    Health.MISSING,
    Health.HEALTHY,
    Health.UNKNOWN,
    Health.PROGRESSING,
)


def app(**changes: Any) -> dict[str, Any]:
    return stored("images", "application-one-version", **changes)


def condition(name: str, status: str, reason: str, message: str = "") -> dict[str, Any]:
    moment = "2026-11-23T13:11:05Z"
    return {
        "type": name,
        "status": status,
        "reason": reason,
        "message": message,
        "lastTransitionTime": moment,
    }


def saying(*conditions: dict[str, Any]) -> dict[str, Any]:
    return changed(following(), status__conditions=list(conditions))


READY = condition("Ready", "True", "ReconcileSucceeded", "Reconciled 1 applications, 0 images updated.")
PARTLY = condition("Ready", "True", "ReconcileCompletedWithErrors")
ERRORS = condition("Error", "True", "PartialErrors", "2 error(s) occurred during image update checks.")
FAILED = condition("Ready", "False", "ReconcileFailed", "Reconciliation failed: invalid pattern")
BROKEN = condition("Error", "True", "ReconcileError", "invalid application name pattern '[': syntax error")
BUSY = condition("Reconciling", "True", "Reconciling", "Image update check in progress.")

FOLLOWS = "; follows 1.x by semver"
RUNS = "Runs 1.0.4" + FOLLOWS

SITUATIONS = [
    ("all is well", following(), app(), WELL, RUNS + CHECKED),
    (
        "a canary runs two tags",
        following(),
        stored("images", "application-in-canary"),
        WELL,
        "Runs 1.0.2, 1.0.4" + FOLLOWS + CHECKED,
    ),
    (
        "a tag that was set by hand is outside the constraint",
        following("2.x"),
        app(),
        WELL,
        "Runs 1.0.4; the rule refuses 1.0.4 (outside 2.x), so the next check may replace it; "
        "follows 2.x by semver" + CHECKED,
    ),
    (
        "a prerelease runs that the constraint does not take",
        following(),
        app(status__summary__images=[f"{IMAGE}:1.1.0-rc1"]),
        WELL,
        "Runs 1.1.0-rc1; the rule refuses 1.1.0-rc1 (a prerelease, and the constraint 1.x names none), so "
        "the next check may replace it" + FOLLOWS + CHECKED,
    ),
    (
        "a tag is held back, and another runs",
        following(ignoreTags=["1.0.5", "*-rc*"]),
        app(),
        WELL,
        RUNS + "; holds back 1.0.5 (release lets go)" + CHECKED,
    ),
    (
        "the tag that runs is held back",
        following(ignoreTags=["1.0.4"]),
        app(),
        WELL,
        "Runs 1.0.4; the rule refuses 1.0.4 (held: ignored by its name until release), so the next check may "
        "replace it" + FOLLOWS + "; holds back 1.0.4 (release lets go)" + CHECKED,
    ),
    (
        "the last update was written and does not run, as after an abort",
        stored("images", "image-updater"),
        app(),
        WELL,
        RUNS + "; last update to 1.0.5 on 23 Nov 13:07Z, which does not run now "
        "(hold keeps it from being written again)" + CHECKED,
    ),
    (
        "the constraint is none",
        following("one.x"),
        app(),
        DAMAGED,
        "One.x is no constraint on versions, so nothing is picked; runs 1.0.4; follows one.x by semver"
        + CHECKED,
    ),
    (
        "digest without a tag",
        following("", updateStrategy="digest"),
        app(),
        DAMAGED,
        "Digest is followed but no tag is named, so nothing is picked; runs 1.0.4; follows no tag, which "
        "digest can't do" + CHECKED,
    ),
    (
        "an expression that Go can't read",
        following(allowTags="regexp:^(?!dev)"),
        app(),
        DAMAGED,
        "Allow-tags regexp:^(?!dev) can't be read, so no tag is allowed; " + RUNS.lower() + CHECKED,
    ),
    (
        "a strategy that nobody knows",
        following(updateStrategy="newest"),
        app(),
        WELL,
        RUNS + ", for nobody knows the strategy newest" + CHECKED,
    ),
    (
        "the pull secret is in another namespace",
        following(pullSecret="pullsecret:shop/registry"),
        app(),
        DAMAGED,
        "Its pull secret is in namespace shop, and Image Updater reads those of argocd only; "
        + RUNS.lower()
        + CHECKED,
    ),
    (
        "a write-back method that nobody knows",
        following(back={"method": "svn"}),
        app(),
        DAMAGED,
        "Nobody knows the write-back method svn, so nothing is written; " + RUNS.lower() + CHECKED,
    ),
    (
        "a pull request to a target branch",
        following(back={"method": "git", "gitConfig": {"branch": "main:x", "pullRequest": {"github": {}}}}),
        app(),
        DAMAGED,
        "A pull request takes a base branch only, not base:target, so nothing is written; "
        + RUNS.lower()
        + CHECKED,
    ),
    (
        "a pull request to nowhere",
        following(back={"method": "git", "gitConfig": {"pullRequest": {}}}),
        app(),
        DAMAGED,
        "A pull request goes to either github or gitlab, so nothing is written; " + RUNS.lower() + CHECKED,
    ),
    (
        "a bare kustomization file as target",
        following(back={"method": "git", "gitConfig": {"writeBackTarget": "/prod/kustomization.yaml"}}),
        app(),
        DAMAGED,
        "Write-back target /prod/kustomization.yaml needs kustomization: before it, so nothing is written; "
        + RUNS.lower()
        + CHECKED,
    ),
    (
        "plain manifests, which Image Updater does not write",
        following(back={"method": "argocd"}),
        app(status__sourceType="Directory"),
        GONE,
        "Demo is neither Helm, Kustomize nor a plugin, so Image Updater leaves it alone" + FOLLOWS + CHECKED,
    ),
    (
        "no pod runs it and it is not forced",
        following(force=False),
        app(status__summary__images=["other/app:1"]),
        GONE,
        "No pod of demo runs it, so it is not updated (forceUpdate is off)" + FOLLOWS + CHECKED,
    ),
    (
        "no pod runs it but it is forced",
        following(),
        app(status__summary=None),
        UNSURE,
        "No pod of demo is seen to run it" + FOLLOWS + CHECKED,
    ),
    (
        "part of a check failed though Ready is True",
        saying(PARTLY, ERRORS),
        app(),
        DAMAGED,
        "Part of the last check failed: 2 error(s) occurred during image update checks (PartialErrors); "
        + RUNS.lower()
        + CHECKED,
    ),
    (
        "a check failed as a whole",
        saying(FAILED, BROKEN),
        app(),
        DAMAGED,
        "The last check failed: invalid application name pattern '[': syntax error (ReconcileError); "
        + RUNS.lower()
        + CHECKED,
    ),
    (
        "a check is running",
        saying(READY, BUSY),
        app(),
        WELL,
        RUNS + "; checked on 23 Nov 13:11Z, being checked again since 23 Nov 13:11Z.",
    ),
    (
        "the spec is newer than the last check",
        changed(following(), metadata__generation=2),
        app(),
        MOVING,
        "Its newest spec was not checked yet; " + RUNS.lower() + CHECKED,
    ),
    (
        "it is being deleted",
        changed(following(), metadata__deletionTimestamp="2026-11-23T13:12:00Z"),
        app(),
        MOVING,
        "It is being deleted, so it is not checked any more; " + RUNS.lower() + CHECKED,
    ),
]


@pytest.mark.parametrize(
    ("updater", "application", "health", "why"),
    [case[1:] for case in SITUATIONS],
    ids=[case[0] for case in SITUATIONS],
)
def test_the_why_says_what_holds_an_image(
    updater: dict[str, Any], application: dict[str, Any], health: Health, why: str
) -> None:
    item = row(read(STAGE, updater, application), "ImageUpdater")
    assert item.why == why
    assert item.health is health


def rival(name: str = "other", tag: str = "2.x", pattern: str = "d*", **settings: Any) -> dict[str, Any]:
    made = changed(following(tag, **settings), metadata__name=name, metadata__uid=name)
    made["spec"]["applicationRefs"][0]["namePattern"] = pattern
    return made


def test_two_that_track_one_image_by_two_rules_fight_and_both_say_so() -> None:
    reader = read(STAGE, following(), rival(), app())
    for name, other in (("demo", "other"), ("other", "demo")):
        item = row(reader, "ImageUpdater", name)
        assert item.health is Health.DEGRADED
        assert item.why.startswith(
            f"Fights with {other}, which tracks it for demo by another rule; runs 1.0.4; "
        )
        assert item.fields.rivals == other
        assert facts(reader, item, "Image")["trouble"].startswith(f"fights with {other}")


def test_a_fight_ends_when_one_of_them_changes_its_rule() -> None:
    reader = read(STAGE, following(), rival(), app())
    assert row(reader, "ImageUpdater", "demo").health is Health.DEGRADED
    made = decoded(IMAGE_UPDATER, rival(tag="1.x"))
    reader.put(IMAGE_UPDATER, reference(IMAGE_UPDATER, made.metadata), made)
    reader.refresh()
    item = row(reader, "ImageUpdater", "demo")
    assert item.health is Health.HEALTHY
    assert facts(reader, item, "Image")["also tracked by"] == "other, by the same rule"


PEACE = [
    ("another namespace", changed(rival(), metadata__namespace="elsewhere")),
    ("another application", rival(pattern="web")),
    ("another name that looks alike", rival(pattern="[^d]emo")),
    ("the same rule, written otherwise", rival(tag="1.x", allowTags="any")),
]


@pytest.mark.parametrize("other", [case[1] for case in PEACE], ids=[case[0] for case in PEACE])
def test_those_that_do_not_meet_do_not_fight(other: dict[str, Any]) -> None:
    item = row(read(STAGE, following(), other, app()), "ImageUpdater", "demo")
    assert (item.health, item.fields.rivals) == (Health.HEALTHY, None)


def test_of_many_rivals_some_are_named_and_the_rest_counted() -> None:
    others = [rival(f"other-{number}") for number in range(5)]
    item = row(read(STAGE, following(), *others, app()), "ImageUpdater", "demo")
    assert item.why.startswith("Fights with other-0, other-1, other-2 and 2 more, which tracks it for demo ")


def test_the_default_of_an_inner_block_that_replaces_an_outer_strategy_is_pointed_out() -> None:
    made = changed(following(), spec__commonUpdateSettings={"updateStrategy": "newest-build"})
    reader = read(STAGE, made, app())
    item = row(reader, "ImageUpdater")
    assert item.fields.strategy == "semver"
    said = facts(reader, item, "Image")["strategy"]
    assert said == "semver, which replaces the outer newest-build (a default counts too)"


SPECIFIC = [
    (["*", "d*"], "d*"),
    (["d*", "demo"], "demo"),
    (["[d]*", "d*"], "d*"),
    (["de*", "dem*", "d*"], "dem*"),
    (["de?o", "d*"], "de?o"),
]


@pytest.mark.parametrize(("patterns", "wins"), SPECIFIC)
def test_the_most_specific_reference_counts(patterns: list[str], wins: str) -> None:
    made = following()
    (ref,) = made["spec"]["applicationRefs"]
    refs = [changed(ref, namePattern=pattern) for pattern in patterns]
    for one in refs:
        one["images"] = [dict(one["images"][0], alias=one["namePattern"])]
    made["spec"]["applicationRefs"] = refs
    reader = read(STAGE, made, app())
    owned = {
        item.fields.alias: item.fields.applications
        for item in reader.items.values()
        if item.fields.applications
    }
    assert owned == {wins: 1}


def test_labels_count_before_letters_and_more_labels_before_fewer() -> None:
    made = following()
    (ref,) = made["spec"]["applicationRefs"]
    refs = []
    for alias, pattern, labels in (
        ("letters", "dem*", None),
        ("one", "*", {"team": "a"}),
        ("two", "*", {"team": "a", "tier": "web"}),
    ):
        one = changed(ref, namePattern=pattern, labelSelectors=labels and {"matchLabels": labels})
        one["images"] = [dict(one["images"][0], alias=alias)]
        refs.append(one)
    made["spec"]["applicationRefs"] = refs
    reader = read(STAGE, made, app(metadata__labels={"team": "a", "tier": "web"}))
    assert {item.fields.alias for item in reader.items.values() if item.fields.applications} == {"two"}
