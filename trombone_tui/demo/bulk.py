"""Very many objects at once, for the scenario ``big``, and a storm of changes to them.

Each state of each kind is serialised once, with marks where objects differ; an object is that text with its
own names filled in. So 19,000 objects take about a second, and 2,000 changes a second little of a core.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from trombone_tui.demo.crowd import (
    TASKS,
    Sections,
    application_states,
    rollout_states,
    workflow_states,
)
from trombone_tui.demo.store import Store
from trombone_tui.demo.story.graph import PREFIX
from trombone_tui.demo.story.hashes import fnv32a, guid
from trombone_tui.demo.story.play import Story

WORKFLOWS, APPLICATIONS, ROLLOUTS = 10_000, 5_000, 1_000
NAMESPACES = 50
RATE = 20.0
"""Changes a second if none are asked for."""
_TICK = 0.05
_MARK = re.compile(rb"@([a-z-]+)@")
_CREATED = "2026-01-01T00:00:00Z"


@dataclass(slots=True)
class Member:
    """One object of a crowd: its metadata, what its marks stand for, and which state it is in."""

    metadata: dict[str, Any]
    marks: Mapping[str, bytes]
    state: int


class Crowd:
    """Objects of one kind that differ in names and go round a few states."""

    def __init__(self, store: Store, resource: str, states: tuple[Sections, ...]) -> None:
        self._store, self._resource = store, resource
        self._states = [_State(one) for one in states]
        self._members: list[Member] = []

    def add(self, metadata: dict[str, Any], marks: Mapping[str, bytes], state: int) -> None:
        """Add an object."""
        member = Member(metadata, marks, state)
        self._members.append(member)
        self._place(member)

    def move(self, random: Random) -> None:
        """Bring one object into its next state."""
        member = random.choice(self._members)
        member.state = (member.state + 1) % len(self._states)
        member.metadata["generation"] = member.metadata.get("generation", 1) + 1
        self._place(member)

    def _place(self, member: Member) -> None:
        state, metadata = self._states[member.state], dict(member.metadata)
        if state.labels:
            metadata["labels"] = {**metadata["labels"], **state.labels}
        self._store.place(self._resource, metadata, state.fill(member.marks))


class _State:
    """One state of a kind, cut at its marks."""

    def __init__(self, sections: Sections) -> None:
        phase = sections.get("labels", b"").decode()
        completed = "false" if phase == "Running" else "true"
        self.labels = {f"{PREFIX}phase": phase, f"{PREFIX}completed": completed} if phase else {}
        self._fixed = {key: sections[key] for key in ("apiVersion", "kind")}
        self._cut = {key: _MARK.split(sections[key]) for key in ("spec", "status")}
        self._names = {key: [name.decode() for name in parts[1::2]] for key, parts in self._cut.items()}

    def fill(self, marks: Mapping[str, bytes]) -> dict[str, bytes]:
        """Return the sections of one object."""
        filled = dict(self._fixed)
        for key, parts in self._cut.items():
            pieces = parts.copy()
            pieces[1::2] = [marks[name] for name in self._names[key]]
            filled[key] = b"".join(pieces)
        return filled


def fill(story: Story, rate: float | None) -> Any:
    """Add the crowds to a prepared story; return the coroutine that keeps them moving."""
    store, random = story.world.store, story.world.random("bulk")
    for number in range(NAMESPACES):
        name = _namespace(number)
        store.put("namespaces", {"metadata": {"name": name}, "status": {"phase": "Active"}})
    now = story.curtain
    stamps = [(now - timedelta(minutes=m)).strftime("%Y-%m-%dT%H:%M:%SZ") for m in range(600)]
    workflows = Crowd(store, "workflows.argoproj.io", workflow_states())
    for number in range(WORKFLOWS):
        _add_workflow(workflows, number, random, stamps)
    applications = Crowd(store, "applications.argoproj.io", application_states())
    for number in range(APPLICATIONS):
        _add_application(applications, number, random, stamps)
    rollouts = Crowd(store, "rollouts.argoproj.io", rollout_states()[0])
    sets = Crowd(store, "replicasets.apps", rollout_states()[1])
    for number in range(ROLLOUTS):
        _add_rollout(rollouts, sets, number, random, stamps)
    return _storm((workflows, workflows, applications, rollouts), RATE if rate is None else rate, random)


async def _storm(crowds: tuple[Crowd, ...], rate: float, random: Random) -> None:
    """Make so many changes a second, spread evenly, and catch up after a delay of at most a second."""
    loop = asyncio.get_running_loop()
    began, made = loop.time(), 0
    while True:
        due = int((loop.time() - began) * rate)
        if due - made > rate:
            made = int(due - rate)
        for _ in range(due - made):
            random.choice(crowds).move(random)
        made = due
        await asyncio.sleep(_TICK)


def _namespace(number: int) -> str:
    return f"team-{number % NAMESPACES:02}"


def _state(number: int, usual: int, others: tuple[int, ...]) -> int:
    """Return the state of an object: every tenth is in one of the other ones."""
    return others[number // 10 % len(others)] if number % 10 == 0 else usual


def _add_workflow(crowd: Crowd, number: int, random: Random, stamps: list[str]) -> None:
    service, name = f"svc-{number % APPLICATIONS:04}", f"svc-{number % APPLICATIONS:04}-build-{number:05}"
    began, namespace = stamps[number % 500 + 5], _namespace(number)
    commit = f"{random.getrandbits(160):040x}"
    metadata = {
        "name": name,
        "generateName": f"{service}-build-",
        "namespace": namespace,
        "uid": guid(random),
        "creationTimestamp": began,
        "generation": 8,
        "labels": {
            "events.argoproj.io/sensor": service,
            "events.argoproj.io/trigger": "build",
            "trombone.dev/app": service,
            "trombone.dev/commit": commit,
        },
        "annotations": {"workflows.argoproj.io/pod-name-format": "v2"},
    }
    marks = {
        "name": name.encode(),
        "service": service.encode(),
        "began": began.encode(),
        "commit": commit.encode(),
    }
    begun = fnv32a(f"{name}.")
    for task in TASKS:
        marks[task] = str(fnv32a(task, begun)).encode()
    crowd.add(metadata, marks, _state(number, 3, (4, 1, 2)))


def _add_application(crowd: Crowd, number: int, random: Random, stamps: list[str]) -> None:
    service = f"svc-{number:04}"
    metadata = {
        "name": service,
        "namespace": "argocd",
        "uid": guid(random),
        "creationTimestamp": _CREATED,
        "generation": 60,
        "labels": {"trombone.dev/app": service},
    }
    marks = {
        "service": service.encode(),
        "namespace": _namespace(number).encode(),
        "began": stamps[number % 500].encode(),
        "revision": f"{random.getrandbits(160):040x}".encode(),
    }
    crowd.add(metadata, marks, _state(number, 0, (1, 2, 3)))


def _add_rollout(rollouts: Crowd, sets: Crowd, number: int, random: Random, stamps: list[str]) -> None:
    service, namespace, uid = f"svc-{number:04}", _namespace(number), guid(random)
    marks = {
        "service": service.encode(),
        "namespace": namespace.encode(),
        "began": stamps[number % 500].encode(),
        "old": f"{number:06}9bd7".encode(),
        "new": f"{number:06}f8d6".encode(),
    }
    metadata: dict[str, Any] = {
        "name": service,
        "namespace": namespace,
        "uid": uid,
        "creationTimestamp": _CREATED,
        "generation": 4,
        "labels": {"trombone.dev/app": service},
        "annotations": {
            "argocd.argoproj.io/tracking-id": f"{service}:argoproj.io/Rollout:{namespace}/{service}",
            "rollout.argoproj.io/revision": "2",
        },
    }
    rollouts.add(metadata, marks, _state(number, 0, (1, 2, 3)))
    owner = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "name": service, "uid": uid}
    for state, (revision, pod_hash) in enumerate((("1", marks["old"]), ("2", marks["new"]))):
        labels = {"app": service, "rollouts-pod-template-hash": pod_hash.decode()}
        sets.add(
            {
                "name": f"{service}-{pod_hash.decode()}",
                "namespace": namespace,
                "uid": guid(random),
                "creationTimestamp": _CREATED,
                "generation": 2,
                "labels": labels,
                "annotations": {"rollout.argoproj.io/revision": revision},
                "ownerReferences": [{**owner, "controller": True, "blockOwnerDeletion": True}],
            },
            {**marks, "hash": pod_hash},
            state,
        )
