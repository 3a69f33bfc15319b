"""One item somebody looks at."""

from __future__ import annotations

from collections.abc import Sequence

from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.questions import LogSource
from trombone_tui.core.reader import StageReader
from trombone_tui.core.stage import Detail


class LiveLook:
    """What the stages that show an item know of it in full."""

    def __init__(self, ref: Ref, readers: Sequence[StageReader]) -> None:
        self._ref, self._readers = ref, readers

    def details(self) -> tuple[Detail, ...]:
        """Return what is known of it in full; nothing if it is gone."""
        return tuple(detail for reader in self._showing for detail in reader.details(self._ref))

    def logs(self) -> tuple[LogSource, ...]:
        """Name the containers whose logs tell of it, the most telling first."""
        return tuple(source for reader in self._showing for source in reader.logs(self._ref))

    def close(self) -> None:
        """Let go of what was followed for it."""

    @property
    def _showing(self) -> Sequence[StageReader]:
        return [reader for reader in self._readers if self._ref in reader.items]
