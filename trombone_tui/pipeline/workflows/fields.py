"""What ``status`` and the tables show of a Workflow or CronWorkflow."""

from __future__ import annotations

from datetime import datetime

from trombone_tui.core.stage import Fields


class WorkflowsFields(Fields, frozen=True):
    """Values of one Workflow or CronWorkflow; what only the other has stays None."""

    phase: str | None = None
    """The phase as the controller wrote it."""
    progress: str | None = None
    """Leaves done and known: ``3/4``."""
    failed_node: str | None = None
    """The first step that failed, once the Workflow has failed."""
    message: str | None = None
    """The message of that step, of what is waited for, or of the whole."""
    duration_seconds: int | None = None
    """From start to end; None until it has ended."""
    node: str | None = None
    """The step that runs, waits or can't start."""
    step: str | None = None
    """That step, or the one that failed: ``unit test``, ``docker build``, ``push``, else its name."""
    started: datetime | None = None
    commit: str | None = None
    image: str | None = None
    """The image it gave out or was told to build, when it is exactly one."""
    tag: str | None = None
    schedule: str | None = None
    """When a CronWorkflow runs, in cron's words."""
    active: int | None = None
    """Its Workflows that have not ended."""
    last_scheduled: datetime | None = None
