"""The embedded API server with a Rollout or two, and a connection to it over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from trombone_tui.adapters.kubernetes import Access, KubernetesCluster
from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.stage import Around, Fields, Item
from trombone_tui.demo.access import Persona, Rule
from trombone_tui.demo.clock import Clock
from trombone_tui.demo.server import ApiServer
from trombone_tui.demo.store import Store

ROLLOUTS = "rollouts.argoproj.io"
SEE = Rule(verbs=["get", "list", "watch"], groups=["argoproj.io"], resources=["rollouts"])


def read(_: Any, ref: Ref, __: Around) -> tuple[Item, ...]:
    return (Item(ref=ref, health=Health.HEALTHY, why="Read.", fields=Fields()),)


def rollout(name: str, namespace: str) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": namespace}, "spec": {"replicas": 1}}


@asynccontextmanager
async def api(*personas: Persona, names: Sequence[str] = ("shop", "pay")) -> AsyncIterator[ApiServer]:
    """Serve namespaces, each with a Rollout ``web``."""
    server = ApiServer(Store(Clock()), personas=personas)
    for name in names:
        server.store.create("namespaces", {"metadata": {"name": name}})
        server.store.create(ROLLOUTS, rollout("web", name))
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@asynccontextmanager
async def connected(server: ApiServer, folder: Path, token: str = "") -> AsyncIterator[KubernetesCluster]:
    """Connect to a server as a persona, under the name ``here``."""
    path = folder / "config"
    path.write_text(server.kubeconfig("shop", token=token, context="here"))
    cluster = await KubernetesCluster.connect(Access(kubeconfig=str(path)))
    try:
        yield cluster
    finally:
        await cluster.close()
