"""Argo Workflows: the controller; kwok plays the pods, and what an executor would report of them."""

from __future__ import annotations

from lab import client
from lab.part import Manifests, Part, Tool
from lab.places import ADMIN, HERE, USED
from lab.processes import start
from lab.waiting import serves, wait

VERSION = "3.7.18"
_MODULE = "github.com/argoproj/argo-workflows/v3"
_STOCK = Manifests(module="workflows", path=_MODULE, files=("manifests/base/crds/minimal",))


def _start() -> None:
    client.define(_STOCK)
    client.namespace("argo")
    client.apply(HERE / "objects/workflow-controller-configmap.yaml")
    start(
        "workflow-controller",
        USED / "workflow-controller",
        f"--kubeconfig={ADMIN}",
        "--namespace=argo",
        "--workflow-workers=4",
        f"--executor-image=quay.io/argoproj/argoexec:v{VERSION}",
        env={
            "LEADER_ELECTION_DISABLE": "true",
            "DEFAULT_REQUEUE_TIME": "2s",
            "MAX_WORKFLOW_SIZE": "20000",  # bytes; the nodes of a larger one are packed
        },
    )
    wait("workflows", lambda: serves("http://127.0.0.1:6060/healthz"), process="workflow-controller")


WORKFLOWS = Part(
    name="workflows",
    about=f"Argo Workflows {VERSION}, controller",
    needs=("control-plane",),
    tools=(
        Tool(
            module="workflows",
            name="workflow-controller",
            package=f"{_MODULE}/cmd/workflow-controller",
            flags=f"-X {_MODULE}.version=v{VERSION} -X {_MODULE}.gitTag=v{VERSION}"
            f" -X {_MODULE}.gitTreeState=clean",
        ),
    ),
    manifests=_STOCK,
    processes=("workflow-controller",),
    ports=(6060, 9095),
    start=_start,
)
