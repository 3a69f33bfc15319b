"""Argo Rollouts: the controller and the official kubectl plugin; traffic is routed by nginx's annotations."""

from __future__ import annotations

from lab import client
from lab.part import Manifests, Part, Tool
from lab.places import ADMIN, USED
from lab.processes import start
from lab.waiting import serves, wait

VERSION = "1.9.1"
_MODULE = "github.com/argoproj/argo-rollouts"
_STOCK = Manifests(module="rollouts", path=_MODULE, files=("manifests/crds",))


def _start() -> None:
    client.define(_STOCK)
    client.namespace("argo-rollouts")
    start(
        "rollouts-controller",
        USED / "rollouts-controller",
        f"--kubeconfig={ADMIN}",
        "--leader-elect=false",
        env={"POD_NAMESPACE": "argo-rollouts", "ARGO_ROLLOUTS_PROMETHEUS_ADDRESS": "http://127.0.0.1:9091"},
    )
    wait("rollouts", lambda: serves("http://127.0.0.1:8080/healthz"), process="rollouts-controller")


ROLLOUTS = Part(
    name="rollouts",
    about=f"Argo Rollouts {VERSION}, controller and plugin",
    needs=("control-plane",),
    tools=tuple(
        Tool(
            module="rollouts",
            name=name,
            package=f"{_MODULE}/cmd/{name}",
            flags=f"-X {_MODULE}/utils/version.version={VERSION}",
        )
        for name in ("rollouts-controller", "kubectl-argo-rollouts")
    ),
    manifests=_STOCK,
    processes=("rollouts-controller",),
    ports=(8080, 8090),
    start=_start,
)
