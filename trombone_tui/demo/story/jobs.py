"""What the containers of a pipeline do: how long it takes, what they write, how they end, what they leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from trombone_tui.demo.story.hashes import sha
from trombone_tui.demo.story.releases import built, release
from trombone_tui.demo.story.services import Outcome
from trombone_tui.demo.story.transcripts import transcript
from trombone_tui.demo.story.updater import RESOURCE as IMAGE_UPDATERS
from trombone_tui.demo.story.world import Actor, World

Object = dict[str, Any]

_SECONDS = {"unit-test": (9.0, 16.0), "docker-build": (10.0, 22.0), "docker-push": (3.0, 6.0)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One container's run."""

    task: str
    seconds: float
    exit_code: int
    lines: tuple[tuple[float, str], ...]
    """What it writes, and how many seconds after its start."""


class Jobs:
    """Knows of every Workflow what its commit leads to."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._api = Actor(world, "pipeline")

    def job(self, workflow: Mapping[str, Any], node: Mapping[str, Any], random: Random) -> Job:
        """Return what a node's container will do."""
        task = node["displayName"].partition("(")[0]
        task = task if task in _SECONDS else "job"
        outcome = self._outcome(workflow)
        fails = {"unit-test": Outcome.TEST_FAILS, "docker-push": Outcome.PUSH_FAILS}.get(task) == outcome
        seconds = random.uniform(*_SECONDS.get(task, (4.0, 9.0)))
        said = transcript(task, seconds, fails=fails)
        lines = tuple((seconds * share, text) for share, text in said)
        return Job(task=task, seconds=seconds, exit_code=1 if fails else 0, lines=lines)

    def done(self, workflow: Object, node: Object, job: Job) -> None:
        """Leave what a successful container leaves: after the push, an image and the outputs that name it."""
        change = self._world.changes.get(_label(workflow, "trombone.dev/commit"))
        if job.task != "docker-push" or change is None:
            return
        image = built(change.plan, change.tag, change.commit, self._world.now)
        release(self._world.images, image)
        outputs = [
            {"name": "image", "value": f"{change.plan.image}:{change.tag}"},
            {"name": "image-tag", "value": change.tag},
            {"name": "image-digest", "value": image.digest},
            {"name": "commit", "value": change.commit},
        ]
        node["outputs"] = {"exitCode": "0", "parameters": outputs}
        workflow["status"]["outputs"] = {"parameters": outputs}

    def closed(self, workflow: Mapping[str, Any], phase: str) -> None:
        """Hear that a Workflow has ended; where there is no Image Updater, the pipeline commits the tag."""
        change = self._world.changes.get(_label(workflow, "trombone.dev/commit"))
        if change is None:
            return
        if phase != "Succeeded":
            self._world.end(change.plan.name)
        elif not self._api.installed(IMAGE_UPDATERS):
            commit = sha(self._world.random(change.commit))
            self._world.config.commit(change.plan.name, commit, change.tag)

    def _outcome(self, workflow: Mapping[str, Any]) -> Outcome:
        change = self._world.changes.get(_label(workflow, "trombone.dev/commit"))
        return change.outcome if change else Outcome.GOOD


def _label(workflow: Mapping[str, Any], key: str) -> str:
    return str((workflow["metadata"].get("labels") or {}).get(key, ""))
