"""A canary that steps is followed as the API server told it and as the official tool printed it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from asking import Apply, Kubectl
from lab.running import Lab
from official_rollout import Plugin, frames
from patience import eventually
from rollouts import ENDLESS, WANTED, canary, pause, rollout, weight
from staging import STUCK, wait_for_rest
from watching import Follow, Seen

pytestmark = [pytest.mark.needs("rollouts"), pytest.mark.timeout(180)]

NAME = "stepping"
STEPS = (weight(25), pause("3s"), weight(50), ENDLESS, weight(75), pause("3s"))
Stand = tuple[str, str, str, str]
"""Phase, message, step and set weight."""
PROMOTED: Stand = ("Healthy", "", "6/6", "100")


async def test_a_canary_is_seen_stepping_as_it_was_watched_and_as_the_official_tool_printed_it(
    lab: Lab, namespace: str, apply: Apply, kubectl: Kubectl, follow: Follow, tmp_path: Path
) -> None:
    plugin = Plugin(lab, namespace)
    apply(rollout(NAME, canary(*STEPS), replicas=4), namespace)
    await eventually(lambda: plugin.shows(NAME).phase == "Healthy", what="the first deployment")
    admin = (str(lab.bin("kubectl")), f"--kubeconfig={lab.kubeconfig('admin')}", "-n", namespace)
    watching = (*admin, "get", "rollout", NAME, "--watch", "-o", "json")
    printing = plugin.command("get", "rollout", NAME, "--watch", "--no-color")
    watched, printed, ours = tmp_path / "watched", tmp_path / "printed", list[Stand]()

    async with (
        recorded(watching, watched),
        recorded(printing, printed),
        follow(namespaces=(namespace,)) as seen,
        noting(seen, namespace, ours),
    ):
        await eventually(lambda: events(watched) and official(printed) and ours, what="all to look")
        await asyncio.to_thread(plugin, "set", "image", NAME, f"app={WANTED}")
        await eventually(
            lambda: ours[-1] == ("Paused", "CanaryPauseStep", "3/6", "50"), what="its second pause"
        )
        await eventually(lambda: official(printed)[-1] == ours[-1], what="the official tool to print it")
        await asyncio.to_thread(wait_for_rest, kubectl, namespace, NAME)
        await asyncio.to_thread(plugin, "promote", NAME)
        touch = Touch(kubectl, namespace)
        await eventually(
            lambda: events(watched)[-1] == PROMOTED or touch.late(), what="its promotion", seconds=60
        )
        await eventually(lambda: ours[-1] == PROMOTED, what="its promotion in our snapshots")
        await eventually(lambda: official(printed)[-1] == PROMOTED, what="the official tool to print it")

    told = events(watched)
    assert in_order(official(printed), told)
    assert in_order(ours, told)
    assert in_order(
        [
            ("Progressing", "more replicas need to be updated", "0/6", "25"),
            ("Paused", "CanaryPauseStep", "1/6", "25"),
            ("Progressing", "more replicas need to be updated", "2/6", "50"),
            ("Paused", "CanaryPauseStep", "3/6", "50"),
            ("Paused", "CanaryPauseStep", "5/6", "75"),
            PROMOTED,
        ],
        ours,
    )
    assert ours[-1] == told[-1] == official(printed)[-1]


class Touch:
    """Touches the Rollout when it stands still: the controller's cache can swallow what was just written."""

    def __init__(self, kubectl: Kubectl, namespace: str) -> None:
        self._kubectl, self._namespace, self._last = kubectl, namespace, time.monotonic()

    def late(self) -> bool:
        """Touch it each few seconds; it is never what is waited for."""
        if (now := time.monotonic()) - self._last > STUCK:
            self._last = now
            words = ("annotate", "rollout", NAME, f"touched={now}", "--overwrite")
            self._kubectl("-n", self._namespace, *words)
        return False


@asynccontextmanager
async def recorded(words: Sequence[str], path: Path) -> AsyncIterator[None]:
    """Run a program that goes on until it is ended, and keep what it prints."""
    with path.open("wb") as out:
        process = await asyncio.create_subprocess_exec(*words, stdin=asyncio.subprocess.DEVNULL, stdout=out)
        try:
            yield
        finally:
            process.terminate()
            await process.wait()


@asynccontextmanager
async def noting(seen: Seen, namespace: str, ours: list[Stand]) -> AsyncIterator[None]:
    """Note how the Rollout stands in every snapshot."""

    async def note() -> None:
        async for snapshot in seen.live.snapshots():
            for ref, item in snapshot.stages["rollout"].items.items():
                fields: Any = item.fields
                assert (ref.namespace, ref.name) == (namespace, NAME)
                step = f"{fields.step}/{fields.steps}"
                append(ours, (fields.phase, fields.message, step, str(fields.set_weight)))

    task = asyncio.create_task(note())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait((task,))
    assert task.cancelled() or task.exception() is None


def official(path: Path) -> list[Stand]:
    """Return what the official tool printed, one after the other."""
    found: list[Stand] = []
    for frame in frames(path.read_text(encoding="utf-8")):
        append(found, (frame.phase, frame.message, frame.step, frame.set_weight))
    return found


def events(path: Path) -> list[Stand]:
    """Return how the Rollout stood at each event of kubectl's watch, by what the controller wrote."""
    text, decoder, at = path.read_text(encoding="utf-8"), json.JSONDecoder(), 0
    found: list[Stand] = []
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        try:
            held, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError:
            break
        append(found, written(held))
    return found


def written(held: dict[str, Any]) -> Stand:
    """Return how a Rollout stands; the two waits are the official tool's own and not in the object."""
    status, index = held["status"], held["status"].get("currentStepIndex", 0)
    weights = [step["setWeight"] for step in STEPS[: index + 1] if "setWeight" in step]
    at = (f"{index}/{len(STEPS)}", str(weights[-1] if index < len(STEPS) else 100))
    if status["observedGeneration"] != str(held["metadata"]["generation"]):
        return "Progressing", "waiting for rollout spec update to be observed", *at
    if status.get("controllerPause") and not status.get("pauseConditions"):
        return "Progressing", "waiting for rollout to unpause", *at
    return status["phase"], status.get("message", ""), *at


def append(stands: list[Stand], stand: Stand) -> None:
    if stands[-1:] != [stand]:
        stands.append(stand)


def in_order(some: Sequence[Stand], everything: Sequence[Stand]) -> bool:
    """Whether all of some are there in the same order, others perhaps between them."""
    rest = iter(everything)
    missing = [stand for stand in some if stand not in rest]
    assert not missing, f"{missing[0]} is not there, or in another order: {list(everything)}"
    return True
