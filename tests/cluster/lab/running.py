"""The lab that runs, as tests hold it."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lab import processes
from lab.places import ADMIN, BIN, LOGS, RUN

PROCESSES_OF = {
    "control-plane": ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"),
    "rollouts": ("rollouts-controller",),
    "prometheus": ("metrics-app", "prometheus"),
    "workflows": ("workflow-controller",),
    "argocd": ("redis", "argocd-repo-server", "argocd-application-controller", "argocd-server"),
    "images": ("registry", "image-updater"),
    "events": ("nats", "events-controller", "eventsource", "sensor"),
}


@dataclass(frozen=True)
class Lab:
    """A running lab: its parts, files and processes.

    Stopping and starting processes takes some hundredths of a second and waits for nobody to be ready, so it
    may be done on an event loop.
    """

    @property
    def run(self) -> Path:
        """The folder of this run."""
        return RUN

    @cached_property
    def parts(self) -> set[str]:
        """The parts that ran when first asked; ``demo`` is the service under delivery."""
        found = {part for part, names in PROCESSES_OF.items() if all(map(_alive, names))}
        if (RUN / "git" / "demo.git").exists():
            found.add("demo")
        return found

    def has(self, part: str) -> bool:
        """Say whether a part runs."""
        return part in self.parts

    def kubeconfig(self, persona: str = "admin") -> Path:
        """Return the kubeconfig of admin, viewer, dev or nobody."""
        path = RUN / f"{persona}.kubeconfig"
        if not path.exists():
            raise KeyError(f"the lab knows no persona {persona}")
        return path

    def bin(self, name: str) -> Path:
        """Return a program the lab built: kubectl, kubectl-argo-rollouts, argocd, kustomize and the rest."""
        path = BIN / name
        if not path.exists():
            raise KeyError(f"the lab has not built {name}")
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
    if not (ADMIN.exists() and (BIN / "kubectl").exists()):
        return False
    words = (BIN / "kubectl", f"--kubeconfig={ADMIN}", "get", "--raw=/readyz", "--request-timeout=5s")
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def _alive(name: str) -> bool:
    try:
        return processes.find(name).alive
    except KeyError:
        return False


def reason(part: str) -> str:
    """Say why a part does not run."""
    if not ADMIN.exists():
        return "no lab runs; `make lab` starts one, `make test-cluster` starts and ends one"
    path = RUN / "reasons" / part
    if path.exists():
        return path.read_text(encoding="utf-8").strip()
    names = [name for name in PROCESSES_OF.get(part, ()) if not _alive(name)]
    return f"{', '.join(names) or part} is not running; see {LOGS}"
