"""Putting one pipeline on a cluster and taking it off again: values, plans object by object, progress, undo.

Whoever shows it asks in this order: ``controllers``, ``plan``, ``apply``, ``wait``; after a bad end
``undo``. For the way out ``services``, ``plan_removal``, ``remove``.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Protocol

from trombone_tui.core.installing.plans import (
    Clash,
    Controller,
    Installed,
    InstallPlan,
    Order,
    Planned,
    Prerequisite,
    Presence,
    Removal,
    RemovalPlan,
    Standing,
    Value,
)
from trombone_tui.core.installing.progress import Came, Deed, Progress

__all__ = [
    "Came",
    "Clash",
    "Controller",
    "Deed",
    "InstallPlan",
    "Installed",
    "Installer",
    "Order",
    "Planned",
    "Prerequisite",
    "Presence",
    "Progress",
    "Removal",
    "RemovalPlan",
    "Standing",
    "Value",
]


class Installer(Protocol):
    """Applies the manifests in travel order, and takes off what it has put on."""

    def values(self) -> tuple[Value, ...]:
        """Return what the manifests take, in the order of the values file."""

    async def controllers(self, cluster: str) -> tuple[Presence, ...]:
        """Say of the six controllers which are there, in travel order.

        Raises:
            PortError: the API server does not say what it serves.
        """

    async def plan(self, order: Order) -> InstallPlan:
        """Work out object by object what would be done; nothing is changed.

        Raises:
            Refused: a value is wrong, missing or not known; its file and place are named.
            PortError: the API server can't be asked.
        """

    def apply(self, plan: InstallPlan) -> AsyncGenerator[Progress, None]:
        """Send the plan in order, each object once, and stop at the first that is refused.

        Nothing is raised but bugs. The last is ``DONE`` or ``STOPPED``, and says what is applied, what not.
        """

    def wait(self, plan: InstallPlan, within: float) -> AsyncGenerator[Progress, None]:
        """Follow what the controllers say of the objects until all is well, or ``within`` seconds are over.

        Nothing is raised but bugs. The last is ``DONE`` or ``STOPPED``; it says what is not ready, and why.
        """

    def undo(self, plan: InstallPlan, deeds: Sequence[Deed]) -> AsyncGenerator[Progress, None]:
        """Take back what was done, last first: delete what was created, put back what was changed.

        What somebody else changed since is left, and said. Nothing is raised but bugs.
        """

    async def services(self, cluster: str, namespaces: Sequence[str] = ()) -> Installed:
        """Name what was installed here by us and can be seen; in these namespaces, or everywhere.

        Raises:
            PortError: the API server can't be asked.
        """

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

        Args:
            cluster: Where.
            service: Whose.
            namespaces: Where to look; none named means everywhere.
            secrets: Whether the webhook's Secret goes too.
            workloads: Whether Argo CD deletes what it has deployed of the service.

        Raises:
            Refused: there is nothing of that name.
            PortError: the API server can't be asked.
        """

    def remove(self, plan: RemovalPlan) -> AsyncGenerator[Progress, None]:
        """Delete it in order, each object once, and stop at the first that is refused.

        Nothing is raised but bugs. The last is ``DONE`` or ``STOPPED``.
        """
