"""The program over embedded API servers and the real installer, with nothing in between that is played."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feeds import NOW
from textual.pilot import Pilot
from waiting import settled

from trombone_tui.adapters.audit import AuditFile
from trombone_tui.adapters.kubernetes import Access, KubernetesCluster
from trombone_tui.config import folder
from trombone_tui.core.ports import PortError
from trombone_tui.demo.access import Persona
from trombone_tui.demo.clock import Clock
from trombone_tui.demo.patches import MERGE
from trombone_tui.demo.server import ApiServer
from trombone_tui.demo.store import Store
from trombone_tui.installer import ManifestInstaller
from trombone_tui.live import Caution, Live
from trombone_tui.pipeline import PIPELINE
from trombone_tui.ui.app import TromboneApp
from trombone_tui.ui.installing.adding import InstallPlanView
from trombone_tui.ui.installing.roadmap import RoadmapView

VALUES = {
    "service": "shop-api",
    "source_repository": "acme/shop-api",
    "image_repository": "registry.example/shop/api",
    "config_repository": "https://git.example/acme/shop-config.git",
}
MADE = {
    "serviceaccounts", "roles.rbac.authorization.k8s.io", "rolebindings.rbac.authorization.k8s.io", "secrets",
    "eventbus.argoproj.io", "eventsources.argoproj.io", "sensors.argoproj.io",
    "workflowtemplates.argoproj.io", "imageupdaters.argocd-image-updater.argoproj.io",
    "appprojects.argoproj.io", "applications.argoproj.io",
}  # fmt: skip
"""The kinds of all that is installed, but for namespaces."""


@dataclass(frozen=True, kw_only=True)
class Estate:
    """Embedded servers by the names of their clusters, and the program over them."""

    servers: dict[str, ApiServer]
    app: TromboneApp

    @property
    def server(self) -> ApiServer:
        """The only one, or the first."""
        return next(iter(self.servers.values()))

    @property
    def sent(self) -> list[tuple[str, str]]:
        """What was sent that is no reading, dry runs too."""
        return [
            (one.method, one.path)
            for server in self.servers.values()
            for one in server.requests
            if one.method not in ("GET", "HEAD") and "reviews" not in one.path
        ]

    @property
    def writes(self) -> list[tuple[str, str]]:
        """What was sent and meant to stay."""
        return [
            (one.method, one.path)
            for server in self.servers.values()
            for one in server.requests
            if one.method not in ("GET", "HEAD") and "reviews" not in one.path and "dryRun" not in one.params
        ]

    def there(self, name: str = "shop-api") -> set[str]:
        """Return the kinds of which there is an object that was made for a service."""
        return {
            resource
            for resource in MADE
            for one in self.server.store.list(resource)
            if one["metadata"].get("labels", {}).get("app.kubernetes.io/instance") == f"{name}-pipeline"
        }


@asynccontextmanager
async def estate(
    where: Path,
    *,
    names: Sequence[str] = ("here",),
    persona: Persona | None = None,
    lacking: Collection[str] = (),
    protected: Collection[str] = (),
    read_only: str = "",
    scope: Sequence[str] = (),
) -> AsyncIterator[Estate]:
    """Serve clusters that hold a namespace for Argo CD, and make a program over them."""
    async with AsyncExitStack() as stack:
        servers, clusters = {}, {}
        for name in names:
            server = ApiServer(Store(Clock()), personas=[persona] if persona else [])
            server.store.create("namespaces", {"metadata": {"name": "argocd"}})
            for resource in lacking:
                server.store.uninstall(resource)
            await server.start()
            stack.push_async_callback(server.stop)
            config = where / name
            config.write_text(server.kubeconfig("ci", token=persona.token if persona else "", context=name))
            cluster = await KubernetesCluster.connect(Access(kubeconfig=str(config)))
            cluster.read_only = read_only
            stack.push_async_callback(cluster.close)
            servers[name], clusters[name] = server, cluster
        audit = AuditFile(where / "state" / "audit.jsonl")
        caution = Caution(audit=audit, protected=tuple(protected))
        live = Live(
            [*clusters.values()], PIPELINE, clock=lambda: NOW, caution=caution, namespaces=scope
        )  # fmt: skip
        installer = ManifestInstaller(
            clusters, folder("manifests"), clock=lambda: NOW, audit=audit, protected=protected,
            snapshots=live.snapshots,
        )  # fmt: skip
        following = asyncio.create_task(live.run())

        async def connect() -> Live:
            return live

        app = TromboneApp(
            PIPELINE, connect, contexts=", ".join(names), installer=lambda: installer, scope=tuple(scope)
        )
        try:
            yield Estate(servers=servers, app=app)
        finally:
            await live.close()
            with suppress(asyncio.CancelledError, PortError):
                await following


@asynccontextmanager
async def shown(
    where: Path, size: tuple[int, int] = (80, 24), **more: Any
) -> AsyncIterator[tuple[Pilot[Any], Estate]]:
    """Run the program until every stage is settled."""
    async with estate(where, **more) as there, there.app.run_test(size=size, notifications=True) as pilot:
        await settled(pilot, lambda: there.app.desk.heard and there.app.desk.snapshot.settled)
        yield pilot, there


def here(pilot: Pilot[Any]) -> Any:
    """Return the screen in front."""
    return pilot.app.screen


async def roadmap(pilot: Pilot[Any]) -> RoadmapView:
    """Open the roadmap and wait until it knows what is there."""
    await pilot.press("i")
    await settled(pilot, lambda: isinstance(here(pilot), RoadmapView) and looked(here(pilot)))
    view: RoadmapView = here(pilot)
    return view


def looked(view: Any) -> bool:
    """Say whether a roadmap has looked and is not looking."""
    return isinstance(view, RoadmapView) and view._known.heard and not view.busy


async def planned(pilot: Pilot[Any], **values: str) -> InstallPlanView:
    """Open the plan of a service, its values given before."""
    view = await roadmap(pilot)
    pilot.app.desk.works.given[view.cluster] = {**VALUES, **values}  # type: ignore[attr-defined]
    await pilot.press("I", "enter")
    await settled(pilot, lambda: isinstance(here(pilot), InstallPlanView) and not here(pilot).busy)
    plan: InstallPlanView = here(pilot)
    return plan


def notices(pilot: Pilot[Any]) -> list[str]:
    """Return what toasts say."""
    return [notice.message for notice in pilot.app._notifications]


def take_up(server: ApiServer, name: str = "shop-api") -> None:
    """Write what controllers write of a pipeline that they have taken up, and the workloads they make."""
    store, checked = server.store, NOW.isoformat().replace("+00:00", "Z")

    def say(resource: str, namespace: str, called: str, **status: Any) -> None:
        store.patch(
            resource, namespace, called, {"status": status}, content_type=MERGE, subresource="status"
        )  # fmt: skip

    for resource, called, kind in (
        ("statefulsets.apps", f"eventbus-{name}", "eventbus"),
        ("deployments.apps", f"{name}-eventsource", "eventsource"),
        ("deployments.apps", f"{name}-sensor", "sensor"),
    ):
        labels = {"controller": f"{kind}-controller", f"{kind}-name": name}
        made = store.create(
            resource,
            {"metadata": {"name": called, "namespace": "ci", "labels": labels}, "spec": {"replicas": 1}},
        )
        seen = made["metadata"]["generation"]
        say(resource, "ci", called, observedGeneration=seen, replicas=1, readyReplicas=1, updatedReplicas=1)
    for resource in ("eventbus", "eventsources", "sensors"):
        deployed = [{"type": "Deployed", "status": "True"}]
        say(f"{resource}.argoproj.io", "ci", name, conditions=deployed)
    updaters = "imageupdaters.argocd-image-updater.argoproj.io"
    say(updaters, "argocd", name, lastCheckedAt=checked, observedGeneration=1)
    say("applications.argoproj.io", "argocd", name, sync={"status": "OutOfSync"})
