"""Argo Events: the controller on NATS JetStream, and one EventSource and two Sensors as processes.

No pod runs, so they run from the environment that the controller wrote into their Deployments. One Sensor
has the rights of ``dev``, and each of its triggers fails in a way of its own. Two of their places are fixed
folders of the machine (`FOLDERS`): there is one lab a machine, and a user who is not root must have been
given them once.
"""

from __future__ import annotations

import base64
import os
import secrets
import shutil
import sys
from pathlib import Path

from lab import client
from lab.packages import find, libraries
from lab.part import Absent, Manifests, Part, Tool
from lab.places import ADMIN, HERE, LOGS, PKI, RUN, USED
from lab.processes import start
from lab.waiting import listens, serves, wait

VERSION = "1.9.11"
FOLDERS = (Path("/etc/argo-events"), Path("/argo-events/secrets"))
"""Where argo-events looks for the controller's settings and for mounted Secrets."""
SECRET = RUN / "hook-secret"
"""What pushes are signed with."""
PORT = 12000
"""Where the event source listens, in its pod and on this machine."""
_LEADERSHIP = Path("/tmp/graft.log")
"""Where a sensor keeps who leads; a lab before this one may have left it."""
_MODULE = "github.com/argoproj/argo-events"
_STOCK = Manifests(module="events", path=_MODULE, files=("manifests/base/crds",))
_RUNS = (
    ("eventsource", "github", "eventsource", "127.0.0.1:7781", ADMIN),
    ("sensor", "github", "sensor", "127.0.0.1:7782", ADMIN),
    ("sensor", "in-vain", "sensor-in-vain", "127.0.0.1:7783", RUN / "dev.kubeconfig"),
)
"""Kind, object, process, address of its figures, and whose rights its triggers have."""


def _start() -> None:
    _fixed_places()
    _bus()
    client.define(_STOCK)
    client.namespace("argo-events")
    secret = base64.b64encode(SECRET.read_bytes()).decode()
    hook = {"name": "github-hook", "namespace": "argo-events"}
    client.put({"apiVersion": "v1", "kind": "Secret", "metadata": hook, "data": {"secret": secret}})
    start(
        "events-controller", USED / "argo-events", "controller", "--leader-election=false",
        "--metrics-port=7787", "--health-port=8091",
        env={"KUBECONFIG": str(ADMIN), "ARGO_EVENTS_IMAGE": f"lab/argo-events:v{VERSION}"},
    )  # fmt: skip
    wait("events-controller", lambda: serves("http://127.0.0.1:8091/healthz"), process="events-controller")
    client.apply(HERE / "objects/events.yaml")
    for run in _RUNS:
        _run(*run)
    _serve_port("eventsource-name=github")
    wait("eventsource", lambda: listens(PORT), process="eventsource")


def _subscribed(process: str) -> bool:
    return "ubscri" in (LOGS / f"{process}.log").read_text(encoding="utf-8", errors="replace")


def _fixed_places() -> None:
    settings, mounted = FOLDERS[0], FOLDERS[1] / "github-hook"
    try:
        for folder in (settings, mounted):
            folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(HERE / "objects/events-controller-config.yaml", settings / "controller-config.yaml")
        SECRET.write_text(secrets.token_hex(16), encoding="utf-8")
        mounted.chmod(0o700)
        shutil.copyfile(SECRET, mounted / "secret")
        _LEADERSHIP.unlink(missing_ok=True)
    except OSError as error:
        wanted = " ".join(map(str, FOLDERS))
        raise Absent(
            f"{error.filename}: {error.strerror}; argo-events wants fixed folders, which root can give you"
            f" once: install -d -o {os.environ.get('USER', 'YOU')} {wanted}"
        ) from None


def clear() -> None:
    """Take away what was written outside of the run's folder."""
    for path in (FOLDERS[0] / "controller-config.yaml", FOLDERS[1] / "github-hook" / "secret"):
        if os.access(path.parent, os.W_OK):
            path.unlink(missing_ok=True)


def _bus() -> None:
    folder = RUN / "nats"
    folder.mkdir(exist_ok=True)
    (folder / "nats.conf").write_text(
        'listen: "127.0.0.1:4222"\nhttp: "127.0.0.1:8222"\n'
        f'jetstream {{ store_dir: "{folder}", max_memory_store: 64MB, max_file_store: 512MB }}\n'
        f'tls {{ cert_file: "{PKI}/srv.crt", key_file: "{PKI}/srv.key" }}\n',
        encoding="utf-8",
    )
    start("nats", find("nats-server"), "-c", folder / "nats.conf", env=libraries())
    wait("nats", lambda: serves("http://127.0.0.1:8222/healthz"), process="nats")


def _run(kind: str, name: str, process: str, metrics: str, kubeconfig: Path) -> None:
    selector = f"{kind}-name={name}"
    wait(f"the {kind}'s Deployment", lambda: _environment(selector), process="events-controller")
    env = {
        **_environment(selector),
        "KUBECONFIG": str(kubeconfig),
        "EVENTBUS_SUBJECT": "eventbus-argo-events",
        "POD_NAMESPACE": "argo-events",
        "POD_NAME": f"{kind}-{name}",
    }
    start(process, USED / "events-run", kind, metrics, env=env)
    _serve_log(selector, process)
    if kind == "sensor":
        wait(process, lambda: _subscribed(process), process=process)
        _LEADERSHIP.unlink(missing_ok=True)  # the next one has its own vote


def _environment(selector: str) -> dict[str, str]:
    """Return what the controller put into a Deployment's pods."""
    items = client.get("deployments", "-n", "argo-events", "-l", selector)["items"]
    entries = items[0]["spec"]["template"]["spec"]["containers"][0]["env"]
    return {entry["name"]: entry["value"] for entry in entries if entry.get("value")}


def _serve_port(selector: str) -> None:
    """Let the port of the pods that the controller made lead to the process."""
    target = {"address": "127.0.0.1", "port": PORT}
    for pod in client.get("pods", "-n", "argo-events", "-l", selector)["items"]:
        client.put(
            {
                "apiVersion": "kwok.x-k8s.io/v1alpha1",
                "kind": "PortForward",
                "metadata": {"name": pod["metadata"]["name"], "namespace": "argo-events"},
                "spec": {"forwards": [{"ports": [PORT], "target": target}]},
            }
        )


def _serve_log(selector: str, name: str) -> None:
    """Let ``kubectl logs`` of the pods that the controller made show the process's log."""
    target = RUN / "cri" / f"{name}.log"
    target.touch()
    start(f"{name}-log", sys.executable, HERE / "cri_log.py", LOGS / f"{name}.log", target)
    wait(f"the {name}'s pod", lambda: client.get("pods", "-n", "argo-events", "-l", selector)["items"])
    for pod in client.get("pods", "-n", "argo-events", "-l", selector)["items"]:
        client.put(
            {
                "apiVersion": "kwok.x-k8s.io/v1alpha1",
                "kind": "Logs",
                "metadata": {"name": pod["metadata"]["name"], "namespace": "argo-events"},
                "spec": {"logs": [{"logsFile": str(target), "follow": True}]},
            }
        )


EVENTS = Part(
    name="events",
    about=f"Argo Events {VERSION}: controller, EventSource and Sensors; NATS of the machine's Debian",
    needs=("control-plane", "workflows"),
    tools=(
        Tool(
            module="events",
            name="argo-events",
            package=f"{_MODULE}/cmd",
            flags=f"-X {_MODULE}.version=v{VERSION}",
        ),
        Tool(module="events", name="events-run", package="."),
    ),
    programs=(("nats-server", "nats-server"),),
    manifests=_STOCK,
    processes=("nats", "events-controller", "eventsource", "sensor", "sensor-in-vain"),
    ports=(4222, 7781, 7782, 7783, 7787, 8091, 8222, PORT),
    start=_start,
)
