"""Introduces adapters to `live`: the clusters of a kubeconfig as one feed.

Importing this module costs half a second (`kubernetes_asyncio`), so the screen does it after its first paint.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime

from trombone_tui.adapters.audit import AuditFile, audit_file
from trombone_tui.adapters.kubernetes import Access, KubernetesCluster
from trombone_tui.adapters.registry import OciRegistry
from trombone_tui.config import Settings
from trombone_tui.live import Caution, Live
from trombone_tui.pipeline import PIPELINE


@asynccontextmanager
async def feed(
    settings: Settings, kubeconfig: str | None, registries: Mapping[str, str] | None = None
) -> AsyncIterator[Live]:
    """Follow every stage of every cluster asked for, until the context is left.

    ``registries`` holds the URLs of registries by host; they count before those of the settings.

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
        caution = Caution(audit=AuditFile(audit_file(os.environ)), protected=settings.protected_contexts)
        live = Live(
            clusters,
            PIPELINE,
            namespaces=settings.namespaces,
            clock=_now,
            registry=registry,
            caution=caution,
        )
        following = asyncio.create_task(live.run())
        try:
            yield live
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


def _now() -> datetime:
    return datetime.now(UTC)
