"""Workflows and CronWorkflows as the dashboard shows them, against the object and ``argo get``'s rules."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
import pytest_asyncio
from asking import Apply, Kubectl, Status, own_namespace, pick
from builds import BUILDS
from crons import CRONS
from lab.running import Lab
from official_workflow import argo_get
from patience import eventually, until
from watching import Follow, Seen
from workflow_build import Build, Held, node

from trombone_tui.core.stage import Item

pytestmark = [
    pytest.mark.needs("workflows"),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(180),
]

WORD = {
    "Healthy": {"Succeeded"},
    "Degraded": {"Failed", "Error", "Failed (Terminated)"},
    "Suspended": {"Running (Suspended)"},
    "Progressing": {"Running", "Pending"},
    "Unknown": {"Pending"},
}
"""What ``argo get`` calls what we call so; a pod that can't start is Running to it."""
PULL = "can't start"


@dataclass(frozen=True, slots=True)
class Builds:
    """All of them, brought into their states."""

    namespace: str
    seen: Seen
    kubectl: Kubectl

    async def held(self, build: Build) -> Held:
        kind = build.kind.lower()
        return await asyncio.to_thread(self.kubectl.get, kind, build.name, "-n", self.namespace)

    def item(self, build: Build) -> Item:
        item = self.seen.item("workflows", build.kind, self.namespace, build.name)
        assert item is not None, f"{build.name} is not shown"
        return item

    async def agreeing(self, build: Build) -> tuple[Held, Item]:
        """Return an object in its state and the item that was made of this very version of it."""

        async def same() -> tuple[Held, Item] | None:
            before = await self.held(build)
            assert build.ready(before), before.get("status")
            item = self.item(build)
            differ = differences(before, item)
            assert not differ, differ
            return before, item

        return await eventually(same, seconds=30, what=f"{build.name}: {build.state}")


def differences(held: Held, item: Item) -> dict[str, tuple[Any, Any]]:
    """Return what the item says otherwise than the object: what it says, what the object says."""
    status = held.get("status", {})
    fields: Any = item.fields
    pairs = {
        "uid": (item.ref.uid, held["metadata"]["uid"]),
        "phase": (fields.phase, status.get("phase") or None),
    }
    if held["kind"] == "Workflow":
        printed = argo_get(held)
        pairs |= {
            "progress": (fields.progress, printed.progress or None),
            "duration": (fields.duration_seconds, printed.seconds),
            "started": (fields.started, _moment(status.get("startedAt"))),
        }
    else:
        pairs |= {
            "active": (fields.active, len(status.get("active") or ()) if status else None),
            "scheduled": (fields.last_scheduled, _moment(status.get("lastScheduledTime"))),
            "schedule": (fields.schedule, ", ".join(held["spec"]["schedules"])),
        }
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


@pytest.fixture(scope="module")
def built(lab: Lab) -> Iterator[str]:
    """A namespace with all of them, those that are to be told something told."""
    kubectl = Kubectl(lab)
    with own_namespace(kubectl) as name:
        Apply(kubectl)([build.manifest() for build in (*BUILDS, *CRONS) if build.name != "b-waits"], name)
        waits = next(build for build in BUILDS if build.name == "b-waits")
        holds = next(build for build in BUILDS if build.name == "a-holds")
        until(
            lambda: holds.ready(kubectl.get("workflow", holds.name, "-n", name)), what="the mutex to be held"
        )
        Apply(kubectl)(waits.manifest(), name)
        at_gate = node("gate", "Running")
        for build in BUILDS:
            if build.then is not None:
                until(
                    lambda named=build.name: at_gate(kubectl.get("workflow", named, "-n", name)),
                    what=f"{build.name} at its gate",
                )
                patch = json.dumps(build.then)
                kubectl("patch", "workflow", build.name, "-n", name, "--type=merge", "-p", patch)
        yield name


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def builds(lab: Lab, built: str) -> AsyncIterator[Builds]:
    async with Follow(lab)(namespaces=(built,)) as seen:
        yield Builds(built, seen, Kubectl(lab))


def named(rows: list[Build]) -> list[Any]:
    return [pytest.param(build, id=build.state) for build in rows]


@pytest.mark.parametrize("build", named(BUILDS))
async def test_a_workflow_is_told_as_it_is(build: Build, builds: Builds) -> None:
    held, item = await builds.agreeing(build)
    printed = argo_get(held)
    assert (item.health, re.fullmatch(build.why, item.why) is not None) == (build.health, True), item.why
    assert {key: getattr(item.fields, key) for key in build.fields} == build.fields
    if PULL in item.why:
        assert printed.status == "Running"
    else:
        assert printed.status in WORD[item.health]


@pytest.mark.parametrize("build", named(BUILDS))
async def test_the_steps_that_are_named_are_marked_so_by_argo(build: Build, builds: Builds) -> None:
    held, item = await builds.agreeing(build)
    printed, fields = argo_get(held), item.fields
    failed, at_work = fields.failed_node, fields.node
    if failed is not None:
        line = next(line for line in printed.lines if line.name == failed)
        assert line.icon in "✖⚠"
        attempts = [one for one in printed.lines if re.fullmatch(rf"{re.escape(failed)}(\(\d+\))?", one.name)]
        assert fields.message in {one.message for one in attempts}
    elif at_work is not None:
        assert at_work in printed.names("◷●ǁ")
    elif item.health == "Degraded":
        assert fields.message == printed.message
        assert not printed.names("✖⚠") - {build.name}


@pytest.mark.parametrize("build", named(CRONS))
async def test_a_cron_workflow_is_told_as_it_is(build: Build, builds: Builds) -> None:
    held, item = await builds.agreeing(build)
    assert (item.health, re.fullmatch(build.why, item.why) is not None) == (build.health, True), item.why
    assert {key: getattr(item.fields, key) for key in build.fields} == build.fields
    status = held.get("status")
    if status:
        assert f"{status.get('succeeded', 0)} succeeded, {status.get('failed', 0)} failed" in item.why
    for condition in (status or {}).get("conditions", ()):
        assert item.fields.message == condition["message"]


async def test_the_program_prints_every_workflow_that_kubectl_lists(builds: Builds, lab: Lab) -> None:
    """The ones that cron starts come and go, so they are left out."""
    mine = {build.name: build for build in BUILDS}

    def same() -> bool:
        document = Status(lab)("-n", builds.namespace)
        listed = builds.kubectl.get("workflows", "-n", builds.namespace)["items"]
        held = {one["metadata"]["name"]: one for one in listed}
        assert document["stages"]["workflows"]["panel"][0]["state"] == "live"
        assert set(held) >= set(mine)
        for name, build in mine.items():
            found = pick(document, "workflows", "Workflow", builds.namespace, name)
            assert found is not None, name
            printed, fields = argo_get(held[name]), found["fields"]
            assert (found["uid"], found["health"]) == (held[name]["metadata"]["uid"], build.health), name
            assert (fields["phase"] or "") == held[name].get("status", {}).get("phase", ""), name
            assert (fields["progress"] or "") == printed.progress, name
            assert fields["duration_seconds"] == printed.seconds, name
        return True

    until(same, what="status to say what kubectl lists")
