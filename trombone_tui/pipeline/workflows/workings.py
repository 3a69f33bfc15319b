"""What is read of Argo Workflows' objects, and what can be done to them."""

from __future__ import annotations

from trombone_tui.core.stage import Workings
from trombone_tui.pipeline.workflows.cron import CRON_WORKFLOWS
from trombone_tui.pipeline.workflows.fields import WorkflowsFields
from trombone_tui.pipeline.workflows.template import CLUSTER_TEMPLATES, TEMPLATES
from trombone_tui.pipeline.workflows.verbs import VERBS
from trombone_tui.pipeline.workflows.workflow import WORKFLOWS

WORKINGS = Workings(
    sources=(WORKFLOWS, CRON_WORKFLOWS, TEMPLATES, CLUSTER_TEMPLATES),
    fields=WorkflowsFields,
    verbs=VERBS,
)
