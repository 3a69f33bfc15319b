"""Applications as the dashboard shows them, against what the official argocd prints of the same ones."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
import pytest_asyncio
from asking import Apply, Kubectl, Status, pick
from config_repository import ConfigRepository, application, config_repository
from delivery import Delivery, Held, stands
from lab.running import Lab
from official_argocd import Argocd
from patience import eventually, until
from sync_deliveries import DELIVERIES
from watching import Follow, Seen

from trombone_tui.core.stage import Item

pytestmark = [
    pytest.mark.needs("argocd", "rollouts"),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(180),
]

SYNCED = stands("Synced", phase="Succeeded")


@dataclass(frozen=True, slots=True)
class Delivered:
    """All of them, brought into their states."""

    prefix: str
    argocd: Argocd
    kubectl: Kubectl
    seen: Seen

    def name(self, delivery: Delivery) -> str:
        return f"{self.prefix}-{delivery.name}"

    async def agreeing(self, delivery: Delivery) -> tuple[Held, Item]:
        """Return what argocd prints of one in its state, and the item that says the same."""
        name = self.name(delivery)

        async def same() -> tuple[Held, Item]:
            printed = await asyncio.to_thread(self._printed, delivery)
            assert delivery.ready(printed), printed.get("status")
            item = self.seen.item("sync", "Application", "argocd", name)
            assert item is not None, f"{name} is not shown"
            differ = differences(printed, item.fields)
            assert not differ, differ
            return printed, item

        return await eventually(same, seconds=45, what=f"{delivery.name}: {delivery.state}")

    def _printed(self, delivery: Delivery) -> Held:
        name = self.name(delivery)
        if not delivery.refused:
            return self.argocd.get(name)
        with pytest.raises(AssertionError, match="not allowed in project"):
            self.argocd.get(name)
        return self.kubectl.get("application", name, "-n", "argocd")


def official(printed: Held) -> dict[str, Any]:
    """Say what argocd says, in the words of our fields."""
    status, spec = printed.get("status") or {}, printed["spec"]
    sync, operation = status.get("sync") or {}, status.get("operationState") or {}
    errors = [one for one in status.get("conditions") or () if one["type"].endswith("Error")]
    history = status.get("history") or ()
    automated = (spec.get("syncPolicy") or {}).get("automated")
    resources = status.get("resources") or ()
    compared = sync.get("status") in ("Synced", "OutOfSync")
    return {
        "sync": sync.get("status") or None,
        "revision": ", ".join(sync.get("revisions") or ()) or sync.get("revision") or None,
        "app_health": (status.get("health") or {}).get("status") or None,
        "operation": operation.get("phase"),
        "message": errors[0]["message"] if errors else operation.get("message") or None,
        "condition": errors[0]["type"] if errors else None,
        "out_of_sync": sum(one.get("status") == "OutOfSync" for one in resources) if compared else None,
        "deployed_at": history[-1]["deployedAt"] if history else None,
        "auto_sync": automated is not None and automated.get("enabled") is not False,
        "self_heal": bool((automated or {}).get("selfHeal")),
        "project": spec["project"],
    }


def differences(printed: Held, fields: Any) -> dict[str, tuple[Any, Any]]:
    """Return what we say otherwise than argocd: what we say, what it says."""
    found = {}
    for key, said in official(printed).items():
        ours = fields[key] if isinstance(fields, Mapping) else getattr(fields, key)
        if _moment(ours) != said:
            found[key] = (ours, said)
    return found


def _moment(value: object) -> object:
    """Write a moment as Argo CD does; leave all else."""
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else value


class Setting:
    """Makes everything that the rows need, and takes it away."""

    def __init__(self, lab: Lab, still: ConfigRepository, moving: ConfigRepository) -> None:
        self.prefix = f"t-{secrets.token_hex(3)}"
        self.kubectl, self.argocd = Kubectl(lab), Argocd(lab)
        self._still, self._moving = still, moving

    def make(self) -> None:
        """Bring all of them as far as they get by themselves, then do to some what they are named by."""
        for repository in (self._still, self._moving):
            mine = [one for one in DELIVERIES if self._repository(one) is repository]
            repository.commit(
                {f"{one.name}/{path}": text for one in mine for path, text in one.files.items()}
            )
        apply = Apply(self.kubectl)
        apply([self._still.secret(f"{self.prefix}-still"), self._moving.secret(f"{self.prefix}-moving")])
        self.kubectl("create", "namespace", self.prefix)
        apply([*self._projects(), *map(self._application, DELIVERIES)])
        for name in ("moved", "unpruned", "drifted", "healed"):
            self._await(name, SYNCED)
        second = {
            f"{one.name}/{path}": text for one in DELIVERIES if one.moves for path, text in one.moves.items()
        }
        self._moving.commit(second)
        for name in ("drifted", "healed"):
            change = '{"data":{"level":"changed by hand"}}'
            self.kubectl("patch", "configmap", name, "-n", self.prefix, "--type=merge", "-p", change)
        for name in ("moved", "unpruned"):
            self._write(name, {"metadata": {"annotations": {"argocd.argoproj.io/refresh": "hard"}}})
        self._await("window", stands("OutOfSync"))
        self._write("window", {"operation": {"sync": {}}})
        self._await("ended", stands("Synced", phase="Running"))
        self.argocd("app", "terminate-op", f"{self.prefix}-ended")

    def remove(self) -> None:
        """Take everything away; what Applications without a finalizer made goes with the namespace."""
        for kind in ("applications", "secrets", "appprojects"):
            held = self.kubectl.get(kind, "-n", "argocd")["items"]
            names = [
                one["metadata"]["name"] for one in held if one["metadata"]["name"].startswith(self.prefix)
            ]
            if names:
                self.kubectl("delete", kind, *names, "-n", "argocd", check=False)
        for job in self.kubectl.get("jobs", "-n", self.prefix)["items"]:  # hooks have Argo CD's finalizer
            patch = ("--type=merge", "-p", '{"metadata":{"finalizers":null}}')
            self.kubectl("patch", "job", job["metadata"]["name"], "-n", self.prefix, *patch, check=False)
        self.kubectl("delete", "namespace", self.prefix, "--wait=false", check=False)

    def _repository(self, one: Delivery) -> ConfigRepository:
        return self._moving if one.moves else self._still

    def _application(self, one: Delivery) -> Held:
        url = self._repository(one).url
        made = application(
            f"{self.prefix}-{one.name}",
            {"repoURL": url, "path": one.name, **one.source},
            f"{self.prefix}-{one.namespace}" if one.namespace else self.prefix,
            project=one.project if one.project in ("default", "none") else f"{self.prefix}-{one.project}",
            auto=one.auto,
            retry=one.retry,
            annotations=one.annotations,
        )
        if one.sources:
            del made["spec"]["source"]
            made["spec"]["sources"] = [
                {"repoURL": url, "targetRevision": "main", "path": f"{one.name}/{folder}"}
                for folder in one.sources
            ]
        return made

    def _projects(self) -> list[Held]:
        """One project that allows another namespace only, one in which no sync may begin."""
        never = {"kind": "deny", "schedule": "* * * * *", "duration": "24h", "applications": ["*"]}
        return [
            self._project("own", {"destinations": [{"server": "*", "namespace": "elsewhere"}]}),
            self._project("closed", {"syncWindows": [never]}),
        ]

    def _project(self, name: str, spec: Held) -> Held:
        everywhere = {"server": "*", "namespace": "*"}
        return {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "AppProject",
            "metadata": {"name": f"{self.prefix}-{name}", "namespace": "argocd"},
            "spec": {"sourceRepos": ["*"], "destinations": [everywhere], **spec},
        }

    def _await(self, name: str, ready: Callable[[Held], object]) -> None:
        until(
            lambda: ready(self.kubectl.get("application", f"{self.prefix}-{name}", "-n", "argocd")),
            what=f"Application {name}",
            seconds=45,
        )

    def _write(self, name: str, patch: Held) -> None:
        words = ("patch", "application", f"{self.prefix}-{name}", "-n", "argocd", "--type=merge", "-p")
        self.kubectl(*words, json.dumps(patch))


@pytest.fixture(scope="module")
def setting(lab: Lab) -> Iterator[Setting]:
    with config_repository() as still, config_repository() as moving:
        made = Setting(lab, still, moving)
        try:
            made.make()
            yield made
        finally:
            made.remove()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def delivered(lab: Lab, setting: Setting) -> AsyncIterator[Delivered]:
    async with Follow(lab)(namespaces=("argocd", setting.prefix)) as seen:
        yield Delivered(setting.prefix, setting.argocd, setting.kubectl, seen)


@pytest.mark.parametrize("delivery", [pytest.param(one, id=one.state) for one in DELIVERIES])
async def test_an_application_is_told_as_argocd_tells_it(delivery: Delivery, delivered: Delivered) -> None:
    _, item = await delivered.agreeing(delivery)
    why = delivery.why.replace("{missing}", f"{delivered.prefix}-{delivery.namespace}")
    assert re.fullmatch(why, item.why), item.why
    assert (item.health, item.needs_human) == (delivery.health, delivery.needs_human)
    assert {key: getattr(item.fields, key) for key in delivery.fields} == delivery.fields


async def test_what_was_changed_by_hand_is_undone_with_self_heal_and_left_without(
    delivered: Delivered, setting: Setting
) -> None:
    rows = {one.name: one for one in DELIVERIES}
    levels = {}
    for name in ("drifted", "healed"):
        await delivered.agreeing(rows[name])
        held = setting.kubectl.get("configmap", name, "-n", setting.prefix)
        levels[name] = held["data"]["level"]
    assert levels == {"drifted": "changed by hand", "healed": "1"}


async def test_a_newer_commit_is_shown_once_it_is_synced(delivered: Delivered, setting: Setting) -> None:
    moved = next(one for one in DELIVERIES if one.name == "moved")

    async def newest() -> Item | None:
        _, item = await delivered.agreeing(moved)
        return item if getattr(item.fields, "revision", "") == setting._moving.head else None

    item = await eventually(newest, what="the newest commit")
    assert item.fields.commit == setting._moving.head[:7]  # type: ignore[attr-defined]  # of the sync stage
    held = setting.kubectl.get("configmap", "moved", "-n", setting.prefix)
    assert held["data"]["level"] == "2"


async def test_the_program_prints_every_application_as_argocd_lists_it(
    delivered: Delivered, lab: Lab
) -> None:
    def same() -> bool:
        document = Status(lab)("-n", "argocd", "-n", delivered.prefix)
        listed: list[Held] = json.loads(delivered.argocd("app", "list", "-o", "json"))
        names = {one["metadata"]["name"]: one for one in listed}
        ours = {item["name"] for item in document["stages"]["sync"]["items"] if item["namespace"] == "argocd"}
        refused = {delivered.name(one) for one in DELIVERIES if one.refused}
        assert ours - refused == set(names) - refused
        for delivery in (one for one in DELIVERIES if not one.refused):
            name = delivered.name(delivery)
            item = pick(document, "sync", "Application", "argocd", name)
            assert item is not None
            assert (item["health"], differences(names[name], item["fields"])) == (delivery.health, {}), name
        return True

    until(same, what="status and argocd app list to say the same", seconds=30)
