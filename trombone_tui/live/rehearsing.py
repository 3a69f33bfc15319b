"""Has the API server say what a plan would change."""

from __future__ import annotations

from collections.abc import Sequence

from trombone_tui.core.differences import differences
from trombone_tui.core.ports import Cluster, Missing, NotInstalled, Refused
from trombone_tui.core.verbs import Act
from trombone_tui.core.writes import Reply, Whole, Write


async def rehearsed(cluster: Cluster, act: Act) -> Sequence[str]:
    """Send each request as a dry run, and return what would differ, line by line.

    Each is tried on the objects as they are now: one that builds on the one before shows only its own part.

    Raises:
        PortError: the API server would refuse it, or nothing may leave here.
    """
    lines: list[str] = []
    for write in act.plan.writes:
        lines += await _tried(cluster, act, write)
    return tuple(lines)


async def _tried(cluster: Cluster, act: Act, write: Write) -> Sequence[str]:
    if write.call is not None:
        if cluster.read_only:
            raise Refused(cluster.read_only)
        return (f"{_named(write)} would be sent a request that can't be tried: the pod knows no dry run",)
    before = await _before(cluster, act, write)
    try:
        reply = await cluster.send(write, dry_run=True)
    except (Missing, NotInstalled) as error:
        if write.instead is not None:
            return await _tried(cluster, act, write.instead)
        if write.gone_is_done and isinstance(error, Missing):
            return (f"{_named(write)} is gone already",)
        raise
    return _told(write, before, reply)


async def _before(cluster: Cluster, act: Act, write: Write) -> Whole:
    if write.method not in ("PATCH", "PUT"):
        return {}
    same = (write.kind.resource, write.namespace, write.name) == (
        act.verb.kind.resource,
        act.ref.namespace,
        act.ref.name,
    )
    if same and act.whole:
        return act.whole
    return await cluster.whole(write.kind, write.namespace, write.name)


def _told(write: Write, before: Whole, reply: Reply) -> Sequence[str]:
    if write.method == "DELETE":
        return (f"{_named(write)} would be deleted",)
    if write.method == "POST":
        return (f"{_named(write)} would be created",)
    return differences(before, reply.body) or (f"{_named(write)} would stay as it is",)


def _named(write: Write) -> str:
    meta = write.body.get("metadata") or {} if isinstance(write.body, dict) else {}
    name = write.name or meta.get("name") or f"{meta.get('generateName') or ''}…"
    place = f"{write.namespace}/{name}" if write.namespace else name
    return f"{write.kind.name} {place}"
