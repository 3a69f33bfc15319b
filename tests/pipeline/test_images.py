"""ImageUpdater: what is tracked, what runs, how the last check went, and when the next one is guessed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from changing import changed
from stage_readers import decoded, facts, read, reference, row, stored

from trombone_tui.core.objects.argo_cd import APPLICATION
from trombone_tui.core.objects.basics import Health
from trombone_tui.pipeline.images import STAGE

CHECKED = "checked on 23 Nov 13:11Z, next by 23 Nov 13:13Z if the interval is the default 2 min."


def updater(**changes):
    return stored("images", "image-updater", **changes)


def app(name="demo", images=("registry.example:5000/demo/app:1.0.4",), namespace="argocd", **changes):
    base = {
        "kind": "Application",
        "metadata": {"name": name, "namespace": namespace, "uid": f"{namespace}-{name}"},
        "status": {"summary": {"images": list(images)}},
    }
    return changed(base, **changes)


def tracking(*refs, **changes):
    return updater(spec={"applicationRefs": list(refs)}, **changes)


def image(alias="app", name="registry.example:5000/demo/app:1.x", **settings):
    return {"alias": alias, "imageName": name, "commonUpdateSettings": settings or None}


def ref(pattern="demo", *images, **more):
    return {"namePattern": pattern, "images": list(images or (image(),)), **more}


def test_what_real_controllers_wrote_is_told_as_it_is():
    item = row(
        read(STAGE, updater(), stored("images", "application-one-version")), "ImageUpdater", part="app"
    )
    assert item.health is Health.HEALTHY
    assert item.why == (
        "Runs 1.0.4; follows 1.x by semver; last update to 1.0.5 on 23 Nov 13:07Z, which does not run now "
        "(hold keeps it from being written again); " + CHECKED
    )
    fields = item.fields
    assert (fields.image, fields.tag, fields.constraint) == ("registry.example:5000/demo/app", "1.0.4", "1.x")
    assert fields.candidate is None
    assert fields.last_checked == datetime(2026, 11, 23, 13, 11, 5, tzinfo=UTC)
    assert (fields.next_check, fields.next_check_is_guess) == (
        datetime(2026, 11, 23, 13, 13, 5, tzinfo=UTC),
        True,
    )
    assert (fields.alias, fields.strategy, fields.last_version, fields.applications) == (
        "app",
        "semver",
        "1.0.5",
        1,
    )
    assert (item.brief, item.joins) == ("1.0.4", ("image/registry.example:5000/demo/app",))


def test_during_a_canary_all_versions_that_run_are_named():
    item = row(read(STAGE, updater(), stored("images", "application-in-canary")), "ImageUpdater")
    assert item.fields.tag == "1.0.2, 1.0.4"
    assert item.why.startswith("Runs 1.0.2, 1.0.4; ")


def test_versions_are_ordered_by_their_numbers():
    live = [f"registry.example:5000/demo/app:1.0.{n}" for n in (10, 9)] + ["other/app:3", "sidecar"]
    assert row(read(STAGE, updater(), app(images=live)), "ImageUpdater").fields.tag == "1.0.9, 1.0.10"


def test_one_repository_of_docker_hub_is_recognised_however_it_is_written():
    one = tracking(ref("demo", image(name="docker.io/library/nginx")))
    item = row(read(STAGE, one, app(images=["nginx:1.27"])), "ImageUpdater")
    assert (item.fields.tag, item.joins) == ("1.27", ("image/nginx",))


def test_an_image_known_by_digest_only_is_shown_by_its_start():
    live = ["registry.example:5000/demo/app@sha256:0123456789abcdef"]
    assert row(read(STAGE, updater(), app(images=live)), "ImageUpdater").fields.tag == "0123456789ab"


CHECKS = [
    (
        {"status": None},
        Health.UNKNOWN,
        "No status: it was not checked yet, or Image Updater is older than 1.2; ",
    ),
    (
        {
            "status__conditions": [
                {"type": "Ready", "status": "True", "reason": "ReconcileCompletedWithErrors"},
                {"type": "Error", "status": "True", "reason": "PartialErrors", "message": "1 error."},
            ]
        },
        Health.DEGRADED,
        "Part of the last check failed: 1 error (PartialErrors); runs 1.0.4; ",
    ),
    (
        {"status__conditions": [{"type": "Error", "status": "True", "reason": "ReconcileError"}]},
        Health.DEGRADED,
        "The last check failed: ReconcileError; ",
    ),
    (
        {"status__conditions": [{"type": "Ready", "status": "False"}]},
        Health.DEGRADED,
        "The last check failed: no reason given; ",
    ),
    ({"metadata__generation": 2}, Health.PROGRESSING, "Its newest spec was not checked yet; "),
    ({"status__lastCheckedAt": None}, Health.PROGRESSING, "The first check is not done; "),
    (
        {"status__conditions": [{"type": "Ready", "status": "Unknown"}]},
        Health.UNKNOWN,
        "Whether the last check went well is not said; ",
    ),
    ({"status__conditions": []}, Health.UNKNOWN, "Whether the last check went well is not said; "),
]


@pytest.mark.parametrize(("changes", "health", "why"), CHECKS)
def test_an_error_counts_even_where_ready_is_true(changes, health, why):
    item = row(read(STAGE, updater(**changes), app()), "ImageUpdater")
    assert item.health is health
    assert item.why.startswith(why)
    assert item.fields.tag == "1.0.4"


def test_without_a_status_no_time_is_made_up():
    fields = row(read(STAGE, updater(status=None), app()), "ImageUpdater").fields
    assert (fields.last_checked, fields.next_check, fields.next_check_is_guess) == (None, None, None)
    assert (fields.last_version, fields.last_update) == (None, None)


def test_a_check_at_the_end_of_the_calendar_has_no_next_one():
    item = row(read(STAGE, updater(status__lastCheckedAt="9999-12-31T23:59:59Z"), app()), "ImageUpdater")
    assert item.fields.next_check is None
    assert item.why.endswith("checked on 31 Dec 23:59Z.")


LIVE = [
    ([], (), Health.MISSING, "No Application in argocd fits demo; "),
    ([], ("Application",), Health.UNKNOWN, "Which version runs is not visible (applications); "),
    ([app(images=[])], (), Health.UNKNOWN, "No pod of demo is seen to run it; "),
    ([app(status=None)], (), Health.UNKNOWN, "No pod of demo is seen to run it; "),
    ([app(namespace="other")], (), Health.MISSING, "No Application in argocd fits demo; "),
]


@pytest.mark.parametrize(("apps", "hidden", "health", "why"), LIVE)
def test_what_runs_is_never_guessed(apps, hidden, health, why):
    item = row(read(STAGE, updater(), *apps, hidden=hidden), "ImageUpdater")
    assert (item.health, item.fields.tag, item.brief) == (health, None, "")
    assert item.why.startswith(why)


def test_an_image_that_no_pod_runs_is_never_updated_unless_forced():
    item = row(read(STAGE, tracking(ref()), app(images=["other:1"])), "ImageUpdater")
    assert item.health is Health.MISSING
    assert item.why.startswith("No pod of demo runs it, so it is not updated (forceUpdate is off); ")


def test_an_application_is_looked_at_again_when_what_runs_changes():
    reader = read(STAGE, updater(), app())
    before = row(reader, "ImageUpdater")
    for obj in (
        app(status__reconciledAt="2026-11-23T13:19:00Z"),
        app(images=["registry.example:5000/demo/app:2"]),
    ):
        made = decoded(APPLICATION, obj)
        reader.put(APPLICATION, reference(APPLICATION, made.metadata), made)
        reader.refresh()
        tags = row(reader, "ImageUpdater").fields.tag
        assert (tags == "2") is (row(reader, "ImageUpdater") is not before)


RULES = [
    (image(), "follows 1.x by semver"),
    (image(name="a/b"), "follows any release by semver"),
    (image(name="a/b:main", updateStrategy="digest"), "follows the digest of main"),
    (image(name="a/b", updateStrategy="digest"), "follows no tag, which digest can't do"),
    (image(name="a/b", updateStrategy="newest-build"), "follows newest-build"),
    (
        image(name="a/b:1.x", updateStrategy="newest-build"),
        "follows newest-build, constraint 1.x does not count",
    ),
]


@pytest.mark.parametrize(("one", "rule"), RULES)
def test_the_rule_says_what_is_followed(one, rule):
    reader = read(STAGE, tracking(ref("demo", one)), app())
    item = row(reader, "ImageUpdater")
    assert f"; {rule}; " in item.why
    assert facts(reader, item, "Image")["rule"] == rule


def test_the_innermost_setting_that_says_something_counts():
    spec = {
        "commonUpdateSettings": {
            "updateStrategy": "alphabetical",
            "allowTags": "regexp:^v",
            "forceUpdate": True,
        },
        "applicationRefs": [
            ref(
                "demo",
                image("a", "x/a"),
                image("b", "x/b", updateStrategy="digest", ignoreTags=["rc*"]),
                commonUpdateSettings={"updateStrategy": "newest-build"},
            )
        ],
    }
    reader = read(STAGE, updater(spec=spec), app(images=["x/a:1"]))
    one, other = (row(reader, "ImageUpdater", part=alias) for alias in "ab")
    assert (one.fields.strategy, other.fields.strategy) == ("newest-build", "digest")
    assert facts(reader, one, "Image")["allowed tags"] == "regexp:^v"
    assert facts(reader, other, "Image")["ignored tags"] == "rc*"
    assert facts(reader, other, "Image")["when no pod runs it"] == "updated all the same"
    assert (one.health, other.health) == (Health.HEALTHY, Health.DEGRADED)


def test_every_tracked_image_is_a_row_also_where_aliases_repeat():
    reader = read(
        STAGE,
        tracking(
            ref("demo", image("app"), image("app", "x/two"), image("app", "x/three"), image("")),
            ref("web", image("app", "x/four")),
        ),
        app(),
    )
    assert {item.ref.part for item in reader.items.values()} == {
        "app",
        "demo/app",
        "demo/app#2",
        "demo/",
        "web/app",
    }


PATTERNS = [
    ("demo", {}, {"demo"}),
    ("d*", {}, {"demo", "demo-2"}),
    ("demo?2", {}, {"demo-2"}),
    ("[", {}, set()),
    ("[^d]*", {}, {"web"}),
    ("[!d]*", {}, {"demo", "demo-2"}),
    ("", {}, set()),
    ("*", {"matchLabels": {"team": "a"}}, {"demo"}),
    ("*", {"matchExpressions": [{"key": "team", "operator": "In", "values": ["a", "b"]}]}, {"demo", "web"}),
    ("*", {"matchExpressions": [{"key": "team", "operator": "NotIn", "values": ["a"]}]}, {"demo-2", "web"}),
    ("*", {"matchExpressions": [{"key": "team", "operator": "Exists"}]}, {"demo", "web"}),
    ("*", {"matchExpressions": [{"key": "team", "operator": "DoesNotExist"}]}, {"demo-2"}),
    ("*", {"matchExpressions": [{"key": "team", "operator": "Odd"}]}, set()),
]


@pytest.mark.parametrize(("pattern", "selector", "names"), PATTERNS)
def test_applications_are_matched_by_glob_and_labels(pattern, selector, names):
    apps = [
        app("demo", metadata__labels={"team": "a"}),
        app("demo-2"),
        app("web", metadata__labels={"team": "b"}),
        app("demo", namespace="other"),
    ]
    reader = read(STAGE, tracking(ref(pattern, labelSelectors=selector)), *apps)
    found = facts(reader, row(reader, "ImageUpdater"), "Image")["Applications"]
    assert set((found or "").split(", ")) - {"none"} == names


def test_an_application_belongs_to_the_reference_that_fits_best():
    refs = [
        ref("*", image("any")),
        ref("sh*", image("some")),
        ref("*", image("labelled"), labelSelectors={"matchLabels": {"team": "a"}}),
        ref("shop", image("exact")),
    ]
    apps = [
        app("shop", metadata__labels={"team": "a"}),
        app("shell", metadata__labels={"team": "a"}),
        app("shed"),
        app("web"),
    ]
    reader = read(STAGE, tracking(*refs), *apps)
    owned = {
        part: facts(reader, row(reader, "ImageUpdater", part=part), "Image")["Applications"]
        for part in ("any", "some", "labelled", "exact")
    }
    assert owned == {"any": "web", "some": "shed", "labelled": "shell", "exact": "shop"}


ANNOTATED = {"argocd-image-updater.argoproj.io/image-list": "app=r.io/api:1.x, r.io/web,"}

WHOLE = [
    (
        [app(metadata__annotations=ANNOTATED)],
        (),
        Health.HEALTHY,
        "Reads 2 images from annotations of 1 Application",
    ),
    ([app()], (), Health.MISSING, "No image is listed in annotations of 1 Application"),
    ([], (), Health.MISSING, "No Application in argocd fits its patterns"),
    ([], ("Application",), Health.UNKNOWN, "Which images it reads is not visible (applications)"),
]


@pytest.mark.parametrize(("apps", "hidden", "health", "why"), WHOLE)
def test_an_updater_that_reads_annotations_says_of_how_many(apps, hidden, health, why):
    reader = read(STAGE, tracking({"namePattern": "demo", "useAnnotations": True}), *apps, hidden=hidden)
    item = row(reader, "ImageUpdater", part="")
    assert item.health is health
    assert item.why == f"{why}; {CHECKED}"
    assert (item.fields.image, item.fields.tag) == (None, None)


def test_images_in_annotations_join_the_services_that_run_them():
    reader = read(
        STAGE,
        tracking({"namePattern": "demo", "useAnnotations": True}, ref("web")),
        app(metadata__annotations=ANNOTATED),
    )
    assert row(reader, "ImageUpdater", part="").joins == ("image/r.io/api", "image/r.io/web")
    assert {item.ref.part for item in reader.items.values()} == {"", "app", "demo/app", "demo/r.io/web"}


@pytest.mark.parametrize(
    "spec", [None, {}, {"applicationRefs": []}, {"applicationRefs": [{"namePattern": "d"}]}]
)
def test_an_updater_that_names_no_image_is_one_row_that_says_so(spec):
    item = row(read(STAGE, updater(spec=spec), app()), "ImageUpdater")
    assert (item.ref.part, item.health) == ("", Health.UNKNOWN)
    assert item.why.startswith("It names no image; ")


def test_an_image_without_a_name_is_a_row_that_says_so():
    item = row(read(STAGE, tracking(ref("demo", {"alias": "app"})), app()), "ImageUpdater")
    assert (item.health, item.joins) == (Health.UNKNOWN, ())
    assert item.why.startswith("Image app has no name; ")


UPDATES = [
    ([{"alias": "app", "newVersion": "1.0.4"}], "last update to 1.0.4; "),
    ([{"alias": "app"}], None),
    ([{"alias": "other", "newVersion": "9"}], None),
    ([{"alias": "app", "image": "x/other", "newVersion": "9"}], None),
    (
        [
            {"alias": "app", "newVersion": "1.0.3", "updatedAt": "2026-11-23T13:01:00Z"},
            {"alias": "app", "newVersion": "1.0.4", "updatedAt": "2026-11-23T13:02:00Z"},
            {"alias": "app", "newVersion": "1.0.9"},
        ],
        "last update to 1.0.4 on 23 Nov 13:02Z; ",
    ),
]


@pytest.mark.parametrize(("updates", "words"), UPDATES)
def test_the_last_update_is_the_newest_of_this_image(updates, words):
    item = row(read(STAGE, updater(status__recentUpdates=updates), app()), "ImageUpdater")
    assert (words or CHECKED) in item.why
    assert ("last update" in item.why) is (words is not None)


def test_the_details_say_how_it_is_checked_and_where_it_is_written():
    reader = read(STAGE, updater(), app())
    item = row(reader, "ImageUpdater")
    checks = facts(reader, item, "Checks")
    assert checks["how it went"] == "well"
    assert checks["next check"] == (
        "next by 23 Nov 13:13Z if the interval is the default 2 min; overdue by 6 min 55 s: "
        "is Image Updater running?"
    )
    written = facts(reader, item, "Write-back")
    assert (written["written by"], written["branch"]) == ("git:repocreds", "main")
    assert written["target"] == "kustomization:/overlays/prod"
    assert facts(reader, item, "Last updates") == {
        "app 1.0.5": "on 23 Nov 13:07Z, Updated from 1.0.4 to 1.0.5."
    }


def test_what_an_application_reference_says_of_writing_counts_before_the_whole():
    inner = ref("demo", writeBackConfig={"method": "argocd"})
    updates = [{"newVersion": "1"}]
    spec = {"applicationRefs": [inner], "writeBackConfig": {"method": "git"}}
    reader = read(STAGE, updater(spec=spec, status__recentUpdates=updates), hidden=["Application"])
    item = row(reader, "ImageUpdater")
    assert facts(reader, item, "Write-back")["written by"] == "argocd"
    assert facts(reader, item, "Image")["Applications"] is None
    assert facts(reader, item, "Last updates") == {"? 1": "time unknown"}


def test_the_details_of_an_updater_without_status_or_spec_say_what_is_not_known():
    reader = read(STAGE, updater(spec=None, status=None))
    checks = facts(reader, row(reader, "ImageUpdater"), "Checks")
    assert (checks["last check"], checks["next check"]) == (None, None)
