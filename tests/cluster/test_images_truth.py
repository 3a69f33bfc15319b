"""ImageUpdaters as the dashboard shows them, against the objects; a stand-in for Image Updater wrote them.

Its own modules can't be had, so what is proved is that the object is told as it is, and that the tag that
runs is the one Argo CD sees running; not that the Image Updater behaves so.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
import pytest_asyncio
from asking import Apply, Kubectl, Status, pick
from config_repository import ConfigRepository, application, config_repository
from lab import registry
from lab.running import Lab
from patience import eventually, until
from watching import Follow, Seen

from trombone_tui.core.stage import Item

pytestmark = [
    pytest.mark.needs("argocd", "images"),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(180),
]

Held = Mapping[str, Any]
KIND = "imageupdaters.argocd-image-updater.argoproj.io"
DATE = r"\d+ \w{3} \d\d:\d\dZ"
CHECKED = rf"checked on {DATE}, next by {DATE} if the interval is the default 2 min\."


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """A row of the truth table: an ImageUpdater, its image, and an Application that runs it."""

    state: str
    name: str
    tags: tuple[str, ...] = ("1.0.0",)
    """In the registry from the beginning; the first is deployed."""
    newer: str = ""
    """Pushed once the first one runs."""
    runs: bool = True
    """Whether the Application runs this image, and not another."""
    pattern: str = ""
    """Of Applications; its own one when empty."""
    conditions: Mapping[str, str]
    """What the object's conditions are to be before anything is compared."""
    health: str
    why: str
    fields: Mapping[str, Any] = field(default_factory=dict)


WELL = {"Ready": "True", "Error": "False"}

ROWS = [
    Tracked(
        state="the tag that runs is the newest that fits",
        name="current",
        tags=("1.0.0", "0.9.0", "2.0.0"),
        conditions=WELL,
        health="Healthy",
        why=rf"Runs 1\.0\.0; follows 1\.x by semver; {CHECKED}",
        fields={"tag": "1.0.0", "constraint": "1.x", "last_version": None},
    ),
    Tracked(
        state="a newer tag was written and runs",
        name="updated",
        newer="1.1.0",
        conditions=WELL,
        health="Healthy",
        why=rf"Runs 1\.1\.0; follows 1\.x by semver; last update to 1\.1\.0 on {DATE}; {CHECKED}",
        fields={"tag": "1.1.0", "last_version": "1.1.0"},
    ),
    Tracked(
        state="the registry does not know the image",
        name="unknown",
        tags=(),
        conditions={"Ready": "True", "Error": "True"},
        health="Degraded",
        why=rf"Part of the last check failed: 1 errors \(PartialErrors\); runs 1\.0\.0; .*; {CHECKED}",
        fields={"tag": "1.0.0"},
    ),
    Tracked(
        state="no Application fits its pattern",
        name="stranger",
        pattern="-none-*",
        conditions=WELL,
        health="Missing",
        why=rf"No Application in argocd fits t-\w+-none-\*; follows 1\.x by semver; {CHECKED}",
        fields={"tag": None, "applications": 0},
    ),
    Tracked(
        state="its Application runs another image",
        name="idle",
        runs=False,
        conditions=WELL,
        health="Missing",
        why=rf"No pod of t-\w+-idle runs it, so it is not updated \(forceUpdate is off\); .*; {CHECKED}",
        fields={"tag": None, "applications": 1},
    ),
]


class Setting:
    """Makes everything that the rows need, and takes it away."""

    def __init__(self, lab: Lab, repository: ConfigRepository) -> None:
        self.prefix, self.kubectl = f"t-{secrets.token_hex(3)}", Kubectl(lab)
        self.repository = repository

    def image(self, row: Tracked) -> str:
        return f"127.0.0.1:5000/{self.prefix}/{row.name}"

    def make(self) -> None:
        for row in ROWS:
            for tag in row.tags:
                registry.push(f"{self.prefix}/{row.name}", tag)
        self.repository.commit({path: text for row in ROWS for path, text in self._files(row).items()})
        self.kubectl("create", "namespace", self.prefix)
        apply = Apply(self.kubectl)
        apply(self.repository.secret(self.prefix))
        apply([of(row) for row in ROWS for of in (self._application, self._updater)])
        for row in ROWS:
            if row.newer:
                until(lambda of=row: self.running(of) == ["1.0.0"], what=f"{row.name} runs", seconds=45)
                registry.push(f"{self.prefix}/{row.name}", row.newer)
                head = self.repository.remote_head
                until(lambda old=head: self.repository.remote_head != old, what="its commit", seconds=45)
                refresh = '{"metadata":{"annotations":{"argocd.argoproj.io/refresh":"hard"}}}'
                named = f"{self.prefix}-{row.name}"
                self.kubectl("patch", "application", named, "-n", "argocd", "--type=merge", "-p", refresh)

    def remove(self) -> None:
        for kind in (KIND, "applications", "secrets"):
            held = self.kubectl.get(kind, "-n", "argocd")["items"]
            names = [
                one["metadata"]["name"] for one in held if one["metadata"]["name"].startswith(self.prefix)
            ]
            if names:
                self.kubectl("delete", kind, *names, "-n", "argocd", "--wait=false", check=False)
        self.kubectl("delete", "namespace", self.prefix, "--wait=false", check=False)

    def running(self, row: Tracked) -> list[str]:
        """Return the tags of its image that Argo CD sees running."""
        held = self.kubectl.get("application", f"{self.prefix}-{row.name}", "-n", "argocd")
        images = held.get("status", {}).get("summary", {}).get("images", [])
        return [tag for name, _, tag in (one.rpartition(":") for one in images) if name == self.image(row)]

    def _files(self, row: Tracked) -> dict[str, str | Held]:
        image = self.image(row) if row.runs else "127.0.0.1:5000/another/app"
        labels = {"app": row.name}
        deployment = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": row.name},
            "spec": {
                "selector": {"matchLabels": labels},
                "template": {
                    "metadata": {"labels": labels},
                    "spec": {"containers": [{"name": "app", "image": image}]},
                },
            },
        }
        kustomization = {"resources": ["app.yaml"], "images": [{"name": image, "newTag": "1.0.0"}]}
        return {f"{row.name}/app.yaml": deployment, f"{row.name}/kustomization.yaml": kustomization}

    def _application(self, row: Tracked) -> Held:
        source = {"repoURL": self.repository.url, "path": row.name}
        return application(f"{self.prefix}-{row.name}", source, self.prefix, auto={})

    def _updater(self, row: Tracked) -> Held:
        target = f"kustomization:/{row.name}"
        pattern = f"{self.prefix}{row.pattern}" if row.pattern else f"{self.prefix}-{row.name}"
        image = {"alias": "app", "imageName": f"{self.image(row)}:1.x"}
        return {
            "apiVersion": "argocd-image-updater.argoproj.io/v1alpha1",
            "kind": "ImageUpdater",
            "metadata": {"name": f"{self.prefix}-{row.name}", "namespace": "argocd"},
            "spec": {
                "writeBackConfig": {
                    "method": "git:repocreds",
                    "gitConfig": {"branch": "main", "writeBackTarget": target},
                },
                "applicationRefs": [
                    {
                        "namePattern": pattern,
                        "images": [{**image, "manifestTargets": {"kustomize": {"name": self.image(row)}}}],
                    }
                ],
            },
        }


@dataclass(frozen=True, slots=True)
class Images:
    """All of them, brought into their states."""

    setting: Setting
    seen: Seen

    async def agreeing(self, row: Tracked) -> tuple[Held, Item]:
        """Return an object in its state, and the item that was made of this very version of it."""
        name = f"{self.setting.prefix}-{row.name}"

        async def same() -> tuple[Held, Item]:
            held = await asyncio.to_thread(self.setting.kubectl.get, KIND, name, "-n", "argocd")
            running = await asyncio.to_thread(self.setting.running, row)
            conditions = {c["type"]: c["status"] for c in held.get("status", {}).get("conditions", ())}
            assert conditions.items() >= row.conditions.items(), conditions
            item = self.seen.item("images", "ImageUpdater", "argocd", name)
            assert item is not None, f"{name} is not shown"
            fields: Any = item.fields
            assert fields.tag == row.fields["tag"], (fields.tag, running)
            differ = differences(held, [] if row.pattern else running, fields)
            assert not differ, differ
            return held, item

        return await eventually(same, seconds=45, what=f"{row.name}: {row.state}")


def differences(held: Held, running: list[str], fields: Any) -> dict[str, tuple[Any, Any]]:
    """Return what we say otherwise than the object: what we say, what it says."""
    status = held["status"]
    (ref,) = held["spec"]["applicationRefs"]
    (image,) = ref["images"]
    name, _, constraint = image["imageName"].rpartition(":")
    updates = status.get("recentUpdates") or [{}]
    said = {
        "image": name,
        "alias": image["alias"],
        "constraint": constraint,
        "tag": ", ".join(running) or None,
        "last_checked": status.get("lastCheckedAt"),
        "last_version": updates[0].get("newVersion"),
        "last_update": updates[0].get("updatedAt"),
        "applications": status["applicationsMatched"],
        "candidate": None,
    }
    found = {}
    for key, value in said.items():
        ours = fields[key] if isinstance(fields, Mapping) else getattr(fields, key)
        written = ours.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(ours, datetime) else ours
        if written != value:
            found[key] = (written, value)
    return found


@pytest.fixture(scope="module")
def setting(lab: Lab) -> Iterator[Setting]:
    with config_repository() as repository:
        made = Setting(lab, repository)
        try:
            made.make()
            yield made
        finally:
            made.remove()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def images(lab: Lab, setting: Setting) -> AsyncIterator[Images]:
    async with Follow(lab)(namespaces=("argocd",)) as seen:
        yield Images(setting, seen)


@pytest.mark.parametrize("row", [pytest.param(row, id=row.state) for row in ROWS])
async def test_a_tracked_image_is_told_as_the_object_says(row: Tracked, images: Images) -> None:
    _, item = await images.agreeing(row)
    assert re.fullmatch(row.why, item.why), item.why
    assert item.health == row.health
    assert {key: getattr(item.fields, key) for key in row.fields} == row.fields


async def test_the_tag_that_runs_is_the_one_that_was_committed(images: Images, setting: Setting) -> None:
    updated = next(row for row in ROWS if row.newer)
    await images.agreeing(updated)
    committed = setting.repository.show(f"{updated.name}/kustomization.yaml")
    assert f"newTag: {updated.newer}" in committed


async def test_the_program_prints_every_tracked_image(images: Images, setting: Setting, lab: Lab) -> None:
    def same() -> bool:
        document = Status(lab)("-n", "argocd")
        for row in ROWS:
            name = f"{setting.prefix}-{row.name}"
            held = setting.kubectl.get(KIND, name, "-n", "argocd")
            item = pick(document, "images", "ImageUpdater", "argocd", name, "app")
            assert item is not None, name
            running = [] if row.pattern else setting.running(row)
            assert (item["health"], differences(held, running, item["fields"])) == (row.health, {}), name
        return True

    until(same, seconds=20, what="status to say what the objects say")
