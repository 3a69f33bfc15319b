"""Each verb of Applications, done through the Acts port to one and with argocd to its twin: both are left the
same, field by field, and what was to be deployed is deployed."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from acting_hands import Hands, hands
from asking import Apply, Kubectl
from config_repository import ConfigRepository, config_repository
from delivery import Held
from lab.running import Lab
from official_argocd import Argocd
from patience import eventually, until
from twin_apps import APP_TWINS, AppTwin
from twin_left import difference, filled, plain, without

pytestmark = [
    pytest.mark.needs("argocd"),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(180),
]

# argocd-server sends the resolved commit and a copy of the source, we leave both to the controller; it has
# no login in the lab, so it names nobody. An Application's generation counts its comparisons as well.
ASIDE = ("status.operationState.operation", "metadata.generation")
REMINDER = "trombone.dev/auto-sync-off"


@dataclass(frozen=True, slots=True)
class Apps:
    """All pairs in their states, and hands on them."""

    prefix: str
    kubectl: Kubectl
    argocd: Argocd
    hands: Hands
    repository: ConfigRepository

    def held(self, name: str) -> dict[str, Any]:
        return self.kubectl.get("application", name, "-n", "argocd")

    def left(self, name: str) -> dict[str, Any]:
        """Return an Application and its ConfigMaps, fit to be compared."""
        made = without(plain(self.held(name), {name: "<name>"}), *ASIDE)
        for entry in made["status"].get("history", ()):
            entry.pop("initiatedBy", None)
        result = made["status"].get("operationState", {}).get("syncResult", {})
        for resource in result.get("resources", ()):  # its auto-sync may have been done twice before
            resource.pop("message", None)
        maps = self.kubectl.get("configmaps", "-n", self.prefix)["items"]
        mine = [one for one in maps if one["metadata"]["name"].startswith(f"{name}-")]
        data = {one["metadata"]["name"].removeprefix(name): one["data"] for one in mine}
        return {"application": filled(made), "deployed": data}


@pytest.fixture(scope="module")
def staged(lab: Lab) -> Iterator[tuple[str, ConfigRepository]]:
    kubectl, argocd, prefix = Kubectl(lab), Argocd(lab), f"t-{secrets.token_hex(3)}"
    names = {name: twin for twin in APP_TWINS for name in twin.names(prefix)}
    with config_repository() as repository:
        files = {
            f"{name}/{path}": text for name, twin in names.items() for path, text in twin.files(name).items()
        }
        repository.commit(files)
        kubectl("create", "namespace", prefix)
        try:
            apply = Apply(kubectl)
            apply(repository.secret(prefix))
            apply([twin.application(name, repository, prefix) for name, twin in names.items()])
            begun = [name for name, twin in names.items() if twin.begun]
            for name in begun:
                argocd("app", "sync", name)
            moves = {
                f"{name}/{path}": text
                for name, twin in names.items()
                if twin.moves
                for path, text in twin.moves(name).items()
            }
            repository.commit(moves)
            for name in names:
                argocd("app", "get", name, "--hard-refresh")
                if names[name].name == "back":
                    argocd("app", "sync", name)
            for name, twin in names.items():
                _await(kubectl, name, twin)
            yield prefix, repository
        finally:
            kubectl("delete", "applications", *names, "-n", "argocd", "--wait=false", check=False)
            kubectl("delete", "secret", prefix, "-n", "argocd", check=False)
            for hook in kubectl.get("jobs", "-n", prefix)["items"]:  # they have Argo CD's finalizer
                patch = ("--type=merge", "-p", '{"metadata":{"finalizers":null}}')
                kubectl("patch", "job", hook["metadata"]["name"], "-n", prefix, *patch, check=False)
            kubectl("delete", "namespace", prefix, "--wait=false", check=False)


def _await(kubectl: Kubectl, name: str, twin: AppTwin) -> None:
    until(
        lambda: twin.ready(kubectl.get("application", name, "-n", "argocd")),
        what=f"{name} in its state",
        seconds=45,
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def apps(lab: Lab, staged: tuple[str, ConfigRepository]) -> AsyncIterator[Apps]:
    prefix, repository = staged
    async with hands(lab, "argocd", prefix) as own:
        yield Apps(prefix, Kubectl(lab), Argocd(lab), own, repository)


@pytest.mark.parametrize("twin", [pytest.param(one, id=one.case) for one in APP_TWINS])
async def test_a_verb_leaves_what_argocd_leaves_on_its_twin(twin: AppTwin, apps: Apps) -> None:
    ours, theirs = twin.names(apps.prefix)
    given = json.loads(json.dumps(dict(twin.given)).replace("NAME", ours))
    given = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
    before = await asyncio.to_thread(apps.held, ours)
    done = await apps.hands.do("Application", ours, twin.verb, given)
    words = twin.official.replace("NAME", theirs).split(" ")
    await asyncio.to_thread(apps.argocd, *words)

    def settled(name: str) -> Held:
        held = apps.held(name)
        assert twin.settled(held), (name, held.get("operation"), held.get("status"))
        return held

    held = await eventually(lambda: settled(ours), what=done.story())
    await eventually(lambda: settled(theirs), what=f"the twin after {twin.official}")
    if twin.verb == "refresh":
        assert held["status"]["reconciledAt"] > before["status"]["reconciledAt"]
    assert (REMINDER in held["metadata"].get("annotations", {})) is (twin.verb == "auto-sync-off")

    def alike() -> bool:
        found = difference(apps.left(ours), apps.left(theirs))
        assert not found, "\n".join(found[:20])
        return True

    await eventually(alike, what="both to be left alike", step=0.5)
