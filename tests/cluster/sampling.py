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
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

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
    yield "packed" if status.get("compressedNodes") else ""
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


def _template(obj: Held) -> Iterator[str]:
    """Name what a template is made of: its providers, or that it takes in others."""
    spec = obj.get("spec", {})
    yield from sorted({key for one in spec.get("metrics") or () for key in one.get("provider", {})})
    yield "takes in" if spec.get("templates") and "metrics" not in spec and "entrypoint" not in spec else ""


def _pod(obj: Held) -> Iterator[str]:
    status = obj.get("status", {})
    yield status.get("phase", "new")
    states = [one.get("state", {}) for one in status.get("containerStatuses") or ()]
    yield from sorted({one["waiting"].get("reason", "") for one in states if "waiting" in one})
    yield from sorted({one["terminated"].get("reason", "") for one in states if "terminated" in one})
    yield from (one["reason"] for one in status.get("conditions") or () if one.get("reason"))
    yield "terminating" if obj["metadata"].get("deletionTimestamp") else ""


def _experiment(obj: Held) -> Iterator[str]:
    yield obj.get("status", {}).get("phase", "new")


def _project(obj: Held) -> Iterator[str]:
    yield "windows" if obj["spec"].get("syncWindows") else ""


def _event(obj: Held) -> Iterator[str]:
    """Name what it regards and whether it warns; of other things than rows none is kept."""
    kind = obj.get("involvedObject", {}).get("kind", "")
    yield kind if kind in _REGARDED else ""
    yield "warning" if obj.get("type") == "Warning" else ""
    yield "repeated" if (obj.get("count") or 1) > 1 else ""


_REGARDED = {
    "Rollout": "rollout",
    "AnalysisRun": "metrics",
    "Workflow": "workflows",
    "Application": "sync",
}
"""The stage of what an Event regards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where objects come from, whose stage they are of, and what their state is called."""

    stage: str
    state: Callable[[Held], Iterator[str]]
    group: str = "argoproj.io"
    version: str = "v1alpha1"
    plural: str
    selector: str = ""

    @property
    def path(self) -> str:
        """The API server's path."""
        base = f"apis/{self.group}" if self.group else "api"
        narrowed = f"&labelSelector={quote(self.selector)}" if self.selector else ""
        return f"{base}/{self.version}/{self.plural}?watch=1&timeoutSeconds=5{narrowed}"


SOURCES = (
    Source(stage="events", plural="eventbus", state=_conditions),
    Source(stage="events", plural="eventsources", state=_conditions),
    Source(stage="events", plural="sensors", state=_conditions),
    Source(
        stage="events", plural="pods", group="", version="v1", state=_pod,
        selector="controller in (eventsource-controller,sensor-controller,eventbus-controller)",
    ),
    Source(stage="workflows", plural="workflows", state=_workflow),
    Source(stage="workflows", plural="cronworkflows", state=_cron),
    Source(stage="workflows", plural="workflowtemplates", state=_template),
    Source(stage="workflows", plural="clusterworkflowtemplates", state=_template),
    Source(
        stage="workflows", plural="pods", group="", version="v1", state=_pod,
        selector="workflows.argoproj.io/workflow",
    ),
    Source(
        stage="images", plural="imageupdaters", state=_conditions, group="argocd-image-updater.argoproj.io"
    ),
    Source(stage="sync", plural="applications", state=_application),
    Source(stage="sync", plural="appprojects", state=_project),
    Source(stage="sync", plural="applicationsets", state=_conditions),
    Source(stage="rollout", plural="rollouts", state=_rollout),
    Source(stage="metrics", plural="experiments", state=_experiment),
    Source(
        stage="rollout", plural="pods", group="", version="v1", state=_pod,
        selector="rollouts-pod-template-hash",
    ),
    Source(
        stage="rollout", plural="horizontalpodautoscalers", group="autoscaling", version="v2",
        state=_conditions,
    ),
    Source(stage="rollout", plural="poddisruptionbudgets", group="policy", version="v1", state=_conditions),
    Source(stage="metrics", plural="analysisruns", state=_analysis),
    Source(stage="metrics", plural="analysistemplates", state=_template),
    Source(stage="metrics", plural="clusteranalysistemplates", state=_template),
    Source(stage="", plural="events", group="", version="v1", state=_event),
)  # fmt: skip


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

    def follow(self, source: Source) -> None:
        """Keep what is seen of a kind until the end; begin again after a fault."""
        headers = {"Authorization": f"Bearer {self._token}"}
        request = urllib.request.Request(f"{self._server}/{source.path}", headers=headers)
        while not self._ended.is_set():
            try:
                with urllib.request.urlopen(request, timeout=10, context=self._trust) as reply:
                    for line in reply:
                        event = json.loads(line)
                        if event["type"] in ("ADDED", "MODIFIED") and len(line) < LARGEST:
                            self._keep(source, event["object"])
            except (OSError, ValueError):
                self._ended.wait(1)

    def end(self) -> None:
        """Follow no more."""
        self._ended.set()

    def _keep(self, source: Source, obj: Held) -> None:
        stage = source.stage or _REGARDED.get(obj.get("involvedObject", {}).get("kind", ""), "")
        if not stage:
            return
        words = (obj["kind"], *source.state(obj))
        name = re.sub(r"[^a-z0-9]+", "-", "-".join(filter(None, words)).lower())[:90].strip("-")
        with self._lock:
            self._found[stage, name] = obj

    def write(self, data: Path) -> int:
        """Write them in place of those of the last time; return how many."""
        for stage in {stage for stage, _ in self._found}:
            shutil.rmtree(data / stage / "lab", ignore_errors=True)
        for (stage, name), obj in sorted(self._found.items()):
            folder = data / stage / "lab"
            folder.mkdir(parents=True, exist_ok=True)
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
    text = re.sub(r"\bt-[0-9a-f]{6}\b", "lab", text)
    found: Held = json.loads(text)
    return found


def main() -> int:
    """Run the command and keep what it brought about."""
    samples = Samples()
    threads = [threading.Thread(target=samples.follow, args=(source,), daemon=True) for source in SOURCES]
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
