"""Follows every kind the stages watch, on every cluster, and hands out immutable snapshots of it all.

Only protocols of `core.ports` are known here: nothing opens a socket, nothing draws.
"""

from trombone_tui.live.feed import Live

__all__ = ["Live"]
