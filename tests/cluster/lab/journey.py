"""One change through the whole lab: a signed push, and each hop until it is promoted, or aborted."""

from __future__ import annotations

import re
import secrets
import subprocess
import time
import urllib.request
from collections.abc import Callable
from typing import Any

from lab import client, hook, registry
from lab.part import Absent
from lab.parts.demo import IMAGE, git
from lab.places import ADMIN, USED

_APP = "http://127.0.0.1:9102/set?track=canary"


def next_tag() -> str:
    """Return the version after the highest that the registry has."""
    found = [
        tuple(map(int, tag.split("."))) for tag in registry.tags(IMAGE) if re.fullmatch(r"\d+\.\d+\.\d+", tag)
    ]
    major, minor, patch = max(found, default=(1, 0, 0))
    return f"{major}.{minor}.{patch + 1}"


class Journey:
    """One change: its commit, its tag, and how long ago it was pushed."""

    def __init__(self, tag: str, *, bad: bool, say: Callable[[str], None]) -> None:
        self.tag, self.bad, self._say = tag, bad, say
        self.sha = secrets.token_hex(20)
        self._begin = time.monotonic()

    def run(self) -> None:
        """Push and go along.

        Raises:
            Absent: a hop did not come in its time.
        """
        errors = "0.2" if self.bad else "0.001"
        request = urllib.request.Request(f"{_APP}&errors={errors}", method="POST")
        urllib.request.urlopen(request, timeout=5).close()
        before = git("rev-parse", "main")
        self._begin = time.monotonic()
        if (answer := hook.push(self.sha, self.tag)) != 200:
            raise Absent(f"the event source refuses the push with {answer}; see the log of eventsource")
        self._say(f"  0.0 s  push of {self.sha[:7]} accepted")
        self._hop("Workflow", lambda: (self._workflow() or {}).get("metadata", {}).get("name"), 15)
        self._hop("Workflow finished", self._finished, 60)
        registry.push(IMAGE, self.tag, self.sha)
        self._hop("tag in the registry", lambda: self.tag in registry.tags(IMAGE) and self.tag, 10)
        self._hop("commit of the stand-in for the Image Updater", lambda: _moved(before), 60)
        self._hop("synced", _synced, 60)
        self._hop("canary", lambda: _weight() == 20 and "20 %", 60)
        if self.bad:
            self._hop("aborted", lambda: _rollout().get("abort") and _rollout().get("message", "yes"), 60)
            return
        self._hop(
            "analysis passed, waits for promotion", lambda: _paused() and _weight() == 60 and "60 %", 60
        )
        words = ("promote", "demo", "-n", "shop")
        command = (str(USED / "kubectl-argo-rollouts"), f"--kubeconfig={ADMIN}", *words)
        subprocess.run(command, capture_output=True, check=True)
        self._hop("promoted", lambda: _rollout().get("phase") == "Healthy" and "Healthy", 60)

    def _hop(self, what: str, ready: Callable[[], object], seconds: float) -> None:
        deadline, trouble = time.monotonic() + seconds, ""
        value: object = None
        while not value:
            try:
                value = ready()
            except (Absent, OSError, ValueError, LookupError) as error:  # it may be back in a moment
                trouble = f" ({error})"
            if not value:
                if time.monotonic() > deadline:
                    raise Absent(f"{what}: not within {seconds:.0f} s{trouble}; see `make lab-status`")
                time.sleep(0.3)
        self._say(f"{time.monotonic() - self._begin:5.1f} s  {what}: {value}")

    def _workflow(self) -> dict[str, Any] | None:
        for item in client.get("workflows", "-n", "ci")["items"]:
            parameters = item["spec"].get("arguments", {}).get("parameters", [])
            if any(parameter.get("value") == self.sha for parameter in parameters):
                found: dict[str, Any] = item
                return found
        return None

    def _finished(self) -> str | None:
        phase = (self._workflow() or {}).get("status", {}).get("phase")
        return phase if phase in ("Succeeded", "Failed", "Error") else None


def _rollout() -> dict[str, Any]:
    found: dict[str, Any] = client.get("rollout", "demo", "-n", "shop")["status"]
    return found


def _weight() -> object:
    return _rollout().get("canary", {}).get("weights", {}).get("canary", {}).get("weight")


def _paused() -> bool:
    return any(pause["reason"] == "CanaryPauseStep" for pause in _rollout().get("pauseConditions", ()))


def _moved(before: str) -> str | None:
    now = git("rev-parse", "main")
    return now[:7] if now != before else None


def _synced() -> str | None:
    revision = client.get("application", "demo", "-n", "argocd")["status"]["sync"].get("revision", "")
    return str(revision)[:7] if revision == git("rev-parse", "main") else None
