"""The official tool: runs ``kubectl-argo-rollouts``, and takes apart what ``get rollout`` prints."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field

from lab.running import Lab

CLEARED = "\x1b[H\x1b[2J\x1b[0;0H"
_FIELD = re.compile(r"^ {0,2}([A-Z]\w+): *(.*)$")
_TREE = re.compile(r"^[\s│├└─]*([⟳Σα#⧉□⊞]) ?(\S+) +(\w+) +(\S) (\S+) +\S+ *(.*)$")
_REVISION = re.compile(r"^[\s│├└─]*# revision:(\d+)")
_IMAGE = re.compile(r"^(\S+)(?: \((.*)\))?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A line of the tree: an object with its mark."""

    kind: str
    name: str
    icon: str
    status: str
    info: tuple[str, ...]
    revision: int = 0
    """The revision it hangs on; 0 for the Rollout itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the official tool says of a Rollout; texts as they were printed."""

    icon: str
    phase: str
    message: str
    step: str
    set_weight: str
    actual_weight: str
    replicas: dict[str, str]
    images: dict[str, str] = field(default_factory=dict)
    """By tag: stable, canary, active, preview; only images that have pods are printed."""
    tree: tuple[Node, ...] = ()

    def nodes(self, kind: str) -> list[Node]:
        return [node for node in self.tree if node.kind == kind]

    @property
    def without_pods(self) -> set[str]:
        """The tags of the ReplicaSets that are scaled down: their images are not printed."""
        down = [node for node in self.nodes("ReplicaSet") if node.status == "ScaledDown"]
        return {tag for node in down for tag in node.info}


class Plugin:
    """kubectl-argo-rollouts in one namespace, as the lab's admin."""

    def __init__(self, lab: Lab, namespace: str) -> None:
        self._words = (
            str(lab.bin("kubectl-argo-rollouts")),
            f"--kubeconfig={lab.kubeconfig('admin')}",
            f"--namespace={namespace}",
        )

    def __call__(self, *words: str) -> str:
        """Return what it printed.

        Raises:
            AssertionError: it failed; says what it said.
        """
        done = subprocess.run(
            self.command(*words), text=True, encoding="utf-8", capture_output=True, check=False, timeout=60
        )
        assert not done.returncode, f"{' '.join(words)}: {done.stderr.strip()}"
        return done.stdout

    def command(self, *words: str) -> tuple[str, ...]:
        """Return what to run for it."""
        return (*self._words, *words)

    def shows(self, rollout: str) -> Shown:
        """Return what it shows of a Rollout."""
        return shown(self("get", "rollout", rollout, "--no-color"))


def shown(text: str) -> Shown:
    """Take one print-out apart."""
    fields: dict[str, str] = {}
    images: dict[str, str] = {}
    tree: list[Node] = []
    last, revision = "", 0
    for line in text.splitlines():
        if found := _FIELD.match(line):
            last, value = found[1], found[2].strip()
            fields[last] = value
            if last == "Images":
                images.update(_tags(value))
        elif last == "Images" and line.startswith(" "):
            images.update(_tags(line.strip()))
        elif begins := _REVISION.match(line):
            revision = int(begins[1])
        elif node := _TREE.match(line):
            _, name, kind, icon, status, info = node.groups()
            parts = tuple(part for part in info.strip().split(",") if part)
            tree.append(Node(kind=kind, name=name, icon=icon, status=status, info=parts, revision=revision))
    icon, _, phase = fields["Status"].partition(" ")
    return Shown(
        icon=icon,
        phase=phase,
        message=fields.get("Message", ""),
        step=fields.get("Step", ""),
        set_weight=fields.get("SetWeight", ""),
        actual_weight=fields.get("ActualWeight", ""),
        replicas={key: fields[key] for key in ("Desired", "Updated", "Ready", "Available")},
        images=images,
        tree=tuple(tree),
    )


def frames(text: str) -> list[Shown]:
    """Take apart what ``--watch`` printed: it clears the screen before each print-out."""
    return [
        shown(frame)
        for frame in text.split("\x1b[H\x1b[2J\x1b[0;0H")
        if frame.rstrip().endswith("\n") or "Available:" in frame
    ]


def _tags(value: str) -> dict[str, str]:
    found = _IMAGE.match(value)
    if found is None or not found[2]:
        return {}
    return {tag.strip(): found[1] for tag in found[2].split(",") if tag.strip()}
