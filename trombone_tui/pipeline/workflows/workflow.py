"""Workflow: its row, and what it shares with other stages."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from trombone_tui.core.objects.argo_events import STARTED_BY, TRIGGERED_BY
from trombone_tui.core.objects.argo_workflows import (
    APP,
    APP_LABELS,
    COMMIT,
    CRON,
    WORKFLOW,
    Workflow,
    WorkflowStatus,
)
from trombone_tui.core.objects.basics import Ref, same
from trombone_tui.core.objects.image_names import ImageName
from trombone_tui.core.objects.workflow_nodes import Parameter
from trombone_tui.core.stage import Around, Detail, Item, Source
from trombone_tui.pipeline.workflows.details import workflow_details
from trombone_tui.pipeline.workflows.fields import WorkflowsFields
from trombone_tui.pipeline.workflows.history import keys
from trombone_tui.pipeline.workflows.logs import workflow_logs
from trombone_tui.pipeline.workflows.origin import built, template_of
from trombone_tui.pipeline.workflows.reading import Reading, reading


def read_workflow(obj: Workflow, ref: Ref, _: Around) -> tuple[Item, ...]:
    """Make its row."""
    images, tag = built(obj)
    found = reading(obj, tag)
    return (
        Item(
            ref=ref,
            health=found.health,
            why=found.why,
            fields=_fields(obj, found, images, tag),
            since=found.since,
            brief=found.brief,
            series=_series(obj),
            created=obj.metadata.creation_timestamp,
            joins=_joins(obj, images),
        ),
    )


def _fields(obj: Workflow, found: Reading, images: Sequence[ImageName], tag: str | None) -> WorkflowsFields:
    status = obj.status or WorkflowStatus()
    took = status.duration
    return WorkflowsFields(
        phase=status.phase or None,
        progress=status.progress or None,
        failed_node=found.failed_node,
        message=found.message or None,
        duration_seconds=None if took is None else int(took.total_seconds()),
        node=found.node,
        step=found.step,
        started=status.started_at,
        commit=obj.metadata.label(COMMIT) or None,
        image=images[0].repository if len({image.join for image in images}) == 1 else None,
        tag=tag,
    )


def _joins(obj: Workflow, images: Sequence[ImageName]) -> tuple[str, ...]:
    """Say what other stages' items share with it: its Sensor, the image, the app it is labelled with."""
    meta = obj.metadata
    sensor, app = meta.label(STARTED_BY), meta.label(APP)
    return _same_joins(
        *((f"Sensor/{sensor}",) if sensor else ()),
        *((f"app/{app}",) if app else ()),
        *dict.fromkeys(image.join for image in images),
    )


@lru_cache(maxsize=4096)
def _same_joins(*joins: str) -> tuple[str, ...]:
    """Let thousands of Workflows that share the same share the tuple too."""
    return joins


def _series(obj: Workflow) -> str:
    """Name what it is one run of; a template that serves several apps is a series for each.

    A Workflow with a name of its own that nobody started from a template is no run of anything.
    """
    meta = obj.metadata
    if cron := meta.label(CRON):
        return same(f"cron/{meta.namespace}/{cron}")
    template = template_of(obj) or meta.generate_name or ""
    if not template:
        return ""
    given = (obj.spec.arguments.parameters if obj.spec and obj.spec.arguments else None) or ()
    image = next((ImageName.parse(p.value).join for p in given if _is_image(p)), "")
    labels = (meta.label(key) for key in (STARTED_BY, TRIGGERED_BY, *APP_LABELS))
    return same("/".join(("run", meta.namespace, template, *labels, image)))


def _is_image(parameter: Parameter) -> bool:
    return parameter.name == "image" and isinstance(parameter.value, str)


def explain_workflow(obj: Workflow, ref: Ref, around: Around) -> tuple[Detail, ...]:
    """Tell what is known of it."""
    return workflow_details(obj, ref, around, reading(obj, built(obj)[1]))


WORKFLOWS = Source(kind=WORKFLOW, read=read_workflow, explain=explain_workflow, logs=workflow_logs, keys=keys)
