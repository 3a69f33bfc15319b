"""Introduces adapters to `live`: the clusters of a kubeconfig as one feed.

Importing this module costs half a second (`kubernetes_asyncio`), so the screen does it after its first paint.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime

from trombone_tui.adapters.audit import AuditFile, audit_file
from trombone_tui.adapters.kubernetes import Access, KubernetesCluster
from trombone_tui.adapters.registry import OciRegistry
from trombone_tui.cli.embedded import now
from trombone_tui.config import Settings, folder
from trombone_tui.installer import ManifestInstaller
from trombone_tui.live import Caution, Live
from trombone_tui.pipeline import PIPELINE


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What was opened: the feed, the installer, and the clusters' names."""

    live: Live
    installer: ManifestInstaller
    clusters: tuple[str, ...]


@asynccontextmanager
async def feed(
    settings: Settings,
    kubeconfig: str | None,
    registries: Mapping[str, str] | None = None,
    clock: Callable[[], datetime] = now,
) -> AsyncIterator[Live]:
    """Follow every stage as ``reached`` does; yields the feed alone.

    Raises:
        Refused: the kubeconfig or a flag can't be honoured.
    """
    async with reached(settings, kubeconfig, registries, clock) as there:
        yield there.live


@asynccontextmanager
async def reached(
    settings: Settings,
    kubeconfig: str | None,
    registries: Mapping[str, str] | None = None,
    clock: Callable[[], datetime] = now,
) -> AsyncIterator[Reached]:
    """Follow every stage of every cluster asked for, until the context is left.

    ``registries`` holds the URLs of registries by host; they count before those of the settings.
    ``clock`` tells the time by which objects are dated. How long installing takes is told in real time.

    Raises:
        Refused: the kubeconfig or a flag can't be honoured.
    """
    async with AsyncExitStack() as stack:
        clusters = []
        for context in dict.fromkeys(settings.contexts or (None,)):
            cluster = await KubernetesCluster.connect(_access(settings, kubeconfig, context))
            cluster.read_only = _read_only(settings, cluster.name)
            stack.push_async_callback(cluster.close)
            clusters.append(cluster)
        registry = OciRegistry(endpoints=settings.endpoints | dict(registries or {}))
        stack.push_async_callback(registry.close)
        audit = AuditFile(audit_file(os.environ))
        caution = Caution(audit=audit, protected=settings.protected_contexts)
        live = Live(
            clusters,
            PIPELINE,
            namespaces=settings.namespaces,
            clock=clock,
            registry=registry,
            caution=caution,
        )
        following = asyncio.create_task(live.run())
        try:
            installer = ManifestInstaller(
                {cluster.name: cluster for cluster in clusters},
                folder("manifests"),
                clock=now,
                audit=audit,
                protected=settings.protected_contexts,
                snapshots=live.snapshots,
            )
            names = tuple(cluster.name for cluster in clusters)
            yield Reached(live=live, installer=installer, clusters=names)
        finally:
            await live.close()
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following


def _access(settings: Settings, kubeconfig: str | None, context: str | None) -> Access:
    access = Access(
        kubeconfig=kubeconfig,
        context=context,
        as_user=settings.as_user,
        as_groups=settings.as_groups,
        as_uid=settings.as_uid,
    )
    return access if settings.timeout is None else replace(access, request_timeout=settings.timeout)


def _read_only(settings: Settings, context: str) -> str:
    """Say why nothing may be written in a context, whatever is switched later."""
    if settings.read_only:
        return "read-only: the setting read_only is on"
    return (
        f"read-only: {context} is one of read_only_contexts" if context in settings.read_only_contexts else ""
    )
