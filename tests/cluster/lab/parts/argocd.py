"""Argo CD: repo-server, both controllers and server, with redis; repositories are local folders."""

from __future__ import annotations

import os

from lab import client
from lab.packages import find, libraries
from lab.part import Manifests, Part, Tool
from lab.places import ADMIN, HERE, RUN, USED
from lab.processes import start
from lab.waiting import listens, serves, wait

VERSION = "3.2.6"
_MODULE = "github.com/argoproj/argo-cd/v3"
_STOCK = Manifests(module="argocd", path=_MODULE, files=("manifests/crds",))
_REDIS = ("--redis", "127.0.0.1:6379")
_REPOSITORIES = ("--repo-server", "127.0.0.1:8181", "--repo-server-plaintext")


def _start() -> None:
    client.define(_STOCK)
    client.namespace("argocd")
    client.apply(HERE / "objects/argocd.yaml")
    start(
        "redis", find("redis-server"), "--bind", "127.0.0.1", "--port", "6379", "--save", "",
        "--appendonly", "no",
        env=libraries(),
    )  # fmt: skip
    wait("redis", lambda: listens(6379), process="redis")
    home = RUN / "argocd"
    for folder in ("tls", "ssh", "gpg", "gnupg", "plugins"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    _component(
        "repo-server", 8184, "--address", "127.0.0.1", "--port", "8181", "--metrics-address", "127.0.0.1",
        "--metrics-port", "8184", *_REDIS, "--disable-tls",
    )  # fmt: skip
    _component(
        "application-controller", 8082, "--kubeconfig", ADMIN, "--namespace", "argocd", *_REDIS,
        *_REPOSITORIES, "--metrics-port", "8082", "--status-processors", "4", "--operation-processors", "2",
        "--kubectl-parallelism-limit", "4",
    )  # fmt: skip
    _component(
        "applicationset-controller", 8087, "--kubeconfig", ADMIN, "--namespace", "argocd",
        "--argocd-repo-server", "127.0.0.1:8181", "--repo-server-plaintext",
        "--metrics-addr", "127.0.0.1:8087", "--probe-addr", "127.0.0.1:8088",
        "--webhook-addr", "127.0.0.1:7000", page="metrics",
    )  # fmt: skip
    _component(
        "server", 8085, "--insecure", "--disable-auth", "--address", "127.0.0.1", "--port", "8085",
        "--metrics-port", "8086", *_REDIS, *_REPOSITORIES, "--kubeconfig", ADMIN, "--namespace", "argocd",
    )  # fmt: skip


def _component(component: str, port: int, *words: object, page: str = "healthz") -> None:
    """Start one of the programs that the one binary is, by the name it goes by."""
    home, name = RUN / "argocd", f"argocd-{component}"
    env = {
        "ARGOCD_BINARY_NAME": name,
        "KUBECONFIG": str(ADMIN),
        "ARGOCD_FAKE_IN_CLUSTER": "true",
        "ARGOCD_TLS_DATA_PATH": f"{home}/tls",
        "ARGOCD_SSH_DATA_PATH": f"{home}/ssh",
        "ARGOCD_GPG_DATA_PATH": f"{home}/gpg",
        "ARGOCD_GNUPGHOME": f"{home}/gnupg",
        "ARGOCD_GPG_ENABLED": "false",
        "ARGOCD_PLUGINSOCKFILEPATH": f"{home}/plugins",
        "ARGOCD_ASK_PASS_SOCK": f"{home}/ask.sock",
        "ARGOCD_RECONCILIATION_TIMEOUT": "10s",
        "ARGOCD_RECONCILIATION_JITTER": "0s",
        "PATH": f"{USED}:{os.environ.get('PATH', os.defpath)}",
    }
    start(name, USED / "argocd", *words, env=env)
    wait(name, lambda: serves(f"http://127.0.0.1:{port}/{page}"), process=name)


ARGOCD = Part(
    name="argocd",
    about=f"Argo CD {VERSION}: repo-server, application-controller, applicationset-controller, server; redis",
    needs=("control-plane",),
    tools=(
        Tool(
            module="argocd",
            name="argocd",
            package=f"{_MODULE}/cmd",
            flags=f"-X {_MODULE}/common.version={VERSION} -X {_MODULE}/common.gitTag=v{VERSION}",
        ),
        Tool(module="kustomize", name="kustomize", package="sigs.k8s.io/kustomize/kustomize/v5"),
    ),
    programs=(("redis-server", "redis-server"),),
    manifests=_STOCK,
    processes=(
        "redis",
        "argocd-repo-server",
        "argocd-application-controller",
        "argocd-applicationset-controller",
        "argocd-server",
    ),
    ports=(6379, 7000, 8082, 8085, 8086, 8087, 8088, 8181, 8184),
    start=_start,
)
