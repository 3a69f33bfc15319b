"""Tags of a real registry that wants a login: by the pull secret that the ImageUpdater names, or why not."""

from __future__ import annotations

import base64
import json
import os
import secrets
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from asking import Apply, Kubectl
from free_port import free_port
from lab import registry
from lab.packages import find, libraries
from lab.running import Lab
from lab.waiting import listens
from patience import until
from telling import Told, told
from watching import Follow

from trombone_tui.core.objects.basics import Health

pytestmark = [pytest.mark.needs("argocd", "images"), pytest.mark.timeout(90)]

KIND = "imageupdaters.argocd-image-updater.argoproj.io"
USER, PASSWORD = "reader", "swordfish"
HASHED = "$2b$05$abcdefghijklmnopqrstuupWDwJQeCHYIBQy8WvkVB6ImhZ476YYy"
"""The password as htpasswd keeps it."""
TAGS = ("1.0.0", "1.1.0")


@dataclass(frozen=True, slots=True)
class Private:
    """A registry on the lab's images that wants a login, and ImageUpdaters with a login each."""

    prefix: str
    host: str


@pytest.fixture(scope="module")
def private(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Private]:
    folder, kubectl = tmp_path_factory.mktemp("private"), Kubectl(lab)
    made = Private(f"t-{secrets.token_hex(3)}", f"127.0.0.1:{free_port()}")
    for tag in TAGS:
        registry.push(f"{made.prefix}/web", tag)
    running = subprocess.Popen(
        [find("docker-registry"), "serve", _settings(folder, made.host, lab)],
        env={**os.environ, **libraries()},
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: listens(int(made.host.rpartition(":")[2])), what="it to listen")
        objects = [_secret(made, "right", PASSWORD), _secret(made, "wrong", "guessed")]
        updaters = [_updater(made, name) for name in ("right", "wrong", "open", "missing")]
        Apply(kubectl)([*objects, *updaters])
        yield made
    finally:
        running.terminate()
        running.wait(10)
        for kind in (KIND, "secrets"):
            names = [one["metadata"]["name"] for one in kubectl.get(kind, "-n", "argocd")["items"]]
            if mine := [name for name in names if name.startswith(made.prefix)]:
                kubectl("delete", kind, *mine, "-n", "argocd", "--wait=false", check=False)


def _settings(folder: Path, host: str, lab: Lab) -> Path:
    (folder / "htpasswd").write_text(f"{USER}:{HASHED}\n", encoding="utf-8")
    path = folder / "config.yml"
    path.write_text(
        f"version: 0.1\nlog: {{level: error}}\nhttp: {{addr: '{host}'}}\n"
        f"storage: {{filesystem: {{rootdirectory: {lab.run}/registry/data}}}}\n"
        f"auth: {{htpasswd: {{realm: private, path: {folder}/htpasswd}}}}\n",
        encoding="utf-8",
    )
    return path


def _secret(made: Private, name: str, password: str) -> dict[str, object]:
    auth = base64.b64encode(f"{USER}:{password}".encode()).decode()
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": f"{made.prefix}-{name}", "namespace": "argocd"},
        "type": "kubernetes.io/dockerconfigjson",
        "stringData": {".dockerconfigjson": json.dumps({"auths": {made.host: {"auth": auth}}})},
    }


def _updater(made: Private, name: str) -> dict[str, object]:
    settings = {} if name == "open" else {"pullSecret": f"pullsecret:argocd/{made.prefix}-{name}"}
    image = {
        "alias": "app",
        "imageName": f"{made.host}/{made.prefix}/web:1.x",
        "commonUpdateSettings": settings,
    }
    return {
        "apiVersion": "argocd-image-updater.argoproj.io/v1alpha1",
        "kind": "ImageUpdater",
        "metadata": {"name": f"{made.prefix}-{name}", "namespace": "argocd"},
        "spec": {"applicationRefs": [{"namePattern": f"{made.prefix}-none", "images": [image]}]},
    }


@pytest.mark.parametrize(
    ("name", "persona", "words"),
    [("open", "admin", "without a login"), ("wrong", "admin", "with this login"),
     ("missing", "admin", "not found"), ("right", "viewer", "may not get secrets")],
)  # fmt: skip
async def test_a_registry_that_wants_a_login_says_what_is_wrong_with_it(
    name: str, persona: str, words: str, private: Private, follow: Follow
) -> None:
    async with follow(persona, namespaces=("argocd",)) as seen:
        item = seen.item("images", "ImageUpdater", "argocd", f"{private.prefix}-{name}")
        assert item is not None

        def right(details: Told) -> None:
            (fact,) = details.facts("Candidates")
            assert (fact.name, fact.health) == ("registry", Health.UNKNOWN)
            assert words in str(fact.value)
            assert PASSWORD not in repr(details.details)

        await told(seen, item, right)


async def test_the_pull_secret_that_the_updater_names_opens_the_registry(
    private: Private, follow: Follow
) -> None:
    async with follow(namespaces=("argocd",)) as seen:
        item = seen.item("images", "ImageUpdater", "argocd", f"{private.prefix}-right")
        assert item is not None

        def right(details: Told) -> None:
            drawn = details.tree(f"Candidates ({len(TAGS)})")
            assert [one.text for one in drawn] == ["1.1.0", "1.0.0"]
            assert drawn[0].note.startswith("picked, built on ")
            assert PASSWORD not in repr(details.details)

        await told(seen, item, right)
