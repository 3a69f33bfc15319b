"""CronWorkflow of Argo Workflows; it has no status subresource.

Fields: ``argo-workflows@v4.1.2:pkg/apis/workflow/v1alpha1/cron_workflow_types.go``.
"""

from __future__ import annotations

from trombone_tui.core.objects.argo_workflows import TemplateRef
from trombone_tui.core.objects.basics import Condition, Kind, Object, Partial, Time


class RunSpec(Partial):
    """``spec.workflowSpec`` of a CronWorkflow."""

    workflow_template_ref: TemplateRef | None = None


class StopStrategy(Partial):
    """When a CronWorkflow stops for good; ``condition`` before 3.7."""

    expression: str | None = None
    condition: str | None = None


class CronSpec(Partial):
    """``spec`` of a CronWorkflow; Workflows before 4.0 also know a single ``schedule``."""

    schedules: list[str] | None = None
    schedule: str | None = None
    timezone: str | None = None
    suspend: bool | None = None
    concurrency_policy: str | None = None
    starting_deadline_seconds: int | None = None
    successful_jobs_history_limit: int | None = None
    failed_jobs_history_limit: int | None = None
    stop_strategy: StopStrategy | None = None
    when: str | None = None
    workflow_spec: RunSpec | None = None


class Running(Partial):
    """A reference to a Workflow that has not ended."""

    name: str | None = None


class CronStatus(Partial):
    """``status`` of a CronWorkflow; conditions are SubmissionError and SpecError."""

    active: list[Running] | None = None
    last_scheduled_time: Time | None = None
    succeeded: int | None = None
    failed: int | None = None
    phase: str | None = None
    conditions: list[Condition] | None = None


class CronWorkflow(Object):
    """Starts a Workflow on a schedule."""

    spec: CronSpec | None = None
    status: CronStatus | None = None

    @property
    def schedules(self) -> tuple[str, ...]:
        """When it runs, in cron's words."""
        if self.spec is None:
            return ()
        return tuple(self.spec.schedules or ()) or ((self.spec.schedule,) if self.spec.schedule else ())


CRON_WORKFLOW = Kind(
    name="CronWorkflow", plural="cronworkflows", group="argoproj.io", version="v1alpha1", shape=CronWorkflow
)
