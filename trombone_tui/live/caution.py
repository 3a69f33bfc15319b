"""How carefully things are done."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from trombone_tui.core.audit import Audit
from trombone_tui.live.sending import Patience


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """What is written down, where names have to be typed, and how long is waited."""

    audit: Audit | None = None
    """Where everything is noted; without, nothing can be done."""
    protected: Collection[str] = ()
    """The clusters in which names have to be typed."""
    patience: Patience = field(default_factory=Patience)
