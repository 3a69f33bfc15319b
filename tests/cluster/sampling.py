"""Keeps what the lab's controllers write while a command runs, one object a state, for the readers' tests.

``python sampling.py COMMAND ...`` follows every kind that is shown, and in the end writes
``tests/data/<stage>/lab/<kind>-<state>.yaml``: the newest object in each state that was seen, without
managedFields and without the names of the machine and of the tests' namespaces.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml
from lab.places import ADMIN, RUN

DATA = Path(__file__).parents[1] / "data"
Held = dict[str, Any]
LARGEST = 24_000
"""Bytes of JSON; a larger object tells a reader nothing more."""


def _conditions(obj: Held) -> Iterator[str]:
    for one in obj.get("status", {}).get("conditions") or ():
        yield f"{one.get('type')}{'' if one.get('status') == 'True' else one.get('status')}"


def _rollout(obj: Held) -> Iterator[str]:
    status = obj.get("status", {})
    yield "blue-green" if "blueGreen" in obj["spec"].get("strategy", {}) else "canary"
    yield status.get("phase", "new")
    yield status.get("message", "").partition(":")[0]
    yield "aborted" if status.get("abort") else ""
    if not status.get("message"):
        yield from (pause.get("reason", "") for pause in status.get("pauseConditions") or ())


def _analysis(obj: Held) -> Iterator[str]:
    status = obj.get("status", {})
    yield obj["metadata"].get("labels", {}).get("rollout-type", "")
    yield status.get("phase", "new")
    yield from sorted({one.get("phase", "") for one in status.get("metricResults") or ()})
    yield "dry" if status.get("dryRunSummary") else ""


def _workflow(obj: Held) -> Iterator[str]:
    status = obj.get("status", {})
    yield status.get("phase") or "new"
    nodes = (status.get("nodes") or {}).values()
    yield from sorted({node["type"] for node in nodes} - {"Pod", "StepGroup"})
    yield "podfailed" if any((node["type"], node.get("phase")) == ("Pod", "Failed") for node in nodes) else ""


def _cron(obj: Held) -> Iterator[str]:
    status = obj.get("status", {})
    yield status.get("phase", "new")
    yield "suspended" if obj["spec"].get("suspend") else ""
    yield "failing" if status.get("failed") else ""
    yield from _conditions(obj)


def _application(obj: Held) -> Iterator[str]:
    status = obj.get("status", {})
    yield status.get("sync", {}).get("status") or "new"
    yield status.get("health", {}).get("status") or ""
    yield status.get("operationState", {}).get("phase") or ""
    yield from (one["type"] for one in status.get("conditions") or ())


SOURCES: dict[str, tuple[str, str, Callable[[Held], Iterator[str]]]] = {
    "eventbus": ("events", "argoproj.io", _conditions),
    "eventsources": ("events", "argoproj.io", _conditions),
    "sensors": ("events", "argoproj.io", _conditions),
    "workflows": ("workflows", "argoproj.io", _workflow),
    "cronworkflows": ("workflows", "argoproj.io", _cron),
    "imageupdaters": ("images", "argocd-image-updater.argoproj.io", _conditions),
    "applications": ("sync", "argoproj.io", _application),
    "rollouts": ("rollout", "argoproj.io", _rollout),
    "analysisruns": ("metrics", "argoproj.io", _analysis),
}
"""By plural: its stage, its group, and what its state is called."""


class Samples:
    """The newest object in each state, by stage and name of the state."""

    def __init__(self) -> None:
        config = json.loads(ADMIN.read_text(encoding="utf-8"))
        self._server = config["clusters"][0]["cluster"]["server"]
        self._trust = ssl.create_default_context(
            cafile=config["clusters"][0]["cluster"]["certificate-authority"]
        )
        self._token = config["users"][0]["user"]["token"]
        self._found: dict[tuple[str, str], Held] = {}
        self._ended = threading.Event()
        self._lock = threading.Lock()

    def follow(self, plural: str) -> None:
        """Keep what is seen of a kind until the end; begin again after a fault."""
        stage, group, state = SOURCES[plural]
        path = f"{self._server}/apis/{group}/v1alpha1/{plural}?watch=1&timeoutSeconds=5"
        request = urllib.request.Request(path, headers={"Authorization": f"Bearer {self._token}"})
        while not self._ended.is_set():
            try:
                with urllib.request.urlopen(request, timeout=10, context=self._trust) as reply:
                    for line in reply:
                        event = json.loads(line)
                        if event["type"] in ("ADDED", "MODIFIED") and len(line) < LARGEST:
                            self._keep(stage, event["object"], state)
            except (OSError, ValueError):
                self._ended.wait(1)

    def end(self) -> None:
        """Follow no more."""
        self._ended.set()

    def _keep(self, stage: str, obj: Held, state: Callable[[Held], Iterator[str]]) -> None:
        words = (obj["kind"], *state(obj))
        name = re.sub(r"[^a-z0-9]+", "-", "-".join(filter(None, words)).lower())[:90].strip("-")
        with self._lock:
            self._found[stage, name] = obj

    def write(self, data: Path) -> int:
        """Write them in place of those of the last time; return how many."""
        for stage in {stage for stage, *_ in SOURCES.values()}:
            shutil.rmtree(data / stage / "lab", ignore_errors=True)
        for (stage, name), obj in sorted(self._found.items()):
            folder = data / stage / "lab"
            folder.mkdir(exist_ok=True)
            text = yaml.safe_dump(scrubbed(obj), sort_keys=True, width=110, allow_unicode=True)
            (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
        return len(self._found)


def scrubbed(obj: Held) -> Held:
    """Return an object without what is of this machine and this run alone."""
    meta = obj["metadata"]
    meta.pop("managedFields", None)
    (meta.get("annotations") or {}).pop("kubectl.kubernetes.io/last-applied-configuration", None)
    text = json.dumps(obj)
    for word, instead in {
        str(RUN): "/srv/lab",
        str(Path.home()): "/srv/home",
        os.uname().nodename: "machine",
        **({meta["namespace"]: "lab"} if re.match(r"t-|truth-", meta.get("namespace", "")) else {}),
    }.items():
        text = text.replace(word, instead)
    text = re.sub(rf"{re.escape(tempfile.gettempdir())}/[\w.-]+", "/srv/config", text)
    found: Held = json.loads(text)
    return found


def main() -> int:
    """Run the command and keep what it brought about."""
    samples = Samples()
    threads = [threading.Thread(target=samples.follow, args=(plural,), daemon=True) for plural in SOURCES]
    for thread in threads:
        thread.start()
    code = subprocess.run(sys.argv[1:], check=False).returncode
    samples.end()
    for thread in threads:
        thread.join(15)
    print(f"{samples.write(DATA)} objects in {DATA}")
    return code


if __name__ == "__main__":
    sys.exit(main())
