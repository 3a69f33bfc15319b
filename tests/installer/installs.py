"""The embedded API server with a namespace or two, and who installs a pipeline on it over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from trombone_tui.adapters.audit import AuditFile
from trombone_tui.adapters.kubernetes import Access, KubernetesCluster
from trombone_tui.config import folder
from trombone_tui.core.installing import (
    Came,
    Deed,
    InstallPlan,
    Order,
    Planned,
    Progress,
    RemovalPlan,
    Standing,
)
from trombone_tui.core.ports import PortError
from trombone_tui.demo.access import Persona
from trombone_tui.demo.clock import Clock
from trombone_tui.demo.metadata import Writer
from trombone_tui.demo.server import ApiServer
from trombone_tui.demo.store import Store
from trombone_tui.installer import ManifestInstaller
from trombone_tui.live import Live
from trombone_tui.pipeline import PIPELINE

VALUES = {
    "service": "shop-api",
    "source_repository": "acme/shop-api",
    "image_repository": "registry.example/shop/api",
    "config_repository": "https://git.example/acme/shop-config.git",
}
KINDS = {
    "EventBus": "eventbus.argoproj.io",
    "EventSource": "eventsources.argoproj.io",
    "Sensor": "sensors.argoproj.io",
    "WorkflowTemplate": "workflowtemplates.argoproj.io",
    "ImageUpdater": "imageupdaters.argocd-image-updater.argoproj.io",
    "Application": "applications.argoproj.io",
    "AppProject": "appprojects.argoproj.io",
    "Secret": "secrets",
    "Role": "roles.rbac.authorization.k8s.io",
}


def by(manager: str, *, force: bool = False) -> Writer:
    return Writer(manager, "Apply", False, force)


async def eventually(holds: Callable[[], object], within: float = 20.0) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(within):
        while not holds():  # noqa: ASYNC110 - what is waited for happens in another process or task
            await asyncio.sleep(0.005)


class At:
    """The server, and what was done on it."""

    def __init__(self, server: ApiServer, cluster: KubernetesCluster, installer: ManifestInstaller) -> None:
        self.server, self.cluster, self.installer = server, cluster, installer
        self.log: Path
        self.deeds: list[Deed] = []
        self.steps: list[Progress] = []

    @property
    def writes(self) -> list[tuple[str, str]]:
        """What was sent and meant to stay."""
        return [
            (one.method, one.path)
            for one in self.server.requests
            if one.method not in ("GET", "HEAD") and "reviews" not in one.path and "dryRun" not in one.params
        ]

    def order(self, *stages: str, **more: Any) -> Order:
        values = {**VALUES, **more.pop("values", {})}
        return Order(cluster="here", values=values, stages=stages, **more)

    async def plan(self, *stages: str, **more: Any) -> InstallPlan:
        return await self.installer.plan(self.order(*stages, **more))

    async def follow(self, steps: AsyncGenerator[Progress, None]) -> Progress:
        """Take every step; return the last."""
        self.steps = [step async for step in steps]
        self.deeds += [step.deed for step in self.steps if step.deed]
        assert self.steps[-1].came in (Came.DONE, Came.STOPPED)
        assert self.steps[-1].ref is None
        return self.steps[-1]

    async def install(self, *stages: str, **more: Any) -> Progress:
        plan = await self.plan(*stages, **more)
        assert plan.hindrance == ""
        return await self.follow(self.installer.apply(plan))

    async def removal(self, service: str = "shop-api", **more: Any) -> RemovalPlan:
        return await self.installer.plan_removal("here", service, **more)

    async def uninstall(self, service: str = "shop-api", **more: Any) -> Progress:
        return await self.follow(self.installer.remove(await self.removal(service, **more)))

    def get(self, kind: str, name: str, namespace: str = "ci") -> dict[str, Any]:
        return self.server.store.get(KINDS[kind], namespace, name)

    def there(self, kind: str, namespace: str | None = None) -> list[str]:
        return [one["metadata"]["name"] for one in self.server.store.list(KINDS[kind], namespace)]


def standings(plan: InstallPlan) -> dict[str, Standing]:
    return {f"{one.ref.kind}/{one.ref.name}": one.standing for one in plan.objects}


def the(plan: InstallPlan, kind: str) -> Planned:
    """Return the one object of a kind."""
    (found,) = (one for one in plan.objects if one.ref.kind == kind)
    return found


def came(steps: Collection[Progress]) -> dict[str, Came]:
    return {f"{one.ref.kind}/{one.ref.name}": one.came for one in steps if one.ref}


@asynccontextmanager
async def at(
    where: Path,
    *personas: Persona,
    token: str = "",
    lacking: Collection[str] = (),
    protected: Collection[str] = (),
    namespaces: Collection[str] = ("argocd",),
    patience: float = 20.0,
) -> AsyncIterator[At]:
    """Serve an empty cluster and connect to it as a persona, under the name ``here``."""
    server = ApiServer(Store(Clock()), personas=personas)
    for name in namespaces:
        server.store.create("namespaces", {"metadata": {"name": name}})
    for resource in lacking:
        server.store.uninstall(resource)
    await server.start()
    config = where / "config"
    config.write_text(server.kubeconfig("ci", token=token, context="here"))
    cluster = await KubernetesCluster.connect(Access(kubeconfig=str(config)))
    live = Live([cluster], PIPELINE, clock=lambda: datetime.now(UTC))
    following = asyncio.create_task(live.run())
    log = where / "state" / "audit.jsonl"
    installer = ManifestInstaller(
        {"here": cluster}, folder("manifests"), clock=lambda: datetime.now(UTC), audit=AuditFile(log),
        protected=protected, snapshots=live.snapshots, patience=patience,
    )  # fmt: skip
    here = At(server, cluster, installer)
    here.log = log
    try:
        yield here
    finally:
        await live.close()
        with suppress(asyncio.CancelledError, PortError):
            await following
        await cluster.close()
        await server.stop()
