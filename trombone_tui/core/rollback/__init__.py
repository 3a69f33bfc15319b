"""Rollback that sticks: the steps in the order in which nobody undoes them.

Abort first, for it is instant and Argo CD leaves it alone; then the tag is held, or Image Updater writes it
again; then git is reverted and synced, or self-heal and the next change bring the bad version back. What
undoes which shortcut was seen with running controllers.

Here are the words of a plan, for who shows one; ``planning`` makes it.
"""

from __future__ import annotations

from trombone_tui.core.rollback.plan import Check, Does, RollbackPlan, RollbackStep, State

__all__ = ["Check", "Does", "RollbackPlan", "RollbackStep", "State"]
