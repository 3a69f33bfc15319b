"""The Installer port on real clusters and the manifests that came with the program."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from trombone_tui.core.audit import Audit
from trombone_tui.core.installing import (
    Deed,
    Installed,
    InstallPlan,
    Order,
    Presence,
    Progress,
    RemovalPlan,
    Value,
)
from trombone_tui.core.ports import Cluster, Missing
from trombone_tui.installer.applying import apply
from trombone_tui.installer.planning import Planner, present
from trombone_tui.installer.removing import Remover
from trombone_tui.installer.sending import Sender
from trombone_tui.installer.undoing import undo
from trombone_tui.installer.values import read_defaults
from trombone_tui.installer.waiting import Snapshots, wait


class ManifestInstaller:
    """Applies manifests in travel order, and takes off what it has put on."""

    def __init__(
        self,
        clusters: Mapping[str, Cluster],
        folder: Path,
        *,
        clock: Callable[[], datetime],
        audit: Audit | None = None,
        protected: Collection[str] = (),
        snapshots: Snapshots,
        patience: float = 60.0,
    ) -> None:
        """Get ready.

        Args:
            clusters: By name; who opened them closes them.
            folder: The manifests.
            clock: The time.
            audit: Where everything is noted; without, nothing can be done.
            protected: The clusters in which the service's name has to be typed.
            snapshots: What is known of the clusters, to see when controllers have taken things up.
            patience: Seconds for which something that is deleted is waited for until it is gone.
        """
        self._clusters, self._folder, self._clock = clusters, folder, clock
        self._audit, self._protected, self._snapshots = audit, protected, snapshots
        self._patience = patience

    def values(self) -> tuple[Value, ...]:
        """Return what the manifests take, in the order of the values file."""
        return read_defaults(self._folder)

    async def controllers(self, cluster: str) -> tuple[Presence, ...]:
        """Say of the six controllers which are there, in travel order.

        Raises:
            PortError: the API server does not say what it serves.
        """
        address = next(one.default for one in self.values() if one.name == "prometheus_address")
        return await present(self._cluster(cluster), str(address))

    async def plan(self, order: Order) -> InstallPlan:
        """Work out object by object what would be done; nothing is changed.

        Raises:
            Refused: a value is wrong, missing or not known; its file and place are named.
            PortError: the API server can't be asked.
        """
        cluster = self._cluster(order.cluster)
        return await Planner(cluster=cluster, folder=self._folder, protected=self._protected).plan(order)

    def apply(self, plan: InstallPlan) -> AsyncGenerator[Progress, None]:
        """Send the plan in order, as ``core.installing.Installer.apply`` promises."""
        cluster = self._cluster(plan.order.cluster)
        return apply(cluster, plan, self._sender(cluster, "install", _told(plan)))

    def wait(self, plan: InstallPlan, within: float) -> AsyncGenerator[Progress, None]:
        """Follow what the controllers say, as ``core.installing.Installer.wait`` promises."""
        return wait(self._snapshots, plan, within)

    def undo(self, plan: InstallPlan, deeds: Sequence[Deed]) -> AsyncGenerator[Progress, None]:
        """Take back what was done, as ``core.installing.Installer.undo`` promises."""
        cluster = self._cluster(plan.order.cluster)
        sender = self._sender(cluster, "install", {**_told(plan), "undo": "True"})
        return undo(plan.service, deeds, sender)

    async def services(self, cluster: str, namespaces: Sequence[str] = ()) -> Installed:
        """Name what was installed here by us and can be seen; in these namespaces, or everywhere.

        Raises:
            PortError: the API server can't be asked.
        """
        return await self._remover(cluster).services(namespaces)

    async def plan_removal(
        self,
        cluster: str,
        service: str,
        *,
        namespaces: Sequence[str] = (),
        secrets: bool = False,
        workloads: bool = False,
    ) -> RemovalPlan:
        """Find what carries our labels; nothing is changed.

        Raises:
            Refused: there is nothing of that name.
            PortError: the API server can't be asked.
        """
        remover = self._remover(cluster)
        return await remover.plan(service, namespaces, secrets=secrets, workloads=workloads)

    def remove(self, plan: RemovalPlan) -> AsyncGenerator[Progress, None]:
        """Delete it in order, as ``core.installing.Installer.remove`` promises."""
        cluster = self._cluster(plan.cluster)
        sender = self._sender(cluster, "uninstall", {"service": plan.service})
        return self._remover(plan.cluster).remove(plan, sender)

    def _remover(self, cluster: str) -> Remover:
        return Remover(
            cluster=self._cluster(cluster),
            folder=self._folder,
            protected=cluster in self._protected,
            patience=self._patience,
        )

    def _sender(self, cluster: Cluster, verb: str, options: Mapping[str, str]) -> Sender:
        return Sender(self._audit, cluster, self._clock, verb=verb, options=options)

    def _cluster(self, name: str) -> Cluster:
        if name not in self._clusters:
            raise Missing(f"there is no cluster {name}")
        return self._clusters[name]


def _told(plan: InstallPlan) -> dict[str, str]:
    told = {"service": plan.service}
    if plan.order.stages:
        told["only"] = ",".join(plan.order.stages)
    return told | ({"force-conflicts": "True"} if plan.order.force else {})
