"""The lab that runs, as tests hold it."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from lab import lifecycle, processes
from lab.parts import PARTS
from lab.places import ADMIN, LOGS, RUN, USED


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """A running lab: its parts, files and processes.

    Stopping and starting processes takes some hundredths of a second and waits for nobody to be ready, so it
    may be done on an event loop.
    """

    parts: frozenset[str]
    """The parts that ran when it was looked for; ``demo`` is the service under delivery."""

    @classmethod
    def find(cls) -> Self:
        """Return the lab that runs; one without any parts if none does."""
        if not answers():
            return cls(parts=frozenset())
        said = lifecycle.report()
        ready = (name for name, part in PARTS.items() if said.get(name) == "" and lifecycle.running(part))
        return cls(parts=frozenset(ready))

    @property
    def run(self) -> Path:
        """The folder of this run."""
        return RUN

    def has(self, part: str) -> bool:
        """Say whether a part runs.

        Raises:
            KeyError: there is no such part.
        """
        return PARTS[part].name in self.parts

    def kubeconfig(self, persona: str = "admin") -> Path:
        """Return the kubeconfig of admin, viewer, dev or nobody."""
        path = RUN / f"{persona}.kubeconfig"
        if not path.exists():
            raise KeyError(f"the lab knows no persona {persona}")
        return path

    def bin(self, name: str) -> Path:
        """Return a program that was built: kubectl, kubectl-argo-rollouts, argocd, kustomize and the rest."""
        path = USED / name
        if not path.exists():
            raise KeyError(f"the lab has no program {name}")
        return path

    def log(self, name: str) -> Path:
        """Return the log of a process."""
        return LOGS / f"{name}.log"

    def alive(self, name: str) -> bool:
        """Say whether a process runs."""
        return processes.find(name).alive

    def signal(self, name: str, number: int) -> None:
        """Send a process a signal."""
        processes.find(name).signal(number)

    def stop(self, name: str) -> None:
        """Kill a process."""
        processes.stop(name)

    def restart(self, name: str) -> None:
        """Start a process as it was started before, killing it first if it still runs."""
        processes.restart(name)


def answers() -> bool:
    """Say whether the API server of a lab is ready."""
    if not (ADMIN.exists() and (USED / "kubectl").exists()):
        return False
    words = (USED / "kubectl", f"--kubeconfig={ADMIN}", "get", "--raw=/readyz", "--request-timeout=5s")
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def state(part: str) -> str:
    """Say why a part does not run, in a line; empty when it does."""
    said = lifecycle.report()
    if not said:
        return "no lab runs; `make lab` starts one, `make test-cluster` starts and ends one"
    if why := said.get(part, "it was not started"):
        return why.splitlines()[0]
    dead = [name for name in PARTS[part].processes if not processes.find(name).alive]
    if dead:
        return f"{', '.join(dead)} ended; see {LOGS}"
    return "" if answers() else f"the API server does not answer; see {LOGS / 'kube-apiserver.log'}"
