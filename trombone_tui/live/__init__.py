"""Follows every kind the stages watch, on every cluster, hands out snapshots of it all, and does things.

Only protocols of `core.ports` are known here: nothing opens a socket, nothing draws.
"""

from trombone_tui.live.caution import Caution
from trombone_tui.live.feed import Live

__all__ = ["Caution", "Live"]
