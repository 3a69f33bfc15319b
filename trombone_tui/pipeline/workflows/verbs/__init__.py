"""What a user can do to Workflows, their schedules and templates, spelt as the ``argo`` command line does."""

from __future__ import annotations

from collections.abc import Sequence

from trombone_tui.core.objects.argo_workflows import WORKFLOW
from trombone_tui.core.objects.basics import Kind
from trombone_tui.core.objects.cron_workflows import CRON_WORKFLOW
from trombone_tui.core.objects.workflow_templates import CLUSTER_WORKFLOW_TEMPLATE, WORKFLOW_TEMPLATE
from trombone_tui.core.verbs import Given, Option, Verb
from trombone_tui.pipeline.workflows.verbs import ending, gates, retry, schedule, submitting


def _always(_: Given) -> bool:
    return True


_PATCH = (("patch", ""),)
_CREATE = (("create", WORKFLOW, ""),)

_WORKFLOW = (
    Verb(
        name="retry",
        kind=WORKFLOW,
        about="Runs again what failed and what came after it; steps that succeeded stay.",
        plan=retry.retry,
        blocked=retry.not_retried,
        rights=_PATCH,
        dangerous=_always,
    ),
    Verb(
        name="resubmit",
        kind=WORKFLOW,
        about="Makes a new Workflow of this one's spec, which runs from the start.",
        plan=submitting.resubmit,
        blocked=submitting.always,
        rights=(("create", ""),),
        options=(submitting.PARAMETER,),
    ),
    Verb(
        name="stop",
        kind=WORKFLOW,
        about="Kills its running pods and fails it; exit handlers still run. With a node: declines a gate.",
        plan=ending.stop,
        blocked=ending.not_stopped,
        rights=_PATCH,
        options=(gates.NODE, gates.MESSAGE),
        dangerous=_always,
    ),
    Verb(
        name="terminate",
        kind=WORKFLOW,
        about="Kills all its pods at once, exit handlers too, and fails it.",
        plan=ending.terminate,
        blocked=ending.not_terminated,
        rights=_PATCH,
        dangerous=_always,
    ),
    Verb(
        name="suspend",
        kind=WORKFLOW,
        about="Starts no new steps until it is resumed; pods that run go on to their end.",
        plan=ending.suspend,
        blocked=ending.not_suspended,
        rights=_PATCH,
    ),
    Verb(
        name="resume",
        kind=WORKFLOW,
        about="Takes a suspension back and passes the gates that wait, or one gate alone.",
        plan=gates.resume,
        blocked=gates.not_resumed,
        rights=_PATCH,
        options=(gates.NODE, gates.SET),
    ),
    Verb(
        name="delete",
        kind=WORKFLOW,
        about="Deletes it with its pods and their logs.",
        plan=ending.delete,
        blocked=ending.not_deleted,
        rights=(("delete", ""),),
        dangerous=_always,
    ),
)


def _submit(kind: Kind, options: Sequence[Option]) -> Verb:
    return Verb(
        name="submit",
        kind=kind,
        about="Makes a Workflow of the template.",
        plan=submitting.submit_template,
        blocked=submitting.not_submitted,
        rights=(),
        others=_CREATE,
        options=tuple(options),
        bulk=False,
    )


_CRON = (
    Verb(
        name="suspend",
        kind=CRON_WORKFLOW,
        about="Starts nothing by its schedule until it is resumed.",
        plan=schedule.cron_suspend,
        blocked=schedule.cron_not_suspended,
        rights=_PATCH,
    ),
    Verb(
        name="resume",
        kind=CRON_WORKFLOW,
        about="Lets its schedule start Workflows again.",
        plan=schedule.cron_resume,
        blocked=schedule.cron_not_resumed,
        rights=_PATCH,
    ),
    Verb(
        name="submit",
        kind=CRON_WORKFLOW,
        about="Makes its Workflow now, beside its schedule.",
        plan=submitting.run_now,
        blocked=submitting.not_run_now,
        rights=(),
        others=_CREATE,
        options=(submitting.PARAMETER,),
    ),
)

VERBS = (
    *_WORKFLOW,
    *_CRON,
    _submit(WORKFLOW_TEMPLATE, (submitting.PARAMETER,)),
    _submit(CLUSTER_WORKFLOW_TEMPLATE, (submitting.PARAMETER, submitting.NAMESPACE)),
)
