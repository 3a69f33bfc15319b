"""``trigger`` on a real event source: signed, through a port-forward of a real API server, to a Workflow.

What is told of the Sensors' filters before it is sent is compared with what the real Sensor then does.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from acting_hands import Done, Hands, hands
from asking import Apply, Kubectl
from lab.running import Lab

from trombone_tui.core.verbs import Outcome

pytestmark = [
    pytest.mark.needs("events", "workflows"),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(240),
]
HOOK = ("secret", "github-hook", "-n", "argo-events")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def own(lab: Lab) -> AsyncIterator[Hands]:
    async with hands(lab, "argo-events", "ci") as made:
        yield made


def fresh() -> str:
    """Return a commit that nobody pushed yet."""
    return secrets.token_hex(20)


async def push(own: Hands, sha: str, **given: str) -> Done:
    act = await own.prepare("EventSource", "github", "trigger", {"sha": sha, **given})
    return await own.perform(act)


def builds_of(kubectl: Kubectl, sha: str) -> list[dict[str, Any]]:
    found = kubectl.get("workflows", "-n", "ci", "-l", "events.argoproj.io/sensor=github")["items"]
    return [one for one in found if {"name": "sha", "value": sha} in one["spec"]["arguments"]["parameters"]]


def noted(own: Hands) -> str:
    return Path(own.state, "trombone-tui", "audit.jsonl").read_text(encoding="utf-8")


async def test_a_push_is_taken_and_proved_by_the_sensors_workflow(own: Hands, kubectl: Kubectl) -> None:
    sha = fresh()
    done = (await push(own, sha)).is_done()
    assert any(one.startswith("Sensor github takes it; build: create") for one in done.act.plan.warnings)
    assert any(one.startswith("Sensor in-vain throws it away") for one in done.act.plan.warnings)
    assert done.last.reply == 200
    (build,) = await asyncio.to_thread(builds_of, kubectl, sha)
    name = f"ci/{build['metadata']['name']}"
    assert done.last.text == f"Workflow {name} was started by Sensor github for {sha[:7]}"
    key = base64.b64decode((await asyncio.to_thread(kubectl.get, *HOOK))["data"]["secret"]).decode()
    assert key not in noted(own)
    (write,) = done.act.plan.writes
    assert write.call is not None
    assert write.call.headers["X-Hub-Signature-256"] not in noted(own)


async def test_what_is_told_of_filters_is_what_the_sensor_does(own: Hands, kubectl: Kubectl) -> None:
    away, near, main = fresh(), fresh(), fresh()
    thrown = await push(own, away, branch="dev")
    assert thrown.last.outcome is Outcome.UNSEEN
    assert thrown.last.text == "accepted; no Sensor's filter lets it pass, so nothing is waited for"
    (await push(own, near, branch="main-2")).is_done()  # its pattern is not anchored
    (await push(own, main)).is_done()
    assert [len(await asyncio.to_thread(builds_of, kubectl, sha)) for sha in (away, near, main)] == [0, 1, 1]


async def test_a_push_signed_with_another_key_is_refused_in_the_event_sources_words(
    own: Hands, kubectl: Kubectl
) -> None:
    before = (await asyncio.to_thread(kubectl.get, *HOOK))["data"]["secret"]
    sha, other = fresh(), base64.b64encode(b"another key").decode()
    await asyncio.to_thread(_set_key, kubectl, other)
    try:
        done = await push(own, sha)
    finally:
        await asyncio.to_thread(_set_key, kubectl, before)
    assert done.last.outcome is Outcome.REFUSED, done.story()
    assert done.last.reply == 400
    assert "payload signature check failed" in done.last.text
    assert await asyncio.to_thread(builds_of, kubectl, sha) == []


def _set_key(kubectl: Kubectl, encoded: str) -> None:
    """Change the key that is read at planning; the event source keeps the one that it was started with."""
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "github-hook", "namespace": "argo-events"},
        "data": {"secret": encoded},
    }
    Apply(kubectl)(secret)
