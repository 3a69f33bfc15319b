"""Images that annotations of an Application name: whose row they are, what they ask for, what is odd.

Keys and their meaning: ``argocd-image-updater@v1.3.0:pkg/argocd/annotations.go``.
"""

from __future__ import annotations

from typing import Any

import pytest
from changing import changed
from hypothesis import given, settings
from hypothesis import strategies as st
from image_updaters import IMAGE, following
from stage_readers import NOW, decoded, facts, read, reference, row, stored

from trombone_tui.core.objects.basics import Health, Meta
from trombone_tui.core.objects.image_updater import IMAGE_UPDATER
from trombone_tui.core.reader import StageReader
from trombone_tui.pipeline.images import STAGE
from trombone_tui.pipeline.images.annotations import Annotated, read_annotations

PREFIX = "argocd-image-updater.argoproj.io/"
LEGACY = {
    "image-list": f"app={IMAGE}:1.x, redis:7",
    "update-strategy": "newest-build",
    "allow-tags": "regexp:^v",
    "app.update-strategy": "semver",
    "app.ignore-tags": "*-rc*, 1.0.5",
    "app.force-update": "true",
    "app.pull-secret": "pullsecret:argocd/registry",
    "app.platforms": "linux/arm64",
    "app.kustomize.image-name": "demo",
    "write-back-method": "git:repocreds",
    "git-branch": "main:updates",
    "write-back-target": "kustomization",
}
NOBODY = (
    "No ImageUpdater in argocd reads its annotations (useAnnotations), and by themselves they do nothing "
    "since Image Updater 1.0; "
)


def app(said: dict[str, str] | None = None, **changes: Any) -> dict[str, Any]:
    notes = {f"{PREFIX}{key}": value for key, value in (LEGACY if said is None else said).items()}
    return stored("images", "application-one-version", metadata__annotations=notes, **changes)


def reading(**changes: Any) -> dict[str, Any]:
    made = changed(following(), **changes)
    made["spec"]["applicationRefs"] = [{"namePattern": "d*", "useAnnotations": True}]
    return made


def parts(reader: StageReader) -> set[tuple[str, str]]:
    return {(ref.kind, ref.part) for ref in reader.items}


def test_images_that_nobody_cares_for_are_rows_of_their_application() -> None:
    reader = read(STAGE, app())
    assert parts(reader) == {("Application", "app"), ("Application", "redis")}
    item = row(reader, "Application", part="app")
    assert item.health is Health.MISSING
    assert item.why == (
        NOBODY + "runs 1.0.4; the rule refuses 1.0.4 (not matched by allow-tags ^v), so the next check may "
        "replace it; follows 1.x by semver; holds back 1.0.5 (release lets go)."
    )
    assert (item.fields.image, item.fields.tag, item.fields.constraint) == (IMAGE, "1.0.4", "1.x")
    assert (item.fields.strategy, item.fields.held, item.fields.last_checked) == ("semver", "1.0.5", None)
    assert row(reader, "Application", part="redis").fields.strategy == "newest-build"


def test_an_application_without_annotations_is_no_row() -> None:
    assert read(STAGE, app({}), app({"allow-tags": "any"})).items == {}


def test_without_sight_of_image_updaters_it_is_not_said_that_nobody_reads_them() -> None:
    item = row(read(STAGE, app(), hidden=["ImageUpdater"]), "Application", part="app")
    assert item.health is Health.UNKNOWN
    assert item.why.startswith(
        "Whether anybody reads its annotations is not visible (Image Updater up to 0.18 does, unseen); runs"
    )


def test_where_an_image_updater_names_the_image_itself_the_annotation_makes_no_row() -> None:
    reader = read(STAGE, app(), following())
    assert parts(reader) == {("ImageUpdater", "app"), ("Application", "redis")}
    other = row(reader, "Application")
    assert other.why.startswith(
        "ImageUpdater demo names the images of demo itself, so the annotation is not read; no pod of demo"
    )


def test_an_image_updater_that_reads_annotations_has_a_row_for_each_image() -> None:
    reader = read(STAGE, app(), reading())
    assert parts(reader) == {
        ("ImageUpdater", ""),
        ("ImageUpdater", "demo/app"),
        ("ImageUpdater", "demo/redis"),
    }
    item = row(reader, "ImageUpdater", part="demo/app")
    assert (item.fields.tag, item.fields.constraint, item.fields.applications) == ("1.0.4", "1.x", 1)
    shown = facts(reader, item, "Image")
    assert (shown["ignored tags"], shown["allowed tags"], shown["pull secret"]) == (
        "*-rc*, 1.0.5",
        "regexp:^v",
        "pullsecret:argocd/registry",
    )
    written = facts(reader, item, "Write-back")
    assert (written["credentials"], written["branch"], written["sets"]) == (
        "repocreds",
        "main:updates",
        "Kustomize image demo",
    )


def test_a_reference_that_reads_annotations_passes_over_those_that_have_none() -> None:
    made = following()
    made["spec"]["applicationRefs"][0]["namePattern"] = "*"
    made["spec"]["applicationRefs"].append({"namePattern": "demo", "useAnnotations": True})
    assert parts(read(STAGE, app({}), made)) == {("ImageUpdater", "app"), ("ImageUpdater", "")}
    assert row(read(STAGE, app({}), made), "ImageUpdater", part="app").fields.applications == 1
    assert row(read(STAGE, app(), made), "ImageUpdater", part="app").fields.applications == 0


def test_one_that_reads_annotations_can_fight_too() -> None:
    other = changed(reading(), metadata__name="other", metadata__uid="other")
    reader = read(STAGE, app(), following("2.x"), other)
    assert row(reader, "ImageUpdater", "demo").why.startswith("Fights with other, ")
    assert row(reader, "ImageUpdater", "other", part="demo/app").why.startswith("Fights with demo, ")


TROUBLE = [
    ({"image-list": " , "}, "Image-list is empty, so Image Updater leaves demo out; "),
    ({"image-list": "app="}, "An image in image-list has no name, so Image Updater leaves demo out; "),
    (
        {"image-list": "app=a/b", "app.force-update": "yes"},
        "App.force-update is neither true nor false, so Image Updater leaves demo out; ",
    ),
    (
        {"image-list": "app=a/b", "app.kustomize.image-name": "a", "app.helm.image-tag": "b"},
        "Image app is to be written by Helm and by Kustomize, so Image Updater leaves demo out; ",
    ),
]


@pytest.mark.parametrize(("said", "why"), TROUBLE)
def test_what_image_updater_refuses_is_said(said: dict[str, str], why: str) -> None:
    reader = read(STAGE, app(said))
    item = row(reader, "Application")
    assert item.health is Health.DEGRADED
    assert item.why.startswith(why)
    assert facts(reader, item, "Annotations")["image-list"] == said["image-list"]


def test_an_image_updater_says_whose_annotations_it_can_not_read() -> None:
    reader = read(STAGE, app({"image-list": "app=a/b", "force-update": "yes"}), reading())
    item = row(reader, "ImageUpdater")
    assert len(reader.items) == 1
    assert item.health is Health.DEGRADED
    assert item.why.startswith(
        "Reads 0 images from annotations of 0 Applications, but can't read those of demo "
        "(force-update is neither true nor false); "
    )


def test_an_image_is_read_again_when_an_image_updater_takes_it_over() -> None:
    reader = read(STAGE, app())
    made = decoded(IMAGE_UPDATER, reading())
    ref = reference(IMAGE_UPDATER, made.metadata)
    reader.put(IMAGE_UPDATER, ref, made)
    reader.refresh()
    assert {kind for kind, _ in parts(reader)} == {"ImageUpdater"}
    reader.drop(IMAGE_UPDATER, ref)
    reader.refresh()
    assert {kind for kind, _ in parts(reader)} == {"Application"}


def test_images_with_equal_names_stay_apart() -> None:
    said = {"image-list": "a/b:1.x, a/b:2.x, c=a/b:3.x"}
    assert parts(read(STAGE, app(said))) == {
        ("Application", "a/b"),
        ("Application", "a/b#2"),
        ("Application", "c"),
    }


def test_helm_parameters_are_read() -> None:
    said = {"image-list": "app=a/b", "app.helm.image-name": "image.repository", "app.helm.image-tag": "tag"}
    made = read_annotations(Meta(annotations={f"{PREFIX}{key}": value for key, value in said.items()}))
    assert isinstance(made, Annotated)
    targets = made.images[0].manifest_targets
    assert targets is not None
    assert targets.helm is not None
    assert (targets.helm.name, targets.helm.tag, targets.kustomize) == ("image.repository", "tag", None)


texts = st.sampled_from(
    ["", " ", "true", "a/b", "x=a/b:1.x, y=", "=", "a=b=c", "regexp:(", "git", "*", "é\x1b", "digest"]
)
keys = st.sampled_from(
    [*LEGACY, "x.helm.image-name", "x.update-strategy", "x.force-update", "x.ignore-tags", "git-repository"]
)


@settings(deadline=None, max_examples=150)
@given(st.dictionaries(keys, texts, max_size=6), texts, st.booleans(), st.booleans())
def test_any_annotations_become_rows_and_never_an_error(
    said: dict[str, str], listed: str, seen: bool, followed: bool
) -> None:
    updaters = [reading()] if followed else []
    hidden = () if seen else ("ImageUpdater", "Application")
    reader = read(STAGE, app({**said, "image-list": listed}), *updaters, hidden=hidden, now=NOW)
    assert reader.items
    for ref, item in reader.items.items():
        assert item.why.endswith(".")
        assert reader.details(ref)
