"""A tracked image's candidates and rules, against the lab's registry and what the stand-in updater picks."""

from __future__ import annotations

import secrets
import urllib.request
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from asking import Apply, Kubectl
from config_repository import application
from lab import registry
from lab.running import Lab
from lab.stand_in_image_updater import pick
from patience import until
from telling import Told, told
from watching import Follow, Seen

from trombone_tui.core.details import Branch
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.stage import Item

pytestmark = [
    pytest.mark.needs("argocd", "images"),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(120),
]

KIND = "imageupdaters.argocd-image-updater.argoproj.io"
ACCEPT = "application/vnd.oci.image.manifest.v1+json"
NEWEST = datetime(2026, 3, 1, 12, tzinfo=UTC)
TAGS = ("0.9.0", "1.0.0", "1.2.0", "1.10.0", "1.11.0-rc.1", "2.0.0", "latest", "1.9.0-debug")
"""The later in this list, the older: the newest by name, by version and by age are three different tags."""
BUILT = {tag: NEWEST - timedelta(hours=number) for number, tag in enumerate(TAGS)}
COMMITS = {tag: secrets.token_hex(20) for tag in TAGS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How an image is tracked, and which tag that is to pick."""

    name: str
    constraint: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    picks: str | None
    refuses: Mapping[str, str] = field(default_factory=dict)
    """A part of why these are not picked."""


RULES = (
    Rule(
        name="semver",
        constraint="1.x",
        picks="1.10.0",
        refuses={
            "1.2.0": "older than 1.10.0",
            "2.0.0": "1.x",
            "latest": "version",
            "1.11.0-rc.1": "prerelease",
        },
    ),
    Rule(
        name="allowed",
        constraint="1.x",
        settings={"allowTags": r"regexp:^1\.[0-9]\.[0-9]$"},
        picks="1.2.0",
        refuses={"1.10.0": "allow", "latest": "allow"},
    ),
    Rule(
        name="ignored",
        constraint="1.x",
        settings={"ignoreTags": ["1.1*"]},
        picks="1.2.0",
        refuses={"1.10.0": "1.1*"},
    ),
    Rule(name="newest", settings={"updateStrategy": "newest-build"}, picks="0.9.0"),
    Rule(name="letters", settings={"updateStrategy": "alphabetical"}, picks="latest"),
    Rule(name="digest", constraint="latest", settings={"updateStrategy": "digest"}, picks="latest"),
    Rule(name="nothing", constraint="7.x", picks=None),
)


@dataclass(frozen=True, slots=True)
class Images:
    """ImageUpdaters and an Application that names images by annotations."""

    prefix: str
    kubectl: Kubectl
    seen: Seen

    def item(self, name: str, kind: str = "ImageUpdater") -> Item:
        found = self.seen.item("images", kind, "argocd", f"{self.prefix}-{name}")
        assert found is not None, f"{kind} {name} is not shown"
        return found


def updater(prefix: str, name: str, image: str, settings: Mapping[str, Any], pattern: str) -> dict[str, Any]:
    one = {"alias": "app", "imageName": image, "commonUpdateSettings": dict(settings)}
    return {
        "apiVersion": "argocd-image-updater.argoproj.io/v1alpha1",
        "kind": "ImageUpdater",
        "metadata": {"name": f"{prefix}-{name}", "namespace": "argocd"},
        "spec": {"applicationRefs": [{"namePattern": pattern, "images": [one]}]},
    }


@pytest.fixture(scope="module")
def made(lab: Lab) -> Iterator[str]:
    kubectl, prefix = Kubectl(lab), f"t-{secrets.token_hex(3)}"
    for tag in TAGS:
        registry.push(f"{prefix}/web", tag, COMMITS[tag], created=BUILT[tag])
    image = f"127.0.0.1:5000/{prefix}/web"
    key = "argocd-image-updater.argoproj.io"
    annotations = {f"{key}/image-list": f"web={image}:1.x", f"{key}/web.update-strategy": "semver"}
    source = {"repoURL": "file:///nowhere/none.git", "path": "."}
    rules = [
        updater(prefix, rule.name, f"{image}:{rule.constraint}".rstrip(":"), rule.settings, f"{prefix}-none")
        for rule in RULES
    ]
    fighting = [
        updater(prefix, name, f"{image}:{constraint}", {}, f"{prefix}-fought-over")
        for name, constraint in (("one", "1.x"), ("other", "2.x"))
    ]
    absent = updater(prefix, "absent", f"127.0.0.1:5000/{prefix}/none:1.x", {}, f"{prefix}-none")
    closed = updater(prefix, "closed", "127.0.0.1:1/some/thing:1.x", {}, f"{prefix}-none")
    applications = [
        application(f"{prefix}-legacy", source, prefix, annotations=annotations),
        application(f"{prefix}-fought-over", source, prefix),
    ]
    try:
        Apply(kubectl)([*rules, *fighting, absent, closed, *applications])
        yield prefix
    finally:
        for kind in (KIND, "applications"):
            names = [one["metadata"]["name"] for one in kubectl.get(kind, "-n", "argocd")["items"]]
            mine = [name for name in names if name.startswith(prefix)]
            if mine:
                kubectl("delete", kind, *mine, "-n", "argocd", "--wait=false", check=False)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def images(lab: Lab, made: str) -> AsyncIterator[Images]:
    async with Follow(lab)(namespaces=("argocd",)) as seen:
        yield Images(made, Kubectl(lab), seen)


def candidates(details: Told) -> list[Branch]:
    (title,) = (one for one in details.titles if one.startswith("Candidates"))
    found = details.tree(title)
    assert found, details.facts(title)
    return found


def digest(name: str, tag: str) -> str:
    """Ask the registry itself."""
    place = f"{registry.ADDRESS}/v2/{name}/manifests/{tag}"
    request = urllib.request.Request(place, headers={"Accept": ACCEPT}, method="HEAD")
    with urllib.request.urlopen(request, timeout=5) as reply:
        return str(reply.headers["Docker-Content-Digest"])


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.name) for rule in RULES])
async def test_the_tag_that_would_be_picked_comes_first_and_each_other_says_what_refuses_it(
    rule: Rule, images: Images
) -> None:
    item = images.item(rule.name)

    def right(details: Told) -> None:
        drawn = {one.text: one for one in candidates(details)}
        if rule.picks is None:
            assert next(iter(drawn)).startswith("none of ")
            assert details.facts("Image")
            assert set(drawn) >= set(TAGS)
            return
        first = candidates(details)[0]
        assert (first.text, first.health) == (rule.picks, Health.HEALTHY)
        assert first.note.startswith("picked, ")
        assert details.fact("Image", "candidate") == rule.picks
        assert set(drawn) == set(registry.tags(f"{images.prefix}/web")) == set(TAGS)
        assert [one.text for one in drawn.values() if one.health is Health.HEALTHY] == [rule.picks]
        for tag, why in rule.refuses.items():
            assert why in drawn[tag].note, drawn[tag].note

    await told(images.seen, item, right)


@pytest.mark.parametrize("name", ["semver", "ignored", "letters"])
async def test_the_pick_is_the_one_that_the_labs_updater_makes(name: str, images: Images) -> None:
    """Its rules are its own, written without a look at ours; it knows no prereleases, so these stay out."""
    rule = next(one for one in RULES if one.name == name)
    tags = [tag for tag in registry.tags(f"{images.prefix}/web") if "-" not in tag]
    assert pick(tags, rule.constraint, dict(rule.settings)) == rule.picks


async def test_digest_age_and_commit_are_what_the_registry_has(images: Images) -> None:
    def right(details: Told) -> None:
        drawn = {one.text: one.note for one in candidates(details)}
        for tag in TAGS:
            of = digest(f"{images.prefix}/web", tag).removeprefix("sha256:")
            assert of[:12] in drawn[tag]
            assert f"commit {COMMITS[tag][:7]}" in drawn[tag]
            built = BUILT[tag]
            assert f"built on {built.day} {built:%b %H:%M}Z" in drawn[tag]

    await told(images.seen, images.item("newest"), right)


@pytest.mark.parametrize(("name", "words"), [("absent", "127.0.0.1:5000"), ("closed", "127.0.0.1:1")])
async def test_a_registry_that_does_not_know_it_or_does_not_answer_is_said_so(
    name: str, words: str, images: Images
) -> None:
    def right(details: Told) -> None:
        (fact,) = details.facts("Candidates")
        assert (fact.name, fact.health) == ("registry", Health.UNKNOWN)
        assert words in str(fact.value)

    await told(images.seen, images.item(name), right)


async def test_two_updaters_that_fight_name_each_other(images: Images) -> None:
    def of_one(details: Told) -> None:
        assert f"{images.prefix}-other" in str(details.fact("Image", "trouble"))

    def of_other(details: Told) -> None:
        assert f"{images.prefix}-one" in str(details.fact("Image", "trouble"))

    await told(images.seen, images.item("one"), of_one)
    await told(images.seen, images.item("other"), of_other)


async def test_annotations_of_an_application_are_tracked_the_old_way(images: Images) -> None:
    item = images.item("legacy", "Application")

    def right(details: Told) -> None:
        held = images.kubectl.get("application", f"{images.prefix}-legacy", "-n", "argocd")
        named = {fact.name: fact.value for fact in details.facts("Annotations")}
        for key, value in held["metadata"]["annotations"].items():
            assert named[key.partition("/")[2]] == value
        first = candidates(details)[0]
        assert (first.text, first.health) == ("1.10.0", Health.HEALTHY)

    await told(images.seen, item, right)


async def test_checks_are_told_as_the_object_has_them(images: Images) -> None:
    place = (KIND, f"{images.prefix}-semver", "-n", "argocd")
    until(lambda: images.kubectl.get(*place).get("status"), what="the first check")

    def right(details: Told) -> None:
        status = images.kubectl.get(*place)["status"]
        assert details.fact("Checks", "last check") == datetime.fromisoformat(status["lastCheckedAt"])
        assert details.fact("Checks", "Applications matched") == status["applicationsMatched"]
        for one in status["conditions"]:
            said = str(details.fact("Checks", f"condition {one['type']}"))
            assert said.startswith(f"{one['status']}, {one['reason']}")

    await told(images.seen, images.item("semver"), right)
