"""What the pods of Argo Events write: a JSON object a line, and plain text between.

Keys: ``argo-events@v1.9.11:pkg/shared/logging/logger.go``. Older versions write the time in seconds.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from trombone_tui.core.objects.basics import Partial


class LogEntry(Partial):
    """One line that is a JSON object; of keys that come twice the last counts."""

    level: str | None = None
    ts: Any = None
    msg: str | None = None
    error: str | None = None
    event_name: str | None = None
    event_id: str | None = msgspec.field(name="eventID", default=None)
    trigger_name: str | None = None
    triggered_by: list[str] | None = None
    triggered_by_events: list[str] | None = None

    @property
    def at(self) -> datetime | None:
        """When it was written."""
        try:
            if isinstance(self.ts, str):
                moment = datetime.fromisoformat(self.ts)
                return moment if moment.tzinfo else None
            return datetime.fromtimestamp(float(self.ts), UTC)
        except (TypeError, ValueError, OverflowError, OSError):
            return None


_DECODER = msgspec.json.Decoder(LogEntry)


def entry(text: str) -> LogEntry | None:
    """Read a line; None when it is plain text, or odd."""
    if not text.startswith("{"):
        return None
    try:
        return _DECODER.decode(text.encode(errors="replace"))
    except (msgspec.DecodeError, RecursionError):
        return None
