"""What a verb may look at while it plans, on a live cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from trombone_tui.core.around import Around, Key
from trombone_tui.core.objects.basics import Kind, Ref
from trombone_tui.core.ports import Cluster
from trombone_tui.core.verbs import Given
from trombone_tui.core.writes import Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveScene:
    """The object as it was just read, and ways to read others."""

    ref: Ref
    whole: Whole
    given: Given
    now: datetime
    user: str
    cluster: Cluster
    around: Around

    async def fetch(self, kind: Kind, namespace: str, name: str) -> Whole:
        """Read another object.

        Raises:
            PortError: as ``Cluster.whole`` does.
        """
        return await self.cluster.whole(kind, namespace, name)

    async def list(self, kind: Kind, namespace: str) -> Sequence[Whole]:
        """Read the objects of a kind, narrowed by its selectors; an empty namespace means all of them.

        Raises:
            PortError: as ``Cluster.objects`` does.
        """
        return await self.cluster.objects(kind, namespace or None)

    def linked(self, kind: Kind, key: Key) -> Sequence[Any]:
        """Return watched objects, as ``Around.linked`` does."""
        return self.around.linked(kind, key)
