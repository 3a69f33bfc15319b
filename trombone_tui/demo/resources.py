"""The catalogue of kinds the embedded cluster serves."""

from __future__ import annotations

from trombone_tui.demo.argo_kinds import EVENTS, IMAGES, ROLLOUTS, SYNC, WORKFLOWS
from trombone_tui.demo.core_kinds import CORE, WORKLOADS
from trombone_tui.demo.kinds import AGE, Column, Resource

__all__ = ["AGE", "RESOURCES", "Column", "Resource"]

RESOURCES: tuple[Resource, ...] = (*CORE, *WORKLOADS, *WORKFLOWS, *EVENTS, *ROLLOUTS, *SYNC, *IMAGES)
